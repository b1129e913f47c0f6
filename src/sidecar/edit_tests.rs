//! Edits, case by case and on the sidecars of other programs.

use crate::sidecar::edit::bytes::Edited;
use crate::sidecar::read::keywords::Keywords;
use crate::sidecar::*;

pub(crate) fn keyword(path: &str) -> Keyword {
    Keyword::new(path.split('|')).unwrap()
}

pub(crate) fn request<'a>(
    wanted: &'a [Keyword],
    previously: Option<&'a Record>,
    properties: &'a Properties,
) -> Request<'a> {
    Request {
        wanted,
        confidences: &[],
        previously,
        properties,
        terms: Terms::default(),
    }
}

pub(crate) fn put(
    bytes: &[u8],
    wanted: &[Keyword],
    previously: Option<&Record>,
    properties: &Properties,
) -> Edited {
    edit(bytes, &request(wanted, previously, properties)).unwrap()
}

/// Adds keywords, checks the invariants of every edit, removes them, and returns the text after
/// adding.
pub(crate) fn there_and_back(name: &str, bytes: &[u8], properties: &Properties) -> String {
    let dog = [keyword("animal|Ünique döggy & co"), keyword("flat one")];
    let before = read_keywords(bytes).unwrap();
    let added = put(bytes, &dog, None, properties);

    let read = read_keywords(&added.bytes).unwrap();
    let unified = read.unified();
    for keyword in before.unified().iter().chain(&dog) {
        assert!(unified.contains(keyword), "{name}: {keyword:?} {unified:?}");
    }
    let expected = before.unified().len() + dog.len();
    assert_eq!(unified.len(), expected, "{name}: {unified:?}");

    let again = put(&added.bytes, &dog, Some(&added.record), properties);
    assert_eq!(again.bytes, added.bytes, "{name}: not idempotent");
    assert_eq!(again.record, added.record, "{name}");
    let json = serde_json::to_string(&again.record).unwrap();
    let record: Record = serde_json::from_str(&json).unwrap();
    assert_eq!(record, again.record, "{name}");

    let less = put(&added.bytes, &dog[1..], Some(&record), properties);
    assert_ne!(less.bytes, added.bytes, "{name}");
    let none = put(&less.bytes, &[], Some(&less.record), properties);
    assert_text(name, &none.bytes, bytes);
    assert!(none.record.is_empty(), "{name}: {:?}", none.record);
    let none = put(&added.bytes, &[], Some(&record), properties);
    assert_text(name, &none.bytes, bytes);
    Decoded::read(&added.bytes).unwrap().text
}

fn assert_text(name: &str, found: &[u8], expected: &[u8]) {
    if found != expected {
        let text = |bytes| Decoded::read(bytes).unwrap().text;
        assert_eq!(text(found), text(expected), "{name}");
        panic!("{name}: same text, other bytes");
    }
}

fn rdf(description: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n <rdf:RDF xmlns:rdf=\"{}\">\n{description}\n \
         </rdf:RDF>\n</x:xmpmeta>\n",
        document::RDF
    )
}

const DC: &str = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";

