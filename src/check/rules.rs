//! Rules that never or always fire, say the same, or are shadowed.

use std::collections::BTreeSet;

use super::conditions::ever;
use super::regions::{Patient, Regions, Trials};
use super::{Finder, cases};
use crate::decide::still_before;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::{Expr, ExprId, Program};
use crate::logic::Tri;
use crate::logic::turning::Axis;
use crate::protocol::model::{Action, Lasts, Rule};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut trials = Trials::new(protocol);
    let mut not_analysed = Vec::new();
    let mut facts = Vec::new();
    for rule in &protocol.rules {
        let regions = trials.regions(&rule.roots().collect::<Vec<_>>());
        let (told, its_facts) = (finder.found.len(), regions.as_ref().map(Regions::facts));
        match regions {
            Some(regions) if !trials.is_exhausted() && fires(finder, rule, (&mut trials, &regions)) => {}
            _ => not_analysed.push(rule),
        }
        // What always or never fires is not compared with others: that would be told as well, of the same mistake.
        let is_told = finder.found.len() > told;
        facts.push(its_facts.filter(|_| !is_told));
        if let (false, Some(when)) = (is_told, rule.when) {
            parts(finder, rule, when, &mut trials);
        }
    }
    pairs(finder, &facts);
    cases::decided(protocol, finder.cases, &mut not_analysed);
    if let Some(first) = not_analysed.first() {
        let ids: Vec<String> = not_analysed.iter().map(|rule| format!("`{}`", rule.id)).collect();
        let count = if ids.len() == 1 { "one rule".to_owned() } else { format!("{} rules", ids.len()) };
        let message = format!("whether {count} can fire was not analysed: {}", ids.join(", "));
        let help = "they compare what patients answer with each other, or depend on too many facts at once";
        finder.report("", Diagnostic::new(&codes::NOT_ANALYSED, message).at(&first.place).help(help));
    }
}

/// Whether a rule's condition holds for a patient.
pub(crate) fn holds(rule: &Rule, patient: &Patient<'_, '_>) -> Tri {
    rule.applies(|when| patient.value(when).truth(), |until| still_before(patient.value(until), patient.today()))
}

/// Says of a rule that it never or always fires. Returns whether that could be found out.
fn fires(finder: &mut Finder<'_>, rule: &Rule, (trials, regions): (&mut Trials<'_>, &Regions)) -> bool {
    let Some((ever, ever_not)) = ever(trials, regions, |patient| holds(rule, patient)) else { return false };
    let kind = rule.action.kind();
    let indication = matches!(rule.action, Action::Indicate { .. });
    let place = rule.when.map_or_else(|| rule.place.clone(), |when| finder.place(when));
    if !ever {
        let message = if indication {
            format!("{kind} `{}` can never hold: nobody would be treated", rule.id)
        } else {
            format!("{kind} `{}` can never fire", rule.id)
        };
        let help = "no combination of permitted answers makes its condition true";
        finder.report(&rule.id, Diagnostic::new(&codes::NEVER_FIRES, message).at(&place).help(help));
    } else if !ever_not {
        // Whoever has not answered is asked.
        let whoever = if regions.about_patients() { ", whatever is answered" } else { "" };
        let message = match indication {
            true => format!("{kind} `{}` always holds{whoever}, so it has no effect", rule.id),
            false => format!("{kind} `{}` fires for every patient{whoever}", rule.id),
        };
        let mut diagnostic = Diagnostic::new(&codes::ALWAYS_FIRES, message).at(&place);
        if regions.about_patients() {
            diagnostic = diagnostic.help("every combination of permitted answers makes its condition true");
        }
        finder.report(&rule.id, diagnostic);
    }
    true
}

/// Says of a part of a condition, one with parts of its own, that it always or never holds: `smoker && (b || !b)`.
fn parts(finder: &mut Finder<'_>, rule: &Rule, when: ExprId, trials: &mut Trials<'_>) {
    let program = &finder.protocol.program;
    let mut todo = program.node(when).expr.operands();
    while let Some(part) = todo.pop() {
        let operands = match &program.node(part).expr {
            Expr::And(parts) | Expr::Or(parts) => parts.to_vec(),
            Expr::Not(of) => {
                todo.push(*of);
                continue;
            }
            _ => continue,
        };
        let is_looked_at = !trials.is_exhausted() && share_a_fact(program, &operands);
        let regions = if is_looked_at { trials.regions(&[part]) } else { None };
        let found = regions.and_then(|regions| ever(trials, &regions, |patient| patient.value(part).truth()));
        let (code, what) = match found {
            Some((true, false)) => (&codes::ALWAYS_FIRES, "always holds, whatever is answered"),
            Some((false, _)) => (&codes::NEVER_FIRES, "can never hold"),
            _ => {
                todo.extend(operands);
                continue;
            }
        };
        let message = format!("a part of the condition of {} `{}` {what}", rule.action.kind(), rule.id);
        let help = "take it out, or write what it was meant to say";
        finder.report(&rule.id, Diagnostic::new(code, message).at(&finder.place(part)).help(help));
    }
}

