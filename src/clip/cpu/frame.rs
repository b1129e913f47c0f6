//! Where the pixels of maps are, and which of them a job takes.

use std::ops::Range;

/// Maps of one size, their pixels one after the other, with a margin around each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub count: usize,
    /// Lines of a map without its margin.
    pub height: usize,
    /// Pixels of a line without its margin.
    pub width: usize,
    pub margin: usize,
}

impl Frame {
    /// The same maps with another margin.
    pub(super) fn with_margin(self, margin: usize) -> Self {
        Self { margin, ..self }
    }

    /// Pixels, margins included.
    pub(super) fn pixels(self) -> usize {
        self.count * (self.height + 2 * self.margin) * self.pitch()
    }

    /// Pixels from a line's start to the next one's.
    pub(super) fn pitch(self) -> usize {
        self.width + 2 * self.margin
    }

    /// The first pixel of a line, where lines are counted through all maps without their margins.
    pub(super) fn pixel(self, line: usize) -> usize {
        let (map, line) = (line / self.height.max(1), line % self.height.max(1));
        let above = map * (self.height + 2 * self.margin) + self.margin + line;
        above * self.pitch() + self.margin
    }

    /// Cuts `values`, of which each pixel has `stride`, into what begins with each job's first
    /// pixel.
    pub(super) fn cut<'a, T>(
        self,
        jobs: &[Range<usize>],
        stride: usize,
        values: &'a mut [T],
    ) -> Vec<&'a mut [T]> {
        let mut parts = Vec::with_capacity(jobs.len());
        let mut rest = values;
        // From the last job to the first, so that what is left is always at the front.
        for job in jobs.iter().rev() {
            let (front, part) = rest.split_at_mut(self.pixel(job.start) * stride);
            parts.push(part);
            rest = front;
        }
        parts.reverse();
        parts
    }
}
