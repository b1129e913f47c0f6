//! Limits the work submitted to the device at a time, so that the window's frames find a gap.
//!
//! The speed of each kind of kernel is measured while it runs, because a driver may be fast at one
//! and slow at another. Short kernels are submitted together; a long one is split.

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::error::Result;
use crate::engine::gpu::kernel::dispatch::ACROSS;

/// The planned time of a submission. The limit is 10 ms, and times vary.
const PLANNED_S: f64 = 0.007;
/// Cost units per second (see `Op::cost`) before a kind was measured: about the speed of a software
/// adapter; faster ones show within a few submissions.
const FIRST_SPEED: f64 = 1e10;

/// The kernels of a submission, or a part of one kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Portion {
    /// The kernels, by index.
    pub(crate) ops: Range<usize>,
    /// If there is one kernel, its workgroups.
    pub(crate) part: Option<Range<usize>>,
}

impl Portion {
    /// The kernel and workgroup at which the next one begins.
    pub(crate) fn after(&self, works: &[OpCost]) -> (usize, usize) {
        match (&self.part, works.get(self.ops.start)) {
            (Some(part), Some(work)) if part.end < work.workgroups => (self.ops.start, part.end),
            _ => (self.ops.end, 0),
        }
    }
}

/// The cost of a kernel in a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpCost {
    /// The kernel's kind.
    pub(crate) kind: usize,
    /// Its cost in this batch.
    pub(crate) cost: f64,
    /// The number of workgroups.
    pub(crate) workgroups: usize,
}

struct Waiting {
    submission: wgpu::SubmissionIndex,
    since: Instant,
    planned_s: f64,
    kinds: Vec<usize>,
}

/// See the module.
pub(crate) struct Pace {
    /// Cost units per second, by kind.
    speeds: Vec<f64>,
    /// The last submission that nobody waited for yet, and since when the device has worked on it.
    last: Option<Waiting>,
    /// The longest submission since the last query.
    longest: Duration,
}

impl Pace {
    /// Creates it for so many kinds of kernels.
    pub(crate) fn new(kinds: usize) -> Self {
        Self {
            speeds: vec![FIRST_SPEED; kinds],
            last: None,
            longest: Duration::ZERO,
        }
    }

    /// As if everything was extremely slow: each workgroup is submitted alone.
    #[cfg(test)]
    pub(crate) fn crawl(&mut self) {
        self.speeds.fill(f64::MIN_POSITIVE);
    }

    fn expected_s(&self, work: OpCost) -> f64 {
        work.cost / self.speeds.get(work.kind).copied().unwrap_or(FIRST_SPEED)
    }

    /// Returns what to submit next of `works`, from the workgroup `first` of the kernel `at` on.
    pub(crate) fn portion(&self, works: &[OpCost], at: usize, first: usize) -> Portion {
        let rest = works.get(at..).unwrap_or_default();
        let long = rest.first().filter(|work| {
            let expected_s = self.expected_s(**work);
            first > 0 || (expected_s > PLANNED_S && work.workgroups > 1)
        });
        if let Some(work) = long {
            let share = PLANNED_S / self.expected_s(*work);
            let mut count = ((work.workgroups as f64 * share) as usize).max(1);
            if count > ACROSS {
                count = count / ACROSS * ACROSS;
            }
            let end = (first + count).min(work.workgroups);
            return Portion {
                ops: at..at + 1,
                part: Some(first..end),
            };
        }
        let mut total_s = 0.0;
        let fit = rest.iter().take_while(|work| {
            total_s += self.expected_s(**work);
            total_s <= PLANNED_S
        });
        Portion {
            ops: at..at + fit.count().max(1),
            part: None,
        }
    }

    /// Waits for the last submission, and learns from its time.
    pub(crate) fn catch_up(&mut self, gpu: &Gpu) -> Result<()> {
        if let Some(waiting) = self.last.take() {
            gpu.wait(Some(waiting.submission))?;
            let elapsed = waiting.since.elapsed();
            self.longest = self.longest.max(elapsed);
            self.learn(&waiting.kinds, waiting.planned_s, elapsed.as_secs_f64());
        }
        Ok(())
    }

