//! `regimen ask`: the interview, at a terminal or line by line over a pipe.

use std::path::{Path, PathBuf};

use clap::Args;
use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};

use super::{exit, print, tell, tell_diagnostics, usage};
use crate::decide::{Prepared, Request, nobodys_parameter};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::Notation;
use crate::files;
use crate::interview::{Asked, Claim, Interview, Named, Outcome, Reply, SettingValue, Subject};
use crate::protocol::Clinic;
use crate::protocol::load::read_file;
use crate::recommendation::{AnswerType, Question, Recommendation};
use crate::render;
use crate::speech::{Speech, tell};
use crate::trace::Depth;
use crate::visible;

/// Ask what can still change the answer, and write a record of it
///
/// A question is answered with what stands beside it, or with one of these: `?` it is not known, `-` it was not asked,
/// `!` the person would not say, `<` back to the question before, `.` stop here. The record is saved after every answer,
/// and the interview can be continued with it.
///
/// Example: regimen ask protocols/microneedling-acne-scars P-104.toml --patient P-104 --as-of today
#[derive(Debug, Args)]
pub(super) struct Ask {
    /// The folders or files of protocols, or a clinic's folder for all of them; then the patient's record, which is written if it is
    /// not there; of one in JSON, the answers are written into a TOML file beside it. Without a record, it is the patient's identifier with `.toml`
    #[arg(required = true, value_name = "PROTOCOL… [RECORD]")]
    paths: Vec<PathBuf>,
    /// The day for which to answer, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// The patient's identifier, for a new record
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// Set a parameter for this answer, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// Ask also what the record says was asked before and is not known, or was not told
    #[arg(long)]
    again: bool,
    /// The language of questions and labels, as `de`: those of the files `facts.de.toml` and `protocol.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    #[command(flatten)]
    drafts: super::Drafts,
}

/// How an interview ended.
enum End {
    /// Nothing that was not asked can change the answer.
    Asked,
    /// The person wants to stop.
    Stopped,
    /// Ctrl-C, or the input ended.
    Interrupted,
    /// The record could not be saved.
    Unsaved(u8),
}

impl Ask {
    pub(super) fn run(&self) -> u8 {
        match self.begin() {
            Ok((interview, path)) => self.ask(interview, &path),
            Err(code) => code,
        }
    }

    /// The protocols and the record.
    fn begin(&self) -> Result<(Interview, PathBuf), u8> {
        let as_of = super::as_of_told(&self.as_of)?;
        let (protocols, path) = self.paths()?;
        let mut all = Vec::new();
        for path in protocols {
            let which = self.drafts.which(as_of);
            let (clinic, broken, mut found) = Clinic::read_which(path, self.lang.as_deref(), which);
            broken.into_iter().for_each(|one| found.append(one.mistakes));
            if found.has_errors() || clinic.protocols.is_empty() {
                tell_diagnostics(&found);
                return Err(exit::MISTAKES);
            }
            all.extend(clinic.protocols);
        }
        let several = all.len() > 1;
        let mut prepared: Vec<Prepared> = Vec::new();
        for protocol in &all {
            let request = Request::with_settings(protocol, as_of, &self.set, several);
            let request = request.map_err(|message| usage(&format!("--set: {message}")))?.explain(Depth::Verdict);
            match protocol.prepare(&request) {
                Ok(one) => prepared.push(one),
                // Of a clinic, those that are in force.
                Err(_) if several => {}
                Err(mistakes) => {
                    tell_diagnostics(&mistakes);
                    return Err(exit::MISTAKES);
                }
            }
        }
        if prepared.is_empty() {
            return Err(usage(&format!("none of these protocols is in force on {as_of}")));
        }
        if let Some(name) = nobodys_parameter(&all.iter().collect::<Vec<_>>(), &self.set, several) {
            return Err(usage(&format!("--set: no protocol has a parameter `{name}`")));
        }
        let (path, text) = in_toml(path)?;
        let (name, text) = match text {
            Some(text) => (path.display().to_string(), text),
            None => self.record(&path, as_of)?,
        };
        let (mut interview, doubts) = Interview::begin(prepared, &name, &text).map_err(|mistakes| {
            tell_diagnostics(&mistakes);
            exit::MISTAKES
        })?;
        tell_diagnostics(&doubts);
        if self.again {
            interview.ask_again();
        }
        if !path.exists() {
            save(&path, &text)?;
        }
        Ok((interview, path))
    }

