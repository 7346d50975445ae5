//! The earliest order in which what is wanted can be done: all orders are tried, as far as they are not worse already than the best so
//! far. In each, a session has the first day that is permitted. A later one can be of use where what comes after it asks how long ago it was,
//! as what is done only within five days of it does: of such sessions, every day is tried.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::trial::{Trial, Visit};
use super::{Impossible, PlannedSession, Wanted};
use crate::date::Date;
use crate::explain::labels;
use crate::lang::{Expr, ExprId};
use crate::protocol::Protocol;
use crate::recommendation::{Labels, Status};

/// How many decisions are made before the best order so far has to do: some seconds' work.
pub(super) const MOST_DECIDED: usize = 300_000;

/// A session by its place among the trials, with its day.
type Step = (Date, usize);

/// In which order what is wanted can be done.
pub(super) fn wanted(
    trials: &mut [Trial<'_>],
    wanted: &[usize],
    (as_of, until): (Date, Date),
    most_decided: usize,
) -> Wanted {
    let mut wanted = wanted.to_vec();
    wanted.sort_by(|a, b| trials[*a].protocol.id.cmp(&trials[*b].protocol.id));
    let mut impossible = Vec::new();
    let (mut sessions, mut cut_short) = earliest(trials, &wanted, (as_of, until), most_decided);
    if sessions.is_empty() {
        let mut possible = wanted.clone();
        possible.retain(|at| {
            let is_possible = trials[*at].first_day(&[], as_of, until).is_some();
            if !is_possible {
                let status = trials[*at].stands(&[], as_of).map_or(Status::Undetermined, |(status, _)| status);
                impossible.push(Impossible { protocol: trials[*at].protocol.id.clone(), status });
            }
            is_possible
        });
        // What nothing can be done about need not keep the others from their order.
        if !impossible.is_empty() && !possible.is_empty() {
            let was_cut_short = cut_short;
            (sessions, cut_short) = earliest(trials, &possible, (as_of, until), most_decided);
            cut_short |= was_cut_short;
        }
    }
    let planned = |trials: &mut [Trial<'_>], (date, at): Step| {
        let steps = || sessions.iter().copied().filter(|(other, _)| *other < date);
        let before = visits(trials, steps());
        let eve = date.plus_days(-1);
        let held = (date > as_of).then(|| trials[at].stands(&before, eve)).flatten();
        let is_free = held.as_ref().is_some_and(|(status, _)| status.is_treat());
        // Of several that are done on the day before, those that could not be beside it.
        let mut not_with = Vec::new();
        for step in steps().filter(|(day, _)| is_free && *day == eve) {
            let beside = visits(trials, steps().filter(|other| *other != step).chain([(eve, at)]));
            let stands = trials[step.1].stands(&beside, eve);
            if !stands.is_some_and(|(status, _)| status.is_treat()) {
                not_with.push(trials[step.1].protocol.id.clone());
            }
        }
        let waited_for = held.filter(|_| !is_free).map(|(_, because)| because).unwrap_or_default();
        let trial = &trials[at];
        let (protocol, title) = (trial.protocol.id.clone(), trial.protocol.title.clone());
        let rules = labels::rules(trial.protocol, waited_for.iter().map(String::as_str));
        let labels = Labels { rules, ..Labels::default() };
        let to_be_confirmed = trial.to_be_confirmed(date);
        PlannedSession { date, protocol, title, waited_for, labels, not_with, to_be_confirmed }
    };
    Wanted {
        protocols: wanted.iter().map(|at| trials[*at].protocol.id.clone()).collect(),
        sessions: sessions.iter().map(|step| planned(trials, *step)).collect(),
        impossible,
        cut_short,
    }
}

/// The earliest order of some, empty if there is none, and whether the search was cut short.
fn earliest(
    trials: &mut [Trial<'_>],
    wanted: &[usize],
    (as_of, until): (Date, Date),
    most_decided: usize,
) -> (Vec<Step>, bool) {
    let most_decided = decided(trials) + most_decided;
    let may_wait = Vec::new();
    let mut search = Search { trials, wanted, until, best: None, may_wait, seen: HashSet::new(), most_decided };
    search.extend(&mut Vec::new(), as_of);
    let is_asked_of =
        |at: &usize| wanted.iter().any(|other| asks_when(search.trials[*other].protocol, search.trials[*at].protocol));
    search.may_wait = wanted.iter().copied().filter(is_asked_of).collect();
    if !search.may_wait.is_empty() {
        search.seen.clear();
        search.extend(&mut Vec::new(), as_of);
    }
    (search.best.take().unwrap_or_default(), search.is_cut_short())
}

/// Whether what one protocol decides may turn on when a session of another was: a condition reads its sessions, and not only how many there are.
fn asks_when(protocol: &Protocol, other: &Protocol) -> bool {
    let program = &protocol.program;
    let reads = |id: ExprId| {
        let expr = &program.node(id).expr;
        let counts = matches!(expr, Expr::SessionCount(_) | Expr::NoSessions(_));
        expr.list().is_some_and(|list| !counts && program.lists[usize::from(list.0)] == other.treatment)
    };
    let decides = protocol.rules.iter().filter(|rule| rule.action.leads_to().is_some());
    protocol.id != other.id && program.under(decides.filter_map(|rule| rule.when)).any(reads)
}

fn visits(trials: &[Trial<'_>], steps: impl Iterator<Item = Step>) -> Vec<Visit> {
    steps.map(|(date, at)| trials[at].visit(date)).collect()
}

/// How often the protocols have decided.
fn decided(trials: &[Trial<'_>]) -> usize {
    trials.iter().map(|trial| trial.decided).sum()
}

struct Search<'s, 'a> {
    trials: &'s mut [Trial<'a>],
    /// By id.
    wanted: &'s [usize],
    until: Date,
    best: Option<Vec<Step>>,
    /// Those of which later days than the first are tried as well.
    may_wait: Vec<usize>,
    /// What has been gone on from. Sessions of one day make no order.
    seen: HashSet<Vec<Step>>,
    /// When to stop.
    most_decided: usize,
}

impl Search<'_, '_> {
    /// Tries everything that can follow some sessions, of which the last is on a day.
    fn extend(&mut self, steps: &mut Vec<Step>, day: Date) {
        let mut key = steps.clone();
        key.sort_unstable();
        if !self.seen.insert(key) {
            return;
        }
        if steps.len() == self.wanted.len() {
            let mut sessions = steps.clone();
            sessions.sort_by(|a, b| self.by_day_and_id(a, b));
            if self.best.as_ref().is_none_or(|best| self.compare(&sessions, best).is_lt()) {
                self.best = Some(sessions);
            }
            return;
        }
        let open: Vec<usize> =
            self.wanted.iter().copied().filter(|at| steps.iter().all(|(_, other)| other != at)).collect();
        let end = self.end();
        let mut next: Vec<Step> = Vec::new();
        for at in open {
            let mut from = Some(day);
            while let Some(day) = from.and_then(|from| self.first_day(steps, at, from, end)) {
                next.push((day, at));
                from = (day < end && self.may_wait.contains(&at)).then(|| day.plus_days(1));
            }
        }
        next.sort_by(|a, b| self.by_day_and_id(a, b));
        for step in next {
            // What was found meanwhile ends before that.
            if step.0 > self.end() {
                break;
            }
            steps.push(step);
            self.extend(steps, step.0);
            steps.pop();
        }
    }

    /// The last day that is of use: the end of the best order so far.
    fn end(&self) -> Date {
        self.best.as_ref().and_then(|best| best.last()).map_or(self.until, |(day, _)| *day)
    }

    /// The first day on which a session is permitted after others, and they with it, where they are on the same day.
    fn first_day(&mut self, steps: &[Step], at: usize, from: Date, until: Date) -> Option<Date> {
        let others = visits(self.trials, steps.iter().copied());
        let mut day = from;
        while !self.is_cut_short() {
            day = self.trials[at].first_day(&others, day, until)?;
            let with_this = || steps.iter().copied().chain([(day, at)]);
            let permitted = |(_, one): &Step| {
                let rest = visits(self.trials, with_this().filter(|(_, other)| other != one));
                self.trials[*one].permits(&rest, day)
            };
            if steps.iter().filter(|(other, _)| *other == day).all(permitted) {
                return Some(day);
            }
            if day == until {
                return None;
            }
            day = day.plus_days(1);
        }
        None
    }

    /// Whether the best order so far has to do.
    fn is_cut_short(&self) -> bool {
        decided(self.trials) >= self.most_decided
    }

    fn by_day_and_id(&self, a: &Step, b: &Step) -> Ordering {
        let id = |at: usize| &self.trials[at].protocol.id;
        a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1)))
    }

    /// The earlier end, then the earlier sessions, then the ids.
    fn compare(&self, a: &[Step], b: &[Step]) -> Ordering {
        let days = |steps: &[Step]| steps.iter().map(|(day, _)| *day).collect::<Vec<_>>();
        let ids = |steps: &[Step]| steps.iter().map(|(_, at)| self.trials[*at].protocol.id.clone()).collect::<Vec<_>>();
        let end = |steps: &[Step]| steps.last().map(|(day, _)| *day);
        end(a).cmp(&end(b)).then_with(|| days(a).cmp(&days(b))).then_with(|| ids(a).cmp(&ids(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::Duration;
    use crate::decide::Request;
    use crate::document::Notation;
    use crate::patient::Record;
    use crate::plan::Asked;
    use crate::protocol::Clinic;

    const HEAD: &str = include_str!("../../tests/fixtures/head.toml");
    const COURSE: &str = "[[course]]\nid = \"standard\"\nsessions = {}\nsources = [\"clinic\"]\n";

    /// Each waits for the others, and what may be decided runs out: what was found until then is told as no more than that.
    #[test]
    fn a_search_that_is_cut_short_says_so() {
        let ids = ["a", "b", "c"];
        let protocol = |at: usize| {
            let others = ids.iter().enumerate().filter(|(other, _)| *other != at);
            let apart = others.map(|(other, from)| {
                let days = 5 + 3 * ((other + 2 * at) % 4);
                format!("[[separation]]\nid = \"after-{from}\"\nfrom = [\"{from}\"]\nminimum = \"{days} days\"\nreason = \"x\"\nsources = [\"clinic\"]\n")
            });
            let text =
                HEAD.replace("\"trial\"", &format!("{:?}", ids[at])) + COURSE + apart.collect::<String>().as_str();
            let read = Clinic::from_text(&format!("{}.toml", ids[at]), &text);
            read.unwrap_or_else(|found| panic!("{found}\n{text}")).0.protocols.remove(0)
        };
        let protocols: Vec<_> = (0..ids.len()).map(protocol).collect();
        let as_of: Date = "2026-03-02".parse().expect("a day");
        let record = |protocol: &crate::Protocol| {
            let text = r#"{ "patient": "P", "recorded": "2026-03-02", "sessions": [] }"#;
            Record::from_text("r", text, Notation::Json, &protocol.dictionary).expect("a record").0
        };
        let records: Vec<Record> = protocols.iter().map(record).collect();
        let asked: Vec<Asked<'_>> = protocols
            .iter()
            .zip(&records)
            .map(|(protocol, record)| Asked { protocol, record, request: Request::new(as_of) })
            .collect();
        let found = |most: usize| {
            let mut trials: Vec<Trial<'_>> = asked.iter().map(|one| Trial::new(one).expect("it is in force")).collect();
            wanted(&mut trials, &[0, 1, 2], (as_of, as_of + Duration::days(700)), most)
        };
        let (whole, some, none) = (found(MOST_DECIDED), found(12), found(3));
        assert!(!whole.cut_short && whole.sessions.len() == 3, "{whole:?}");
        assert!(some.cut_short && some.sessions.len() == 3, "{some:?}");
        assert!(some.sessions[2].date >= whole.sessions[2].date);
        assert!(none.cut_short && none.sessions.is_empty(), "{none:?}");
    }
}