    /// Records the submission `next` of `portion` of `works`. Waits for the previous one, so that
    /// only one waits while another is computed.
    pub(crate) fn follow(
        &mut self,
        gpu: &Gpu,
        next: wgpu::SubmissionIndex,
        (works, portion): (&[OpCost], &Portion),
    ) -> Result<()> {
        self.catch_up(gpu)?;
        let works = works.get(portion.ops.clone()).unwrap_or_default();
        let mut planned_s: f64 = works.iter().map(|work| self.expected_s(*work)).sum();
        if let (Some(part), Some(work)) = (&portion.part, works.first()) {
            planned_s *= part.len() as f64 / work.workgroups.max(1) as f64;
        }
        self.last = Some(Waiting {
            submission: next,
            since: Instant::now(),
            planned_s,
            kinds: works.iter().map(|work| work.kind).collect(),
        });
        Ok(())
    }

    /// The longest submission since the last call.
    pub(crate) fn take_longest(&mut self) -> Duration {
        std::mem::take(&mut self.longest)
    }

    /// Learns from a submission. Short ones say nothing about speed, only about latency.
    fn learn(&mut self, kinds: &[usize], planned_s: f64, took_s: f64) {
        let was_long = took_s > PLANNED_S;
        let could_be_longer = took_s < planned_s && planned_s > PLANNED_S / 2.0;
        if !(was_long || could_be_longer) {
            return;
        }
        // Another program that kept the device busy must not count for much.
        let factor = (planned_s / took_s.max(1e-6)).clamp(0.25, 2.0);
        for (kind, speed) in self.speeds.iter_mut().enumerate() {
            if kinds.contains(&kind) {
                *speed *= factor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(kind: usize, expected_ms: f64, workgroups: usize) -> OpCost {
        OpCost {
            kind,
            cost: expected_ms * 1e-3 * FIRST_SPEED,
            workgroups,
        }
    }

    /// All portions until everything is submitted.
    fn all(pace: &Pace, works: &[OpCost]) -> Vec<(Range<usize>, Option<Range<usize>>)> {
        let (mut at, mut first, mut portions) = (0, 0, Vec::new());
        while at < works.len() {
            let portion = pace.portion(works, at, first);
            (at, first) = portion.after(works);
            portions.push((portion.ops, portion.part));
        }
        portions
    }

    #[test]
    fn short_kernels_go_together_and_long_ones_in_parts() {
        let pace = Pace::new(1);
        let portions = |expected: &[(f64, usize)]| {
            let works: Vec<OpCost> = expected.iter().map(|(ms, n)| work(0, *ms, *n)).collect();
            all(&pace, &works)
        };
        assert_eq!(portions(&[(1.0, 9), (2.0, 9), (3.0, 9)]), [(0..3, None)]);
        assert_eq!(
            portions(&[(4.0, 9), (4.0, 9), (21.0, 4), (1.0, 1)]),
            [
                (0..1, None),
                (1..2, None),
                (2..3, Some(0..1)),
                (2..3, Some(1..2)),
                (2..3, Some(2..3)),
                (2..3, Some(3..4)),
                (3..4, None),
            ]
        );
        // Indivisible work is submitted whole.
        assert_eq!(portions(&[(500.0, 1)]), [(0..1, None)]);
        // A part is either within one line of workgroups or consists of whole lines.
        let lines = portions(&[(14.0, 5 * ACROSS)]);
        let parts: Vec<_> = lines.into_iter().filter_map(|(_, part)| part).collect();
        assert_eq!(
            parts,
            [0..2, 2..4, 4..5].map(|r| r.start * ACROSS..r.end * ACROSS)
        );
    }

    #[test]
    fn what_took_long_is_cut_smaller_and_only_that() {
        let mut pace = Pace::new(2);
        let works = [work(0, 7.0, 100), work(1, 6.9, 100)];
        pace.learn(&[0], 0.007, 0.014);
        assert_eq!(pace.portion(&works, 0, 0).part, Some(0..50));
        assert_eq!(pace.portion(&works, 1, 0).part, None);
        // A delayed one counts four times at most, and fast ones make up for it.
        pace.learn(&[0], 0.007, 7.0);
        assert_eq!(pace.portion(&works, 0, 0).part, Some(0..12));
        for _ in 0..3 {
            pace.learn(&[0], 0.007, 0.0001);
        }
        assert_eq!(pace.portion(&works, 0, 0).part, None);
        // A short one says nothing.
        pace.learn(&[1], 0.0001, 0.001);
        assert_eq!(pace.portion(&works, 1, 0).part, None);
    }
}
