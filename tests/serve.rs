//! The web application over a real socket: what people do with it, what programs ask it, and what attackers try.
#![cfg(feature = "serve")]

mod support;
#[path = "support/web.rs"]
mod web;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use support::{Folder, repository, run};
use web::{FORM, Person, Reply, Server, encoded, raw, regimen, value_of};

impl Server {
    /// On the shipped clinic, with its made-up patients P-0001 (a healthy adult) and others.
    fn shipped(folder: &Folder) -> Server {
        Server::with_records(&repository().join("protocols"), &folder.path().join("clinic.db"))
    }

    /// On a clinic, with the made-up patients of the shipped one.
    fn with_records(clinic: &Path, data: &Path) -> Server {
        Server::of(clinic, data, &repository().join("protocols/records"))
    }
}

impl Person<'_> {
    /// Saves answers of a day, as the form of a page does.
    fn answer(&self, patient: &str, protocol: &str, day: &str, answers: &[(&str, &str)]) -> Reply {
        let path = format!("/patients/{patient}/treat/{protocol}");
        let row = value_of(&self.page(&format!("{path}?as_of={day}")), "row");
        let mut fields = vec![("as_of", day), ("row", row.as_str())];
        fields.extend(answers);
        self.post(&format!("{path}/answers"), &fields)
    }
}

const MICRO: &str = "microneedling-acne-scars";

#[test]
fn a_practitioner_answers_decides_and_prints_and_an_auditor_finds_all_of_it() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr <A>", "/patients");
    // A new patient: nothing is known, and it is asked.
    let added = person.post("/patients", &[("id", "P/ä 7")]);
    assert_eq!(added.to(), "/patients/P%2F%C3%A4%207");
    let page = person.page("/patients/P%2F%C3%A4%207/treat/microneedling-acne-scars");
    assert!(page.contains("ASK FIRST: undetermined") && page.contains("Preview – not recorded"), "{page}");
    assert!(page.contains("date of birth not known") && page.contains("don’t know") && page.contains("declined"));
    // What is typed is looked at, and kept only when it is saved.
    let path = "/patients/P-0001/treat/microneedling-acne-scars";
    let day = "2026-03-02";
    let before = person.page(&format!("{path}?as_of={day}"));
    assert!(before.contains("TREAT: session 1 of 4 is due"), "{before}");
    let row = value_of(&before, "row");
    let fields = [("as_of", day), ("row", row.as_str()), ("fact:isotretinoin_status", "=current")];
    let preview = person.post(&format!("{path}/preview"), &fields);
    assert!(
        preview.body.contains("DO NOT TREAT") && preview.body.contains("save them before you decide"),
        "{}",
        preview.body
    );
    assert!(person.page(&format!("{path}?as_of={day}")).contains("TREAT: session 1 of 4 is due"));
    let saved = person.post(&format!("{path}/answers"), &fields);
    assert!(saved.to().contains("saved=yes"));
    assert!(person.page(&format!("{path}?as_of={day}")).contains("DO NOT TREAT"));
    // The decision is recorded first, and shown then.
    let row = value_of(&person.page(&format!("{path}?as_of={day}")), "row");
    let decide = |then: &str| {
        let fields = [("protocol", MICRO), ("as_of", day), ("row", &row), ("then", then)];
        person.post("/patients/P-0001/decide", &fields).to().to_owned()
    };
    assert_eq!(decide("show"), "/decisions/1");
    let page = person.page("/decisions/1");
    assert!(
        page.contains("Recorded as entry 1") && page.contains("DO NOT TREAT") && page.contains("id=\"step-"),
        "{page}"
    );
    assert_eq!(decide("handout"), "/decisions/2/handout");
    let handout = person.page("/decisions/2/handout");
    assert!(
        handout.contains("This treatment is not for you") && handout.contains("P-0001, born 1994-05-01"),
        "{handout}"
    );
    assert!(person.page("/decisions/2/checklist").contains("P-0001, born 1994-05-01") && page.contains("1994-05-01"));
    assert!(person.page("/decisions/1/replay").contains("identical"));
    assert!(person.page("/decisions/replay").contains("<strong>2</strong> identical"));
    assert!(person.page("/decisions/verify").contains("It is as it was written"));
    // What was done all the same.
    let reason = page.split_once("<option value=\"isotretinoin-now\"").map(|_| "isotretinoin-now").expect("a reason");
    let said =
        person.post("/decisions/1/remark", &[("kind", "override"), ("reason", reason), ("text", "<b>stopped</b>")]);
    assert_eq!(said.to(), "/decisions/1");
    let page = person.page("/decisions/1");
    assert!(
        page.contains("What became of it") && page.contains("&lt;b&gt;stopped") && !page.contains("<b>stopped"),
        "{page}"
    );
    let wrong = person.post("/decisions/1/remark", &[("kind", "override"), ("reason", "no-such"), ("text", "x")]);
    assert_eq!(wrong.code, 404, "{}", wrong.body);
    let list = person.page("/decisions?patient=P-0001&kind=override");
    assert!(list.contains("/decisions/3") && !list.contains(">2</a>"), "{list}");
    assert!(person.page("/decisions?status=due").contains("No entry matches"));
    // The command line reads the same archive.
    let data = folder.path().join("clinic.db");
    let mut replay = regimen();
    replay.args(["replay", "--archive"]).arg(&data);
    let output = run(replay, "");
    assert!(output.stdout.contains("2 identical, 0 with another trace, 0 different, 0 not replayed"), "{output:?}");
    let receipt = folder.path().join("receipt.json");
    std::fs::write(&receipt, person.page("/decisions/2/receipt.json")).expect("written");
    let mut replay = regimen();
    replay.arg("replay").arg(&receipt);
    assert!(run(replay, "").stdout.contains("identical"));
    // Erasing takes the identifier typed once more.
    let refused = person.post("/patients/P-0001/erase", &[("id", "P-0002"), ("why", "asked for")]);
    assert_eq!(refused.code, 422);
    let erased = person.post("/patients/P-0001/erase", &[("id", "P-0001"), ("why", "asked for")]);
    assert_eq!(erased.code, 200, "{}", erased.body);
    assert_eq!(person.get("/patients/P-0001").code, 404);
    assert!(person.page("/decisions/1").contains("erased"));
    assert!(person.page("/decisions/verify").contains("It is as it was written"));
}

#[test]
fn a_new_answer_keeps_the_old_one_and_the_record_of_every_past_day_is_there() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let as_of = |day: &str| person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    let first = as_of("2026-03-02");
    assert_eq!(
        first,
        std::fs::read_to_string(repository().join("protocols/records/healthy-adult.toml")).expect("read")
    );
    person.answer("P-0001", MICRO, "2026-03-09", &[("fact:smoker", "=yes")]).to();
    let second = as_of("2026-03-09");
    let earlier = "[[earlier]]\nfact = \"smoker\"\nvalue = false\nrecorded = 2026-03-02\n";
    assert!(
        second.contains("value = true") && second.contains("on = 2026-03-09") && second.contains(earlier),
        "{second}"
    );
    // What was wrong is taken out, and not kept as an earlier answer.
    person.answer("P-0001", MICRO, "2026-03-16", &[("fact:smoker", "=no"), ("fact:smoker^", "yes")]).to();
    let third = as_of("2026-03-16");
    assert!(third.contains("on = 2026-03-16") && !third.contains("recorded = 2026-03-09"), "{third}");
    // A question that was opened to be changed, and was not, is not answered again: that would make an old answer a new one.
    let change = [("change", "fact:can_become_pregnant"), ("fact:can_become_pregnant", "=yes"), ("fact:smoker", "=no")];
    person.answer("P-0001", MICRO, "2026-03-16", &change).to();
    assert_eq!(as_of("2026-03-16"), third);
    // The past is as it was.
    assert_eq!(as_of("2026-03-08"), first);
    assert_eq!(as_of("2026-03-15"), second);
    assert_eq!(person.get("/patients/P-0001/record.toml?as_of=2026-03-01").code, 404);
    // Nothing is added before answers that came later.
    let refused = person.answer("P-0001", MICRO, "2026-03-09", &[("fact:smoker", "?")]);
    assert!(refused.code == 409 || refused.body.contains("R855"), "{} {}", refused.code, refused.body);
    // Not known, declined, taken back.
    person
        .answer(
            "P-0001",
            MICRO,
            "2026-03-16",
            &[("fact:keloid_history", "!"), ("fact:diabetes", "?"), ("fact:smoker", "-")],
        )
        .to();
    let fourth = as_of("2026-03-16");
    for expected in [
        "keloid_history            = { unknown = \"declined\"",
        "unknown = \"not_known\"",
        "unknown = \"not_recorded\"",
    ] {
        assert!(fourth.contains(expected), "{expected} in {fourth}");
    }
}

