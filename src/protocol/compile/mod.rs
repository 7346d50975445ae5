//! From the file to the model: names become slots, texts are checked, and every mistake is collected.

mod definitions;
mod lengths;
mod names;
mod parameters;
mod properties;
mod rules;
mod settings;
mod texts;

use std::collections::HashMap;
use std::sync::Arc;

use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity, SourceFile, codes};
use crate::document::Spanned;
use crate::lang::lower::{Context, Lowerer, Wanted};
use crate::lang::{ExprId, Parser, Program};
use crate::logic::value::Value;
use crate::protocol::conditions::Conditions;
use crate::protocol::dictionary::Dictionary;
use crate::protocol::file::{self, ProtocolFile, Text};
use crate::protocol::model::{
    Allowed, Component, Counter, Course, Definition, Evidence, Instruction, Parameter, ProductGroup, Protocol,
    ProtocolModel, RedFlag, Separation, Setting, Source,
};
use crate::protocol::translation::{Translation, is_language};

pub(super) use definitions::{circle, collect_names};
pub(super) use names::Names;
pub(crate) use parameters::{in_order, same_kind, scalar_value};
pub(super) use texts::{names_between_braces, plain_text};

/// Makes a protocol of a file. Where there are mistakes, what is returned is of no use but to find more of them.
pub(super) fn compile(
    file: &ProtocolFile,
    source: &Arc<SourceFile>,
    dictionary: Arc<Dictionary>,
    translation: Option<Translation>,
    parser: &Parser,
    found: &mut Diagnostics,
) -> Protocol {
    for name in std::iter::once(&file.treatment).chain(file.separation.iter().flat_map(|one| &one.from)) {
        // A record that names it without them would name another.
        let bare = crate::visible::bare(&name.value);
        if bare != name.value && !bare.is_empty() {
            let message = format!("the name of treatment `{bare}` has blanks at its ends, or signs that nobody sees");
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&name.place(source));
            found.push(diagnostic.help(format!("write `\"{bare}\"`")));
        }
    }
    let names = Names {
        dictionary: dictionary.clone(),
        treatment: file.treatment.value.clone(),
        slots: Vec::new(),
        known: HashMap::new(),
        declared: file
            .parameters
            .iter()
            .map(|(name, entry)| (name, entry.label.as_ref()))
            .chain(file.definitions.iter().map(|(name, entry)| (name, entry.label.as_ref())))
            .map(|(name, label)| (name.value.clone(), label.map(|label| label.value.clone())))
            .collect(),
        settings: Vec::new(),
        groups: products(file),
        is_full: false,
        counted_by: file.course.iter().filter_map(|course| Some(course.separate_by.as_ref()?.value.clone())).collect(),
        switches: HashMap::new(),
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
        missing_sources: Vec::new(),
        counter: None,
        parameters: Vec::new(),
        translation,
    };
    let protocol = compiler.protocol(dictionary);
    *found = compiler.lowerer.found;
    crate::protocol::uses::check(&protocol, &file.source_attributes, source, found);
    protocol
}

/// The groups of products of a file.
fn products(file: &ProtocolFile) -> Vec<ProductGroup> {
    let group = |(name, group): &(Text, file::ProductGroup)| ProductGroup {
        name: name.value.clone(),
        label: group.label.as_ref().map(|label| label.value.clone()),
        products: group.products.iter().map(|product| product.value.clone()).collect(),
    };
    file.products.iter().map(group).collect()
}

