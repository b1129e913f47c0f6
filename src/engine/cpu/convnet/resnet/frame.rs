//! The layout of maps' pixels, and its division into jobs.

use std::ops::Range;

/// The most pixels of a job: its output stays in the second-level cache until it has been rounded.
const MAX_PIXELS: usize = 448;

/// The fewest pixels worth a job, unless a thread would be idle: weights are read for each job.
const MIN_PIXELS: usize = 112;

/// Jobs per thread.
const JOBS_PER_THREAD: usize = 2;

/// The layout of maps of one size: their pixels one after the other, with a margin around each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) count: usize,
    /// Lines of a map without its margin.
    pub(crate) height: usize,
    /// Pixels of a line without its margin.
    pub(crate) width: usize,
    pub(crate) margin: usize,
}

impl Frame {
    /// The same maps with another margin.
    pub(crate) fn with_margin(self, margin: usize) -> Self {
        Self { margin, ..self }
    }

    /// The number of pixels, including margins.
    pub(crate) fn pixels(self) -> usize {
        self.count * (self.height + 2 * self.margin) * self.pitch()
    }

    /// Pixels from one line's start to the next.
    pub(crate) fn pitch(self) -> usize {
        self.width + 2 * self.margin
    }

    /// The first pixel of a line; lines are counted through all maps without margins.
    pub(crate) fn pixel(self, line: usize) -> usize {
        let (map, line) = (line / self.height.max(1), line % self.height.max(1));
        let above = map * (self.height + 2 * self.margin) + self.margin + line;
        above * self.pitch() + self.margin
    }

    /// Clears the margins of `values`, which has `stride` per pixel.
    pub(crate) fn clear_margin<T: Clone + Default>(self, stride: usize, values: &mut [T]) {
        let (margin, pitch) = (self.margin * stride, self.pitch() * stride);
        if margin == 0 {
            return;
        }
        let padded = self.height + 2 * self.margin;
        let lines = values[..self.pixels() * stride].chunks_exact_mut(pitch);
        lines.enumerate().for_each(|(line, values)| {
            if (self.margin..self.margin + self.height).contains(&(line % padded)) {
                values[..margin].fill(T::default());
                values[pitch - margin..].fill(T::default());
            } else {
                values.fill(T::default());
            }
        });
    }

    /// All lines, divided into jobs.
    pub(crate) fn jobs(self) -> Vec<Range<usize>> {
        let (lines, width) = (self.count * self.height, self.width.max(1));
        let threads = rayon::current_num_threads();
        let even = lines.div_ceil(threads * JOBS_PER_THREAD);
        let length = even
            .max(MIN_PIXELS.div_ceil(width))
            .min((MAX_PIXELS / width).max(1))
            .min(lines.div_ceil(threads))
            .max(1);
        let count = lines.div_ceil(length);
        (0..count)
            .map(|job| job * lines / count..(job + 1) * lines / count)
            .collect()
    }

    /// Splits `values`, which has `stride` per pixel, at each job's first pixel.
    pub(crate) fn cut<'a, T>(
        self,
        jobs: &[Range<usize>],
        stride: usize,
        values: &'a mut [T],
    ) -> Vec<&'a mut [T]> {
        let mut parts = Vec::with_capacity(jobs.len());
        let mut rest = values;
        // From the last job to the first, so that the rest is always at the front.
        for job in jobs.iter().rev() {
            let (front, part) = rest.split_at_mut(self.pixel(job.start) * stride);
            parts.push(part);
            rest = front;
        }
        parts.reverse();
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_cover_every_line_once() {
        for (count, height, width) in [(1, 7, 7), (8, 7, 7), (1, 112, 112), (3, 1, 5), (0, 4, 4)] {
            let frame = Frame {
                count,
                height,
                width,
                margin: 1,
            };
            let mut next = 0;
            for job in frame.jobs() {
                assert_eq!(job.start, next);
                next = job.end;
            }
            assert_eq!(next, count * height);
        }
    }
}
