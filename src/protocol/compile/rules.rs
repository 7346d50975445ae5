//! Rules of every kind.

use super::Compiler;
use super::settings::number_of;
use crate::diagnostic::{Diagnostic, codes};
use crate::document::{Scalar, Spanned};
use crate::lang::ExprId;
use crate::lang::lower::{Context, Wanted};
use crate::protocol::file::{self, Common};
use crate::protocol::model::{Action, Quantity, Rule, Setting, Template};

impl Compiler<'_> {
    pub(super) fn rules(&mut self, settings: &[Setting]) -> Vec<Rule> {
        let file = self.file;
        let mut rules = Vec::new();
        for entry in &file.indication {
            let when = self.condition(&entry.when);
            let otherwise = self.template(&entry.otherwise);
            let reason = self.maybe_template(entry.reason.as_ref()).unwrap_or_else(|| otherwise.clone());
            let instead = entry.instead.iter().map(|other| other.value.clone()).collect();
            let action = Action::Indicate { otherwise, instead };
            rules.push(self.rule(entry.common(), when, reason, action));
        }
        for entry in &file.contraindication {
            let until = self.maybe_template(entry.until.as_ref());
            let action = Action::Contraindicate { lasts: entry.lasts, until };
            let when = self.condition(&entry.when);
            let reason = self.template(&entry.reason);
            rules.push(self.rule(entry.common(), when, reason, action));
        }
        for entry in &file.completion {
            let then = self.maybe_template(entry.then.as_ref());
            let action = Action::Complete { outcome: entry.outcome, then };
            let when = self.condition(&entry.when);
            let reason = self.template(&entry.reason);
            rules.push(self.rule(entry.common(), when, reason, action));
        }
        for entry in &file.deferral {
            rules.push(self.deferral(entry));
        }
        for entry in &file.referral {
            let action = Action::Refer { to: self.template(&entry.to) };
            let when = self.condition(&entry.when);
            let reason = self.template(&entry.reason);
            rules.push(self.rule(entry.common(), when, reason, action));
        }
        for entry in &file.precaution {
            let limits = entry.limits.iter().filter_map(|(name, limit)| self.limit(name, limit, settings)).collect();
            let action = Action::Precaution { action: self.template(&entry.action), limits };
            let when = self.condition(&entry.when);
            let reason = self.template(&entry.reason);
            rules.push(self.rule(entry.common(), when, reason, action));
        }
        rules
    }

    fn rule(&mut self, common: Common<'_>, when: Option<ExprId>, reason: Template, action: Action) -> Rule {
        let sources = self.cite(common.sources);
        let evidence = self.evidence(common.evidence, &sources);
        Rule {
            id: self.id(common.id),
            label: self.label(common.label),
            when,
            reason,
            sources,
            evidence,
            note: common.note.cloned(),
            action,
            place: common.id.place(self.source),
        }
    }

    pub(super) fn deferral(&mut self, entry: &file::Deferral) -> Rule {
        let place = entry.id.place(self.source);
        if entry.when.is_none() && entry.not_before.is_none() {
            let message = format!("deferral `{}` has neither `when` nor `not_before`", entry.id.value);
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&place);
            self.report(diagnostic.help("say when it applies, or the first permitted day, or both"));
        }
        if entry.not_before.is_none() && entry.until.is_none() && entry.when.is_some() {
            let message = format!("deferral `{}` does not say what ends it", entry.id.value);
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&place);
            self.report(
                diagnostic.help("give it `not_before`, the first permitted day, or `until`, what must have happened"),
            );
        }
        let when = self.maybe_condition(entry.when.as_ref());
        let not_before = entry.not_before.as_ref().and_then(|text| self.lower(text, &Wanted::Date));
        let recheck = entry.recheck.as_ref().and_then(|text| self.lower(text, &Wanted::Date));
        let may_override = entry.may_override.as_ref().map(|allowed| {
            let down_to = allowed.down_to.as_ref().map(|down_to| self.length(down_to));
            (self.template(&allowed.by), down_to)
        });
        let until = self.maybe_template(entry.until.as_ref());
        let action = Action::Defer { not_before, until, recheck, may_override };
        let reason = self.template(&entry.reason);
        self.rule(entry.common(), when, reason, action)
    }

    pub(super) fn limit(
        &mut self,
        name: &Spanned<String>,
        limit: &Spanned<Scalar>,
        settings: &[Setting],
    ) -> Option<(usize, Quantity)> {
        let Some(at) = settings.iter().position(|setting| setting.id == name.value) else {
            let message = format!("there is no setting `{}`", name.value);
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_REFERENCE, message).at(&name.place(self.source));
            self.report(diagnostic.suggest(name, settings.iter().map(|setting| setting.id.as_str())));
            return None;
        };
        let wanted = number_of(name, settings[at].unit.as_deref());
        self.quantity(limit, &wanted, &Context::default()).map(|quantity| (at, quantity))
    }
}
