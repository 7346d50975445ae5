//! Compares engines on the same rules and the same patients: see `README.md`.
//!
//! Everything that is compiled, loaded or converted is so before the clock runs. Every engine's answer for every patient is
//! compared with the one written by hand before anything is timed.

mod answer;
mod by_hand;
mod cel;
mod days;
mod parse;
mod patients;
mod regimen;
mod regorus;
mod rhai;
#[cfg(feature = "zen-engine")]
mod zen_engine;
mod zen_expression;

use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ::regimen::Depth;
use answer::{Answer, RULES, Status};
use days::{Cuts, TODAY, days};
use patients::Facts;
use regimen::Wanted;

/// Something that decides.
pub trait Engine {
    /// What it is.
    fn name(&self) -> String;

    /// Answers for as many of the patients as there is room for. This is what is timed.
    fn decide(&mut self, answers: &mut [Answer]);

    /// The same for the comparison with the others, for an engine that hides the truths in something greater.
    fn check(&mut self, answers: &mut [Answer]) {
        self.decide(answers);
    }
}

/// The rules written by hand, as an engine.
struct ByHand {
    patients: Rc<[Facts]>,
    cuts: Cuts,
}

impl Engine for ByHand {
    fn name(&self) -> String {
        "written by hand in Rust".into()
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        for (patient, answer) in self.patients.iter().zip(answers) {
            *answer = by_hand::decide(patient, &self.cuts);
        }
    }
}

/// A row of the table: something that is done for the first so many patients.
struct Row {
    name: String,
    run: Box<dyn FnMut(usize)>,
    /// How many patients there are.
    most: usize,
    /// For how many patients it is done in one go, and how often, so that each sample takes about as long.
    patients: usize,
    times: usize,
    /// Nanoseconds a patient.
    samples: Vec<f64>,
}

/// How long a sample should take, and how many there are.
const SAMPLE: Duration = Duration::from_millis(60);
const SAMPLES: usize = 15;

impl Row {
    fn new(name: impl Into<String>, run: impl FnMut(usize) + 'static) -> Row {
        let most = patients::PATIENTS;
        Row { name: name.into(), run: Box::new(run), most, patients: most, times: 1, samples: Vec::new() }
    }

    fn engine(mut engine: Box<dyn Engine>) -> Row {
        let mut answers = vec![Answer::NONE; patients::PATIENTS];
        Row::new(engine.name(), move |patients| {
            engine.decide(&mut answers[..patients]);
            black_box(&mut answers);
        })
    }

    /// Finds out how much fits into a sample. What is slow is timed on fewer patients.
    fn scale(&mut self) {
        let few = 200;
        (self.run)(few);
        let fit = SAMPLE.as_nanos() as f64 / self.once(few);
        self.patients = (fit as usize).clamp(few, self.most);
        self.times = (fit / self.patients as f64).ceil() as usize;
    }

    /// Nanoseconds a patient.
    fn once(&mut self, patients: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..self.times {
            (self.run)(patients);
        }
        start.elapsed().as_nanos() as f64 / (patients * self.times) as f64
    }

    fn sample(&mut self) {
        let sample = self.once(self.patients);
        self.samples.push(sample);
    }

    fn median(&self) -> f64 {
        let mut samples = self.samples.clone();
        samples.sort_by(f64::total_cmp);
        samples[samples.len() / 2]
    }

    /// How far apart the middle half of the samples lies, in percent of the median.
    fn spread(&self) -> f64 {
        let mut samples = self.samples.clone();
        samples.sort_by(f64::total_cmp);
        (samples[samples.len() * 3 / 4] - samples[samples.len() / 4]) / self.median() * 100.0
    }
}

