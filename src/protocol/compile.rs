//! From the file to the model: names become slots, texts are checked, and every mistake is collected.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::dictionary::{Dictionary, check_name};
use super::file::{self, ProtocolFile, SettingRow, Text};
use super::model::{
    Action, Allowed, Component, Counter, Course, Definition, Evidence, Instruction, Length, Parameter, Protocol,
    Quantity, RedFlag, Row, Rule, Says, Separation, Setting, Source,
};
use crate::date::{Date, Duration};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity, SourceFile, codes};
use crate::document::{Scalar, Spanned};
use crate::lang::lower::{Context, Lowerer, Scope, Symbol, Wanted};
use crate::lang::syntax::{Kind, Syntax};
use crate::lang::{ExprId, FactId, Parser, Program, Type};
use crate::logic::value::Value;
use crate::logic::{Declared, Reach};

/// Makes a protocol of a file. Where there are mistakes, what is returned is of no use but to find more of them.
pub(super) fn compile(
    file: &ProtocolFile,
    source: &Arc<SourceFile>,
    dictionary: Arc<Dictionary>,
    parser: &Parser,
    found: &mut Diagnostics,
) -> Protocol {
    let names = Names {
        dictionary: dictionary.clone(),
        treatment: file.treatment.value.clone(),
        slots: Vec::new(),
        known: HashMap::new(),
        groups: products(file),
        is_full: false,
        counted_by: file.course.iter().filter_map(|course| Some(course.separate_by.as_ref()?.value.clone())).collect(),
    };
    let lowerer =
        Lowerer { parser, file: source, scope: names, program: Program::default(), found: std::mem::take(found) };
    let mut compiler = Compiler {
        file,
        source,
        lowerer,
        ids: HashMap::new(),
        sources: Vec::new(),
        cited: Vec::new(),
        counter: None,
        parameters: Vec::new(),
    };
    let protocol = compiler.protocol(dictionary);
    *found = compiler.lowerer.found;
    protocol
}

/// The groups of products of a file.
fn products(file: &ProtocolFile) -> Vec<(String, Vec<String>)> {
    let texts = |all: &[Text]| all.iter().map(|product| product.value.clone()).collect();
    file.products.iter().map(|(name, products)| (name.value.clone(), texts(products))).collect()
}

/// The names of one protocol.
pub(super) struct Names {
    dictionary: Arc<Dictionary>,
    treatment: String,
    /// The facts that are read, by their place in the dictionary.
    slots: Vec<usize>,
    known: HashMap<String, Symbol>,
    /// The groups of products.
    groups: Vec<(String, Vec<String>)>,
    /// Whether there are more facts than there are numbers for them.
    is_full: bool,
    /// The notes that courses are counted by.
    counted_by: Vec<String>,
}

impl Scope for Names {
    fn find(&mut self, name: &str) -> Option<Symbol> {
        if let Some(symbol) = self.known.get(name) {
            return Some(symbol.clone());
        }
        if self.dictionary.broken.iter().any(|broken| broken == name) {
            return Some(Symbol::Broken);
        }
        let (at, fact) = self.dictionary.fact(name)?;
        let slot = match self.slots.iter().position(|slot| *slot == at) {
            Some(slot) => slot,
            None if self.slots.len() == crate::narrow::MOST => {
                self.is_full = true;
                return Some(Symbol::Broken);
            }
            None => {
                self.slots.push(at);
                self.slots.len() - 1
            }
        };
        let symbol = Symbol::Fact(FactId(crate::narrow::u16(slot)), fact.answer.ty.clone());
        self.known.insert(name.to_owned(), symbol.clone());
        Some(symbol)
    }

