//! Columns of records: what is said of one depends on nothing that stands beside it.

use regimen::batch::{Batch, Cohort, JsonLines, NotReady, Numbered, Selection};
use regimen::{Depth, Prepared};

const DAY: &str = "2026-03-02";

fn selection(paths: &[&str]) -> Selection {
    Selection::read(paths, DAY.parse().expect("a day"), None).expect("protocols that are in force")
}

fn cohort(paths: &[&str], explain: Option<Depth>, strict: bool) -> Cohort {
    Cohort::new(selection(paths), &[], explain, strict).expect("no parameter is set")
}

/// Records, one in seven of which is odd in some way.
fn records(count: usize) -> Vec<String> {
    let odd = [
        r#"{"patient":"P-N","recorded":"2026-03-02","facts":{"fitzpatrick":9}}"#,
        r#"{"patient":"P-N","recorded":"2026-03-02","facts":{"shoe_size":9},"sessions":null}"#,
        r#"{"patient":"P-N","recorded":"2026-03-02","facts":{"fitzpatrik":3}}"#,
        r#"{"patient":"P\u002dN","recorded":"2026-03-02","facts":{"fitzpatrick":null,"breastfeeding":{"value":null}}}"#,
        r#"{"patient":"P-N","recorded":"2026-03-02","facts":{},"sessions":[{"treatment":"microneedling","date":"2026-02-16","product":null}]}"#,
        "[{}]",
        "{\"patient\":\"P-N\"",
        "\u{e9}",
        r#"{"patient":"M\u00fcller-N","recorded":"2026-02-30","facts":{}}"#,
    ];
    let usual = |n: usize| {
        format!(
            r#"{{"patient":"P-N","recorded":"2026-0{}-02","facts":{{"fitzpatrick":{},"breastfeeding":{}}},"sessions":[]}}"#,
            1 + n % 3,
            1 + n % 6,
            n.is_multiple_of(5)
        )
    };
    let one = |n: usize| if n % 7 == 3 { odd[n / 7 % odd.len()].to_owned() } else { usual(n) };
    (0..count).map(|n| one(n).replace('N', &n.to_string())).collect()
}

/// The lines of a batch.
fn lines(cohort: &Cohort, explain: Option<Depth>, strict: bool, records: &[String]) -> Vec<String> {
    let mut batch = Batch::new(cohort.protocols());
    (batch.explain, batch.strict, batch.broken) = (explain, strict, cohort.broken());
    let (text, mut out) = (records.join("\n"), Vec::new());
    let never = std::sync::atomic::AtomicBool::new(false);
    batch.run(&mut JsonLines::new(text.as_bytes(), 0), &mut out, &mut |_| {}, &never).expect("it ends");
    String::from_utf8(out).expect("a text").lines().map(str::to_owned).collect()
}

fn numbered(records: &[String]) -> Vec<Numbered<'_>> {
    (1..).zip(records).map(|(number, record)| Numbered { number, record: Some(record) }).collect()
}

