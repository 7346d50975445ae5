//! What is asked of a protocol on a day.

use std::collections::BTreeMap;

use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::Scalar;
use crate::lang::{Expr, Type};
use crate::logic::Value;
use crate::protocol::model::ProtocolStatus;
use crate::protocol::published::Edition;
use crate::protocol::{Protocol, in_order, same_kind, scalar_value};
use crate::trace::Depth;

/// What is asked of a protocol, beside the record.
///
/// ```
/// use regimen::{Date, Request};
/// let as_of: Date = "2026-03-02".parse()?;
/// let request = Request::new(as_of);
/// assert_eq!(request.as_of, as_of);
/// # Ok::<(), regimen::InvalidDate>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The day for which the question is asked.
    pub as_of: Date,
    /// Parameters that are set for this answer, by place.
    pub(crate) set: BTreeMap<usize, Value>,
    /// How much of the trace is wanted.
    pub depth: Depth,
}

impl Request {
    /// A question for a day, with the protocol's own parameters and a trace of every rule.
    #[must_use]
    pub fn new(as_of: Date) -> Request {
        Request { as_of, set: BTreeMap::new(), depth: Depth::default() }
    }

    /// The same with another depth of the trace.
    #[must_use]
    pub fn explain(mut self, depth: Depth) -> Request {
        self.depth = depth;
        self
    }

    /// The same with a parameter set: `"0 months"`, `42`, `true`.
    ///
    /// # Errors
    /// When the protocol has no such parameter, or the value is of another type or outside its range.
    ///
    /// ```
    /// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
    /// use regimen::{Request, Scalar};
    /// let protocol = &clinic.protocols[0];
    /// let request = Request::new("2026-03-02".parse()?);
    /// assert!(request.clone().set(protocol, "sunburn_wait", &Scalar::Text("21 days".into())).is_ok());
    /// let mistakes = request.set(protocol, "sunburn_wait", &Scalar::Text("2 days".into())).unwrap_err();
    /// assert!(mistakes.to_string().contains("`sunburn_wait` can be 7 days to 28 days"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set(mut self, protocol: &Protocol, name: &str, value: &Scalar) -> Result<Request, Diagnostics> {
        let wrong = |message: String| Diagnostic::new(&codes::INVALID_VALUE, message);
        let Some(at) = protocol.parameters.iter().position(|parameter| parameter.name == name) else {
            let names = protocol.parameters.iter().map(|parameter| parameter.name.as_str());
            return Err(wrong(format!("{} has no parameter `{name}`", protocol.id)).suggest(name, names).into());
        };
        let parameter = &protocol.parameters[at];
        let unit = match &parameter.ty {
            Type::Number { unit, .. } => unit.as_deref(),
            _ => None,
        };
        if let Scalar::Text(text) = value
            && !matches!(parameter.ty, Type::Duration { .. })
        {
            return Err(wrong(format!("`{name}` is {}, and `{text}` is a text", parameter.ty.name())).into());
        }
        let (value, ty) = scalar_value(value, unit).map_err(|error| wrong(error.to_string()))?;
        if !same_kind(&ty, &parameter.ty) {
            return Err(wrong(format!("`{name}` is {}, but this is {}", parameter.ty.name(), ty.name())).into());
        }
        // Months have no fixed length in days: conditions that compare the parameter, or subtract it, could not.
        if let (Type::Duration { exact: true }, Type::Duration { exact: false }) = (&parameter.ty, &ty) {
            return Err(wrong(format!("`{name}` is a number of days or weeks, and months and years are none")).into());
        }
        if matches!(value, Value::Number(number, _) if !number.is_whole()) && is_counted_by(protocol, at) {
            return Err(wrong(format!("`{name}` counts sessions or a length of time: it is a whole number")).into());
        }
        if let Some((least, greatest)) = parameter.range
            && (!in_order(least, value) || !in_order(value, greatest))
        {
            let show = |value| protocol.program.show(value, &parameter.ty);
            let message = format!("`{name}` can be {} to {}, but this is {}", show(least), show(greatest), show(value));
            return Err(wrong(message).into());
        }
        self.set.insert(at, value);
        Ok(self)
    }
}

