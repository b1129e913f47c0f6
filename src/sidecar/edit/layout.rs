//! White space around inserted text, copied from the file.

use crate::sidecar::edit::splice::Splice;
use crate::sidecar::read::document::{Document, Element, gap_start, indent};

/// Where lines of new elements start. All are empty if the document has only one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    newline: &'static str,
    indent: String,
    unit: String,
}

impl Layout {
    /// Takes the layout for children of `element` from its last child or from its own position.
    pub(crate) fn of_children(document: &Document<'_>, element: &Element<'_>) -> Self {
        let text = document.text;
        let own = indent(text, element.open.start);
        let (indent, unit) = match &element.last_child {
            Some(last) => {
                let Some(indent) = indent(text, last.start) else {
                    return Self::default();
                };
                let unit = own.and_then(|own| indent.strip_prefix(own));
                (indent.to_owned(), unit.filter(|unit| !unit.is_empty()))
            }
            None => {
                let Some(own) = own else {
                    return Self::default();
                };
                let unit = usual_unit(document);
                (format!("{own}{}", unit.unwrap_or(" ")), unit)
            }
        };
        Self {
            newline: document.newline,
            indent,
            unit: unit.unwrap_or(" ").to_owned(),
        }
    }

    /// One level deeper.
    pub(crate) fn deeper(&self) -> Self {
        let mut deeper = self.clone();
        deeper.indent.push_str(&self.unit);
        deeper
    }

    /// The text before an element: a line end and the indentation, or nothing.
    pub(crate) fn line(&self) -> String {
        if self.newline.is_empty() {
            return String::new();
        }
        format!("{}{}", self.newline, self.indent)
    }
}

/// The indentation of a Description relative to the rdf:RDF around it.
fn usual_unit<'t>(document: &Document<'t>) -> Option<&'t str> {
    let rdf = document.rdf.as_ref()?;
    let description = document.descriptions.first()?;
    let inner = indent(document.text, description.element.open.start)?;
    let outer = indent(document.text, rdf.open.start)?;
    inner.strip_prefix(outer).filter(|unit| !unit.is_empty())
}

/// Appends children to an element, and gives it an end tag if it has none. `children` gets the
/// layout and returns text without the line end before the first.
pub(crate) fn append(
    document: &Document<'_>,
    element: &Element<'_>,
    children: &dyn Fn(&Layout) -> String,
) -> Splice {
    let layout = Layout::of_children(document, element);
    let inner = layout.line() + &children(&layout);
    let text = document.text;
    let own_line = match indent(text, element.open.start) {
        Some(own) if !layout.newline.is_empty() => format!("{}{own}", document.newline),
        _ => String::new(),
    };
    if element.self_closed() {
        let end = element.open.end;
        return Splice {
            range: end - 2..end,
            text: format!(">{inner}{own_line}</{}>", element.name),
        };
    }
    if let Some(last) = &element.last_child {
        return Splice::insert(last.end, inner);
    }
    let content = &text[element.content()];
    if !element.is_blank() {
        return Splice::insert(gap_start(text, element.close.start), inner);
    }
    let closes_on_its_line = content.contains(['\n', '\r']);
    let tail = if closes_on_its_line { "" } else { &own_line };
    Splice::insert(element.open.end, format!("{inner}{tail}"))
}

/// Returns the gap between the items of a list before `at`, with at most one line end.
pub(crate) fn gap_before(text: &str, at: usize) -> &str {
    let gap = &text[gap_start(text, at)..at];
    match gap.rfind(['\n', '\r']) {
        Some(i) if gap[..i].ends_with('\r') => &gap[i - 1..],
        Some(i) => &gap[i..],
        None => gap,
    }
}
