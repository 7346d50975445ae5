//! What a manager does beside editing a text, over a real socket: cases are approved, a version is tried and published, compared, and taken up
//! again; decision tables go to a spreadsheet and back.
#![cfg(feature = "serve")]

#[allow(dead_code, reason = "other tests run the program")]
mod support;
#[allow(dead_code, reason = "other tests send more")]
#[path = "support/web.rs"]
mod web;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::Folder;
use web::{Person, Server, value_of};

const FACTS: &str = r#"
[facts.date_of_birth]
type = "date"
past = true
ask = "What is your date of birth?"
of = "record"
valid_for = "forever"

[facts.hba1c]
type = "decimal"
unit = "%"
range = [3, 20]
ask = "What is the latest HbA1c?"
of = "lab"
valid_for = "90 days"

[[allow]]
code = "R708"
reason = "They are for other clinics."
"#;

const PEEL: &str = r#"
# Kept as it is written.
id = "peel"
title = "Glycolic peel"
version = "1.0.0"
status = "active"
in_force = { from = 2026-01-01 }
review_by = 2099-01-01
owner = "medical lead"
treatment = "peel"

[sources.handbook]
title = "Handbook of the clinic"
evidence = "read"

[[contraindication]]
id = "sugar"
when = 'hba1c > 8'
lasts = "while-true"
reason = "Blood sugar is too high."
sources = ["handbook"]
"#;

struct Clinic(Folder);

