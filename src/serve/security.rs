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

/// Whether a request was meant for this address, and, where it changes something, comes from one of its pages.
///
/// To listen on loopback does not keep out a page elsewhere whose name was made to mean this computer: its requests carry that name.
pub(super) fn check(headers: &HeaderMap, changes: bool, at: SocketAddr) -> Result<(), Trouble> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = names(at);
    let host = text(header::HOST).unwrap_or_default().to_ascii_lowercase();
    if headers.get_all(header::HOST).iter().count() != 1 || !hosts.contains(&host) {
        return Err(Trouble::refused(421, &format!("this page is at http://{at}, and at no other name")));
    }
    let is_ours = match headers.get(header::ORIGIN) {
        Some(origin) => origin.to_str().is_ok_and(|origin| origin == format!("http://{host}")),
        // Programs send none; browsers that send none say where a request comes from all the same.
        None => matches!(text(header::HeaderName::from_static("sec-fetch-site")), None | Some("same-origin")),
    };
    if changes && !is_ours {
        return Err(Trouble::refused(403, "this was sent by another page"));
    }
    Ok(())
}

/// The names that this address has.
fn names(at: SocketAddr) -> Vec<String> {
    let port = at.port();
    let mut names =
        vec![at.to_string(), format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
    if port == 80 {
        names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
    }
    names
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
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header"));
        }
        check(&headers, changes, ([127, 0, 0, 1], 8737).into()).is_ok()
    }

    #[test]
    fn only_this_address_is_answered_and_only_its_own_pages_change_anything() {
        assert!(checked(&[("host", "127.0.0.1:8737")], true));
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
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("ab", "abc") && !same("", "") && !same("abcd", "abc"));
    }
}
