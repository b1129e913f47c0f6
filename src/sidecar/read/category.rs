//! `acdsee:categories`: a property whose value is XML of its own, escaped.
//!
//! ```xml
//! <Categories><Category Assigned="0">animal<Category Assigned="1">dog</Category></Category></Categories>
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::sidecar::edit::splice::Splice;
use crate::sidecar::read::xml;

/// Past this the value is left alone: ten thousands of categories.
const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 50;

/// A category and those below it. Ranges are into the inner text.
#[derive(Debug, Default)]
struct Category {
    name: String,
    /// The value of `Assigned`, and where it stands.
    assigned: Option<(bool, Range<usize>)>,
    range: Range<usize>,
    /// Where its end tag starts.
    end: usize,
    children: Vec<Category>,
}

impl Category {
    fn is_assigned(&self) -> bool {
        self.assigned.as_ref().is_some_and(|(yes, _)| *yes)
    }
}

/// The assigned categories as paths with `|`; none where the value is not understood.
pub(crate) fn paths(inner: &str) -> Vec<String> {
    fn collect(category: &Category, above: &str, out: &mut Vec<String>) {
        let path = match above {
            "" => category.name.clone(),
            _ => format!("{above}|{}", category.name),
        };
        if category.is_assigned() {
            out.push(path.clone());
        }
        for child in &category.children {
            collect(child, &path, out);
        }
    }
    let mut out = Vec::new();
    for category in read(inner).iter().flat_map(|root| &root.children) {
        collect(category, "", &mut out);
    }
    out
}

/// The value that holds these paths alone.
pub(crate) fn write(paths: &[String]) -> String {
    let mut tree = Additions::default();
    for path in paths {
        tree.add(path.split('|'));
    }
    format!("<Categories>{}</Categories>", tree.render())
}

/// The changes that bring paths into a value and take others out of it. `raw` is the escaped value
/// as it stands at `at` in the document. `None` where the value is not understood.
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

/// Takes one path out, with the levels above it that were there for nothing else.
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

/// New categories below one that is there.
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

/// The text that `raw` stands for, and for every byte of it (and its end) the place in `raw`.
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

/// The root of the value: a category without a name.
fn read(inner: &str) -> Option<Category> {
    if inner.len() > MAX_BYTES {
        return None;
    }
    let mut reader = Reader::from_str(inner);
    let mut stack: Vec<Category> = Vec::new();
    let mut before = 0;
    loop {
        let event = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Start(start) => {
                let name = start.name().0;
                let expected = if stack.is_empty() {
                    "Categories"
                } else {
                    "Category"
                };
                if name != expected || stack.len() > MAX_DEPTH {
                    return None;
                }
                let source = inner.get(before + 1 + name.len()..after - 1)?;
                let attributes = xml::attributes(source, before + 1 + name.len()).ok()?;
                let assigned = attributes.iter().find(|a| a.name == "Assigned");
                stack.push(Category {
                    assigned: assigned.map(|a| (a.raw == "1", a.value.clone())),
                    range: before..after,
                    ..Category::default()
                });
            }
            Event::End(_) => {
                let mut category = stack.pop()?;
                category.end = before;
                category.range.end = after;
                category.name = crate::sidecar::read::keyword::clean(&category.name);
                match stack.last_mut() {
                    Some(parent) => parent.children.push(category),
                    None => {
                        let rest = inner.get(after..)?;
                        return rest.trim().is_empty().then_some(category);
                    }
                }
            }
            Event::Text(_) | Event::GeneralRef(_) => {
                let text = xml::unescape(inner.get(before..after)?).ok()?;
                match stack.last_mut() {
                    Some(category) => category.name.push_str(&text),
                    None if text.trim().is_empty() => {}
                    None => return None,
                }
            }
            // Comments and the like: no program writes them here, and none of it is lost by
            // leaving the value alone.
            _ => return None,
        }
        before = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::edit::splice::{apply, revert};

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
