//! Adds categories to `acdsee:categories` and removes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use crate::sidecar::edit::splice::Splice;
use crate::sidecar::read::category::{Category, MAX_BYTES, read};
use crate::sidecar::read::xml;

/// Returns a value with only these paths.
pub(crate) fn write(paths: &[String]) -> String {
    let mut tree = Additions::default();
    for path in paths {
        tree.add(path.split('|'));
    }
    format!("<Categories>{}</Categories>", tree.render())
}

/// Returns the changes that add some paths to a value and remove others. `raw` is the escaped
/// value, at `at` in the document. `None` if the value cannot be parsed.
pub(crate) fn edit(raw: &str, at: usize, add: &[String], remove: &[String]) -> Option<Vec<Splice>> {
    let (inner, places) = unescape_with_places(raw)?;
    let root = read(&inner)?;
    let mut splices: Vec<(Range<usize>, String)> = Vec::new();
    let mut additions: BTreeMap<usize, Additions> = BTreeMap::new();
    for path in add {
        let mut node = &root;
        let mut names = path.split('|').peekable();
        while let Some(child) = names
            .peek()
            .and_then(|name| node.children.iter().find(|c| c.name == **name))
        {
            names.next();
            node = child;
        }
        if names.peek().is_some() {
            additions.entry(node.end).or_default().add(names);
        } else {
            match &node.assigned {
                Some((true, _)) => {}
                Some((false, range)) => splices.push((range.clone(), "1".to_owned())),
                None => {
                    let at = node.range.start + "<Category".len();
                    splices.push((at..at, " Assigned=\"1\"".to_owned()));
                }
            }
        }
    }
    for (end, tree) in additions {
        splices.push((end..end, tree.render()));
    }
    for path in remove {
        splices.extend(removal(&root, path));
    }
    let place = |i: usize| places.get(i).map(|&place| at + place);
    splices
        .into_iter()
        .map(|(range, text)| {
            Some(Splice {
                range: place(range.start)?..place(range.end)?,
                text: xml::escape(&text),
            })
        })
        .collect()
}

/// Removes one path, with the levels above it that hold nothing else.
fn removal(root: &Category, path: &str) -> Option<(Range<usize>, String)> {
    let mut node = root;
    let mut empties: Option<&Category> = None;
    for name in path.split('|') {
        let child = node.children.iter().find(|c| c.name == name)?;
        let lonely = node.children.len() == 1 && !node.is_assigned();
        if !lonely || empties.is_none() {
            empties = Some(child);
        }
        node = child;
    }
    match &node.assigned {
        Some((true, range)) if !node.children.is_empty() => Some((range.clone(), "0".to_owned())),
        Some((true, _)) => empties.map(|top| (top.range.clone(), String::new())),
        _ => None,
    }
}

/// New categories below an existing one.
#[derive(Default)]
struct Additions {
    assigned: bool,
    children: BTreeMap<String, Additions>,
}

impl Additions {
    fn add<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let mut node = self;
        for name in names {
            node = node.children.entry(name.to_owned()).or_default();
        }
        node.assigned = true;
    }

    fn render(&self) -> String {
        let mut out = String::new();
        for (name, child) in &self.children {
            // Writing into a String cannot fail.
            let _ = write!(
                out,
                "<Category Assigned=\"{}\">{}{}</Category>",
                u8::from(child.assigned),
                xml::escape(name),
                child.render()
            );
        }
        out
    }
}

/// Unescapes `raw`, and returns for every byte of the text (and its end) the position in `raw`.
fn unescape_with_places(raw: &str) -> Option<(String, Vec<usize>)> {
    if raw.len() > MAX_BYTES {
        return None;
    }
    let mut inner = String::new();
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(c) = raw[at..].chars().next() {
        let length = match c {
            '&' => raw[at..].find(';')? + 1,
            _ => c.len_utf8(),
        };
        let piece = xml::unescape(&raw[at..at + length]).ok()?;
        places.extend(piece.bytes().map(|_| at));
        inner.push_str(&piece);
        at += length;
    }
    places.push(raw.len());
    Some((inner, places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::edit::splice::{apply, revert};
    use crate::sidecar::read::category::paths;

    fn owned(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|p| (*p).to_owned()).collect()
    }

    fn edited(inner: &str, add: &[&str], remove: &[&str]) -> String {
        let raw = xml::escape(inner);
        let splices = edit(&raw, 0, &owned(add), &owned(remove)).unwrap();
        let (after, undo) = apply(&raw, splices).unwrap();
        assert_eq!(revert(&after, &undo).unwrap(), raw);
        xml::unescape(&after).unwrap().into_owned()
    }

    #[test]
    fn reads_what_it_writes() {
        let wanted = owned(&["a & b", "animal|cat", "animal|dog", "animal|dog|pug"]);
        assert_eq!(paths(&write(&wanted)), wanted);
        assert!(paths("nonsense <").is_empty());
        assert!(paths("<Categories><Category/></Categories>").is_empty());
    }

    #[test]
    fn adds_below_what_is_there_and_takes_it_back() {
        let before = "<Categories><Category Assigned=\"0\">animal<Category Assigned=\"1\">cat\
                      </Category></Category></Categories>";
        let after = edited(before, &["animal|dog", "sky"], &[]);
        assert_eq!(
            after,
            "<Categories><Category Assigned=\"0\">animal<Category Assigned=\"1\">cat</Category>\
             <Category Assigned=\"1\">dog</Category></Category>\
             <Category Assigned=\"1\">sky</Category></Categories>"
        );
        let cleared = edited(&after, &[], &["animal|dog", "sky"]);
        assert_eq!(cleared, before);
        let marked = edited(before, &["animal"], &[]);
        assert_eq!(paths(&marked), ["animal", "animal|cat"]);
        assert_eq!(edited(&marked, &[], &["animal"]), before);
    }

    #[test]
    fn takes_out_levels_that_were_there_for_nothing_else() {
        let nested = edited("<Categories></Categories>", &["a|b|c"], &[]);
        assert_eq!(
            edited(&nested, &[], &["a|b|c"]),
            "<Categories></Categories>"
        );
    }
}
