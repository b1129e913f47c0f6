//! The facts in a hub's answer about a file.
//!
//! A Hugging Face hub puts them into the headers of its own answer, which may be a redirect to
//! another server: `X-Repo-Commit`, `X-Linked-ETag` or else `ETag`, `X-Linked-Size` or else the
//! length of the body. The ETag of a large file is its SHA-256, that of a small one its git blob
//! id. Headers of the other server are ignored.

use crate::model_store::names::is_hexadecimal;

/// Status and headers of one answer; names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

/// The id of a file's content, in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ContentId {
    Sha256(String),
    /// SHA-1 over `blob`, the length and the content, as git computes it.
    GitBlob(String),
}

impl ContentId {
    /// `None` if it is neither.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        if is_hexadecimal(text, 256) {
            Some(Self::Sha256(lower))
        } else if is_hexadecimal(text, 160) {
            Some(Self::GitBlob(lower))
        } else {
            None
        }
    }

    /// The hexadecimal digits, valid as a file name.
    pub(crate) fn as_text(&self) -> &str {
        match self {
            Self::Sha256(text) | Self::GitBlob(text) => text,
        }
    }
}

/// The hub's facts so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) commit: Option<String>,
    pub(crate) id: Option<ContentId>,
    /// In bytes.
    pub(crate) length: Option<u64>,
}

impl Head {
    /// Returns a header, which must not occur with two different values.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, String> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name);
        let first = values.next().map(|(_, value)| value.trim());
        match values.find(|(_, value)| Some(value.trim()) != first) {
            Some(_) => Err(format!("it has two different headers {name}")),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    pub(crate) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    /// Returns where the body starts and the length of the whole file, if given, for a request from
    /// byte `from`.
    pub(crate) fn body(&self, from: u64) -> Result<(u64, Option<u64>), String> {
        if let Some(encoding) = self.one("content-encoding")?
            && encoding != "identity"
        {
            return Err("it compresses what it was asked for as it is".to_owned());
        }
        if self.status != 206 {
            let length = self.one("content-length")?;
            return Ok((0, length.map(number).transpose()?));
        }
        let range = self.one("content-range")?.unwrap_or_default();
        let wrong = || "its Content-Range is not what was asked for".to_owned();
        let (range, total) = range
            .strip_prefix("bytes ")
            .and_then(|range| range.split_once('/'))
            .ok_or_else(wrong)?;
        let (first, last) = range.split_once('-').ok_or_else(wrong)?;
        let (first, last, total) = (number(first)?, number(last)?, number(total)?);
        if first != from || last.checked_add(1) != Some(total) {
            return Err(wrong());
        }
        Ok((first, Some(total)))
    }
}

impl Answer {
    /// Adds the facts of an answer of the hub itself; earlier ones stay.
    pub(crate) fn add(&mut self, head: &Head) -> Result<(), String> {
        if let Some(commit) = head.one("x-repo-commit")? {
            if !is_hexadecimal(commit, 160) && !is_hexadecimal(commit, 256) {
                return Err("its X-Repo-Commit is no commit".to_owned());
            }
            let commit = commit.to_ascii_lowercase();
            if self.commit.get_or_insert_with(|| commit.clone()) != &commit {
                return Err("it names two commits".to_owned());
            }
        }
        let linked = head.one("x-linked-etag")?;
        // A redirect's own ETag is not that of a file.
        let etag = match linked {
            None if head.is_redirect() => None,
            None => head.one("etag")?,
            linked => linked,
        };
        if let Some(etag) = etag
            && self.id.is_none()
        {
            let word = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
            let wrong = || "its ETag is neither a SHA-256 nor a git id".to_owned();
            self.id = Some(ContentId::parse(word).ok_or_else(wrong)?);
        }
        if let Some(size) = head.one("x-linked-size")? {
            let size = number(size)?;
            if *self.length.get_or_insert(size) != size {
                return Err("it names two lengths".to_owned());
            }
        }
        Ok(())
    }
}

fn number(text: &str) -> Result<u64, String> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| plain);
    number.ok_or_else(|| "a length in it is no number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn head(status: u16, headers: &[(&str, &str)]) -> Head {
        let owned = |(n, v): &(&str, &str)| ((*n).to_owned(), (*v).to_owned());
        Head {
            status,
            headers: headers.iter().map(owned).collect(),
        }
    }

    #[test]
    fn a_large_file_is_known_by_its_sha256_and_a_small_one_by_its_git_id() {
        let sha256 = "AB".repeat(32);
        let quoted = format!("\"{sha256}\"");
        let mut answer = Answer::default();
        let headers = [
            ("x-repo-commit", COMMIT),
            ("x-linked-etag", quoted.as_str()),
            ("x-linked-size", "605"),
            ("etag", "\"of the redirect\""),
        ];
        answer.add(&head(302, &headers)).unwrap();
        assert_eq!(answer.commit.as_deref(), Some(COMMIT));
        assert_eq!(answer.id, Some(ContentId::Sha256(sha256.to_lowercase())));
        assert_eq!(answer.length, Some(605));

        let mut answer = Answer::default();
        let etag = format!("W/\"{COMMIT}\"");
        answer.add(&head(200, &[("etag", &etag)])).unwrap();
        assert_eq!(answer.id, Some(ContentId::GitBlob(COMMIT.to_owned())));
    }

    #[test]
    fn what_contradicts_itself_or_could_be_a_path_is_refused() {
        let two = [("x-linked-size", "1"), ("x-linked-size", "2")];
        for headers in [
            &[("x-repo-commit", "../../../etc")][..],
            &[("x-repo-commit", "main")],
            &[("x-linked-etag", "\"../../../../.ssh/authorized_keys\"")],
            &[("x-linked-etag", "\"abc\"")],
            &[("etag", "")],
            &two,
            &[("x-linked-size", "-1")],
            &[("x-linked-size", "99999999999999999999")],
            &[("x-linked-size", "+5")],
        ] {
            let refused = Answer::default().add(&head(200, headers));
            assert_eq!(
                refused.is_err(),
                headers != [("etag", "")].as_slice(),
                "{headers:?}"
            );
        }
        let mut answer = Answer::default();
        answer
            .add(&head(302, &[("x-repo-commit", COMMIT)]))
            .unwrap();
        let other = COMMIT.replace('0', "1");
        assert!(
            answer
                .add(&head(200, &[("x-repo-commit", &other)]))
                .is_err()
        );
    }

    #[test]
    fn a_range_is_the_one_that_was_asked_for() {
        let range = |text: &str| head(206, &[("content-range", text)]).body(5);
        assert_eq!(range("bytes 5-9/10"), Ok((5, Some(10))));
        for bad in [
            "",
            "bytes 0-9/10",
            "bytes 5-8/10",
            "bytes 5-9/*",
            "5-9/10",
            "bytes 5-10/10",
        ] {
            assert!(range(bad).is_err(), "{bad}");
        }
        assert_eq!(
            head(200, &[("content-length", "10")]).body(5),
            Ok((0, Some(10)))
        );
        assert_eq!(head(200, &[]).body(0), Ok((0, None)));
        assert!(head(200, &[("content-encoding", "gzip")]).body(0).is_err());
    }
}
