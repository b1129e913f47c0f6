//! Edits generated sidecars: odd, but valid.

use proptest::prelude::*;

use crate::sidecar::edit_tests::{put, there_and_back};
use crate::sidecar::*;

const NAMESPACES: [(&str, &str); 5] = [
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("lr", "http://ns.adobe.com/lightroom/1.0/"),
    ("digiKam", "http://www.digikam.org/ns/1.0/"),
    ("MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/"),
    ("mediapro", "http://ns.iview-multimedia.com/mediapro/1.0/"),
];
const LOCALS: [&str; 5] = [
    "subject",
    "hierarchicalSubject",
    "TagsList",
    "LastKeywordXMP",
    "CatalogSets",
];

/// The style of a file: line ends, indentation, quotes, prefixes.
#[derive(Clone, Debug)]
struct Style {
    newline: &'static str,
    unit: &'static str,
    quote: char,
    rdf: &'static str,
    prefixed: &'static str,
    declare_outside: bool,
    packet: bool,
    meta: bool,
    bytes: u8,
}

fn style() -> impl Strategy<Value = Style> {
    (
        prop::sample::select(vec!["", "\n", "\r\n", "\r", "\n\n"]),
        prop::sample::select(vec!["", " ", "\t", "    "]),
        prop::sample::select(vec!['"', '\'']),
        prop::sample::select(vec!["rdf:", "r:", ""]),
        prop::sample::select(vec!["", "x", "é"]),
        any::<(bool, bool, bool)>(),
        0..6_u8,
    )
        .prop_map(
            |(newline, unit, quote, rdf, prefixed, flags, bytes)| Style {
                newline,
                unit,
                quote,
                rdf,
                prefixed,
                declare_outside: flags.0,
                packet: flags.1,
                meta: flags.2,
                bytes,
            },
        )
}

/// One keyword property of a Description.
#[derive(Clone, Debug)]
struct Property {
    which: usize,
    form: u8,
    values: Vec<String>,
}

fn value() -> impl Strategy<Value = String> {
    let names = vec![
        "cat",
        "a &amp; b",
        "&lt;x&gt;",
        "日本",
        "<![CDATA[<&]]>",
        "&#x41;",
        " spaced  out ",
        "\n wrapped \n",
        "a|b",
        "a/b",
        "é",
        "e\u{301}",
        "😀",
        "'q'",
        "<!-- c -->note",
    ];
    prop::sample::select(names).prop_map(str::to_owned)
}

fn property() -> impl Strategy<Value = Property> {
    (0..5_usize, 0..10_u8, prop::collection::vec(value(), 0..4)).prop_map(
        |(which, form, values)| Property {
            which,
            form,
            values,
        },
    )
}

#[derive(Clone, Debug)]
struct Description {
    properties: Vec<Property>,
    others: Vec<u8>,
    closed: bool,
}

fn description() -> impl Strategy<Value = Description> {
    (
        prop::collection::vec(property(), 0..3),
        prop::collection::vec(0..8_u8, 0..4),
        any::<bool>(),
    )
        .prop_map(|(properties, others, closed)| Description {
            properties,
            others,
            closed,
        })
}

struct Writer<'s> {
    style: &'s Style,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.out.push_str(self.style.newline);
        if !self.style.newline.is_empty() {
            self.out.push_str(&self.style.unit.repeat(depth));
        }
        self.out.push_str(text);
    }

    fn rdf(&self, local: &str) -> String {
        format!("{}{local}", self.style.rdf)
    }

    fn property(&mut self, property: &Property) {
        let style = self.style;
        let name = format!(
            "{}{}:{}",
            NAMESPACES[property.which].0, style.prefixed, LOCALS[property.which]
        );
        let (container, li) = match property.form {
            1 => (self.rdf("Seq"), self.rdf("li")),
            2 => (self.rdf("Alt"), self.rdf("li")),
            _ => (self.rdf("Bag"), self.rdf("li")),
        };
        match property.form {
            // An attribute in RDF's namespace needs a prefix, so not the default one.
            0..=2 | 9 => {
                self.line(3, &format!("<{name}>"));
                self.line(4, &format!("<{container}>"));
                for value in &property.values {
                    self.line(5, &format!("<{li}>{value}</{li}>"));
                }
                if property.form == 9 {
                    self.line(5, "<!-- last -->");
                }
                self.line(4, &format!("</{container}>"));
                self.line(3, &format!("</{name}>"));
            }
            3 => self.line(3, &format!("<{name}><{container}/></{name}>")),
            4 => self.line(3, &format!("<{name}/>")),
            5 => self.line(3, &format!("<{name}>{}</{name}>", property.values.concat())),
            6 => {
                let items: String = property
                    .values
                    .iter()
                    .map(|v| format!("<{li}>{v}</{li}>"))
                    .collect();
                self.line(
                    3,
                    &format!("<{name}><{container} >{items}</{container} ></{name}>"),
                );
            }
            7 => {
                let (node, value) = (self.rdf("Description"), self.rdf("value"));
                let text = property.values.first().map_or("", String::as_str);
                self.line(3, &format!("<{name}><{container}><{li} xml:lang='x'><{node}><{value}>{text}</{value}></{node}></{li}></{container}></{name}>"));
            }
            _ => {
                let (node, value) = (self.rdf("Description"), self.rdf("value"));
                self.line(3, &format!("<{name}><{node}><{value}><{container}></{container}></{value}></{node}></{name}>"));
            }
        }
    }

    fn other(&mut self, kind: u8) {
        let subject = format!("dc{}:subject", self.style.prefixed);
        let seq = self.rdf("Seq");
        let text = match kind {
            0 => "<!-- a <comment> & such -->".to_owned(),
            1 => "<u:x xmlns:u='urn:u'><u:y a='1'/>text</u:x>".to_owned(),
            2 => "<?instruction with=\"content\"?>".to_owned(),
            3 => format!(
                "<u:n xmlns:u='urn:n'><{subject} xmlns:dc{}='urn:no'>no</{subject}></u:n>",
                self.style.prefixed
            ),
            4 => format!("<u:l xmlns:u='urn:u'><{seq}/></u:l>"),
            5 => "<u:d xmlns:u='urn:u'><![CDATA[</dc:subject>]]></u:d>".to_owned(),
            6 => "<lr:x xmlns:lr='urn:other'>1</lr:x>".to_owned(),
            _ => "<u:e xmlns:u='urn:u' b='&gt;'  c = \"'\" />".to_owned(),
        };
        self.line(3, &text);
    }
}

