//! How long things take: `cargo bench --bench decisions`. Times are of this machine and this hour; compare them with each other.

mod work;

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use regimen::{Clinic, Decider, Depth, LineReader, Slots, Vocabulary};

fn main() {
    divan::main();
}

/// So many patients are decided in one measurement.
const PATIENTS: usize = 640;

/// Deciding patients whose slots are filled.
#[divan::bench]
fn rules_alone(bencher: Bencher<'_, '_>) {
    let text = work::without_course(include_str!("../tests/fixtures/tiny.toml"));
    let (clinic, _) = Clinic::from_text("tiny.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    bench_decide(bencher, &clinic, 0);
}

/// The same with a course, by the number of recorded sessions.
#[divan::bench(args = [0, 1, 5, 20])]
fn with_sessions(bencher: Bencher<'_, '_>, sessions: usize) {
    bench_decide(bencher, &work::tiny(), sessions);
}

fn bench_decide(bencher: Bencher<'_, '_>, clinic: &Clinic, sessions: usize) {
    let prepared = clinic.protocols[0].prepare(&work::request(Depth::Verdict)).expect("in force");
    let vocabulary = Vocabulary::new(&clinic.protocols);
    let filled = work::filled(clinic, &vocabulary, PATIENTS, sessions);
    let mut decider = Decider::new(&prepared, &vocabulary);
    bencher.counter(ItemsCount::new(PATIENTS)).bench_local(|| work::decide(&mut decider, &filled));
}

/// How the cost grows with the rules: the small protocol's, so many times over.
#[divan::bench(args = [1, 4, 16])]
fn rules_times(bencher: Bencher<'_, '_>, times: usize) {
    let text = work::without_course(include_str!("../tests/fixtures/tiny.toml"));
    let (head, rules) = text.split_at(text.find("[[indication]]").expect("rules"));
    let rules = &rules[..rules.find("[[setting]]").expect("settings")].replace("limits  = { strength = 30 }\n", "");
    let copies: String = (0..times)
        .map(|n| {
            rules
                .replace("id        = \"", &format!("id = \"r{n}-"))
                .replace("id      = \"", &format!("id = \"r{n}-"))
                .replace("id         = \"", &format!("id = \"r{n}-"))
                .replace("spots >= few_spots", &format!("spots >= few_spots + {n}"))
                .replace("hba1c > hba1c_limit", &format!("hba1c > hba1c_limit + {n}"))
        })
        .collect();
    let (clinic, _) =
        Clinic::from_text("tiny.toml", &format!("{head}{copies}")).unwrap_or_else(|found| panic!("{found}"));
    bench_decide(bencher, &clinic, 0);
}

/// Reading lines into slots, beside merely parsing them.
#[divan::bench(args = ["into slots", "serde_json value"])]
fn read(bencher: Bencher<'_, '_>, how: &str) {
    let clinic = work::tiny();
    let vocabulary = Vocabulary::new(&clinic.protocols);
    let mut reader = LineReader::new(&clinic.dictionary, &vocabulary, work::day());
    let lines = work::lines(PATIENTS, 1);
    let mut slots = Slots::new(&clinic.dictionary);
    let bencher = bencher.counter(ItemsCount::new(PATIENTS));
    match how {
        "into slots" => {
            bencher.bench_local(|| lines.iter().filter(|line| reader.scan(line, &mut slots).is_ok()).count())
        }
        _ => bencher.bench_local(|| {
            lines.iter().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count()
        }),
    }
}

/// The whole recommendation, written as JSON.
#[divan::bench(args = ["verdict", "rules", "full"])]
fn recommend(bencher: Bencher<'_, '_>, depth: &str) {
    let clinic = work::tiny();
    let prepared = clinic.protocols[0].prepare(&work::request(depth.parse().expect("a depth"))).expect("in force");
    let records = work::records(&clinic.protocols[0], 64, 3);
    bencher.counter(ItemsCount::new(records.len())).bench_local(|| work::recommend(&prepared, &records));
}

/// Making a protocol ready for a day.
#[divan::bench]
fn prepare(bencher: Bencher<'_, '_>) {
    let clinic = work::tiny();
    bencher.bench_local(|| clinic.protocols[0].prepare(&work::request(Depth::Verdict)).expect("in force"));
}

/// Loading and checking all files of the shipped clinic.
#[divan::bench]
fn load_the_clinic(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
        Clinic::load(folder).unwrap_or_else(|found| panic!("{found}"))
    });
}