#[test]
fn no_to_what_is_left_is_said_of_what_is_asked_and_of_nothing_else() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    person.post("/patients", &[("id", "Q-1")]).to();
    let page = person.page(&format!("/patients/Q-1/treat/{MICRO}"));
    let day = value_of(&page, "as_of");
    for asked in ["fact:can_become_pregnant", "fact:pregnancy_status", "fact:breastfeeding"] {
        assert!(page.contains(&format!("data-key=\"{asked}\"")), "{asked}");
    }
    // Who cannot become pregnant is not asked the rest: the page does not show it any more, and no is not its answer.
    person.answer("Q-1", MICRO, &day, &[("fact:can_become_pregnant", "=no"), ("none", "pregnancy")]).to();
    let record = person.page("/patients/Q-1/record.toml");
    assert!(record.contains("can_become_pregnant = false") && !record.contains("breastfeeding"), "{record}");
    // What is left of a group is answered at once.
    person.answer("Q-1", MICRO, &day, &[("none", "sessions")]).to();
    let record = person.page("/patients/Q-1/record.toml");
    assert!(record.contains("sessions_cover = [") && record.contains("\"microneedling\""), "{record}");
}

#[test]
fn what_is_no_answer_is_told_at_its_question_and_nothing_is_saved() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let day = "2026-03-09";
    let before = person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    for wrong in [
        &[("fact:smoker", "=yes"), ("fact:hba1c_percent~", "high")][..],
        &[("fact:hba1c_percent~", "5.4"), ("fact:hba1c_percent", "?")],
        &[("fact:hba1c_percent~", "540")],
        &[("fact:treatment_area", "=nose-hair")],
        &[("fact:date_of_birth~", "2026-02-30")],
        &[("fact:no_such_fact", "=yes")],
        &[("note:99:depth_mm~", "1")],
        &[("sessions:no-such", "=no")],
        &[("earlier:2025-01-01:no_such", "=yes")],
        &[("sessions:filler~", "yesterday")],
    ] {
        let reply = person.answer("P-0001", MICRO, day, wrong);
        assert_eq!(reply.code, 422, "{wrong:?}: {}", reply.head);
        assert_eq!(person.page(&format!("/patients/P-0001/record.toml?as_of={day}")), before, "{wrong:?}");
    }
    // What was sent stands there, to be mended.
    let reply =
        person.answer("P-0001", MICRO, day, &[("change", "fact:hba1c_percent"), ("fact:hba1c_percent~", "high")]);
    assert!(reply.body.contains("`high` is not a number") && reply.body.contains("value=\"high\""), "{}", reply.body);
}

/// What has just been answered counts, or contradicts what was told before; whichever of the two is wrong, nobody is treated by it.
#[test]
fn what_was_just_answered_is_not_put_aside() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let day = "2026-03-02";
    let dose = [("change", "fact:isotretinoin_last_dose_date"), ("fact:isotretinoin_last_dose_date~", "2025-11-15")];
    person.answer("P-0001", MICRO, day, &dose).to();
    let page = || person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of={day}"));
    let record = person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    assert!(record.contains("2025-11-15") && !record.contains("no_longer_applies"), "{record}");
    assert!(page().contains("ASK FIRST"), "{}", page());
    person.answer("P-0001", MICRO, day, &[("fact:isotretinoin_status", "=past")]).to();
    assert!(page().contains("NOT TODAY"), "{}", page());
}

#[test]
fn two_windows_do_not_write_over_each_other() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let (one, other) = (Person::new(&server, "Dr A", "/patients"), Person::new(&server, "Nurse B", "/patients"));
    let (path, day) = ("/patients/P-0001/treat/microneedling-acne-scars", "2026-03-02");
    let row = value_of(&one.page(&format!("{path}?as_of={day}")), "row");
    let send = |person: &Person<'_>, answer: &str| {
        person.post(&format!("{path}/answers"), &[("as_of", day), ("row", &row), ("fact:smoker", answer)])
    };
    send(&other, "=yes").to();
    let late = send(&one, "?");
    assert_eq!(late.code, 409);
    assert!(late.body.contains("R850"), "{}", late.body);
    // What was chosen stands there, beside the record as it is now: it is looked at, and saved.
    assert!(late.body.contains("name=\"fact:smoker\" value=\"?\" checked"), "{}", late.body);
    let now = value_of(&late.body, "row");
    assert_ne!(now, row);
    let late = one.post("/patients/P-0001/decide", &[("protocol", MICRO), ("as_of", day), ("row", &row)]);
    assert!(late.code == 409 && late.body.contains("R850") && late.body.contains("id=\"answer\""), "{}", late.body);
    one.post(&format!("{path}/answers"), &[("as_of", day), ("row", &now), ("fact:smoker", "?")]).to();
    assert!(one.page("/decisions").contains("0 entries in the archive"));
}

#[test]
fn what_is_sent_twice_is_done_once_and_said_as_it_is() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let day = "2026-03-02";
    // A patient who is there.
    let again = person.post("/patients", &[("id", "P-0001")]);
    assert!(again.code == 409 && again.body.contains("href=\"/patients/P-0001\""), "{}", again.body);
    assert!(again.body.contains("already") && !again.body.contains("R850"), "{}", again.body);
    // One who is added, in a form that is sent twice.
    let form = value_of(&person.page("/patients"), "form");
    for _ in 0..2 {
        assert_eq!(person.post("/patients", &[("id", "P-9"), ("form", &form)]).to(), "/patients/P-9");
    }
    // A session.
    let path = "/patients/P-0001/sessions";
    let shown = person.page(&format!("{path}?as_of={day}"));
    let (row, form) = (value_of(&shown, "row"), value_of(&shown, "form"));
    let session = |date| {
        let of = [("as_of", day), ("row", row.as_str()), ("form", form.as_str())];
        [&of[..], &[("list", "given"), ("treatment", "microneedling"), ("date", date)]].concat()
    };
    // Also both at once.
    std::thread::scope(|scope| {
        let sent = [0; 2].map(|_| scope.spawn(|| person.post(path, &session("2025-12-01")).to().to_owned()));
        for to in sent {
            assert!(to.join().expect("an answer").contains("saved=yes"));
        }
    });
    assert!(person.post(path, &session("2025-12-01")).to().contains("saved=yes"));
    let record = || person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    assert_eq!(record().matches("2025-12-01").count(), 1, "{}", record());
    // Another one from the same page is not; nor is the same by somebody else.
    assert_eq!(person.post(path, &session("2025-12-02")).code, 409);
    let other = Person::new(&server, "Dr B", "/patients");
    assert_eq!(other.post(path, &session("2025-12-01")).code, 409);
    // It is taken out once, although another one would stand in its place then.
    let row = value_of(&person.page(&format!("{path}?as_of={day}")), "row");
    person
        .post(
            path,
            &[("as_of", day), ("row", &row), ("list", "given"), ("treatment", "microneedling"), ("date", "2025-12-03")],
        )
        .to();
    let shown = person.page(&format!("{path}?as_of={day}"));
    let (row, form) = (value_of(&shown, "row"), value_of(&shown, "form"));
    for _ in 0..2 {
        let fields = [("as_of", day), ("row", row.as_str()), ("form", form.as_str()), ("list", "given"), ("at", "0")];
        assert!(person.post(&format!("{path}/remove"), &fields).to().contains("saved=yes"));
    }
    assert!(!record().contains("2025-12-01") && record().contains("2025-12-03"), "{}", record());
    // A decision; from the page that is opened again, it is another one.
    for entry in ["/decisions/1", "/decisions/2"] {
        let page = person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of={day}"));
        let (row, form) = (value_of(&page, "row"), value_of(&page, "form"));
        let decide = |then: &str| {
            let fields = [("protocol", MICRO), ("as_of", day), ("row", &row), ("form", &form), ("then", then)];
            person.post("/patients/P-0001/decide", &fields).to().to_owned()
        };
        assert_eq!([decide("show"), decide("show")], [entry, entry]);
        assert_eq!(decide("handout"), format!("{entry}/handout"));
    }
    assert!(person.page("/decisions").contains("2 entries in the archive"));
}

