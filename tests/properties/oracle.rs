//! Rhai's own evaluator, taught dates and sessions by other means than the engine's.
//!
//! Numbers are fractions that reduce themselves by Euclid. Texts, lists, `&&`, `||`, `!`, `if`, `??`, `in` and the precedence of all of them are Rhai's. Dates are jiff's.

use jiff::Span;
use jiff::civil::{Date, date};
use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, OptimizationLevel, Position, Scope};
use rust_decimal::Decimal;

use crate::patients::{Answer, Patient, TODAY, Told};

/// A day, or "never".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Day(Option<Date>);

/// Months, then days. Days beyond a thousand years stand for "since ever".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Length {
    months: i64,
    days: i64,
}

/// A fraction in lowest terms, its denominator above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(above: i128, below: i128) -> Fraction {
        let (mut a, mut b) = (above, below);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let a = if (a < 0) == (below < 0) { a } else { -a };
        Fraction(above / a, below / a)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<std::cmp::Ordering> {
        (self.0 * other.1).partial_cmp(&(other.0 * self.1))
    }
}

impl From<i64> for Fraction {
    fn from(whole: i64) -> Fraction {
        Fraction(whole.into(), 1)
    }
}

impl From<Decimal> for Fraction {
    fn from(decimal: Decimal) -> Fraction {
        Fraction::new(decimal.mantissa(), 10i128.pow(decimal.scale()))
    }
}

/// Calculates and compares numbers of two kinds.
macro_rules! register_numbers {
    ($engine:ident: $($a:ty, $b:ty);*) => {
        $({
            type Pair = (Fraction, Fraction);
            let pair = |a: $a, b: $b| -> Pair { (a.into(), b.into()) };
            $engine
                .register_fn("+", move |a: $a, b: $b| { let (a, b) = pair(a, b); Fraction::new(a.0 * b.1 + b.0 * a.1, a.1 * b.1) })
                .register_fn("-", move |a: $a, b: $b| { let (a, b) = pair(a, b); Fraction::new(a.0 * b.1 - b.0 * a.1, a.1 * b.1) })
                .register_fn("*", move |a: $a, b: $b| { let (a, b) = pair(a, b); Fraction::new(a.0 * b.0, a.1 * b.1) })
                .register_fn("==", move |a: $a, b: $b| { let (a, b) = pair(a, b); a == b })
                .register_fn("!=", move |a: $a, b: $b| { let (a, b) = pair(a, b); a != b })
                .register_fn("<", move |a: $a, b: $b| { let (a, b) = pair(a, b); a < b })
                .register_fn("<=", move |a: $a, b: $b| { let (a, b) = pair(a, b); a <= b })
                .register_fn(">", move |a: $a, b: $b| { let (a, b) = pair(a, b); a > b })
                .register_fn(">=", move |a: $a, b: $b| { let (a, b) = pair(a, b); a >= b })
                .register_fn("..=", move |a: $a, b: $b| { let (from, to) = pair(a, b); Stretch { from, to } });
            register_quotient!($engine: $a, $b);
        })*
    };
}

macro_rules! register_quotient {
    ($engine:ident: $a:ty, $b:ty) => {
        $engine.register_fn("/", |a: $a, b: $b| {
            let (a, b): (Fraction, Fraction) = (a.into(), b.into());
            Fraction::new(a.0 * b.1, a.1 * b.0)
        })
    };
}

const EVER: i64 = 100_000_000;

/// `from..=to` of anything but whole numbers.
#[derive(Clone, Debug)]
struct Stretch<T> {
    from: T,
    to: T,
}

#[derive(Clone, Debug)]
struct Sessions(Vec<Map>);

impl Day {
    fn plus(self, length: Length) -> Day {
        let Some(day) = self.0 else { return self };
        Day(Some(later(day, length).clamp(date(1, 1, 1), Date::MAX)))
    }
}

fn later(day: Date, length: Length) -> Date {
    let far = |forward: bool| if forward { Date::MAX } else { Date::MIN };
    let Ok(landed) = day.checked_add(Span::new().months(length.months)) else { return far(length.months > 0) };
    // jiff clips to the end of the month; a wait must not come out short.
    let clipped = landed.day() != day.day();
    let days = length.days + i64::from(clipped);
    Span::new().try_days(days).and_then(|days| landed.checked_add(days)).unwrap_or(far(days > 0))
}

fn distance(later: Day, earlier: Day) -> Length {
    let days = match (later.0, earlier.0) {
        (Some(later), Some(earlier)) => i64::from(earlier.until(later).expect("a span").get_days()),
        (None, None) => 0,
        (None, Some(_)) => -EVER,
        (Some(_), None) => EVER,
    };
    Length { months: 0, days }
}

