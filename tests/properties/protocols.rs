//! Random protocols with rules of every kind.
//!
//! Which generator makes which keys; `keys.rs` holds that some generator makes each, and names those that none does:
//!
//! | generator | makes |
//! |---|---|
//! | `protocols` | rules of every kind with their keys, `override`, `limits`, rows, `each`, instructions with `until` and `for`, definitions with a `label`, `category`; a course of alike sessions: `age`, `season`, `separate_by`, `planned_in`, how it ends, `too_early`, `grace`, pauses, intervals that look back; separations |
//! | `series` | a `[[course.session]]` with everything that it can say, several courses, `[products]`, `[components]`, `number`, `immune`, separations by product, lengths that are parameters |
//! | `pauses` | a course whose pauses begin the count again before the next session, or within its window |
//! | `settings` | a setting with `decimals`, `round`, `needed`, `records`, ranges, texts, limits that are expressions |
//! | `applicability`, `asked` | `asked_when`, `otherwise`, `[[contradiction]]`: alone, and beside rules and courses of every kind |
//! | `told` | beside the rules of `protocols` some that nobody may be able to decide, and needed settings that may be without a row |
//! | `proofs` | `[[property]]` |
//! | `patients`, with the dictionary of all | records: answers known, missing, declined, old, in part, no longer applicable; `[[earlier]]`, `[[planned]]`, `sessions_cover`, `sessions_unknown`, `noted_twice`, names that are `[ignored]` |

use proptest::prelude::*;

use crate::expressions::{Wanted, bounded, condition, date};
use crate::patients::DICTIONARY;

pub(crate) const HEADER: &str = r#"
id = "generated"
title = "Generated"
version = "1.0.0"
status = "active"
in_force = { from = 2000-01-01 }
review_by = 2100-01-01
owner = "nobody"
treatment = "own"
"#;

/// A protocol: its rules as blocks of text that may stand in any order, and its one course.
#[derive(Clone)]
pub(crate) struct Generated {
    category: &'static str,
    definitions: Vec<String>,
    rules: Vec<String>,
    course: String,
}

/// A protocol that fails a test is shown without what all of them share.
impl std::fmt::Debug for Generated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n[definitions]\n{}{}{}", self.definitions.concat(), self.rules.concat(), self.course)
    }
}

impl Generated {
    pub(crate) fn text(&self) -> String {
        let (definitions, rules, course) = (self.definitions.concat(), self.rules.concat(), &self.course);
        let category = self.category;
        format!("{HEADER}{category}{DICTIONARY}[definitions]\n{definitions}{rules}{course}")
    }

    /// The same, with no values in its texts.
    pub(crate) fn without_values(&self) -> Generated {
        let plain = |rule: &String| {
            let line = |line: &str| match line.split_once(" = 'x {") {
                Some((key, _)) => format!("{key} = \"x\"\n"),
                None => format!("{line}\n"),
            };
            rule.lines().map(line).collect()
        };
        Generated { rules: self.rules.iter().map(plain).collect(), ..self.clone() }
    }

    /// The same, with its rules and definitions in another order.
    pub(crate) fn shuffled(&self) -> BoxedStrategy<Generated> {
        let generated = self.clone();
        (Just(self.definitions.clone()).prop_shuffle(), Just(self.rules.clone()).prop_shuffle())
            .prop_map(move |(definitions, rules)| Generated { definitions, rules, ..generated.clone() })
            .boxed()
    }
}

/// Where it has a condition, its texts say what it comes to.
fn rule(table: &'static str, id: &str, when: Option<String>, rest: &str) -> String {
    let value = when.as_ref().map_or_else(|| "\"x\"".to_owned(), |when| format!("'x {{{when}}}'"));
    let rest = ["reason", "do", "otherwise", "until", "then"]
        .iter()
        .fold(rest.to_owned(), |rest, key| rest.replace(&format!("{key} = \"x\""), &format!("{key} = {value}")));
    let when = when.map_or_else(String::new, |when| format!("when = '{when}'\n"));
    // Some have a label.
    let label = if id.ends_with("-0") { format!("label = \"the first {table}\"\n") } else { String::new() };
    let evidence = if id.ends_with("-1") { "evidence = \"recalled\"\nnote = \"x\"\n" } else { "" };
    format!("[[{table}]]\nid = \"{id}\"\n{label}{when}{rest}\n{evidence}sources = [\"custom\"]\n")
}

/// A text with values of every kind.
const SAYS: &str = "reason = \"x\"\ndo = 'x {p_mg}; {p_days} {n1 * p_mg} {m1} {c1} {s1} {t1} {e1 + p_months} {f1} {sessions.last.depth} {sum s.depth in sessions where s.good} {age} {sessions_done} {u1 ?? p_mg}'";