    /// Which of the paths are protocols, and the record's.
    fn paths(&self) -> Result<(&[PathBuf], PathBuf), u8> {
        let is_record = |path: &Path| match path.exists() {
            false => ["toml", "json"].iter().any(|end| path.extension().is_some_and(|extension| extension == *end)),
            true => path.is_file() && is_record(path),
        };
        match self.paths.split_last() {
            Some((last, protocols)) if !protocols.is_empty() && is_record(last) => Ok((protocols, last.clone())),
            _ => {
                let Some(patient) = &self.patient else {
                    return Err(usage(
                        "name the patient's record behind the protocols, or give --patient for a new one",
                    ));
                };
                let path = PathBuf::from(format!("{patient}.toml"));
                let is_name = path.file_name().is_some_and(|name| name == path.as_os_str());
                match (is_name, path.exists()) {
                    (false, _) => {
                        Err(usage(&format!("--patient: `{patient}` cannot be the name of a file: name the record")))
                    }
                    (_, true) => Err(usage(&format!("{} is there already: name it to continue it", path.display()))),
                    (true, false) => Ok((&self.paths, path)),
                }
            }
        }
    }

    /// The name and the text of the record; of a new one, what it begins with.
    fn record(&self, path: &Path, as_of: crate::Date) -> Result<(String, String), u8> {
        if path.exists() {
            let mut found = Diagnostics::default();
            return read_file(path, &mut found).map(|source| (source.name.clone(), source.text.clone())).ok_or_else(
                || {
                    tell_diagnostics(&found);
                    exit::MISTAKES
                },
            );
        }
        match self.patient.as_deref().filter(|patient| !patient.trim().is_empty()) {
            Some(patient) => Ok((path.display().to_string(), Interview::blank(patient, as_of))),
            None => Err(usage(&format!("{} is not there: give --patient for a new record", path.display()))),
        }
    }

    /// Asks, and says at the end what came of it.
    fn ask(&self, mut interview: Interview, path: &Path) -> u8 {
        let config = Config::builder().auto_add_history(false).build();
        let Ok(mut editor) = DefaultEditor::with_config(config) else {
            tell("error: the terminal cannot be read\n");
            return exit::OUTPUT;
        };
        let speech = interview.speech();
        let end = loop {
            let Some(asked) = interview.current() else { break End::Asked };
            if print(&visible::lines(&question(&asked, &interview.claims(), interview.answered() + 1, speech)))
                != exit::DONE
            {
                break End::Interrupted;
            }
            let line = match editor.readline("> ") {
                Ok(line) => line,
                Err(ReadlineError::Interrupted | ReadlineError::Eof) => break End::Interrupted,
                Err(_) => break End::Interrupted,
            };
            let reply = match line.trim() {
                "." => break End::Stopped,
                "<" => {
                    if !interview.back() {
                        tell(&(speech.word("this is the first question") + "\n"));
                    }
                    continue;
                }
                "" if asked.answer.is_some() => {
                    interview.forward();
                    continue;
                }
                "" => {
                    let how = "answer with what stands above, or with one of the signs below it";
                    tell(&(speech.word(how) + "\n"));
                    continue;
                }
                "?" => Reply::NotKnown,
                "-" => Reply::NotAsked,
                "!" => Reply::Declined,
                answer => Reply::Value(typed(answer, &asked, speech)),
            };
            let before = interview.text().to_owned();
            match interview.answer(&reply) {
                Err(mistakes) => tell(&(mistakes.in_a_line() + "\n")),
                Ok(()) => {
                    if let Err(code) = unchanged(path, &before, ASKED).and_then(|()| save(path, interview.text())) {
                        break End::Unsaved(code);
                    }
                }
            }
        };
        let code = match end {
            End::Unsaved(code) => return code,
            End::Asked | End::Stopped => exit::DONE,
            End::Interrupted => exit::STOPPED,
        };
        match print(&visible::lines(&summary(&interview, matches!(end, End::Asked), path))) {
            exit::DONE => code,
            other => other,
        }
    }
}

