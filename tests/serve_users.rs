//! The users of the web application over a real socket: signing in, what each role may do, encrypted connections, and what attackers try.
#![cfg(feature = "serve")]

mod support;
#[path = "support/web.rs"]
mod web;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use support::{Folder, Output, repository, run};
use web::{FORM, Person, Reply, Server, form, raw, regimen, value_of};

const PASSWORD: &str = "seven lamps under the harbour";

/// `regimen user …` on an archive, with a password on its input.
fn user(data: &Path, arguments: &[&str], password: &str) -> Output {
    let mut command = regimen();
    command.arg("user").args(arguments).arg("--data").arg(data);
    if !["list", "log"].contains(&arguments[0]) {
        command.args(["--by", "Owner"]);
    }
    run(command, &format!("{password}\n"))
}

/// An archive with one user for each role, and one with the first three of them.
fn with_users(folder: &Folder) -> PathBuf {
    let data = folder.path().join("clinic.db");
    for (name, roles) in USERS {
        let mut arguments = vec!["add", name];
        roles.iter().for_each(|role| arguments.extend(["--role", role]));
        let added = user(&data, &arguments, PASSWORD);
        assert_eq!(added.code, Some(0), "{added:?}");
    }
    data
}

const USERS: [(&str, &[&str]); 5] = [
    ("Ada Administrator", &["administrator"]),
    ("Pia Practitioner", &["practitioner"]),
    ("Max Manager", &["manager"]),
    ("Aud Auditor", &["auditor"]),
    ("Dr All", &["practitioner", "manager", "auditor"]),
];

fn shipped(data: &Path) -> Server {
    Server::of(&repository().join("protocols"), data, &repository().join("protocols/records"))
}

/// On a clinic of one protocol, which starts sooner.
fn small(folder: &Folder, data: &Path) -> Server {
    folder.copy("tests/fixtures/tiny.toml", "clinic/tiny-peel/protocol.toml");
    let records = folder.path().join("records");
    std::fs::create_dir_all(&records).expect("a folder");
    Server::of(&folder.path().join("clinic"), data, &records)
}

/// Somebody who has signed in.
fn signed_in<'s>(server: &'s Server, name: &str, password: &str) -> Person<'s> {
    let mut person = nobody(server);
    let entered = sign_in(&person, name, password);
    assert_eq!(entered.to(), "/", "{}", entered.body);
    person.cookie = cookie_of(&entered);
    person.token = value_of(&person.get("/you/password").body, "token");
    person
}

fn nobody(server: &Server) -> Person<'_> {
    Person { address: &server.address, cookie: String::new(), token: String::new() }
}

fn sign_in(person: &Person<'_>, name: &str, password: &str) -> Reply {
    person.post("/you", &[("who", name), ("password", password), ("next", "/")])
}

fn cookie_of(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().expect("a cookie").to_owned()
}

// ---------------------------------------------------------------------------------------------------------------------
// Who may do what
// ---------------------------------------------------------------------------------------------------------------------

/// Who may use which addresses, part by part. This is the table of docs/serve.md, written out; it is not made from the program's.
const TABLE: &[(&str, &[&str])] = &[
    (
        "anybody",
        &[
            "GET /",
            "GET /you",
            "POST /you",
            "GET /assets/style.css",
            "GET /assets/live.js",
            "GET /assets/editor.js",
            "GET /assets/again.js",
            "GET /assets/icon.svg",
            "GET /assets/handout.css",
        ],
    ),
    (
        "practitioner manager auditor administrator",
        &[
            "POST /you/leave",
            "POST /language",
            "GET /you/password",
            "POST /you/password",
            "POST /api/v1/recommend",
            "POST /api/v1/plan",
            "POST /api/v1/when",
            "GET /api/v1/protocols",
            "GET /api/v1/openapi.json",
            "GET /api/v1/schemas/{name}",
        ],
    ),
    // Treating patients.
    (
        "practitioner",
        &[
            "POST /patients",
            "GET /patients/{patient}/treat/{protocol}",
            "POST /patients/{patient}/treat/{protocol}/answers",
            "POST /patients/{patient}/treat/{protocol}/preview",
            "GET /patients/{patient}/sessions",
            "POST /patients/{patient}/sessions",
            "POST /patients/{patient}/sessions/remove",
            "GET /patients/{patient}/plan",
            "GET /patients/{patient}/why/{protocol}",
            "GET /patients/{patient}/when/{protocol}",
            "POST /patients/{patient}/decide",
        ],
    ),
    // What was decided, and about whom.
    (
        "practitioner auditor",
        &[
            "GET /patients",
            "GET /patients/{patient}",
            "GET /patients/{patient}/paper.css",
            "GET /patients/{patient}/record",
            "GET /patients/{patient}/record.toml",
            "GET /decisions",
            "GET /decisions/{entry}",
            "GET /decisions/{entry}/receipt.json",
            "GET /decisions/{entry}/text",
            "GET /decisions/{entry}/handout",
            "GET /decisions/{entry}/checklist",
            "GET /decisions/{entry}/calendar.ics",
            "POST /decisions/{entry}/remark",
        ],
    ),
    // Checking all of it, and erasing by request.
    (
        "auditor",
        &[
            "GET /decisions/verify",
            "GET /decisions/replay",
            "GET /decisions/{entry}/replay",
            "GET /patients/{patient}/erase",
            "POST /patients/{patient}/erase",
        ],
    ),
    // Reading the protocols, and changing them.
    (
        "practitioner manager auditor",
        &[
            "GET /protocols",
            "GET /protocols/{file}",
            "GET /protocols/{file}/cases",
            "GET /protocols/{file}/versions",
            "GET /protocols/{file}/versions/{version}",
            "GET /protocols/{file}/compare",
            "GET /protocols/{file}/publish",
            "GET /codes/{code}",
        ],
    ),
    ("manager auditor", &["GET /saved", "GET /saved/{number}"]),
    (
        "manager",
        &[
            "GET /protocols/{file}/text",
            "POST /protocols/{file}/check",
            "GET /protocols/{file}/parameters",
            "POST /protocols/{file}/parameters",
            "POST /protocols/{file}/review",
            "POST /protocols/{file}/save",
            "GET /protocols/{file}/tables",
            "GET /protocols/{file}/tables.csv",
            "POST /protocols/{file}/tables",
            "POST /protocols/{file}/cases",
            "POST /protocols/{file}/versions/{version}/restore",
            "POST /protocols/{file}/publish",
        ],
    ),
    // Who may work here.
    ("auditor administrator", &["GET /users/visits"]),
    (
        "administrator",
        &[
            "GET /users",
            "POST /users",
            "GET /users/{user}",
            "POST /users/{user}/roles",
            "POST /users/{user}/password",
            "POST /users/{user}/able",
        ],
    ),
];