/// Whole years, counted birthday by birthday.
fn age(born: Date) -> i64 {
    (1..)
        .find(|years| Day(Some(born)).plus(Length { months: years * 12, days: 0 }).0 > Some(TODAY))
        .expect("nobody lives for ever")
        - 1
}

fn register_order<T: Clone + PartialOrd + Send + Sync + 'static>(engine: &mut Engine) {
    engine
        .register_fn("==", |a: T, b: T| a == b)
        .register_fn("!=", |a: T, b: T| a != b)
        .register_fn("<", |a: T, b: T| a < b)
        .register_fn("<=", |a: T, b: T| a <= b)
        .register_fn(">", |a: T, b: T| a > b)
        .register_fn(">=", |a: T, b: T| a >= b);
}

fn number(value: &Dynamic) -> Option<Fraction> {
    let plain = value.as_int().map(Fraction::from).or_else(|_| value.as_decimal().map(Fraction::from));
    plain.ok().or_else(|| value.clone().try_cast())
}

fn register_stretches(engine: &mut Engine) {
    engine
        .register_fn("..=", |from: Day, to: Day| Stretch { from, to })
        .register_fn("contains", |stretch: Stretch<Day>, day: Day| stretch.from <= day && day <= stretch.to);
    register_numbers!(engine: Fraction, Fraction; Fraction, i64; i64, Fraction; Fraction, Decimal; Decimal, Fraction;
        Decimal, Decimal; Decimal, i64; i64, Decimal);
    // Of whole numbers only the quotient is something else: how long a wait is, is whole.
    register_quotient!(engine: i64, i64);
    engine.register_fn("-", |a: Fraction| Fraction(-a.0, a.1));
    macro_rules! contained {
        ($($item:ty),*) => {
            $(engine
                .register_fn("contains", |stretch: Stretch<Fraction>, item: $item| {
                    let item = Fraction::from(item);
                    stretch.from <= item && item <= stretch.to
                })
                .register_fn("contains", |range: std::ops::Range<i64>, item: $item| {
                    let item = Fraction::from(item);
                    Fraction::from(range.start) <= item && item < range.end.into()
                })
                .register_fn("contains", |range: std::ops::RangeInclusive<i64>, item: $item| {
                    let item = Fraction::from(item);
                    Fraction::from(*range.start()) <= item && item <= (*range.end()).into()
                })
                // In Rhai, numbers of two kinds are equal but a list of one kind does not contain the other.
                .register_fn("contains", |list: Array, item: $item| {
                    list.iter().any(|other| number(other) == Some(item.into()))
                });)*
        };
    }
    contained!(i64, Decimal, Fraction);
}

fn register_sessions(engine: &mut Engine) {
    let end = |session: Option<&Map>| {
        let never: Map = [("date".into(), Dynamic::from(Day(None)))].into();
        session.cloned().unwrap_or(never)
    };
    engine
        .register_type::<Sessions>()
        .register_fn("len", |sessions: &mut Sessions| sessions.0.len() as i64)
        .register_fn("is_empty", |sessions: &mut Sessions| sessions.0.is_empty())
        .register_get("first", move |sessions: &mut Sessions| end(sessions.0.first()))
        .register_get("last", move |sessions: &mut Sessions| end(sessions.0.last()));
    for word in ["any", "all", "count"] {
        engine
            .register_custom_syntax(
                [word, "$ident$", "in", "$expr$", "where", "$expr$"],
                false,
                move |context, inputs| {
                    let name = inputs[0].get_string_value().expect("a name").to_owned();
                    let sessions: Sessions = context.eval_expression_tree(&inputs[1])?.cast();
                    let mut count = 0;
                    for session in &sessions.0 {
                        let before = context.scope().len();
                        context.scope_mut().push(name.clone(), session.clone());
                        let holds = context.eval_expression_tree(&inputs[2]);
                        context.scope_mut().rewind(before);
                        let holds = holds?.as_bool().map_err(mismatch)?;
                        count += i64::from(holds);
                    }
                    Ok(match word {
                        "any" => (count > 0).into(),
                        "all" => (count == sessions.0.len() as i64).into(),
                        _ => count.into(),
                    })
                },
            )
            .expect("the syntax is right");
    }
}

/// `total s in … where …` stands for `sum s.depth in … where …`: Rhai takes the `in` of the latter for an operator.
fn register_sum(engine: &mut Engine) {
    let symbols = ["total", "$ident$", "in", "$expr$", "where", "$expr$"];
    engine
        .register_custom_syntax(symbols, false, |context, inputs| {
            let name = inputs[0].get_string_value().expect("a name").to_owned();
            let sessions: Sessions = context.eval_expression_tree(&inputs[1])?.cast();
            let mut total = Fraction::from(0);
            for session in &sessions.0 {
                let before = context.scope().len();
                context.scope_mut().push(name.clone(), session.clone());
                let holds = context.eval_expression_tree(&inputs[2]);
                context.scope_mut().rewind(before);
                if holds?.as_bool().map_err(mismatch)? {
                    let depth = Fraction::from(session["depth"].as_decimal().expect("a number"));
                    total = Fraction::new(total.0 * depth.1 + depth.0 * total.1, total.1 * depth.1);
                }
            }
            Ok(Dynamic::from(total))
        })
        .expect("the syntax is right");
}