#[test]
fn what_cannot_be_looked_for_is_told() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    for (wrong, told) in [
        ("day=2026-02-30", "`2026-02-30` is not a day"),
        ("day=28.11.2026", "`28.11.2026` is not a day"),
        ("status=nope", "there is no status `nope`"),
        ("kind=foo", "there is no kind `foo`"),
        ("before=x", "there is no entry `x`"),
        ("status=due%27%20OR%201--", "there is no status"),
    ] {
        let reply = person.get(&format!("/decisions?{wrong}"));
        assert_eq!(reply.code, 400, "{wrong}: {}", reply.body);
        assert!(reply.body.replace("<code>", "`").replace("</code>", "`").contains(told), "{wrong}: {}", reply.body);
    }
    let whole = "patient=&protocol=&day=2026-02-28&status=due&kind=answer";
    assert_eq!(person.get(&format!("/decisions?{whole}")).code, 200);
}

#[test]
fn what_is_not_taken_over_is_told_and_a_folder_that_is_not_there_leaves_nothing() {
    let folder = Folder::new();
    let data = folder.path().join("clinic.db");
    let serve = |import: &Path| {
        let mut command = regimen();
        command.arg("serve").arg(repository().join("protocols")).arg("--data").arg(&data);
        command.args(["--listen", "127.0.0.1:0", "--import"]).arg(import);
        command
    };
    let missing = run(serve(&folder.path().join("nowhere")), "");
    assert!(missing.code == Some(1) && missing.stderr.contains("cannot be read"), "{}", missing.stderr);
    assert!(!data.exists());
    let records = folder.path().join("records");
    std::fs::create_dir(&records).expect("a folder");
    std::fs::write(records.join("p-7.json"), r#"{ "patient": "P-7" }"#).expect("written");
    let mut command = serve(&records);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().expect("a pipe")), &mut line)
        .expect("an address");
    child.kill().expect("it ends");
    let said = child.wait_with_output().expect("it has ended").stderr;
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("p-7.json was not taken over: records are taken over from TOML only"), "{said}");
}

#[test]
fn sessions_and_appointments_come_and_go() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let (path, day) = ("/patients/P-0001/sessions", "2026-03-02");
    let page = || person.page(&format!("{path}?as_of={day}"));
    let send = |path: &str, fields: &[(&str, &str)]| {
        let row = value_of(&page(), "row");
        let mut all = vec![("as_of", day), ("row", row.as_str())];
        all.extend(fields);
        person.post(path, &all)
    };
    let session =
        [("list", "given"), ("treatment", "microneedling"), ("date", "2026-02-16"), ("note:0:depth_mm~", "1.0")];
    send(path, &session).to();
    send(path, &[("list", "planned"), ("treatment", "microneedling"), ("date", "2026-04-13")]).to();
    let record = person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    assert!(
        record.contains("[[sessions]]") && record.contains("depth_mm = 1.0") && record.contains("[[planned]]"),
        "{record}"
    );
    assert!(page().contains("2026-02-16") && page().contains("2026-04-13"));
    assert!(person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of={day}")).contains("NOT TODAY"));
    for wrong in [
        [("list", "given"), ("treatment", "microneedling"), ("date", "2026-02-30")],
        [("list", "given"), ("treatment", "microneedling"), ("date", "2099-01-01")],
        [("list", "given"), ("treatment", "no-such"), ("date", "2026-02-16")],
        [("list", "other"), ("treatment", "microneedling"), ("date", "2026-02-16")],
    ] {
        assert!([404, 422].contains(&send(path, &wrong).code), "{wrong:?}");
    }
    // What was mistyped is mended in the form, which keeps the rest.
    let again =
        [("list", "planned"), ("treatment", "microneedling"), ("date", "2026-02-30"), ("note:0:depth_mm~", "1.5")];
    let again = send(path, &again).body;
    for kept in [
        "2026-02-30",
        "value=\"planned\" selected",
        "value=\"microneedling\" selected",
        "value=\"1.5\"",
        "role=\"alert\"",
    ] {
        assert!(again.contains(kept), "{kept}: {again}");
    }
    send(&format!("{path}/remove"), &[("list", "planned"), ("at", "0")]).to();
    send(&format!("{path}/remove"), &[("list", "given"), ("at", "0")]).to();
    assert_eq!(send(&format!("{path}/remove"), &[("list", "given"), ("at", "0")]).code, 422);
    let record = person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    // A list that has lost its only session does not say that there was none.
    assert!(
        !record.contains("[[sessions]]") && !record.contains("[[planned]]") && !record.contains("sessions = []"),
        "{record}"
    );
}

#[test]
fn what_is_taken_out_of_a_list_is_what_the_page_shows_there() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let path = "/patients/P-0001/sessions";
    let day = "2026-03-02";
    let page = || person.page(&format!("{path}?as_of={day}"));
    for (list, days) in
        [("planned", ["2026-12-30", "2026-12-01", "2026-12-10"]), ("given", ["2026-02-20", "2026-01-01", "2026-01-20"])]
    {
        for date in days {
            let row = value_of(&page(), "row");
            let fields =
                [("as_of", day), ("row", &row), ("list", list), ("treatment", "microneedling"), ("date", date)];
            person.post(path, &fields).to();
        }
    }
    for (list, day_of_it) in [("planned", "2026-12-01"), ("given", "2026-01-20")] {
        let shown = page();
        let at = shown.find(&format!("<strong>{day_of_it}</strong>")).expect("listed");
        let entry = &shown[at..];
        let row = value_of(&shown, "row");
        person
            .post(
                &format!("{path}/remove"),
                &[("as_of", day), ("row", &row), ("list", list), ("at", &value_of(entry, "at"))],
            )
            .to();
    }
    let record = person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    assert!(!record.contains("2026-12-01") && !record.contains("2026-01-20"), "{record}");
    for kept in ["2026-12-30", "2026-12-10", "2026-02-20", "2026-01-01"] {
        assert!(record.contains(kept), "{kept}: {record}");
    }
    let history = person.page(&format!("/patients/P-0001/record?as_of={day}"));
    assert!(history.contains("appointment of 2026-12-01: microneedling, taken out"), "{history}");
    assert!(history.contains("session of 2026-01-20: microneedling, taken out"), "{history}");
}

