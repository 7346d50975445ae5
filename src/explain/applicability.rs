//! What is told of questions that make no sense, or may make none, and of answers that contradict each other.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::explain::labels::answer_label;
use crate::lang::program::show;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::Value;
use crate::once::push_new;
use crate::patient::applicability::Standing;
use crate::patient::known::{Known, answer};
use crate::patient::{Answered, Record};
use crate::protocol::Protocol;
use crate::protocol::conditions::Lowered;
use crate::speech::tell;

impl Known {
    /// Why a fact is not applicable; none: it is.
    pub(crate) fn not_applicable(&self, protocol: &Protocol, fact: FactId) -> Option<String> {
        let asked = protocol.conditions.asked_when(fact)?;
        let is = self.applicability.standing(fact) == Standing::NotApplicable;
        is.then(|| self.answers(protocol, &asked.when, &self.facts))
    }

    /// The facts of a condition that are known: `chemotherapy is none`.
    fn answers(&self, protocol: &Protocol, when: &Lowered, values: &[Value]) -> String {
        let known = when.facts.iter().map(|id| (protocol.fact(*id), values[usize::from(id.0)]));
        let known = known.filter(|(_, value)| *value != Value::Unknown);
        let speech = protocol.speech();
        let words = known.map(|(fact, value)| {
            let value = show(value, &fact.answer.ty, &protocol.program.texts);
            tell!(speech, "`{}` is {}", fact.name, speech.value(&value))
        });
        words.collect::<Vec<_>>().join(&format!(" {} ", speech.and))
    }

    /// The same as people read it: `chemotherapy: in the past; end of chemotherapy: never`.
    fn answers_labelled(&self, protocol: &Protocol, when: &Lowered, values: &[Value]) -> String {
        let known = when.facts.iter().map(|id| (protocol.fact(*id), values[usize::from(id.0)]));
        let known: Vec<_> = known.filter(|(_, value)| *value != Value::Unknown).collect();
        if known.iter().any(|(fact, _)| fact.label.is_none()) {
            return self.answers(protocol, when, values);
        }
        let words = known.into_iter().map(|(fact, value)| {
            let value = show(value, &fact.answer.ty, &protocol.program.texts);
            let label = answer_label(&fact.answer, &value);
            format!("{}: {}", fact.in_words(), label.unwrap_or_else(|| protocol.speech().value(&value)))
        });
        words.collect::<Vec<_>>().join("; ")
    }

    /// The facts that have to be asked where one is not known: itself; what says whether its question makes sense, where nobody knows that;
    /// all that it contradicts.
    pub(crate) fn to_ask(&self, protocol: &Protocol, fact: FactId) -> Vec<FactId> {
        let (conditions, found) = (&protocol.conditions, &self.applicability);
        let (mut asked, mut todo, mut seen) = (Vec::new(), vec![fact], Vec::new());
        while let Some(fact) = todo.pop() {
            let slot = usize::from(fact.0);
            if seen.contains(&fact) || self.facts[slot].is_settled() {
                continue;
            }
            seen.push(fact);
            let when = conditions.asked_when(fact).map(|asked| &asked.when);
            let rests_on = match (found.standing(fact), when) {
                (Standing::Unclear, Some(when)) => self.open_in(protocol, when.root),
                (Standing::Contradicted, Some(when)) if found.given[slot] == Value::Unknown => {
                    // It was concluded; else nothing was known of it, and its question may make sense.
                    let is_concluded = found.concluded[slot] != Value::Unknown;
                    if is_concluded { when.facts.clone() } else { self.open_in(protocol, when.root) }
                }
                _ => Vec::new(),
            };
            if rests_on.is_empty() {
                push_new(&mut asked, fact);
                let alike = found.contradictions.iter().map(|at| conditions.contradictions[*at].when.facts.clone());
                let in_vain = found.out_of_place.iter().map(|at| &conditions.asked[*at]);
                let in_vain = in_vain.map(|one| one.when.facts.iter().copied().chain([one.fact]).collect());
                todo.extend(alike.chain(in_vain).filter(|all: &Vec<FactId>| all.contains(&fact)).flatten());
            }
            todo.extend(rests_on);
        }
        asked
    }

    /// The facts that make a condition of the dictionary unknown.
    fn open_in(&self, protocol: &Protocol, root: ExprId) -> Vec<FactId> {
        let program = &protocol.conditions.program;
        let (mut facts, mut todo) = (Vec::new(), vec![root]);
        while let Some(id) = todo.pop() {
            if self.applicability.evaluation.value(id).is_settled() {
                continue;
            }
            match program.node(id).expr {
                Expr::Fact(fact) | Expr::Age(fact) => push_new(&mut facts, fact),
                ref other => todo.extend(other.operands()),
            }
        }
        facts
    }

