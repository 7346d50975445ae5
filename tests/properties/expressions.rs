//! Random expressions of the protocol language, each of the right type.
//!
//! They are made as text, with as few parentheses as Rhai's precedence allows, and some that are not needed.

use proptest::prelude::*;

/// A text, and how tightly its outermost operator binds.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    text: String,
    level: u8,
}

/// Rhai's precedences.
const OR: u8 = 30;
const AND: u8 = 60;
const EQUAL: u8 = 90;
const IN: u8 = 110;
const LESS: u8 = 130;
const COALESCE: u8 = 135;
const RANGE: u8 = 140;
const PLUS: u8 = 150;
const TIMES: u8 = 180;
const ATOM: u8 = 255;

impl Piece {
    fn atom(text: impl Into<String>) -> Piece {
        Piece { text: text.into(), level: ATOM }
    }

    /// The text, in parentheses if it binds less tightly than that.
    fn at(&self, level: u8) -> String {
        if self.level >= level { self.text.clone() } else { format!("({})", self.text) }
    }

    fn binary(left: &Piece, operator: &str, right: &Piece, level: u8) -> Piece {
        Piece { text: format!("{} {operator} {}", left.at(level), right.at(level + 1)), level }
    }

    /// `&&`, `||` and `??` may stand on the right side of their like.
    fn chain(left: &Piece, operator: &str, right: &Piece, level: u8) -> Piece {
        Piece { text: format!("{} {operator} {}", left.at(level + 1), right.at(level)), level }
    }

    fn wrapped(self) -> Piece {
        Piece::atom(format!("({})", self.text))
    }
}

/// One of several strategies, by weight; a weight of nothing leaves one out.
pub(crate) fn weighted<T: std::fmt::Debug + 'static, const N: usize>(
    strategies: [(u32, BoxedStrategy<T>); N],
) -> BoxedStrategy<T> {
    let strategies = strategies.into_iter().filter(|(weight, _)| *weight > 0).collect();
    proptest::strategy::Union::new_weighted(strategies).boxed()
}

/// Strategies for the expressions of each type.
#[derive(Clone)]
struct Grammar {
    condition: BoxedStrategy<Piece>,
    number: BoxedStrategy<Piece>,
    date: BoxedStrategy<Piece>,
    days: BoxedStrategy<Piece>,
}

/// Which parts of the language are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// `today`, `age` and dates.
    pub(crate) time: bool,
    /// `sessions_done`, which courses may not use.
    pub(crate) sessions_done: bool,
    /// `??` and `known()`: what goes on without an answer.
    pub(crate) assumptions: bool,
}

impl Wanted {
    pub(crate) const ALL: Wanted = Wanted { time: true, sessions_done: true, assumptions: true };
}

/// A condition.
pub(crate) fn condition(depth: u32, wanted: Wanted) -> impl Strategy<Value = String> {
    grammar(depth, wanted).condition.prop_map(|piece| piece.text)
}

/// A term that nobody can answer where there was no session.
pub(crate) const UNGUARDED: &str = "sessions.last.depth * 2";

/// A condition on a count, a sum, a ratio or a score, with one limit or two, some of them beyond what it may come to: so that some
/// conditions never hold, always, or whenever another does.
pub(crate) fn bounded() -> impl Strategy<Value = String> {
    let terms = &[
        "(count s in sessions where s.good)",
        "(sum s.depth in sessions where s.good)",
        "sessions.len()",
        UNGUARDED,
        "s1.len() + (if b1 { 1 } else { 0 })",
        "(if b1 { 1 } else { 0 }) + (if b2 { 2 } else { 0 }) + (if n2 > 50 { 4 } else { 0 })",
        "(n1 + n2)",
        "n2 / 20",
        "n2 / (m1 * m1 + 1)",
        "m1 * m1",
    ][..];
    let limits = prop_oneof![3 => -2i64..9, 1 => -60i64..160];
    let compared = (proptest::sample::select(&["<", "<=", ">", ">=", "=="][..]), limits);
    let others = (proptest::sample::select(&["&&", "||"][..]), compared.clone());
    (proptest::sample::select(terms), compared, proptest::option::of(others)).prop_map(
        |(term, (sign, limit), other)| {
            let other = other.map(|(joined, (sign, limit))| format!(" {joined} {term} {sign} {limit}"));
            format!("{term} {sign} {limit}{}", other.unwrap_or_default())
        },
    )
}