fn filled(path: &str) -> String {
    [
        ("{patient}", "P-0001"),
        ("{protocol}", "microneedling-acne-scars"),
        ("{entry}", "1"),
        ("{file}", "microneedling-acne-scars"),
        ("{code}", "R101"),
        ("{version}", "1.0.0"),
        ("{number}", "1"),
        ("{name}", "plan.json"),
        ("{user}", "Dr%20All"),
    ]
    .iter()
    .fold(path.to_owned(), |path, (part, value)| path.replace(part, value))
}

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let folder = Folder::new();
    let data = with_users(&folder);
    // Every page of every role: of one protocol, the pages of the whole clinic take a tenth of the time.
    for part in ["facts.toml", "clinic.toml", "records", "microneedling-acne-scars/protocol.toml"] {
        folder.copy(&format!("protocols/{part}"), &format!("clinic/{part}"));
    }
    let server = Server::of(&folder.path().join("clinic"), &data, &folder.path().join("clinic/records"));
    let mut may: BTreeMap<String, &str> = BTreeMap::new();
    for (roles, addresses) in TABLE {
        for address in *addresses {
            assert!(may.insert((*address).to_owned(), roles).is_none(), "{address} stands there twice");
        }
    }
    let served: Vec<String> =
        regimen::serve::addresses().iter().map(|(method, path)| format!("{method} {path}")).collect();
    let mut listed: Vec<String> = may.keys().cloned().collect();
    let mut all = served.clone();
    listed.sort();
    all.sort();
    assert_eq!(listed, all, "the table has every address, and no other");
    for (name, roles) in USERS {
        let person = signed_in(&server, name, PASSWORD);
        for address in served.iter().filter(|address| !["POST /you", "POST /you/leave"].contains(&address.as_str())) {
            let (method, path) = address.split_once(' ').expect("two words");
            let reply = ask(&person, method, &filled(path));
            let wanted = may[address];
            let is_permitted =
                wanted == "anybody" || roles.iter().any(|role| wanted.split(' ').any(|one| one == *role));
            let what = format!("{address} for {name}: {} {}", reply.head, reply.body);
            assert_eq!(reply.code == 403, !is_permitted, "{what}");
            if is_permitted {
                assert!(![401, 421, 500].contains(&reply.code) && !reply.head.contains("/you?next="), "{what}");
            } else {
                assert!(reply.body.contains("R867") && reply.body.contains("another role"), "{what}");
                assert!(!reply.body.contains("isotretinoin"), "nothing of it is shown: {what}");
            }
        }
        // What is offered at the top of a page is what may be used.
        let page = person.page("/you/password");
        for (part, wanted) in [
            ("/patients", "GET /patients"),
            ("/protocols", "GET /protocols"),
            ("/decisions", "GET /decisions"),
            ("/users", "GET /users"),
        ] {
            let is_permitted = roles.iter().any(|role| may[wanted].split(' ').any(|one| one == *role));
            assert_eq!(page.contains(&format!("<a href=\"{part}\"")), is_permitted, "{part} for {name}: {page}");
        }
        let home = person.get("/").to().to_owned();
        assert_eq!(person.get(&home).code, 200, "{name} begins where they may be: {home}");
        person.post("/you/leave", &[]).to();
    }
    let nobody = nobody(&server);
    for address in served.iter().filter(|address| may[address.as_str()] != "anybody") {
        let (method, path) = address.split_once(' ').expect("two words");
        let reply = ask(&nobody, method, &filled(path));
        let what = format!("{address} for nobody: {} {}", reply.head, reply.body);
        match (method, path.starts_with("/api/")) {
            (_, true) => assert!(reply.code == 401 && reply.body.contains("R868"), "{what}"),
            ("GET", _) => assert!(reply.to().starts_with("/you?next="), "{what}"),
            _ => assert!(reply.code == 403 && reply.body.contains("R868"), "{what}"),
        }
        assert!(!reply.body.contains("P-0001") && !reply.body.contains("isotretinoin"), "{what}");
    }
    // Nothing of all that has changed anything: what was sent was empty.
    let auditor = signed_in(&server, "Aud Auditor", PASSWORD);
    assert!(auditor.page("/decisions?kind=erased").contains("No entry matches"));
    assert!(auditor.page("/decisions/verify").contains("It is as it was written"));
}

