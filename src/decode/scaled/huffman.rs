//! Huffman tables, expanded so that one lookup gives as much as possible.

use crate::decode::scaled::Odd;
use crate::decode::scaled::bits::{Bits, extend};

/// Bits of a lookup for one coefficient with its value.
const VALUE_BITS: u32 = 11;
/// Bits of a lookup for as many coefficients as fit, without their values.
const SKIP_BITS: u32 = 12;
/// Bits of a lookup for a symbol alone.
const SYMBOL_BITS: u32 = 9;

/// The run of a symbol that ends its block; longer than any block.
const END: u32 = 0x7F;
/// The addition in an entry of `skips` that ends the block.
const SKIP_END: u32 = 128;
/// The value of an entry of `skips` without information.
const SKIP_NONE: u16 = 64 << 8;

/// A table as in the file: T.81, B.2.4.2.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Specification {
    /// The number of codes of 1 to 16 bits.
    pub(crate) counts: [u8; 16],
    /// The symbols in the order of their codes.
    pub(crate) symbols: Vec<u8>,
}

/// What a table's symbols mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Sizes of differences.
    Dc,
    /// Run and size, with the end of the block.
    Ac,
    /// Run and size, with runs of ended blocks (T.81, G.1.2.2); or a refinement's symbols.
    ProgressiveAc,
}

/// A coded coefficient.
#[derive(Clone, Copy)]
pub(super) struct Coded {
    /// Zeros before it; past all coefficients if the block ends.
    pub(crate) run: u32,
    /// Its value, not dequantised.
    pub(crate) value: i32,
}

/// A table, ready for use.
pub(super) struct Huffman {
    /// `value << 16 | run << 8 | bits`, or 0 if code and value are longer than a lookup.
    values: Box<[u32; 1 << VALUE_BITS]>,
    /// `advance << 8 | bits` over several coefficients, for [`Class::Ac`].
    skips: Box<[u16; 1 << SKIP_BITS]>,
    /// `symbol << 8 | bits`, or 0 if the code is longer than a lookup.
    codes: Box<[u16; 1 << SYMBOL_BITS]>,
    /// By length, less one: the first 16 bits that are a longer code.
    limits: [u32; 16],
    /// By length, less one: a code's distance to its symbol's index.
    offsets: [i32; 16],
    symbols: Vec<u8>,
    class: Class,
}

impl Huffman {
    /// Expands `specification`, unless it has more codes than their lengths allow.
    pub(super) fn new(specification: &Specification, class: Class) -> Result<Self, Odd> {
        let mut table = Self {
            values: boxed()?,
            skips: boxed()?,
            codes: boxed()?,
            limits: [0; 16],
            offsets: [0; 16],
            symbols: specification.symbols.clone(),
            class,
        };
        let mut code = 0_u32;
        let mut index = 0_usize;
        for (length, &count) in (1_u32..).zip(&specification.counts) {
            let at = length as usize - 1;
            table.offsets[at] = index as i32 - code as i32;
            for _ in 0..count {
                let symbol = *specification.symbols.get(index).ok_or(Odd)?;
                if code >> length != 0 {
                    return Err(Odd);
                }
                if length <= SYMBOL_BITS {
                    let start = (code << (SYMBOL_BITS - length)) as usize;
                    let entry = u16::from(symbol) << 8 | length as u16;
                    let span = 1 << (SYMBOL_BITS - length);
                    table
                        .codes
                        .get_mut(start..start + span)
                        .ok_or(Odd)?
                        .fill(entry);
                }
                table.unfold_values(code, length, symbol);
                code += 1;
                index += 1;
            }
            table.limits[at] = code << (16 - length);
            code <<= 1;
        }
        if class == Class::Ac {
            table.unfold_skips();
        }
        Ok(table)
    }

    fn unfold_values(&mut self, code: u32, length: u32, symbol: u8) {
        let Some((run, size)) = self.meaning(symbol) else {
            return;
        };
        let bits = length + size;
        if bits > VALUE_BITS {
            return;
        }
        let spare = VALUE_BITS - bits;
        for value in 0..1_u32 << size {
            let entry = (extend(value as i32, size) as u32) << 16 | run << 8 | bits;
            let start = ((code << size | value) << spare) as usize;
            if let Some(entries) = self.values.get_mut(start..start + (1 << spare)) {
                entries.fill(entry);
            }
        }
    }

    /// Zeros before the coefficient and bits of its value; `None` for special symbols.
    fn meaning(&self, symbol: u8) -> Option<(u32, u32)> {
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match self.class {
            Class::Dc => (symbol < 16).then_some((0, size)),
            _ if size > 0 || run == 15 => Some((run, size)),
            Class::Ac if run == 0 => Some((END, 0)),
            _ => None,
        }
    }