    fn note(&self, name: &str) -> Option<(u16, Type)> {
        self.dictionary.note(name).map(|(at, note)| (crate::narrow::u16(at), note.answer.ty.clone()))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.dictionary.facts.iter().map(|fact| fact.name.clone()).collect();
        names.extend(self.known.keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    fn notes(&self) -> Vec<String> {
        self.dictionary.notes.iter().map(|note| note.name.clone()).collect()
    }

    fn treatment(&self) -> &str {
        &self.treatment
    }

    fn products(&self, name: &str) -> Option<Vec<String>> {
        if let Some((_, products)) = self.groups.iter().find(|(group, _)| group == name) {
            return Some(products.clone());
        }
        // Where no products are declared, every text is one.
        let known =
            self.groups.is_empty() || self.groups.iter().any(|(_, products)| products.iter().any(|p| p == name));
        known.then(|| vec![name.to_owned()])
    }

    fn groups(&self) -> Vec<String> {
        self.groups.iter().map(|(group, _)| group.clone()).collect()
    }

    fn counted_by(&self) -> Vec<String> {
        self.counted_by.clone()
    }
}

pub(super) struct Compiler<'a> {
    pub(super) file: &'a ProtocolFile,
    pub(super) source: &'a Arc<SourceFile>,
    pub(super) lowerer: Lowerer<'a, Names>,
    /// Where each id was first given.
    ids: HashMap<String, Place>,
    sources: Vec<Source>,
    cited: Vec<usize>,
    /// What the course in hand is counted by.
    pub(super) counter: Option<Counter>,
    /// The values of the parameters.
    parameters: Vec<Value>,
}

impl Compiler<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.lowerer.found.push(diagnostic);
    }

    fn protocol(&mut self, dictionary: Arc<Dictionary>) -> Protocol {
        let file = self.file;
        self.header();
        self.sources = file.sources.iter().map(|(name, entry)| self.source_entry(name, entry)).collect();
        let parameters = self.parameters();
        let definitions = self.definitions();
        // Settings first: precautions cap them by name.
        let settings: Vec<Setting> = file.setting.iter().map(|setting| self.setting(setting)).collect();
        let rules = self.rules(&settings);
        let instructions = file.instruction.iter().map(|instruction| self.instruction(instruction)).collect();
        let red_flags = file.red_flag.iter().map(|flag| self.red_flag(flag)).collect();
        let components: Vec<Component> =
            file.components.iter().map(|(name, entry)| self.component(name, entry)).collect();
        let immune = self.inside_course(file.immune.as_ref());
        let courses: Vec<Course> = file.course.iter().map(|course| self.course(course)).collect();
        self.check_counters(&courses);
        let birth = self.birth(&courses);
        let separations: Vec<Separation> =
            file.separation.iter().enumerate().map(|(at, entry)| self.separation(at, entry)).collect();
        self.check_counts(&parameters, &definitions);
        let program = std::mem::take(&mut self.lowerer.program);
        let facts = std::mem::take(&mut self.lowerer.scope.slots);
        Protocol {
            id: file.id.value.clone(),
            title: file.title.value.clone(),
            version: file.version.value.clone(),
            status: file.status,
            in_force_from: self.date(&file.in_force.from),
            in_force_until: file.in_force.until.as_ref().map(|until| self.date(until)),
            review_by: self.date(&file.review_by),
            owner: file.owner.value.clone(),
            treatment: file.treatment.value.clone(),
            sha256: super::sha256(&self.source.text),
            file: self.source.clone(),
            dictionary,
            sources: std::mem::take(&mut self.sources),
            parameters,
            definitions,
            product_groups: products(file),
            products: super::products::kinds(&program, &components, &courses, &separations),
            facts,
            program,
            rules,
            settings,
            instructions,
            red_flags,
            components,
            component_number: file.number,
            immune,
            birth,
            courses,
            separations,
            allowed: allowed(&file.allow, self.source, &mut self.lowerer.found),
        }
    }

    /// What stands for a fact or a parameter is a small number. Past the last, one would be taken for another.
    fn check_counts(&mut self, parameters: &[Parameter], definitions: &[Definition]) {
        const MOST_NODES: usize = 1 << 24;
        let (program, scope, most) = (&self.lowerer.program, &self.lowerer.scope, crate::narrow::MOST);
        let facts = scope.slots.len() + usize::from(scope.is_full);
        let notes = scope.dictionary.notes.len();
        let (treatments, texts) = (program.lists.len(), program.texts.iter().count());
        let parts = program.nodes.len();
        for (what, count, most) in [
            ("facts", facts, most),
            ("notes of sessions", notes, most),
            ("parameters", parameters.len(), most),
            ("definitions", definitions.len(), most),
            ("treatments", treatments, most),
            ("texts in expressions", texts, most),
            ("parts of expressions", parts, MOST_NODES),
        ] {
            if count > most {
                let message = format!("`{}` has more than {most} {what}", self.file.id.value);
                let diagnostic = Diagnostic::new(&codes::TOO_MANY, message).at(&self.file.id.place(self.source));
                self.report(diagnostic.help("divide it into several protocols"));
            }
        }
    }

    fn header(&mut self) {
        let file = self.file;
        self.id(&file.id);
        let version = &file.version;
        if !version.is_empty() && semver::Version::parse(version).is_err() {
            let message = format!("`{}` is not a version", version.value);
            self.report(
                Diagnostic::new(&codes::INVALID_VALUE, message)
                    .at(&version.place(self.source))
                    .help("write it as \"1.0.0\""),
            );
        }
        if let (Ok(from), Some(Ok(until))) =
            (file.in_force.from.parse::<Date>(), file.in_force.until.as_ref().map(|until| until.parse::<Date>()))
            && until < from
            && let Some(place) = file.in_force.until.as_ref().map(|until| until.place(self.source))
        {
            self.report(Diagnostic::new(&codes::INVALID_VALUE, "it ends before it begins").at(&place));
        }
    }

    /// Checks an id and remembers it.
    pub(super) fn id(&mut self, id: &Text) -> String {
        if id.is_empty() {
            return String::new();
        }
        let place = id.place(self.source);
        let well_formed = id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !well_formed {
            let message = format!("`{}` cannot be an id", id.value);
            let help = "use small letters, digits and hyphens, beginning with a letter or digit";
            self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&place).help(help));
        }
        match self.ids.get(&id.value) {
            // An interval of the course is that of every session which has none of its own: one rule, met again.
            Some(first) if first.span == place.span => {}
            Some(first) => {
                let message = format!("the id `{}` is given twice", id.value);
                let diagnostic =
                    Diagnostic::new(&codes::DUPLICATE_NAME, message).labelled(&place, "again").see(first, "first");
                self.report(diagnostic.help("traces and cases refer to ids: give each its own"));
            }
            None => {
                self.ids.insert(id.value.clone(), place);
            }
        }
        id.value.clone()
    }

    pub(super) fn date(&mut self, text: &Text) -> Date {
        match text.parse::<Date>() {
            Ok(date) => date,
            Err(error) => {
                if !text.span.is_empty() {
                    self.report(Diagnostic::new(&codes::INVALID_DATE, error.to_string()).at(&text.place(self.source)));
                }
                Date::MIN
            }
        }
    }

    fn source_entry(&mut self, name: &Spanned<String>, entry: &file::SourceEntry) -> Source {
        Source {
            id: name.value.clone(),
            title: entry.title.value.clone(),
            year: entry.year,
            url: entry.url.clone(),
            evidence: entry.evidence,
            place: name.place(self.source),
        }
    }

    /// The places of the cited sources.
    pub(super) fn cite(&mut self, cited: &[Text]) -> Vec<usize> {
        let mut places = Vec::new();
        for name in cited {
            match self.sources.iter().position(|source| source.id == name.value) {
                Some(at) => places.push(at),
                None => {
                    let message = format!("there is no source `{}`", name.value);
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_SOURCE, message).at(&name.place(self.source));
                    let diagnostic = diagnostic.suggest(name, self.sources.iter().map(|source| source.id.as_str()));
                    let diagnostic = if diagnostic.help.is_empty() {
                        diagnostic.help(format!("declare it as [sources.{}]", name.value))
                    } else {
                        diagnostic
                    };
                    self.report(diagnostic);
                }
            }
        }
        self.cited.extend(&places);
        places
    }

    /// How well something is founded: by its own mark, or as well as the best of its sources.
    pub(super) fn evidence(&self, own: Option<Evidence>, sources: &[usize]) -> Evidence {
        own.or_else(|| sources.iter().map(|at| self.sources[*at].evidence).min()).unwrap_or(Evidence::Custom)
    }

    fn parameters(&mut self) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for (name, entry) in self.file.parameters.iter() {
            self.new_name(name);
            let sources = self.cite(&entry.sources);
            let Some((value, ty)) = self.parameter_value(&entry.value, entry.unit.as_deref(), None) else {
                self.lowerer.scope.known.insert(name.value.clone(), Symbol::Broken);
                continue;
            };
            if entry.unit.is_some() && !matches!(ty, Type::Number { .. }) {
                let message = format!("`unit` is for numbers, and `{}` is not one", name.value);
                self.report(Diagnostic::new(&codes::USELESS_KEY, message).at(&name.place(self.source)));
            }
            let range = self.parameter_range(&entry.range, &ty, value, &entry.value);
            let symbol = Symbol::Parameter(crate::narrow::u16(parameters.len()), ty.clone());
            self.lowerer.scope.known.insert(name.value.clone(), symbol);
            let place = name.place(self.source);
            self.parameters.push(value);
            parameters.push(Parameter {
                name: name.value.clone(),
                ty,
                value,
                range,
                note: entry.note.clone(),
                sources,
                place,
            });
        }
        parameters
    }

    /// Reports a name that is taken or cannot be one.
    fn new_name(&mut self, name: &Spanned<String>) {
        check_name(name, self.source, &mut self.lowerer.found);
        let place = name.place(self.source);
        let taken = match self.lowerer.scope.dictionary.fact(name) {
            Some((_, fact)) => Some(("a fact", Some(fact.place.clone()))),
            None => self.lowerer.scope.known.get(&name.value).map(|_| ("a parameter", None)),
        };
        if let Some((what, first)) = taken {
            let message = format!("there is already {what} `{}`", name.value);
            let mut diagnostic = Diagnostic::new(&codes::DUPLICATE_NAME, message).at(&place);
            if let Some(first) = first {
                diagnostic = diagnostic.see(&first, "here");
            }
            self.report(diagnostic.help("facts, parameters and definitions share one set of names"));
        }
    }

    fn parameter_value(
        &mut self,
        scalar: &Spanned<Scalar>,
        unit: Option<&str>,
        like: Option<&Type>,
    ) -> Option<(Value, Type)> {
        match scalar_value(scalar, unit) {
            Ok((value, ty)) => match like {
                Some(like) if !same_kind(like, &ty) => {
                    let message = format!("this is {}, and the value is {}", ty.name(), like.name());
                    self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&scalar.place(self.source)));
                    None
                }
                _ => {
                    if let Value::Duration(duration, _) = value {
                        self.not_negative(duration, &scalar.place(self.source));
                    }
                    Some((value, ty))
                }
            },
            Err(message) => {
                if !scalar.span.is_empty() {
                    self.report(Diagnostic::new(&codes::INVALID_DURATION, message).at(&scalar.place(self.source)));
                }
                None
            }
        }
    }

    fn parameter_range(
        &mut self,
        range: &Spanned<Vec<Spanned<Scalar>>>,
        ty: &Type,
        value: Value,
        at: &Spanned<Scalar>,
    ) -> Option<(Value, Value)> {
        if range.span.is_empty() {
            return None;
        }
        let place = range.place(self.source);
        let [least, greatest] = &range.value[..] else {
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "a range has two ends").at(&place);
            self.report(diagnostic.help("write `range = [least, greatest]`"));
            return None;
        };
        let unit = match ty {
            Type::Number { unit, .. } => unit.clone(),
            _ => None,
        };
        let least = self.parameter_value(least, unit.as_deref(), Some(ty));
        let greatest = self.parameter_value(greatest, unit.as_deref(), Some(ty));
        let ((least, _), (greatest, _)) = (least?, greatest?);
        if !in_order(least, greatest) {
            self.report(Diagnostic::new(&codes::INVALID_VALUE, "the range ends before it begins").at(&place));
            return None;
        }
        if !in_order(least, value) || !in_order(value, greatest) {
            let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, "the value is outside its own range");
            let diagnostic = diagnostic.at(&at.place(self.source)).see(&place, "the range");
            self.report(diagnostic);
        }
        Some((least, greatest))
    }

    /// Definitions, each after those it uses.
    fn definitions(&mut self) -> Vec<Definition> {
        let entries = &self.file.definitions.0;
        for (name, _) in entries {
            self.new_name(name);
        }
        let parsed: Vec<Option<Syntax>> = entries.iter().map(|(_, text)| self.lowerer.parse(text)).collect();
        let uses: Vec<Vec<usize>> = parsed
            .iter()
            .map(|syntax| {
                let mut names = Vec::new();
                syntax.iter().for_each(|syntax| collect_names(syntax, &mut names));
                names.iter().filter_map(|name| entries.iter().position(|(other, _)| other.value == **name)).collect()
            })
            .collect();
        let mut definitions = Vec::new();
        let mut done = vec![false; entries.len()];
        // Each round lowers what uses only what is lowered; what is left goes in circles.
        loop {
            let ready: Vec<usize> =
                (0..entries.len()).filter(|at| !done[*at] && uses[*at].iter().all(|other| done[*other])).collect();
            if ready.is_empty() {
                break;
            }
            for at in ready {
                done[at] = true;
                let (name, text) = &entries[at];
                let root = parsed[at]
                    .as_ref()
                    .and_then(|syntax| self.lowerer.lower_syntax(text, syntax, &Wanted::Anything, &Context::default()));
                let symbol = match root {
                    Some(root) => {
                        definitions.push(Definition { name: name.value.clone(), root, place: name.place(self.source) });
                        Symbol::Definition(crate::narrow::u16(definitions.len() - 1), root)
                    }
                    None => Symbol::Broken,
                };
                self.lowerer.scope.known.insert(name.value.clone(), symbol);
            }
        }
        for (at, (name, _)) in entries.iter().enumerate() {
            if !done[at] {
                self.lowerer.scope.known.insert(name.value.clone(), Symbol::Broken);
                if let Some(circle) = circle(at, &uses, &done) {
                    let names: Vec<String> = circle.iter().map(|at| format!("`{}`", entries[*at].0.value)).collect();
                    let message = format!("`{}` is defined in terms of itself: {}", name.value, names.join(" → "));
                    let diagnostic = Diagnostic::new(&codes::CYCLE, message).at(&name.place(self.source));
                    self.report(diagnostic.help("write one of them without the others"));
                }
            }
        }
        definitions
    }

    fn lower(&mut self, text: &Text, wanted: &Wanted) -> Option<ExprId> {
        self.lowerer.lower(text, wanted, &Context::default())
    }

    fn condition(&mut self, text: &Text) -> Option<ExprId> {
        self.lower(text, &Wanted::Condition)
    }

    fn maybe_condition(&mut self, text: Option<&Text>) -> Option<ExprId> {
        text.and_then(|text| self.condition(text))
    }

    fn rules(&mut self, settings: &[Setting]) -> Vec<Rule> {
        let file = self.file;
        let mut rules = Vec::new();
        for entry in &file.indication {
            let action = Action::Indicate {
                otherwise: entry.otherwise.value.clone(),
                instead: entry.instead.iter().map(|other| other.value.clone()).collect(),
            };
            let when = self.condition(&entry.when);
            let reason = entry.reason.as_ref().unwrap_or(&entry.otherwise).clone();
            rules.push(self.rule(
                &entry.id,
                when,
                &reason,
                &entry.sources,
                entry.evidence,
                entry.note.as_ref(),
                action,
            ));
        }
        for entry in &file.contraindication {
            let until = entry.until.as_ref().map(|until| until.value.clone());
            let action = Action::Contraindicate { lasts: entry.lasts, until };
            let when = self.condition(&entry.when);
            rules.push(self.rule(
                &entry.id,
                when,
                &entry.reason,
                &entry.sources,
                entry.evidence,
                entry.note.as_ref(),
                action,
            ));
        }
        for entry in &file.completion {
            let then = entry.then.as_ref().map(|then| then.value.clone());
            let action = Action::Complete { outcome: entry.outcome, then };
            let when = self.condition(&entry.when);
            rules.push(self.rule(
                &entry.id,
                when,
                &entry.reason,
                &entry.sources,
                entry.evidence,
                entry.note.as_ref(),
                action,
            ));
        }
        for entry in &file.deferral {
            rules.push(self.deferral(entry));
        }
        for entry in &file.referral {
            let action = Action::Refer { to: entry.to.value.clone() };
            let when = self.condition(&entry.when);
            rules.push(self.rule(
                &entry.id,
                when,
                &entry.reason,
                &entry.sources,
                entry.evidence,
                entry.note.as_ref(),
                action,
            ));
        }
        for entry in &file.precaution {
            let limits = entry.limits.iter().filter_map(|(name, limit)| self.limit(name, limit, settings)).collect();
            let action = Action::Precaution { action: entry.action.value.clone(), limits };
            let when = self.condition(&entry.when);
            rules.push(self.rule(
                &entry.id,
                when,
                &entry.reason,
                &entry.sources,
                entry.evidence,
                entry.note.as_ref(),
                action,
            ));
        }
        rules
    }

    #[expect(clippy::too_many_arguments, reason = "the keys that every kind of rule shares")]
    fn rule(
        &mut self,
        id: &Text,
        when: Option<ExprId>,
        reason: &Text,
        sources: &[Text],
        evidence: Option<Evidence>,
        note: Option<&String>,
        action: Action,
    ) -> Rule {
        let sources = self.cite(sources);
        let evidence = self.evidence(evidence, &sources);
        Rule {
            id: self.id(id),
            when,
            reason: reason.value.clone(),
            sources,
            evidence,
            note: note.cloned(),
            action,
            place: id.place(self.source),
        }
    }

    fn deferral(&mut self, entry: &file::Deferral) -> Rule {
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
            if let Some(down_to) = &allowed.down_to {
                self.wait(down_to);
            }
            (allowed.by.value.clone(), allowed.down_to.as_ref().map(|down_to| down_to.value.clone()))
        });
        let until = entry.until.as_ref().map(|until| until.value.clone());
        let action = Action::Defer { not_before, until, recheck, may_override };
        self.rule(&entry.id, when, &entry.reason, &entry.sources, entry.evidence, entry.note.as_ref(), action)
    }

    fn limit(
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

    /// A number that a row or a limit says. One that is less than 0 for everybody is a mistake.
    fn quantity(&mut self, scalar: &Spanned<Scalar>, wanted: &Wanted, context: &Context) -> Option<Quantity> {
        let quantity = self.number(scalar, wanted, context)?;
        if self.reach(&quantity).is_some_and(|(_, greatest)| greatest < Decimal::ZERO) {
            let message = "a setting cannot be negative";
            self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&scalar.place(self.source)));
        }
        Some(quantity)
    }

    /// The least and the greatest that a number comes to for anybody, by the declared ranges of the facts that it is made of.
    fn reach(&self, quantity: &Quantity) -> Option<(Decimal, Decimal)> {
        let body = match quantity {
            Quantity::Fixed(number) => return Some((*number, *number)),
            Quantity::Computed(body) => body,
        };
        let names = &self.lowerer.scope;
        let declared = Declared {
            fact: &|fact| names.dictionary.facts[names.slots[usize::from(fact.0)]].answer.range,
            note: &|note| names.dictionary.notes[usize::from(note)].answer.range,
        };
        match Reach::of_anybody(&self.lowerer.program, declared, &self.parameters).value(ExprId(body.end - 1)) {
            Value::Number(least, greatest) => Some((least, greatest)),
            _ => None,
        }
    }

    fn number(&mut self, scalar: &Spanned<Scalar>, wanted: &Wanted, context: &Context) -> Option<Quantity> {
        match &scalar.value {
            Scalar::Number(number) => Some(Quantity::Fixed(*number)),
            Scalar::Text(text) => {
                let text = Spanned { value: text.clone(), span: scalar.span.clone() };
                self.body(&text, wanted, context).map(Quantity::Computed)
            }
            Scalar::Bool(_) => {
                let diagnostic =
                    Diagnostic::new(&codes::INVALID_VALUE, "this should be a number or an expression for one");
                self.report(diagnostic.at(&scalar.place(self.source)));
                None
            }
        }
    }

    /// The nodes of an expression.
    fn body(&mut self, text: &Text, wanted: &Wanted, context: &Context) -> Option<Range<u32>> {
        let start = crate::narrow::u32(self.lowerer.program.nodes.len());
        self.lowerer.lower(text, wanted, context).map(|root| start..root.0 + 1)
    }

    fn setting(&mut self, entry: &file::Setting) -> Setting {
        let each = self.each(entry);
        let context = Context {
            each: each.as_ref().map(|(name, fact)| (name.clone(), self.set_choices(*fact))),
            ..Context::default()
        };
        if entry.rows.is_empty() && !entry.id.is_empty() {
            let message = format!("setting `{}` has no rows", entry.id.value);
            self.report(Diagnostic::new(&codes::MISSING_KEY, message).at(&entry.id.place(self.source)));
        }
        let wanted = number_of(&entry.id, entry.unit.as_deref());
        let rows = entry.rows.iter().filter_map(|row| self.row(row, &wanted, &context)).collect();
        let sources = self.cite(&entry.sources);
        Setting {
            id: self.id(&entry.id),
            label: entry.label.value.clone(),
            unit: entry.unit.clone(),
            safer: entry.safer,
            each,
            rows,
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
    }

    fn set_choices(&self, fact: FactId) -> Arc<[String]> {
        let at = self.lowerer.scope.slots[usize::from(fact.0)];
        self.lowerer.scope.dictionary.facts[at].answer.choices().into()
    }

    fn each(&mut self, entry: &file::Setting) -> Option<(String, FactId)> {
        let (name, set) = entry.each.iter().next()?;
        if let Some((second, _)) = entry.each.iter().nth(1) {
            let diagnostic =
                Diagnostic::new(&codes::INVALID_VALUE, "`each` takes exactly one set").at(&second.place(self.source));
            self.report(diagnostic);
        }
        match self.lowerer.scope.find(set) {
            Some(Symbol::Fact(fact, Type::Set(_))) => {
                if self.lowerer.scope.find(name).is_some() {
                    self.new_name(name);
                    return None;
                }
                Some((name.value.clone(), fact))
            }
            Some(_) => {
                let message = format!("`{}` is not a set of the dictionary", set.value);
                self.report(Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&set.place(self.source)));
                None
            }
            None => {
                let names = self.lowerer.scope.names();
                let message = format!("there is no fact `{}`", set.value);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&set.place(self.source));
                self.report(diagnostic.suggest(set, names.iter().map(String::as_str)));
                None
            }
        }
    }

    fn row(&mut self, row: &Spanned<file::SettingRow>, wanted: &Wanted, context: &Context) -> Option<Row> {
        let place = row.place(self.source);
        // A mistake in the condition does not hide one in the value.
        let when = row.when.as_ref().map(|text| self.body(text, &Wanted::Condition, context));
        let SettingRow { value, from, to, text, .. } = &row.value;
        let says = match (value, from, to, text) {
            (Some(value), None, None, None) => Says::Value(self.quantity(value, wanted, context)?),
            (None, Some(from), Some(to), None) => {
                let end = to.place(self.source);
                let (from, to) = (self.quantity(from, wanted, context), self.quantity(to, wanted, context));
                let (from, to) = (from?, to?);
                if let (Some((least, _)), Some((_, greatest))) = (self.reach(&from), self.reach(&to))
                    && least > greatest
                {
                    self.report(Diagnostic::new(&codes::INVALID_VALUE, "the range ends before it begins").at(&end));
                }
                Says::Range(from, to)
            }
            (None, None, None, Some(text)) => Says::Text(text.value.clone()),
            _ => {
                let message = "a row has either `value`, or `from` and `to`, or `text`";
                self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&place));
                return None;
            }
        };
        let when = match when {
            None => None,
            Some(when) => Some(when?),
        };
        Some(Row { when, says, place })
    }

    fn instruction(&mut self, entry: &file::Instruction) -> Instruction {
        let at = self.duration(&entry.at);
        let until = entry.until.as_ref().map(|until| self.duration(until));
        if let (Some(until), Some(text)) = (until, &entry.until)
            && until.is_exact()
            && at.is_exact()
            && until.days < at.days
        {
            self.report(
                Diagnostic::new(&codes::INVALID_VALUE, "it ends before it begins").at(&text.place(self.source)),
            );
        }
        let when = self.maybe_condition(entry.when.as_ref());
        let sources = self.cite(&entry.sources);
        Instruction {
            id: self.id(&entry.id),
            at,
            until,
            action: entry.action.value.clone(),
            when,
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
    }

    fn red_flag(&mut self, entry: &file::RedFlag) -> RedFlag {
        let sources = self.cite(&entry.sources);
        RedFlag {
            id: self.id(&entry.id),
            sign: entry.sign.value.clone(),
            action: entry.action.value.clone(),
            within: entry.within.as_ref().map(|within| within.value.clone()),
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
    }

    pub(super) fn duration(&mut self, text: &Text) -> Duration {
        match text.parse::<Duration>() {
            Ok(duration) => duration,
            Err(error) => {
                if !text.span.is_empty() {
                    self.report(
                        Diagnostic::new(&codes::INVALID_DURATION, error.to_string()).at(&text.place(self.source)),
                    );
                }
                Duration::default()
            }
        }
    }

    /// A length of time that is not negative.
    fn wait(&mut self, text: &Text) -> Duration {
        let duration = self.duration(text);
        self.not_negative(duration, &text.place(self.source));
        duration
    }

    fn not_negative(&mut self, duration: Duration, place: &Place) {
        if duration.months * 28 + duration.days < 0 {
            self.report(Diagnostic::new(&codes::INVALID_DURATION, "a wait cannot be negative").at(place));
        }
    }

    /// A length of time, or the name of a parameter that is one.
    pub(super) fn length(&mut self, text: &Text) -> Length {
        let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && text.starts_with(|c: char| c.is_alphabetic());
        if !is_name {
            return Length::Fixed(self.wait(text));
        }
        match self.lowerer.scope.known.get(&text.value) {
            Some(Symbol::Parameter(at, Type::Duration { .. })) => return Length::Parameter(*at),
            Some(Symbol::Broken) => {}
            Some(_) => {
                let message = format!("`{}` is not a length of time", text.value);
                self.report(Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&text.place(self.source)));
            }
            None => {
                let names: Vec<String> = self.file.parameters.iter().map(|(name, _)| name.value.clone()).collect();
                let message = format!("`{}` is neither a length of time nor a parameter", text.value);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&text.place(self.source));
                let diagnostic = diagnostic.suggest(text, names.iter().map(String::as_str));
                self.report(diagnostic.help("write a length of time such as \"28 days\""));
            }
        }
        Length::Fixed(Duration::default())
    }
}