/// A number without a unit.
pub(crate) fn number(depth: u32, wanted: Wanted) -> impl Strategy<Value = String> {
    grammar(depth, wanted).number.prop_map(|piece| piece.text)
}

/// A date.
pub(crate) fn date(depth: u32, wanted: Wanted) -> impl Strategy<Value = String> {
    grammar(depth, wanted).date.prop_map(|piece| piece.text)
}

fn grammar(depth: u32, wanted: Wanted) -> Grammar {
    let mut grammar = leaves(wanted);
    for _ in 0..depth {
        grammar = deeper(&grammar, wanted);
    }
    grammar
}

fn words(words: &'static [&'static str]) -> BoxedStrategy<Piece> {
    proptest::sample::select(words).prop_map(Piece::atom).boxed()
}

fn leaves(wanted: Wanted) -> Grammar {
    let number = weighted([
        (
            6,
            words(&[
                "n1",
                "n2",
                "m1",
                "m2",
                "p_number",
                "p_decimal",
                "s1.len()",
                "s2.len()",
                "sessions.len()",
                "sessions_of(\"other\").len()",
            ])
            .boxed(),
        ),
        (2, (-60i64..60).prop_map(|number| Piece::atom(number.to_string())).boxed()),
        (
            2,
            (-3000i64..3000)
                .prop_map(|number| Piece::atom(format!("{:.2}", rust_decimal::Decimal::new(number, 2))))
                .boxed(),
        ),
        (u32::from(wanted.time), words(&["age"]).boxed()),
        (u32::from(wanted.sessions_done), words(&["sessions_done"]).boxed()),
    ]);
    let date = words(if wanted.time {
        &[
            "e1",
            "e2",
            "f1",
            "date_of_birth",
            "today",
            "never",
            "sessions.last.date",
            "sessions.first.date",
            "sessions_of(\"other\").last.date",
        ]
    } else {
        &["e1", "e2", "f1", "date_of_birth", "sessions.last.date", "sessions.first.date"]
    });
    let days = prop_oneof![
        (-90i64..400).prop_map(|n| Piece::atom(format!("days({n})"))),
        (0i64..30).prop_map(|n| Piece::atom(format!("weeks({n})"))),
        words(&["p_days", "days(n1)", "weeks(n2)"]),
    ];
    Grammar { condition: words(&["b1", "b2", "b3", "p_bool"]), number, date, days: days.boxed() }
}

/// A length of time that may have months in it.
fn wait(days: &BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    let months = prop_oneof![
        (0i64..30).prop_map(|n| Piece::atom(format!("months({n})"))),
        (0i64..5).prop_map(|n| Piece::atom(format!("years({n})"))),
        words(&["p_months", "months(n2)"]),
    ];
    let both = (months.clone(), days.clone()).prop_map(|(months, days)| Piece::binary(&months, "+", &days, PLUS));
    prop_oneof![4 => days.clone(), 2 => months, 1 => both].boxed()
}

fn pair(of: &BoxedStrategy<Piece>) -> (BoxedStrategy<Piece>, BoxedStrategy<Piece>) {
    (of.clone(), of.clone())
}

fn either(condition: &BoxedStrategy<Piece>, of: &BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    (condition.clone(), of.clone(), of.clone())
        .prop_map(|(c, a, b)| Piece::atom(format!("(if {} {{ {} }} else {{ {} }})", c.text, a.text, b.text)))
        .boxed()
}

fn otherwise(of: &BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    pair(of).prop_map(|(a, b)| Piece::chain(&a, "??", &b, COALESCE)).boxed()
}

fn wrapped(of: BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    (of, proptest::bool::weighted(0.1)).prop_map(|(piece, wrap)| if wrap { piece.wrapped() } else { piece }).boxed()
}

