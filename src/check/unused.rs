//! What is declared and never used, and rules that cite nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finder, Finding};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, codes};
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, FactId};
use crate::logic::value::Value;
use crate::protocol::model::{Action, Length, Rule};
use crate::protocol::names::{Standing, standing};
use crate::protocol::{Clinic, Protocol, written};

pub(super) fn check(finder: &mut Finder<'_>) {
    parameters(finder);
    definitions(finder);
    sources(finder);
    choices(finder);
    treatments(finder);
}

/// Treatments that the protocol keeps its distance from or asks for, and that nobody declares: a misspelt one is never found in a record.
/// A protocol that stands alone in its file need not declare them; there, only what is nearly declared is strange.
fn treatments(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut named: Vec<(&str, Place)> = Vec::new();
    for separation in &protocol.separations {
        named.extend(separation.from.iter().map(|treatment| (treatment.as_str(), separation.place.clone())));
    }
    for node in &protocol.program.nodes {
        if let Expr::Quantified { list, .. }
        | Expr::Sum { list, .. }
        | Expr::SessionCount(list)
        | Expr::NoSessions(list)
        | Expr::FirstDate(list)
        | Expr::LastDate(list)
        | Expr::EndNote { list, .. } = &node.expr
        {
            let place = Place { file: protocol.file.clone(), span: node.span.clone() };
            named.push((protocol.program.lists[usize::from(list.0)].as_str(), place));
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    // A protocol's own treatment need not be declared; one that is, and is written otherwise, is another.
    let declared = protocol.dictionary.treatments.iter().map(|(name, _)| name.clone()).collect();
    if let Standing::Nearly(close) = standing(&protocol.treatment, &declared, &BTreeSet::new()) {
        report(finder, &protocol.treatment, &protocol.value_place("treatment", None), &close);
    }
    for (treatment, place) in named {
        let close = match protocol.dictionary.names.declared(treatment) {
            Standing::Nearly(close) => close,
            Standing::Unknown if !protocol.dictionary.sha256.is_empty() => Vec::new(),
            Standing::Known | Standing::Unknown => continue,
        };
        if told.insert(treatment) {
            let from = |id: &String| written::item(&protocol.file, ("separation", id), "from", treatment);
            let place = protocol.separations.iter().find_map(|separation| from(&separation.id)).unwrap_or(place);
            report(finder, treatment, &place, &close);
        }
    }
}

/// That nobody declares a treatment.
fn report(finder: &mut Finder<'_>, treatment: &str, place: &Place, close: &[&str]) {
    let message = format!("treatment `{treatment}` is not declared, so no record can name it");
    let mut diagnostic = Diagnostic::new(&codes::UNDECLARED_SEPARATION, message).at(place);
    if !close.is_empty() {
        let close = close.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
        diagnostic = diagnostic.help(format!("did you mean {close}?"));
    }
    let help = "declare it under `[treatments]` in facts.toml, with its label";
    finder.report(treatment, diagnostic.help(help));
}

fn uses(protocol: &Protocol, test: impl Fn(&Expr) -> bool) -> bool {
    protocol.program.nodes.iter().any(|node| test(&node.expr))
}

fn parameters(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut lengths: Vec<Length> = Vec::new();
    for course in &protocol.courses {
        lengths.push(course.grace);
        lengths.extend([course.start_before, course.offer_from].into_iter().flatten());
        lengths.extend(course.gaps.iter().map(|gap| gap.after));
        for interval in &course.intervals {
            lengths.push(interval.minimum);
            lengths.extend([interval.absolute_minimum, interval.recommended, interval.latest].into_iter().flatten());
        }
        for planned in &course.sessions {
            let ages = planned
                .ages
                .iter()
                .flat_map(|age| [age.minimum, age.absolute_minimum, age.recommended, age.latest, age.maximum]);
            let accepted = planned.accept.iter().flat_map(|accepted| [accepted.from, accepted.before]);
            lengths.extend(ages.chain(accepted).flatten());
        }
    }
    for separation in &protocol.separations {
        lengths.extend([Some(separation.minimum), separation.absolute_minimum].into_iter().flatten());
    }
    for rule in &protocol.rules {
        if let Action::Defer { may_override: Some((_, Some(length))), .. } = &rule.action {
            lengths.push(*length);
        }
    }
    let instructions = protocol.instructions.iter().flat_map(|one| std::iter::once(one.at).chain(one.until));
    lengths.extend(instructions.map(|offset| offset.length));
    for (at, parameter) in protocol.parameters.iter().enumerate() {
        let at = crate::narrow::u16(at);
        if !uses(protocol, |expr| *expr == Expr::Parameter(at))
            && !lengths.iter().any(|one| matches!(one, Length::Parameter(other, _) if *other == at))
        {
            let message = format!("parameter `{}` is never used: changing it has no effect", parameter.name);
            finder.report(&parameter.name, Diagnostic::new(&codes::UNUSED_PARAMETER, message).at(&parameter.place));
        }
    }
}

fn definitions(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    // Those that only a property uses are used, too.
    let all = protocol.program.nodes.iter().chain(&protocol.properties.program.nodes);
    let used = all.filter_map(|node| match node.expr {
        Expr::Definition(at, _) => Some(usize::from(at)),
        _ => None,
    });
    let used: BTreeSet<usize> = used.collect();
    for (at, definition) in protocol.definitions.iter().enumerate() {
        if !used.contains(&at) {
            let message = format!("definition `{}` is never used", definition.name);
            finder.report(&definition.name, Diagnostic::new(&codes::UNUSED_DEFINITION, message).at(&definition.place));
        }
    }
}

fn sources(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut cited: BTreeSet<usize> = BTreeSet::new();
    let mut without: Vec<(String, Place)> = Vec::new();
    let mut cite = |id: &str, sources: &[usize], place: &Place| {
        cited.extend(sources);
        if sources.is_empty() && !id.is_empty() {
            without.push((id.to_owned(), place.clone()));
        }
    };
    protocol.rules.iter().for_each(|rule: &Rule| cite(&rule.id, &rule.sources, &rule.place));
    protocol.settings.iter().for_each(|setting| cite(&setting.id, &setting.sources, &setting.place));
    protocol
        .instructions
        .iter()
        .for_each(|instruction| cite(&instruction.id, &instruction.sources, &instruction.place));
    protocol.red_flags.iter().for_each(|flag| cite(&flag.id, &flag.sources, &flag.place));
    protocol.separations.iter().for_each(|separation| cite(&separation.id, &separation.sources, &separation.place));
    protocol.properties.list.iter().for_each(|one| cite(&one.id, &one.sources, &one.place));
    protocol.parameters.iter().for_each(|parameter| cite(&parameter.name, &parameter.sources, &parameter.place));
    for course in &protocol.courses {
        cite(&course.id, &course.sources, &course.place);
        course.intervals.iter().for_each(|interval| cite("", &interval.sources, &interval.place));
        course.gaps.iter().for_each(|gap| cite("", &gap.sources, &gap.place));
    }
    for (id, place) in without {
        let diagnostic = Diagnostic::new(&codes::NO_SOURCE, format!("`{id}` cites no source")).at(&place);
        finder.report(&id, diagnostic.help("cite where it comes from, or a source with evidence = \"custom\""));
    }
    for (at, source) in protocol.sources.iter().enumerate() {
        if !cited.contains(&at) {
            let message = format!("source `{}` is never cited", source.id);
            finder.report(&source.id, Diagnostic::new(&codes::UNCITED_SOURCE, message).at(&source.place));
        }
    }
}

/// Choices that nothing tells apart, of a fact whose other choices matter.
fn choices(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for (slot, &at) in protocol.facts.iter().enumerate() {
        let fact = &protocol.dictionary.facts[at];
        let names = fact.answer.choices();
        if names.is_empty() {
            continue;
        }
        let mentioned = mentioned(protocol, FactId(crate::narrow::u16(slot)));
        let silent: Vec<String> = names
            .iter()
            .enumerate()
            // What is left over when none of the others is so has no rule of its own.
            .filter(|(at, name)| mentioned >> at & 1 == 0 && !is_catch_all(name))
            .map(|(_, name)| format!("`{name}`"))
            .collect();
        // One choice that nothing mentions is the harmless one.
        if mentioned != 0 && silent.len() > 1 {
            let message =
                format!("no rule in `{}` distinguishes {} of `{}`", protocol.id, silent.join(", "), fact.name);
            let diagnostic = Diagnostic::new(&codes::UNHANDLED_CHOICE, message).at(&fact.place);
            finder.report(&fact.name, diagnostic.help("was one of them forgotten?"));
        }
    }
}

/// Whether a choice stands for all that the others do not name.
fn is_catch_all(choice: &str) -> bool {
    choice.split(['_', '-', ' ']).any(|word| matches!(word.to_lowercase().as_str(), "other" | "others"))
}

/// The choices of a fact that an expression mentions.
fn mentioned(protocol: &Protocol, fact: FactId) -> u64 {
    let program = &protocol.program;
    let is_it = |id| *program.behind(id) == Expr::Fact(fact);
    let literal = |id| match program.node(id).expr {
        Expr::Literal(Value::Choice(at)) => 1u64 << at,
        Expr::Literal(Value::Set(bits)) => bits,
        _ => u64::MAX,
    };
    let planned = protocol.counter().and_then(|counter| counter.planned);
    let of_each = planned.is_some_and(is_it)
        || protocol.settings.iter().any(|one| one.each.as_ref().is_some_and(|(_, set)| *set == fact));
    program.nodes.iter().fold(0, |bits, node| {
        bits | match &node.expr {
            // "Other than x" handles all the others.
            Expr::Compare(Comparison::NotEqual, a, b) if is_it(*a) => !literal(*b),
            Expr::Compare(_, a, b) if is_it(*a) => literal(*b),
            Expr::Compare(_, a, b) if is_it(*b) => literal(*a),
            Expr::Not(a) => match &program.node(*a).expr {
                Expr::OneOf(a, choices) if is_it(*a) => !choices,
                _ => 0,
            },
            Expr::OneOf(a, choices) if is_it(*a) || (of_each && program.node(*a).expr == Expr::Each) => *choices,
            Expr::Compare(_, a, b) if of_each && program.node(*a).expr == Expr::Each => literal(*b),
            Expr::Contains(set, item) if is_it(*set) => literal(*item),
            Expr::ContainsAny(set, choices) if is_it(*set) => *choices,
            Expr::IsEmpty(set) | Expr::Len(set) if is_it(*set) => u64::MAX,
            _ => 0,
        }
    })
}

/// Facts of the dictionary that no protocol reads.
pub(super) fn facts(clinic: &Clinic) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, fact) in clinic.dictionary.facts.iter().enumerate() {
        if !clinic.protocols.iter().any(|protocol| protocol.facts.contains(&at)) {
            let message = format!("no protocol reads the fact `{}`", fact.name);
            let diagnostic = Diagnostic::new(&codes::UNREAD_FACT, message).at(&fact.place);
            findings.push(Finding { subject: fact.name.clone(), diagnostic });
        }
    }
    findings
}