#[test]
fn a_choice_is_one_that_the_page_offers_and_none_stands_alone() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let day = "2026-03-02";
    for (answers, code) in [
        (&[("fact:pregnancy_status", "=")][..], "R431"),
        (&[("fact:pregnancy_status", "=3")], "R106"),
        (&[("fact:pregnancy_status", "=not pregnant")], "R106"),
        (&[("fact:topical_planned", "=none"), ("fact:topical_planned", "=hyaluronic")], "R856"),
        (&[("fact:topical_planned", "=none"), ("fact:topical_planned", "=[]")], "R856"),
    ] {
        let refused = person.answer("P-0001", MICRO, day, answers);
        assert_eq!(refused.code, 422, "{answers:?} {code}: {}", refused.body);
        assert!(refused.body.contains("Nothing was saved yet"), "{answers:?}: {}", refused.body);
    }
    person.answer("P-0001", MICRO, day, &[("fact:topical_planned", "=none")]);
    // On a day before the last answers nothing can be saved, and no change is offered.
    person.answer("P-0001", MICRO, "2026-03-09", &[("fact:smoker", "=yes")]).to();
    let past = person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of={day}&change=fact%3Asmoker"));
    assert!(!past.contains("data-group=\"change\"") && past.contains("nothing can be added before them"), "{past}");
}

#[test]
fn what_was_typed_stays_where_it_is_mended() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let day = "2026-03-02";
    let id = person.post("/patients", &[("id", "a\u{200b}b")]);
    assert!(id.code == 422 && id.body.contains("R852") && id.body.contains("name=\"id\""), "{}", id.body);
    person.answer("P-0001", MICRO, day, &[("fact:isotretinoin_status", "=current")]).to();
    let row = value_of(&person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of={day}")), "row");
    person.post("/patients/P-0001/decide", &[("protocol", MICRO), ("as_of", day), ("row", &row)]).to();
    let reason = "isotretinoin-now";
    let empty = person.post("/decisions/1/remark", &[("kind", "override"), ("reason", reason), ("text", " ")]);
    assert!(empty.code == 422 && empty.body.contains("say why"), "{}", empty.body);
    assert!(empty.body.contains(&format!("<option value=\"{reason}\" selected")), "{}", empty.body);
    // Whose it is stands on what was said of it, and where it is asked again.
    person.post("/decisions/1/remark", &[("kind", "override"), ("reason", reason), ("text", "agreed")]).to();
    for path in ["/decisions/2", "/decisions/1/replay"] {
        let page = person.page(path);
        assert!(page.contains("P-0001") && page.contains("1994-05-01"), "{path}: {page}");
    }
    // The reason that did not count stands there as people read it, before its name.
    let said = person.page("/decisions/2");
    let (before, _) = said.split_once("<code class=\"help\">isotretinoin-now</code>").expect("the reason's name");
    assert!(before.trim_end().ends_with('.'), "{said}");
    let erased = person.post("/patients/P-0002/erase", &[("id", "P-2"), ("why", "asked for")]);
    assert!(erased.code == 422 && erased.body.contains("value=\"asked for\"") && erased.body.contains("value=\"P-2\""));
    // Whatever else was refused leads back to its page.
    let other = person.post("/decisions/1/remark", &[("kind", "no-such"), ("text", "x")]);
    assert!(other.code == 404 && other.body.contains("href=\"/decisions/1\""), "{}", other.body);
    let nameless = Person { address: &server.address, cookie: String::new(), token: String::new() };
    let unknown = nameless.post("/you", &[("who", ""), ("next", "/patients")]);
    assert!(unknown.code == 422 && unknown.body.contains("name=\"who\""), "{}", unknown.body);
}

#[test]
fn the_steps_and_the_list_are_told_in_words() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let steps = person.page(&format!("/patients/P-0002/why/{MICRO}?as_of=2026-03-02"));
    let decided = steps.find("id=\"step-contraindication.").expect("a contraindication");
    assert!(decided < steps.find("id=\"step-definition.").expect("a definition"), "what has decided comes first");
    // A condition is said in words; behind that stands how it is written.
    let (before, _) = steps.split_once("<code class=\"help\">goodman_baron_grade != 1</code>").expect("a condition");
    assert!(before.trim_end().trim_end_matches(" ←").ends_with("is not 1"), "{before}");
    let listed = person.page("/decisions");
    assert!(listed.contains("Microneedling for atrophic acne scars</option>"), "{listed}");
    // A doubt says what to do on the page; a count that is not certain is drawn.
    let sessions = "/patients/P-0001/sessions";
    for (date, note) in [("2026-02-09", ""), ("2026-02-09", ""), ("2026-01", "")] {
        let row = value_of(&person.page(&format!("{sessions}?as_of=2026-03-02")), "row");
        let fields = [
            ("as_of", "2026-03-02"),
            ("row", &row),
            ("list", "given"),
            ("treatment", "microneedling"),
            ("date", date),
            ("note:0:depth_mm~", note),
        ];
        person.post(sessions, &fields).to();
    }
    // An appointment that was kept says so.
    let kept = |day: &str| {
        let row = value_of(&person.page(&format!("{sessions}?as_of=2026-03-02")), "row");
        let fields = [("row", row.as_str()), ("list", "planned"), ("treatment", "microneedling"), ("date", day)];
        person.post(sessions, &[&[("as_of", "2026-03-02")], &fields[..]].concat()).to();
        person.page(&format!("{sessions}?as_of=2026-03-02")).matches("kept: the session of that day is noted").count()
    };
    assert_eq!((kept("2026-02-09"), kept("2026-03-30")), (1, 1));
    let page = person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of=2026-03-02"));
    let (_, doubts) = page.split_once("id=\"doubts\"").expect("doubts");
    let (doubts, _) = doubts.split_once("</div>").expect("an end");
    assert!(doubts.contains("R417") && doubts.contains("Mend it here"), "{doubts}");
    assert!(!doubts.contains('`') && !doubts.contains("of the record"), "{doubts}");
    assert!(!page.contains("record as pregnancy_status"), "{page}");
}

/// A product is offered with its label, and its label is told as well as its name.
#[test]
fn a_product_is_offered_and_taken_by_its_label() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let (path, day) = ("/patients/P-0001/sessions", "2026-03-02");
    let page = person.page(&format!("{path}?as_of={day}"));
    assert!(page.contains("<option value=\"03\" label=\"MMR\">") && page.contains("list=\"products\""), "{page}");
    let add = |date: &str, product: &[(&str, &str)]| {
        let row = value_of(&person.page(&format!("{path}?as_of={day}")), "row");
        let mut fields =
            vec![("as_of", day), ("row", row.as_str()), ("list", "given"), ("treatment", "mmr"), ("date", date)];
        fields.extend(product);
        person.post(path, &fields)
    };
    // Asked for, it is offered in the same way.
    add("2026-02-20", &[]).to();
    let asked = person.page(&format!("/patients/P-0001/treat/mmr?as_of={day}"));
    let (_, question) = asked.split_once("what was its product?").expect("the question");
    assert!(question.contains("<datalist") && question.contains("label=\"MMR\""), "{question}");
    add("2026-02-16", &[("note:0:product~", "mmr")]).to();
    assert_eq!(add("2026-02-17", &[("note:0:product~", "live influenza vaccine")]).code, 422);
    let record = person.page(&format!("/patients/P-0001/record.toml?as_of={day}"));
    assert!(record.contains("product = \"03\"") && !record.contains("2026-02-17"), "{record}");
}

/// Each calendar file knows what stood in those of the decisions before it.
#[test]
fn a_calendar_file_cancels_what_an_earlier_decision_had_planned() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let day = "2026-03-02";
    let decided = || {
        let row = value_of(&person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of={day}")), "row");
        let fields = [("protocol", MICRO), ("as_of", day), ("row", &row), ("then", "calendar")];
        let to = person.post("/patients/P-0001/decide", &fields).to().to_owned();
        person.page(&to)
    };
    let due = decided();
    let planned = due.matches("STATUS:CONFIRMED").count();
    assert!(planned > 5 && planned == due.matches("SEQUENCE:0").count(), "{due}");
    assert_eq!(decided(), due);
    person.answer("P-0001", MICRO, day, &[("fact:isotretinoin_status", "=current")]).to();
    let now = decided();
    assert_eq!(now.matches("STATUS:CANCELLED").count(), now.matches("SEQUENCE:1").count(), "{now}");
    assert!(now.contains("STATUS:CANCELLED"), "{now}");
    assert_eq!(now.matches("BEGIN:VEVENT").count(), planned, "{now}");
}

