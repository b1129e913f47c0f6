//! `acdsee:categories`: a property that contains escaped XML.
//!
//! ```xml
//! <Categories><Category Assigned="0">animal<Category Assigned="1">dog</Category></Category></Categories>
//! ```

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::core::text::clean;
use crate::sidecar::read::xml;

/// A longer value is left alone: this is room for tens of thousands of categories.
pub(crate) const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 50;

/// A category with its subcategories. Ranges are into the inner text.
#[derive(Debug, Default)]
pub(crate) struct Category {
    pub(crate) name: String,
    /// The value of `Assigned`, and its range.
    pub(crate) assigned: Option<(bool, Range<usize>)>,
    pub(crate) range: Range<usize>,
    /// The start of its end tag.
    pub(crate) end: usize,
    pub(crate) children: Vec<Category>,
}

impl Category {
    pub(crate) fn is_assigned(&self) -> bool {
        self.assigned.as_ref().is_some_and(|(yes, _)| *yes)
    }
}

/// Returns the assigned categories as paths with `|`; none if the value cannot be parsed.
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

/// Parses the value; its root is a category without a name.
pub(crate) fn read(inner: &str) -> Option<Category> {
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
                category.name = clean(&category.name);
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
            // Comments and the like: no program writes them here, and leaving the value alone loses
            // nothing.
            _ => return None,
        }
        before = after;
    }
}
