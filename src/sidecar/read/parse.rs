//! Parses a sidecar: checks every byte and keeps only what concerns keywords.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::sidecar::read::document::{Description, Document, Element, RDF};
use crate::sidecar::read::error::{Fault, line_and_column};
use crate::sidecar::read::namespaces::Namespaces;
use crate::sidecar::read::property::Property;
use crate::sidecar::read::role::{Named, Role, describe, take_attribute, unescaped};
use crate::sidecar::read::xml;
use crate::sidecar::read::xml::Attribute;

/// Sidecars have about ten.
const MAX_DEPTH: usize = 200;
/// The most prefixes in scope. ExifTool, which knows the most, has about a hundred.
const MAX_NAMESPACES: usize = 256;
/// ExifTool writes one for each namespace.
const MAX_DESCRIPTIONS: usize = 10_000;
/// Elements inside keyword properties: tens of thousands of keywords.
const MAX_KEPT: usize = 100_000;

/// Parses the text of a sidecar.
///
/// # Errors
/// [`Fault::Malformed`] with the position if it is not well-formed XML with namespaces,
/// [`Fault::Doctype`], and the limits.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Fault> {
    if let Some((at, c)) = text.char_indices().find(|&(_, c)| !xml::is_char(c)) {
        let reason = format!(
            "the character U+{:04X}, which XML does not have",
            u32::from(c)
        );
        return Err(Fault::malformed(text, at, reason));
    }
    let mut parser = Parser::new(text);
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    config.check_end_names = true;
    let mut before = 0;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                // The error's position is the reader's; everything before it is sound.
                let at = usize::try_from(reader.error_position()).unwrap_or(before);
                return Err(Fault::malformed(text, at.max(before), error.to_string()));
            }
        };
        let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        if text.get(before..after).is_none() {
            return Err(Fault::malformed(text, before, "text that cannot be read"));
        }
        if parser.take(&event, before..after)? {
            return parser.finish();
        }
        before = after;
    }
}

struct Frame<'t> {
    role: Role,
    element: Element<'t>,
    /// The number of declarations in scope outside it.
    namespaces: usize,
}