/// Where answers are written: of a record in JSON, into one in TOML beside it, with what it begins with.
fn in_toml(path: PathBuf) -> Result<(PathBuf, Option<String>), u8> {
    let mut found = Diagnostics::default();
    let source = path.exists().then(|| read_file(&path, &mut found)).flatten();
    let Some(source) = source.filter(|source| Notation::of(&source.name) == Notation::Json) else {
        return Ok((path, None));
    };
    let beside = path.with_extension("toml");
    if beside.exists() {
        let (path, beside) = (path.display(), beside.display());
        return Err(usage(&format!(
            "the answers to {path} are written into {beside}, which is there already: name that"
        )));
    }
    match crate::interview::in_toml(&source) {
        Ok(text) => {
            tell(&format!("answers are written into {}; {} stays as it is\n", beside.display(), path.display()));
            Ok((beside, Some(text)))
        }
        Err(mistakes) => {
            tell_diagnostics(&mistakes);
            Err(exit::MISTAKES)
        }
    }
}

/// Since when a record must not have been changed by anybody else, and what to do where it was.
const ASKED: (&str, &str) = (
    "while its patient was asked",
    "the last answer is not saved: continue the interview with the record as it is now",
);

/// Whether a file is a record: it says whose.
fn is_record(path: &Path) -> bool {
    let mut untold = Diagnostics::default();
    let Some(source) = read_file(path, &mut untold) else { return false };
    let notation = Notation::of(&source.name);
    notation == Notation::Json || {
        let tree = crate::document::parse(&source, notation, &mut untold);
        tree.get("patient").is_some() || tree.get("facts").is_some() && tree.get("id").is_none()
    }
}

/// Whether the record still holds what was last written: what another program wrote meanwhile is not taken away. `meanwhile` says since when,
/// and what to do.
pub(super) fn unchanged(path: &Path, text: &str, since: (&str, &str)) -> Result<(), u8> {
    let found = changed(path, text, since);
    if found.has_errors() {
        tell_diagnostics(&found);
        return Err(exit::MISTAKES);
    }
    Ok(())
}

/// What is said of a record that holds something else than what was last written; or of one that cannot be read.
pub(super) fn changed(path: &Path, text: &str, (meanwhile, help): (&str, &str)) -> Diagnostics {
    let mut found = Diagnostics::default();
    if read_file(path, &mut found).is_some_and(|source| source.text != text) {
        let message = format!("{} was changed {meanwhile}", path.display());
        found.push(Diagnostic::new(&codes::CHANGED_MEANWHILE, message).help(help));
    }
    found
}

pub(super) fn save(path: &Path, text: &str) -> Result<(), u8> {
    files::rewrite(path, text).map_err(|error| {
        tell(&format!("error: {} cannot be written: {error}\n", path.display()));
        exit::OUTPUT
    })
}

/// Wraps a line under an indentation.
fn line(text: &mut String, indent: usize, hang: usize, words: &str) {
    let (first, rest) = (" ".repeat(indent), " ".repeat(indent + hang));
    let options = textwrap::Options::new(super::width()).initial_indent(&first).subsequent_indent(&rest);
    textwrap::wrap(words, options).iter().for_each(|line| {
        text.push_str(line);
        text.push('\n');
    });
}

