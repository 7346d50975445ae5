//! The words that only the `skip` of a planned session knows: they are about one moment of a course.
//!
//! `judging`, `session_date`, `aged("4 years")`, `waited("6 months")`, `given(…)` and `valid(…)`. Rhai has no named arguments, so
//! that those of a count say what they are: a group of products, `"from …"` or `"before …"` with an age or a date.

use crate::date::{Date, Duration};
use crate::diagnostic::codes;
use crate::lang::lower::{Lowered, Scope, Work};
use crate::lang::program::{Expr, Tally};
use crate::lang::syntax::{Kind, Syntax};
use crate::lang::types::Type;

/// The functions of a moment.
const FUNCTIONS: [&str; 4] = ["aged", "waited", "given", "valid"];

impl<S: Scope> Work<'_, '_, S> {
    /// `judging` and `session_date`; none for every other name.
    pub(crate) fn moment_name(&mut self, name: &str, syntax: &Syntax) -> Option<Lowered> {
        let (expr, ty) = match name {
            "judging" => (Expr::Judging, Type::Bool),
            "session_date" => (Expr::SessionDate, Type::Date),
            _ => return None,
        };
        Some(if self.context.inside_skip { self.add(expr, ty, syntax) } else { self.not_here(name, syntax) })
    }

    /// A function of a moment; none for every other name.
    pub(crate) fn moment_call(&mut self, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Option<Lowered> {
        if !FUNCTIONS.contains(&name) {
            return None;
        }
        if !self.context.inside_skip {
            return Some(self.not_here(&format!("{name}()"), syntax));
        }
        Some(match name {
            "given" | "valid" => self.tally(name == "valid", arguments, syntax),
            _ => self.threshold(name, arguments, syntax),
        })
    }

    fn not_here(&mut self, name: &str, syntax: &Syntax) -> Lowered {
        let message = format!("`{name}` is about one session of a course");
        let diagnostic = self.error(&codes::NOT_HERE, syntax, message);
        self.report(diagnostic.help("it may be used in the `skip` of a [[course.session]]"))
    }

    /// `aged("4 years")`, `waited("6 months", grace)`.
    fn threshold(&mut self, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
        let is_grace = |argument: &Syntax| matches!(&argument.kind, Kind::Name(name) if name == "grace");
        let (text, grace) = match arguments {
            [text] => (text, false),
            [text, grace] if is_grace(grace) => (text, true),
            _ => return self.wrong_threshold(name, syntax),
        };
        let Kind::Text(written) = &text.kind else { return self.wrong_threshold(name, text) };
        match written.parse::<Duration>() {
            Ok(by) if name == "aged" => self.add(Expr::Aged { by, grace }, Type::Bool, syntax),
            Ok(by) => self.add(Expr::Waited { by, grace }, Type::Bool, syntax),
            Err(error) => {
                let diagnostic = self.error(&codes::INVALID_DURATION, text, error.to_string());
                self.report(diagnostic)
            }
        }
    }

    fn wrong_threshold(&mut self, name: &str, syntax: &Syntax) -> Lowered {
        let message = format!("`{name}()` takes a length of time in quotes, and optionally the word grace");
        self.wrong(syntax, message, &format!("write `{name}(\"4 years\")` or `{name}(\"4 years\", grace)`"))
    }

    /// `valid("roller", "from 18 years", "before 2026-01-01")`.
    fn tally(&mut self, valid: bool, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
        let mut tally = Tally { valid, ..Tally::default() };
        for argument in arguments {
            let Kind::Text(written) = &argument.kind else {
                let help = "name a group of products, \"from …\" or \"before …\" with an age or a date";
                return self.wrong(argument, "this should be a text in quotes", help);
            };
            match written.split_once(' ') {
                Some((word @ ("from" | "before"), end)) => {
                    self.end(&mut tally, word == "from", end.trim(), argument)?
                }
                _ => self.products(&mut tally, written, argument)?,
            }
        }
        self.add(Expr::Tally(Box::new(tally)), Type::PLAIN, syntax)
    }

    fn end(&mut self, tally: &mut Tally, is_from: bool, end: &str, argument: &Syntax) -> Option<()> {
        if let Ok(date) = end.parse::<Date>() {
            *(if is_from { &mut tally.from } else { &mut tally.before }) = Some(date);
            return Some(());
        }
        match end.parse::<Duration>() {
            Ok(age) => *(if is_from { &mut tally.from_age } else { &mut tally.before_age }) = Some(age),
            Err(error) => {
                let diagnostic = self.error(&codes::INVALID_DURATION, argument, error.to_string());
                return self.report(diagnostic.help("write an age such as \"from 12 months\" or a date"));
            }
        }
        Some(())
    }

    fn products(&mut self, tally: &mut Tally, name: &str, argument: &Syntax) -> Option<()> {
        let Some(products) = self.lowerer.scope.products(name) else {
            let groups = self.lowerer.scope.groups();
            let diagnostic =
                self.error(&codes::UNKNOWN_PRODUCT, argument, format!("there is no product or group `{name}`"));
            return self.report(diagnostic.suggest(name, groups.iter().map(String::as_str)));
        };
        let mut all = tally.products.take().map(Vec::from).unwrap_or_default();
        all.extend(products.iter().map(|product| self.lowerer.program.text(product)));
        all.sort_unstable();
        all.dedup();
        tally.products = Some(all.into());
        Some(())
    }
}
