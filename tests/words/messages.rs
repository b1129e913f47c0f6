//! The messages of a language, with the arguments that each names.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// The messages of a language by their keys.
#[derive(Default)]
pub struct Messages {
    pub arguments: BTreeMap<String, BTreeSet<String>>,
    /// The text of each; of several forms, the last.
    pub texts: BTreeMap<String, String>,
}

impl Messages {
    /// Parses a file; panics at what is no message, and at a key that occurs twice.
    pub fn read(source: &str, language: &str) -> Self {
        let resource = match fluent_syntax::parser::parse(source) {
            Ok(resource) => resource,
            Err((_, errors)) => panic!("{language}.ftl: {errors:?}"),
        };
        let mut messages = Self::default();
        for entry in resource.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let key = message.id.name.to_owned();
            let (mut arguments, mut text) = (BTreeSet::new(), String::new());
            read(&message.value.unwrap(), &mut arguments, &mut text);
            messages.texts.insert(key.clone(), text);
            let before = messages.arguments.insert(key.clone(), arguments);
            assert!(before.is_none(), "{language}.ftl has `{key}` twice");
        }
        messages
    }
}

fn read(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>, text: &mut String) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable { expression } => match expression {
                Expression::Inline(inline) => of_inline(inline, arguments, text),
                Expression::Select { selector, variants } => {
                    of_inline(selector, arguments, &mut String::new());
                    let before = text.clone();
                    for variant in variants {
                        text.clone_from(&before);
                        read(&variant.value, arguments, text);
                    }
                }
            },
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>, text: &mut String) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
            text.push('$');
        }
        InlineExpression::StringLiteral { value } => text.push_str(value),
        other => panic!("nothing else is used: {other:?}"),
    }
}
