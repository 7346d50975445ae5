//! The manager's pages over a real socket: a protocol is broken and mended, reviewed and saved, and what attackers try with them.
#![cfg(feature = "serve")]

#[allow(dead_code, reason = "other tests run the program")]
mod support;
#[path = "support/web.rs"]
mod web;

use std::path::PathBuf;

use sha2::{Digest, Sha256};
use support::Folder;
use web::{FORM, Person, Server, form, raw, value_of};

const MICRO: &str = "/protocols/microneedling-acne-scars";
const DAY: &str = "2026-03-02";

/// A small clinic of its own: two of the shipped protocols, with the made-up patients.
struct Clinic {
    folder: Folder,
}

impl Clinic {
    fn new() -> Clinic {
        let folder = Folder::new();
        for name in ["facts.toml", "records", "microneedling-acne-scars", "glycolic-peel"] {
            folder.copy(&format!("protocols/{name}"), &format!("clinic/{name}"));
        }
        Clinic { folder }
    }

    fn serve(&self) -> Server {
        let clinic = self.folder.path().join("clinic");
        Server::of(&clinic, &self.folder.path().join("clinic.db"), &clinic.join("records"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("clinic").join(name)
    }

    fn micro(&self) -> PathBuf {
        self.path("microneedling-acne-scars/protocol.toml")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.micro()).expect("read")
    }
}

/// A text as forms send it.
fn sent(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// What a browser makes of a text area: its text.
fn typed_in(page: &str) -> String {
    let area = page.split_once("<textarea").and_then(|(_, rest)| rest.split_once('>')).expect("a text area").1;
    let text = area.split("</textarea>").next().unwrap_or_default();
    let text = text.strip_prefix('\n').unwrap_or(text);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn a_manager_breaks_and_mends_a_protocol_sees_who_is_affected_and_saves() {
    let clinic = Clinic::new();
    let peel = clinic.path("glycolic-peel/protocol.toml");
    let past =
        std::fs::read_to_string(&peel).expect("read").replace("review_by = 2027-06-30", "review_by = 2026-02-01");
    std::fs::write(&peel, past).expect("written");
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let list = manager.page("/protocols");
    for expected in
        ["Microneedling for atrophic acne scars", "1.0.0", "active", "2027-06-30", "in use", "past", "Dictionary"]
    {
        assert!(list.contains(expected), "{expected} in {list}");
    }
    let sheet = manager.page(MICRO);
    assert!(sheet.contains("Who must not be treated") && sheet.contains("isotretinoin-now"), "{sheet}");
    let before = clinic.text();
    let page = manager.page(&format!("{MICRO}/text"));
    assert_eq!(typed_in(&page), before);
    let loaded = value_of(&page, "loaded");

    // A mistake is told at its line, with its help, and nothing is kept.
    let broken = before.replace("version   = \"1.0.0\"", "version   = 1.0.0");
    let fields = |text: &str| {
        [("loaded".to_owned(), loaded.clone()), ("text".to_owned(), sent(text)), ("as_of".to_owned(), DAY.to_owned())]
    };
    let post = |end: &str, fields: &[(String, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        manager.post(&format!("{MICRO}{end}"), &fields)
    };
    let checked = post("/check", &fields(&broken)).body;
    for expected in ["1 mistake, the first in line 5", "data-line=\"5\"", "R101", "Help: ", "<mark>1.0.0</mark>"] {
        assert!(checked.contains(expected), "{expected} in {checked}");
    }
    assert_eq!(typed_in(&checked), broken);
    let reviewed = post("/review", &fields(&broken)).body;
    assert!(
        reviewed.contains("This text has mistakes.") && !reviewed.contains("Patients whose answer changes"),
        "{reviewed}"
    );
    let refused = post("/save", &fields(&broken));
    assert!(refused.code == 422 && refused.body.contains("R862"), "{}", refused.body);
    assert_eq!(clinic.text(), before);

    // It is saved all the same: every page says that the last good version is in use, and it is.
    let mut all = fields(&broken).to_vec();
    all.push(("broken".to_owned(), "yes".to_owned()));
    post("/save", &all).to();
    assert_eq!(clinic.text(), broken);
    let treat = format!("/patients/P-0001/treat/microneedling-acne-scars?as_of={DAY}");
    for path in ["/protocols", MICRO, "/patients", &treat] {
        assert!(manager.page(path).contains("R857"), "{path}");
    }
    assert!(manager.page(&treat).contains("TREAT: session 1 of 4 is due"));
    assert!(manager.page("/protocols").contains("last good version in use"));
    // Another one that is saved meanwhile waits, which is said.
    let other = manager.page("/protocols/glycolic-peel/text");
    let changed = typed_in(&other).replace("2026-02-01", "2027-02-01");
    let reviewed = manager
        .post("/protocols/glycolic-peel/review", &[("loaded", &value_of(&other, "loaded")), ("text", &sent(&changed))]);
    assert!(reviewed.body.contains("Another file of the clinic has mistakes."), "{}", reviewed.body);

    // It is mended, with another rule. Who is affected, by what, and which cases fail stands there before it is saved.
    let mended = before.replace(
        "when    = 'isotretinoin_status == \"current\"'",
        "when    = 'isotretinoin_status == \"current\" || age >= 20'",
    );
    assert!(mended != before);
    let loaded = value_of(&manager.page(&format!("{MICRO}/text")), "loaded");
    let fields = [("loaded", loaded.as_str()), ("text", &sent(&mended)), ("as_of", DAY)];
    let reviewed = manager.post(&format!("{MICRO}/review"), &fields).body;
    for expected in [
        "of 3 patients</strong> on 2026-03-02",
        "due → contraindicated",
        "because of “isotretinoin at present” (<code>isotretinoin-now</code>)",
        "<a href=\"/patients/P-0001?as_of=2026-03-02\">P-0001</a>",
        "contraindication “isotretinoin at present” (<code>isotretinoin-now</code>) changed",
        " failed</span>",
        "expected <strong>due</strong>, found <strong>contraindicated</strong>",
        "<ins>+ when",
    ] {
        assert!(reviewed.contains(expected), "{expected} in {reviewed}");
    }
    assert_eq!(clinic.text(), broken, "a review keeps nothing");
    assert_eq!(value_of(&reviewed, "loaded"), loaded);
    assert_eq!(manager.post(&format!("{MICRO}/save"), &fields).to(), format!("{MICRO}?saved=yes"));
    assert_eq!(clinic.text(), mended);
    // It holds from the very next page.
    let page = manager.page(&treat);
    assert!(page.contains("DO NOT TREAT") && !page.contains("R857"), "{page}");
    // What is the same as the file cannot be saved.
    let page = manager.page(&format!("{MICRO}/text"));
    let same = manager
        .post(&format!("{MICRO}/review"), &[("loaded", &value_of(&page, "loaded")), ("text", &sent(&mended))])
        .body;
    assert!(same.contains("there is nothing to save") && !same.contains(">Save</button>"), "{same}");
}

#[test]
fn what_a_change_of_the_dictionary_breaks_elsewhere_is_told() {
    let clinic = Clinic::new();
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    assert_eq!(manager.get("/protocols/facts.toml").to(), "/protocols/facts.toml/text");
    let page = manager.page("/protocols/facts.toml/text");
    let text = typed_in(&page);
    let loaded = value_of(&page, "loaded");
    let renamed = text.replace("[facts.isotretinoin_status]", "[facts.isotretinoin_state]");
    assert!(renamed != text);
    let checked = manager.post("/protocols/facts.toml/check", &[("loaded", &loaded), ("text", &sent(&renamed))]).body;
    assert!(
        checked.contains("What it breaks in other files")
            && checked.contains("microneedling-acne-scars/protocol.toml, line"),
        "{checked}"
    );
    let refused = manager.post("/protocols/facts.toml/save", &[("loaded", &loaded), ("text", &sent(&renamed))]);
    assert!(refused.code == 422 && refused.body.contains("R862"), "{}", refused.body);
    // Another wording of a question changes nobody's answer.
    let worded = text.replace("\"What is your date of birth?\"", "\"On which day were you born?\"");
    assert!(worded != text);
    let fields = [("loaded", loaded.as_str()), ("text", &sent(&worded)), ("as_of", DAY)];
    let reviewed = manager.post("/protocols/facts.toml/review", &fields).body;
    assert!(
        reviewed.contains("Patients whose answer changes") && reviewed.contains("dictionary: no difference in meaning"),
        "{reviewed}"
    );
    manager.post("/protocols/facts.toml/save", &fields).to();
    assert_eq!(std::fs::read_to_string(clinic.path("facts.toml")).expect("read"), worded);
}

#[test]
fn nobody_writes_over_what_somebody_else_has_changed() {
    let clinic = Clinic::new();
    let server = clinic.serve();
    let (one, other) = (Person::new(&server, "M. One", "/protocols"), Person::new(&server, "M. Other", "/protocols"));
    let text = clinic.text();
    let loaded = value_of(&one.page(&format!("{MICRO}/text")), "loaded");
    let save = |person: &Person<'_>, loaded: &str, owner: &str| {
        let text = text.replace("owner     = \"medical lead\"", &format!("owner     = \"{owner}\""));
        person.post(&format!("{MICRO}/save"), &[("loaded", loaded), ("text", &sent(&text))])
    };
    save(&other, &loaded, "the other").to();
    let first = clinic.text();
    assert!(first.contains("the other"));
    let late = save(&one, &loaded, "the one");
    assert_eq!(late.code, 409);
    for expected in [
        "R860",
        "Nothing was saved",
        "<del>− owner     = &quot;the other&quot;</del>",
        "<ins>+ owner     = &quot;the one&quot;</ins>",
    ] {
        assert!(late.body.contains(expected), "{expected} in {}", late.body);
    }
    assert!(typed_in(&late.body).contains("owner     = \"the one\""));
    assert_eq!(clinic.text(), first);
    // Whoever has seen both goes on.
    save(&one, &value_of(&late.body, "loaded"), "the one").to();
    assert!(clinic.text().contains("the one"));
    // An editor elsewhere is somebody, too; a form that says nothing of what it was loaded from is refused.
    let loaded = value_of(&one.page(&format!("{MICRO}/text")), "loaded");
    std::fs::write(clinic.micro(), format!("{text}\n# by hand\n")).expect("written");
    assert_eq!(save(&one, &loaded, "again").code, 409);
    assert_eq!(save(&one, "", "again").code, 409);
    assert!(clinic.text().ends_with("# by hand\n"));
    // Of many at once, one is first.
    let loaded = value_of(&one.page(&format!("{MICRO}/text")), "loaded");
    let codes: Vec<u16> = std::thread::scope(|scope| {
        let save = &save;
        let (one, loaded) = (&one, &loaded);
        let all: Vec<_> =
            (0..6).map(|at| scope.spawn(move || save(one, loaded, &format!("owner {at}")).code)).collect();
        all.into_iter().map(|one| one.join().expect("answered")).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == 303).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == 409).count(), 5, "{codes:?}");
}

#[test]
fn line_ends_and_the_mark_of_a_file_stay_as_they_are() {
    let clinic = Clinic::new();
    let crlf = format!("\u{feff}{}", clinic.text().replace('\n', "\r\n"));
    std::fs::write(clinic.micro(), &crlf).expect("written");
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let loaded = value_of(&manager.page(&format!("{MICRO}/text")), "loaded");
    let text = clinic.text().trim_start_matches('\u{feff}').replace("medical lead", "head of the clinic");
    manager.post(&format!("{MICRO}/save"), &[("loaded", &loaded), ("text", &text)]).to();
    assert_eq!(clinic.text(), crlf.replace("medical lead", "head of the clinic"));
    let peel = clinic.path("glycolic-peel/protocol.toml");
    let before = std::fs::read_to_string(&peel).expect("read");
    let loaded = value_of(&manager.page("/protocols/glycolic-peel/text"), "loaded");
    let after = before.replace("medical lead", "head of the clinic");
    manager.post("/protocols/glycolic-peel/save", &[("loaded", &loaded), ("text", &sent(&after))]).to();
    assert_eq!(std::fs::read_to_string(&peel).expect("read"), after);
}

#[test]
fn parameters_are_changed_within_their_ranges_and_nothing_else_is() {
    let clinic = Clinic::new();
    let before = clinic.text().replace("value   = 3\nrange   = [0, 5]", "value   = 3 # not more\nrange   = [0, 5]");
    std::fs::write(clinic.micro(), &before).expect("written");
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let path = format!("{MICRO}/parameters");
    let page = manager.page(&path);
    for expected in [
        "most papules and pustules",
        "from 0 to 5",
        "name=\"p:max_papules_pustules\" value=\"3\"",
        "Inflamed spots in the area",
        "Source: Custom of the clinic",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let loaded = value_of(&page, "loaded");
    let change = |fields: &[(&str, &str)]| {
        let mut all = vec![("loaded", loaded.as_str())];
        all.extend(fields);
        manager.post(&path, &all)
    };
    for (name, wrong, why) in [
        ("p:max_papules_pustules", "6", "can be 0 to 5, but this is 6"),
        ("p:max_papules_pustules", "many", "is not a number"),
        ("p:max_papules_pustules", "2,5", "<code>2.5</code>, with a point"),
        ("p:min_age", "17 years", "18 years to 22 years"),
        ("p:min_age", "\" = 1", "min_age"),
        ("p:min_age", "20", "min_age"),
    ] {
        let refused = change(&[(name, wrong)]);
        assert_eq!(refused.code, 422, "{wrong}: {}", refused.body);
        assert!(
            refused.body.contains(why) && refused.body.contains("aria-invalid=\"true\""),
            "{wrong}: {}",
            refused.body
        );
    }
    let reviewed = change(&[("p:max_papules_pustules", "4"), ("p:min_age", "20 years"), ("p:no_such", "1")]);
    assert_eq!(reviewed.code, 200, "{}", reviewed.body);
    assert!(
        reviewed.body.contains("parameter “most papules and pustules” (<code>max_papules_pustules</code>) changed"),
        "{}",
        reviewed.body
    );
    assert_eq!(clinic.text(), before);
    let text = value_of(&reviewed.body, "text")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    manager.post(&format!("{MICRO}/save"), &[("loaded", &loaded), ("text", &sent(&text))]).to();
    let expected = before.replace("value   = 3 # not more", "value   = 4 # not more").replacen(
        "value   = \"18 years\"",
        "value   = \"20 years\"",
        1,
    );
    assert_eq!(clinic.text(), expected);
    // A form that was opened before that holds what is not so any more.
    let late = change(&[("p:max_papules_pustules", "2")]);
    assert!(late.code == 409 && late.body.contains("R860"), "{}", late.body);
}

#[test]
fn a_protocol_that_is_broken_from_the_start_is_mended() {
    let clinic = Clinic::new();
    let right = clinic.text();
    std::fs::write(clinic.micro(), right.replace("status    = \"active\"", "status    = \"actve\"")).expect("written");
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    assert!(manager.page("/protocols").contains("broken: gives no answer"));
    let page = manager.page(MICRO);
    assert!(page.contains("This protocol is broken and gives no answer") && page.contains("line 6"), "{page}");
    assert!(manager.page(&format!("{MICRO}/parameters")).contains("they have to be mended"));
    let page = manager.page(&format!("{MICRO}/text"));
    assert!(page.contains("did you mean <code>active</code>?"), "{page}");
    let fields = [("loaded", value_of(&page, "loaded")), ("text", sent(&right))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reviewed = manager.post(&format!("{MICRO}/review"), &fields).body;
    assert!(
        reviewed.contains("nobody had an answer from it before")
            && reviewed.contains(" passed</span>")
            && !reviewed.contains(" failed</span>"),
        "{reviewed}"
    );
    manager.post(&format!("{MICRO}/save"), &fields).to();
    assert!(!manager.page("/protocols").contains("broken: gives no answer"));
    // One that is no text is not edited, and not lost.
    std::fs::write(clinic.micro(), b"\xff\xfea\x00").expect("written");
    let page = manager.get(&format!("{MICRO}/text"));
    assert!(page.code == 422 && page.body.contains("UTF-16"), "{}", page.body);
    assert_eq!(manager.post(&format!("{MICRO}/save"), &fields).code, 422);
    assert_eq!(std::fs::read(clinic.micro()).expect("read"), b"\xff\xfea\x00");
}

#[test]
fn a_published_version_goes_on_answering_and_is_what_a_text_is_compared_with() {
    let clinic = Clinic::new();
    let folder = clinic.path("microneedling-acne-scars/published/1.0.0");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut files = String::new();
    for (name, from) in [("facts.toml", clinic.path("facts.toml")), ("protocol.toml", clinic.micro())] {
        let text = std::fs::read(from).expect("read");
        let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        files.push_str(&format!("\"{name}\" = \"{hash}\"\n"));
        std::fs::write(folder.join(name), text).expect("written");
    }
    let index = format!(
        "[[published]]\nversion = \"1.0.0\"\nfrom = 2026-01-01\non = 2026-01-01\nby = \"Dr. A. Huber\"\n[published.files]\n{files}\
         [published.passed]\nengine = \"0.1.0\"\ncases = 1\ncases_sha256 = \"0\"\noutcomes = 1\ncovered = 1\nmutants = 1\nkilled = 1\nsurvived = 0\nequivalent = 0\nundecided = 0\n"
    );
    std::fs::write(folder.with_file_name("index.toml"), index).expect("written");
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let page = manager.page(&format!("{MICRO}/text"));
    let before = clinic.text();
    assert_eq!(typed_in(&page), before);
    let changed =
        before.replace("isotretinoin_status == \"current\"'\n", "isotretinoin_status == \"current\" || age >= 20'\n");
    assert!(changed != before);
    let fields = [("loaded", value_of(&page, "loaded")), ("text", sent(&changed)), ("as_of", DAY.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reviewed = manager.post(&format!("{MICRO}/review"), &fields).body;
    for expected in [
        "This protocol has published versions.",
        "due → contraindicated",
        "P-0001",
        "contraindication “isotretinoin at present” (<code>isotretinoin-now</code>) changed",
    ] {
        assert!(reviewed.contains(expected), "{expected} in {reviewed}");
    }
    manager.post(&format!("{MICRO}/save"), &fields).to();
    assert_eq!(clinic.text(), changed);
    // It answers nobody yet; the difference is still that to what does.
    let treat = manager.page(&format!("/patients/P-0001/treat/microneedling-acne-scars?as_of={DAY}"));
    assert!(treat.contains("TREAT: session 1 of 4 is due"), "{treat}");
    assert!(manager.page(MICRO).contains("This is the published version that answers today."));
}

#[test]
fn a_protocol_that_is_served_alone_is_edited_too() {
    let clinic = Clinic::new();
    let records = clinic.path("records");
    let micro = clinic.path("microneedling-acne-scars");
    for (at, served) in [micro.clone(), clinic.micro()].into_iter().enumerate() {
        let server = Server::of(&served, &clinic.folder.path().join(format!("alone-{at}.db")), &records);
        let manager = Person::new(&server, "M. Manager", "/protocols");
        let list = manager.page("/protocols");
        assert!(
            list.contains("Microneedling") && !list.contains("Glycolic") && !list.contains("facts.toml/text"),
            "{list}"
        );
        let page = manager.page(&format!("{MICRO}/text"));
        let text = clinic.text().replace("title     = \"", "title     = \"Another ");
        manager.post(&format!("{MICRO}/save"), &[("loaded", &value_of(&page, "loaded")), ("text", &sent(&text))]).to();
        assert!(manager.page(MICRO).contains("<h1>Another "), "{}", served.display());
        // Its dictionary, one folder up, is taken up when it changes.
        let facts = std::fs::read_to_string(clinic.path("facts.toml")).expect("read");
        std::fs::write(clinic.path("facts.toml"), format!("{facts}\nno dictionary")).expect("written");
        std::thread::sleep(std::time::Duration::from_millis(600));
        assert!(manager.page(MICRO).contains("R857"), "{}", served.display());
        std::fs::write(clinic.path("facts.toml"), facts).expect("written");
    }
}

#[test]
fn what_cannot_be_written_is_told_and_what_lies_elsewhere_is_not_written() {
    let clinic = Clinic::new();
    #[cfg(unix)]
    {
        let elsewhere = clinic.folder.path().join("elsewhere");
        std::fs::rename(clinic.path("glycolic-peel"), &elsewhere).expect("moved");
        std::os::unix::fs::symlink(&elsewhere, clinic.path("glycolic-peel")).expect("a link");
    }
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let page = manager.page(&format!("{MICRO}/text"));
    let (before, loaded) = (clinic.text(), value_of(&page, "loaded"));
    let mut rights = std::fs::metadata(clinic.micro()).expect("there").permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(clinic.micro(), rights).expect("set");
    let text = sent(&before.replace("medical lead", "head"));
    let refused = manager.post(&format!("{MICRO}/save"), &[("loaded", &loaded), ("text", &text)]);
    assert!(refused.code == 500 && refused.body.contains("R861"), "{}", refused.body);
    assert_eq!(clinic.text(), before);
    #[cfg(unix)]
    {
        // It is served, and shown, and not edited.
        assert!(manager.page("/protocols/glycolic-peel").contains("Who must not be treated"));
        for end in ["text", "parameters"] {
            let refused = manager.get(&format!("/protocols/glycolic-peel/{end}"));
            assert!(refused.code == 403 && refused.body.contains("outside"), "{}", refused.body);
        }
        let file = clinic.path("glycolic-peel/protocol.toml");
        let before = std::fs::read_to_string(&file).expect("read");
        for end in ["check", "review", "save", "parameters"] {
            assert_eq!(
                manager.post(&format!("/protocols/glycolic-peel/{end}"), &[("loaded", ""), ("text", "x = 1")]).code,
                403
            );
        }
        assert_eq!(std::fs::read_to_string(&file).expect("read"), before);
    }
    for path in [
        "..%2F..%2Fetc",
        "%2Fetc%2Fpasswd",
        "..",
        "records",
        "clinic",
        "facts",
        "microneedling-acne-scars%00",
        "microneedling-acne-scars%2Fprotocol.toml",
    ] {
        for end in ["", "/text", "/parameters"] {
            assert_eq!(manager.get(&format!("/protocols/{path}{end}")).code, 404, "{path}{end}");
        }
        assert_eq!(manager.post(&format!("/protocols/{path}/save"), &[("text", "x")]).code, 404, "{path}");
    }
}

#[test]
fn only_forms_of_this_session_and_this_address_write() {
    let clinic = Clinic::new();
    let server = clinic.serve();
    let manager = Person::new(&server, "M. Manager", "/protocols");
    let before = clinic.text();
    let loaded = value_of(&manager.page(&format!("{MICRO}/text")), "loaded");
    let text = sent(&before.replace("medical lead", "attacker"));
    let fields = form(&[("loaded", &loaded), ("text", &text), ("broken", "yes")]);
    let right = format!("token={}&{fields}", manager.token);
    let (at, own) = (manager.address, format!("http://{}", manager.address));
    let other = Person::new(&server, "Somebody else", "/protocols");
    let nobody = Person { address: at, cookie: String::new(), token: manager.token.clone() };
    for end in ["check", "review", "save", "parameters"] {
        let path = format!("{MICRO}/{end}");
        for token in ["", "token=", "token=0", &format!("token={}", other.token)] {
            assert_eq!(manager.send(&path, at, &own, FORM, &format!("{token}&{fields}")).code, 403, "{end} {token}");
        }
        for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
            assert_eq!(manager.send(&path, at, origin, FORM, &right).code, 403, "{end} {origin}");
        }
        for host in ["evil.example", "127.0.0.1", "localhost.evil.example"] {
            assert_eq!(manager.send(&path, host, &format!("http://{host}"), FORM, &right).code, 421, "{end} {host}");
        }
        assert_eq!(nobody.send(&path, at, &own, FORM, &right).code, 403, "{end}");
        let get = manager.get(&format!("{MICRO}/{end}"));
        assert!(get.code == 405 || end == "parameters", "{end}: {}", get.code);
    }
    for path in ["/protocols", MICRO, &format!("{MICRO}/text"), &format!("{MICRO}/parameters"), "/codes/R103"] {
        assert!(nobody.get(path).to().starts_with("/you?next="), "{path}");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: evil.example\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            manager.cookie
        );
        assert_eq!(raw(at, request.as_bytes()).code, 421, "{path}");
    }
    assert_eq!(clinic.text(), before);
    assert_eq!(manager.send(&format!("{MICRO}/save"), at, &own, FORM, &right).code, 303, "the same from its own page");
}

#[test]
fn markup_in_a_protocol_is_shown_as_it_is_written() {
    let clinic = Clinic::new();
    let evil = "<script>alert(1)</script></textarea><img src=x onerror=alert(1)>";
    let text = clinic.text();
    let text = text.replace("title     = \"Microneedling", &format!("title     = \"{evil} Microneedling"));
    let text = text.replace("label   = \"youngest age\"", &format!("label   = \"{evil}\""));
    let text = text.replace("note    = \"Younger: wait for the birthday.\"", &format!("note    = \"{evil}\""));
    let text = text
        .replace("reason  = \"While you take isotretinoin", &format!("reason  = \"{evil} While you take isotretinoin"));
    let text = format!("# </textarea>{evil} & &amp; &lt;\n{text}");
    std::fs::write(clinic.micro(), &text).expect("written");
    let server = clinic.serve();
    let manager = Person::new(&server, evil, "/protocols");
    let page = manager.page(&format!("{MICRO}/text"));
    assert_eq!(typed_in(&page), text, "to the letter");
    let loaded = value_of(&page, "loaded");
    let broken = sent(&text.replace("status    = \"active\"", &format!("status    = \"{evil}\"\n\"{evil}\" = 1")));
    let changed = sent(
        &text
            .replace("isotretinoin_status == \"current\"", "isotretinoin_status == \"current\" || age >= 20")
            .replace("age\"\nvalue", "AGE\"\nvalue"),
    );
    let post = |end: &str, loaded: &str, text: &str| {
        manager
            .post(&format!("{MICRO}/{end}"), &[("loaded", loaded), ("text", text), ("as_of", DAY), ("p:min_age", evil)])
            .body
    };
    let pages = [
        page,
        manager.page("/protocols"),
        manager.page(MICRO),
        manager.page(&format!("{MICRO}/parameters")),
        post("check", &loaded, &broken),
        post("review", &loaded, &broken),
        post("review", &loaded, &changed),
        post("save", &loaded, &broken),
        post("save", "0", &changed),
        post("parameters", &loaded, ""),
        manager.get(&format!("/protocols/{}", "%3Cscript%3Ealert(1)%3C%2Fscript%3E")).body,
        manager.get("/codes/%3Cscript%3Ealert(1)").body,
        manager.page("/codes/R103"),
    ];
    for (at, page) in pages.iter().enumerate() {
        assert!(!page.contains("<script>") && !page.contains("<img") && page.contains("</html>"), "{at}: {page}");
        assert!(!page.contains(" style=\"") && !page.contains(" onclick") && !page.contains("javascript:"), "{at}");
        assert!(page.matches("</textarea>").count() <= 1, "{at}");
    }
    assert!(pages[4].contains("&lt;script&gt;") && pages[6].contains("Patients whose answer changes"), "{}", pages[6]);
}