impl Clinic {
    fn new() -> Clinic {
        let clinic = Clinic(Folder::new());
        clinic.write("facts.toml", FACTS);
        clinic.write("peel/protocol.toml", PEEL);
        for (name, facts, status) in
            [("well", "hba1c = 8", "due"), ("high", "hba1c = 8.1", "contraindicated"), ("unknown", "", "undetermined")]
        {
            clinic.0.case("clinic/peel", name, facts, status);
        }
        clinic
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("clinic").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        self.0.write(&format!("clinic/{name}"), text);
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn serve(&self) -> Server {
        std::fs::create_dir_all(self.path("records")).expect("made");
        Server::of(&self.path(""), &self.0.path().join("clinic.db"), &self.path("records"))
    }
}

/// What a form of the versions page sends.
fn publish(person: &Person<'_>, protocol: &str, more: &[(&str, &str)]) -> web::Reply {
    let hash = value_of(&person.page(&format!("/protocols/{protocol}/versions")), "sha256");
    let mut fields = vec![("sha256", hash.as_str())];
    fields.extend(more);
    person.post(&format!("/protocols/{protocol}/publish"), &fields)
}

/// Waits until it is told what came of it.
fn ended(person: &Person<'_>, protocol: &str) -> String {
    let begun = Instant::now();
    loop {
        let page = person.page(&format!("/protocols/{protocol}/publish"));
        if !page.contains("is being tried") {
            return page;
        }
        assert!(page.contains("Look again") && begun.elapsed() < Duration::from_secs(300), "{page}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Approves all that differs, as the page of the cases shows it.
fn approve(person: &Person<'_>) -> web::Reply {
    let page = person.page("/protocols/peel/cases");
    let seen = page.split("name=\"seen\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    let mut fields: Vec<(&str, &str)> = seen.map(|mark| ("seen", mark)).collect();
    fields.push(("all", "yes"));
    person.post("/protocols/peel/cases", &fields)
}

/// Saves another text, as the page of the text does.
fn save(person: &Person<'_>, text: &str) {
    let loaded = value_of(&person.page("/protocols/peel/text"), "loaded");
    person.post("/protocols/peel/save", &[("loaded", &loaded), ("text", &text.replace('\n', "\r\n"))]).to();
}

#[test]
fn a_manager_publishes_compares_and_takes_up_an_old_version_again() {
    let clinic = Clinic::new();
    let server = clinic.serve();
    let manager = Person::new(&server, "M. <Manager>", "/protocols");
    let page = manager.page("/protocols/peel/versions");
    assert!(
        page.contains("No version of this protocol is published") && page.contains("Publish as M. &lt;Manager&gt;"),
        "{page}"
    );

    // Nothing is published before each case is approved, and it is said where.
    let why = [("why", "agreed by the board"), ("from", "2099-01-01")];
    assert_eq!(publish(&manager, "peel", &why).to(), "/protocols/peel/publish");
    let refused = ended(&manager, "peel");
    for expected in
        ["is not published", "not as expected and approved: high.toml", "/protocols/peel/cases", "check: no mistake"]
    {
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
    assert_eq!(clinic.read("peel/published/index.toml"), "");
    // A case whose expectation is missed cannot be approved.
    let well = clinic.read("peel/cases/well.toml");
    clinic.write("peel/cases/well.toml", &well.replace("\"due\"", "\"overdue\""));
    let page = manager.page("/protocols/peel/cases");
    assert!(
        page.contains("1 failed") && page.contains("expected <strong>overdue</strong>, found <strong>due</strong>"),
        "{page}"
    );
    clinic.write("peel/cases/well.toml", &well);
    // What has changed since it was seen is not approved.
    let page = manager.page("/protocols/peel/cases");
    assert!(page.contains("5 to look at"), "{page}");
    let mark = value_of(&page, "seen");
    let late = manager.post("/protocols/peel/cases", &[("approve", &mark), ("approve", "0000/well.toml")]);
    assert_eq!(late.code, 409, "{}", late.body);
    assert_eq!(clinic.read("peel/protocol.sheet.md"), "");
    assert_eq!(approve(&manager).to(), "/protocols/peel/cases?approved=5");
    assert!(manager.page("/protocols/peel/cases").contains("Every case is answered as expected and approved"));

    // A reason is needed, and a text that somebody has looked at.
    assert_eq!(publish(&manager, "peel", &[("from", "2099-01-01")]).code, 422);
    assert_eq!(manager.post("/protocols/peel/publish", &[("why", "x"), ("sha256", "0")]).code, 409);
    assert_eq!(publish(&manager, "peel", &[("why", "x"), ("from", "soon")]).code, 422);
    publish(&manager, "peel", &[("why", "agreed by the board"), ("from", "2026-01-01")]).to();
    let done = ended(&manager, "peel");
    for expected in [
        "Version 1.0.0 is published",
        "in force from <strong>2026-01-01",
        "cases: 3 passed",
        "coverage: ",
        "mutation: ",
    ] {
        assert!(done.contains(expected), "{expected}: {done}");
    }
    let index = clinic.read("peel/published/index.toml");
    assert!(index.contains("by = \"M. <Manager>\"\nwhy = \"agreed by the board\""), "{index}");
    assert_eq!(clinic.read("peel/published/1.0.0/protocol.toml"), PEEL);
    let list = manager.page("/protocols/peel/versions");
    for expected in ["by M. &lt;Manager&gt;", "agreed by the board", "in force</span>", "as published"] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
    assert!(list.contains("is published already") && !list.contains("Publish as"), "{list}");
    let version = manager.page("/protocols/peel/versions/1.0.0");
    assert!(version.contains("Blood sugar is too high") && version.contains("# Kept as it is written."), "{version}");

    // What is saved is noted, and its number has to rise before it can be published.
    let other = PEEL.replace("hba1c > 8", "hba1c > 9");
    save(&manager, &other);
    let text = manager.page("/protocols/peel/text");
    assert!(text.contains("R835") && text.contains("make it version 1.1.0"), "{text}");
    let compared = manager.page("/protocols/peel/compare?old=1.0.0&new=working");
    for expected in [
        "contraindication <code>sugar</code> changed",
        "<ins>+ when = &#39;hba1c &gt; 9&#39;</ins>",
        "From version 1.0.0 to the file as it is now",
    ] {
        assert!(
            compared.contains(expected) || compared.replace('\'', "&#39;").contains(expected),
            "{expected}: {compared}"
        );
    }
    let saved = manager.page("/saved");
    assert!(
        saved.contains("peel/protocol.toml") && saved.contains("M. &lt;Manager&gt;") && saved.contains("/saved/1"),
        "{saved}"
    );
    let saved = manager.page("/saved/1");
    assert!(
        saved.contains("<del>− when = 'hba1c &gt; 8'</del>") && saved.contains("# Kept as it is written."),
        "{saved}"
    );
    assert_eq!(manager.get("/saved/2").code, 404);
    save(&manager, &other.replace("1.0.0", "1.1.0"));
    for (name, old, new) in [("well", "hba1c = 8\n", "hba1c = 9\n"), ("high", "8.1", "9.1")] {
        let name = format!("peel/cases/{name}.toml");
        clinic.write(&name, &clinic.read(&name).replace(old, new));
    }
    approve(&manager).to();
    publish(&manager, "peel", &[("why", "the new limit"), ("from", "2099-02-01")]).to();
    let done = ended(&manager, "peel");
    assert!(done.contains("Version 1.1.0 is published"), "{done}");

    // The first one is taken up again, under a number of its own, through the review.
    let index = clinic.read("peel/published/index.toml");
    let review = manager.post("/protocols/peel/versions/1.0.0/restore", &[]);
    for expected in ["Nothing is saved yet", "<del>− when = 'hba1c &gt; 9'</del>", "version = &quot;1.2.0&quot;"] {
        assert!(review.body.contains(expected), "{expected}: {}", review.body);
    }
    assert!(clinic.read("peel/protocol.toml").contains("1.1.0"), "a review keeps nothing");
    let text = value_of(&review.body, "text")
        .replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&");
    let loaded = value_of(&review.body, "loaded");
    manager.post("/protocols/peel/save", &[("loaded", &loaded), ("text", &text)]).to();
    assert_eq!(clinic.read("peel/protocol.toml"), PEEL.replace("1.0.0", "1.2.0"));
    assert_eq!(clinic.read("peel/published/index.toml"), index, "no version is lost");
    assert_eq!(clinic.read("peel/published/1.1.0/protocol.toml"), other.replace("1.0.0", "1.1.0"));
    // A change elsewhere is told beside what was saved here.
    clinic.write("peel/protocol.toml", PEEL);
    assert!(manager.page("/saved?file=peel%2Fprotocol.toml").contains("The file was changed elsewhere"));
}

#[test]
fn no_version_is_found_by_a_path_and_an_altered_one_is_not_taken_up() {
    let clinic = Clinic::new();
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    approve(&manager).to();
    publish(&manager, "peel", &[("why", "x"), ("from", "2026-01-01")]).to();
    assert!(ended(&manager, "peel").contains("is published"));
    for number in ["..", "..%2F..%2Fpeel", "1.0.0%2F..%2F1.0.0", "9.9.9", "%00", "index.toml", "%3Cscript%3E"] {
        for path in [format!("/protocols/peel/versions/{number}"), format!("/protocols/peel/compare?old={number}")] {
            let reply = manager.get(&path);
            assert!(reply.code == 404 && !reply.body.contains("<script>"), "{path}: {}", reply.body);
        }
        assert_eq!(manager.post(&format!("/protocols/peel/versions/{number}/restore"), &[]).code, 404, "{number}");
    }
    let published = clinic.path("peel/published/1.0.0/protocol.toml");
    std::fs::write(&published, PEEL.replace("> 8", "> 12")).expect("written");
    assert!(manager.page("/protocols/peel/versions").contains("altered"));
    assert!(manager.page("/protocols/peel/versions/1.0.0").contains("It is not as it was published."));
    let refused = manager.post("/protocols/peel/versions/1.0.0/restore", &[]);
    assert!(refused.code == 422 && refused.body.contains("R837"), "{}", refused.body);
}

#[test]
fn one_version_is_published_at_a_time_and_the_page_tells_how_far_it_is() {
    let clinic = Clinic(Folder::new());
    for name in ["facts.toml", "microneedling-acne-scars", "glycolic-peel"] {
        clinic.0.copy(&format!("protocols/{name}"), &format!("clinic/{name}"));
    }
    let server = clinic.serve();
    let (one, other) = (Person::new(&server, "M. One", "/protocols"), Person::new(&server, "M. Other", "/protocols"));
    let from = "2099-01-01";
    publish(&one, "microneedling-acne-scars", &[("why", "x"), ("from", from)]).to();
    // Others go on meanwhile; they see that something is being published, and by whom.
    let page = other.page("/protocols/microneedling-acne-scars/publish");
    assert!(page.contains("is being tried") && page.contains("data-again"), "{page}");
    assert!(other.page("/protocols/glycolic-peel/versions").contains("is being published"));
    let hash = sha256(&clinic.read("glycolic-peel/protocol.toml"));
    let refused =
        other.post("/protocols/glycolic-peel/publish", &[("why", "y"), ("from", from), ("sha256", hash.as_str())]);
    assert!(refused.code == 409 && refused.body.contains("is being published by M. One"), "{}", refused.body);
    assert_eq!(other.get("/protocols/glycolic-peel/publish").to(), "/protocols/glycolic-peel/versions");
    // What was broken off has published nothing.
    drop(server);
    assert_eq!(clinic.read("microneedling-acne-scars/published/index.toml"), "");
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_list_tells_how_the_cases_come_out_without_waiting_for_them() {
    let clinic = Clinic::new();
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let told = |expected: &str| {
        let begun = Instant::now();
        loop {
            let page = manager.page("/protocols");
            if page.contains(expected) {
                return page;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{expected}: {page}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    assert!(manager.page("/protocols").contains("being run"), "nobody waits for them");
    // Nothing is approved yet.
    assert!(told("3 failed").contains("0 passed"));
    approve(&manager).to();
    let outcomes = |page: &str| {
        page.split(" outcomes").next().and_then(|before| before.rsplit('"').next()).unwrap_or_default().to_owned()
    };
    let before = outcomes(&told("3 passed"));
    // A case less is noticed, and so is that no case shows a rule any more.
    std::fs::remove_file(clinic.path("peel/cases/high.toml")).expect("removed");
    let after = outcomes(&told("2 passed"));
    assert!(before.contains(" of ") && after.contains(" of ") && before != after, "{before} {after}");
    clinic.write("peel/protocol.toml", &PEEL.replace("8", "= 8 ="));
    told("last good version in use");
    assert!(told("<td data-title=\"Cases\">–</td>").contains("–"));
}

const TABLES: &str = "/protocols/glycolic-peel/tables";

/// Sends a form with a file, as browsers do.
fn upload(person: &Person<'_>, name: &str, content: &[u8]) -> web::Reply {
    let head = format!(
        "--x1\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{}\r\n--x1\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"../t.csv\"\r\nContent-Type: text/csv\r\n\r\n",
        person.token
    );
    let body = [head.as_bytes(), content, b"\r\n--x1--\r\n"].concat();
    let (address, cookie, length) = (person.address, &person.cookie, body.len());
    let request = format!(
        "POST {TABLES} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=x1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    web::raw(address, &[request.as_bytes(), &body].concat())
}

#[test]
fn decision_tables_go_to_a_spreadsheet_and_back() {
    let clinic = Clinic(Folder::new());
    for name in ["facts.toml", "glycolic-peel"] {
        clinic.0.copy(&format!("protocols/{name}"), &format!("clinic/{name}"));
    }
    let file = "glycolic-peel/protocol.toml";
    let before = clinic
        .read(file)
        .replace("{ when = 'step >= 5', value = 70 },", "{ when = 'step >= 5', value = 70 }, # not more");
    assert!(before.contains("# not more"));
    clinic.write(file, &before);
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let page = manager.page(TABLES);
    assert!(
        page.contains("Strength of the glycolic acid") && page.contains("<td data-title=\"Value\">30 %</td>"),
        "{page}"
    );
    let table = manager.page(&format!("{TABLES}.csv"));
    assert!(table.starts_with("\u{feff}\"setting\",\"label\",\"unit\",\"row of "), "{table}");
    let line =
        "\"peel-strength\",\"Strength of the glycolic acid\",\"%\",\"3\",\"step >= 5\",\"70\",\"\",\"\",\"\"\r\n";
    assert!(table.contains(line), "{table}");
    // What nobody changed is no change.
    assert!(upload(&manager, "table", table.as_bytes()).body.contains("there is nothing to save"));
    // A value, a new row, a row less; as a file, and through the clipboard of a spreadsheet that writes decimal commas.
    let other = table.replace("\"step >= 5\",\"70\"", "\"step == 5\",\"60\"").replace(
        "\"peel-minutes\",\"Time on the skin\",\"min\",\"1\"",
        "peel-strength,,,,step >= 6,62.5,,,\r\n\"peel-minutes\",\"Time on the skin\",\"min\",\"1\"",
    );
    let expected = before.replace(
        "{ when = 'step >= 5', value = 70 }, # not more",
        "{ when = 'step == 5', value = 60 }, # not more\n  { when = 'step >= 6', value = 62.5 },",
    );
    let pasted = other.replace("peel-strength,,,,step >= 6,62.5,,,", "peel-strength\t\t\t\tstep >= 6\t62,5\t\t\t");
    let pasted = pasted.replace("\",\"", "\t").replace('"', "");
    for reply in [upload(&manager, "table", other.as_bytes()), upload(&manager, "cells", pasted.as_bytes())] {
        assert!(
            reply.body.contains("row 4 of “Strength of the glycolic acid” (<code>peel-strength-row-4</code>) added"),
            "{}",
            reply.body
        );
        let text = value_of(&reply.body, "text");
        let text = text.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
        assert_eq!(text, expected);
    }
    assert_eq!(clinic.read(file), before, "a review keeps nothing");
    // With decimal commas, and semicolons between the cells.
    let german = manager.page(&format!("{TABLES}.csv?decimals=comma"));
    assert!(
        german.contains("\"setting\";\"label\"")
            && upload(&manager, "table", german.as_bytes()).body.contains("there is nothing to save")
    );
    // What cannot be is told at its line.
    for (changed, why) in [
        (table.replace("\"when\"", "\"wenn\""), "has no column <code>when</code>"),
        (table.replace("row of ", "row "), "has no column that begins with"),
        (
            table.replacen("\"peel-strength\"", "\"peel-length\"", 1),
            "line 2: there is no setting <code>peel-length</code>",
        ),
        (table.replacen(",\"1\",", ",\"99\",", 1), "has no row 99"),
        (table.replacen(",\"1\",", ",\"2\",", 1), "stands here twice"),
        (table.replacen(",\"1\",", ",\"one\",", 1), "<code>one</code> is not the number of a row"),
        (table.replacen("\"1\"", "1\"", 1), "has a quote and does not begin with one"),
        // Numbers in another unit are other numbers, and a column that the protocol has no place for would be lost.
        (table.replacen("\"%\",\"3\"", "\"mg\",\"3\"", 1), "the unit of <code>peel-strength</code> is <code>%</code>"),
        (table.replacen("\"text\"", "\"text\",\"remark\"", 1), "has a column <code>remark</code>"),
        (String::new(), "choose a file"),
    ] {
        let reply = upload(&manager, "table", changed.as_bytes());
        assert!(reply.code == 422 && reply.body.contains(why), "{why}: {}", reply.body);
    }
    assert!(upload(&manager, "table", b"setting;\xe4").body.contains("CSV UTF-8"));
    assert_eq!(upload(&manager, "table", &vec![b'a'; 2 << 20]).code, 413);
    // An expression that is none is a mistake of the text, at its line, as if it was typed.
    let reply = upload(&manager, "table", table.replace("step >= 5", "step => 5").as_bytes());
    assert!(reply.body.contains("This text has mistakes."), "{}", reply.body);
    // A table of another text is not taken over.
    clinic.write(file, &before.replace("# not more", "# never more"));
    let late = upload(&manager, "table", other.as_bytes());
    assert!(late.code == 409 && late.body.contains("R860"), "{}", late.body);
    // A form with files needs the token of its session like every other.
    let stranger = Person { address: manager.address, cookie: manager.cookie.clone(), token: "0".to_owned() };
    assert_eq!(upload(&stranger, "table", table.as_bytes()).code, 403);
}

#[test]
fn no_cell_is_a_formula() {
    let clinic = Clinic::new();
    let setting = "\n[[setting]]\nid = \"dose\"\nlabel = \"=1+1\"\nrows = [{ when = '-hba1c < -9', value = 5 }, { text = \"@SUM(1)\" }]\nsources = [\"handbook\"]\n";
    clinic.write("peel/protocol.toml", &format!("{PEEL}{setting}"));
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let table = manager.page("/protocols/peel/tables.csv");
    for guarded in ["\"'=1+1\"", "\"'-hba1c < -9\"", "\"'@SUM(1)\""] {
        assert!(table.contains(guarded), "{guarded}: {table}");
    }
    let same = manager.post("/protocols/peel/tables", &[("cells", &table)]);
    assert!(same.body.contains("there is nothing to save"), "{}", same.body);
}