/// What a file says is meant.
pub(super) fn allowed(entries: &[file::Allow], source: &Arc<SourceFile>, found: &mut Diagnostics) -> Vec<Allowed> {
    let mut all = Vec::new();
    for entry in entries {
        let place = entry.code.place(source);
        match Code::find(&entry.code) {
            Some(code) if code.severity != Severity::Error => {
                all.push(Allowed { code, on: entry.on.as_ref().map(|on| on.value.clone()), place });
            }
            Some(code) => {
                let message = format!("`{}` is an error, and errors cannot be allowed", code.id);
                found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&place));
            }
            None if entry.code.is_empty() => {}
            None => {
                let message = format!("there is no code `{}`", entry.code.value);
                let names = codes::ALL.iter().flat_map(|code| [code.id, code.name]);
                found.push(Diagnostic::new(&codes::UNKNOWN_REFERENCE, message).at(&place).suggest(&entry.code, names));
            }
        }
    }
    all
}

/// What the rows and limits of a setting have to be.
fn number_of(setting: &str, unit: Option<&str>) -> Wanted {
    Wanted::NumberOf(setting.to_owned(), unit.map(Into::into))
}

/// A scalar as a parameter's value.
pub(crate) fn scalar_value(scalar: &Scalar, unit: Option<&str>) -> Result<(Value, Type), String> {
    match scalar {
        Scalar::Bool(value) => Ok((Value::Bool(*value), Type::Bool)),
        Scalar::Number(number) => Ok((
            Value::number(*number),
            Type::Number { whole: number.is_integer(), unit: unit.map(Into::into), scaled: false },
        )),
        Scalar::Text(text) => match text.parse::<Duration>() {
            Ok(duration) => Ok((Value::duration(duration), Type::Duration { exact: duration.is_exact() })),
            Err(error) => Err(error.to_string()),
        },
    }
}

