//! The last change of a library's scale: what it did to tags, and its undo.

use std::collections::HashMap;
use std::fmt;

use crate::core::count;
use crate::core::ids::{LabelId, ModelId, PhotoId};
use crate::store::error::StoreError;
use crate::store::runs::meta;
use crate::store::{ScaleConstants, ScalePhotos, Store, Writer};

/// What a change of the scale did to the machine's tags of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LabelChange {
    /// The label.
    pub(crate) label: LabelId,
    /// How many photos got the label.
    pub(crate) gained: usize,
    /// How many photos lost it.
    pub(crate) lost: usize,
}

/// The same, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedChange {
    /// The label's name.
    pub name: String,
    /// How many photos got the label.
    pub gained: usize,
    /// How many photos lost it.
    pub lost: usize,
}

impl fmt::Display for NamedChange {
    /// Writes it as in `cat +3 −1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (sign, n) in [("+", self.gained), ("−", self.lost)] {
            if n > 0 {
                write!(f, " {sign}{}", count::number(n))?;
            }
        }
        Ok(())
    }
}

/// The last change of a library's scale for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScaleChange {
    /// The scale before; `None` if labels were not scaled to the library.
    pub(crate) before: Option<ScalePhotos>,
    /// The scale after.
    pub(crate) after: ScalePhotos,
    /// Whether the user has undone it.
    pub(crate) undone: bool,
    /// The labels whose tags changed.
    pub(crate) labels: Vec<LabelChange>,
}

impl ScaleChange {
    /// The number of photos that got a label, and of those that lost one, over all labels.
    pub(crate) fn totals(&self) -> (usize, usize) {
        let gained = self.labels.iter().map(|l| l.gained).sum();
        (gained, self.labels.iter().map(|l| l.lost).sum())
    }

    fn to_text(&self) -> String {
        let before = self.before.unwrap_or(ScalePhotos {
            count: 0,
            last_photo: PhotoId::new(0),
            constants: None,
        });
        let (after, undone) = (self.after, u8::from(self.undone));
        let mut text = format!(
            "{} {} {} {} {undone}",
            before.count, before.last_photo, after.count, after.last_photo
        );
        if before.constants.is_some() || after.constants.is_some() {
            for scale in [before, after] {
                // A slope of 0 stands for none.
                let (slope, bias) = scale.constants.map_or((0, 0), |c| (c.slope, c.bias));
                text.push_str(&format!(" {slope} {bias}"));
            }
        }
        for l in &self.labels {
            text.push_str(&format!("\n{} {} {}", l.label, l.gained, l.lost));
        }
        text
    }

    /// The opposite of [`ScaleChange::to_text`]; `None` for damaged text.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(|line| {
            let numbers = line.split(' ').map(|n| n.parse::<i64>().ok());
            numbers.collect::<Option<Vec<i64>>>()
        });
        let head = lines.next()??;
        let (scales, constants) = head.split_at_checked(5)?;
        let [before, before_last, after, after_last, undone] = scales[..] else {
            return None;
        };
        let [before_slope, before_bias, after_slope, after_bias] = match constants[..] {
            [] => [0; 4],
            [a, b, c, d] => [a, b, c, d],
            _ => return None,
        };
        let photos = |count: i64, last, slope: i64, bias: i64| {
            let constants = ScaleConstants {
                slope: i32::try_from(slope).ok()?,
                bias: i32::try_from(bias).ok()?,
            };
            Some(ScalePhotos {
                count: usize::try_from(count).ok()?,
                last_photo: PhotoId::new(last),
                constants: (slope > 0).then_some(constants),
            })
        };
        let labels = lines.map(|numbers| {
            let [label, gained, lost] = numbers?[..] else {
                return None;
            };
            Some(LabelChange {
                label: LabelId::new(label),
                gained: usize::try_from(gained).ok()?,
                lost: usize::try_from(lost).ok()?,
            })
        });
        Some(Self {
            before: photos(before, before_last, before_slope, before_bias)?.into_used(),
            after: photos(after, after_last, after_slope, after_bias)?,
            undone: undone == 1,
            labels: labels.collect::<Option<_>>()?,
        })
    }
}

