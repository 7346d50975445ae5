//! The core paths, each so many times: for counting instructions, which do not depend on what else the machine does.
//!
//! `benches/count` runs this under callgrind, once with a few rounds and once with more; the difference is what a round costs.
//! Without arguments it lists the paths.

#![expect(clippy::print_stdout, reason = "the list of paths is what it is asked for")]

mod work;

use std::hint::black_box;

use regimen::{Decider, Depth, LineReader, Slots, Vocabulary};

const PATHS: [&str; 7] =
    ["read", "decide", "sessions-0", "sessions-20", "recommend-rules", "recommend-full", "prepare"];

/// So many patients make a round.
const PATIENTS: usize = 64;
/// Of whole recommendations, so many: each is a hundred times the work.
const FEW: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [path, rounds] = &arguments[..] else {
        let patients = |path: &str| if path.starts_with("recommend") { FEW } else { PATIENTS };
        PATHS.iter().for_each(|path| println!("{path} {}", patients(path)));
        return;
    };
    let rounds: usize = rounds.parse().expect("a number of rounds");
    let rules = work::without_course(include_str!("../tests/fixtures/tiny.toml"));
    let clinic = match path.as_str() {
        "decide" => regimen::Clinic::from_text("tiny.toml", &rules).unwrap_or_else(|found| panic!("{found}")).0,
        _ => work::tiny(),
    };
    let depth = if path == "recommend-full" { Depth::Full } else { Depth::Rules };
    let prepared = clinic.protocols[0].prepare(&work::request(depth)).expect("in force");
    let vocabulary = Vocabulary::new(&clinic.protocols);
    let decide = |filled: &[Slots]| -> usize {
        let mut decider = Decider::new(&prepared, &vocabulary);
        (0..rounds).map(|_| work::decide(&mut decider, black_box(filled))).sum()
    };
    let filled = |sessions: usize| work::filled(&clinic, &vocabulary, PATIENTS, sessions);
    let mut due = 0;
    match path.as_str() {
        "read" => {
            let mut reader = LineReader::new(&clinic.dictionary, &vocabulary, work::day());
            let (lines, mut slots) = (work::lines(PATIENTS, 1), Slots::new(&clinic.dictionary));
            (0..rounds).for_each(|_| lines.iter().for_each(|line| assert!(reader.scan(line, &mut slots).is_ok())));
        }
        "decide" | "sessions-0" => due = decide(&filled(0)),
        "sessions-20" => due = decide(&filled(20)),
        "recommend-rules" | "recommend-full" => {
            let records = work::records(&clinic.protocols[0], FEW, 3);
            black_box((0..rounds).map(|_| work::recommend(&prepared, black_box(&records))).sum::<usize>());
        }
        "prepare" => {
            let request = work::request(depth);
            (0..rounds * PATIENTS)
                .for_each(|_| drop(black_box(clinic.protocols[0].prepare(&request).expect("in force"))));
        }
        _ => panic!("no such path: {path}"),
    }
    black_box(due);
}
