//! Something to say, as a key with arguments.

use std::error::Error;
use std::fmt;

use fluent_bundle::types::{FluentNumber, FluentNumberOptions};
use fluent_bundle::{FluentArgs, FluentValue};

use crate::words::book;
use crate::words::language::spoken;

/// Something to say to the user. Its text is in the language of the thread that asks for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Phrase {
    /// A message of `assets/words`.
    Message {
        /// Its key.
        key: &'static str,
        /// Its arguments.
        arguments: Vec<(&'static str, Value)>,
    },
    /// A text that has no translation, such as an error of a part.
    Verbatim(String),
}

/// An argument of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number of things.
    Count(usize),
    /// A number with so many decimals.
    Decimal(f64, usize),
    /// Words that are put together from others.
    Phrase(Phrase),
}

/// The words under a key that has no arguments: what [`crate::words::tr!`] calls.
pub(crate) fn plain(key: &'static str) -> &'static str {
    book::plain(spoken(), key)
}

/// A number with so many decimals, as an argument.
pub(crate) fn decimal(number: impl Into<f64>, decimals: usize) -> Value {
    Value::Decimal(number.into(), decimals)
}

impl Phrase {
    /// A message; [`crate::words::phrase!`] is easier to read.
    pub(crate) fn new(key: &'static str, arguments: Vec<(&'static str, Value)>) -> Self {
        Self::Message { key, arguments }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { key, arguments } if arguments.is_empty() => {
                f.write_str(book::plain(spoken(), key))
            }
            Self::Message { key, arguments } => {
                let arguments = arguments.iter();
                let arguments: FluentArgs = arguments
                    .map(|(name, value)| (*name, value.in_words()))
                    .collect();
                f.write_str(&book::filled(spoken(), key, &arguments))
            }
            Self::Verbatim(text) => f.write_str(text),
        }
    }
}

impl Error for Phrase {}

impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::Verbatim(text)
    }
}

impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        Self::Verbatim(text.to_owned())
    }
}

impl From<Box<dyn Error>> for Phrase {
    fn from(error: Box<dyn Error>) -> Self {
        match error.downcast::<Self>() {
            Ok(phrase) => *phrase,
            Err(error) => Self::Verbatim(error.to_string()),
        }
    }
}

impl Value {
    /// The argument for the message.
    fn in_words(&self) -> FluentValue<'_> {
        match self {
            Self::Text(text) => FluentValue::from(text.as_str()),
            Self::Count(count) => FluentValue::from(*count),
            Self::Decimal(number, decimals) => {
                let options = FluentNumberOptions {
                    minimum_fraction_digits: Some(*decimals),
                    ..FluentNumberOptions::default()
                };
                FluentValue::Number(FluentNumber::new(*number, options))
            }
            Self::Phrase(phrase) => FluentValue::from(phrase.to_string()),
        }
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::from(u64::from(count))
    }
}

impl From<Phrase> for Value {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<std::borrow::Cow<'_, str>> for Value {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

impl From<&std::borrow::Cow<'_, str>> for Value {
    fn from(text: &std::borrow::Cow<'_, str>) -> Self {
        Self::Text(text.clone().into_owned())
    }
}

impl From<std::path::Display<'_>> for Value {
    fn from(path: std::path::Display<'_>) -> Self {
        Self::Text(path.to_string())
    }
}