pub(super) struct Compiler<'a> {
    pub(super) file: &'a ProtocolFile,
    pub(super) source: &'a Arc<SourceFile>,
    pub(super) lowerer: Lowerer<'a, Names>,
    /// Where each id was first given.
    ids: HashMap<String, Place>,
    sources: Vec<Source>,
    cited: Vec<usize>,
    /// Sources that are cited and not declared; each has been told of.
    missing_sources: Vec<String>,
    /// What the course in hand is counted by.
    pub(super) counter: Option<Counter>,
    /// The values of the parameters.
    parameters: Vec<Value>,
    /// The translation of its texts.
    translation: Option<Translation>,
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
        let instructions = file.instruction.iter().map(|entry| self.instruction(entry, &parameters)).collect();
        let red_flags = file.red_flag.iter().map(|flag| self.red_flag(flag)).collect();
        let components: Vec<Component> =
            file.components.iter().map(|(name, entry)| self.component(name, entry)).collect();
        let immune = self.inside_course(file.immune.as_ref());
        let courses: Vec<Course> = file.course.iter().map(|course| self.course(course)).collect();
        self.check_counters(&courses);
        let birth = self.birth(&courses);
        let separations: Vec<Separation> =
            file.separation.iter().enumerate().map(|(at, entry)| self.separation(at, entry)).collect();
        self.check_that_a_course_reads_them();
        let (slots, texts) = (&mut self.lowerer.scope.slots, &mut self.lowerer.program.texts);
        let conditions = Conditions::of_protocol(&dictionary, self.lowerer.parser, slots, texts);
        let properties = self.properties(&settings);
        self.check_counts(&parameters, &definitions);
        let treatments = dictionary.treatments.clone();
        let program = std::mem::take(&mut self.lowerer.program);
        let facts = std::mem::take(&mut self.lowerer.scope.slots);
        Protocol::from(ProtocolModel {
            id: file.id.value.clone(),
            title: file.title.value.clone(),
            version: file.version.value.clone(),
            status: file.status,
            in_force_from: self.date(&file.in_force.from),
            in_force_until: file.in_force.until.as_ref().map(|until| self.date(until)),
            review_by: self.date(&file.review_by),
            owner: file.owner.value.clone(),
            treatment: file.treatment.value.clone(),
            language: self.language(),
            category: file.category,
            treatments,
            sha256: crate::protocol::sha256(&self.source.text),
            edition: crate::protocol::published::Edition::default(),
            source_attributes: file.source_attributes.clone(),
            translation: self.translation.take(),
            file: self.source.clone(),
            dictionary,
            sources: std::mem::take(&mut self.sources),
            parameters,
            definitions,
            product_groups: products(file),
            products: crate::protocol::products::kinds(&program, &components, &courses, &separations),
            facts,
            conditions,
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
            properties,
            allowed: allowed(&file.allow, self.source, &mut self.lowerer.found),
        })
    }

    /// Separations, components and immunity are judged with a course: without any, whoever wrote them would believe that they protect.
    fn check_that_a_course_reads_them(&mut self) {
        let file = self.file;
        if !file.course.is_empty() {
            return;
        }
        let separations = file.separation.iter().filter_map(|one| Some(("the separation", one.from.first()?)));
        let components = file.components.iter().map(|(name, _)| ("the component", name));
        let immune = file.immune.iter().map(|text| ("`immune`", text));
        for (what, text) in separations.chain(components).chain(immune) {
            let message = format!("{what} would never be looked at: the protocol has no course");
            let help =
                "add a `[[course]]` with `id = \"standard\"`, `sessions = {}` and `sources`: sessions without a number";
            self.report(Diagnostic::new(&codes::USELESS_KEY, message).at(&text.place(self.source)).help(help));
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
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&version.place(self.source));
            // `v1.2`, `1.2.0 `, `1,2`
            let digits = version.trim_matches(|sign: char| !sign.is_ascii_digit()).replace(',', ".");
            let parts = digits.split('.').count();
            let right = format!("{digits}{}", ".0".repeat(3usize.saturating_sub(parts)));
            self.report(match semver::Version::parse(&right) {
                Ok(_) => diagnostic.help(format!("write \"{right}\"")).replace_by(format!("\"{right}\""), false),
                Err(_) => diagnostic.help("write it as \"1.0.0\""),
            });
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
                // One source that is missing is one mistake, wherever it is cited.
                None if self.missing_sources.contains(&name.value) => {}
                None => {
                    self.missing_sources.push(name.value.clone());
                    let message = format!("there is no source `{}`", name.value);
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_SOURCE, message).at(&name.place(self.source));
                    let titles = self.sources.iter().map(|source| (source.id.as_str(), source.title.as_str()));
                    let diagnostic = diagnostic.suggest_label(name, titles);
                    let is_known = |part: &str| self.sources.iter().any(|source| source.id == part);
                    let diagnostic = diagnostic.suggest_several(name, is_known);
                    let diagnostic = match diagnostic.replacement {
                        Some(_) => diagnostic,
                        None => diagnostic.suggest(name, self.sources.iter().map(|source| source.id.as_str())),
                    };
                    let is_name = name.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-'));
                    let diagnostic = match diagnostic.help.is_empty() {
                        true if is_name => diagnostic.help(format!("declare it as [sources.{}]", name.value)),
                        true => {
                            diagnostic.help("a source is cited by its name, as it stands in a heading: [sources.…]")
                        }
                        false => diagnostic,
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

    /// A label, if it is one.
    pub(super) fn label(&mut self, label: Option<&Text>) -> Option<String> {
        crate::protocol::labels::label(label, self.source, &mut self.lowerer.found)
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

    /// The language of the texts.
    fn language(&mut self) -> String {
        let Some(language) = &self.file.language else {
            return self.translation.as_ref().map_or_else(|| "en".to_owned(), |one| one.language.clone());
        };
        if !is_language(language) {
            let message = format!("`{}` is not a language", language.value);
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&language.place(self.source));
            self.report(diagnostic.help("a language is written as `de` or `pt-BR`"));
        }
        self.translation.as_ref().map_or_else(|| language.value.clone(), |one| one.language.clone())
    }

    fn instruction(&mut self, entry: &file::Instruction, parameters: &[Parameter]) -> Instruction {
        let at = self.offset(&entry.at);
        let until = entry.until.as_ref().and_then(|until| self.offset(until));
        if let (Some(at), Some(until), Some(text)) = (at, until, &entry.until) {
            let ends = |offset| Compiler::ends(offset, parameters);
            // A parameter at both ends is one length.
            let (from, until) = match at.length == until.length {
                true => (at.declared(), until.declared()),
                false => (ends(at)[1], ends(until)[0]),
            };
            if until.is_exact() && from.is_exact() && until.days < from.days {
                let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "it ends before it begins");
                self.report(diagnostic.at(&text.place(self.source)));
            }
        }
        let when = self.maybe_condition(entry.when.as_ref());
        // No answer gives it, but a mistake in it is told.
        self.maybe_template(entry.reason.as_ref());
        let sources = self.cite(&entry.sources);
        Instruction {
            id: self.id(&entry.id),
            label: self.label(entry.label.as_ref()),
            at: at.unwrap_or_else(super::model::Offset::none),
            until,
            audience: entry.audience.unwrap_or_default(),
            action: self.template(&entry.action),
            when,
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
    }

    fn red_flag(&mut self, entry: &file::RedFlag) -> RedFlag {
        let sources = self.cite(&entry.sources);
        if let Some(within) = &entry.within
            && let Some(rest) = ["within ", "in ", "innerhalb von "].iter().find_map(|word| within.strip_prefix(word))
        {
            let message = "`within` is read behind that word, which would stand twice";
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&within.place(self.source));
            let right = format!("\"{}\"", rest.trim());
            self.report(diagnostic.help(format!("write {right}")).replace_by(right, false));
        }
        RedFlag {
            id: self.id(&entry.id),
            sign: self.template(&entry.sign),
            action: self.template(&entry.action),
            within: self.maybe_template(entry.within.as_ref()),
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
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