pub(crate) fn same_kind(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Bool, Type::Bool)
            | (Type::Number { .. }, Type::Number { .. })
            | (Type::Duration { .. }, Type::Duration { .. })
    )
}

/// Whether two parameter values are in ascending order. Months count as at least 28 and at most 31 days, whichever hides no
/// mistake.
pub(crate) fn in_order(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Number(a, _), Value::Number(b, _)) => a <= b,
        (Value::Duration(a, _), Value::Duration(b, _)) => {
            let days = |d: Duration| i64::from(d.months) * 3044 + i64::from(d.days) * 100;
            days(a) <= days(b)
        }
        _ => true,
    }
}

pub(super) fn collect_names<'s>(syntax: &'s Syntax, names: &mut Vec<&'s String>) {
    match &syntax.kind {
        Kind::Name(name) => names.push(name),
        Kind::Not(a) | Kind::Negate(a) | Kind::Property(a, _) => collect_names(a, names),
        Kind::And(items) | Kind::Or(items) | Kind::List(items) | Kind::Call(_, items) => {
            items.iter().for_each(|item| collect_names(item, names));
        }
        Kind::Compare(_, a, b) | Kind::Arithmetic(_, a, b) | Kind::Coalesce(a, b) | Kind::In(a, b) => {
            collect_names(a, names);
            collect_names(b, names);
        }
        Kind::Range { from, to, .. } => {
            collect_names(from, names);
            collect_names(to, names);
        }
        Kind::Method(receiver, _, arguments) => {
            collect_names(receiver, names);
            arguments.iter().for_each(|argument| collect_names(argument, names));
        }
        Kind::If(a, b, c) => [a, b, c].into_iter().for_each(|part| collect_names(part, names)),
        Kind::Quantified { condition, .. } => collect_names(condition, names),
        Kind::Sum { note, condition, .. } => {
            collect_names(note, names);
            collect_names(condition, names);
        }
        Kind::Bool(_) | Kind::Integer(_) | Kind::Decimal(_) | Kind::Text(_) => {}
    }
}

/// The way from a definition back to itself, if it is on a circle.
fn circle(start: usize, uses: &[Vec<usize>], done: &[bool]) -> Option<Vec<usize>> {
    fn walk(at: usize, start: usize, uses: &[Vec<usize>], done: &[bool], path: &mut Vec<usize>) -> bool {
        path.push(at);
        for &next in &uses[at] {
            if next == start {
                path.push(start);
                return true;
            }
            if !done[next] && !path.contains(&next) && walk(next, start, uses, done, path) {
                return true;
            }
        }
        path.pop();
        false
    }
    let mut path = Vec::new();
    walk(start, start, uses, done, &mut path).then_some(path)
}