/// A course that says nothing of its sessions.
const WITHOUT_A_NUMBER: &str = "[[course]]\nid = \"course\"\nsessions = {}\nsources = [\"custom\"]\n";

/// Before, on and after the day, of the patient and of the clinic.
const INSTRUCTIONS: [&str; 3] = [
    "at = \"-p_days\"\nuntil = \"-1 days\"",
    "at = \"-1 days\"\nuntil = \"+p_days\"",
    "at = \"+0 days\"\nfor = \"clinic\"",
];

/// What rows of a setting in mg say.
const MG: [&str; 3] = [
    "value = 'if b2 { u1 } else { u1 / 2 }'",
    "from = 'u1 * 0.1', to = '(sum s.depth in sessions where s.good) * 100'",
    "value = 'sessions.last.depth * n2 + p_mg - 20'",
];

fn several(most: usize, wanted: Wanted) -> impl Strategy<Value = Vec<String>> {
    // Mostly simple conditions, and a few that are true of hardly anybody: else every patient is refused.
    let simple = condition(1, wanted);
    let rare = (condition(1, wanted), condition(1, wanted), condition(2, wanted))
        .prop_map(|(a, b, c)| format!("({a}) && ({b}) && ({c})"));
    proptest::collection::vec(prop_oneof![1 => simple, 4 => rare, 1 => bounded()], 0..=most)
}

fn waits(wanted: Wanted) -> impl Strategy<Value = Vec<(Option<String>, String)>> {
    let rare = (condition(1, wanted), condition(1, wanted)).prop_map(|(a, b)| format!("({a}) && ({b})"));
    let one = (proptest::option::weighted(0.8, rare), date(2, wanted));
    proptest::collection::vec(one, 0..=2)
}

fn numbered(rules: Vec<String>, mut text: impl FnMut(usize, String) -> String) -> Vec<String> {
    rules.into_iter().enumerate().map(|(at, when)| text(at, when)).collect()
}