#[test]
fn whose_page_it_is_stands_on_every_sheet_of_paper() {
    let folder = Folder::new();
    let server = Server::with_records(&support::repository().join("protocols"), &folder.path().join("clinic.db"));
    let person = Person::new(&server, "Dr A", "/patients");
    let style = "/patients/P-0001/paper.css";
    for page in ["/patients/P-0001", "/patients/P-0001/plan", "/patients/P-0001/record"] {
        assert!(person.page(page).contains(&format!("media=\"print\" href=\"{style}\"")), "{page}");
    }
    let paper = person.page(style);
    assert!(paper.starts_with("@page { @top-left { content: \"P-0001 · born 1994-05-01\";"), "{paper}");
    // An identifier cannot end the text that it stands in.
    let at = person.post("/patients", &[("id", "a\"; } body { display: none; } \\")]).to().to_owned();
    let paper = person.page(&format!("{at}/paper.css"));
    assert_eq!((paper.matches('{').count(), paper.matches('"').count()), (2, 2), "{paper}");
}

/// Of whom there are decisions and no record here, the paper says as much as those.
#[test]
fn whose_decision_it_is_stands_on_paper_also_without_a_record() {
    let folder = Folder::new();
    let data = folder.path().join("clinic.db");
    let archive = |arguments: &[&str]| {
        let mut command = regimen();
        command.args(arguments).arg("--archive").arg(&data).args(["--by", "Dr. A"]);
        support::run(command, "")
    };
    let mut new = regimen();
    new.args(["archive", "new"]).arg(&data);
    assert_eq!(support::run(new, "").code, Some(0));
    folder.write("p.toml", "patient = \"P-9\"\nrecorded = 2026-03-02\n[facts]\ndate_of_birth = 1990-05-01\n");
    let record = folder.path().join("p.toml");
    let record = record.to_string_lossy();
    let decided = archive(&["recommend", "protocols/microneedling-acne-scars", &record, "--as-of", "2026-03-02"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    let none = folder.path().join("none");
    std::fs::create_dir_all(&none).expect("a folder");
    let server = Server::of(&repository().join("protocols"), &data, &none);
    let person = Person::new(&server, "Dr. A", "/patients");
    let paper = person.get("/patients/P-9/paper.css");
    assert_eq!(paper.code, 200, "{}", paper.body);
    assert!(paper.body.contains("P-9 · born 1990-05-01"), "{}", paper.body);
    assert_eq!(person.get("/patients/P-8/paper.css").code, 404);
}

#[test]
fn identifiers_that_are_nearly_the_same_are_asked_about() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let asked = person.post("/patients", &[("id", "p 1")]);
    assert_eq!(asked.code, 409);
    assert!(asked.body.contains("P-0001"), "{}", asked.body);
    person.post("/patients", &[("id", "p 1"), ("sure", "yes")]).to();
    assert!(person.page("/patients/p%201").contains("R853") && person.page("/patients/P-0001").contains("R853"));
    let treat = person.page(&format!("/patients/P-0001/treat/{MICRO}?as_of=2026-03-02"));
    let row = value_of(&treat, "row");
    person.post("/patients/P-0001/decide", &[("protocol", MICRO), ("as_of", "2026-03-02"), ("row", &row)]).to();
    assert!(person.page("/decisions/1").contains("(R853)"), "what the page has said stands beside the decision");
    for wrong in ["..", "", "a\u{200b}b"] {
        let refused = person.post("/patients", &[("id", wrong)]);
        assert!(refused.code == 422 && refused.body.contains("R852"), "{wrong:?}: {}", refused.body);
    }
    let missing = person.get("/patients/P-0OO1");
    assert!(missing.code == 404 && missing.body.contains("R851"), "{}", missing.body);
}

#[test]
fn only_this_page_changes_anything() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let at = &server.address;
    // Another name for this computer.
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"] {
        let request =
            format!("GET /patients HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\r\n", person.cookie);
        let reply = raw(at, request.as_bytes());
        assert_eq!(reply.code, 421, "{host}");
        assert!(!reply.body.contains("P-0001"));
    }
    // Another page.
    let body = format!("token={}&id=P-9", person.token);
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        assert_eq!(person.send("/patients", at, origin, FORM, &body).code, 403, "{origin}");
    }
    // A browser that says nothing of where a form comes from; one that says it otherwise; and a program, which changes nothing.
    let unsaid = |path: &str, kind: &str, more: &str, body: &str| {
        let (cookie, length) = (&person.cookie, body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {at}\r\n{more}Cookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        raw(at, request.as_bytes())
    };
    assert_eq!(unsaid("/patients", FORM, "", &body).code, 403);
    assert_eq!(unsaid("/patients", FORM, "Sec-Fetch-Site: cross-site\r\n", &body).code, 403);
    let of_here = format!("token={}&id=P-0001", person.token);
    assert_eq!(unsaid("/patients", FORM, "Sec-Fetch-Site: same-origin\r\n", &of_here).code, 409);
    let nothing = unsaid("/api/v1/recommend", "application/json", "", r#"{ "record": "", "as_of": "2026-03-02" }"#);
    assert!(nothing.code == 400 && nothing.body.contains("`protocol` is missing"), "{} {}", nothing.code, nothing.body);
    let own = format!("http://{at}");
    // Another session, or none.
    for token in ["", "token=", "token=0", &format!("token={}x", person.token)] {
        assert_eq!(person.send("/patients", at, &own, FORM, &format!("{token}&id=P-9")).code, 403, "{token}");
    }
    let other = Person::new(&server, "Dr B", "/patients");
    assert_eq!(person.send("/patients", at, &own, FORM, &format!("token={}&id=P-9", other.token)).code, 403);
    let nobody = Person { address: at, cookie: "regimen=0".into(), token: person.token.clone() };
    assert_eq!(nobody.post("/patients", &[("id", "P-9")]).code, 403);
    assert_eq!(nobody.get("/patients/P-0001").to(), "/you?next=%2Fpatients%2FP-0001");
    // Another kind of body, and one that is too large.
    for kind in ["text/plain", "application/json", "multipart/form-data", ""] {
        assert_eq!(person.send("/patients", at, &own, kind, &body).code, 415, "{kind}");
    }
    let large = format!("token={}&id={}", person.token, "x".repeat(2 << 20));
    assert_eq!(person.send("/patients", at, &own, FORM, &large).code, 413);
    assert_eq!(person.get("/patients/P-9").code, 404, "nothing of all that was done");
    // A session that has ended.
    person.post("/you/leave", &[]).to();
    assert_eq!(person.get("/patients").code, 303);
}

#[test]
fn every_answer_forbids_what_is_not_ours() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    for path in [
        "/patients",
        "/nowhere",
        "/assets/style.css",
        "/assets/live.js",
        "/patients/P-0001",
        "/decisions/7",
        "/api/v1/protocols",
        "/patients/x/y/z",
    ] {
        let reply = person.get(path);
        let policy = reply.header("content-security-policy").unwrap_or_else(|| panic!("{path}: {}", reply.head));
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(
            !reply.body.contains(" style=\"") && !reply.body.contains(" onclick") && !reply.body.contains("<style"),
            "{path}"
        );
        assert!(!reply.body.contains("http://") && !reply.body.contains("https://"), "{path}: it names another place");
    }
    // Days that no clinic has seen are answered in words, too.
    for page in [
        "",
        "/plan",
        "/sessions",
        "/record",
        "/treat/microneedling-acne-scars",
        "/why/microneedling-acne-scars",
        "/when/microneedling-acne-scars",
    ] {
        for day in ["9999-12-31", "1900-01-01", "0000-00-00", "99999-01-01", "2026-02-30", "-1", "2026-03"] {
            let reply = person.get(&format!("/patients/P-0003{page}?as_of={day}"));
            assert!([200, 400, 404, 422].contains(&reply.code), "{page} {day}: {}", reply.code);
        }
    }
    // Names of files are names of nothing.
    for path in [
        "/assets/../Cargo.toml",
        "/assets/%2e%2e%2fCargo.toml",
        "/decisions/1/text?name=../../etc/passwd",
        "/api/v1/schemas/..%2f..%2fetc%2fpasswd",
        "/patients/P-0001/treat/..%2f..%2fetc",
    ] {
        let reply = person.get(path);
        assert!([400, 404, 422].contains(&reply.code), "{path}: {}", reply.code);
        assert!(!reply.body.contains("root:") && !reply.body.contains("[package]"), "{path}");
    }
    let request = format!(
        "DELETE /patients/P-0001 HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nConnection: close\r\n\r\n",
        server.address
    );
    assert!([403, 404, 405].contains(&raw(&server.address, request.as_bytes()).code));
}

