//! What the rows of a setting and the limits on it come to, as far as that is known.
//!
//! What is not known is never left out: an unknown number is all that it may still be, a row or limit whose condition is unknown
//! applies or does not. Where the outcome is the same in all of these ways, it is the value. Else there is only a bound: the end
//! that is no less careful than any of them.

use std::cmp::Ordering;

use crate::explain::View;
use crate::explain::attribution::{Missing, push_new};
use crate::explain::derivation::Step;
use crate::logic::Declared;
use crate::logic::Number;
use crate::logic::Tri;
use crate::logic::value::{MANY, Value};
use crate::protocol::model::{Action, Quantity, Round, Safer, Says, Setting};

/// What is known of a setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Words, such as "forbidden".
    Text(Vec<String>),
    /// A number, or a range of them.
    Range(Number, Number),
    /// Certainly no row applies.
    NoRow,
    /// What a row or a limit says is no setting, and why.
    Unusable(String),
    /// It depends on what is not known.
    Open {
        /// No less careful than anything that it may turn out to be.
        bound: Option<Number>,
        /// Words that certainly stand.
        certain: Vec<String>,
        /// Words that may turn out to stand.
        perhaps: Vec<String>,
    },
}

/// What is known of a setting, and what it waits for.
#[derive(Clone, Debug)]
pub(crate) struct Setpoint {
    pub(crate) outcome: Outcome,
    /// The precautions that capped it.
    pub(crate) limited_by: Vec<String>,
    /// What is not known and could change it, each with the setting or the precaution that it stands in.
    pub(crate) waits: Vec<(String, Vec<Missing>)>,
}

/// All that a number may be: from its careful end to its bold one; without an end, nobody knows how far.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    careful: Option<Number>,
    bold: Option<Number>,
}

/// Where a number stands: what is asked for, where it is not known.
#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    Row { at: usize, when: Option<Step> },
    Limit { rule: usize, id: &'a str },
}

/// A row that says a number, or a limit.
#[derive(Clone, Debug)]
struct Part<'a> {
    origin: Origin<'a>,
    applies: Tri,
    /// The careful end of a range, and the bold one; of a single number, twice the same.
    ends: [Span; 2],
    /// The expressions that it is made of.
    roots: Vec<Step>,
}

impl Part<'_> {
    fn is_limit(&self) -> bool {
        matches!(self.origin, Origin::Limit { .. })
    }
}

/// Whose values are compared, and which of them win.
#[derive(Clone, Copy)]
struct Care(Safer);

impl Care {
    fn order(self, a: Number, b: Number) -> Ordering {
        match self.0 {
            Safer::Lower => a.cmp(&b),
            Safer::Higher => b.cmp(&a),
        }
    }

    /// The more careful of two numbers. Of equal ones the one with more decimals, whichever stands first.
    fn safer(self, a: Number, b: Number) -> Number {
        match self.order(a, b) {
            Ordering::Less => a,
            Ordering::Greater => b,
            Ordering::Equal if a.written_decimals() < b.written_decimals() => b,
            Ordering::Equal => a,
        }
    }

    /// The bolder of two.
    fn bolder(self, a: Number, b: Number) -> Number {
        if self.safer(a, b) == a { b } else { a }
    }

    fn is_safer(self, a: Number, b: Number) -> bool {
        self.order(a, b) == Ordering::Less
    }

    fn span(self, value: Value) -> Span {
        let Value::Number(least, greatest) = value else { return Span { careful: None, bold: None } };
        // Nobody knows how far a number without an upper end reaches.
        let is_settled = least == greatest;
        let least = Some(least).filter(|end| is_settled || *end > -MANY);
        let greatest = Some(greatest).filter(|end| is_settled || *end < MANY);
        match self.0 {
            Safer::Lower => Span { careful: least, bold: greatest },
            Safer::Higher => Span { careful: greatest, bold: least },
        }
    }