/// A question: what, of whom, why it is asked, how it is answered, and what each answer leads to.
fn question(asked: &Asked, claims: &[Claim], number: usize, speech: &Speech) -> String {
    let mut text = String::from("\n");
    let question = &asked.question;
    let number = if asked.answer.is_some() { speech.word("back") } else { number.to_string() };
    if asked.items.is_empty() {
        line(&mut text, 0, 4, &format!("{number}. {}", question.ask));
    } else {
        line(&mut text, 0, 4, &tell!(speech, "{}. Is any of these so?", number));
        for (at, item) in asked.items.iter().enumerate() {
            line(&mut text, 3, 4, &format!("{:2}  {}", at + 1, item.ask));
        }
    }
    let why = if asked.items.is_empty() {
        format!(" · {}", render::outline::why_asked(question, speech))
    } else {
        String::new()
    };
    line(&mut text, 4, 2, &format!("{}{why}", speech.word(question.of.word())));
    line(&mut text, 4, 2, &because(asked, speech));
    let claims = &telling_apart(claims);
    let outcomes = |claim: &Claim| said(&claim.outcomes, speech);
    let first = claims.first().map(outcomes);
    // Of the days of sessions, and of several choices or questions at once, not every answer is tried: each claim is made of its own answer.
    let is_set = question.answer.as_ref().is_some_and(|form| form.kind == AnswerType::Set);
    let is_whole = !is_set && !matches!(asked.subject, Subject::Sessions(_) | Subject::Several { .. });
    let differ = !is_whole || claims.iter().any(|claim| Some(outcomes(claim)) != first);
    let is_listed = !asked.choices.is_empty();
    if !is_listed {
        line(&mut text, 4, 2, &tell!(speech, "answer with {}", form(asked, speech)));
    }
    for (name, label) in listed(asked) {
        line(&mut text, 4, 4, &format!("{name:2}  {label}"));
    }
    if is_listed && question.answer.as_ref().is_some_and(|form| form.kind == AnswerType::Text) {
        line(&mut text, 4, 2, &speech.word("or any other, as a text"));
    }
    if is_set {
        line(&mut text, 4, 2, &speech.word("several with commas between them; 0 for none of them"));
    }
    for claim in claims.iter().filter(|_| differ) {
        line(&mut text, 6, 4, &format!("{} → {}", claim.label, outcomes(claim)));
    }
    if let (false, Some(first)) = (differ, first) {
        line(
            &mut text,
            6,
            4,
            &tell!(speech, "any of these → {}; it may change how to treat, or matter with other answers", first),
        );
    }
    if let Some(answer) = &asked.answer {
        let answer = match answer {
            Reply::Value(text) => shown(text, asked, speech),
            Reply::NotKnown => speech.word("not known"),
            Reply::NotAsked => speech.word("not asked"),
            Reply::Declined => speech.word("declined"),
        };
        line(&mut text, 4, 2, &tell!(speech, "answered: {} (Enter keeps it)", answer));
    }
    line(&mut text, 4, 2, &speech.word("? not known   - not asked   ! declined   < back   . stop"));
    text
}

/// The choices, each with what it is told by; of products, those of a group in one line.
fn listed(asked: &Asked) -> Vec<(String, &str)> {
    let mut lines: Vec<(String, &str)> = Vec::new();
    let may_be_another = asked.question.answer.as_ref().is_some_and(|form| form.kind == AnswerType::Text);
    for (at, choice) in asked.choices.iter().enumerate() {
        let name = if asked.numbered { (at + 1).to_string() } else { choice.id.clone() };
        match lines.iter_mut().find(|(_, label)| may_be_another && *label == choice.label) {
            Some((names, _)) => names.push_str(&format!(", {name}")),
            None => lines.push((name, &choice.label)),
        }
    }
    lines
}

