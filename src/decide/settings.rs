//! What the rows of a setting and the limits on it come to, as far as that is known, and whether a patient can be treated with it.
//!
//! What is not known is never left out: an unknown number is all that it may still be, a row or limit whose condition is unknown
//! applies or does not. Where the outcome is the same in all of these ways, it is the value. Else there is only a bound: the end
//! that is no less careful than any of them.
//!
//! A setting that is needed and has no value makes undetermined what would be due. [`Table`] says it for the decision and for
//! whoever explains it.

use std::cmp::Ordering;
use std::ops::Range;

use crate::decide::needed::will_be_usable;
use crate::logic::value::{MANY, Value};
use crate::logic::{Number, Tri};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Quantity, Round, Safer, Says, Setting};
use crate::speech::Said;

/// What is known of a setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Words, such as "forbidden".
    Text(Vec<usize>),
    /// A number, or a range of them.
    Range(Number, Number),
    /// Certainly no row applies.
    NoRow,
    /// What a row or a limit says is no setting, and why.
    Unusable(Said),
    /// It depends on what is not known.
    Open {
        /// No less careful than anything that it may turn out to be.
        bound: Option<Number>,
        /// The rows whose words certainly stand.
        certain: Vec<usize>,
        /// The rows whose words may turn out to stand.
        perhaps: Vec<usize>,
    },
}

impl Outcome {
    /// Whether that is what to treat with.
    pub(crate) fn is_value(&self) -> bool {
        matches!(self, Outcome::Text(_) | Outcome::Range(..))
    }
}

/// What the expressions of settings, and the rules that limit them, come to for one patient.
pub(crate) trait Worth {
    /// All that an expression of a row or a limit may come to, for one value of the setting's set.
    fn may_be(&self, body: &Range<u32>, each: Option<Value>) -> Value;
    /// Whether a rule fires.
    fn fires(&self, rule: usize) -> Tri;
    /// Whether some row of a setting applies, for one value of its set, whatever becomes known.
    fn covers(&self, setting: usize, each: Option<Value>) -> bool;
}

/// All that a number may be: from its careful end to its bold one; without an end, nobody knows how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) careful: Option<Number>,
    pub(crate) bold: Option<Number>,
}

/// Where a number stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'p> {
    /// A row of the table, by place.
    Row(usize),
    /// The limit of a precaution, by place and name.
    Limit(usize, &'p str),
}

/// A row that says a number, or a limit.
#[derive(Clone, Debug)]
pub(crate) struct Part<'p> {
    pub(crate) origin: Origin<'p>,
    pub(crate) applies: Tri,
    /// The careful end of a range, and the bold one; of a single number, twice the same.
    pub(crate) ends: [Span; 2],
    /// What it says: the two ends of a range, or twice the same.
    pub(crate) says: [&'p Quantity; 2],
}

impl Part<'_> {
    pub(crate) fn is_limit(&self) -> bool {
        matches!(self.origin, Origin::Limit(..))
    }

    /// Whether it is no setting by itself, whatever the others say: below 0, and a range that ends before it begins.
    pub(crate) fn is_nonsense(&self, safer: Safer) -> [Tri; 2] {
        let reach = |end: Span| end.careful.zip(end.bold).map(|(a, b)| (a.min(b), a.max(b)));
        // Without an end, there is no number anyway.
        let [Some(near), Some(far)] = self.ends.map(reach) else { return [Tri::False; 2] };
        let (from, to) = if safer == Safer::Lower { (near, far) } else { (far, near) };
        let is_range = !std::ptr::eq(self.says[0], self.says[1]);
        [
            Tri::between(from.1 < Number::ZERO, from.0 < Number::ZERO),
            Tri::between(is_range && from.0 > to.1, is_range && from.1 > to.0),
        ]
    }
}