fn answers(cohort: &Cohort, records: &[Numbered<'_>], workers: usize) -> Vec<String> {
    cohort.answer(records, workers).iter().map(str::to_owned).collect()
}

#[test]
fn answers_are_the_lines_of_a_batch_however_a_column_is_cut_and_shuffled() {
    let records = records(350);
    for (paths, explain, strict) in [
        (&["protocols/botulinum-toxin"][..], None, false),
        (&["protocols/botulinum-toxin", "protocols/microneedling-acne-scars"], None, true),
        (&["protocols/microneedling-acne-scars"], Some(Depth::Verdict), false),
    ] {
        let cohort = cohort(paths, explain, strict);
        let expected = lines(&cohort, explain, strict, &records);
        assert!(expected.iter().any(|line| line.contains("\"doubts\":[{")) != strict, "nothing is doubtful");
        assert!(expected.iter().any(|line| line.starts_with("{\"line\":")), "nothing is wrong");
        let column = numbered(&records);
        for workers in [1, 3] {
            assert_eq!(answers(&cohort, &column, workers), expected);
        }
        // In parts of any length, the last first.
        for (part, count) in [(1, 12), (255, 350), (257, 350)] {
            let parts = column[..count].chunks(part).rev().map(|part| answers(&cohort, part, 2));
            let parts: Vec<Vec<String>> = parts.collect();
            assert_eq!(parts.into_iter().rev().flatten().collect::<Vec<_>>(), expected[..count]);
        }
        // In another order; 333 and 350 have no common factor.
        let order: Vec<usize> = (0..350).map(|n| n * 333 % 350).collect();
        let shuffled: Vec<Numbered<'_>> = order.iter().map(|at| column[*at]).collect();
        for (answer, at) in answers(&cohort, &shuffled, 2).iter().zip(order) {
            assert_eq!(*answer, expected[at]);
        }
    }
}

#[test]
fn a_whole_column_tells_of_a_patients_second_record() {
    let mut records = records(300);
    // The same patient again, in another piece of the column, and one who had only mistakes before.
    records[290] = records[0].clone();
    records[291] = records[3].replace("fitzpatrick\":9", "fitzpatrick\":3");
    records[292] = records[1].clone();
    let paths = ["protocols/botulinum-toxin", "protocols/microneedling-acne-scars"];
    for (paths, explain, strict) in [
        (&paths[..], None, false),
        (&paths[..], None, true),
        (&paths[..1], Some(Depth::Verdict), false),
        (&paths[..], Some(Depth::Verdict), false),
    ] {
        let cohort = cohort(paths, explain, strict);
        let expected = lines(&cohort, explain, strict, &records);
        let repeated: Vec<usize> = (0..300).filter(|at| expected[*at].contains("R423")).collect();
        assert_eq!(repeated, [290, 292]);
        let column = numbered(&records);
        // Whole answers take their time.
        for workers in if explain.is_none() { 1..=3 } else { 3..=3 } {
            let told = cohort.answer_all(&column, workers);
            assert!(told.iter().eq(expected.iter().map(String::as_str)), "other answers than those of a batch");
            assert_eq!(told.ends.len(), 300);
            let refused = expected.iter().filter(|line| line.starts_with("{\"line\":")).count();
            assert_eq!(told.tally.mistakes, refused as u64);
        }
        let alone = cohort.answer(&column[290..], 1);
        assert!(alone.iter().all(|answer| !answer.contains("R423")));
    }
}

#[test]
fn every_row_has_its_answer_also_one_with_nothing_in_it() {
    let cohort = cohort(&["protocols/botulinum-toxin"], None, false);
    let record = r#"{"patient":"P-1","recorded":"2026-03-02","facts":{}}"#;
    let (marked, spread) = (format!("\u{feff}{record}"), record.replace(",\"", ",\n  \""));
    let column = [
        Numbered { number: 1, record: Some(&marked) },
        Numbered { number: 2, record: None },
        Numbered { number: 3, record: Some("") },
        Numbered { number: 4, record: Some(" \t\n") },
        Numbered { number: 5, record: Some(record) },
        Numbered { number: 6, record: Some(&spread) },
        // The same patient again: whether there is another record of a patient cannot be told from one part of a column.
        Numbered { number: u64::MAX, record: Some(record) },
    ];
    let told = cohort.answer(&column, 4);
    assert_eq!((told.tally.records, told.tally.mistakes, told.tally.first_mistake), (7, 3, Some(2)));
    let told: Vec<&str> = told.iter().collect();
    assert_eq!(told.len(), column.len());
    assert!(
        told[4].starts_with(r#"{"patient":"P-1","as_of":"2026-03-02","protocol":"botulinum-toxin","#),
        "{}",
        told[4]
    );
    for same in [0, 5, 6] {
        assert_eq!(told[same], told[4]);
    }
    for (at, number) in [(1, 2), (2, 3), (3, 4)] {
        let start = format!(
            r#"{{"line":{number},"as_of":"2026-03-02","protocol":"botulinum-toxin","version":"1.0.0","edition":"unpublished","errors":[{{"code":"R843","severity":"error","message":"there is no record in this row","line":{number},"#
        );
        assert!(told[at].starts_with(&start), "{}", told[at]);
    }
    assert_eq!(cohort.answer(&[], 4).iter().count(), 0);
}

#[test]
fn what_the_command_line_refuses_is_refused() {
    let day = |day: &str| day.parse::<regimen::Date>().expect("a day");
    let codes = |path: &str, on: &str| -> Vec<&str> {
        Selection::read(&[path], day(on), None).expect_err("refused").iter().map(|one| one.code.id).collect()
    };
    assert_eq!(codes("protocols/botulinum-toxin", "1999-03-02"), ["R502"]);
    assert_eq!(codes("protocols/nowhere", DAY), ["R100"]);
    // It cannot be asked in another way either.
    let (clinic, _) = regimen::Clinic::load("protocols/botulinum-toxin").expect("a clinic");
    let refused = clinic.protocols[0].prepare(&regimen::Request::new(day("1999-03-02"))).map(|_: Prepared| ());
    assert_eq!(refused.expect_err("not in force").iter().map(|one| one.code.id).collect::<Vec<_>>(), ["R502"]);
    let set = |paths: &[&str], set: &str| match Cohort::new(selection(paths), &[set.to_owned()], None, false) {
        Err(NotReady::Setting(message)) => message,
        other => panic!("{other:?}"),
    };
    assert_eq!(set(&["protocols/botulinum-toxin"], "nobodys=3"), "botulinum-toxin has no parameter `nobodys`");
    assert_eq!(set(&["protocols"], "nobodys=3"), "no protocol has a parameter `nobodys`");
}

#[test]
fn the_fingerprint_is_of_everything_that_changes_an_answer() {
    let one = ["protocols/botulinum-toxin"];
    let of = |cohort: Cohort| cohort.fingerprint().to_owned();
    let same = of(cohort(&one, None, false));
    assert_eq!(same, of(cohort(&one, None, false)));
    let another_day = Selection::read(&one, "2026-03-03".parse().expect("a day"), None).expect("in force");
    let others = [
        of(cohort(&one, None, true)),
        of(cohort(&one, Some(Depth::Full), false)),
        of(cohort(&["protocols/microneedling-acne-scars"], None, false)),
        of(Cohort::new(another_day, &[], None, false).expect("no parameter is set")),
    ];
    assert!(others.iter().all(|other| *other != same));
    // The text of the protocol, and that of its dictionary.
    for (file, name) in [("protocol.toml", "botulinum-toxin/"), ("facts.toml", "")] {
        let folder = std::env::temp_dir().join(format!("regimen-cohort-{}-{file}", std::process::id()));
        let copy = |from: &str| {
            let to = folder.join(from);
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            std::fs::copy(format!("protocols/{from}"), to).expect("a file");
        };
        ["facts.toml", "botulinum-toxin/protocol.toml"].into_iter().for_each(copy);
        let path = folder.join("botulinum-toxin");
        let paths = [path.to_str().expect("a path")];
        assert_eq!(of(cohort(&paths, None, false)), same);
        let changed = folder.join(format!("{name}{file}"));
        let text = std::fs::read_to_string(&changed).expect("a text");
        std::fs::write(&changed, text + "\n# Another line.\n").expect("it is written");
        assert_ne!(of(cohort(&paths, None, false)), same, "{file}");
        std::fs::remove_dir_all(&folder).expect("it is there");
    }
}