    /// What is shown of what rows and limits come to: rounded, but never beyond a limit.
    fn shown(self, setting: &Setting, number: Number, limit: Option<Number>) -> Number {
        let rounded = match setting.rounding {
            None => Some(number),
            Some((decimals, Round::Down)) => number.rounded_down(decimals),
            Some((decimals, Round::Up)) => number.rounded_up(decimals),
            Some((decimals, Round::Nearest)) => number.rounded_to_nearest(decimals),
        };
        let rounded = rounded.unwrap_or(number);
        limit.map_or(rounded, |limit| self.safer(rounded, limit))
    }

    /// The safest that it can come to; none where that is not known of one of them.
    fn careful<'p>(self, mut parts: impl Iterator<Item = &'p Part<'p>>, end: usize) -> Option<Number> {
        let first = parts.next()?.ends[end].careful?;
        parts.try_fold(first, |so_far, part| Some(self.safer(so_far, part.ends[end].careful?)))
    }

    /// The least safe that it can come to.
    fn bold(self, parts: &[Part<'_>], end: usize) -> Option<Number> {
        let sure = |limit: bool| {
            let parts = parts.iter().filter(move |part| part.applies.is_true() && part.is_limit() == limit);
            parts.filter_map(move |part| part.ends[end].bold).reduce(|a, b| self.safer(a, b))
        };
        let rows = || parts.iter().filter(|part| !part.is_limit());
        let table = if rows().any(|row| row.applies.is_true()) {
            sure(false)
        } else {
            let mut ends = rows().map(|row| row.ends[end].bold);
            ends.next().and_then(|first| ends.try_fold(first?, |so_far, end| Some(self.bolder(so_far, end?))))
        };
        match (table, sure(true)) {
            (Some(table), Some(limit)) => Some(self.safer(table, limit)),
            (table, limit) => table.or(limit),
        }
    }
}

