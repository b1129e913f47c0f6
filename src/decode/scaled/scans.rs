//! Decodes pictures with several scans.
//!
//! Scans that neither have a needed coefficient nor are required to read one are not read at all.

use crate::decode::jpeg;
use crate::decode::scaled::header::{Frame, Next, Scan, State};
use crate::decode::scaled::kept::{Kept, band};
use crate::decode::scaled::layout::Layout;
use crate::decode::scaled::picture::Picture;
use crate::decode::scaled::{Missing, Odd, idct, progressive, sequential};

/// Decodes the picture with its first scan's data at `at`. Returns whether it was complete.
pub(super) fn decode(
    bytes: &[u8],
    at: usize,
    scan: Scan,
    state: &mut State,
    layout: &Layout,
    picture: &mut Picture<'_>,
    allowed: Missing,
) -> Result<bool, Odd> {
    let frame = state.frame.clone().ok_or(Odd)?;
    let needed = needed(bytes, at, &scan, &frame, layout, allowed)?;
    let mut kept = Vec::with_capacity(4);
    for part in &layout.parts {
        kept.push(Kept::new(layout, part)?);
    }
    let read = read_all(bytes, at, scan, state, layout, &mut kept, &needed);
    let complete = match read {
        Ok(After::End) => true,
        Ok(After::Nothing) => kept.iter().all(Kept::is_complete),
        Err(Odd) => false,
    };
    if allowed == Missing::Nothing && read != Ok(After::End) {
        return Err(Odd);
    }
    render(layout, &kept, picture, allowed)?;
    Ok(complete)
}

/// What follows the last scan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// The end of the image.
    End,
    /// No marker that is allowed.
    Nothing,
}

/// Reads the scans; an error if data is missing.
fn read_all(
    bytes: &[u8],
    at: usize,
    scan: Scan,
    state: &mut State,
    layout: &Layout,
    kept: &mut [Kept],
    needed: &[bool],
) -> Result<After, Odd> {
    let progressive = state.frame.as_ref().ok_or(Odd)?.progressive;
    let (mut at, mut scan) = (at, scan);
    for &needed in needed {
        for &(index, _, _) in &scan.components {
            kept[index].begin(&scan, progressive)?;
            if kept[index].steps.is_none() {
                kept[index].steps = Some(idct::steps(state.quantisation_of(index)?));
            }
        }
        let end = if !needed {
            jpeg::next_marker(bytes, at).map(|(_, body)| body - 2)
        } else if progressive {
            progressive::keep(bytes, at, &scan, state, layout, kept)?
        } else {
            sequential::keep(bytes, at, &scan, state, layout, kept)?
        };
        match end.map(|end| state.read(bytes, end)) {
            Some(Ok(Next::Scan(next, data))) => (scan, at) = (next, data),
            Some(Ok(Next::End)) => return Ok(After::End),
            Some(Err(Odd)) | None => return Ok(After::Nothing),
        }
    }
    Ok(After::Nothing)
}

/// Turns the kept coefficients into samples.
fn render(
    layout: &Layout,
    kept: &[Kept],
    picture: &mut Picture<'_>,
    allowed: Missing,
) -> Result<(), Odd> {
    let first = kept.first().ok_or(Odd)?;
    let rows = match allowed {
        Missing::Nothing if kept.iter().any(|k| k.missing[0].is_none()) => return Err(Odd),
        Missing::Nothing => layout.units_down,
        // The first component is the brightness; without colours, the picture is grey.
        Missing::Data => first.rows_of_units(layout, layout.parts.first().ok_or(Odd)?),
    };
    let unknown = [0.0; 64];
    for row in 0..rows {
        for (index, (kept, part)) in kept.iter().zip(&layout.parts).enumerate() {
            let steps = kept.steps.as_ref().unwrap_or(&unknown);
            let mut coefficients = [0; 64];
            for down in 0..part.down {
                let first = (row * part.down + down) * kept.blocks_across;
                let blocks = kept.coefficients.chunks_exact(kept.length).skip(first);
                for (column, block) in blocks.take(kept.blocks_across).enumerate() {
                    coefficients[..block.len()].copy_from_slice(block);
                    let out = picture.block(index, column, down);
                    let flat = block.iter().skip(1).all(|&coefficient| coefficient == 0);
                    let run = if flat { part.flat } else { part.transform };
                    run(&coefficients, steps, out, layout.stride);
                }
            }
        }
        picture.finish_row();
    }
    Ok(())
}

/// The scans to read, from the first on.
fn needed(
    bytes: &[u8],
    at: usize,
    first: &Scan,
    frame: &Frame,
    layout: &Layout,
    allowed: Missing,
) -> Result<Vec<bool>, Odd> {
    let mut scans = vec![first.clone()];
    let mut ahead = State::of_frame(frame.clone());
    let mut at = at;
    loop {
        let marker = jpeg::next_marker(bytes, at).ok_or(Odd);
        match marker.and_then(|(_, body)| ahead.read(bytes, body - 2)) {
            Ok(Next::Scan(scan, data)) => {
                scans.push(scan);
                at = data;
            }
            Ok(Next::End) => break,
            Err(Odd) if allowed == Missing::Data => break,
            Err(Odd) => return Err(Odd),
        }
        if scans.len() > jpeg::MAX_SCANS {
            return Err(Odd);
        }
    }
    let mut wanted: Vec<u64> = layout.parts.iter().map(|p| band(0, p.last)).collect();
    let mut needed: Vec<bool> = scans
        .iter()
        .rev()
        .map(|scan| {
            let band = band(scan.band.0, scan.band.1.min(63));
            let mut any = false;
            for &(index, _, _) in &scan.components {
                if wanted[index] & band != 0 {
                    any = true;
                    if scan.high > 0 {
                        wanted[index] |= band;
                    }
                }
            }
            any
        })
        .collect();
    needed.reverse();
    Ok(needed)
}