fn deeper(inner: &Grammar, wanted: Wanted) -> Grammar {
    let assumed = u32::from(wanted.assumptions);
    let Grammar { condition, number, date, days } = inner;
    let arithmetic = (number.clone(), prop_oneof![Just(("+", PLUS)), Just(("-", PLUS))], number.clone())
        .prop_map(|(a, (operator, level), b)| Piece::binary(&a, operator, &b, level));
    // Factors stay small, so that nothing overflows; divisors divide exactly, so that both sides round alike.
    let times =
        (number.clone(), -4i64..5).prop_map(|(a, b)| Piece::binary(&a, "*", &Piece::atom(b.to_string()), TIMES));
    let divisors = &["2.0", "3", "4.0", "7.0", "-0.3", "(m1 * m1 + 1)"][..];
    let divided = (number.clone(), proptest::sample::select(divisors))
        .prop_map(|(a, b)| Piece::binary(&a, "/", &Piece::atom(b), TIMES));
    let negated = number.clone().prop_map(|a| {
        Piece::atom(format!("-{}", if a.text.starts_with('-') { format!("({})", a.text) } else { a.at(ATOM) }))
    });
    let counted = session_condition(condition, wanted)
        .prop_map(|body| Piece::atom(format!("(count s in sessions where {})", body.text)));
    let lists = proptest::sample::select(&["sessions", "sessions_of(\"other\")"][..]);
    let notes: &[&str] = if wanted.assumptions { &["s.depth", "s.depth ?? 0.50"] } else { &["s.depth"] };
    let summed = (proptest::sample::select(notes), lists, session_condition(condition, wanted))
        .prop_map(|(note, list, body)| Piece::atom(format!("(sum {note} in {list} where {})", body.text)));
    // Before the first session, its notes are not known, and nothing could tell them.
    let end_note = proptest::sample::select(&["first", "last"][..])
        .prop_map(|end| Piece::atom(format!("(if sessions.is_empty() {{ 0.5 }} else {{ sessions.{end}.depth }})")));
    let deeper_number = weighted([
        (6, number.clone().boxed()),
        (3, arithmetic.boxed()),
        (1, times.boxed()),
        (1, divided.boxed()),
        (1, negated.boxed()),
        (1, counted.boxed()),
        (1, summed.boxed()),
        (1, end_note.boxed()),
        (1, either(condition, number).boxed()),
        (assumed, otherwise(number).boxed()),
    ]);
    let span = wait(days);
    let later = (date.clone(), span).prop_map(|(date, wait)| Piece::binary(&date, "+", &wait, PLUS));
    let earlier = (date.clone(), days.clone()).prop_map(|(date, wait)| Piece::binary(&date, "-", &wait, PLUS));
    let deeper_date = weighted([
        (3, date.clone().boxed()),
        (3, later.boxed()),
        (1, earlier.boxed()),
        (1, either(condition, date).boxed()),
        (assumed, otherwise(date).boxed()),
    ]);
    let distance = pair(date).prop_map(|(a, b)| Piece::binary(&a, "-", &b, PLUS));
    let sum = pair(days).prop_map(|(a, b)| Piece::binary(&a, "+", &b, PLUS));
    let deeper_days = prop_oneof![3 => days.clone(), 2 => distance, 1 => sum, 1 => either(condition, days)];
    Grammar {
        condition: wrapped(deeper_condition(inner, wanted)),
        number: wrapped(deeper_number),
        date: wrapped(deeper_date),
        days: wrapped(deeper_days.boxed()),
    }
}

const COMPARISONS: [(&str, u8); 6] =
    [("<", LESS), ("<=", LESS), (">", LESS), (">=", LESS), ("==", EQUAL), ("!=", EQUAL)];

fn comparison(of: &BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    (of.clone(), proptest::sample::select(&COMPARISONS[..]), of.clone())
        .prop_map(|(a, (operator, level), b)| {
            // Comparisons of comparisons have another type: the left side, too, stands in parentheses.
            Piece { text: format!("{} {operator} {}", a.at(level + 1), b.at(level + 1)), level }
        })
        .boxed()
}

