//! What a person typed into the search box.

/// What a search box says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words to find photos by their meaning with.
    pub words: String,
    /// `tag:` filters.
    pub tags: Vec<String>,
    /// `-tag:` filters.
    pub without: Vec<String>,
    /// `folder:` filters, parts of folders' paths.
    pub folders: Vec<String>,
}

impl Query {
    /// Reads what a person typed. Values with spaces stand in quotes: `tag:"golden retriever"`.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut words: Vec<String> = Vec::new();
        for part in split(text) {
            let list = match part.split_once(':') {
                Some(("tag", value)) => Some((&mut query.tags, value)),
                Some(("-tag", value)) => Some((&mut query.without, value)),
                Some(("folder", value)) => Some((&mut query.folders, value)),
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

    /// All of it as it is typed.
    pub fn text(&self) -> String {
        let text = format!("{} {}", self.words, self.filters());
        text.trim().to_owned()
    }

    /// The filters as they are typed, without the words.
    pub fn filters(&self) -> String {
        let lists = [
            ("tag:", &self.tags),
            ("-tag:", &self.without),
            ("folder:", &self.folders),
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

/// The parts between spaces, quotes taken off.
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
}
