//! Several questions at once: "is any of these so?".

use super::order::Open;
use super::{Asked, Interview, Reply, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::file::FactType;

impl Interview {
    /// What a reply to several questions at once says to each of those that it answers.
    pub(super) fn each<'s>(
        &self,
        members: &'s [Subject],
        reply: &Reply,
    ) -> Result<Vec<(&'s Subject, Reply)>, Diagnostics> {
        // What was answered here and is left to be asked by itself is not answered any more.
        let one_by_one = |member: &Subject| self.state.before.contains_key(member).then_some(Reply::NotAsked);
        let Reply::Value(text) = reply else {
            return Ok(members.iter().filter_map(|member| Some((member, one_by_one(member)?))).collect());
        };
        let wrong = || {
            let message = format!("`{text}` is neither no nor numbers of the list");
            let help = "answer `no` if it is so of none of them, or the numbers of the others, as `1, 2`";
            Diagnostics::from(Diagnostic::new(&codes::WRONG_TYPE, message).help(help))
        };
        let chosen: Vec<usize> = match text.trim().to_lowercase().as_str() {
            "no" | "n" | "none" | "0" => Vec::new(),
            numbers => {
                let number = |one: &str| one.trim().parse().ok().filter(|at| (1..=members.len()).contains(at));
                numbers.split(',').map(number).collect::<Option<_>>().ok_or_else(wrong)?
            }
        };
        let mut each = Vec::new();
        for (at, member) in members.iter().enumerate() {
            let said = if chosen.contains(&(at + 1)) { self.yes(member) } else { self.no(member) };
            let said = said.map(|said| Reply::Value(said.to_owned())).or_else(|| one_by_one(member));
            each.extend(said.map(|said| (member, said)));
        }
        Ok(each)
    }

    /// What says that something is not so, or was never, where there are words for it.
    pub(super) fn no(&self, subject: &Subject) -> Option<&'static str> {
        let Subject::Fact(name) = subject else { return matches!(subject, Subject::Sessions(_)).then_some("no") };
        let fact = self.prepared.iter().find_map(|prepared| prepared.protocol.dictionary.fact(name))?.1;
        match fact.answer.declared {
            FactType::Bool => Some("no"),
            FactType::Date => fact.may_be_never.then_some("never"),
            FactType::Set => Some("none"),
            FactType::Choice => {
                ["none", "never"].into_iter().find(|no| fact.answer.choices().iter().any(|one| one == no))
            }
            FactType::Integer | FactType::Decimal | FactType::Text => None,
        }
    }

    /// What says no more than that something is so.
    pub(super) fn yes(&self, subject: &Subject) -> Option<&'static str> {
        self.answer_of(subject).ok().filter(|answer| answer.declared == FactType::Bool).map(|_| "yes")
    }

    /// Several questions at once: those of the group that the next one belongs to, of whoever answers that, as far as each can be answered with no.
    pub(super) fn together(&self, next: &Open) -> Option<Asked> {
        let group = self.group(&next.subject).filter(|group| !self.split.contains(*group))?;
        let is_one = |open: &&Open| {
            self.group(&open.subject) == Some(group)
                && open.question.of == next.question.of
                && !self.passed.contains(&open.subject)
                && self.no(&open.subject).is_some()
        };
        self.no(&next.subject)?;
        let members: Vec<&Open> = self.open.iter().filter(is_one).collect();
        if members.len() < 2 {
            return None;
        }
        let subject = Subject::Several {
            group: group.to_owned(),
            members: members.iter().map(|open| open.subject.clone()).collect(),
        };
        Some(Asked {
            question: next.question.clone(),
            items: members.iter().map(|open| open.question.clone()).collect(),
            choices: Vec::new(),
            numbered: true,
            because: members.iter().flat_map(|open| open.because.clone()).collect(),
            answer: None,
            subject,
        })
    }
}
