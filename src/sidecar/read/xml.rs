//! The rules of XML 1.0 that quick-xml leaves to its user: characters, names, attributes,
//! references. All are checked, because Taglens must not write a file that other parsers reject.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

/// A position relative to the examined text, and what is wrong there.
pub(crate) type Flaw = (usize, String);

/// An attribute in its tag; ranges are into the document.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'t> {
    /// Name with its prefix.
    pub(crate) name: &'t str,
    /// The value between the quotes, with references.
    pub(crate) raw: &'t str,
    /// The attribute with the white space before it.
    pub(crate) whole: Range<usize>,
    /// The value between the quotes.
    pub(crate) value: Range<usize>,
}

/// Whether XML 1.0 (production 2) allows the character.
pub(crate) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// White space of XML, which is less than Unicode's.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}'
            | '\u{203F}'..='\u{2040}')
}

/// Whether it is a name without a colon (Namespaces in XML, production 4).
pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// Splits a name into prefix (may be empty) and local name; `None` if it is not a qualified name.
pub(crate) fn split_name(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => is_name(name).then_some(("", name)),
        Some((prefix, local)) => (is_name(prefix) && is_name(local)).then_some((prefix, local)),
    }
}

/// Returns the attributes of a start tag, in order.
///
/// `source` is the text between the name and the end of the tag; it starts at `at` in the document.
pub(crate) fn attributes(source: &str, at: usize) -> Result<Vec<Attribute<'_>>, Flaw> {
    let mut found = Vec::new();
    let mut names = HashSet::new();
    let mut rest = source;
    loop {
        let start = source.len() - rest.len();
        let flaw = |reason: &str| (at + start, reason.to_owned());
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.is_empty() {
            return Ok(found);
        }
        if trimmed.len() == rest.len() {
            return Err(flaw("attributes without a space between them"));
        }
        let length = trimmed
            .find(|c: char| is_space(c) || c == '=')
            .unwrap_or(trimmed.len());
        let (name, after) = trimmed.split_at(length);
        if split_name(name).is_none() {
            return Err(flaw("something that is no attribute in a tag"));
        }
        let after = after
            .trim_start_matches(is_space)
            .strip_prefix('=')
            .map(|after| after.trim_start_matches(is_space));
        let quote = after.and_then(|after| after.chars().next());
        let (Some(after), Some(quote @ ('"' | '\''))) = (after, quote) else {
            return Err(flaw("an attribute without a quoted value"));
        };
        let Some((raw, tail)) = after[1..].split_once(quote) else {
            return Err(flaw("an attribute whose value does not end"));
        };
        let value = at + source.len() - after.len() + 1;
        if let Some(i) = raw.find('<') {
            return Err((value + i, "a < inside a value".to_owned()));
        }
        unescape(raw).map_err(|(i, reason)| (value + i, reason))?;
        if !names.insert(name) {
            return Err(flaw("an attribute that stands twice in a tag"));
        }
        found.push(Attribute {
            name,
            raw,
            whole: at + start..at + source.len() - tail.len(),
            value: value..value + raw.len(),
        });
        rest = tail;
    }
}

/// Whether it is an XML declaration of version 1 (production 23).
pub(crate) fn is_declaration(raw: &str) -> bool {
    let inside = raw.strip_prefix("<?xml").and_then(|r| r.strip_suffix("?>"));
    let Some(Ok(found)) = inside.map(|inside| attributes(inside, 0)) else {
        return false;
    };
    let names: Vec<&str> = found.iter().map(|a| a.name).collect();
    let sound = matches!(
        names[..],
        ["version"]
            | ["version", "encoding" | "standalone"]
            | ["version", "encoding", "standalone"]
    );
    sound && found[0].raw.starts_with("1.")
}

/// Unescapes `raw`: XML's five named references and numeric ones. Others would need a document
/// type, which no sidecar may have.
pub(crate) fn unescape(raw: &str) -> Result<Cow<'_, str>, Flaw> {
    if !raw.contains('&') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(i) = rest.find('&') {
        out.push_str(&rest[..i]);
        let at = raw.len() - rest.len() + i;
        let after = &rest[i + 1..];
        let reference = after.find(';').map(|end| &after[..end]);
        let Some((reference, c)) = reference.and_then(|r| Some((r, referenced(r)?))) else {
            let shown: String = after.chars().take(12).collect();
            return Err((at, format!("“&{shown}” is no character that XML has")));
        };
        out.push(c);
        rest = &after[reference.len() + 1..];
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

fn referenced(reference: &str) -> Option<char> {
    let number = match reference {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => reference.strip_prefix('#')?,
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    char::from_u32(code).filter(|&c| is_char(c))
}

/// Escapes text for use between tags or in either kind of quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                // Writing into a String cannot fail.
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_attributes_with_their_places() {
        let source = " a=\"1\"\n  x:b = '&lt;\"' ";
        let found = attributes(source, 10).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name, found[0].raw), ("a", "1"));
        assert_eq!(found[0].whole, 10..16);
        assert_eq!((found[1].name, found[1].raw), ("x:b", "&lt;\""));
        let value = found[1].value.clone();
        assert_eq!(&source[value.start - 10..value.end - 10], "&lt;\"");
        for wrong in [
            " a",
            " a=1",
            " a='1",
            " a='1'b='2'",
            " a='<'",
            " a='&b;'",
            " a='1' a='2'",
            " 1='1'",
            " a:b:c='1'",
            " =''",
            " a='&#0;'",
        ] {
            assert!(attributes(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn references_are_read_and_checked() {
        assert_eq!(
            unescape("a&amp;&#x26;&#38;&quot;").unwrap(),
            "a&&&\"",
            "the same character three ways"
        );
        for wrong in ["&", "&;", "&foo;", "&#xD800;", "&#8;", "&#x;", "&#+5;"] {
            assert!(unescape(wrong).is_err(), "{wrong}");
        }
        let text = "<a & 'b' \"c\">\t";
        assert_eq!(unescape(&escape(text)).unwrap(), text);
    }

    #[test]
    fn declarations_are_in_order() {
        assert!(is_declaration(
            "<?xml version='1.0' encoding=\"UTF-8\" standalone='yes' ?>"
        ));
        for wrong in [
            "<?xml?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='2.0'?>",
            "<?xml x?>",
        ] {
            assert!(!is_declaration(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_have_at_most_one_prefix() {
        assert_eq!(split_name("rdf:li"), Some(("rdf", "li")));
        assert_eq!(split_name("é"), Some(("", "é")));
        for wrong in ["", ":a", "a:", "a:b:c", "1a", "a b", "-a"] {
            assert_eq!(split_name(wrong), None, "{wrong}");
        }
    }
}