struct Parser<'t> {
    document: Document<'t>,
    stack: Vec<Frame<'t>>,
    namespaces: Namespaces<'t>,
    rooted: bool,
    /// Whether the rdf:RDF element that counts was opened.
    found_rdf: bool,
    kept: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            document: Document::new(text),
            stack: Vec::new(),
            namespaces: Namespaces::default(),
            rooted: false,
            found_rdf: false,
            kept: 0,
        }
    }

    fn bad<T>(&self, at: usize, reason: impl Into<String>) -> Result<T, Fault> {
        Err(Fault::malformed(self.document.text, at, reason))
    }

    fn line(&self, at: usize) -> usize {
        line_and_column(self.document.text, at).0
    }

    /// Handles the event at `range` of the text. Returns whether it was the end.
    fn take(&mut self, event: &Event<'_>, range: Range<usize>) -> Result<bool, Fault> {
        let raw = &self.document.text[range.clone()];
        match event {
            Event::Start(_) => self.open(raw, range, false)?,
            Event::Empty(_) => self.open(raw, range, true)?,
            Event::End(_) => self.close(range)?,
            Event::Text(_) | Event::GeneralRef(_) => self.text(raw, range.start)?,
            Event::CData(data) => {
                let Some(frame) = self.stack.last_mut() else {
                    return self.bad(range.start, "text outside of the root element");
                };
                frame.element.mixed = true;
                if frame.role.keeps_text() {
                    frame.element.text.push_str(data);
                }
            }
            Event::Comment(_) => self.mixed(),
            Event::PI(pi) => {
                let target = pi.target();
                if target.eq_ignore_ascii_case("xml") || !xml::is_name(target) {
                    return self.bad(range.start, "an instruction without a proper name");
                }
                self.mixed();
            }
            Event::Decl(_) => self.declaration(raw, range)?,
            Event::DocType(_) => {
                return Err(Fault::Doctype {
                    line: self.line(range.start),
                });
            }
            Event::Eof => return Ok(true),
        }
        Ok(false)
    }

    fn mixed(&mut self) {
        if let Some(frame) = self.stack.last_mut() {
            frame.element.mixed = true;
        }
    }

    fn declaration(&self, raw: &str, range: Range<usize>) -> Result<(), Fault> {
        if range.start != 0 {
            return self.bad(range.start, "an XML declaration that is not at the start");
        }
        if !xml::is_declaration(raw) {
            return self.bad(0, "an XML declaration that says something unknown");
        }
        Ok(())
    }

    fn text(&mut self, raw: &str, at: usize) -> Result<(), Fault> {
        if let Some(i) = raw.find("]]>") {
            return self.bad(at + i, "the end of a CDATA section that did not begin");
        }
        let text = match xml::unescape(raw) {
            Ok(text) => text,
            Err((i, reason)) => return self.bad(at + i, reason),
        };
        match self.stack.last_mut() {
            Some(frame) if frame.role.keeps_text() => frame.element.text.push_str(&text),
            // Records only whether there is any.
            Some(frame) if frame.element.text.is_empty() && !text.trim().is_empty() => {
                frame.element.text.push('.');
            }
            Some(_) => {}
            None if raw.trim_matches(xml::is_space).is_empty() => {}
            None => return self.bad(at, "text outside of the root element"),
        }
        Ok(())
    }

    fn open(&mut self, raw: &'t str, range: Range<usize>, empty: bool) -> Result<(), Fault> {
        let inside = raw.strip_prefix('<').and_then(|r| r.strip_suffix('>'));
        let inside = inside.and_then(|r| if empty { r.strip_suffix('/') } else { Some(r) });
        let Some(inside) = inside else {
            return self.bad(range.start, "a tag that cannot be read");
        };
        if self.stack.is_empty() && self.rooted {
            return self.bad(range.start, "a second root element");
        }
        self.rooted = true;
        if self.stack.len() >= MAX_DEPTH {
            return Err(Fault::TooDeep {
                line: self.line(range.start),
                limit: MAX_DEPTH,
            });
        }
        let length = inside.find(xml::is_space).unwrap_or(inside.len());
        let (name, rest) = inside.split_at(length);
        let Some((prefix, local)) = xml::split_name(name) else {
            return self.bad(range.start, "an element without a proper name");
        };
        let attributes = xml::attributes(rest, range.start + 1 + length)
            .or_else(|(at, reason)| self.bad(at, reason))?;
        let outside = self.namespaces.len();
        self.bind(&attributes)?;
        let mut element = Element {
            name,
            open: range.clone(),
            close: range.end..range.end,
            ..Element::default()
        };
        let uri = self.resolve(prefix, range.start)?;
        element.rdf = (uri == RDF).then_some(local);
        let role = self.role(&uri, local);
        self.found_rdf |= role == Role::Rdf;
        let named = self.name_attributes(&attributes)?;
        if matches!(
            role,
            Role::Meta | Role::Rdf | Role::Description | Role::Keyword(_) | Role::Inside
        ) {
            self.keep()?;
            element.rdf_prefix = self.namespaces.prefix_for(&[RDF]);
            describe(&mut element, &named);
        }
        if role == Role::Description {
            self.describe_photo(element.clone(), &named)?;
        }
        self.stack.push(Frame {
            role,
            element,
            namespaces: outside,
        });
        if empty {
            self.pop();
        }
        Ok(())
    }

    /// Adds the namespaces that a tag declares.
    fn bind(&mut self, attributes: &[Attribute<'t>]) -> Result<(), Fault> {
        for attribute in attributes {
            let prefix = match attribute.name.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if attribute.name == "xmlns" => "",
                _ => continue,
            };
            if self.namespaces.len() >= MAX_NAMESPACES {
                return Err(Fault::TooMany {
                    what: "namespaces",
                    limit: MAX_NAMESPACES,
                });
            }
            if !self.namespaces.declare(prefix, unescaped(attribute)) {
                return self.bad(attribute.whole.start, "a namespace that cannot be declared");
            }
            self.document.prefixes.insert(prefix);
        }
        Ok(())
    }

    /// The namespace of a prefix; without a prefix, the default one.
    fn resolve(&self, prefix: &str, at: usize) -> Result<Cow<'t, str>, Fault> {
        match self.namespaces.resolve(prefix) {
            Some(uri) => Ok(uri),
            None => self.bad(at, format!("the prefix “{prefix}” is not declared")),
        }
    }

    /// The attributes that are not declarations, by namespace and name.
    fn name_attributes(&self, attributes: &[Attribute<'t>]) -> Result<Vec<Named<'t>>, Fault> {
        let mut seen = HashSet::new();
        let mut named = Vec::new();
        for attribute in attributes {
            let (prefix, local) = xml::split_name(attribute.name).unwrap_or(("", ""));
            if prefix == "xmlns" || attribute.name == "xmlns" {
                continue;
            }
            let uri = match prefix {
                "" => Cow::Borrowed(""),
                _ => self.resolve(prefix, attribute.whole.start)?,
            };
            if !seen.insert((uri.clone(), local)) {
                let reason = "an attribute that occurs twice in a tag";
                return self.bad(attribute.whole.start, reason);
            }
            named.push(Named {
                uri,
                local,
                attribute: attribute.clone(),
            });
        }
        Ok(named)
    }

    fn role(&self, uri: &str, local: &str) -> Role {
        let around = self.stack.last().map(|frame| frame.role);
        let has_meta = self.document.meta.is_some() || !self.stack.is_empty();
        Role::of(uri, local, around, self.found_rdf, has_meta)
    }

    fn keep(&mut self) -> Result<(), Fault> {
        self.kept += 1;
        if self.kept > MAX_KEPT {
            return Err(Fault::TooMany {
                what: "keywords",
                limit: MAX_KEPT,
            });
        }
        Ok(())
    }

    fn describe_photo(&mut self, element: Element<'t>, named: &[Named<'t>]) -> Result<(), Fault> {
        if self.document.descriptions.len() >= MAX_DESCRIPTIONS {
            return Err(Fault::TooMany {
                what: "rdf:Description elements",
                limit: MAX_DESCRIPTIONS,
            });
        }
        let mut description = Description {
            plain: element.rdf == Some("Description"),
            about: String::new(),
            prefixes: Property::ALL
                .map(|property| self.namespaces.prefix_for(property.facts().uris)),
            attributes: Vec::new(),
            properties: Vec::new(),
            element,
        };
        for named in named {
            take_attribute(&mut self.document, &mut description, named);
        }
        self.document.descriptions.push(description);
        Ok(())
    }

    fn close(&mut self, range: Range<usize>) -> Result<(), Fault> {
        let Some(frame) = self.stack.last_mut() else {
            return self.bad(range.start, "an end tag without a start tag");
        };
        frame.element.close = range;
        self.pop();
        Ok(())
    }

    /// Moves the innermost element into its parent.
    fn pop(&mut self) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        self.namespaces.leave(frame.namespaces);
        let element = frame.element;
        if let Some(parent) = self.stack.last_mut() {
            parent.element.last_child = Some(element.range());
        }
        let document = &mut self.document;
        match frame.role {
            Role::Other | Role::Sibling => {}
            Role::ForExtension => document.for_extension = Some(element.text),
            Role::DerivedFrom => document.derived_from = Some(element.text),
            Role::Fact(fact) => document.facts.push((fact, element.text)),
            Role::Extension => document.extensions.push(element.range()),
            Role::Meta => document.meta = Some(element),
            Role::Rdf => document.rdf = Some(element),
            Role::Description => {
                if let Some(description) = document.descriptions.last_mut() {
                    description.element = element;
                }
            }
            Role::Keyword(property) => {
                if let Some(description) = document.descriptions.last_mut() {
                    description.properties.push((property, element));
                }
            }
            Role::Inside => {
                if let Some(parent) = self.stack.last_mut() {
                    parent.element.children.push(element);
                }
            }
        }
    }

    fn finish(self) -> Result<Document<'t>, Fault> {
        let end = self.document.text.len();
        if let Some(frame) = self.stack.last() {
            let line = self.line(frame.element.open.start);
            let reason = format!(
                "the file ends before <{}> of line {line} is closed",
                frame.element.name
            );
            return self.bad(end, reason);
        }
        if !self.rooted {
            return self.bad(end, "there is no root element");
        }
        Ok(self.document)
    }
}
