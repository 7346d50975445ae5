//! What keeps other pages, and other names for this computer, away.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};

use super::http::Trouble;

/// What every answer carries.
pub(super) const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // With `no-referrer`, browsers would send forms with the origin `null`.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "no-store"),
];

/// What every answer carries where the connection is encrypted and the clinic has given the place a name: a browser that was here once never comes unencrypted.
pub(super) const HSTS: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Where the application is: its address, the names that requests may have been meant for, and whether connections are encrypted.
#[derive(Clone, Debug)]
pub struct Site {
    at: SocketAddr,
    hosts: Vec<String>,
    is_encrypted: bool,
}

impl Site {
    /// The application at an address, which may have names (`clinic.example`, with a port where that is another one).
    #[must_use]
    pub fn new(at: SocketAddr, hosts: &[String], is_encrypted: bool) -> Site {
        Site { at, hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(), is_encrypted }
    }

    /// Whether connections are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Whether browsers are told never to come unencrypted.
    pub(super) fn is_known_by_name(&self) -> bool {
        self.is_encrypted && !self.hosts.is_empty()
    }

    fn scheme(&self) -> &'static str {
        if self.is_encrypted { "https" } else { "http" }
    }

    /// The port that an address need not name.
    fn silent_port(&self) -> u16 {
        if self.is_encrypted { 443 } else { 80 }
    }

    /// Its address, as people type it.
    #[must_use]
    pub fn address(&self) -> String {
        let port = self.at.port();
        let name = match self.hosts.first() {
            None => self.at.to_string(),
            Some(host) if has_port(host) || port == self.silent_port() => host.clone(),
            Some(host) => format!("{host}:{port}"),
        };
        format!("{}://{name}", self.scheme())
    }

    /// The names that it has.
    fn names(&self) -> Vec<String> {
        let port = self.at.port();
        let mut names = vec![self.at.to_string()];
        let ip = self.at.ip();
        if ip.is_loopback() || ip.is_unspecified() {
            names.extend(["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}")));
        }
        names.extend(self.hosts.iter().filter(|host| !has_port(host)).map(|host| format!("{host}:{port}")));
        if port == self.silent_port() {
            let end = format!(":{port}");
            let silent: Vec<String> =
                names.iter().filter_map(|name| name.strip_suffix(&end)).map(str::to_owned).collect();
            names.extend(silent);
        }
        // Something in front of it may forward another port to this one.
        names.extend(self.hosts.iter().cloned());
        names
    }
}

/// Whether a text can be the name of a host, perhaps with a port.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let (name, port) = text.rsplit_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.len() <= 253 && name.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Whether the name of a host names a port, too.
fn has_port(host: &str) -> bool {
    host.contains(':')
}

/// Whether a request was meant for this address, and, where it changes something, comes from one of its pages.
///
/// To listen on loopback does not keep out a page elsewhere whose name was made to mean this computer: its requests carry that name.
///
/// A browser says of every form where it comes from. A program does not have to, where only programs are answered.
pub(super) fn check(headers: &HeaderMap, changes: bool, is_program: bool, site: &Site) -> Result<(), Trouble> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = site.names();
    let host = text(header::HOST).unwrap_or_default().to_ascii_lowercase();
    if headers.get_all(header::HOST).iter().count() != 1 || !hosts.contains(&host) {
        return Err(Trouble::refused(421, &format!("this page is at {}, and at no other name", site.address())));
    }
    let is_ours = match headers.get(header::ORIGIN) {
        Some(origin) => origin.to_str().is_ok_and(|origin| origin == format!("{}://{host}", site.scheme())),
        // Browsers that send none say where a request comes from all the same.
        None => match text(header::HeaderName::from_static("sec-fetch-site")) {
            Some(from) => from == "same-origin",
            None => is_program,
        },
    };
    if changes && !is_ours {
        return Err(Trouble::refused(403, "this was sent by another page"));
    }
    Ok(())
}