impl Request {
    /// A question for a day, with parameters as they stand on the command line, `name=value`. Of several protocols, each takes those that
    /// it has, if `lenient` says so.
    ///
    /// # Errors
    /// In words, when the protocol has no such parameter, or it cannot have the value.
    pub fn with_settings(protocol: &Protocol, as_of: Date, set: &[String], lenient: bool) -> Result<Request, String> {
        let mut request = Request::new(as_of);
        for setting in set {
            let Some((name, value)) = setting.split_once('=') else {
                return Err(format!("`{setting}` should be PARAMETER=VALUE"));
            };
            let name = name.trim();
            if set.iter().filter(|other| other.contains('=') && name_of(other) == name).count() > 1 {
                return Err(format!("`{name}` is set twice"));
            }
            if lenient && !protocol.parameters.iter().any(|parameter| parameter.name == name) {
                continue;
            }
            request = request.set(protocol, name, &scalar(value.trim())).map_err(|mistakes| mistakes.in_a_line())?;
        }
        Ok(request)
    }
}

/// Whether sessions or the units of a length of time are counted by a parameter.
fn is_counted_by(protocol: &Protocol, parameter: usize) -> bool {
    let program = &protocol.program;
    let sessions = protocol.courses.iter().flat_map(|course| [course.minimum, course.planned, course.maximum]);
    let lengths = program.nodes.iter().map(|node| match node.expr {
        Expr::Duration { count, .. } => Some(count),
        _ => None,
    });
    program
        .under(sessions.chain(lengths).flatten())
        .any(|id| matches!(program.node(id).expr, Expr::Parameter(at) if usize::from(at) == parameter))
}

/// The name of a parameter that is set, `name=value`.
fn name_of(setting: &str) -> &str {
    setting.split_once('=').map_or(setting, |(name, _)| name.trim())
}

/// A parameter that is set and that none of the protocols has, where each takes those that it has. One that must have all of them says
/// itself what it lacks.
pub(crate) fn nobodys_parameter<'s>(protocols: &[&Protocol], set: &'s [String], lenient: bool) -> Option<&'s str> {
    let mut names = set.iter().map(|setting| name_of(setting));
    let known = |name: &str| {
        protocols.iter().any(|protocol| protocol.parameters.iter().any(|parameter| parameter.name == name))
    };
    names.find(|name| lenient && !known(name))
}

/// A value as it is written on the command line: true, false, a number, or a text.
fn scalar(text: &str) -> Scalar {
    let text = text.trim_matches('"');
    match (text, rust_decimal::Decimal::from_str_exact(text)) {
        ("true", _) => Scalar::Bool(true),
        ("false", _) => Scalar::Bool(false),
        (_, Ok(number)) => Scalar::Number(number),
        _ => Scalar::Text(text.to_owned()),
    }
}

impl Protocol {
    /// Whether the protocol may be used on a day.
    #[must_use]
    pub fn usable(&self, as_of: Date) -> Diagnostics {
        let mut found = Diagnostics::default();
        let place = || self.value_place("status", None);
        let who = format!("protocol `{}` {}", self.id, self.version);
        match self.standing() {
            ProtocolStatus::Retired => {
                found.push(Diagnostic::new(&codes::RETIRED, format!("{who} is retired")).at(&place()));
            }
            ProtocolStatus::Draft => {
                let help = "its answers are for testing, not for patients";
                let (place, message) = match self.edition {
                    Edition::Draft => (
                        self.value_place("version", None),
                        format!("this file of protocol `{}` is not a published version, but a draft", self.id),
                    ),
                    _ => (place(), format!("{who} is a draft")),
                };
                found.push(Diagnostic::new(&codes::DRAFT, message).at(&place).help(help));
            }
            ProtocolStatus::Active => {}
        }
        let until = self.in_force_until;
        if as_of < self.in_force_from || until.is_some_and(|until| as_of > until) {
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            let message = format!("{who} is in force from {}{until}, and not on {as_of}", self.in_force_from);
            let passed = if as_of < self.in_force_from { "from" } else { "until" };
            let day = match &self.edition {
                Edition::Published { in_force: [from, until], .. } => {
                    if passed == "from" { from } else { until }.clone()
                }
                _ => self.value_place("in_force", Some(passed)),
            };
            found.push(Diagnostic::new(&codes::NOT_IN_FORCE, message).at(&day));
        }
        found
    }
}