/// Whose values are compared, and which of them win.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Care(pub(crate) Safer);

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
    pub(crate) fn bolder(self, a: Number, b: Number) -> Number {
        if self.safer(a, b) == a { b } else { a }
    }

    pub(crate) fn is_safer(self, a: Number, b: Number) -> bool {
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
    pub(crate) fn careful<'p>(self, mut parts: impl Iterator<Item = &'p Part<'p>>, end: usize) -> Option<Number> {
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

/// What the rows of a setting and the limits on it come to together, for one value of its set.
#[derive(Clone, Debug)]
pub(crate) struct Table<'p> {
    pub(crate) care: Care,
    pub(crate) outcome: Outcome,
    /// Rows with words that may turn out to stand.
    pub(crate) words: Vec<usize>,
    /// The rows with numbers and the limits that apply or may; none where words win over them.
    pub(crate) parts: Vec<Part<'p>>,
    /// The most careful that both ends may turn out to be, and the boldest.
    pub(crate) careful: [Option<Number>; 2],
    pub(crate) bold: [Option<Number>; 2],
    /// The same as they are shown: rounded.
    pub(crate) shown: [Option<Number>; 2],
    pub(crate) shown_bold: [Option<Number>; 2],
}

impl<'p> Table<'p> {
    /// What a setting of a protocol comes to.
    pub(crate) fn of(protocol: &'p Protocol, at: usize, each: Option<Value>, worth: &impl Worth) -> Table<'p> {
        let setting = &protocol.settings[at];
        let care = Care(setting.safer);
        let mut parts: Vec<Part<'p>> = Vec::new();
        let (mut certain, mut perhaps): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut words: Vec<usize> = Vec::new();
        // Rows that say the same are told once.
        let text = |row: usize| match &setting.rows[row].says {
            Says::Text(text) => Some(&text.parts),
            _ => None,
        };
        let is_said = |rows: &[usize], at: usize| rows.iter().any(|row| text(*row) == text(at));
        for (at, row) in setting.rows.iter().enumerate() {
            let applies = row.when.as_ref().map_or(Tri::True, |when| worth.may_be(when, each).truth());
            if applies.is_false() {
                continue;
            }
            match &row.says {
                Says::Text(_) if applies.is_unknown() => words.push(at),
                Says::Text(_) if is_said(&certain, at) => {}
                Says::Text(_) => certain.push(at),
                Says::Value(value) => parts.push(part(care, Origin::Row(at), applies, [value, value], (each, worth))),
                Says::Range(from, to) => parts.push(part(care, Origin::Row(at), applies, [from, to], (each, worth))),
            }
        }
        words.retain(|at| !is_said(&certain, *at));
        for at in &words {
            if !is_said(&perhaps, *at) {
                perhaps.push(*at);
            }
        }
        let nothing = [None, None];
        let table = |outcome, parts| Table {
            care,
            outcome,
            words,
            parts,
            careful: nothing,
            bold: nothing,
            shown: nothing,
            shown_bold: nothing,
        };
        // Words such as "forbidden" win over every number; of several, all are said.
        match (certain.is_empty(), perhaps.is_empty(), parts.is_empty()) {
            (false, true, _) => return table(Outcome::Text(certain), Vec::new()),
            (true, true, true) => return table(Outcome::NoRow, Vec::new()),
            // Whichever of them applies, it says the same.
            (true, false, true) if perhaps.len() == 1 && worth.covers(at, each) => {
                return table(Outcome::Text(perhaps), Vec::new());
            }
            (false, false, _) | (_, _, true) => {
                return table(Outcome::Open { bound: None, certain, perhaps }, Vec::new());
            }
            (true, _, false) => {}
        }
        for (rule_at, rule) in protocol.rules.iter().enumerate() {
            let Action::Precaution { limits, .. } = &rule.action else { continue };
            for (_, limit) in limits.iter().filter(|(setting, _)| *setting == at) {
                let applies = worth.fires(rule_at);
                if !applies.is_false() {
                    let origin = Origin::Limit(rule_at, &rule.id);
                    parts.push(part(care, origin, applies, [limit, limit], (None, worth)));
                }
            }
        }
        let limits = || parts.iter().filter(|part| part.is_limit());
        let sure_limit = |end: usize| {
            let sure = limits().filter(|part| part.applies.is_true()).filter_map(|part| part.ends[end].bold);
            sure.reduce(|a, b| care.safer(a, b))
        };
        let bold = [0, 1].map(|end| care.bold(&parts, end));
        let shown_bold = [0, 1].map(|end| bold[end].map(|number| care.shown(setting, number, sure_limit(end))));
        let careful = [0, 1].map(|end| care.careful(parts.iter(), end));
        let shown =
            [0, 1].map(|end| careful[end].map(|number| care.shown(setting, number, care.careful(limits(), end))));
        let a_row_applies = parts.iter().any(|part| part.applies.is_true() && !part.is_limit());
        // Numbers that differ may be rounded to the same, if each of them is one that can be set.
        let is_same = shown_bold == shown
            && (bold == careful || parts.iter().all(|part| will_be_usable(protocol, setting, part)));
        // A row that makes no sense for this patient gets no sense by another one, or by a limit.
        let makes_sense = parts
            .iter()
            .all(|part| part.is_nonsense(setting.safer).into_iter().all(|one| part.applies.and(one).is_false()));
        let outcome = match (careful, fault(&parts, setting.safer).filter(|_| perhaps.is_empty())) {
            (_, Some(fault)) => Outcome::Unusable(fault),
            ([Some(near), Some(far)], None)
                if is_same && perhaps.is_empty() && makes_sense && (a_row_applies || worth.covers(at, each)) =>
            {
                let (near, far) = (shown[0].unwrap_or(near), shown[1].unwrap_or(far));
                let (from, to) = if setting.safer == Safer::Lower { (near, far) } else { (far, near) };
                not_recordable(setting, from, to).map_or(Outcome::Range(from, to), Outcome::Unusable)
            }
            ([near, far], None) => {
                // Beside words that may win over every number, below 0, and where no session can have it, no number is safe.
                let is_safe = near.zip(far).is_some_and(|(near, far)| care.safer(near, far) >= Number::ZERO)
                    && perhaps.is_empty();
                let bound = shown[0].zip(shown[1]).filter(|_| is_safe).map(|(near, far)| care.safer(near, far));
                let bound = bound.filter(|bound| setting.can_be_recorded(*bound, *bound));
                Outcome::Open { bound, certain, perhaps }
            }
        };
        Table { careful, bold, shown, shown_bold, ..table(outcome, parts) }
    }
}

fn part<'p>(
    care: Care,
    origin: Origin<'p>,
    applies: Tri,
    says: [&'p Quantity; 2],
    (each, worth): (Option<Value>, &impl Worth),
) -> Part<'p> {
    let value = |quantity: &Quantity| match quantity {
        Quantity::Fixed(number) => Value::number(*number),
        Quantity::Computed(body) => worth.may_be(body, each),
    };
    let [from, to] = says;
    let least = value(from);
    let values = [least, if std::ptr::eq(from, to) { least } else { value(to) }];
    let mut ends = values.map(|value| care.span(value));
    if care.0 == Safer::Higher {
        ends.reverse();
    }
    Part { origin, applies, ends, says }
}