/// The words for answers that a question takes and that are the same in every record.
fn own_words(asked: &Asked) -> &'static [&'static str] {
    match &asked.subject {
        Subject::Several { .. } | Subject::Sessions(_) => return &["no"],
        Subject::NotedTwice { .. } => return &["one", "two"],
        Subject::Fact(_) | Subject::Earlier { .. } | Subject::Note { .. } => {}
    }
    match asked.question.answer.as_ref().map(|form| form.kind) {
        Some(AnswerType::Bool) => &["yes", "no"],
        Some(AnswerType::Date) => &["never"],
        _ => &[],
    }
}

/// What was typed, with the words of the language as a record has them.
fn typed(answer: &str, asked: &Asked, speech: &Speech) -> String {
    let is_it = |word: &&&str| speech.word(word).eq_ignore_ascii_case(answer);
    own_words(asked).iter().find(is_it).map_or(answer, |word| word).to_owned()
}

/// The same the other way about.
fn shown(answer: &str, asked: &Asked, speech: &Speech) -> String {
    if own_words(asked).contains(&answer) { speech.word(answer) } else { answer.to_owned() }
}

/// Which rules wait for the answer: by protocol, where there are several.
fn because(asked: &Asked, speech: &Speech) -> String {
    let mut protocols: Vec<(&str, Vec<String>)> = Vec::new();
    for one in &asked.because {
        let rule = one
            .kind
            .map_or_else(|| one.rule.label.clone(), |kind| format!("{} ({})", one.rule.label, speech.word(kind)));
        match protocols.iter_mut().find(|(protocol, _)| *protocol == one.protocol) {
            Some((_, rules)) if rules.contains(&rule) => {}
            Some((_, rules)) => rules.push(rule),
            None => protocols.push((&one.protocol, vec![rule])),
        }
    }
    match &protocols[..] {
        [] => speech.word("it would make no difference now"),
        [(_, rules)] => tell!(speech, "asked because of {}", rules.join(", ")),
        several => {
            let one = |(protocol, rules): &(&str, Vec<String>)| format!("{protocol} ({})", rules.join(", "));
            tell!(speech, "asked because of {}", several.iter().map(one).collect::<Vec<_>>().join("; "))
        }
    }
}

/// How a question is answered that has no list of choices.
fn form(asked: &Asked, speech: &Speech) -> String {
    match &asked.subject {
        Subject::Several { .. } => return speech.word("no, or the numbers of those that are so, as 1, 2"),
        Subject::Sessions(_) => return speech.word("no, or the days of all sessions, as 2026-01-15, 2026-02"),
        Subject::NotedTwice { .. } => return speech.word("one or two"),
        Subject::Fact(_) | Subject::Earlier { .. } | Subject::Note { .. } => {}
    }
    match &asked.question.answer {
        Some(form) if form.kind == AnswerType::Bool => speech.word("yes or no"),
        Some(form) if form.kind == AnswerType::Date => speech.word(match form.written.contains_key("never") {
            true => "a day as 2026-02-10, or its month or year, or never",
            false => "a day as 2026-02-10, or its month or year",
        }),
        Some(form) => form.said(speech),
        None => speech.word("a text"),
    }
}

/// What each answer leads to, without the settings that are the same whatever the answer is, as long as there are any.
fn telling_apart(claims: &[Claim]) -> Vec<Claim> {
    let settings = |claim: &Claim, protocol: &str| -> Vec<SettingValue> {
        let of = claim.outcomes.iter().filter(|one| one.protocol == protocol);
        of.flat_map(|one| one.settings.iter().flatten().cloned()).collect()
    };
    let mut told = claims.to_vec();
    for outcome in told.iter_mut().flat_map(|claim| &mut claim.outcomes) {
        let all = claims.iter().map(|claim| settings(claim, &outcome.protocol)).filter(|all| !all.is_empty());
        let all: Vec<Vec<SettingValue>> = all.collect();
        if let Some(settings) = &mut outcome.settings {
            settings.retain(|set| !all.iter().all(|one| one.contains(set)));
        }
    }
    told
}