fn within(of: &BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    (of.clone(), of.clone(), of.clone(), any::<bool>())
        .prop_map(|(item, from, to, negated)| {
            let word = if negated { "!in" } else { "in" };
            let (item, from, to) = (item.at(IN + 1), from.at(RANGE + 1), to.at(RANGE + 1));
            Piece { text: format!("{item} {word} {from}..={to}"), level: IN }
        })
        .boxed()
}

fn deeper_condition(inner: &Grammar, wanted: Wanted) -> BoxedStrategy<Piece> {
    let Grammar { condition, number, date, days } = inner;
    let not = condition.clone().prop_map(|a| Piece::atom(format!("!{}", a.at(ATOM))));
    let and = pair(condition).prop_map(|(a, b)| Piece::chain(&a, "&&", &b, AND));
    let or = pair(condition).prop_map(|(a, b)| Piece::chain(&a, "||", &b, OR));
    // Equal to what it began with, if nothing was rounded on the way.
    let there_and_back =
        (number.clone(), 1u8..30, proptest::sample::select(&COMPARISONS[..])).prop_map(|(a, by, (operator, level))| {
            let a = a.wrapped();
            Piece { text: format!("{} / {by} * {by} {operator} {}", a.text, a.text), level }
        });
    let same = (condition.clone(), any::<bool>(), condition.clone())
        .prop_map(|(a, equal, b)| Piece::binary(&a, if equal { "==" } else { "!=" }, &b, EQUAL));
    let known = proptest::sample::select(&["b1", "n1", "m2", "c1", "s1", "t1", "e1", "date_of_birth"][..])
        .prop_map(|name| Piece::atom(format!("known({name})")));
    let assumed = prop_oneof![1 => known, 2 => otherwise(condition)];
    let time = prop_oneof![2 => comparison(date), 1 => within(date), 1 => comparison(days)];
    weighted([
        (6, condition.clone().boxed()),
        (3, not.boxed()),
        (6, and.boxed()),
        (6, or.boxed()),
        (2, same.boxed()),
        (4, comparison(number).boxed()),
        (2, within(number).boxed()),
        (1, there_and_back.boxed()),
        (2, among(number).boxed()),
        (5, choices().boxed()),
        (4, sets().boxed()),
        (2, texts().boxed()),
        (2, either(condition, condition).boxed()),
        (2, sessions(condition, wanted).boxed()),
        (3 * u32::from(wanted.assumptions), assumed.boxed()),
        (4 * u32::from(wanted.time), time.boxed()),
    ])
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

fn among(number: &BoxedStrategy<Piece>) -> BoxedStrategy<Piece> {
    (number.clone(), proptest::collection::vec(number.clone(), 1..4), any::<bool>())
        .prop_map(|(item, items, negated)| {
            let items: Vec<String> = items.into_iter().map(|item| item.text).collect();
            let word = if negated { "!in" } else { "in" };
            Piece { text: format!("{} {word} {}", item.at(IN + 1), list(&items)), level: IN }
        })
        .boxed()
}

fn quoted(words: &'static [&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(words).prop_map(|word| format!("\"{word}\"")).boxed()
}

const LETTERS: &[&str] = &["a", "b", "c"];
const PARTS: &[&str] = &["w", "x", "y", "z"];
const REACTIONS: &[&str] = &["none", "mild", "bad"];
const COLOURS: &[&str] = &["red", "green", "blue"];

fn choices() -> BoxedStrategy<Piece> {
    let names = proptest::sample::select(&["c1", "c2"][..]);
    let equal = (
        names.clone(),
        prop_oneof![quoted(LETTERS), Just("c1".to_owned()), Just("c2".to_owned())],
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(name, other, same, turned)| {
            let operator = if same { "==" } else { "!=" };
            let text = if turned { format!("{other} {operator} {name}") } else { format!("{name} {operator} {other}") };
            Piece { text, level: EQUAL }
        });
    let one_of =
        (names, proptest::collection::vec(quoted(LETTERS), 0..3), any::<bool>()).prop_map(|(name, items, negated)| {
            let word = if negated { "!in" } else { "in" };
            Piece { text: format!("{name} {word} {}", list(&items)), level: IN }
        });
    prop_oneof![equal, one_of].boxed()
}

fn sets() -> BoxedStrategy<Piece> {
    let names = proptest::sample::select(&["s1", "s2"][..]);
    let contains = (quoted(PARTS), any::<bool>(), names.clone()).prop_map(|(part, negated, name)| {
        let word = if negated { "!in" } else { "in" };
        Piece { text: format!("{part} {word} {name}"), level: IN }
    });
    let any_of = (names.clone(), proptest::collection::vec(quoted(PARTS), 0..4))
        .prop_map(|(name, parts)| Piece::atom(format!("{name}.contains_any({})", list(&parts))));
    let empty = names.prop_map(|name| Piece::atom(format!("{name}.is_empty()")));
    prop_oneof![2 => contains, 2 => any_of, 1 => empty].boxed()
}

fn texts() -> BoxedStrategy<Piece> {
    let equal = (quoted(COLOURS), any::<bool>()).prop_map(|(colour, same)| Piece {
        text: format!("t1 {} {colour}", if same { "==" } else { "!=" }),
        level: EQUAL,
    });
    let one_of = proptest::collection::vec(quoted(COLOURS), 0..3)
        .prop_map(|items| Piece { text: format!("t1 in {}", list(&items)), level: IN });
    prop_oneof![equal, one_of].boxed()
}

/// A condition on a session `s`, which may use everything else too.
fn session_condition(condition: &BoxedStrategy<Piece>, wanted: Wanted) -> BoxedStrategy<Piece> {
    let depth = (proptest::sample::select(&COMPARISONS[..]), 0i64..300).prop_map(|((operator, level), depth)| Piece {
        text: format!("s.depth {operator} {:.2}", rust_decimal::Decimal::new(depth, 2)),
        level,
    });
    let reaction = proptest::sample::select(&["none", "mild", "bad"][..])
        .prop_map(|word| Piece { text: format!("s.reaction == \"{word}\""), level: EQUAL });
    let date = proptest::sample::select(&["s.date < e1", "s.date + p_days < f1", "s.date >= sessions.last.date"][..])
        .prop_map(|text| Piece { text: text.into(), level: LESS });
    let leaf = prop_oneof![depth, reaction, words(&["s.good", "s.faulty"]), date];
    let noted = words(&["(s.reaction ?? \"none\") != \"bad\"", "(s.good ?? b3)", "known(s.depth)"]);
    let other = words(&["(any t in sessions where t.date > s.date && t.depth > s.depth)"]);
    let leaf = weighted([
        (4, leaf.boxed()),
        (1, other.boxed()),
        (u32::from(wanted.assumptions), noted.prop_map(Piece::wrapped).boxed()),
    ]);
    let or = (leaf.clone(), condition.clone()).prop_map(|(a, b)| Piece::chain(&a, "||", &b, OR));
    let and = (condition.clone(), leaf.clone()).prop_map(|(a, b)| Piece::chain(&a, "&&", &b, AND));
    let not = leaf.clone().prop_map(|a| Piece::atom(format!("!{}", a.at(ATOM))));
    prop_oneof![4 => leaf, 1 => or, 1 => and, 1 => not].boxed()
}

fn sessions(condition: &BoxedStrategy<Piece>, wanted: Wanted) -> BoxedStrategy<Piece> {
    let lists = proptest::sample::select(&["sessions", "sessions_of(\"other\")"][..]);
    // The condition runs to the end of the expression, so that the whole stands in parentheses.
    let quantified =
        (proptest::sample::select(&["any", "all"][..]), lists.clone(), session_condition(condition, wanted))
            .prop_map(|(word, list, body)| Piece::atom(format!("({word} s in {list} where {})", body.text)));
    let empty = lists.prop_map(|list| Piece::atom(format!("{list}.is_empty()")));
    let end_note = (proptest::sample::select(&["first", "last"][..]), quoted(REACTIONS)).prop_map(|(end, reaction)| {
        Piece::atom(format!("(!sessions.is_empty() && sessions.{end}.reaction == {reaction})"))
    });
    prop_oneof![3 => quantified, 1 => empty, 1 => end_note].boxed()
}