fn mismatch(found: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorMismatchDataType("bool".into(), found.into(), Position::NONE).into()
}

/// Rhai, with what the protocol language has and Rhai has not.
pub(crate) fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(128);
    // What is registered here wins over what Rhai does with its own numbers, which it rounds.
    engine.set_fast_operators(false);
    register_order::<Day>(&mut engine);
    register_order::<Length>(&mut engine);
    register_stretches(&mut engine);
    register_sessions(&mut engine);
    register_sum(&mut engine);
    engine
        .register_fn("days", |n: i64| Length { months: 0, days: n })
        .register_fn("weeks", |n: i64| Length { months: 0, days: 7 * n })
        .register_fn("months", |n: i64| Length { months: n, days: 0 })
        .register_fn("years", |n: i64| Length { months: 12 * n, days: 0 })
        .register_fn("+", |a: Length, b: Length| Length { months: a.months + b.months, days: a.days + b.days })
        .register_fn("+", |day: Day, length: Length| day.plus(length))
        .register_fn("+", |length: Length, day: Day| day.plus(length))
        .register_fn("-", |day: Day, length: Length| day.plus(Length { months: 0, days: -length.days }))
        .register_fn("-", distance)
        .register_fn("known", |value: Dynamic| !value.is_unit())
        .register_fn("contains_any", |set: Array, wanted: Array| {
            let words = |list: Array| list.into_iter().map(|word| word.to_string()).collect::<Vec<_>>();
            let wanted = words(wanted);
            words(set).iter().any(|word| wanted.contains(word))
        });
    engine
}

/// What is known of a patient, as variables.
fn scope(patient: &Patient) -> Scope<'static> {
    let mut scope = Scope::new();
    for (fact, told) in &patient.facts {
        let Told::Known(answer) = told else { unreachable!("everything is known") };
        let value = match answer {
            Answer::Bool(value) => (*value).into(),
            Answer::Number(value) if fact.starts_with('n') => i64::try_from(*value).expect("a whole number").into(),
            Answer::Number(value) => (*value).into(),
            Answer::Word(word) => (*word).into(),
            Answer::Words(words) => words.iter().map(|word| Dynamic::from(*word)).collect::<Array>().into(),
            Answer::Day(day) => Dynamic::from(Day(Some(*day))),
            Answer::Never => Dynamic::from(Day(None)),
        };
        if let ("date_of_birth", Answer::Day(born)) = (*fact, answer) {
            scope.push("age", age(*born));
        }
        scope.push_dynamic(*fact, value);
    }
    scope.push("today", Day(Some(TODAY)));
    scope.push("never", Day(None));
    scope.push("p_number", 3i64);
    scope.push("p_decimal", Decimal::new(25, 1));
    scope.push("p_bool", true);
    scope.push("p_days", Length { months: 0, days: 30 });
    scope.push("p_months", Length { months: 2, days: 0 });
    let counted = patient.sessions.iter().filter(|session| session.treatment == "own" && !session.faulty).count();
    scope.push("sessions_done", counted as i64);
    scope.push("sessions", sessions(patient, "own"));
    scope
}

fn sessions(patient: &Patient, treatment: &str) -> Sessions {
    let mut sessions: Vec<_> = patient.sessions.iter().filter(|session| session.treatment == treatment).collect();
    sessions.sort_by_key(|session| session.day);
    let map = |session: &&crate::patients::Session| -> Map {
        [
            ("date".into(), Dynamic::from(Day(Some(session.day)))),
            ("depth".into(), session.depth.expect("noted").into()),
            ("reaction".into(), session.reaction.expect("noted").into()),
            ("good".into(), session.good.expect("noted").into()),
            ("faulty".into(), session.faulty.into()),
        ]
        .into()
    };
    Sessions(sessions.iter().map(map).collect())
}

/// What Rhai says of a condition.
pub(crate) fn evaluate(engine: &mut Engine, patient: &Patient, condition: &str) -> Result<bool, Box<EvalAltResult>> {
    let patient_sessions = patient.clone();
    engine.register_fn("sessions_of", move |treatment: &str| sessions(&patient_sessions, treatment));
    let condition =
        condition.replace("sum s.depth in ", "total s in ").replace("sum s.depth ?? 0.50 in ", "total s in ");
    engine.eval_expression_with_scope::<bool>(&mut scope(patient), &condition)
}
