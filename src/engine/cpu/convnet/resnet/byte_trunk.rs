//! A residual network's convolutions in 8 bits.
//!
//! A convolution's output for another one is rounded while it is in cache. Values that blocks add
//! to also stay in 32 bits, so that nothing is rounded twice.

use crate::core::pixels::Pixels;
use crate::engine::cpu::convnet::resnet::byte_conv::ByteConv;
use crate::engine::cpu::convnet::resnet::byte_map::ByteMap;
use crate::engine::cpu::convnet::resnet::channels::Channels;
use crate::engine::cpu::convnet::resnet::map::{Map, average};
use crate::engine::cpu::convnet::resnet::trunk::{Bottleneck, Convolution, Trunk};
use crate::engine::cpu::convnet::stem::Stem;
use crate::engine::cpu::matmul::tile::Bounds;
use crate::engine::cpu::simd::level::Level;

impl Convolution for ByteConv {
    fn pack(
        level: Level,
        weight: &[f32],
        bias: &[f32],
        kernel: usize,
        seen: &Channels,
    ) -> Option<Self> {
        Self::new(level, weight, bias, kernel, seen)
    }
}

/// The buffers of the convolutions, besides the map that blocks add to.
#[derive(Default)]
pub(crate) struct ByteMaps {
    gathered: Map,
    begun: Map,
    /// Values to average, and the output of a shortcut.
    floats: Map,
    /// The input of the next block.
    seen: ByteMap,
    narrow: ByteMap,
    middle: ByteMap,
    pooled: ByteMap,
}

impl Bottleneck<ByteConv> {
    /// Replaces `x`, whose bytes are in `maps.seen`, and these bytes with those for `next`.
    fn forward(&self, x: &mut Map, maps: &mut ByteMaps, next: Option<&Self>) {
        let ByteMaps {
            floats,
            seen,
            narrow,
            middle,
            pooled,
            ..
        } = maps;
        self.conv1.to_bytes(seen, narrow, &self.conv2);
        if self.halves {
            self.conv2.to_map(narrow, floats, false, Bounds::RELU);
            middle.take_averages(floats, self.conv3.rounding());
        } else {
            self.conv2.to_bytes(narrow, middle, &self.conv3);
        }
        if let Some(downsample) = &self.downsample {
            // Its bytes differ from those for `conv1`, because its weights balance other factors.
            if self.halves {
                pooled.take_averages(x, downsample.rounding());
            } else {
                pooled.take(x, downsample.rounding());
            }
            downsample.to_map(pooled, floats, false, Bounds::NONE);
            std::mem::swap(x, floats);
        }
        match next {
            Some(next) => self.conv3.add_to(middle, x, seen, &next.conv1),
            None => self.conv3.to_map(middle, x, true, Bounds::RELU),
        }
    }
}

/// Runs `blocks` on `x`; returns at once if there are none.
fn run(blocks: &[Bottleneck<ByteConv>], x: &mut Map, maps: &mut ByteMaps) {
    for (i, block) in blocks.iter().enumerate() {
        block.forward(x, maps, blocks.get(i + 1));
    }
}

impl Trunk<ByteConv> {
    /// Computes the blocks' input into `x`.
    fn begin(&self, stem: &Stem, image: &Pixels, x: &mut Map, maps: &mut ByteMaps) {
        let ByteMaps {
            begun,
            floats,
            middle,
            ..
        } = maps;
        let Self { second, third, .. } = self;
        begun.begin_with(stem, image, 1);
        floats.shape_as(begun, 0, second.output());
        second.forward(begun, floats, false, Bounds::RELU);
        middle.take(floats, third.rounding());
        third.to_map(middle, floats, false, Bounds::RELU);
        average(third.level(), floats, x);
    }

    /// Computes the pool's input into `x`.
    pub(crate) fn forward(&self, stem: &Stem, images: &[Pixels], x: &mut Map, maps: &mut ByteMaps) {
        let (early, late) = self.blocks.split_at(self.early.min(self.blocks.len()));
        for (i, image) in images.iter().enumerate() {
            self.begin(stem, image, x, maps);
            if let Some(first) = early.first() {
                maps.seen.take(x, first.conv1.rounding());
            }
            run(early, x, maps);
            maps.gathered.take_in(x, i, images.len());
        }
        std::mem::swap(x, &mut maps.gathered);
        if let Some(first) = late.first() {
            maps.seen.take(x, first.conv1.rounding());
        }
        run(late, x, maps);
    }
}
