//! Web addresses, and allowed redirects.

use ureq::http::Uri;
use ureq::http::uri::Scheme;

/// An absolute address over http or https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Uri);

impl Address {
    /// Parses an address; `None` if the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let web = uri.scheme() == Some(&Scheme::HTTP) || uri.scheme() == Some(&Scheme::HTTPS);
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        (web && has_host).then_some(Self(uri))
    }

    pub(crate) fn as_text(&self) -> String {
        self.0.to_string()
    }

    pub(crate) fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == Some(&Scheme::HTTPS)
    }

    /// Whether both are the same server, including scheme and port. Only then may one receive the
    /// other's token.
    pub(crate) fn same_server(&self, other: &Self) -> bool {
        self.is_https() == other.is_https()
            && self.host().eq_ignore_ascii_case(other.host())
            && self.port() == other.port()
    }

    fn port(&self) -> u16 {
        let usual = if self.is_https() { 443 } else { 80 };
        self.0.port_u16().unwrap_or(usual)
    }

    /// The target of a redirect from here.
    ///
    /// # Errors
    /// Why it is not followed, as the rest of a sentence about the server.
    pub(crate) fn redirect(&self, location: &str) -> Result<Self, String> {
        let scheme = if self.is_https() { "https" } else { "http" };
        let authority = self.0.authority().map_or("", |a| a.as_str());
        let absolute = if location.starts_with("//") {
            format!("{scheme}:{location}")
        } else if location.starts_with('/') {
            format!("{scheme}://{authority}{location}")
        } else {
            location.to_owned()
        };
        let shown: String = location.chars().take(200).collect();
        let shown = shown.escape_debug();
        let to = Self::parse(&absolute).ok_or_else(|| format!("it leads to \"{shown}\""))?;
        if self.is_https() && !to.is_https() {
            return Err(format!("it leads from https to http, to {}", to.host()));
        }
        let named = |a: &Self| a.0.authority().is_some_and(|a| a.as_str().contains('@'));
        if named(&to) && !to.same_server(self) {
            return Err(format!("it leads to \"{shown}\""));
        }
        Ok(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_server_is_the_same_scheme_host_and_port() {
        let address = |text: &str| Address::parse(text).unwrap();
        let hub = address("https://hub.example/a");
        assert!(hub.same_server(&address("https://HUB.example:443/b?c")));
        for other in [
            "http://hub.example/a",
            "https://hub.example:444/a",
            "https://hub.example.evil.example/a",
            "https://evil.example/hub.example",
            "https://hub.example@evil.example/",
        ] {
            assert!(!hub.same_server(&address(other)), "{other}");
        }
        for bad in [
            "",
            "/a",
            "file:///etc/passwd",
            "ftp://hub.example/",
            "http://",
            "a b",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn redirects_stay_on_the_web_and_on_https() {
        let hub = Address::parse("https://hub.example:8443/a/b").unwrap();
        let to = |location: &str| hub.redirect(location).map(|a| a.as_text());
        assert_eq!(to("/c?d").unwrap(), "https://hub.example:8443/c?d");
        assert_eq!(to("//cdn.example/c").unwrap(), "https://cdn.example/c");
        assert_eq!(to("https://cdn.example/").unwrap(), "https://cdn.example/");
        for bad in [
            "http://cdn.example/",
            "file:///etc/passwd",
            "gopher://x/",
            "c",
            "../c",
            "",
            "https://me:secret@cdn.example/",
            "https://a b/",
        ] {
            assert!(to(bad).is_err(), "{bad}");
        }
    }
}
