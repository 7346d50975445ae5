//! `regimen serve` over a real socket, and somebody with a browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::support::repository;

/// A server that is gone afterwards.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, as everybody here runs it.
pub(crate) fn regimen() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.env_remove("REGIMEN_ARCHIVE").env("TZ", "UTC").env("NO_COLOR", "1").current_dir(repository());
    command
}

impl Server {
    /// On a clinic's folder, with the records of a folder as its patients.
    pub(crate) fn of(clinic: &Path, data: &Path, records: &Path) -> Server {
        let mut command = regimen();
        command
            .arg("serve")
            .arg(clinic)
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0", "--import"])
            .arg(records);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("an address");
        let address = line.trim().strip_prefix("http://").expect("an address").to_owned();
        Server { child, address }
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    }

    /// Where it leads.
    pub(crate) fn to(&self) -> &str {
        assert_eq!(self.code, 303, "{}\n{}", self.head, self.body);
        self.header("location").expect("a place")
    }
}

/// Sends bytes, and reads all that comes.
pub(crate) fn raw(address: &str, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    // A server that refuses early does not read all of it.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    let body = match head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        true => unchunked(body),
        false => body.to_owned(),
    };
    Reply { code, head: head.to_owned(), body }
}

fn unchunked(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or_default();
        out.push_str(rest.get(..size).unwrap_or_default());
        body = rest.get(size + 2..).unwrap_or_default();
    }
    out
}

pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Fields as the body of a form.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let all: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    all.join("&")
}

/// What browsers send.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody with a browser.
pub(crate) struct Person<'s> {
    pub(crate) address: &'s str,
    pub(crate) cookie: String,
    pub(crate) token: String,
}

impl<'s> Person<'s> {
    /// Says who they are, and is led to where they wanted to be.
    pub(crate) fn new(server: &'s Server, name: &str, next: &str) -> Person<'s> {
        let mut person = Person { address: &server.address, cookie: String::new(), token: String::new() };
        let entered = person.post("/you", &[("who", name), ("next", next)]);
        assert_eq!(entered.to(), next);
        let cookie = entered.header("set-cookie").expect("a cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        person.cookie = cookie.split(';').next().expect("a cookie").to_owned();
        person.token = value_of(&person.get("/patients").body, "token");
        person
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        let (address, cookie) = (self.address, &self.cookie);
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        raw(address, request.as_bytes())
    }

    pub(crate) fn page(&self, path: &str) -> String {
        let reply = self.get(path);
        assert_eq!(reply.code, 200, "{path}: {}\n{}", reply.head, reply.body);
        reply.body
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = format!("token={}&{}", self.token, form(fields));
        self.send(path, self.address, &format!("http://{}", self.address), FORM, &body)
    }

    /// The same with whatever host, origin, kind and body.
    pub(crate) fn send(&self, path: &str, host: &str, origin: &str, kind: &str, body: &str) -> Reply {
        let (cookie, length) = (&self.cookie, body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        raw(self.address, request.as_bytes())
    }
}

/// The value of the first hidden field of a name.
pub(crate) fn value_of(page: &str, name: &str) -> String {
    let after =
        page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}")).1;
    after.split('"').next().unwrap_or_default().to_owned()
}