/// What a page must never hold unescaped.
const MARK: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

#[test]
fn no_text_becomes_markup_and_no_value_becomes_sql() {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "clinic/tiny-peel/protocol.toml");
    let file = folder.path().join("clinic/tiny-peel/protocol.toml");
    // A protocol whose every text is markup.
    let text = std::fs::read_to_string(&file).expect("read");
    let marked: String = text
        .lines()
        .map(|line| match line.split_once('=') {
            Some((key, _)) if ["title", "ask", "reason", "label", "owner"].contains(&key.trim()) => {
                format!("{key}= '''{MARK}'''\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&file, marked).expect("written");
    let server = Server::with_records(&folder.path().join("clinic"), &folder.path().join("clinic.db"));
    let person = Person::new(&server, MARK, "/patients");
    let id = "<img src=x onerror=alert(1)>' OR 1=1; DROP TABLE entry; --";
    let at = person.post("/patients", &[("id", id)]).to().to_owned();
    let protocol = "tiny-peel";
    let treat = format!("{at}/treat/{protocol}");
    let row = value_of(&person.page(&treat), "row");
    let today = value_of(&person.page(&treat), "as_of");
    person.post(&format!("{at}/decide"), &[("protocol", protocol), ("as_of", &today), ("row", &row)]).to();
    person.post("/decisions/1/remark", &[("kind", "annulled"), ("text", MARK)]).to();
    let mark = encoded(MARK);
    let pages = [
        "/patients".to_owned(),
        format!("/patients?find={mark}"),
        at.clone(),
        treat.clone(),
        format!("{treat}?change={mark}&as_of={today}"),
        format!("{at}/why/{protocol}"),
        format!("{at}/when/{protocol}"),
        format!("{at}/plan"),
        format!("{at}/sessions"),
        format!("{at}/record"),
        format!("{at}/erase"),
        format!("/patients/{mark}"),
        format!("{at}/treat/{mark}"),
        format!("{at}?as_of={mark}"),
        format!("{at}/plan?want={mark}"),
        "/decisions".to_owned(),
        format!("/decisions?patient={mark}&protocol={mark}&day={mark}&status={mark}&kind={mark}&before={mark}"),
        "/decisions/1".to_owned(),
        "/decisions/1/handout".to_owned(),
        "/decisions/1/checklist".to_owned(),
        "/decisions/1/replay".to_owned(),
        format!("/decisions/1/text?name={mark}"),
        format!("/decisions/{mark}"),
        "/decisions/2".to_owned(),
        format!("/you?next={mark}"),
        format!("/{mark}"),
    ];
    for path in &pages {
        let reply = person.get(path);
        assert!(reply.code < 500, "{path}: {}\n{}", reply.code, reply.body);
        for bad in ["<script>alert", "<img src", "onerror=alert(1)>'", "\"'><img"] {
            assert!(!reply.body.contains(bad), "{path}: {bad}\n{}", reply.body);
        }
    }
    // What is sent for a question, and as what.
    for (name, value) in [
        ("fact:pregnant~", MARK),
        ("fact:pregnant", &format!("={MARK}")),
        (MARK, MARK),
        ("fact:<script>alert(1)</script>", "=yes"),
        ("none", MARK),
    ] {
        let reply = person.post(&format!("{treat}/preview"), &[("as_of", &today), ("row", &row), (name, value)]);
        assert!(
            reply.code < 500 && !reply.body.contains("<script>alert") && !reply.body.contains("<img src"),
            "{name}: {}",
            reply.body
        );
    }
    // The tables are all there.
    assert!(person.page("/decisions/verify").contains("It is as it was written"));
}

#[test]
fn programs_are_answered_as_the_command_line_answers() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let ask = |path: &str, question: serde_json::Value| {
        let body = question.to_string();
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            server.address
        );
        raw(&server.address, request.as_bytes())
    };
    for record in ["healthy-adult", "healthy-man", "minimal"] {
        let file = format!("protocols/records/{record}.toml");
        let text = std::fs::read_to_string(repository().join(&file)).expect("read");
        let day = "2026-03-02";
        for protocol in [MICRO, "glycolic-peel", "hpv", "zoster"] {
            let mut command = regimen();
            command.args([
                "recommend",
                &format!("protocols/{protocol}"),
                &file,
                "--as-of",
                day,
                "--format",
                "json",
                "--explain",
                "full",
            ]);
            let reply = ask(
                "/api/v1/recommend",
                serde_json::json!({ "protocol": protocol, "record": text, "as_of": day, "explain": "full" }),
            );
            assert_eq!((reply.code, reply.body), (200, run(command, "").stdout), "{protocol} {record}");
        }
        let mut command = regimen();
        command.args(["plan", "protocols", &file, "--as-of", day, "--format", "json"]);
        let reply = ask("/api/v1/plan", serde_json::json!({ "record": text, "as_of": day }));
        assert_eq!(reply.body, run(command, "").stdout, "{record}");
    }
    let text = std::fs::read_to_string(repository().join("protocols/records/minimal.toml")).expect("read");
    let mut command = regimen();
    command.args([
        "when",
        &format!("protocols/{MICRO}"),
        "protocols/records/minimal.toml",
        "--as-of",
        "2026-03-02",
        "--until",
        "2026-06-01",
        "--format",
        "json",
    ]);
    let question =
        serde_json::json!({ "protocol": MICRO, "record": text, "as_of": "2026-03-02", "until": "2026-06-01" });
    assert_eq!(ask("/api/v1/when", question).body, run(command, "").stdout);
    // What is wrong has its code.
    for (question, code) in [
        (serde_json::json!({ "protocol": "no-such", "record": text, "as_of": "2026-03-02" }), 404),
        (serde_json::json!({ "protocol": MICRO, "record": "patient = ", "as_of": "2026-03-02" }), 422),
        (serde_json::json!({ "protocol": MICRO, "record": text, "as_of": "2026-03-02", "aso": 1 }), 400),
        (serde_json::json!([]), 400),
        (serde_json::json!([MICRO]), 400),
    ] {
        let reply = ask("/api/v1/recommend", question.clone());
        assert!(!reply.body.contains("struct"), "{}", reply.body);
        assert_eq!(reply.code, code, "{question}: {}", reply.body);
        let errors: serde_json::Value = serde_json::from_str(&reply.body).expect("JSON");
        assert!(errors["errors"][0]["code"].as_str().is_some_and(|code| code.starts_with('R')), "{errors}");
    }
    let nobody = Person { address: &server.address, cookie: String::new(), token: String::new() };
    let described: serde_json::Value = serde_json::from_str(&nobody.page("/api/v1/openapi.json")).expect("JSON");
    for code in ["413", "415", "405"] {
        assert!(described["paths"]["/api/v1/recommend"]["post"]["responses"][code].is_object(), "{code}");
    }
    for (path, code) in [("/api/v1/recommend", 405), ("/api/v1/nowhere", 404)] {
        let reply = nobody.get(path);
        assert_eq!(reply.code, code, "{path}");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}: {}", reply.body);
    }
    for path in described["paths"].as_object().expect("paths").keys() {
        assert_ne!(nobody.get(path).code, 404, "{path}");
    }
    let schema: serde_json::Value =
        serde_json::from_str(&nobody.page("/api/v1/schemas/recommendation.json")).expect("JSON");
    let mut command = regimen();
    command.args([
        "recommend",
        &format!("protocols/{MICRO}"),
        "protocols/records/minimal.toml",
        "--as-of",
        "2026-03-02",
        "--format",
        "json",
    ]);
    let answer: serde_json::Value = serde_json::from_str(&run(command, "").stdout).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &answer));
}

