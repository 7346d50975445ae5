//! How tables, lines and files come in, and answers go out: as spreadsheets, exports and editors write them.

#![cfg(feature = "cli")]
#![cfg(unix)]

mod support;

use std::process::{Command, Stdio};

use serde_json::Value as Json;

use support::{Folder, Output, run};

const DAY: &str = "2026-03-02";

fn tiny() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    folder
}

fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).env("NO_COLOR", "1").args(arguments);
    command
}

fn batch(folder: &Folder, arguments: &[&str], records: impl AsRef<str>) -> Output {
    let all = [&["batch", "tiny.toml", "--as-of", DAY], arguments].concat();
    run(command(folder, &all), records.as_ref())
}

fn table(folder: &Folder, map: &str, table: &str) -> Output {
    folder.write("map.toml", map);
    batch(folder, &["--csv", "--columns", "map.toml"], table)
}

fn lines(output: &Output) -> Vec<Json> {
    output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// The first mistake of a line: its code, the column, and the message with its help.
fn mistake(line: &Json) -> (String, String, String) {
    let one = &line["errors"][0];
    let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let help: Vec<&str> = one["help"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    (text("code"), text("column"), format!("{}; {}", text("message"), help.join("; ")))
}

/// The same table in every writing gives the same answers.
#[test]
fn a_table_says_the_same_however_a_spreadsheet_has_written_it() {
    let folder = tiny();
    let plain = "patient,recorded,pregnant,hba1c,spots,medicines,last_sunburn_date,Peels\n\
                 P-1,2026-03-01,false,8.5,4,retinoid;steroid,2026-02-20,2026-01-05;2026-02-02\n\
                 P-2,2026-03-01,true,,4,,never,\n";
    let columns = "[columns]\nPeels = { sessions = \"peel\" }\n";
    let expected = table(&folder, columns, plain);
    assert_eq!((expected.code, lines(&expected).len()), (Some(0), 2), "{}", expected.stdout);
    let german = "\u{feff}patient;recorded;pregnant;hba1c;spots;medicines;last_sunburn_date;Peels\r\n\
                  P-1;01.03.2026;FALSCH;8,5;4;retinoid+steroid;20.02.2026;5.1.2026+2.2.2026\r\n\
                  ;;;;;;;\r\n\
                  P-2;1.3.2026;WAHR;;4;;never;\r\n\
                  ;;;;;;;\r\n\r\n";
    let entries = "[columns]\n\
                   pregnant  = { values = { FALSCH = \"false\", WAHR = \"true\" } }\n\
                   medicines = { separator = \"+\" }\n\
                   Peels     = { sessions = \"peel\", separator = \"+\" }\n";
    let whole = "decimal = \",\"\ndates = \"day-month-year\"\n";
    for map in [format!("{whole}{entries}"), format!("separator = \";\"\n{whole}{entries}")] {
        assert_eq!(table(&folder, &map, german).stdout, expected.stdout);
        let tabs = german.replace(';', "\t");
        assert_eq!(
            table(&folder, &map.replace("separator = \";\"", "separator = \"\\t\""), &tabs).stdout,
            expected.stdout
        );
    }
    // Each column may say its own.
    let american = german.replace(';', "|").replace("20.02.2026", "2/20/2026");
    let own = format!(
        "{whole}{entries}last_sunburn_date = {{ dates = \"month-day-year\" }}\nhba1c = {{ decimal = \",\" }}\n"
    );
    assert_eq!(table(&folder, &own, &american).stdout, expected.stdout);
}

#[test]
fn the_separator_of_a_table_is_never_guessed() {
    let folder = tiny();
    for heading in ["patient;recorded,spots", "patient\trecorded;spots", "patient|recorded\tspots"] {
        let output = batch(&folder, &["--csv"], format!("{heading}\n"));
        assert!(output.code == Some(1) && output.stderr.contains("R424"), "{}", output.stderr);
        assert!(output.stderr.contains("separator = "), "{}", output.stderr);
    }
    // What stands in quotes is part of a heading.
    let map = "[columns]\n\"spots; all\" = { is = \"spots\" }\n";
    let quoted = table(&folder, map, "patient,recorded,\"spots; all\"\nP-1,2026-03-01,1\n");
    let plain = batch(&folder, &["--csv"], "patient,recorded,spots\nP-1,2026-03-01,1\n");
    assert_eq!((quoted.code, &quoted.stdout), (Some(0), &plain.stdout), "{}", quoted.stderr);
    let wrong = table(&folder, "separator = \"tab\"\n", "patient\tspots\n");
    assert!(wrong.code == Some(1) && wrong.stderr.contains("`separator` cannot be `tab`"), "{}", wrong.stderr);
    let twice = batch(&folder, &["--csv"], "patient,recorded,spots,spots\nP-1,2026-03-01,1,9\n");
    assert!(twice.code == Some(1) && twice.stderr.contains("R201"), "{}", twice.stderr);
}

/// What spreadsheets write before a table, a table of nothing, and help that can be obeyed in a table.
#[test]
fn a_table_is_told_what_can_be_done_in_a_table() {
    let folder = tiny();
    let rows = "patient;recorded;spots\nP-1;2026-03-01;1\n";
    let (plain, said) = (batch(&folder, &["--csv"], rows), batch(&folder, &["--csv"], format!("sep=;\r\n{rows}")));
    assert_eq!((said.code, &said.stdout), (Some(0), &plain.stdout), "{}", said.stderr);
    let wrong = batch(&folder, &["--csv"], format!("sep=;\n{rows}P-2;x;1\n"));
    assert!(wrong.stdout.contains("\"line\":4,"), "{}", wrong.stdout);
    let map = "separator = \",\"\n[columns]\n\"spots\" = { is = \"spots\" }\n";
    let other = table(&folder, map, &format!("sep=;\n{rows}"));
    assert!(other.code == Some(1) && other.stderr.contains("R424"), "{}", other.stderr);
    // No column is there, and that is one mistake.
    let empty = table(&folder, "[columns]\nNr = { is = \"patient\" }\nSpots = { is = \"spots\" }\n", "");
    assert!(empty.stderr.contains("the table is empty") && !empty.stderr.contains("R103"), "{}", empty.stderr);
    let map = "[columns]\nDay = { is = \"recorded\" }\nTreated = { sessions = \"peel\", separator = \"|\" }\n";
    let output = table(&folder, map, "patient,Day,spots,Treated\nP-1,,1,\nP-2,2026-03-01,1,2026-02-02|2026-02-02\n");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines[0].contains("R403") && lines[0].contains("\"column\":\"Day\""), "{}", lines[0]);
    assert!(lines[0].contains("write into `Day`") && !lines[0].contains("at the top"), "{}", lines[0]);
    assert!(lines[1].contains("R417") && lines[1].contains("write its day once"), "{}", lines[1]);
    let output = batch(&folder, &["--csv"], "patient,spots\nP-1,1\n");
    assert!(output.stdout.contains("R403") && output.stdout.contains("add a column `recorded`"), "{}", output.stdout);
}

#[test]
fn the_cell_that_is_wrong_is_named() {
    let folder = tiny();
    let map =
        "[columns]\nFirst = { sessions = \"peel\" }\nSecond = { sessions = \"peel\" }\nSkin = { is = \"skin\" }\n";
    let heading = "patient,recorded,pregnant,hba1c,spots,last_sunburn_date,Skin,First,Second";
    for (row, code, column, told) in [
        ("P,2026-03-01,TRUE,,,,,,", "R105", "pregnant", "values = { \"TRUE\" = \"true\" }"),
        ("P,2026-03-01,False,,,,,,", "R105", "pregnant", "values = { \"False\" = \"false\" }"),
        ("P,2026-03-01,nein,,,,,,", "R105", "pregnant", "values = { \"nein\" = \"true\" }`, or `\"false\"`"),
        ("P,2026-03-01,,\"8,5\",,,,,", "R105", "hba1c", "decimal = \",\""),
        ("P,2026-03-01,,,many,,,,", "R105", "spots", "`many`"),
        ("P,2026-03-01,,99,,,,,", "R110", "hba1c", "99"),
        ("P,2026-03-01,,,,02.03.2026,,,", "R107", "last_sunburn_date", "day-month-year"),
        ("P,01.03.2026,,,,,,,", "R107", "recorded", "`01.03.2026`"),
        ("P,2026-03-01,,,,,fettig,,", "R106", "Skin", "`values`"),
        ("P,2026-03-01,,,,,,2026-04-01,2026-02-01", "R401", "First", "2026-04-01"),
        ("P,2026-03-01,,,,,,2026-02-01,2026-04-01", "R401", "Second", "2026-04-01"),
        ("P,2026-03-01,,,,,,soon,", "R107", "First", "`soon`"),
        (",2026-03-01,,,,,,,", "R422", "patient", "identifier"),
        ("\" \",2026-03-01,,,,,,,", "R422", "patient", "identifier"),
    ] {
        let output = table(&folder, map, &format!("{heading}\n{row}\n"));
        assert_eq!(output.code, Some(1), "{row}: {}", output.stdout);
        let line = &lines(&output)[0];
        let (found, place, text) = mistake(line);
        assert_eq!(
            (found.as_str(), place.as_str(), line["line"].as_u64()),
            (code, column, Some(2)),
            "{}",
            output.stdout
        );
        assert!(text.contains(told), "{row}: {text}");
    }
}

#[test]
fn all_mistakes_of_a_row_are_told_at_once() {
    let folder = tiny();
    let output =
        batch(&folder, &["--csv"], "patient,recorded,pregnant,skin,hba1c,spots\nP,2026-03-01,TRUE,fettig,99,x\n");
    let line = &lines(&output)[0];
    let mut columns: Vec<_> =
        line["errors"].as_array().expect("a list").iter().map(|one| one["column"].as_str()).collect();
    columns.sort_unstable();
    assert_eq!(columns, [Some("hba1c"), Some("pregnant"), Some("skin"), Some("spots")], "{line}");
}

#[test]
fn lines_are_read_as_exports_write_them() {
    let folder = tiny();
    let record = |id: &str| {
        format!("{{\"patient\":\"{id}\",\"recorded\":\"2026-03-01\",\"facts\":{{\"spots\":1}},\"sessions\":[]}}")
    };
    let sound = batch(&folder, &[], format!("{}\n{}\n", record("A"), record("B")));
    assert_eq!((sound.code, lines(&sound).len()), (Some(0), 2));
    let odd = batch(&folder, &[], format!("\u{feff}{}\r\n\r\n  \n{}", record("A"), record("B")));
    assert_eq!(odd.stdout, sound.stdout);
    for (text, told) in [
        (format!("[{},\n{}]\n", record("A"), record("B")), "jq -c '.[]'"),
        (format!("[{}]\n", record("A")), "jq -c '.[]'"),
        ("{\n\"patient\": \"A\"\n}\n".into(), "`jq -c .`"),
        ("null\n".into(), "a record is a table"),
        ("{\"patient\":null}\n".into(), "patient"),
        (record(" "), "identifier"),
        ("{\"recorded\":\"2026-03-01\",\"facts\":{}}\n".into(), "a record has no `patient`"),
        (format!("{{\"patient\":{}", "[".repeat(100_000)), "this is not JSON"),
        (format!("{}\n", "x".repeat(5 << 20)), "more than 4 MiB"),
    ] {
        let output =
            batch(&folder, &[], format!("{text}{}{}\n", if text.ends_with('\n') { "" } else { "\n" }, record("Z")));
        let all = lines(&output);
        let (_, _, said) = mistake(&all[0]);
        assert!(said.contains(told), "{said}");
        assert_eq!(all.last().expect("an answer")["patient"], "Z");
        assert_eq!(output.code, Some(1));
    }
}

/// Who is answered twice is told in the second answer, in whatever form it is, and also where the run was cut between the two.
#[test]
fn a_patient_who_comes_twice_is_told() {
    let folder = tiny();
    let record = |id: &str, more: &str| {
        format!(
            "{{\"patient\":\"{id}\",\"recorded\":\"2026-03-01\",\"facts\":{{\"spots\":1{more}}},\"sessions\":[]}}\n"
        )
    };
    let mut text = record("A", "")
        + &record("B", ",\"spotz\":1")
        + &record("C", "")
        + &record("A", "")
        + &record("C", ",\"glorp\":2");
    text += &record("B", "");
    std::fs::copy(folder.path().join("tiny.toml"), folder.path().join("second.toml")).expect("a copy");
    let second =
        std::fs::read_to_string(folder.path().join("second.toml")).expect("a text").replace("tiny-peel", "other");
    folder.write("second.toml", second);
    let doubts = |line: &Json| -> Vec<String> {
        let codes = line["doubts"].as_array().into_iter().flatten();
        codes.map(|one| one["code"].as_str().expect("a code").to_owned()).collect()
    };
    for more in
        [&[][..], &["--explain", "verdict"], &["second.toml"], &["second.toml", "--explain", "rules"], &["--jobs", "1"]]
    {
        let output = batch(&folder, more, &text);
        let told: Vec<Vec<String>> = lines(&output).iter().map(doubts).collect();
        // The second has a mistake: no answer, and so the last repeats nothing.
        assert_eq!(told[..4], [vec![], vec![], vec![], vec!["R423".to_owned()]], "{}", output.stdout);
        assert!(told[4].contains(&"R423".to_owned()) && told[5].is_empty(), "{}", output.stdout);
        let strict = batch(&folder, &[more, &["--strict"]].concat(), &text);
        assert_eq!(mistake(&lines(&strict)[3]).0, "R423");
        assert!(strict.stderr.contains("3 with mistakes, the first in line 2"), "{}", strict.stderr);
        // The run goes on after any of its lines.
        folder.write("in", &text);
        for kept in 0..6 {
            let whole = batch(&folder, &[more, &["--input", "in", "-o", "out"]].concat(), "");
            let answers = std::fs::read_to_string(folder.path().join("out")).expect("a text");
            assert_eq!((whole.code, &answers), (Some(1), &output.stdout));
            let part = part_of(&folder, more);
            let cut: String = answers.split_inclusive('\n').take(kept).collect();
            folder.write(&part, cut + "{\"patient\":\"half");
            std::fs::remove_file(folder.path().join("out")).expect("a file");
            let resumed = batch(&folder, &[more, &["--input", "in", "-o", "out", "--resume"]].concat(), "");
            assert_eq!(resumed.code, Some(1), "{}", resumed.stderr);
            assert_eq!(std::fs::read_to_string(folder.path().join("out")).expect("a text"), answers);
        }
    }
}

/// The name of the part in which such a run is written: that of one whose output takes no answers is left.
fn part_of(folder: &Folder, more: &[&str]) -> String {
    let mut child =
        command(folder, &[&["batch", "tiny.toml", "--as-of", DAY, "--input", "in", "-o", "out"], more].concat());
    // A limit on the size of files ends the run in the midst of its part.
    let limited = format!("ulimit -f 0; exec {}", shell(&mut child));
    let mut shell = Command::new("bash");
    shell.current_dir(folder.path()).args(["-c", &format!("trap '' XFSZ; {limited}")]);
    let ran = run(shell, "");
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let names = std::fs::read_dir(folder.path()).expect("a folder").map(|one| one.expect("an entry").file_name());
    let mut parts = names.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".part"));
    parts.next().expect("a part")
}