/// What is wrong with rows and limits of which one is no setting by itself: of the first row that is none, else of the first limit by name.
fn fault(parts: &[Part<'_>], safer: Safer) -> Option<Said> {
    let faulty = parts.iter().filter_map(|part| {
        let is_so = |one: Tri| part.applies.and(one).is_true();
        let [below, reversed] = part.is_nonsense(safer).map(is_so);
        (below || reversed).then_some(match part.origin {
            Origin::Row(at) => (0, at, "", below),
            Origin::Limit(_, id) => (1, 0, id, below),
        })
    });
    Some(match faulty.min_by_key(|(limit, at, id, _)| (*limit, *at, *id))? {
        (0, at, _, true) => Said::new("row {} of the table comes to less than 0", &[&(at + 1)]),
        (0, at, _, false) => Said::new("row {} of the table ends before it begins", &[&(at + 1)]),
        (_, _, id, true) => Said::new("the limit of `{}` comes to less than 0", &[&id]),
        (_, _, id, false) => Said::new("the limit of `{}` ends before it begins", &[&id]),
    })
}

/// Why numbers are no setting that a session can have, if they are none.
fn not_recordable(setting: &Setting, from: Number, to: Number) -> Option<Said> {
    let recorded = setting.recorded.as_ref().filter(|_| !setting.can_be_recorded(from, to))?;
    let (name, least, greatest) = (&recorded.name, recorded.least, recorded.greatest);
    let unit = setting.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
    Some(match from == to {
        true => Said::new(
            "it comes to {}{}, and `{}` of a session can be {} to {}",
            &[&to, &unit, &name, &least, &greatest],
        ),
        false => Said::new(
            "it comes to {} to {}{}, and `{}` of a session can be {} to {}",
            &[&from, &to, &unit, &name, &least, &greatest],
        ),
    })
}
