//! Properties: conditions on a patient and on what is answered.

use std::sync::Arc;

use super::{Compiler, plain_text};
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::lower::{Context, Symbol, Wanted};
use crate::lang::syntax::{Kind, Syntax};
use crate::lang::{Expr, FactId, Type};
use crate::protocol::dictionary::{Answer, Fact, Validity};
use crate::protocol::file::{self, AnsweredBy, FactType, Text};
use crate::protocol::model::{OfAnswer, Properties, Property, Says, Setting};
use crate::recommendation::Status;
use crate::speech::Speech;

/// The names of what an answer says.
const STATUS: &str = "status";
const TREAT: &str = "treat";
const NOT_BEFORE: &str = "not_before";

impl Compiler<'_> {
    /// The properties. They are lowered last, into a copy of what has been lowered before.
    pub(super) fn properties(&mut self, settings: &[Setting]) -> Properties {
        let file = self.file;
        if file.property.is_empty() {
            return Properties::default();
        }
        let program = self.lowerer.program.clone();
        let scope = &self.lowerer.scope;
        let (facts, dictionary, known) = (scope.slots.clone(), scope.dictionary.clone(), scope.known.clone());
        let taken: Vec<&str> = [STATUS, TREAT, NOT_BEFORE]
            .into_iter()
            .filter(|name| known.contains_key(*name) || dictionary.fact(name).is_some())
            .collect();
        let of_answer = self.names_of_answer(settings);
        let list = file.property.iter().filter_map(|entry| self.property(entry, &taken, &of_answer)).collect();
        let scope = &mut self.lowerer.scope;
        scope.settings.clear();
        scope.known = known;
        Properties {
            list,
            program: std::mem::replace(&mut self.lowerer.program, program),
            facts: std::mem::replace(&mut scope.slots, facts),
            dictionary: std::mem::replace(&mut scope.dictionary, dictionary),
            of_answer,
        }
    }

    /// Makes known what an answer says, as facts that no record has.
    fn names_of_answer(&mut self, settings: &[Setting]) -> Vec<(FactId, OfAnswer)> {
        let place = Place { file: self.source.clone(), span: 0..0 };
        let plain = |declared, ty| Answer { declared, ty, range: None, decimals: None, labels: Arc::default() };
        // What is not decided is not known.
        let words = Status::ALL.into_iter().filter(|status| *status != Status::Undetermined);
        let words: Arc<[String]> = words.map(|status| status.word().to_owned()).collect();
        let mut all = vec![
            (STATUS.to_owned(), "the status", plain(FactType::Choice, Type::Choice(words)), OfAnswer::Status),
            (TREAT.to_owned(), "the answer is to treat", plain(FactType::Bool, Type::Bool), OfAnswer::Treat),
            (NOT_BEFORE.to_owned(), "the first permitted day", plain(FactType::Date, Type::Date), OfAnswer::NotBefore),
        ];
        for (at, setting) in settings.iter().enumerate().filter(|(_, setting)| says_numbers(setting)) {
            let unit = setting.unit.as_deref().map(Into::into);
            let ty = Type::Number { whole: false, unit, scaled: false };
            let answer = plain(FactType::Decimal, ty);
            all.push((setting.id.clone(), "", answer, OfAnswer::Setting(at)));
        }
        let translated = self.translation.as_ref().map(|one| one.language.as_str());
        let own = self.file.language.as_ref().map(|one| one.value.as_str());
        let speech = Speech::of(own.or(translated).unwrap_or("en"));
        let scope = &mut self.lowerer.scope;
        // Why a row could not be read has been told.
        let is_broken =
            |(setting, file): &(&Setting, &file::Setting)| setting.rows.len() < file.rows.len() || file.rows.is_empty();
        let broken = settings.iter().zip(&self.file.setting).filter(is_broken);
        scope.settings.extend(broken.map(|(setting, _)| (setting.id.clone(), Symbol::Broken)));
        let mut dictionary = (*scope.dictionary).clone();
        let mut of_answer = Vec::new();
        for (name, label, answer, what) in all {
            // A slot more than there are numbers is told of for all facts together.
            scope.is_full |= scope.slots.len() >= crate::narrow::MOST;
            let slot = FactId(crate::narrow::u16(scope.slots.len().min(crate::narrow::MOST)));
            let symbol = Symbol::Fact(slot, answer.ty.clone());
            let label = match what {
                OfAnswer::Setting(at) => speech.say("the setting “{}”", &[&settings[at].label.fill(|_| "…".into())]),
                _ => speech.say(label, &[]),
            };
            match what {
                OfAnswer::Setting(_) => scope.settings.push((name.clone(), symbol)),
                _ => drop(scope.known.insert(name.clone(), symbol)),
            }
            scope.slots.push(dictionary.facts.len());
            dictionary.facts.push(Fact {
                name,
                label: Some(label),
                answer,
                ask: String::new(),
                of: AnsweredBy::Record,
                group: None,
                source_attribute: None,
                valid_for: Validity::Forever,
                asked_when: None,
                may_be_never: what == OfAnswer::NotBefore,
                past: false,
                modifiable: false,
                codes: Vec::new(),
                place: place.clone(),
            });
            of_answer.push((slot, what));
        }
        scope.dictionary = Arc::new(dictionary);
        of_answer
    }

    fn property(
        &mut self,
        entry: &file::Property,
        taken: &[&str],
        of_answer: &[(FactId, OfAnswer)],
    ) -> Option<Property> {
        let id = self.id(&entry.id);
        let sources = self.cite(&entry.sources);
        let reason = plain_text(&entry.reason, self.source, &mut self.lowerer.found);
        let place = entry.id.place(self.source);
        let (text, never) = match (&entry.never, &entry.always) {
            (Some(text), None) => (text, true),
            (None, Some(text)) => (text, false),
            (both, _) => {
                let found = if both.is_some() { "both `never` and `always`" } else { "neither `never` nor `always`" };
                let diagnostic = Diagnostic::new(&codes::MISSING_KEY, format!("property `{id}` has {found}"));
                self.report(diagnostic.at(&place).help("write `never = '…'` or `always = '…'`, and not both"));
                return None;
            }
        };
        let root = self.about_the_answer(text, taken)?;
        let says = |expr: &Expr| matches!(expr, Expr::Fact(fact) if of_answer.iter().any(|(slot, _)| slot == fact));
        let program = &self.lowerer.program;
        if !program.under([root]).any(|node| says(&program.node(node).expr)) {
            let message = format!("property `{id}` says nothing of the answer");
            let help =
                "name what is answered: `status`, `treat`, `not_before` or `setting(\"…\")`, as in `treat && pregnant`";
            self.report(Diagnostic::new(&codes::NOT_OF_THE_ANSWER, message).at(&text.place(self.source)).help(help));
            return None;
        }
        Some(Property { id, root, never, written: text.value.clone(), reason, sources, place })
    }

    /// A condition in which what an answer says has its names.
    fn about_the_answer(&mut self, text: &Text, taken: &[&str]) -> Option<crate::lang::ExprId> {
        if text.is_empty() && text.span.is_empty() {
            return None;
        }
        let parsed = self.lowerer.parse(text)?;
        let mut names = Vec::new();
        super::collect_names(&parsed.syntax, &mut names);
        if let Some(name) = taken.iter().find(|name| names.iter().any(|used| used == *name)) {
            let message = format!("`{name}` is what the answer says, and also a fact, a parameter or a definition");
            let diagnostic = Diagnostic::new(&codes::DUPLICATE_NAME, message).at(&text.place(self.source));
            self.report(diagnostic.help("give that another name: in a property it would be taken for the answer's"));
            return None;
        }
        if compares_with_undetermined(&parsed.syntax) {
            let message = "a property is about answers that are decided, and `undetermined` is none";
            let help = "leave it out: of a patient whose answer is not decided, no property is violated";
            self.report(Diagnostic::new(&codes::UNKNOWN_CHOICE, message).at(&text.place(self.source)).help(help));
            return None;
        }
        self.lowerer.lower_parsed(text, &parsed, &Wanted::Condition, &Context::default())
    }
}

fn says_numbers(setting: &Setting) -> bool {
    setting.rows.iter().any(|row| !matches!(row.says, Says::Text(_)))
}

fn compares_with_undetermined(syntax: &Syntax) -> bool {
    let is_it = |one: &Syntax| matches!(&one.kind, Kind::Text(text) if text == Status::Undetermined.word());
    let is_status = |one: &Syntax| matches!(&one.kind, Kind::Name(name) if name == STATUS);
    match &syntax.kind {
        Kind::Compare(_, a, b) => (is_status(a) && is_it(b)) || (is_status(b) && is_it(a)),
        Kind::In(a, list) => is_status(a) && matches!(&list.kind, Kind::List(all) if all.iter().any(is_it)),
        Kind::Not(a) => compares_with_undetermined(a),
        Kind::And(all) | Kind::Or(all) => all.iter().any(compares_with_undetermined),
        Kind::If(a, b, c) => [a, b, c].into_iter().any(|one| compares_with_undetermined(one)),
        _ => false,
    }
}