impl ScalePhotos {
    /// `None` instead of no photos.
    fn into_used(self) -> Option<Self> {
        (self.count > 0).then_some(self)
    }
}

fn change_key(model: ModelId) -> String {
    format!("scale_change:{model}")
}

/// The key of the number of photos whose scale the user does not want.
fn refused_key(model: ModelId) -> String {
    format!("scale_refused:{model}")
}

impl Store {
    /// Returns the last change of the library's scale for a model.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn scale_change(&self, model: ModelId) -> Result<Option<ScaleChange>, StoreError> {
        let text = meta(&self.connection, &change_key(model))?;
        Ok(text.and_then(|text| ScaleChange::parse(&text)))
    }

    /// Returns what a change did, by the labels' names, those with the most changes first.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn named_changes(
        &self,
        change: &ScaleChange,
    ) -> Result<Vec<NamedChange>, StoreError> {
        let names: HashMap<LabelId, String> = self.label_names()?.into_iter().collect();
        let named = change.labels.iter().filter_map(|l| {
            Some(NamedChange {
                name: names.get(&l.label)?.clone(),
                gained: l.gained,
                lost: l.lost,
            })
        });
        let mut named: Vec<NamedChange> = named.collect();
        named.sort_by_key(|l| std::cmp::Reverse(l.gained + l.lost));
        Ok(named)
    }

    /// Returns the number of photos whose scale the user has undone; 0 if none was.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn scale_refused(&self, model: ModelId) -> Result<usize, StoreError> {
        let text = meta(&self.connection, &refused_key(model))?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Returns the labels that the machine applies, with their photos, in order.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn all_given(&self) -> Result<Vec<(LabelId, PhotoId)>, StoreError> {
        let sql = "SELECT label_id, photo_id FROM tags NOT INDEXED WHERE accepted";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut given: Vec<(LabelId, PhotoId)> = rows.collect::<Result<_, _>>()?;
        given.sort_unstable();
        Ok(given)
    }
}

impl Writer<'_> {
    /// Stores a change of the scale that was made, in place of the one before.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn keep_scale_change(
        &self,
        model: ModelId,
        change: &ScaleChange,
    ) -> Result<(), StoreError> {
        self.set_meta(&change_key(model), &change.to_text())
    }

    /// Undoes the change of the scale, or makes it again. The tags follow with the next tagging. An
    /// undone scale is not chosen again before the library has twice as many photos.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn undo_scale(
        &self,
        model: ModelId,
        change: &ScaleChange,
        undone: bool,
    ) -> Result<(), StoreError> {
        let (scale, refused) = match undone {
            true => (change.before, change.after.count),
            false => (Some(change.after), 0),
        };
        self.keep_scale(model, scale)?;
        self.set_meta(&refused_key(model), &refused.to_string())?;
        let change = ScaleChange {
            undone,
            ..change.clone()
        };
        self.keep_scale_change(model, &change)?;
        self.bump_revision()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_as_it_was_written_and_damage_is_none() {
        let scale = |count, last| ScalePhotos {
            count,
            last_photo: PhotoId::new(last),
            constants: None,
        };
        let fitted = |count, last, slope| ScalePhotos {
            constants: Some(ScaleConstants { slope, bias: -2130 }),
            ..scale(count, last)
        };
        let label = |id, gained, lost| LabelChange {
            label: LabelId::new(id),
            gained,
            lost,
        };
        for (before, after) in [
            (None, scale(32, 40)),
            (Some(scale(16, 20)), scale(32, 40)),
            (None, fitted(32, 40, 1620)),
            (Some(fitted(16, 20, 1800)), fitted(32, 40, 1620)),
        ] {
            assert_eq!(ScalePhotos::parse(&after.to_text()), Some(after));
            let change = ScaleChange {
                before,
                after,
                undone: before.is_some(),
                labels: vec![label(3, 5, 0), label(9, 1, 2)],
            };
            assert_eq!(change.totals(), (6, 2));
            let text = change.to_text();
            assert_eq!(ScaleChange::parse(&text), Some(change));
            assert_eq!(ScaleChange::parse(&text.replace('5', "x")), None);
        }
        assert_eq!(ScaleChange::parse(""), None);
        assert_eq!(ScaleChange::parse("1 2 3 4"), None);
    }
}