/// Forms of a Description, each with a line that must be in the result.
fn forms() -> Vec<(String, &'static str)> {
    let description = |attributes: &str, inner: &str| {
        rdf(&format!(
            "  <rdf:Description rdf:about=\"\" {DC}{attributes}>\n{inner}\n  </rdf:Description>"
        ))
    };
    let subject = |inner: &str| description("", &format!("   <dc:subject>{inner}</dc:subject>"));
    let flat = "<rdf:li>flat one</rdf:li>";
    vec![
        (subject("<rdf:Bag><rdf:li>a</rdf:li></rdf:Bag>"), flat),
        (subject("\n    <rdf:Bag>\n     <rdf:li>a</rdf:li>\n     <!-- b -->\n    </rdf:Bag>\n   "), flat),
        (subject("<rdf:Seq><rdf:li>a</rdf:li></rdf:Seq>"), "</rdf:li></rdf:Seq>"),
        (subject("<rdf:Alt><rdf:li xml:lang=\"x-default\">a</rdf:li></rdf:Alt>"), "</rdf:li></rdf:Alt>"),
        (subject("<rdf:Bag/>"), flat),
        (subject("<rdf:Bag />"), flat),
        (subject("<rdf:Bag></rdf:Bag>"), flat),
        (subject("\n    <rdf:Bag>\n    </rdf:Bag>\n   "), flat),
        (subject("<rdf:Bag><rdf:li/></rdf:Bag>"), flat),
        (subject("<rdf:Bag><rdf:li></rdf:li></rdf:Bag>"), flat),
        (subject("simple"), "<rdf:Bag><rdf:li>simple</rdf:li>"),
        (subject(" simple &amp; <![CDATA[<b>]]>"), "<rdf:li> simple &amp; <![CDATA[<b>]]></rdf:li>"),
        (subject(""), flat),
        (subject("<!-- nothing -->"), flat),
        (description("", "   <dc:subject/>"), flat),
        (description(" dc:subject=\"x &quot;y&quot;\"", ""), "<rdf:li>x &quot;y&quot;</rdf:li>"),
        (description("\n dc:subject = 'x > y]]>'\n", ""), "<rdf:li>x &gt; y]]&gt;</rdf:li>"),
        (description(" dc:subject=\"\"", ""), flat),
        (rdf(&format!("  <rdf:Description rdf:about='' {DC}/>")), flat),
        (rdf(&format!("  <rdf:Description {DC} dc:subject='x'/>")), flat),
        (rdf(&format!("  <rdf:Description {DC}></rdf:Description>")), flat),
        (rdf("  <rdf:Description rdf:about=''><!-- c --></rdf:Description>"), flat),
        (rdf(""), flat),
        (rdf("  <!-- nothing -->"), flat),
        (format!("<rdf:RDF xmlns:rdf='{}'/>", document::RDF), flat),
        (format!("<RDF xmlns='{}'/>", document::RDF), "rdf:about=''"),
        ("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>".to_owned(), flat),
        ("<x:xmpmeta xmlns:x='adobe:ns:meta/'>\n</x:xmpmeta>".to_owned(), flat),
        (
            format!("<RDF xmlns='{}'><Description><subject xmlns='http://purl.org/dc/elements/1.1/'\
                     ><i:Bag xmlns:i='{0}'><i:li>a</i:li></i:Bag></subject></Description></RDF>", document::RDF),
            "<i:li>flat one</i:li>",
        ),
        (
            format!("<RDF xmlns='{}' xmlns:s='http://purl.org/dc/elements/1.1/'>\r\n\t<Description>\r\n\t\t\
                     <s:subject>\r\n\t\t</s:subject>\r\n\t</Description>\r\n</RDF>", document::RDF),
            "<li>flat one</li>",
        ),
        (
            subject("<rdf:Bag><rdf:li rdf:parseType='Resource'><rdf:value>a</rdf:value></rdf:li>\
                     <rdf:li><rdf:Description><rdf:value>b</rdf:value></rdf:Description></rdf:li>\
                     <rdf:li rdf:value='c'/></rdf:Bag>"),
            flat,
        ),
        (
            description("", "<dc:subject rdf:parseType='Resource'><rdf:value><rdf:Bag><rdf:li>a</rdf:li>\
                     </rdf:Bag></rdf:value></dc:subject>"),
            flat,
        ),
        (
            subject("<rdf:Description><rdf:value>a</rdf:value></rdf:Description>"),
            "<rdf:value><rdf:Bag><rdf:li>a</rdf:li>",
        ),
        (
            description(" xmlns:lr='urn:another' lr:x=''", "<lr:hierarchicalSubject>no</lr:hierarchicalSubject>"),
            "<lr1:hierarchicalSubject xmlns:lr1=\"http://ns.adobe.com/lightroom/1.0/\">",
        ),
        (
            description("", "<dc:title rdf:parseType='Literal'><dc:subject>not this</dc:subject></dc:title>"),
            flat,
        ),
        (
            subject("<rdf:Bag><rdf:li>a</rdf:li></rdf:Bag>")
                .replace("</rdf:RDF>", "<rdf:Description rdf:about='' xmlns:d='http://purl.org/dc/elements/1.1/' d:subject='b'/></rdf:RDF>"),
            flat,
        ),
    ]
}

#[test]
fn every_form_takes_keywords_and_gives_them_back() {
    for (text, line) in forms() {
        for properties in [Properties::default(), Properties::EVERY] {
            let after = there_and_back(&text, text.as_bytes(), &properties);
            assert!(after.contains(line), "{line} is not in\n{after}");
        }
        let crlf = text.replace("\r\n", "\n").replace('\n', "\r\n");
        there_and_back(&crlf, crlf.as_bytes(), &Properties::default());
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["", "\u{FEFF}"] {
                let text = format!("{mark}{text}");
                let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
                there_and_back(&text, &bytes, &Properties::default());
            }
        }
        let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n{text}");
        there_and_back(&latin, latin.as_bytes(), &Properties::default());
    }
}