fn document(style: &Style, descriptions: &[Description]) -> String {
    let mut writer = Writer {
        style,
        out: String::new(),
    };
    let q = style.quote;
    if style.packet {
        writer
            .out
            .push_str(&format!("<?xpacket begin={q}\u{FEFF}{q} id={q}W5M0{q}?>"));
    }
    if style.meta {
        writer.line(0, &format!("<x:xmpmeta xmlns:x={q}adobe:ns:meta/{q}>"));
    }
    let rdf = writer.rdf("RDF");
    let xmlns = match style.rdf.strip_suffix(':') {
        Some(prefix) => format!("xmlns:{prefix}"),
        None => "xmlns".to_owned(),
    };
    let declared: String = NAMESPACES
        .iter()
        .map(|(prefix, uri)| format!(" xmlns:{prefix}{}={q}{uri}{q}", style.prefixed))
        .collect();
    let (outside, inside) = match style.declare_outside {
        true => (declared.as_str(), ""),
        false => ("", declared.as_str()),
    };
    writer.line(
        1,
        &format!("<{rdf} {xmlns}={q}{}{q}{outside}>", document::RDF),
    );
    let mut used = [false; 5];
    for description in descriptions {
        let name = writer.rdf("Description");
        let about = match style.rdf {
            "" => String::new(),
            prefix => format!(" {prefix}about={q}{q}"),
        };
        if description.closed && description.others.is_empty() {
            // One value as an attribute, which such a Description has room for.
            let attribute = description.properties.iter().find(|p| !used[p.which]);
            let attribute = attribute.map_or(String::new(), |p| {
                used[p.which] = true;
                let text = p.values.concat();
                let plain = !text.contains('<') && !text.contains(q);
                let text = if plain { text.as_str() } else { "x" };
                format!(
                    " {}{}:{}={q}{text}{q}",
                    NAMESPACES[p.which].0, style.prefixed, LOCALS[p.which]
                )
            });
            writer.line(2, &format!("<{name}{about}{inside}{attribute}/>"));
            continue;
        }
        writer.line(2, &format!("<{name}{about}{inside}>"));
        for (i, kind) in description.others.iter().enumerate() {
            writer.other(*kind);
            if let Some(property) = description.properties.get(i).filter(|p| !used[p.which]) {
                used[property.which] = true;
                writer.property(property);
            }
        }
        writer.line(2, &format!("</{name}>"));
    }
    writer.line(1, &format!("</{rdf}>"));
    if style.meta {
        writer.line(0, "</x:xmpmeta>");
    }
    if style.packet {
        let padding = format!("{}{}", " ".repeat(60), style.newline);
        writer.out.push_str(&padding.repeat(3));
        writer.out.push_str(&format!("<?xpacket end={q}w{q}?>"));
    }
    writer.out
}

fn bytes(style: &Style, text: &str) -> Vec<u8> {
    let mark = if style.bytes % 2 == 1 { "\u{FEFF}" } else { "" };
    let text = format!("{mark}{}", text.trim_start());
    match style.bytes / 2 {
        0 => text.into_bytes(),
        1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_sidecars_come_back_to_the_byte(
        style in style(),
        descriptions in prop::collection::vec(description(), 0..4),
        every in any::<bool>(),
    ) {
        let text = document(&style, &descriptions);
        let bytes = bytes(&style, &text);
        let properties = if every { Properties::EVERY } else { Properties::default() };
        there_and_back(&text, &bytes, &properties);
    }

    /// Through a change by another program, after which positions are unknown.
    #[test]
    fn generated_sidecars_keep_the_persons_keywords(
        style in style(),
        descriptions in prop::collection::vec(description(), 0..4),
    ) {
        let text = document(&style, &descriptions);
        let properties = Properties::EVERY;
        let dog = [Keyword::new(["animal", "dög"]).unwrap(), Keyword::new(["flat"]).unwrap()];
        let before = read_keywords(text.trim_start().as_bytes()).unwrap();
        let added = put(text.trim_start().as_bytes(), &dog, None, &properties);
        let changed = format!("{}<!-- changed -->", String::from_utf8(added.bytes).unwrap());
        let fewer = put(changed.as_bytes(), &dog[1..], Some(&added.record), &properties);
        let none = put(&fewer.bytes, &[], Some(&fewer.record), &properties);
        prop_assert_eq!(read_keywords(&none.bytes).unwrap(), before);
        prop_assert!(none.record.is_empty());
    }
}