fn main() {
    let cuts = Cuts::on(days(TODAY.0, TODAY.1, TODAY.2));
    let patients: Rc<[Facts]> = patients::patients(cuts.today).into();
    let lines: Rc<[String]> = patients.iter().enumerate().map(|(number, facts)| facts.line(number)).collect();
    let prepared = Rc::new(regimen::Prepared::new(&lines));

    let mut engines: Vec<Box<dyn Engine>> = vec![
        Box::new(ByHand { patients: Rc::clone(&patients), cuts }),
        Box::new(regimen::Decide::new(&prepared, Wanted::Decision)),
        Box::new(regimen::Decide::new(&prepared, Wanted::Rules)),
        Box::new(regimen::Decide::new(&prepared, Wanted::Steps)),
        Box::new(regimen::Recommend::new(&prepared, Depth::Verdict)),
        Box::new(regimen::Recommend::new(&prepared, Depth::Rules)),
        Box::new(regimen::Recommend::new(&prepared, Depth::Full)),
        Box::new(rhai::Rhai::new(&patients, &cuts)),
        Box::new(zen_expression::ZenExpression::new(&patients, &cuts)),
        #[cfg(feature = "zen-engine")]
        Box::new(zen_engine::ZenEngine::new(&patients, &cuts)),
        Box::new(cel::Cel::new(&patients, &cuts)),
        Box::new(regorus::Regorus::new(&patients, &cuts)),
    ];
    let expected: Vec<Answer> = patients.iter().map(|facts| by_hand::decide(facts, &cuts)).collect();
    for engine in &mut engines {
        check(engine.as_mut(), &expected, &lines);
    }
    for (line, facts) in lines.iter().zip(patients.iter()) {
        assert_eq!(format!("{:?}", parse::typed(line)), format!("{facts:?}"), "{line}");
    }

    let mut rows: Vec<Row> = engines.into_iter().map(Row::engine).collect();
    let engines = rows.len();
    let of = |read: fn(&str)| {
        let lines = Rc::clone(&lines);
        move |patients| lines[..patients].iter().for_each(|line| read(line))
    };
    rows.push(Row::new("serde_json into plain types", of(|line| _ = black_box(parse::typed(line)))));
    rows.push(Row::new("serde_json into its `Value`", of(|line| _ = black_box(parse::tree(line)))));
    for workers in [1, 2] {
        // Ten times over, so that there is work for all workers.
        let (whole, mut ends) = ([lines.join("\n").as_str(); 10].join("\n").into_bytes(), vec![0]);
        ends.extend(whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1));
        ends.push(whole.len());
        let batch = regimen::Lines::new(&prepared, workers);
        let cores = if workers == 1 { "one core" } else { "two cores" };
        let mut row = Row::new(format!("regimen batch, lines to lines, {cores}"), move |patients| {
            batch.run(&whole[..ends[patients]], patients);
        });
        row.most *= 10;
        rows.push(row);
    }
    let (filled, mut scan) = (Rc::clone(&lines), prepared.scanner());
    rows.push(Row::new("regimen into slots, checked", move |patients| {
        filled[..patients].iter().for_each(|line| scan(line));
    }));
    let records = Rc::clone(&lines);
    rows.push(Row::new("regimen into its `Record`, checked", move |patients| {
        records[..patients].iter().for_each(|line| _ = black_box(prepared.read(line)));
    }));

    rows.iter_mut().for_each(Row::scale);
    for _ in 0..SAMPLES {
        rows.iter_mut().for_each(Row::sample);
    }
    report(&rows, engines, &lines, &expected);
}

/// Compares every answer with the one written by hand.
fn check(engine: &mut dyn Engine, expected: &[Answer], lines: &[String]) {
    let mut answers = vec![Answer::NONE; expected.len()];
    engine.check(&mut answers);
    for ((answer, expected), line) in answers.iter().zip(expected).zip(lines) {
        for (at, rule) in RULES.iter().enumerate() {
            let (truth, right) = (answer.truths[at], expected.truths[at]);
            assert_eq!(truth, right, "{} (left) about {rule} of {line}", engine.name());
        }
        assert_eq!(answer.status, expected.status, "{} (left) about the status of {line}", engine.name());
    }
    eprintln!("{}: the same truths for all {} patients", engine.name(), expected.len());
}

/// Prints the tables, in Markdown.
fn report(rows: &[Row], engines: usize, lines: &[String], expected: &[Answer]) {
    let by_hand = rows[0].median();
    let line = |row: &Row| {
        let ns = row.median();
        println!("| {} | {} | {} | ± {:.0} % |", row.name, grouped(ns), times(ns / by_hand), row.spread() / 2.0);
    };
    println!("| deciding | ns a patient | × by hand | spread |");
    println!("|---|---:|---:|---:|");
    rows[..engines].iter().for_each(line);
    println!();
    println!("| reading a patient's line | ns a patient | × deciding by hand | spread |");
    println!("|---|---:|---:|---:|");
    rows[engines..].iter().for_each(line);
    println!();
    let length = lines.iter().map(String::len).sum::<usize>() / lines.len();
    let truths = expected.iter().flat_map(|answer| answer.truths);
    let (mut holds, mut unknown) = (0, 0);
    truths.for_each(|truth| match truth {
        Some(true) => holds += 1,
        None => unknown += 1,
        Some(false) => {}
    });
    let percent = |count: usize, of: usize| (count as f64 / of as f64 * 100.0).round();
    let all = expected.len() * RULES.len();
    println!(
        "{} patients; a line has {length} bytes. Of the truths, {} % are true and {} % unknown. Statuses: {}.",
        expected.len(),
        percent(holds, all),
        percent(unknown, all),
        [
            (Status::Contraindicated, "contraindicated"),
            (Status::NotIndicated, "not indicated"),
            (Status::Deferred, "deferred"),
            (Status::Undetermined, "undetermined"),
            (Status::Refer, "refer"),
            (Status::Due, "due"),
        ]
        .map(|(status, word)| {
            let count = expected.iter().filter(|answer| answer.status == status).count();
            format!("{word} {} %", percent(count, expected.len()))
        })
        .join(", ")
    );
}

/// A number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A ratio to two digits.
fn times(ratio: f64) -> String {
    if ratio < 10.0 {
        return format!("{ratio:.1}");
    }
    let step = 10f64.powf(ratio.log10().floor() - 1.0);
    grouped((ratio / step).round() * step)
}
