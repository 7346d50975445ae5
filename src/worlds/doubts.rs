//! What is doubtful about a course.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::patient::{Entry, Record};
use crate::protocol::Protocol;
use crate::protocol::labels::label_or_id;
use crate::speech::{Speech, tell};
use crate::worlds::Scheduler;
use crate::worlds::unknown::{Decides, Unknown};
use crate::worlds::ways::{Candidates, MOST_WORLDS};

/// Something that is doubtful about a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CourseDoubt {
    /// More is unknown than can be tried, so that nothing is claimed: what that is, in words.
    TooManyWays(String),
    /// What is allowed differs by what the course is counted for, and nothing tells which comes next: the note's name.
    AnyValue(String),
    /// Two entries of one day, by their places in the record, are counted as one session.
    OneSession(usize, usize),
}

impl Scheduler<'_> {
    /// The entries of one day that are counted as one session, where one of the courses counts sessions that are alike. Of those that
    /// say the same in everything the record tells already.
    pub(super) fn counted_as_one(&self, candidates: &Candidates) -> Vec<CourseDoubt> {
        if candidates.iter().all(|(at, _)| self.protocol.courses[*at].is_series) {
            return Vec::new();
        }
        let given = &self.known.given;
        let own = |at: &usize| given[*at].own && !given[*at].faulty && !given[*at].date.is_partial();
        // Of two areas, each has a session of its own.
        let may_share = |one: usize, other: usize| match (self.values_of_session(one), self.values_of_session(other)) {
            (Some(one), Some(other)) => one & other != 0,
            _ => true,
        };
        let mut found = Vec::new();
        for later in (0..given.len()).filter(own).filter(|at| given[*at].entry == Entry::Session) {
            // The sessions are in the order of their days.
            let first = given.partition_point(|session| session.date.first < given[later].date.first);
            let mut before = (first..later).filter(own).filter(|at| given[*at].date == given[later].date);
            let one = before.find(|at| self.counted_by().is_none() || may_share(*at, later));
            found.extend(one.map(|one| CourseDoubt::OneSession(one, later)));
        }
        found
    }
}

/// What is unknown, in words.
pub(super) fn in_words(unknowns: &[Unknown], note: Option<&str>, speech: &Speech) -> String {
    let count = |test: fn(&Decides) -> bool| unknowns.iter().filter(|unknown| test(&unknown.decides)).count();
    let (birth, dates) = (count(|one| matches!(one, Decides::Birth(_))), count(|one| matches!(one, Decides::Day(..))));
    let values = count(|one| matches!(one, Decides::Values(_)));
    let products = count(|one| matches!(one, Decides::Product(..)));
    let others = unknowns.len() - birth - dates - values - products;
    let named = |what: &str, count: usize| match count {
        0 => None,
        1 => Some(tell!(speech, "the {} of 1 session", what)),
        count => Some(tell!(speech, "the {} of {} sessions", what, count)),
    };
    let of = |what: &str, count: usize| named(&speech.word(what), count);
    let parts = [
        (birth > 0).then(|| speech.word("the date of birth")),
        of("day", dates),
        match note {
            Some(note) => named(note, values),
            None => of("note", values),
        },
        of("product", products),
        match others {
            0 => None,
            1 => Some(speech.word("1 condition, number or date of the course")),
            others => Some(tell!(speech, "{} conditions, numbers or dates of the course", others)),
        },
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The doubts as they are told, with their places in the record.
pub(crate) fn told(doubts: &[CourseDoubt], record: &Record, protocol: &Protocol) -> Diagnostics {
    let speech = protocol.speech();
    let mut found = Diagnostics::default();
    for doubt in doubts {
        found.push(match doubt {
            CourseDoubt::TooManyWays(what) => {
                let message = tell!(speech, "nothing is claimed of the course: too much is unknown ({})", what);
                let help = tell!(speech, "it can turn out in more than {} ways, and no more are tried", MOST_WORLDS);
                Diagnostic::new(&codes::TOO_MANY_WAYS, message).help(help)
            }
            CourseDoubt::AnyValue(note) => {
                let label = protocol.dictionary.note(note).and_then(|(_, note)| note.label.as_deref());
                let note = label_or_id(label, note);
                let phrase = "nothing tells which {} comes next, and not all may be treated alike";
                let message = tell!(speech, phrase, note);
                let help = "declare a fact for it and name it in the course's `planned_in`; where there is one, say what is planned";
                Diagnostic::new(&codes::NOTHING_PLANNED, message).help(speech.word(help))
            }
            CourseDoubt::OneSession(_, later) => {
                let session = &record.sessions[*later];
                let treatment = label_or_id(protocol.treatment_label(&session.treatment), &session.treatment);
                let date = speech.range(session.date);
                let phrase = "two entries of {} on {} are counted as one session";
                let message = tell!(speech, phrase, treatment, date);
                let help = "write `noted_twice = false` in the later one if there were two sessions";
                Diagnostic::new(&codes::NOTED_TWICE, message).at(&session.place).help(speech.word(help))
            }
        });
    }
    found
}