    /// Follows the symbols within each lookup.
    fn unfold_skips(&mut self) {
        for look in 0..1_usize << SKIP_BITS {
            let (mut bits, mut advance) = (0, 0);
            while bits < SKIP_BITS {
                let rest = look << bits & ((1 << SKIP_BITS) - 1);
                let Some((symbol, length)) = self.code_of(rest << (16 - SKIP_BITS)) else {
                    break;
                };
                let Some((run, size)) = self.meaning(symbol) else {
                    break;
                };
                if bits + length + size > SKIP_BITS {
                    break;
                }
                if run == END {
                    bits += length;
                    advance += SKIP_END;
                    break;
                }
                if advance + run + 1 > 62 {
                    break;
                }
                bits += length + size;
                advance += run + 1;
            }
            self.skips[look] = match bits {
                0 => SKIP_NONE,
                _ => (advance << 8 | bits) as u16,
            };
        }
    }

    /// The symbol at the start of 16 bits, and its code's length.
    fn code_of(&self, look: usize) -> Option<(u8, u32)> {
        let entry = self.codes[(look >> (16 - SYMBOL_BITS)) & ((1 << SYMBOL_BITS) - 1)];
        if entry != 0 {
            return Some(((entry >> 8) as u8, u32::from(entry & 0xFF)));
        }
        let look = look as u32;
        let at = self.limits.iter().position(|&limit| look < limit)?;
        let index = (look >> (15 - at)) as i32 + self.offsets[at];
        let symbol = *self.symbols.get(usize::try_from(index).ok()?)?;
        Some((symbol, at as u32 + 1))
    }

    /// The next symbol. Takes up to 16 bits, which must be available.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, Odd> {
        let (symbol, length) = self.code_of(bits.peek::<16>()).ok_or(Odd)?;
        bits.skip(length);
        Ok(symbol)
    }

    /// The next coefficient. Takes up to 31 bits, which must be available.
    ///
    /// In a table of [`Class::ProgressiveAc`], only after [`Huffman::value`] found one.
    #[inline(always)]
    pub(super) fn coded(&self, bits: &mut Bits<'_>) -> Result<Coded, Odd> {
        if let Some(coded) = self.value(bits) {
            return Ok(coded);
        }
        let (rest, coded) = self.coded_slowly(*bits)?;
        *bits = rest;
        Ok(coded)
    }

    /// The next coefficient, if one lookup is enough for it.
    #[inline(always)]
    pub(super) fn value(&self, bits: &mut Bits<'_>) -> Option<Coded> {
        let entry = self.values[bits.peek::<VALUE_BITS>()];
        if entry == 0 {
            return None;
        }
        bits.skip(entry & 0xFF);
        Some(Coded {
            run: (entry >> 8) & 0x7F,
            value: entry as i32 >> 16,
        })
    }

    #[inline(never)]
    fn coded_slowly<'a>(&self, mut bits: Bits<'a>) -> Result<(Bits<'a>, Coded), Odd> {
        let symbol = self.symbol(&mut bits)?;
        let (run, size) = self.meaning(symbol).ok_or(Odd)?;
        let value = bits.signed(size);
        Ok((bits, Coded { run, value }))
    }

    /// Skips the coefficients from `k` (1..=63) to the end of the block.
    #[inline(always)]
    pub(super) fn skip_block(&self, bits: &mut Bits<'_>, k: u32) -> Result<(), Odd> {
        let mut k = k;
        loop {
            bits.refill();
            let mut looks = 4;
            while looks > 0 {
                looks -= 1;
                let entry = u32::from(self.skips[bits.peek::<SKIP_BITS>()]);
                let next = k + (entry >> 8);
                if next < 64 {
                    bits.skip(entry & 0xFF);
                    k = next;
                } else if (SKIP_END..SKIP_END + 64).contains(&next) {
                    bits.skip(entry & 0xFF);
                    return Ok(());
                } else {
                    // Too long for a lookup, or past the block's end if taken together.
                    bits.refill();
                    looks = 0;
                    k += self.coded(bits)?.run + 1;
                    match k {
                        ..64 => {}
                        64 => return Ok(()),
                        END.. => return Ok(()),
                        _ => return Err(Odd),
                    }
                }
            }
        }
    }
}

/// Allocates directly on the heap.
fn boxed<T: Clone + Default, const LENGTH: usize>() -> Result<Box<[T; LENGTH]>, Odd> {
    let entries = vec![T::default(); LENGTH].into_boxed_slice();
    entries.try_into().map_err(|_| Odd)
}

impl Coded {
    /// Whether the block ends here.
    #[inline(always)]
    pub(super) fn ends_block(self) -> bool {
        self.run == END
    }
}