impl View<'_> {
    /// What a setting comes to, for one value of its set.
    pub(crate) fn setpoint(&self, at: usize, setting: &Setting, each: Option<Value>) -> Setpoint {
        let care = Care(setting.safer);
        let mut parts: Vec<Part<'_>> = Vec::new();
        let (mut certain, mut perhaps): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut words: Vec<(String, Step)> = Vec::new();
        for (at, row) in setting.rows.iter().enumerate() {
            let when = row.when.as_ref().map(|when| self.root(when, each));
            let applies = when.map_or(Tri::True, |when| self.may_be(when).truth());
            if applies.is_false() {
                continue;
            }
            let origin = Origin::Row { at, when };
            match &row.says {
                Says::Text(text) => match (applies, when) {
                    (Tri::Unknown, Some(when)) => words.push((self.text_for(text, each), when)),
                    _ => push_new(&mut certain, self.text_for(text, each)),
                },
                Says::Value(value) => parts.push(self.part(care, origin, applies, [value, value], each)),
                Says::Range(from, to) => parts.push(self.part(care, origin, applies, [from, to], each)),
            }
        }
        words.retain(|(text, _)| !certain.contains(text));
        let mut waits: Vec<(String, Vec<Missing>)> = Vec::new();
        for (text, when) in words {
            push_new(&mut perhaps, text);
            self.wait_for(&mut waits, &setting.id, when);
        }
        // Words such as "forbidden" win over every number; of several, all are said.
        if !certain.is_empty() {
            let outcome = if perhaps.is_empty() {
                Outcome::Text(certain)
            } else {
                Outcome::Open { bound: None, certain, perhaps }
            };
            return Setpoint { outcome, limited_by: Vec::new(), waits };
        }
        if parts.is_empty() {
            let outcome = match perhaps.is_empty() {
                true => Outcome::NoRow,
                false => Outcome::Open { bound: None, certain, perhaps },
            };
            return Setpoint { outcome, limited_by: Vec::new(), waits };
        }
        self.limits(care, at, &mut parts);
        let bold = [0, 1].map(|end| care.bold(&parts, end));
        let limits = || parts.iter().filter(|part| part.is_limit());
        let sure_limit = |end: usize| {
            limits()
                .filter(|part| part.applies.is_true())
                .filter_map(|part| part.ends[end].bold)
                .reduce(|a, b| care.safer(a, b))
        };
        let shown_bold = [0, 1].map(|end| bold[end].map(|number| care.shown(setting, number, sure_limit(end))));
        for part in &parts {
            // A limit that the exact number keeps may stop it from being rounded beyond.
            let bold = match part.is_limit() {
                true => [0, 1].map(|end| bold[end].zip(shown_bold[end]).map(|(a, b)| care.bolder(a, b))),
                false => bold,
            };
            self.part_waits(care, (&parts, bold), setting, part, &mut waits);
        }
        let careful = [0, 1].map(|end| care.careful(parts.iter(), end));
        let shown =
            [0, 1].map(|end| careful[end].map(|number| care.shown(setting, number, care.careful(limits(), end))));
        let rows_say = |end| care.careful(parts.iter().filter(|part| !part.is_limit()), end);
        let limiting = parts.iter().filter_map(|part| match part.origin {
            Origin::Limit { id, .. } => {
                let reaches = |end: usize| match part.ends[end].careful {
                    limit if limit == careful[end] => limit != rows_say(end),
                    limit => limit == shown[end] && setting.rounding.is_some(),
                };
                (careful[0].is_some() && (reaches(0) || reaches(1))).then(|| id.to_owned())
            }
            Origin::Row { .. } => None,
        });
        let mut limited_by: Vec<String> = limiting.collect();
        let a_row_applies = parts.iter().any(|part| part.applies.is_true() && !part.is_limit());
        let outcome = match careful {
            [Some(near), Some(far)]
                if a_row_applies && perhaps.is_empty() && bold == careful && shown_bold == shown =>
            {
                let in_order = |near, far| if setting.safer == Safer::Lower { (near, far) } else { (far, near) };
                let (from, to) = in_order(near, far);
                if from < Number::ZERO || from > to {
                    Outcome::Unusable(fault(&parts, [near, far], (from.min(to) < Number::ZERO, setting.safer)))
                } else {
                    let (from, to) = in_order(shown[0].unwrap_or(near), shown[1].unwrap_or(far));
                    Outcome::Range(from, to)
                }
            }
            [near, far] => {
                // Beside words that may win over every number, and below 0, no number is safe.
                let is_safe = near.zip(far).is_some_and(|(near, far)| care.safer(near, far) >= Number::ZERO)
                    && perhaps.is_empty();
                let bound = shown[0].zip(shown[1]).filter(|_| is_safe).map(|(near, far)| care.safer(near, far));
                Outcome::Open { bound, certain, perhaps }
            }
        };
        if matches!(outcome, Outcome::Unusable(_) | Outcome::Open { bound: None, .. }) {
            limited_by.clear();
        }
        Setpoint { outcome, limited_by, waits }
    }

    /// The caps of precautions, each with whether it holds.
    fn limits<'s>(&'s self, care: Care, at: usize, parts: &mut Vec<Part<'s>>) {
        for (rule_at, rule) in self.protocol.rules.iter().enumerate() {
            let Action::Precaution { limits, .. } = &rule.action else { continue };
            let applies = self.assessment.fires[rule_at];
            for (_, limit) in limits.iter().filter(|(setting, _)| *setting == at && !applies.is_false()) {
                let origin = Origin::Limit { rule: rule_at, id: &rule.id };
                parts.push(self.part(care, origin, applies, [limit, limit], None));
            }
        }
    }

    fn part<'s>(
        &self,
        care: Care,
        origin: Origin<'s>,
        applies: Tri,
        [from, to]: [&Quantity; 2],
        each: Option<Value>,
    ) -> Part<'s> {
        let value = |quantity: &Quantity| match quantity {
            Quantity::Fixed(number) => Value::number(*number),
            Quantity::Computed(body) => self.may_be(self.root(body, each)),
        };
        let least = value(from);
        let values = [least, if std::ptr::eq(from, to) { least } else { value(to) }];
        let roots = [from, to].into_iter().filter_map(|quantity| Some(self.root(quantity.computed()?, each)));
        let mut roots: Vec<Step> = roots.collect();
        roots.dedup();
        let mut ends = values.map(|value| care.span(value));
        if care.0 == Safer::Higher {
            ends.reverse();
        }
        Part { origin, applies, ends, roots }
    }

    /// What a row or a limit waits for, where that could change what all of them come to.
    fn part_waits(
        &self,
        care: Care,
        (parts, bold): (&[Part<'_>], [Option<Number>; 2]),
        setting: &Setting,
        part: &Part<'_>,
        waits: &mut Vec<(String, Vec<Missing>)>,
    ) {
        let matters = (0..2).any(|end| match (part.ends[end].careful, bold[end]) {
            (Some(careful), Some(bold)) => care.is_safer(careful, bold),
            // Nobody knows how far it reaches.
            _ => true,
        });
        let only = !parts.iter().any(|other| other.applies.is_true() && !other.is_limit());
        if part.applies.is_unknown() && (matters || (only && !part.is_limit())) {
            match part.origin {
                Origin::Row { when: Some(when), .. } => self.wait_for(waits, &setting.id, when),
                Origin::Row { when: None, .. } => {}
                Origin::Limit { rule, id } => {
                    let missing = self.missing_in_rule(&self.protocol.rules[rule], false);
                    waits.push((id.to_owned(), missing));
                }
            }
        }
        if part.ends.iter().any(|end| end.careful.is_none() || end.careful != end.bold) && matters {
            let id = match part.origin {
                Origin::Row { .. } => &setting.id,
                Origin::Limit { id, .. } => id,
            };
            for root in &part.roots {
                self.wait_for(waits, id, *root);
            }
        }
    }

    fn wait_for(&self, waits: &mut Vec<(String, Vec<Missing>)>, id: &str, root: Step) {
        let mut missing = Vec::new();
        self.missing(root, &mut missing);
        waits.push((id.to_owned(), missing));
    }

    /// All that an expression of a row or a limit may come to.
    fn may_be(&self, root: Step) -> Value {
        let told = self.derivation.value(root);
        if told.is_settled() {
            return told;
        }
        let protocol = self.protocol;
        let declared = Declared {
            fact: &|fact| protocol.fact(fact).answer.range,
            note: &|note| protocol.dictionary.notes.get(usize::from(note)).and_then(|note| note.answer.range),
        };
        self.derivation.reach(root, declared)
    }
}

/// What is wrong where the safest of all rows and limits is no setting. The one to blame reaches an end of it, and is none by itself: the
/// first row that is such, else the first limit by name.
fn fault(parts: &[Part<'_>], left: [Number; 2], (below, safer): (bool, Safer)) -> String {
    let fault = if below { "comes to less than 0" } else { "ends before it begins" };
    let faulty = parts.iter().filter(|part| {
        let [near, far] = part.ends.map(|end| end.careful.unwrap_or(Number::ZERO));
        let (from, to) = if safer == Safer::Lower { (near, far) } else { (far, near) };
        (near == left[0] || far == left[1]) && if below { from.min(to) < Number::ZERO } else { from > to }
    });
    let named = faulty.map(|part| match part.origin {
        Origin::Row { at, .. } => (0, at, format!("row {} of the table", at + 1)),
        Origin::Limit { id, .. } => (1, 0, format!("the limit of `{id}`")),
    });
    // INVARIANT: what is safest of ranges that are in order, and not below 0, is so too.
    let (.., who) = named.min().unwrap_or((0, 0, "the table".into()));
    format!("{who} {fault}")
}