/// Groups of one question: there is nothing that it could be asked together with. A misspelt group is one.
pub(super) fn groups(clinic: &Clinic) -> Vec<Finding> {
    let dictionaries = clinic.protocols.iter().map(|protocol| protocol.dictionary.as_ref());
    let mut groups: BTreeMap<&str, BTreeMap<&str, &Place>> = BTreeMap::new();
    for fact in std::iter::once(clinic.dictionary.as_ref()).chain(dictionaries).flat_map(|all| &all.facts) {
        if let Some((group, place)) = &fact.group {
            groups.entry(group).or_default().insert(&fact.name, place);
        }
    }
    let alone = groups.iter().filter(|(_, facts)| facts.len() == 1);
    let findings = alone.flat_map(|(group, facts)| facts.iter().map(move |(fact, place)| (*group, *fact, *place)));
    let finding = |(group, fact, place): (&str, &str, &Place)| {
        let message = format!("`{fact}` is the only question of the group `{group}`");
        let others = groups.keys().copied().filter(|other| *other != group);
        let diagnostic = Diagnostic::new(&codes::GROUP_OF_ONE, message).at(place).suggest(group, others);
        let help = "give the questions that belong together the same `group`, or take the key out";
        Finding { subject: fact.to_owned(), diagnostic: diagnostic.help(help) }
    };
    findings.map(finding).collect()
}

/// Protocols that are named instead of another, and are not in the clinic.
pub(super) fn instead(clinic: &Clinic, found: &mut Diagnostics) {
    let ids: Vec<&str> = clinic.protocols.iter().map(|protocol| protocol.id.as_str()).collect();
    for protocol in &clinic.protocols {
        for rule in &protocol.rules {
            let Action::Indicate { instead, .. } = &rule.action else { continue };
            for other in instead.iter().filter(|other| !ids.contains(&other.as_str())) {
                let message =
                    format!("indication `{}` names the protocol `{other}`, which this clinic does not have", rule.id);
                let place = written::item(&protocol.file, ("indication", &rule.id), "instead", other);
                let place = place.unwrap_or_else(|| rule.place.clone());
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_REFERENCE, message).at(&place);
                found.push(diagnostic.suggest(other, ids.iter().copied()));
            }
        }
    }
}