/// Without `wanted.time` how many sessions count does not change as days go by: no course begins again after a gap.
fn course(wanted: Wanted) -> impl Strategy<Value = String> {
    // A course decides how many sessions count, so that it cannot ask.
    let inside = Wanted { sessions_done: false, ..wanted };
    let interval = (
        proptest::option::weighted(0.6, condition(1, inside)),
        0u8..5,
        7u16..60,
        proptest::option::of(0u16..20),
        any::<bool>(),
        0u8..3,
    );
    let maximum = prop_oneof![
        2 => (1u8..7).prop_map(|most| most.to_string()),
        1 => Just("'if b2 { 3 } else { 5 }'".to_owned()),
        1 => Just("'if c2 == \"a\" { 2 } else { 6 }'".to_owned()),
        1 => Just("100".to_owned()),
    ];
    // All sessions are bound by one age and one season.
    let ages = proptest::option::weighted(0.2, (5u8..40, proptest::option::of(41u8..80)));
    let season = proptest::option::weighted(
        0.3,
        proptest::sample::select(
            &[
                "from = \"06-01\", until = \"08-31\"",
                "from = \"10-01\", until = \"03-31\"",
                "from = \"08-15\"",
                "from = 2026-08-20",
            ][..],
        ),
    );
    // Counted for each value of a note of several or of one, with or without what is planned.
    let counted =
        proptest::option::weighted(0.4, (proptest::sample::select(&["area", "spot"][..]), 0u8..3, any::<bool>()));
    // How it ends: more than is planned, a new course after a complete one, what came too early.
    let ends = (
        proptest::sample::select(&["3", "1", "'if b2 { 1 } else { 4 }'", "'if c2 == \"a\" { 2 } else { 3 }'"][..]),
        proptest::option::weighted(0.6, condition(1, inside)),
        proptest::option::weighted(0.6, condition(1, inside)),
        any::<bool>(),
    );
    (
        (ages, season, counted, ends),
        proptest::option::weighted(0.2, condition(1, inside)),
        maximum,
        proptest::collection::vec(interval, 0..3),
        0u8..4,
        proptest::option::weighted(0.4, 60u16..400).prop_map(move |days| days.filter(|_| wanted.time)),
    )
        .prop_map(|((ages, season, counted, (planned, beyond, again, repeat)), when, maximum, intervals, grace, restart)| {
            let intervals = intervals.into_iter().enumerate().map(|(at, (when, from, minimum, early, latest, each))| {
                let each = counted.and_then(|(note, ..)| match each {
                    0 => Some(format!("{note} == \"w\"")),
                    1 => Some(format!("{note} in [\"x\", \"y\"]")),
                    _ => None,
                });
                // What binds an area that was never treated leaves open which comes next, where nobody can say what is planned.
                let from = if each.is_some() { from % 4 } else { from };
                let when = match (when, each) {
                    (Some(when), Some(each)) => Some(format!("{each} && ({when})")),
                    (when, each) => when.or(each),
                };
                let from = ["previous", "previous", "first", "session 2", "e2"][usize::from(from)];
                let when = when.map_or_else(String::new, |when| format!("when = '{when}', "));
                let label = if at == 0 { "label = \"the first wait\", " } else { "" };
                let early = early.map_or_else(String::new, |early| format!("absolute_minimum = \"{} days\", ", minimum.saturating_sub(early)));
                let latest = if latest { format!("recommended = \"{} days\", latest = \"{} days\", ", minimum + 7, minimum + 30) } else { String::new() };
                format!("  {{ id = \"interval-{at}\", {label}{when}from = \"{from}\", minimum = \"{minimum} days\", {early}{latest}sources = [\"custom\"] }},\n")
            });
            let when = when.map_or_else(String::new, |when| format!("when = '{when}'\n"));
            let age = ages.map_or_else(String::new, |(least, most)| {
                let most = most.map_or_else(String::new, |most| format!(", maximum = \"{most} years\""));
                format!("age = {{ minimum = \"{least} years\"{most} }}\n")
            });
            let season = season.map_or_else(String::new, |season| format!("season = {{ {season} }}\n"));
            let (counted, maximum) = match counted {
                None => (String::new(), maximum),
                Some((note, planned, own)) => {
                    let planned = ["", "planned_in = \"s1\"\n", "planned_in = \"s2\"\n"][usize::from(planned)];
                    let own = if own { format!("'if {note} == \"w\" {{ 2 }} else {{ 4 }}'") } else { maximum };
                    (format!("separate_by = \"{note}\"\n{planned}"), own)
                }
            };
            let beyond = beyond.map_or_else(String::new, |beyond| format!(", beyond_planned = '{beyond}'"));
            let again = again.filter(|_| restart.is_some());
            let again = again.map_or_else(String::new, |again| format!("restart_when_complete = '{again}'\n"));
            let repeat = if repeat { "too_early = \"repeat\"\nfaulty = \"starts_interval\"\n" } else { "" };
            let restart = restart.map_or_else(String::new, |days| format!(", {{ id = \"restart\", after = \"{days} days\", do = \"restart\" }}"));
            format!(
                "[[course]]\nid = \"course\"\nlabel = \"the course\"\n{when}{counted}{age}{season}sessions = {{ minimum = 1, planned = {planned}, maximum = {maximum}{beyond} }}\n{again}{repeat}grace = \"{grace} days\"\n\
                 interval = [\n{}]\ngap = [{{ id = \"reassess\", label = \"after a pause\", after = \"50 days\", do = \"reassess\" }}{restart}]\nsources = [\"custom\"]\n",
                intervals.collect::<String>()
            )
        })
}