/// After another program wrote the file, positions are no longer known.
#[test]
fn values_are_taken_out_one_by_one_where_the_file_changed() {
    for (text, _) in forms() {
        // These two cannot be distinguished from what they were turned into.
        let made_into_a_list = [
            "simple",
            "ubject=",
            "ubject =",
            "<rdf:Description><rdf:value>",
            "d:subject",
        ];
        if made_into_a_list.iter().any(|form| text.contains(form)) {
            continue;
        }
        let dog = [keyword("animal|dog"), keyword("flat")];
        let added = put(text.as_bytes(), &dog, None, &Properties::default());
        let rated = |text: &str| text.replacen("</rdf:RDF>", "<!-- rated --></rdf:RDF>", 1);
        let changed = rated(&String::from_utf8(added.bytes).unwrap());
        let record = Some(&added.record);
        let none = put(changed.as_bytes(), &[], record, &Properties::default());
        if text.contains("</rdf:RDF>") && text.contains("Description") {
            assert_eq!(String::from_utf8(none.bytes).unwrap(), rated(&text));
        }
        assert!(none.record.is_empty());
    }
}

#[test]
fn a_lost_record_can_be_claimed() {
    let dog = [keyword("animal|dog")];
    let text = rdf(&format!(
        "  <rdf:Description {DC}>\n   <dc:title/>\n  </rdf:Description>"
    ));
    let added = put(text.as_bytes(), &dog, None, &Properties::EVERY);
    let claim = Record::claim(&dog, Properties::EVERY);
    let none = put(&added.bytes, &[], Some(&claim), &Properties::EVERY);
    assert_eq!(String::from_utf8(none.bytes).unwrap(), text);
}

#[test]
fn a_keyword_of_the_person_is_never_removed() {
    let text = rdf(&format!(
        "<rdf:Description {DC}><dc:subject><rdf:Bag><rdf:li>dog\n</rdf:li></rdf:Bag></dc:subject></rdf:Description>"
    ));
    let wanted = [keyword("dog")];
    let only = Properties {
        hierarchical: false,
        digikam: false,
        ..Properties::default()
    };
    let added = put(text.as_bytes(), &wanted, None, &only);
    assert_eq!(added.bytes, text.as_bytes());
    let none = put(&added.bytes, &[], Some(&added.record), &only);
    assert_eq!(none.bytes, text.as_bytes());
}

#[test]
fn a_property_that_a_program_dropped_is_written_again() {
    let wanted = [keyword("animal|dog"), keyword("animal|cat")];
    let properties = Properties::default();
    let text = rdf("<rdf:Description/>");
    let added = put(text.as_bytes(), &wanted, None, &properties);
    let after = String::from_utf8(added.bytes).unwrap();
    let start = after.find("<digiKam:TagsList").unwrap();
    let end = after.find("</digiKam:TagsList>").unwrap() + "</digiKam:TagsList>".len();
    let dropped = format!("{}{}", &after[..start], &after[end..]);
    let record = Some(&added.record);
    let next = put(dropped.as_bytes(), &wanted, record, &properties);
    let next = String::from_utf8(next.bytes).unwrap();
    assert!(next.contains("digiKam:TagsList"));
}

#[test]
fn new_properties_do_not_hide_the_persons_keywords() {
    let text = rdf(&format!(
        "<rdf:Description {DC}><dc:subject><rdf:Bag><rdf:li>mine</rdf:li><rdf:li>24/7</rdf:li></rdf:Bag></dc:subject></rdf:Description>"
    ));
    let wanted = [keyword("animal|dog")];
    let added = put(text.as_bytes(), &wanted, None, &Properties::default());
    let after = String::from_utf8(added.bytes.clone()).unwrap();
    for value in ["animal|dog", "animal/dog", "24\\7"] {
        assert!(
            after.contains(&format!("<rdf:li>{value}</rdf:li>")),
            "{after}"
        );
    }
    assert_eq!(after.matches("<rdf:li>mine</rdf:li>").count(), 3, "{after}");
    // The user's deletion is followed in the copies.
    let deleted = after.replacen("<rdf:li>mine</rdf:li>", "", 1);
    let next = put(
        deleted.as_bytes(),
        &wanted,
        Some(&added.record),
        &Properties::default(),
    );
    assert!(!String::from_utf8(next.bytes).unwrap().contains("mine"));
}