#[test]
fn no_acknowledged_answer_is_lost_when_it_is_killed() {
    let folder = Folder::new();
    let mut last = String::new();
    for round in 0..4 {
        let mut server = Server::shipped(&folder);
        let person = Person::new(&server, "Dr A", "/patients");
        let record = person.page("/patients/P-0001/record.toml?as_of=2026-03-09");
        assert!(last.is_empty() || record.contains(&last), "round {round}: {last} in {record}");
        for step in 0..3 {
            let value = format!("{}.{step}", 4 + round);
            person.answer("P-0001", MICRO, "2026-03-09", &[("fact:hba1c_percent~", &value)]).to();
            last = format!("value = {value}");
        }
        // SIGKILL.
        server.child.kill().expect("killed");
        server.child.wait().expect("gone");
    }
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    assert!(person.page("/patients/P-0001/record.toml?as_of=2026-03-09").contains(&last));
    assert!(person.page("/decisions/verify").contains("It is as it was written"));
}

#[test]
fn a_clinic_that_breaks_goes_on_as_it_was_and_is_taken_up_again() {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "clinic/tiny-peel/protocol.toml");
    let file = folder.path().join("clinic/tiny-peel/protocol.toml");
    let good = std::fs::read_to_string(&file).expect("read");
    let server = Server::with_records(&folder.path().join("clinic"), &folder.path().join("clinic.db"));
    let person = Person::new(&server, "Dr A", "/patients");
    person.post("/patients", &[("id", "P-1")]).to();
    let page = || person.page("/patients/P-1");
    let soon = |is_so: &dyn Fn(&str) -> bool| {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let page = page();
            if is_so(&page) {
                return;
            }
            assert!(Instant::now() < until, "{page}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    assert!(page().contains("ASK FIRST") && !page().contains("R857"));
    std::fs::write(&file, format!("{good}\nnonsense = 1\n[[")).expect("written");
    soon(&|page| page.contains("R857"));
    assert!(page().contains("ASK FIRST"));
    // A decision rests on the texts that are in use, not on those that lie there now.
    let id = "tiny-peel";
    let treat = person.page(&format!("/patients/P-1/treat/{id}"));
    let (row, day) = (value_of(&treat, "row"), value_of(&treat, "as_of"));
    person.post("/patients/P-1/decide", &[("protocol", id), ("as_of", &day), ("row", &row)]).to();
    assert!(person.page("/decisions/1/replay").contains("identical"));
    // Beside the answer, whose bytes are as they always are, it says which version has answered.
    assert!(person.page("/decisions/1").contains("(R857)"));
    let list = person.get("/api/v1/protocols");
    assert_eq!(list.header("regimen-doubt"), Some("R857"));
    let list: serde_json::Value = serde_json::from_str(&list.body).expect("JSON");
    assert!(list[0]["last_good_version"] == true && list[0]["errors"][0]["code"].is_string(), "{list}");
    std::fs::write(&file, good.replace("title", "title ")).expect("written");
    soon(&|page| !page.contains("R857"));
}

#[test]
fn it_listens_on_this_computer_only_and_ends_when_asked() {
    let folder = Folder::new();
    let data = folder.path().join("clinic.db");
    for beyond in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8737"] {
        let mut command = regimen();
        command.args(["serve", "protocols", "--listen", beyond, "--data"]).arg(&data);
        let output = run(command, "");
        assert!(output.code == Some(2) && output.stderr.contains("R854"), "{output:?}");
        assert!(!data.exists(), "nothing is made before that");
    }
    let mut server = Server::shipped(&folder);
    let mut command = regimen();
    command.args(["serve", "protocols", "--listen", &server.address, "--data"]).arg(folder.path().join("other.db"));
    let output = run(command, "");
    assert!(output.code == Some(2) && output.stderr.contains("R858"), "{output:?}");
    #[cfg(unix)]
    {
        let ended = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().expect("sent");
        assert!(ended.success());
        assert_eq!(server.child.wait().expect("ended").code(), Some(0));
    }
}

#[test]
fn the_made_up_patients_are_there_once() {
    let folder = Folder::new();
    let data = folder.path().join("clinic.db");
    for _ in 0..2 {
        let server = Server::with_records(&repository().join("protocols"), &data);
        let person = Person::new(&server, "Dr A", "/patients");
        let page = person.page("/patients");
        assert_eq!(page.matches("href=\"/patients/P-").count(), 3, "{page}");
        assert!(person.page("/patients/P-0001/record").matches("taken over from").count() == 1);
    }
}

#[test]
fn a_published_version_answers_and_not_the_file_that_is_being_worked_on() {
    let folder = Folder::new();
    folder.write(
        "c/facts.toml",
        "[facts.pregnant]\ntype = \"bool\"\nask = \"Are you pregnant?\"\nof = \"patient\"\nvalid_for = \"7 days\"\n",
    );
    let head = "id = \"peel\"\ntitle = \"Peel\"\nversion = \"1.0.0\"\nstatus = \"active\"\nin_force = { from = 2026-01-01 }\n\
                review_by = 2090-01-01\nowner = \"medical lead\"\ntreatment = \"peel\"\n[sources.handbook]\ntitle = \"Handbook\"\n\
                evidence = \"read\"\n[[contraindication]]\nid = \"pregnant\"\nwhen = 'pregnant'\nlasts = \"while-true\"\n\
                sources = [\"handbook\"]\n";
    folder.write("c/peel/protocol.toml", format!("{head}reason = \"As it was published.\"\n"));
    for (name, facts, status) in [
        ("well", "pregnant = false", "due"),
        ("expecting", "pregnant = true", "contraindicated"),
        ("nothing", "", "undetermined"),
    ] {
        folder.case("c/peel", name, facts, status);
    }
    let tell = |arguments: &[&str]| {
        let mut command = regimen();
        command.current_dir(folder.path()).args(arguments);
        run(command, "")
    };
    assert_eq!(tell(&["test", "c/peel", "--accept", "--answers"]).code, Some(0));
    let published = tell(&["publish", "c/peel", "--by", "Dr A", "--as-of", "2026-03-01"]);
    assert_eq!(published.code, Some(0), "{published:?}");
    folder.write("c/peel/protocol.toml", format!("{head}reason = \"As it is being written.\"\n"));
    let server = Server::with_records(&folder.path().join("c"), &folder.path().join("clinic.db"));
    let person = Person::new(&server, "Dr A", "/patients");
    person.post("/patients", &[("id", "Q-1")]).to();
    let treat = "/patients/Q-1/treat/peel";
    let page = person.page(treat);
    let (row, day) = (value_of(&page, "row"), value_of(&page, "as_of"));
    let fields = [("as_of", day.as_str()), ("row", &row), ("fact:pregnant", "=yes"), ("sessions:peel", "=no")];
    person.post(&format!("{treat}/answers"), &fields).to();
    let page = person.page(treat);
    assert!(page.contains("As it was published.") && !page.contains("As it is being written."), "{page}");
    let row = value_of(&page, "row");
    person.post("/patients/Q-1/decide", &[("protocol", "peel"), ("as_of", &day), ("row", &row)]).to();
    assert!(person.page("/decisions/1").contains("As it was published."));
    assert!(person.page("/decisions/1/replay").contains("identical"));
    // The command line says the same of the same record.
    folder.write("p.toml", person.page("/patients/Q-1/record.toml"));
    let told = tell(&["recommend", "c/peel", "p.toml", "--as-of", &day, "--format", "json"]);
    let question = serde_json::json!({ "protocol": "peel", "record": std::fs::read_to_string(folder.path().join("p.toml")).expect("read"), "as_of": day });
    let reply = person.send(
        "/api/v1/recommend",
        person.address,
        &format!("http://{}", server.address),
        "application/json",
        &question.to_string(),
    );
    assert_eq!(reply.body, told.stdout);
}