/// Asks for an address, with an empty form or question where it takes one.
fn ask(person: &Person<'_>, method: &str, path: &str) -> Reply {
    let origin = format!("http://{}", person.address);
    match (method, path.starts_with("/api/")) {
        ("GET", _) => person.get(path),
        (_, true) => person.send(path, person.address, &origin, "application/json", "{}"),
        (_, false) => person.post(path, &[]),
    }
}

#[test]
fn forbidden_links_are_not_shown_inside_pages() {
    let folder = Folder::new();
    let data = with_users(&folder);
    let server = shipped(&data);
    let (auditor, practitioner) =
        (signed_in(&server, "Aud Auditor", PASSWORD), signed_in(&server, "Pia Practitioner", PASSWORD));
    let protocol = "/protocols/microneedling-acne-scars";
    for (path, shown, hidden) in [
        ("/patients", vec!["action=\"/patients\" role=\"search\""], vec!["Add a patient"]),
        (
            "/patients/P-0001/record",
            vec!["/patients/P-0001/erase"],
            vec!["/patients/P-0001/plan", "/patients/P-0001/sessions"],
        ),
        ("/patients/P-0001", vec!["Microneedling"], vec!["/treat/"]),
        ("/decisions", vec!["/decisions/verify"], vec![]),
        (protocol, vec![], vec!["/microneedling-acne-scars/text", "/microneedling-acne-scars/parameters"]),
    ] {
        let page = auditor.page(path);
        assert!(shown.iter().all(|one| page.contains(one)), "{path}: {shown:?} {page}");
        assert!(!hidden.iter().any(|one| page.contains(one)), "{path}: {hidden:?} {page}");
    }
    for (path, shown, hidden) in [
        ("/patients", vec!["Add a patient"], vec![]),
        ("/patients/P-0001/record", vec!["/patients/P-0001/plan"], vec!["/patients/P-0001/erase"]),
        ("/decisions", vec![], vec!["/decisions/verify", "/decisions/replay"]),
        (protocol, vec![], vec!["/microneedling-acne-scars/text"]),
    ] {
        let page = practitioner.page(path);
        assert!(shown.iter().all(|one| page.contains(one)), "{path}: {shown:?} {page}");
        assert!(!hidden.iter().any(|one| page.contains(one)), "{path}: {hidden:?} {page}");
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Signing in
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn who_signs_in_stands_in_what_they_keep() {
    let folder = Folder::new();
    let data = with_users(&folder);
    let server = shipped(&data);
    // However the name is written: it is the account's that is kept.
    let person = signed_in(&server, " pia  PRACTITIONER", PASSWORD);
    let treat = "/patients/P-0001/treat/microneedling-acne-scars";
    let page = person.page(&format!("{treat}?as_of=2026-03-02"));
    let row = value_of(&page, "row");
    let fields = [("protocol", "microneedling-acne-scars"), ("as_of", "2026-03-02"), ("row", &row), ("who", "Dr Else")];
    let decided = person.post("/patients/P-0001/decide", &fields).to().to_owned();
    assert!(person.page(&decided).contains("Pia Practitioner"));
    let mut list = regimen();
    list.args(["archive", "list", "--archive"]).arg(&data);
    let listed = run(list, "").stdout;
    assert!(listed.lines().last().expect("a line").ends_with("by Pia Practitioner"), "{listed}");
    assert!(listed.contains("account added Pia Practitioner  by Owner"), "{listed}");
    // Each sign-in has a new session, and ends the one that this browser had.
    let again = sign_in(&person, "Pia Practitioner", PASSWORD);
    assert_ne!(cookie_of(&again), person.cookie);
    assert!(person.get("/patients").to().starts_with("/you"), "the old one is over");
    // A session that somebody else chose is never taken.
    let chosen = Person { address: &server.address, cookie: "regimen=0123456789abcdef".into(), token: String::new() };
    let cookie = cookie_of(&sign_in(&chosen, "Pia Practitioner", PASSWORD));
    assert!(!cookie.contains("0123456789abcdef") && chosen.get("/patients").code == 303);
    // Signing out takes the cookie away, and ends the session.
    let person = signed_in(&server, "Pia Practitioner", PASSWORD);
    let left = person.post("/you/leave", &[]);
    assert!(
        left.header("set-cookie").is_some_and(|cookie| cookie.contains("regimen=;") && cookie.contains("Max-Age=0"))
    );
    assert_eq!(person.get("/patients").code, 303);
    let log = user(&data, &["log"], "").stdout;
    assert!(
        log.lines().next().is_some_and(|line| line.contains("signed out")
            && line.contains("Pia Practitioner")
            && line.ends_with("127.0.0.1")),
        "{log}"
    );
}

#[test]
fn what_is_wrong_is_told_and_not_what_of_it() {
    let folder = Folder::new();
    let data = with_users(&folder);
    assert_eq!(user(&data, &["disable", "Max Manager"], "").code, Some(0));
    let server = small(&folder, &data);
    let person = nobody(&server);
    // An unknown name, a wrong password, a user who is disabled, with what they type: one answer.
    let mut answers = Vec::new();
    for (name, password) in [
        ("No Such", PASSWORD),
        ("Pia Practitioner", "another password"),
        ("Max Manager", PASSWORD),
        ("Pia Practitioner", ""),
        ("", ""),
        ("Pia Practitioner", &format!(" {PASSWORD}")),
        (PASSWORD, PASSWORD),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ] {
        let reply = sign_in(&person, name, password);
        assert_eq!(reply.code, 403, "{name}: {}", reply.body);
        assert!(reply.header("set-cookie").is_none(), "{}", reply.head);
        assert!(reply.body.contains("R868") && reply.body.contains("role=\"alert\""), "{}", reply.body);
        let typed = support_escaped(name);
        answers.push(reply.body.replace(&format!("value=\"{typed}\""), "").replace(" autofocus", ""));
    }
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:#?}");
    // What was typed as a name is kept only where it is one: it may be a password.
    let log = user(&data, &["log"], "").stdout;
    assert!(log.contains("failed") && log.contains("(no user of that name)") && !log.contains("lamps"), "{log}");
    let bytes = std::fs::read(&data).expect("read");
    let wal = std::fs::read(data.with_extension("db-wal")).unwrap_or_default();
    for bytes in [bytes, wal] {
        assert!(!String::from_utf8_lossy(&bytes).contains("seven lamps"), "a password stands nowhere");
    }
}

fn support_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[test]
fn nobody_guesses_for_long() {
    let folder = Folder::new();
    let data = with_users(&folder);
    let server = small(&folder, &data);
    let person = nobody(&server);
    for name in ["Pia Practitioner", "No Such"] {
        for _ in 0..5 {
            assert_eq!(sign_in(&person, name, "another password").code, 403);
        }
        // The right one does not help now, and no unknown name is told apart from a known one.
        for password in [PASSWORD, "another password"] {
            let held = sign_in(&person, name, password);
            assert!(
                held.code == 429 && held.body.contains("R869") && held.body.contains("wait 15 minutes"),
                "{}",
                held.body
            );
            let wait: u64 = held.header("retry-after").and_then(|wait| wait.parse().ok()).expect("how long");
            assert!((800..=900).contains(&wait), "{wait}");
        }
    }
    let log = user(&data, &["log"], "").stdout;
    assert_eq!(log.matches("held off").count(), 2, "{log}");
    // Others can sign in all the same, until there were too many attempts from the address.
    let other = signed_in(&server, "Dr All", PASSWORD);
    let mut held = 0;
    for at in 0..40 {
        held += usize::from(sign_in(&person, &format!("name {at}"), "another password").code == 429);
    }
    assert_eq!(held, 20, "thirty failed attempts for an address, of which ten were before");
    assert_eq!(sign_in(&person, "Aud Auditor", PASSWORD).code, 429);
    assert_eq!(other.get("/patients").code, 200, "who has signed in goes on");
}

#[test]
fn a_user_who_is_disabled_or_gets_a_new_password_is_out_at_once() {
    let folder = Folder::new();
    let data = with_users(&folder);
    let server = small(&folder, &data);
    let person = signed_in(&server, "Pia Practitioner", PASSWORD);
    let elsewhere = signed_in(&server, "Pia Practitioner", PASSWORD);
    // Their own change: here they go on, in a new session; elsewhere they are out.
    let change = |password: &str, new: &str, again: &str| {
        person.post("/you/password", &[("password", password), ("new", new), ("again", again)])
    };
    let new = "nine kettles on a quiet hill";
    for (reply, code, told) in [
        (change("not it at all", new, new), 403, "R868"),
        (change(PASSWORD, new, "nine kettles"), 422, "R865"),
        (change(PASSWORD, "short", "short"), 422, "R865"),
    ] {
        assert!(reply.code == code && reply.body.contains(told), "{}: {}", reply.code, reply.body);
    }
    let changed = change(PASSWORD, new, new);
    let cookie = cookie_of(&changed);
    assert!(elsewhere.get("/patients").code == 303 && person.get("/patients").code == 303);
    let person = Person { cookie, ..person };
    assert_eq!(person.get("/patients").code, 200);
    assert_eq!(sign_in(&elsewhere, "Pia Practitioner", PASSWORD).code, 403);
    // What they may do changes with the next page, without signing in anew.
    let roles = user(&data, &["roles", "pia practitioner", "--role", "manager"], "");
    assert_eq!(roles.code, Some(0), "{roles:?}");
    assert_eq!((person.get("/patients").code, person.get("/protocols").code), (403, 200));
    // Disabled, in another program, they are out.
    assert_eq!(user(&data, &["disable", "Pia Practitioner"], "").code, Some(0));
    assert_eq!(person.get("/protocols").code, 303);
    assert_eq!(sign_in(&person, "Pia Practitioner", new).code, 403);
    assert_eq!(user(&data, &["enable", "Pia Practitioner"], "").code, Some(0));
    assert_eq!(person.get("/protocols").code, 303, "the old session does not come back");
    signed_in(&server, "Pia Practitioner", new);
}

#[test]
fn without_users_it_works_as_before_and_the_first_one_ends_that() {
    let folder = Folder::new();
    let data = folder.path().join("clinic.db");
    let server = small(&folder, &data);
    let person = Person::new(&server, "Dr Anybody", "/patients");
    let page = person.page("/patients");
    assert!(page.contains(">Leave<") && !page.contains("href=\"/users\""), "{page}");
    let users = person.get("/users");
    assert!(users.code == 404 && users.body.contains("regimen user add"), "{}", users.body);
    assert_eq!(person.get("/you/password").code, 404);
    let made = person.post("/users", &[("name", "Eve"), ("role", "administrator"), ("password", PASSWORD)]);
    assert_eq!(made.code, 404, "no page makes the first user");
    assert_eq!(user(&data, &["add", "Dr A", "--role", "administrator"], PASSWORD).code, Some(0));
    assert!(person.get("/patients").to().starts_with("/you"));
    assert_eq!(person.post("/patients", &[("id", "P-9")]).code, 403);
    assert_eq!(person.post("/you", &[("who", "Dr Anybody")]).code, 403);
    assert!(person.page("/you").contains("type=\"password\""));
    signed_in(&server, "Dr A", PASSWORD);
}

// ---------------------------------------------------------------------------------------------------------------------
// Users
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn users_are_made_on_the_command_line() {
    let folder = Folder::new();
    let data = folder.path().join("clinic.db");
    let first = user(&data, &["add", "Dr A", "--role", "practitioner"], PASSWORD);
    assert!(first.code == Some(2) && first.stderr.contains("the first user has to be an administrator"), "{first:?}");
    let added = user(&data, &["add", "Dr A", "--role", "administrator", "--role", "practitioner"], PASSWORD);
    assert_eq!((added.code, added.stdout.as_str()), (Some(0), "Dr A can sign in (entry 1)\n"), "{added:?}");
    for (arguments, password, code, told) in [
        (&["add", "dr. a", "--role", "manager"][..], PASSWORD, 1, "R864"),
        (&["add", "Dr A", "--role", "manager"], PASSWORD, 1, "R864"),
        (&["add", "Dr \u{410}", "--role", "manager"], PASSWORD, 1, "R864"),
        (&["add", " Dr B", "--role", "manager"], PASSWORD, 1, "R864"),
        (&["add", "Dr\u{200b} B", "--role", "manager"], PASSWORD, 1, "R864"),
        (&["add", "--", "...", "--role"], PASSWORD, 2, "error"),
        (&["add", "Dr B", "--role", "manager"], "secret", 1, "R865"),
        (&["add", "Dr B", "--role", "manager"], "", 1, "R865"),
        (&["add", "Dr B", "--role", "boss"], PASSWORD, 2, "practitioner, manager, auditor, administrator"),
        (&["add", "Dr B"], PASSWORD, 2, "--role"),
        (&["disable", "Dr C"], "", 1, "R863"),
        (&["password", "Dr C"], PASSWORD, 1, "R863"),
        (&["token", "Dr C"], "", 1, "R863"),
    ] {
        let output = user(&data, arguments, password);
        assert!(output.code == Some(code) && output.stderr.contains(told), "{arguments:?}: {output:?}");
    }
    let mut unsigned = regimen();
    unsigned.args(["user", "disable", "Dr A", "--by", " ", "--data"]).arg(&data);
    assert_eq!(run(unsigned, "").code, Some(2));
    assert_eq!(user(&data, &["disable", "DR A"], "").code, Some(0));
    let list = user(&data, &["list"], "").stdout;
    assert!(list.starts_with("Dr A ") && list.contains("practitioner, administrator  (cannot sign in)"), "{list}");
    assert!(list.contains("by Owner") && list.lines().count() == 1, "{list}");
    // Each change is an entry: who did it, and to whom. No hash of a password is in it.
    let mut show = regimen();
    show.args(["archive", "show", "1", "--archive"]).arg(&data);
    let shown = run(show, "").stdout;
    for expected in [
        "kind         account",
        "account      Dr A",
        "does         added",
        "roles        practitioner,administrator",
        "by           Owner",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains("argon2"), "{shown}");
    let mut verify = regimen();
    verify.args(["archive", "verify"]).arg(&data);
    assert!(run(verify, "").stdout.starts_with("2 entries, as they were written"));
}

#[test]
fn an_administrator_lets_others_in_and_cannot_lock_themselves_out() {
    let folder = Folder::new();
    let data = with_users(&folder);
    let server = small(&folder, &data);
    let ada = signed_in(&server, "Ada Administrator", PASSWORD);
    let name = "<b>Nurse</b> \"B\"";
    let at = format!("/users/{}", web::encoded(name));
    let fields = |name: &'static str| [("name", name), ("role", "practitioner"), ("password", PASSWORD)];
    assert_eq!(ada.post("/users", &fields("<b>Nurse</b> \"B\"")).to(), "/users");
    let page = ada.page("/users");
    assert!(
        page.contains("&lt;b&gt;Nurse") && !page.contains("<b>Nurse") && page.contains("by Ada Administrator"),
        "{page}"
    );
    let nurse = signed_in(&server, name, PASSWORD);
    assert_eq!(nurse.get("/patients").code, 200);
    for (fields, code) in [
        (&fields("<b>nurse</b> b")[..], "R864"),
        (&[("name", "Nurse C"), ("role", "practitioner"), ("password", "short")], "R865"),
        (&[("name", "Nurse C"), ("password", PASSWORD)], "choose at least one role"),
        (&[("name", "Nurse C"), ("role", "owner"), ("password", PASSWORD)], "choose at least one role"),
    ] {
        let refused = ada.post("/users", fields);
        assert!(refused.code == 422 && refused.body.contains(code), "{code}: {}", refused.body);
        assert!(!refused.body.contains(PASSWORD));
    }
    ada.post(&format!("{at}/roles"), &[("role", "auditor")]).to();
    assert_eq!((nurse.get("/patients/P-1/plan").code, nurse.get("/decisions").code), (403, 200));
    ada.post(&format!("{at}/password"), &[("password", "nine kettles on a quiet hill")]).to();
    assert_eq!(nurse.get("/decisions").code, 303);
    let nurse = signed_in(&server, name, "nine kettles on a quiet hill");
    ada.post(&format!("{at}/able"), &[("able", "no")]).to();
    assert_eq!(nurse.get("/decisions").code, 303);
    ada.post(&format!("{at}/able"), &[("able", "yes")]).to();
    signed_in(&server, name, "nine kettles on a quiet hill");
    // Nobody takes from themselves what only an administrator can give back.
    let own = "/users/Ada%20Administrator";
    for (path, fields) in
        [("able", ("able", "no")), ("roles", ("role", "manager")), ("password", ("password", PASSWORD))]
    {
        let refused = ada.post(&format!("{own}/{path}"), &[fields]);
        assert!(refused.code == 422 && refused.body.contains("another administrator"), "{path}: {}", refused.body);
    }
    assert_eq!(ada.get("/users/Nobody").code, 404);
    // Who came is listed, for auditors, too.
    let visits = signed_in(&server, "Aud Auditor", PASSWORD).page("/users/visits");
    assert!(
        visits.contains("signed in") && visits.contains("127.0.0.1") && visits.contains("&lt;b&gt;Nurse"),
        "{visits}"
    );
    let mut verify = regimen();
    verify.args(["archive", "verify"]).arg(&data);
    assert_eq!(run(verify, "").code, Some(0));
}

#[test]
fn a_program_asks_with_a_token_that_can_be_taken_back() {
    let folder = Folder::new();
    let data = with_users(&folder);
    let server = small(&folder, &data);
    let get = |path: &str, authorization: &str| {
        let at = &server.address;
        raw(
            at,
            format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
    };
    let token = |arguments: &[&str]| {
        let made = user(&data, arguments, "");
        assert_eq!(made.code, Some(0), "{made:?}");
        made.stdout.trim().to_owned()
    };
    let first = token(&["token", "Dr All"]);
    assert!(first.starts_with("regimen_") && first.len() == 72, "{first}");
    let list = |token: &str| get("/api/v1/protocols", &format!("Bearer {token}"));
    assert!(list(&first).code == 200 && list(&first).body.contains("tiny-peel"));
    let refused = list("regimen_0");
    assert!(
        refused.code == 401 && refused.body.contains("R868") && refused.header("www-authenticate") == Some("Bearer"),
        "{refused:?}"
    );
    for wrong in [first.clone(), "Basic RHIgQWxsOng=".to_owned(), "Bearer".to_owned(), "Bearer ".to_owned()] {
        assert_eq!(get("/api/v1/protocols", &wrong).code, 401, "{wrong}");
    }
    // It opens no page.
    assert_eq!(get("/patients", &format!("Bearer {first}")).code, 303);
    let second = token(&["token", "Dr All"]);
    assert_eq!((list(&first).code, list(&second).code), (401, 200));
    token(&["disable", "Dr All"]);
    assert_eq!(list(&second).code, 401);
    token(&["enable", "Dr All"]);
    assert_eq!(list(&second).code, 200);
    token(&["token", "Dr All", "--revoke"]);
    assert_eq!(list(&second).code, 401);
    // A browser that is signed in needs none.
    let person = signed_in(&server, "Pia Practitioner", PASSWORD);
    assert_eq!(person.get("/api/v1/protocols").code, 200);
    let bytes = std::fs::read(&data).expect("read");
    assert!(!String::from_utf8_lossy(&bytes).contains(&second), "it is kept as a hash");
}

// ---------------------------------------------------------------------------------------------------------------------
// Connections
// ---------------------------------------------------------------------------------------------------------------------

/// A certificate for a name, made now, and its key.
fn certificate(folder: &Folder, name: &str) -> (PathBuf, PathBuf, rustls::pki_types::CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("made");
    let (file, key) = (folder.path().join(format!("{name}.pem")), folder.path().join(format!("{name}.key")));
    std::fs::write(&file, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    (file, key, made.cert.der().clone())
}

/// Sends bytes over an encrypted connection, and reads all that comes.
fn encrypted(port: &str, name: &str, root: &rustls::pki_types::CertificateDer<'static>, request: &str) -> Reply {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.clone()).expect("added");
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let client = rustls::ClientConnection::new(Arc::new(config), name).expect("a client");
    let stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens");
    let mut stream = rustls::StreamOwned::new(client, stream);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    Reply { code, head: head.to_owned(), body: body.to_owned() }
}

#[test]
fn beyond_this_computer_it_takes_users_a_certificate_and_a_name() {
    let folder = Folder::new();
    let (file, key, _) = certificate(&folder, "clinic.example");
    let (other, _, _) = certificate(&folder, "other.example");
    let (data, none) = (with_users(&folder), folder.path().join("none.db"));
    let serve = |data: &Path, more: &[&str]| {
        let mut command = regimen();
        command.args(["serve", "protocols", "--listen", "0.0.0.0:0"]).args(more).arg("--data").arg(data);
        let output = run(command, "");
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{more:?}: {output:?}");
        output.stderr
    };
    let paths = [file.to_str().expect("a path"), key.to_str().expect("a path"), other.to_str().expect("a path")];
    let tls = ["--tls-cert", paths[0], "--tls-key", paths[1]];
    let told = serve(&none, &[]);
    for missing in ["R854", "there are no users", "not encrypted", "regimen user add", "--tls-cert", "--host"] {
        assert!(told.contains(missing), "{missing}: {told}");
    }
    assert!(!none.exists(), "nothing is made before that");
    let told = serve(&none, &[&tls[..], &["--host", "clinic.example"]].concat());
    assert!(told.contains("there are no users") && !told.contains("not encrypted"), "{told}");
    let told = serve(&data, &["--host", "clinic.example"]);
    assert!(told.contains("not encrypted") && !told.contains("there are no users"), "{told}");
    let told = serve(&data, &tls);
    assert!(told.contains("by which name") && !told.contains("not encrypted"), "{told}");
    // What is no certificate, or belongs to another key.
    for wrong in [
        ["--tls-cert", paths[2], "--tls-key", paths[1]],
        ["--tls-cert", paths[1], "--tls-key", paths[1]],
        ["--tls-cert", paths[0], "--tls-key", paths[0]],
        ["--tls-cert", "no-such.pem", "--tls-key", paths[1]],
    ] {
        let told = serve(&data, &[&wrong[..], &["--host", "clinic.example"]].concat());
        assert!(told.contains("R866") && told.contains("--tls-key"), "{wrong:?}: {told}");
    }
    for wrong in [&["--tls-cert", paths[0]][..], &["--host", "https://clinic.example"], &["--host", "*"]] {
        assert!(serve(&data, wrong).contains("error: "), "{wrong:?}");
    }
}

#[test]
fn other_computers_are_answered_encrypted_and_by_name() {
    let folder = Folder::new();
    let (file, key, root) = certificate(&folder, "clinic.example");
    let data = with_users(&folder);
    let mut command = regimen();
    command.args(["serve", "protocols", "--listen", "0.0.0.0:0", "--host", "Clinic.example", "--data"]).arg(&data);
    command.arg("--tls-cert").arg(file).arg("--tls-key").arg(key);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("an address");
    let address = line.trim().strip_prefix("https://clinic.example:").expect("the address that people type").to_owned();
    let server = Server { child, address };
    let port = &server.address;
    let host = format!("clinic.example:{port}");
    let send = |request: &str| encrypted(port, "clinic.example", &root, request);
    let get = |path: &str, host: &str, cookie: &str| {
        send(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"))
    };
    let post = |path: &str, origin: &str, cookie: &str, body: &str| {
        let length = body.len();
        send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    };
    let page = get("/you", &host, "");
    assert_eq!(page.code, 200, "{page:?}");
    assert_eq!(page.header("strict-transport-security"), Some("max-age=31536000"));
    for name in ["evil.example", &format!("192.0.2.7:{port}"), "clinic.example.evil.example"] {
        assert_eq!(get("/you", name, "").code, 421, "{name}");
    }
    let origin = format!("https://{host}");
    let body = form(&[("who", "Pia Practitioner"), ("password", PASSWORD), ("next", "/patients")]);
    for wrong in [format!("http://{host}"), "https://evil.example".to_owned(), "https://clinic.example".to_owned()] {
        assert_eq!(post("/you", &wrong, "", &body).code, 403, "{wrong}");
    }
    let entered = post("/you", &origin, "", &body);
    assert_eq!(entered.to(), "/patients");
    assert!(
        entered
            .header("set-cookie")
            .is_some_and(|cookie| cookie.starts_with("__Host-regimen=") && cookie.ends_with("; Secure")),
        "{}",
        entered.head
    );
    let cookie = cookie_of(&entered);
    assert_eq!(get("/patients", &host, &cookie).code, 200);
    assert_eq!(get("/patients", &host, &cookie.replace("__Host-", "")).code, 303);
    // Unencrypted there is nothing but a hint.
    let plain = raw(&format!("127.0.0.1:{port}"), format!("GET /you HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
    assert!(plain.code == 400 && plain.body.contains("https://") && !plain.body.contains("password"), "{plain:?}");
}

#[test]
fn who_says_nothing_or_says_it_too_slowly_is_cut_off_and_others_are_answered() {
    let folder = Folder::new();
    let server = small(&folder, &folder.path().join("clinic.db"));
    let begun = Instant::now();
    let mut silent: Vec<TcpStream> =
        (0..50).map(|_| TcpStream::connect(&server.address).expect("it listens")).collect();
    for stream in silent.iter_mut().step_by(2) {
        stream.write_all(b"GET /patients HTTP/1.1\r\nHost: ").expect("sent");
    }
    // Whoever sends a letter now and then says it too slowly, too.
    let mut slow = TcpStream::connect(&server.address).expect("it listens");
    let _ = slow.write_all(b"GET /patients HTTP/1.1\r\n");
    while slow.write_all(b"a: b\r\n").is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(40), "it was not cut off");
        assert_eq!(nobody(&server).get("/you").code, 200, "others are answered meanwhile");
        std::thread::sleep(Duration::from_millis(500));
    }
    for mut stream in silent {
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let mut bytes = Vec::new();
        if let Err(error) = stream.read_to_end(&mut bytes) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "it was not cut off");
        }
        let answer = String::from_utf8_lossy(&bytes).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[test]
fn what_is_wrong_with_accounts_is_told_in_the_language_of_the_page() {
    let folder = Folder::new();
    let data = with_users(&folder);
    folder.copy("tests/fixtures/peeling.toml", "clinic/peeling/protocol.toml");
    let records = folder.path().join("records");
    std::fs::create_dir_all(&records).expect("a folder");
    let server = Server::of(&folder.path().join("clinic"), &data, &records);
    let wrong = sign_in(&nobody(&server), "Ada Administrator", "wrong");
    let ada = signed_in(&server, "Ada Administrator", PASSWORD);
    let user = "/users/Ada%20Administrator";
    for (reply, told) in [
        (wrong, "Es gibt keinen Benutzer dieses Namens"),
        (ada.post("/users", &[("name", "Eva"), ("password", PASSWORD)]), "mindestens eine Rolle"),
        (
            ada.post("/users", &[("name", "Eva"), ("role", "manager"), ("password", "kurz")]),
            "Das Passwort hat 4 Zeichen",
        ),
        (
            ada.post("/users", &[("name", "Max Manager"), ("role", "manager"), ("password", PASSWORD)]),
            "gibt den Benutzer",
        ),
        (ada.post(&format!("{user}/able"), &[("able", "no")]), "Das muss ein anderer Verwalter"),
        (ada.post("/you/password", &[("new", "eins"), ("again", "zwei")]), "nicht zweimal gleich getippt"),
        (ada.get("/users/Niemand"), "Es gibt keinen Benutzer `Niemand`"),
    ] {
        assert!(reply.body.contains(told), "{told}: {}", reply.body);
        assert!(!reply.body.contains("lang=\"en\""), "{}", reply.body);
    }
}
