//! Search queries, as typed in the window and on the command line.

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Words that describe the photos.
    pub(crate) words: String,
    /// `tag:` filters.
    pub(crate) tags: Vec<String>,
    /// `-tag:` filters.
    pub(crate) without: Vec<String>,
    /// `folder:` filters: parts of folders' paths.
    pub(crate) folders: Vec<String>,
    /// `date:` filters: a year, a month or a day such as `2024`, `2024-05` or `2024-05-17`, or a
    /// range such as `2024-05..2024-07`.
    pub(crate) dates: Vec<String>,
}

impl Query {
    /// Parses a typed query. Values with spaces are in quotes: `tag:"golden retriever"`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut words: Vec<String> = Vec::new();
        for part in split(text) {
            let list = match part.split_once(':') {
                Some(("tag", value)) => Some((&mut query.tags, value)),
                Some(("-tag", value)) => Some((&mut query.without, value)),
                Some(("folder", value)) => Some((&mut query.folders, value)),
                Some(("date", value)) => Some((&mut query.dates, value)),
                _ => None,
            };
            match list {
                Some((_, "")) => {}
                Some((list, value)) => list.push(value.to_owned()),
                None => words.push(part),
            }
        }
        query.words = words.join(" ");
        query
    }

    /// Parses words that a shell has split: `tag:golden retriever` is one word.
    pub(crate) fn parse_words(words: &[String]) -> Self {
        let quoted = |word: &String| match word.split_once(':') {
            Some((kind @ ("tag" | "-tag" | "folder" | "date"), value))
                if value.contains(char::is_whitespace) && !value.contains('"') =>
            {
                format!("{kind}:\"{value}\"")
            }
            _ => word.trim().to_owned(),
        };
        let words: Vec<String> = words.iter().map(quoted).collect();
        Self::parse(&words.join(" "))
    }

    /// Whether a folder passes the `folder:` filters.
    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        let folder = folder.to_lowercase();
        self.folders
            .iter()
            .all(|part| folder.contains(&part.to_lowercase()))
    }

    /// Whether a day, as [`day`] formats it, passes the `date:` filters.
    pub(crate) fn has_day(&self, day: &str) -> bool {
        // Dates in this format sort as texts; a month extends to its last day.
        let from = |date: &str| day >= date;
        let to = |date: &str| day.get(..date.len()).is_some_and(|start| start <= date);
        self.dates.iter().all(|date| match date.split_once("..") {
            Some((first, last)) => {
                (first.is_empty() || from(first)) && (last.is_empty() || to(last))
            }
            None => from(date) && to(date),
        })
    }

    /// Formats the query as typed.
    pub(crate) fn text(&self) -> String {
        let text = format!("{} {}", self.words, self.filters());
        text.trim().to_owned()
    }

    /// Formats the filters as typed, without the words.
    pub(crate) fn filters(&self) -> String {
        let lists = [
            ("tag:", &self.tags),
            ("-tag:", &self.without),
            ("folder:", &self.folders),
            ("date:", &self.dates),
        ];
        let part = |kind: &str, value: &String| match value.contains(char::is_whitespace) {
            true => format!("{kind}\"{value}\""),
            false => format!("{kind}{value}"),
        };
        let parts = lists
            .iter()
            .flat_map(|(kind, list)| list.iter().map(|v| part(kind, v)));
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// Splits at spaces and removes quotes.
fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut part, mut quoted) = (String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !part.is_empty() {
                    parts.push(std::mem::take(&mut part));
                }
            }
            c => part.push(c),
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_filters_and_words() {
        let query = Query::parse("red tag:\"golden retriever\" car -tag:cat folder:2024 tag:");
        assert_eq!(query.words, "red car");
        assert_eq!(query.tags, ["golden retriever"]);
        assert_eq!(query.without, ["cat"]);
        assert_eq!(query.folders, ["2024"]);
        let filters = query.filters();
        assert_eq!(filters, "tag:\"golden retriever\" -tag:cat folder:2024");
        let again = Query::parse(&filters);
        assert_eq!((again.tags, again.words), (query.tags, String::new()));
    }

    #[test]
    fn a_shells_words_are_read_like_what_is_typed() {
        let words = ["red", " -tag:cat", "tag:golden retriever", "date:2024-05"].map(String::from);
        let query = Query::parse_words(&words);
        assert_eq!(query.words, "red");
        assert_eq!(
            (&query.without[..], &query.tags[..]),
            (&["cat".into()][..], &["golden retriever".into()][..])
        );
    }

    #[test]
    fn days_and_folders_are_let_through() {
        for (date, day, expected) in [
            ("date:2024-05", "2024-05-31", true),
            ("date:2024-05", "2024-06-01", false),
            ("date:2024", "2024-12-31", true),
            ("date:2024-05-17", "2024-05-17", true),
            ("date:2024-05..2024-07", "2024-07-31", true),
            ("date:2024-05..2024-07", "2024-08-01", false),
            ("date:..2024", "2023-01-01", true),
            ("date:2025..", "2024-01-01", false),
            ("date:nonsense", "2024-01-01", false),
            ("", "2024-01-01", true),
        ] {
            assert_eq!(Query::parse(date).has_day(day), expected, "{date} {day}");
        }
        assert!(Query::parse("folder:2024 folder:Trip").has_folder("/photos/2024/trip"));
        assert!(!Query::parse("folder:2024 folder:Trip").has_folder("/photos/2024"));
    }
}
