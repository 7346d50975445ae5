//! Two hundred people at the web application at once, over loopback: how long each kind of page takes.
//!
//!   cargo bench --bench serve                       200 people, a page every second each, for 30 seconds
//!   cargo bench --bench serve -- 200 1000 30        people, milliseconds between the pages of one, seconds
//!
//! The program is started on the shipped clinic with as many patients as people. Of each kind of page it is printed how many there were, and what
//! half of them, 99 of a hundred and the slowest took, from the first byte that is sent to the last that comes. The network and the person at the
//! other end are this program: on a machine that does something else beside, the figures say nothing.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DAY: &str = "2026-03-02";
const PROTOCOL: &str = "microneedling-acne-scars";

/// What was measured: times by kind of page.
type Times = BTreeMap<&'static str, Vec<Duration>>;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let (people, between, seconds) =
        (numbers.next().unwrap_or(200), numbers.next().unwrap_or(1000), numbers.next().unwrap_or(30));
    let folder = Folder::new(people);
    let server = Server::new(&folder.0);
    // The figures of the protocols' cases are worked out once after the start, in the background, and no visitor is to be measured beside that.
    let mut first = Person::new(&server.address, people);
    while first.send("GET", "/protocols", "").1.contains("being run") {
        std::thread::sleep(Duration::from_millis(200));
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    let all: Vec<Times> = std::thread::scope(|scope| {
        let address = &server.address;
        let all: Vec<_> =
            (0..people).map(|at| scope.spawn(move || Person::new(address, at).works(between, end))).collect();
        all.into_iter().map(|one| one.join().expect("a person")).collect()
    });
    let mut by_kind = Times::new();
    for (kind, times) in all.into_iter().flatten() {
        by_kind.entry(kind).or_default().extend(times);
    }
    let every: Vec<Duration> = by_kind.values().flatten().copied().collect();
    println!("{people} people, a page every {between} ms each, {seconds} s: {} pages", every.len());
    println!("{:<22}{:>8}{:>10}{:>10}{:>10}", "page", "pages", "p50 ms", "p99 ms", "max ms");
    for (kind, times) in by_kind.iter_mut() {
        print(kind, times);
    }
    print("all", &mut every.clone());
}

fn print(kind: &str, times: &mut [Duration]) {
    times.sort();
    let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100].as_secs_f64() * 1000.0;
    println!("{kind:<22}{:>8}{:>10.1}{:>10.1}{:>10.1}", times.len(), at(50), at(99), at(100));
}

/// A folder with records, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(patients: u64) -> Folder {
        let folder = Folder(std::env::temp_dir().join(format!("regimen-bench-{}", std::process::id())));
        std::fs::create_dir_all(folder.0.join("records")).expect("a folder");
        let record = std::fs::read_to_string("protocols/records/healthy-adult.toml").expect("a record");
        for at in 0..patients {
            let text = record.replace("P-0001", &patient(at));
            std::fs::write(folder.0.join(format!("records/{at}.toml")), text).expect("written");
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn patient(at: u64) -> String {
    format!("B-{}", 10_000 + at * 37)
}

/// The program, gone afterwards.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn new(folder: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command.args(["serve", "protocols", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("clinic.db"));
        command.arg("--import").arg(folder.join("records"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("an address");
        Server { child, address: line.trim().strip_prefix("http://").expect("an address").to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody with a browser, which keeps its connection.
struct Person<'a> {
    address: &'a str,
    stream: BufReader<TcpStream>,
    cookie: String,
    token: String,
    /// Numbers that look random and are the same every time.
    state: u64,
    patient: String,
}

impl<'a> Person<'a> {
    fn new(address: &'a str, at: u64) -> Person<'a> {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("set");
        let (cookie, token) = (String::new(), String::new());
        let stream = BufReader::new(stream);
        let mut person = Person { address, stream, cookie, token, state: at * 2 + 1, patient: patient(at) };
        let (head, _) = person.send("POST", "/you", &format!("who=Dr+{at}&next=/patients"));
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
        person.cookie = cookie.split(';').next().expect("a cookie").to_owned();
        person.token = field(&person.send("GET", "/patients", "").1, "token");
        person
    }

    fn random(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    fn works(mut self, between: u64, end: Instant) -> Times {
        let mut times = Times::new();
        // They do not all begin at the same moment.
        self.waits(between);
        while Instant::now() < end {
            let base = format!("/patients/{}", self.patient);
            let treat = format!("{base}/treat/{PROTOCOL}");
            let (kind, method, path, body) = match self.random(16) {
                0 => ("patients", "GET", "/patients".to_owned(), String::new()),
                1 | 2 => ("overview", "GET", format!("{base}?as_of={DAY}"), String::new()),
                3 => ("plan", "GET", format!("{base}/plan?as_of={DAY}"), String::new()),
                4 => ("sessions", "GET", format!("{base}/sessions?as_of={DAY}"), String::new()),
                5 => ("why", "GET", format!("{base}/why/{PROTOCOL}?as_of={DAY}"), String::new()),
                6 => ("decisions", "GET", "/decisions".to_owned(), String::new()),
                7 => ("protocols", "GET", "/protocols".to_owned(), String::new()),
                8 => ("sheet", "GET", format!("/protocols/{PROTOCOL}"), String::new()),
                kind @ 9..=15 => {
                    let (_, page) = self.timed("questions", &mut times, "GET", &format!("{treat}?as_of={DAY}"), "");
                    self.waits(between);
                    let smoker = if self.random(2) == 0 { "yes" } else { "no" };
                    let fields = format!("token={}&as_of={DAY}&row={}", self.token, field(&page, "row"));
                    let answer = format!("{fields}&change=fact%3Asmoker&fact%3Asmoker=%3D{smoker}");
                    match kind {
                        9..=12 => ("preview", "POST", format!("{treat}/preview"), answer),
                        13 | 14 => ("save", "POST", format!("{treat}/answers"), answer),
                        _ => (
                            "decide",
                            "POST",
                            format!("{base}/decide"),
                            format!("{fields}&protocol={PROTOCOL}&then=show"),
                        ),
                    }
                }
                _ => unreachable!("it is below 16"),
            };
            self.timed(kind, &mut times, method, &path, &body);
            self.waits(between);
        }
        times
    }

    fn waits(&mut self, between: u64) {
        let half = between / 2;
        let jitter = self.random(between.max(1));
        std::thread::sleep(Duration::from_millis(half + jitter));
    }

    fn timed(
        &mut self,
        kind: &'static str,
        times: &mut Times,
        method: &str,
        path: &str,
        body: &str,
    ) -> (String, String) {
        let begun = Instant::now();
        let (head, page) = self.send(method, path, body);
        times.entry(kind).or_default().push(begun.elapsed());
        let code: u16 = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
        assert!(code == 200 || code == 303, "{method} {path}: {head}\n{page}");
        (head, page)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> (String, String) {
        let (address, cookie, length) = (self.address, &self.cookie, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("sent");
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("an answer");
            if line.trim().is_empty() {
                break;
            }
            if let Some(told) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = told.trim().parse().expect("a length");
            }
            head.push_str(&line);
        }
        let mut page = vec![0; length];
        self.stream.read_exact(&mut page).expect("a page");
        (head, String::from_utf8_lossy(&page).into_owned())
    }
}

/// The value of the first hidden field of a name.
fn field(page: &str, name: &str) -> String {
    let after = page.split_once(&format!("name=\"{name}\" value=\"")).map(|(_, after)| after);
    after.and_then(|after| after.split('"').next()).unwrap_or_default().to_owned()
}
