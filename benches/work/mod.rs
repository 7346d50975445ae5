//! What the benchmarks measure, once: the protocols, the patients and what is done with them.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

use regimen::{
    Clinic, Date, Decider, Depth, LineReader, Notation, Prepared, Protocol, Record, Request, Slots, Vocabulary,
};

/// The day for which everything is asked.
pub(crate) fn day() -> Date {
    "2026-03-02".parse().expect("a day")
}

/// A small protocol that stands alone.
pub(crate) fn tiny() -> Clinic {
    Clinic::from_text("tiny.toml", include_str!("../../tests/fixtures/tiny.toml"))
        .unwrap_or_else(|found| panic!("{found}"))
        .0
}

/// A question for the day.
pub(crate) fn request(depth: Depth) -> Request {
    Request::new(day()).explain(depth)
}

/// The records of so many patients of the small protocol, one in ten facts missing: the same ones every time.
pub(crate) fn lines(count: usize, sessions: usize) -> Vec<String> {
    let mut state = 7u64;
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let line = |n: usize| {
        let facts = [
            format!("\"date_of_birth\":\"19{}-0{}-1{}\"", 50 + roll(50), 1 + roll(9), roll(10)),
            format!("\"pregnant\":{}", roll(20) == 0),
            format!("\"keloids\":{}", roll(20) == 0),
            format!("\"skin\":\"{}\"", ["dry", "normal", "oily"][roll(3) as usize]),
            format!("\"medicines\":{}", ["[]", "[\"steroid\"]", "[\"retinoid\",\"blood_thinner\"]"][roll(3) as usize]),
            format!("\"zones\":{}", ["[\"cheek\"]", "[\"forehead\",\"chin\"]"][roll(2) as usize]),
            format!("\"spots\":{}", roll(10)),
            format!("\"hba1c\":{}.{}", 5 + roll(4), roll(10)),
            format!("\"last_sunburn_date\":\"{}\"", ["never", "2026-02-20", "2025-08-01"][roll(3) as usize]),
            format!("\"last_result\":\"{}\"", ["better", "same"][roll(2) as usize]),
        ];
        let facts: Vec<String> = facts.into_iter().filter(|_| roll(10) != 0).collect();
        let session = |n: usize| {
            let day = day_before(n as i32 * 25 + 20);
            format!("{{\"treatment\":\"peel\",\"date\":\"{day}\",\"strength\":30,\"reaction\":\"none\"}}")
        };
        let sessions: Vec<String> = (0..sessions).map(session).collect();
        format!(
            "{{\"patient\":\"P-{n}\",\"recorded\":\"2026-03-02\",\"facts\":{{{}}},\"sessions\":[{}]}}",
            facts.join(","),
            sessions.join(",")
        )
    };
    (0..count).map(line).collect()
}

fn day_before(days: i32) -> Date {
    day().plus_days(-days)
}

/// The same as records.
pub(crate) fn records(protocol: &Protocol, count: usize, sessions: usize) -> Vec<Record> {
    let read = |line: &String| match Record::from_text("line", line, Notation::Json, &protocol.dictionary) {
        Ok((record, _)) => record,
        Err(found) => panic!("{found}"),
    };
    lines(count, sessions).iter().map(read).collect()
}

/// The same in slots.
pub(crate) fn filled(clinic: &Clinic, vocabulary: &Vocabulary, count: usize, sessions: usize) -> Vec<Slots> {
    let mut reader = LineReader::new(&clinic.dictionary, vocabulary, day());
    let read = |line: &String| {
        let mut slots = Slots::new(&clinic.dictionary);
        reader.scan(line, &mut slots).unwrap_or_else(|_| panic!("{line}"));
        slots
    };
    lines(count, sessions).iter().map(read).collect()
}

/// Decides patients, and returns how many are due.
pub(crate) fn decide(decider: &mut Decider<'_>, filled: &[Slots]) -> usize {
    filled.iter().filter(|slots| decider.decide(slots).status == regimen::Status::Due).count()
}

/// A protocol without its course: the rules alone.
pub(crate) fn without_course(text: &str) -> String {
    text.split("[[course]]").next().unwrap_or_default().to_owned()
}

/// Whole recommendations, as JSON. Returns their length.
pub(crate) fn recommend(prepared: &Prepared, records: &[Record]) -> usize {
    let json = |record| {
        let answer = prepared.recommend(record).unwrap_or_else(|found| panic!("{found}"));
        serde_json::to_string(&answer).expect("it can be written").len()
    };
    records.iter().map(json).sum()
}