/// Whether two texts are the same, in a time that does not depend on where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0 && !other.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(pairs: &[(&'static str, &'static str)], changes: bool) -> bool {
        checked_of(pairs, changes, false)
    }

    fn checked_of(pairs: &[(&'static str, &'static str)], changes: bool, is_program: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header"));
        }
        check(&headers, changes, is_program, &Site::new(([127, 0, 0, 1], 8737).into(), &[], false)).is_ok()
    }

    #[test]
    fn only_this_address_is_answered_and_only_its_own_pages_change_anything() {
        assert!(checked(&[("host", "127.0.0.1:8737")], false));
        assert!(!checked(&[("host", "127.0.0.1:8737")], true), "a browser says where a form comes from");
        assert!(checked(&[("host", "127.0.0.1:8737"), ("sec-fetch-site", "same-origin")], true));
        assert!(checked_of(&[("host", "127.0.0.1:8737")], true, true), "a program does not");
        assert!(!checked_of(&[("host", "127.0.0.1:8737"), ("origin", "http://evil.example")], true, true));
        assert!(!checked_of(&[("host", "127.0.0.1:8737"), ("sec-fetch-site", "cross-site")], true, true));
        assert!(checked(&[("host", "LOCALHOST:8737"), ("origin", "http://localhost:8737")], true));
        for host in
            ["evil.example", "evil.example:8737", "127.0.0.1", "127.0.0.1:80", "localhost:8737.evil.example", ""]
        {
            assert!(!checked(&[("host", host)], false), "{host}");
        }
        assert!(!checked(&[], false));
        assert!(!checked(&[("host", "127.0.0.1:8737"), ("host", "evil.example")], false));
        for origin in
            ["http://evil.example", "null", "https://127.0.0.1:8737", "http://127.0.0.1:8738", "http://localhost:8737"]
        {
            assert!(!checked(&[("host", "127.0.0.1:8737"), ("origin", origin)], true), "{origin}");
        }
        assert!(!checked(&[("host", "127.0.0.1:8737"), ("sec-fetch-site", "cross-site")], true));
        assert!(checked(&[("host", "127.0.0.1:8737"), ("sec-fetch-site", "cross-site")], false));
    }

    #[test]
    fn a_place_has_the_names_that_it_was_given() {
        let host = |name: &str| vec![name.to_owned()];
        let local: SocketAddr = ([127, 0, 0, 1], 8737).into();
        let all: SocketAddr = ([0, 0, 0, 0], 8737).into();
        let standard: SocketAddr = ([192, 0, 2, 7], 443).into();
        let named = |site: &Site, name: &str| site.names().contains(&name.to_owned());
        let site = Site::new(all, &host("Clinic.example"), true);
        assert_eq!(site.address(), "https://clinic.example:8737");
        for name in ["clinic.example", "clinic.example:8737", "localhost:8737"] {
            assert!(named(&site, name), "{name}");
        }
        for name in ["clinic.example:443", "example", "localhost", "192.0.2.7:8737"] {
            assert!(!named(&site, name), "{name}");
        }
        let site = Site::new(standard, &host("clinic.example"), true);
        assert_eq!(site.address(), "https://clinic.example");
        assert!(named(&site, "192.0.2.7") && named(&site, "clinic.example:443"));
        assert!(!named(&site, "localhost") && !named(&site, "127.0.0.1"), "it does not listen there");
        let site = Site::new(all, &host("clinic.example:8443"), true);
        assert_eq!(site.address(), "https://clinic.example:8443");
        assert!(named(&site, "clinic.example:8443") && !named(&site, "clinic.example"));
        assert_eq!(Site::new(local, &[], false).address(), "http://127.0.0.1:8737");
        assert!(is_host("clinic.example") && is_host("clinic-1:8443") && is_host("10.0.0.7"));
        for wrong in
            ["", "https://clinic.example", "clinic.example/", "a..b", "a:b", "a b", "*", "clinic.example:99999"]
        {
            assert!(!is_host(wrong), "{wrong}");
        }
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("ab", "abc") && !same("", "") && !same("abcd", "abc"));
    }
}