/// A sidecar inside a property of a sidecar is not about the photo.
#[test]
fn only_the_outermost_descriptions_count() {
    let inner = rdf(&format!("<rdf:Description {DC} dc:subject='theirs'/>"));
    let text = rdf(&format!(
        "<rdf:Description {DC}>\n<dc:source rdf:parseType='Literal'>{inner}</dc:source>\n</rdf:Description>"
    ));
    assert_eq!(read_keywords(text.as_bytes()).unwrap(), Keywords::default());
    let after = there_and_back("nested", text.as_bytes(), &Properties::default());
    assert!(
        after.contains(inner.trim()) && after.contains("</dc:source>\n<dc:subject>"),
        "{after}"
    );
}

#[test]
fn parents_are_flat_keywords_by_option_and_go_with_the_last_that_has_them() {
    let text = rdf("<rdf:Description/>");
    let properties = Properties {
        parents: true,
        ..Properties::default()
    };
    let wanted = [keyword("animal|dog"), keyword("animal|cat")];
    let flat = |bytes: &[u8]| read_keywords(bytes).unwrap().flat;
    let added = put(text.as_bytes(), &wanted, None, &properties);
    assert_eq!(flat(&added.bytes), ["dog", "cat", "animal"]);
    assert_eq!(read_keywords(&added.bytes).unwrap().unified(), wanted);
    let fewer = put(&added.bytes, &wanted[1..], Some(&added.record), &properties);
    assert_eq!(flat(&fewer.bytes), ["cat", "animal"]);
    let none = put(&fewer.bytes, &[], Some(&fewer.record), &properties);
    assert_eq!(none.bytes, text.as_bytes());
}

#[test]
fn order_of_asking_changes_nothing() {
    let text = rdf("<rdf:Description/>");
    let (a, b) = (keyword("a"), keyword("b"));
    let properties = Properties::EVERY;
    let added = put(text.as_bytes(), &[a.clone(), b.clone()], None, &properties);
    let again = put(&added.bytes, &[b, a], Some(&added.record), &properties);
    assert_eq!(again.bytes, added.bytes);
}

#[test]
fn properties_switched_off_are_still_cleared() {
    let text = rdf("<rdf:Description/>");
    let wanted = [keyword("a"), keyword("b")];
    let added = put(text.as_bytes(), &wanted, None, &Properties::EVERY);
    let fewer = put(
        &added.bytes,
        &wanted[..1],
        Some(&added.record),
        &Properties::default(),
    );
    assert_eq!(read_keywords(&fewer.bytes).unwrap().unified(), wanted[..1]);
    let none = put(
        &fewer.bytes,
        &[],
        Some(&fewer.record),
        &Properties::default(),
    );
    assert_eq!(none.bytes, text.as_bytes());
}

#[test]
fn forms_that_cannot_be_edited_are_refused() {
    for property in [
        "<dc:subject rdf:parseType='Literal'>a</dc:subject>",
        "<dc:subject rdf:parseType='Collection'/>",
        "<dc:subject rdf:resource='urn:a'/>",
        "<dc:subject><rdf:Bag><rdf:_1>a</rdf:_1></rdf:Bag></dc:subject>",
        "<dc:subject rdf:parseType='Resource'><dc:x>a</dc:x></dc:subject>",
    ] {
        let text = rdf(&format!(
            "<rdf:Description {DC}>\n{property}</rdf:Description>"
        ));
        let wanted = [keyword("dog")];
        let fault = edit(
            text.as_bytes(),
            &request(&wanted, None, &Properties::default()),
        );
        let fault = fault.unwrap_err();
        assert!(matches!(fault, Fault::Form { line: 4, .. }), "{fault}");
    }
}

#[test]
fn a_property_that_occurs_twice_gets_no_more_at_the_second_export() {
    let text = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/">
<dc:subject><rdf:Bag><rdf:li>cat</rdf:li></rdf:Bag></dc:subject>
<lr:hierarchicalSubject><rdf:Bag><rdf:li>no<x/>keyword</rdf:li></rdf:Bag></lr:hierarchicalSubject>
<lr:hierarchicalSubject><rdf:Bag><rdf:li>animal|fox</rdf:li></rdf:Bag></lr:hierarchicalSubject>
</rdf:Description></rdf:RDF></x:xmpmeta>"#;
    there_and_back("a property twice", text.as_bytes(), &Properties::default());
}