fn shell(command: &mut Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| format!("'{}'", word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_line_says_for_which_day_and_by_what() {
    let folder = tiny();
    let second = include_str!("fixtures/tiny.toml")
        .replace("tiny-peel", "other")
        .replace("status    = \"active\"", "status = \"draft\"");
    folder.write("a-draft.toml", second);
    let records = "{\"patient\":\"A\",\"recorded\":\"2026-03-01\",\"facts\":{\"spots\":1}}\n{\"patient\":3}\n";
    for line in lines(&batch(&folder, &[], records)) {
        assert_eq!(
            (&line["as_of"], &line["protocol"], &line["version"]),
            (&DAY.into(), &"tiny-peel".into(), &"1.2.0".into())
        );
    }
    let several = run(command(&folder, &["batch", "a-draft.toml", "tiny.toml", "--as-of", DAY]), records);
    let several = lines(&several);
    for (line, key) in several.iter().zip(["answers", "protocols"]) {
        assert_eq!(line["as_of"], DAY);
        // What is not for patients comes last.
        let named: Vec<_> =
            line[key].as_array().expect("a list").iter().map(|one| (&one["protocol"], &one["version"])).collect();
        assert_eq!(named, [(&"tiny-peel".into(), &"1.2.0".into()), (&"other".into(), &"1.2.0".into())]);
    }
}

#[test]
fn of_two_runs_on_one_output_the_second_is_refused() {
    use std::io::Write;
    let folder = tiny();
    let mut first = command(&folder, &["batch", "tiny.toml", "--as-of", DAY, "-o", "out"]);
    let mut first = first.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut stdin = first.stdin.take().expect("a pipe");
    let record = "{\"patient\":\"A\",\"recorded\":\"2026-03-01\",\"facts\":{\"spots\":1}}\n";
    stdin.write_all(record.repeat(10_000).as_bytes()).expect("it is read");
    while !std::fs::read_dir(folder.path())
        .expect("a folder")
        .any(|one| one.expect("an entry").path().extension().is_some_and(|end| end == "part"))
    {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // Another day is another run, and yet the same output; a link leads to it too.
    std::os::unix::fs::symlink("out", folder.path().join("link")).expect("a link");
    for (day, output) in [(DAY, "out"), ("2026-03-03", "out"), ("2026-03-04", "link")] {
        let second = run(command(&folder, &["batch", "tiny.toml", "--as-of", day, "-o", output]), record);
        assert_eq!(second.code, Some(3), "{}", second.stderr);
        assert!(second.stderr.contains("another run is writing the same output"), "{}", second.stderr);
    }
    drop(stdin);
    assert_eq!(first.wait().expect("it ends").code(), Some(0));
    assert_eq!(std::fs::read_to_string(folder.path().join("out")).expect("a text").lines().count(), 10_000);
}

#[test]
fn what_is_read_is_not_written_over_by_standard_output() {
    let folder = tiny();
    let record = "{\"patient\":\"A\",\"recorded\":\"2026-03-01\",\"facts\":{}}\n";
    folder.write("in", record);
    for name in ["in", "tiny.toml"] {
        let before = std::fs::read(folder.path().join(name)).expect("a file");
        let appended = std::fs::OpenOptions::new().append(true).open(folder.path().join(name)).expect("a file");
        let ran = command(&folder, &["batch", "tiny.toml", "--as-of", DAY, "--input", "in"])
            .stdout(appended)
            .stderr(Stdio::null())
            .status()
            .expect("it runs");
        assert_eq!((ran.code(), std::fs::read(folder.path().join(name)).expect("a file")), (Some(2), before));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_told() {
    let folder = tiny();
    folder.write("r.json", "{\"patient\":\"A\",\"recorded\":\"2026-03-01\",\"facts\":{}}\n");
    for arguments in [
        &["recommend", "tiny.toml", "r.json", "--as-of", DAY][..],
        &["batch", "tiny.toml", "--as-of", DAY, "--input", "r.json"],
        &["show", "tiny.toml"],
        &["check", "tiny.toml", "--as-of", DAY],
        &["explain", "R101"],
        &["schema", "record"],
        &["--help"],
        &["--version"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let ran = command(&folder, arguments).stdout(full).output().expect("it runs");
        assert_eq!(ran.status.code(), Some(3), "{arguments:?}");
        assert!(String::from_utf8_lossy(&ran.stderr).contains("cannot be written"), "{arguments:?}");
    }
}

#[test]
fn today_is_the_day_of_the_zone_that_is_named() {
    let folder = tiny();
    folder.write("r.json", "{\"patient\":\"A\",\"recorded\":\"2026-03-01\",\"facts\":{}}\n");
    let text = include_str!("fixtures/tiny.toml").replace("2026-01-01 }", "2000-01-01 }");
    folder.write("tiny.toml", text);
    let today = |zone: &str| {
        let mut command =
            command(&folder, &["recommend", "tiny.toml", "r.json", "--as-of", "today", "--format", "json"]);
        command.env("TZ", zone);
        run(command, "")
    };
    // Between these two it is always another day.
    let (east, west) = (today("Pacific/Kiritimati"), today("Pacific/Pago_Pago"));
    let day = |output: &Output| {
        serde_json::from_str::<Json>(&output.stdout).expect("JSON")["as_of"].as_str().expect("a day").to_owned()
    };
    assert!(day(&east) > day(&west), "{} {}", day(&east), day(&west));
    assert_eq!(west.stderr, format!("as of {}, today in Pacific/Pago_Pago\n", day(&west)));
    // Every command that is asked about today says which day that is.
    for arguments in [
        &["when", "tiny.toml", "r.json", "--until", "2100-01-01", "--as-of", "today"][..],
        &["record", "new", "tiny.toml", "--patient", "A", "--as-of", "today"],
        &["record", "check", "r.json", "--clinic", "tiny.toml", "--as-of", "today"],
    ] {
        let mut command = command(&folder, arguments);
        command.env("TZ", "Pacific/Pago_Pago");
        let told = run(command, "").stderr;
        assert!(told.contains(&format!("as of {}, today in Pacific/Pago_Pago\n", day(&west))), "{arguments:?}: {told}");
    }
    for zone in ["Nowhere/Nothing", "Europe/Wien"] {
        let unknown = today(zone);
        assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
        assert!(unknown.stderr.contains("R505") && unknown.stderr.contains(zone), "{}", unknown.stderr);
    }
}

#[test]
fn what_has_no_end_or_is_no_file_is_refused() {
    let folder = tiny();
    folder.write("huge.json", format!("{{\"patient\":\"{}\"}}", "x".repeat(5 << 20)));
    for record in ["huge.json", "/dev/zero"] {
        let ran = run(command(&folder, &["recommend", "tiny.toml", record, "--as-of", DAY]), "");
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains("it has more than 4 MiB"), "{}", ran.stderr);
    }
    for more in [&[][..], &["--csv"]] {
        let ran = batch(&folder, &[more, &["--input", "/dev/zero"]].concat(), "");
        assert!(ran.code == Some(1) && ran.stderr.contains("no end"), "{}", ran.stderr);
    }
    let piped = run(
        command(&folder, &["recommend", "tiny.toml", "-", "--as-of", DAY]),
        "\u{feff}{\"patient\":\"A\",\"recorded\":\"2026-03-01\",\"facts\":{}}",
    );
    assert_eq!(piped.code, Some(0), "{}", piped.stderr);
}

#[test]
fn a_case_starts_from_plain_files_of_the_clinic_only() {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "clinic/peel/protocol.toml");
    let record = "patient = \"A\"\nrecorded = 2026-03-01\n[facts]\nspots = 1\n";
    folder.write("clinic/facts.toml", "");
    folder.write("clinic/records/inside.toml", record);
    folder.write("outside.toml", record);
    folder.write("clinic-2/outside.toml", record);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.path().join("clinic/records").join(name)).expect("a link")
    };
    link("inside.toml", "link.toml");
    link("../../outside.toml", "out.toml");
    link("/dev/zero", "endless.toml");
    let fifo = Command::new("mkfifo").arg(folder.path().join("clinic/records/pipe.toml")).status().expect("it runs");
    assert!(fifo.success());
    let case = |record: &str| {
        format!("title = \"t\"\nas_of = 2026-03-02\nrecord = \"{record}\"\n[expect]\nstatus = \"not-indicated\"\n")
    };
    for (record, told) in [
        ("../../records/inside.toml", ""),
        ("../../records/link.toml", ""),
        ("../../../outside.toml", "R506"),
        ("../../../clinic-2/outside.toml", "R506"),
        ("../../records/out.toml", "R506"),
        ("/etc/passwd", "R506"),
        ("../../records/endless.toml", "R506"),
        ("../../records/pipe.toml", "not a plain file"),
        ("../../records", "it is a folder"),
        ("../../records/missing.toml", "there is no record"),
    ] {
        folder.write("clinic/peel/cases/one.toml", case(record));
        let ran = run(command(&folder, &["check", "clinic", "--as-of", DAY, "--no-notes"]), "");
        assert_eq!(ran.stdout.contains("one.toml"), !told.is_empty(), "{record}: {}", ran.stdout);
        assert!(ran.stdout.contains(told), "{record}: {}", ran.stdout);
    }
    // A pipe among the cases keeps nobody waiting.
    let fifo = Command::new("mkfifo").arg(folder.path().join("clinic/peel/cases/two.toml")).status().expect("it runs");
    assert!(fifo.success());
    let ran = run(command(&folder, &["check", "clinic", "--as-of", DAY]), "");
    assert!(ran.stdout.contains("two.toml cannot be read: it is not a plain file"), "{}", ran.stdout);
}

#[test]
fn a_case_of_a_day_on_which_nothing_was_in_force_is_a_mistake() {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "peel/protocol.toml");
    let case = "title = \"t\"\nas_of = 2025-03-02\nfacts = { spots = 1 }\n[expect]\nstatus = \"not-indicated\"\n";
    folder.write("peel/cases/one.toml", case);
    for command_line in [&["check", "peel"][..], &["test", "peel"]] {
        let ran = run(command(&folder, command_line), "");
        assert_eq!(ran.code, Some(1));
        assert!(ran.stdout.contains("R502") && ran.stdout.contains("one.toml"), "{}{}", ran.stdout, ran.stderr);
    }
}

/// How a line ends makes no difference, inside a text either.
#[test]
fn a_text_over_several_lines_is_the_same_from_every_editor() {
    let folder = Folder::new();
    let text = include_str!("fixtures/tiny.toml")
        .replace("title     = \"Glycolic peel\"", "title=\"\"\"\nGlycolic\npeel\"\"\"");
    folder.write("unix.toml", &text);
    folder.write("windows.toml", text.replace('\n', "\r\n"));
    let title = |name: &str| run(command(&folder, &["show", name]), "").stdout.lines().next().map(str::to_owned);
    assert_eq!(
        (title("unix.toml"), title("windows.toml")),
        (Some("# Glycolic peel".into()), Some("# Glycolic peel".into()))
    );
    for name in ["unix.toml", "windows.toml"] {
        let ran = run(command(&folder, &["fmt", name]), "");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a text");
    assert_eq!(read("unix.toml").replace('\n', "\r\n"), read("windows.toml"));
}