#[test]
fn a_backup_is_made_while_answers_are_being_saved() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let data = folder.path().join("clinic.db");
    let saved = std::sync::atomic::AtomicBool::new(false);
    let backups: Vec<_> = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let person = Person::new(&server, "Dr A", "/patients");
            for at in 0..12 {
                person.post("/patients", &[("id", &format!("N-{}", 10_000 + at * 37))]).to();
                let row =
                    value_of(&person.page("/patients/P-0001/treat/microneedling-acne-scars?as_of=2026-03-02"), "row");
                let fields = [("protocol", MICRO), ("as_of", "2026-03-02"), ("row", &row), ("then", "show")];
                person.post("/patients/P-0001/decide", &fields).to();
            }
            saved.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        let mut backups = Vec::new();
        while !saved.load(std::sync::atomic::Ordering::SeqCst) && !writing.is_finished() {
            let copy = folder.path().join(format!("{}.db", backups.len()));
            let mut backup = regimen();
            backup.args(["archive", "backup"]).arg(&data).arg(&copy);
            let output = run(backup, "");
            assert_eq!(output.code, Some(0), "{output:?}");
            backups.push(copy);
        }
        writing.join().expect("answered");
        backups
    });
    assert!(!backups.is_empty());
    // Each is whole, and the start of what the archive is now.
    for copy in &backups {
        let mut verify = regimen();
        verify.args(["archive", "verify"]).arg(copy);
        let output = run(verify, "");
        assert_eq!(output.code, Some(0), "{output:?}");
        let mut checkpoint = regimen();
        checkpoint.args(["archive", "checkpoint", "--archive"]).arg(copy);
        let path = folder.path().join("checkpoint.txt");
        std::fs::write(&path, run(checkpoint, "").stdout).expect("written");
        let mut verify = regimen();
        verify.args(["archive", "verify"]).arg(&data).arg("--checkpoint").arg(&path);
        assert_eq!(run(verify, "").code, Some(0), "{}", copy.display());
    }
    // It can be gone on with.
    let copy = Server::with_records(&repository().join("protocols"), backups.last().expect("a copy"));
    let person = Person::new(&copy, "Dr A", "/patients");
    assert!(person.page("/patients/P-0001").contains("P-0001"));
}

#[test]
fn decisions_are_paged_and_found_by_what_they_are() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let person = Person::new(&server, "Dr A", "/patients");
    let decide = |patient: &str, protocol: &str, day: &str| {
        let row = value_of(&person.page(&format!("/patients/{patient}/treat/{protocol}?as_of={day}")), "row");
        let fields = [("protocol", protocol), ("as_of", day), ("row", &row), ("then", "show")];
        person.post(&format!("/patients/{patient}/decide"), &fields).to().to_owned()
    };
    decide("P-0002", "glycolic-peel", "2026-03-03");
    for _ in 0..51 {
        decide("P-0001", MICRO, "2026-03-02");
    }
    let numbers = |page: &str| {
        let links = page.split("<td data-title=\"Entry\"><a href=\"/decisions/").skip(1);
        links.map(|link| link.split('"').next().unwrap_or_default().parse().expect("a number")).collect::<Vec<u64>>()
    };
    let first = person.page("/decisions");
    assert_eq!(numbers(&first), (3..=52).rev().collect::<Vec<_>>());
    assert!(first.contains("href=\"/decisions?before=3\""), "{first}");
    let second = person.page("/decisions?before=3");
    assert!(numbers(&second) == [2, 1] && !second.contains("Older ones"), "{second}");
    for (query, expected) in [
        ("protocol=glycolic-peel", vec![1]),
        ("patient=P-0002", vec![1]),
        ("day=2026-03-03", vec![1]),
        ("day=2026-03-03&protocol=microneedling-acne-scars", vec![]),
        ("before=4&status=due&patient=P-0001", vec![3, 2]),
        ("protocol=due%27%20OR%201--", vec![]),
        ("kind=erased", vec![]),
    ] {
        assert_eq!(numbers(&person.page(&format!("/decisions?{query}"))), expected, "{query}");
    }
    // The pages of a question keep it.
    let page = person.page("/decisions?status=due&protocol=microneedling-acne-scars");
    assert!(page.contains("/decisions?before=3&amp;protocol=microneedling-acne-scars&amp;status=due"), "{page}");
    // What was erased is still listed, and not by what it said.
    person.post("/patients/P-0002/erase", &[("id", "P-0002"), ("why", "asked for")]);
    let page = person.page("/decisions?protocol=glycolic-peel");
    assert!(numbers(&page) == [1] && page.contains("erased"), "{page}");
    assert!(numbers(&person.page("/decisions?day=2026-03-03")).is_empty());
    assert!(person.page("/decisions/verify").contains("It is as it was written"));
}

#[test]
fn texts_and_questions_are_in_the_language_that_was_chosen_and_so_is_what_is_recorded() {
    let folder = Folder::new();
    let server = Server::shipped(&folder);
    let mut person = Person::new(&server, "Dr A", "/patients");
    let (path, day) = (format!("/patients/P-0001/treat/{MICRO}?as_of=2026-03-02"), "2026-03-02");
    let english = person.page(&path);
    assert!(english.contains("<option value=\"de\">Deutsch</option>") && english.contains("Fitzpatrick"), "{english}");
    assert_eq!(person.post("/language", &[("language", "xx"), ("next", &path)]).code, 404);
    let chosen = person.post("/language", &[("language", "de"), ("next", &path)]);
    assert_eq!(chosen.to(), path);
    let cookie = chosen.header("set-cookie").expect("a cookie").split(';').next().expect("a cookie").to_owned();
    person.cookie = format!("{}; {cookie}", person.cookie);
    let german = person.page(&path);
    assert!(german.contains("<option value=\"de\" selected>"), "{german}");
    // The question, its group and the texts of the answer.
    for expected in ["Hauttyp", "Microneedling bei"] {
        assert!(german.contains(expected) && !english.contains(expected), "{expected}: {german}");
    }
    let row = value_of(&german, "row");
    let fields = [("protocol", MICRO), ("as_of", day), ("row", &row), ("then", "show")];
    assert_eq!(person.post("/patients/P-0001/decide", &fields).to(), "/decisions/1");
    // It is recorded in that language, comes out again the same, and is so for whoever reads another.
    assert!(person.page("/decisions/1/replay").contains("identisch"));
    let auditor = Person::new(&server, "Auditor", "/decisions");
    assert!(auditor.page("/decisions/1").contains("Nadeltiefe"));
    assert!(auditor.page("/decisions/1/handout").contains("<html lang=\"de\""));
    let mut replay = regimen();
    replay.args(["replay", "--archive"]).arg(folder.path().join("clinic.db"));
    assert!(run(replay, "").stdout.contains("1 identical"));
    // A cookie that names no language of the clinic is none.
    person.cookie = person.cookie.replace("language=de", "language=../../x");
    assert!(person.page(&path).contains("Fitzpatrick"));
}