/// Whether two of some conditions read the same fact: else none of them can decide another.
fn share_a_fact(program: &Program, conditions: &[ExprId]) -> bool {
    let mut read = BTreeSet::new();
    let facts = |id: &ExprId| {
        let facts = program.under([*id]).filter_map(|id| match program.node(id).expr {
            Expr::Fact(fact) | Expr::Age(fact) => Some(fact),
            _ => None,
        });
        facts.collect::<BTreeSet<_>>()
    };
    conditions.iter().flat_map(facts).any(|fact| !read.insert(fact))
}

/// Rules of one kind that cannot be told apart, or of which one holds whenever the other does. `facts` are those that each rule asks for,
/// where it was analysed. Of each rule it is said once that another is the same, and once that a wider one is there.
fn pairs(finder: &mut Finder<'_>, facts: &[Option<BTreeSet<Axis>>]) {
    let protocol = finder.protocol;
    let mut trials = Trials::new(protocol);
    // Of each rule, whether an earlier one is the same, and whether a wider one has been found.
    let mut same = vec![false; protocol.rules.len()];
    let mut narrow = vec![false; protocol.rules.len()];
    let mut left_out: Option<(usize, [&Rule; 2])> = None;
    for (at, second) in protocol.rules.iter().enumerate() {
        for (before, first) in protocol.rules[..at].iter().enumerate() {
            if first.action.kind() != second.action.kind()
                || !share_facts(&facts[before], &facts[at])
                // What can be said of it was said of the rule that is the same.
                || same[before]
                || same[at]
            {
                continue;
            }
            if trials.is_exhausted() {
                left_out.get_or_insert((0, [first, second])).0 += 1;
                continue;
            }
            let both: Vec<ExprId> = first.roots().chain(second.roots()).collect();
            let Some(regions) = trials.regions(&both) else { continue };
            // Whether the first holds for somebody, the second, and each without the other.
            let [mut one, mut other, mut only_first, mut only_second] = [false; 4];
            trials.find(&regions, |patient| {
                let [first, second] = [first, second].map(|rule| patient.settled(holds(rule, patient)));
                one |= first.is_true();
                other |= second.is_true();
                // A rule that would ask where the other is silent is not superfluous: without it, nobody would be asked.
                only_first |= first > second;
                only_second |= second > first;
                only_first && only_second
            });
            if trials.is_exhausted() && !(only_first && only_second) {
                left_out.get_or_insert((0, [first, second])).0 += 1;
                continue;
            }
            // A rule that never fires has been told of.
            if !one || !other {
                continue;
            }
            let kind = first.action.kind();
            match (only_first, only_second) {
                (false, false) => {
                    same[at] = true;
                    let message = format!("{kind}s `{}` and `{}` hold for the same patients", first.id, second.id);
                    let diagnostic =
                        Diagnostic::new(&codes::SAME_CONDITION, message).labelled(&second.place, "this one");
                    let diagnostic = diagnostic.see(&first.place, "and this one");
                    finder
                        .report(&second.id, diagnostic.help("one of them is enough, unless they do different things"));
                }
                (false, true) if !narrow[before] && shadows(second, first) => {
                    narrow[before] = true;
                    shadowed(finder, first, second);
                }
                (true, false) if !narrow[at] && shadows(first, second) => {
                    narrow[at] = true;
                    shadowed(finder, second, first);
                }
                _ => {}
            }
        }
    }
    if let Some((count, [first, second])) = left_out {
        let count = if count == 1 { "one pair".to_owned() } else { format!("{count} pairs") };
        let message = format!(
            "whether one rule makes another superfluous was not analysed for {count} of rules, from `{}` and `{}` on",
            first.id, second.id
        );
        let help = "there are too many rules about the same facts to compare each with each";
        finder.report("", Diagnostic::new(&codes::NOT_ANALYSED, message).at(&second.place).help(help));
    }
}

/// Whether a rule that holds makes another of its kind superfluous.
fn shadows(wide: &Rule, narrow: &Rule) -> bool {
    match (&wide.action, &narrow.action) {
        (Action::Contraindicate { lasts: wide, .. }, Action::Contraindicate { lasts: narrow, .. }) => {
            wide == narrow || *wide == Lasts::Permanent
        }
        (Action::Refer { to: wide }, Action::Refer { to: narrow }) => wide == narrow,
        (Action::Defer { not_before: None, .. }, Action::Defer { not_before: None, .. }) => true,
        _ => false,
    }
}

fn shadowed(finder: &mut Finder<'_>, narrow: &Rule, wide: &Rule) {
    let kind = narrow.action.kind();
    let message = format!("whenever {kind} `{}` holds, `{}` holds too", narrow.id, wide.id);
    let diagnostic = Diagnostic::new(&codes::SHADOWED, message).labelled(&narrow.place, "this one has no effect");
    finder.report(
        &narrow.id,
        diagnostic.see(&wide.place, "because of this one").help("keep it if its reason is worth showing"),
    );
}

/// Whether one of two rules asks for no fact that the other does not ask for.
fn share_facts(a: &Option<BTreeSet<Axis>>, b: &Option<BTreeSet<Axis>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is_subset(b) || b.is_subset(a),
        _ => false,
    }
}