/// A protocol with rules of every kind.
pub(crate) fn protocol(wanted: Wanted) -> impl Strategy<Value = Generated> {
    let graver = (several(1, wanted), several(3, wanted), several(2, wanted), waits(wanted), several(2, wanted));
    let lighter = (several(2, wanted), several(3, wanted), several(3, wanted), several(3, wanted));
    let separation = proptest::collection::vec((7u16..60, proptest::option::of(0u16..20)), 0..3);
    let definitions = proptest::collection::vec(condition(2, wanted), 0..3);
    let category = proptest::sample::select(&["", "category = \"vaccination\"\n", "category = \"medication\"\n"][..]);
    (graver, lighter, separation, definitions, proptest::option::weighted(0.7, course(wanted)), category).prop_map(
        |(graver, lighter, separation, definitions, course, category)| {
            let (indications, contraindications, completions, waits, deferrals) = graver;
            let (referrals, precautions, rows, instructions) = lighter;
            let mut rules = Vec::new();
            rules.extend(numbered(indications, |at, when| {
                rule("indication", &format!("indication-{at}"), Some(format!("!({when})")), "otherwise = \"x\"\nreason = \"x\"\ninstead = [\"other\"]")
            }));
            rules.extend(numbered(contraindications, |at, when| {
                let lasts = if at == 0 { "lasts = \"permanent\"" } else { "lasts = \"while-true\"\nuntil = \"x\"" };
                rule("contraindication", &format!("contra-{at}"), Some(when), &format!("{lasts}\nreason = \"x\""))
            }));
            rules.extend(numbered(completions, |at, when| {
                let outcome = if at == 0 { "complete" } else { "stopped" };
                rule("completion", &format!("completion-{at}"), Some(when), &format!("outcome = \"{outcome}\"\nthen = \"x\"\nreason = \"x\""))
            }));
            for (at, (when, not_before)) in waits.into_iter().enumerate() {
                let shorter = ["override = { by = \"x\", down_to = \"p_days\" }\nuntil = \"x\"", "override = { by = \"x\" }\nrecheck = 'today'"][at % 2];
                let rest = format!("not_before = '{not_before}'\n{shorter}\nreason = \"x\"");
                rules.push(rule("deferral", &format!("wait-{at}"), when, &rest));
            }
            rules.extend(numbered(deferrals, |at, when| {
                rule("deferral", &format!("until-{at}"), Some(when), "until = \"x\"\nrecheck = 'today + p_days'\nreason = \"x\"")
            }));
            rules.extend(numbered(referrals, |at, when| {
                rule("referral", &format!("referral-{at}"), Some(when), &format!("to = \"role {at}\"\nreason = \"x\""))
            }));
            rules.extend(numbered(precautions, |at, when| {
                let limits = ["{ level = 4 }", "{ level = 'n2 / 3', mg = 'p_mg' }", "{ mg = 'v1', each = 'n2 / 4' }"][at % 3];
                let limits = format!("limits = {limits}\n");
                rule("precaution", &format!("precaution-{at}"), Some(when), &format!("do = \"x\"\n{limits}reason = \"x\""))
            }));
            let mg = numbered(rows.clone(), |at, when| format!("  {{ when = '{when}', {} }},\n", MG[at % MG.len()])).concat();
            rules.push(rule("setting", "mg", None, &format!("label = \"Dose\"\nunit = \"mg\"\nsafer = \"{}\"\nrows = [\n{mg}  {{ value = 'u1 + 100' }},\n]", if rows.len() == 2 { "higher" } else { "lower" })));
            let rows = numbered(rows, |at, when| format!("  {{ when = '{when}', value = {} }},\n", 9 - 2 * at)).concat();
            rules.push(rule("setting", "level", None, &format!("label = \"Level\"\ndecimals = 0\nrows = [\n{rows}  {{ value = 8 }},\n]")));
            rules.push(rule("setting", "each", None, "label = \"Each\"\neach = { part = \"s1\" }\nsafer = \"higher\"\nrows = [{ when = 'part == \"w\"', value = 'n2' }, { when = 'part in [\"x\", \"y\"] || b1', from = 1, to = 2 }]"));
            rules.extend(numbered(instructions, |at, when| {
                rule("instruction", &format!("instruction-{at}"), Some(when), &format!("{}\ndo = \"x\"\nreason = \"x\"", INSTRUCTIONS[at % INSTRUCTIONS.len()]))
            }));
            rules.push(rule("red_flag", "flag", None, "sign = \"x\"\naction = \"x\"\nwithin = \"1 day\""));
            rules.push(rule("precaution", "says", Some("true".into()), SAYS));
            // Separations are judged with a course.
            let course = course.or_else(|| (!separation.is_empty()).then(|| WITHOUT_A_NUMBER.to_owned()));
            for (at, (days, early)) in separation.into_iter().enumerate() {
                let from = ["\"other\"", "\"third\", \"other\""][at];
                let early = early.map_or_else(String::new, |early| {
                    format!("absolute_minimum = \"{} days\"\n", days.saturating_sub(early))
                });
                let same_day = days % 2 == 0;
                let rest = format!(
                    "from = [{from}]\nminimum = \"{days} days\"\n{early}same_day = {same_day}\nreason = \"x\""
                );
                rules.push(rule("separation", &format!("separation-{at}"), None, &rest));
            }
            // Each definition but the first uses the one before; a referral and the setting's limit use them.
            let definitions = numbered(definitions, |at, text| match at {
                0 => format!("definition_0 = '{text}'\n"),
                // Some have a label.
                1 => format!("definition_1 = {{ when = 'definition_0 && ({text})', label = \"the first two hold\" }}\n"),
                _ => format!("definition_{at} = 'definition_{} && ({text})'\n", at - 1),
            });
            for at in 0..definitions.len() {
                let when = format!("definition_{at} && !(definition_0 && b1)");
                rules.push(rule("referral", &format!("defined-{at}"), Some(when), "to = \"somebody\"\nreason = \"x\""));
            }
            Generated { category, definitions, rules, course: course.unwrap_or_default() }
        },
    )
}