    /// The answers that contradict each other, as doubts about the record.
    pub(crate) fn contradictions(&self, protocol: &Protocol, record: &Record) -> Diagnostics {
        let speech = protocol.speech();
        let mut doubts = self.contradictions_by("", protocol, &|fact| answer(protocol, record, fact));
        for mut then in self.on_days_of_sessions().filter(|then| then.applicability.has_contradictions()) {
            let day = then.today;
            // What contradicts itself today as well is told.
            let (of_day, today) = (&mut then.applicability, &self.applicability);
            of_day.contradictions.retain(|one| !today.contradictions.contains(one));
            of_day.out_of_place.retain(|one| !today.out_of_place.contains(one));
            let answer_then = |fact: FactId| {
                let place = protocol.facts[usize::from(fact.0)];
                let earlier =
                    record.earlier.iter().rev().filter(|(other, _)| *other == place).map(|(_, answer)| answer);
                let all = answer(protocol, record, fact).into_iter().chain(earlier);
                all.clone().find(|answer| answer.on.is_some_and(|on| on <= day)).or(all.last())
            };
            doubts.append(then.contradictions_by(&tell!(speech, "on {}: ", speech.date(day)), protocol, &answer_then));
        }
        doubts
    }

    fn contradictions_by<'r>(
        &self,
        on_day: &str,
        protocol: &Protocol,
        answer: &dyn Fn(FactId) -> Option<&'r Answered>,
    ) -> Diagnostics {
        let (conditions, found, speech) = (&protocol.conditions, &self.applicability, protocol.speech());
        let mut doubts = Diagnostics::default();
        let mut doubt = |message: String, facts: &[FactId], help: &str| {
            let mut diagnostic = Diagnostic::new(&codes::CONTRADICTION, message);
            let places = facts.iter().filter_map(|fact| answer(*fact)).map(|answer| &answer.place);
            for (at, place) in places.enumerate() {
                diagnostic = if at == 0 { diagnostic.at(place) } else { diagnostic.see(place, "") };
            }
            doubts.push(diagnostic.help(tell!(speech, help, "{ value = …, no_longer_applies = true }")));
        };
        for one in found.contradictions.iter().map(|at| &conditions.contradictions[*at]) {
            let answers = self.answers_labelled(protocol, &one.when, &found.given);
            let say = one.say.trim_end().trim_end_matches('.');
            let help = "none of these answers is used: ask again, and correct what is wrong";
            doubt(format!("{on_day}{say}: {answers}"), &one.when.facts, help);
        }
        for one in found.out_of_place.iter().map(|at| &conditions.asked[*at]) {
            let (slot, fact) = (usize::from(one.fact.0), protocol.fact(one.fact));
            let told = show(found.given[slot], &fact.answer.ty, &protocol.program.texts);
            let why = self.answers_labelled(protocol, &one.when, &found.concluded);
            let (phrase, name) = match &fact.label {
                Some(label) => ("{}{}: {}, but it does not apply where {}", label),
                None => ("{}`{}` is {}, but it does not apply where {}", &fact.name),
            };
            let label = answer_label(&fact.answer, &told);
            let told = label.unwrap_or_else(|| speech.value(&told));
            let message = tell!(speech, phrase, on_day, name, told, why);
            let mut facts = vec![one.fact];
            facts.extend(&one.when.facts);
            let help =
                "none of these answers is used: correct what is wrong, or keep an answer that was true once as {}";
            doubt(message, &facts, help);
        }
        doubts
    }
}

impl View<'_> {
    /// What has to be asked where something is not known.
    pub(crate) fn to_ask(&self, missing: Missing) -> Vec<Missing> {
        match missing {
            Missing::Fact(fact) => self.known.to_ask(self.protocol, fact).into_iter().map(Missing::Fact).collect(),
            other => vec![other],
        }
    }

    /// The facts of which an answer decides whether their questions make sense.
    pub(crate) fn decides(&self, missing: Missing) -> Vec<String> {
        let Missing::Fact(fact) = missing else { return Vec::new() };
        let unclear = self.protocol.conditions.asked.iter();
        let unclear = unclear.filter(|one| self.known.applicability.standing(one.fact) == Standing::Unclear);
        let decided = unclear.filter(|one| self.known.to_ask(self.protocol, one.fact).contains(&fact));
        decided.map(|one| self.protocol.fact(one.fact).name.clone()).collect()
    }
}
