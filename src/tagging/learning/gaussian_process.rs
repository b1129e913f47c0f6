//! A Gaussian process classifier for the user's decisions, by Newton's method on the Laplace
//! approximation (Rasmussen and Williams 2006, algorithm 3.1).

use crate::tagging::scoring::product::dot;

/// The inverse variance of each component of the change, in units of the rule's slope. Of 3, 5, 10
/// and 30, with [`TRUST`] of 0.3, 0.5, 0.7 and 1, this pair has about the highest gain with 3, 5
/// and 10 decisions on `photos/objects` and on mixtures of its photos with those of
/// `photos/imagenet`.
pub(super) const PRECISION: f64 = 5.0;
/// The variance of the shift of the log-odds, chosen so that the shift only follows many decisions.
pub(super) const SHIFT_VARIANCE: f64 = 1.0;
/// The weight of the text's log-odds while learning.
pub(super) const TRUST: f64 = 0.5;

/// Newton's method converges long before.
const STEPS: usize = 12;

/// The number of parts for cross-validation.
const FOLDS: usize = 5;

pub(super) struct Example {
    pub(super) photo: Vec<f32>,
    pub(super) accepted: bool,
    /// The text's score.
    pub(super) score: f64,
}

/// The decisions as a Gaussian process: means, covariances, outcomes.
pub(super) struct Problem {
    /// The text's log-odds.
    scores: Vec<f64>,
    /// The prior means.
    means: Vec<f64>,
    targets: Vec<f64>,
    /// `[n, n]`, row by row.
    covariance: Vec<f64>,
}

impl Problem {
    pub(super) fn new(examples: &[Example], slope: f32) -> Self {
        let scale = f64::from(slope).powi(2) / PRECISION;
        let mut covariance = Vec::with_capacity(examples.len() * examples.len());
        for a in examples {
            for b in examples {
                let product = f64::from(dot(&a.photo, &b.photo));
                covariance.push(scale * product + SHIFT_VARIANCE);
            }
        }
        Self {
            scores: examples.iter().map(|e| e.score).collect(),
            means: examples.iter().map(|e| TRUST * e.score).collect(),
            targets: examples
                .iter()
                .map(|e| f64::from(u8::from(e.accepted)))
                .collect(),
            covariance,
        }
    }

    fn covariance(&self, a: usize, b: usize) -> f64 {
        self.covariance[a * self.means.len() + b]
    }

    /// Returns the residuals `target − probability` at the optimum over the examples `part`; the
    /// change of any photo's log-odds is the sum of its covariances times these. `None` if numbers
    /// overflow, which the prior should prevent.
    pub(super) fn solve(&self, part: &[usize]) -> Option<Vec<f64>> {
        let n = part.len();
        let mut pulls = vec![0.0; n];
        let mut change = vec![0.0; n];
        for _ in 0..STEPS {
            let mut roots = Vec::with_capacity(n);
            let mut wanted = Vec::with_capacity(n);
            for (&i, change) in part.iter().zip(&change) {
                let p = probability(self.means[i] + change);
                let weight = p * (1.0 - p);
                roots.push(weight.sqrt());
                wanted.push(weight * change + self.targets[i] - p);
            }
            // B = I + √W K √W has eigenvalues of at least 1, whatever the photos are.
            let mut b = vec![0.0; n * n];
            for (r, &i) in part.iter().enumerate() {
                for (c, &j) in part.iter().enumerate().take(r + 1) {
                    b[r * n + c] = roots[r] * self.covariance(i, j) * roots[c];
                }
                b[r * n + r] += 1.0;
            }
            cholesky(&mut b, n)?;
            let k_wanted = self.times(part, &wanted);
            let mut v: Vec<f64> = k_wanted.iter().zip(&roots).map(|(k, r)| k * r).collect();
            solve_cholesky(&b, n, &mut v);
            for (((pull, wanted), v), root) in pulls.iter_mut().zip(wanted).zip(v).zip(roots) {
                *pull = wanted - root * v;
            }
            let next = self.times(part, &pulls);
            let moved = next.iter().zip(&change).map(|(a, b)| (a - b).abs());
            let moved = moved.fold(0.0, f64::max);
            change = next;
            if moved < 1e-6 {
                break;
            }
        }
        pulls.iter().all(|p| p.is_finite()).then_some(pulls)
    }

    /// The covariance of the examples `part` times `values`.
    fn times(&self, part: &[usize], values: &[f64]) -> Vec<f64> {
        let row = |&i: &usize| {
            let products = part
                .iter()
                .zip(values)
                .map(|(&j, v)| self.covariance(i, j) * v);
            products.sum()
        };
        part.iter().map(row).collect()
    }

    /// The loss in nats of predicting the outcome of example `i` by these log-odds.
    fn loss(&self, i: usize, log_odds: f64) -> f64 {
        let signed = if self.targets[i] > 0.5 {
            -log_odds
        } else {
            log_odds
        };
        // ln(1 + e^x) without overflow.
        signed.max(0.0) + (-signed.abs()).exp().ln_1p()
    }
}

/// How well held-out examples are predicted.
pub(super) struct HeldOut {
    /// Mean loss by the texts alone.
    pub(super) without: f64,
    /// Mean loss after learning from the other folds.
    pub(super) with: f64,
    /// The standard error of the difference.
    pub(super) error: f64,
}

/// Predicts each example from those of the other folds.
pub(super) fn held_out(problem: &Problem, all: &[usize]) -> HeldOut {
    let folds = FOLDS.min(all.len());
    let mut without = 0.0;
    let mut differences = Vec::with_capacity(all.len());
    for fold in 0..folds {
        let (out, rest): (Vec<usize>, Vec<usize>) = all.iter().partition(|&&i| i % folds == fold);
        let pulls = problem.solve(&rest);
        for i in out {
            let score = problem.scores[i];
            let change: f64 = pulls
                .iter()
                .flatten()
                .zip(&rest)
                .map(|(p, &j)| p * problem.covariance(i, j))
                .sum();
            let by_text = problem.loss(i, score);
            without += by_text;
            differences.push(problem.loss(i, score + change) - by_text);
        }
    }
    let count = all.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    HeldOut {
        without: without / count,
        with: without / count + mean,
        error: (squares / (count - 1.0).max(1.0) / count).sqrt(),
    }
}

pub(super) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Replaces the lower triangle of a symmetric positive definite matrix with its Cholesky factor.
fn cholesky(a: &mut [f64], n: usize) -> Option<()> {
    for r in 0..n {
        for c in 0..=r {
            let (upper, lower) = a.split_at_mut(r * n);
            let row_c = if c < r {
                &upper[c * n..c * n + c]
            } else {
                &[][..]
            };
            let products: f64 = if c < r {
                lower[..c].iter().zip(row_c).map(|(x, y)| x * y).sum()
            } else {
                lower[..c].iter().map(|x| x * x).sum()
            };
            let value = lower[c] - products;
            if c < r {
                lower[c] = value / upper[c * n + c];
            } else if value > 0.0 && value.is_finite() {
                lower[c] = value.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(())
}

/// Solves `L Lᵀ x = b` in place.
fn solve_cholesky(l: &[f64], n: usize, b: &mut [f64]) {
    for r in 0..n {
        let sum: f64 = (0..r).map(|c| l[r * n + c] * b[c]).sum();
        b[r] = (b[r] - sum) / l[r * n + r];
    }
    for r in (0..n).rev() {
        let sum: f64 = (r + 1..n).map(|c| l[c * n + r] * b[c]).sum();
        b[r] = (b[r] - sum) / l[r * n + r];
    }
}