fn named(all: &[Named]) -> String {
    all.iter().map(|one| one.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// What some answer leads to: by protocol, where there are several that differ.
fn said(outcomes: &[Outcome], speech: &Speech) -> String {
    let one = |outcome: &Outcome| {
        let status = speech.word(outcome.status.word());
        let mut text = match outcome.could_become.len() {
            0 | 1 => status,
            _ => {
                let all: Vec<String> = outcome.could_become.iter().map(|status| speech.word(status.word())).collect();
                tell!(speech, "{}: {} possible", status, all.join(", "))
            }
        };
        if !outcome.because.is_empty() {
            text.push_str(&format!(" ({})", named(&outcome.because)));
        }
        if !outcome.precautions.is_empty() {
            text.push_str(&tell!(speech, ", with care: {}", named(&outcome.precautions)));
        }
        let settings = outcome.settings.iter().flatten().map(|set| format!("; {}", set.label));
        text.push_str(&settings.collect::<String>());
        text
    };
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for outcome in outcomes {
        let words = one(outcome);
        match groups.iter_mut().find(|(other, _)| *other == words) {
            Some((_, protocols)) => protocols.push(&outcome.protocol),
            None => groups.push((words, vec![&outcome.protocol])),
        }
    }
    match &groups[..] {
        [(words, _)] => words.clone(),
        several => {
            let one = |(words, protocols): &(String, Vec<&str>)| format!("{}: {words}", protocols.join(", "));
            several.iter().map(one).collect::<Vec<_>>().join("; ")
        }
    }
}

/// What came of the interview, and where the record is.
fn summary(interview: &Interview, is_done: bool, path: &Path) -> String {
    let speech = interview.speech();
    let end = if is_done { "Nothing else can change the answer." } else { "Stopped." };
    let mut text = format!("\n{}\n", speech.word(end));
    if super::keep::is_named() {
        text.push_str(&(speech.word("A preview, of which nothing is kept: `regimen recommend` decides.") + "\n"));
    }
    let mut answers: Vec<Recommendation> = interview.recommendations().to_vec();
    render::best_first(&mut answers);
    for answer in &answers {
        text.push('\n');
        line(&mut text, 0, 2, &render::headline(answer));
        let version = render::outline::version(&answer.provenance, speech);
        let day = speech.date(answer.as_of);
        line(&mut text, 2, 2, &tell!(speech, "{} {} · as of {}", answer.title, version, day));
        if let Some((course, next)) = answer.course.as_ref().and_then(|course| Some((course, course.next.as_ref()?))) {
            let latest = next.latest.filter(|_| course.may_be_late(next));
            let days = [("from {}", next.earliest), ("best {}", next.recommended), ("at latest {}", latest)];
            let said = |(phrase, day): &(&str, Option<_>)| day.map(|day| tell!(speech, phrase, speech.date(day)));
            let days: Vec<String> = days.iter().filter_map(said).collect();
            if !days.is_empty() {
                let days = format!("{}{}", days.join(", "), speech.word(render::how_open(course)));
                line(&mut text, 2, 2, &tell!(speech, "session {}: {}", next.number, days));
            }
        }
    }
    // What is doubtful about the record that was written, as `recommend` says it.
    for doubt in render::outline::doubts(&answers).items {
        line(&mut text, 0, 2, &format!("\n{}: {}", doubt.lead, doubt.text));
        doubt.notes.iter().for_each(|note| line(&mut text, 2, 2, note));
    }
    let name = |question: &Question| {
        let label = answers.iter().find_map(|answer| answer.labels.facts.get(&question.fact));
        label.unwrap_or(&question.fact).clone()
    };
    let left: Vec<String> = interview.left_open().into_iter().map(name).collect();
    if !left.is_empty() {
        line(&mut text, 0, 2, &format!("\n{}", tell!(speech, "asked, and still open: {}", left.join(", "))));
    }
    let asked = interview.answered();
    let phrase = if asked == 1 { "{} question answered; saved in {}" } else { "{} questions answered; saved in {}" };
    text.push_str(&format!("\n{}\n", tell!(speech, phrase, asked, path.display())));
    text
}
