//! From the file to the model: courses, their planned sessions, and distances from other treatments.

use std::sync::Arc;

use super::compile::{Compiler, collect_names};
use super::file::{self, Text, TooEarly};
use super::model::{
    Accepted, Age, Component, Counter, Course, Gap, Interval, Length, PlannedSession, Products, Reference, Separation,
    Template,
};
use super::written;
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, codes};
use crate::document::{Data, Scalar, Spanned};
use crate::lang::lower::{Context, Scope, Wanted};
use crate::lang::{Expr, ExprId, Type};

/// Inside a course, how many sessions count is not known yet.
fn inside() -> Context {
    Context { inside_course: true, ..Context::default() }
}

impl Compiler<'_> {
    fn count(&mut self, scalar: Option<&Spanned<Scalar>>) -> Option<ExprId> {
        let scalar = scalar?;
        let text = match &scalar.value {
            Scalar::Number(number) if number.is_integer() && !number.is_sign_negative() => number.to_string(),
            Scalar::Text(text) => text.clone(),
            _ => {
                let diagnostic =
                    Diagnostic::new(&codes::INVALID_VALUE, "this should be a whole number or an expression for one");
                self.report(diagnostic.at(&scalar.place(self.source)));
                return None;
            }
        };
        let text = Spanned { value: text, span: scalar.span.clone() };
        let root = self.of_course(&text, &Wanted::Number)?;
        if let Type::Number { whole: false, .. } = self.lowerer.program.node(root).ty {
            // Where a parameter is all there is, the mistake is there.
            let mut parameters = self.file.parameters.iter();
            let parameter = parameters.find(|(name, _)| name.value == text.value.trim());
            let place = parameter.map_or_else(|| scalar.place(self.source), |(_, one)| one.value.place(self.source));
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "a number of sessions has no decimals").at(&place);
            self.report(diagnostic.help("write a whole number, such as 6"));
            return None;
        }
        Some(root)
    }

    pub(super) fn inside_course(&mut self, text: Option<&Text>) -> Option<ExprId> {
        text.and_then(|text| self.of_course(text, &Wanted::Condition))
    }

    /// An expression of a course. Where it names what the course is counted by, its nodes are noted: they are evaluated for each
    /// value.
    fn of_course(&mut self, text: &Text, wanted: &Wanted) -> Option<ExprId> {
        let each = self.each_of_course(text);
        let is_for_each = each.is_some();
        let start = crate::narrow::u32(self.lowerer.program.nodes.len());
        let root = self.lowerer.lower(text, wanted, &Context { each, ..inside() })?;
        if let Some(counter) = self.counter.as_mut().filter(|_| is_for_each) {
            counter.bodies.push(start..root.0 + 1);
        }
        Some(root)
    }

    /// The name and values that the course in hand is counted by, where an expression mentions the name.
    fn each_of_course(&self, text: &Text) -> Option<(String, Arc<[String]>)> {
        let counter = self.counter.as_ref().filter(|counter| text.contains(&counter.name))?;
        let syntax = self.lowerer.parser.parse(text).ok()?;
        let mut names = Vec::new();
        collect_names(&syntax, &mut names);
        names.contains(&&counter.name).then(|| (counter.name.clone(), counter.choices.clone()))
    }

    /// The id of a part of a course: its own, or the course's with its place.
    fn part_id(&mut self, own: Option<&Text>, otherwise: String) -> String {
        own.map_or(otherwise, |id| self.id(id))
    }

    pub(super) fn component(&mut self, name: &Spanned<String>, entry: &file::Component) -> Component {
        Component {
            id: name.value.clone(),
            label: self.label(entry.label.as_ref()),
            products: self.products(&entry.products),
            immune: self.inside_course(entry.immune.as_ref()),
        }
    }

    /// The date of birth, where something is counted from it.
    pub(super) fn birth(&mut self, courses: &[Course]) -> Option<ExprId> {
        let nodes = &self.lowerer.program.nodes;
        // A `skip` may be about nothing but the sessions.
        let counts_age = |skip: &std::ops::Range<u32>| {
            nodes[skip.start as usize..skip.end as usize].iter().any(|node| match &node.expr {
                Expr::Aged { .. } => true,
                Expr::Tally(tally) => tally.from_age.is_some() || tally.before_age.is_some(),
                _ => false,
            })
        };
        let needs = |course: &&Course| {
            let session = |session: &PlannedSession| {
                !session.ages.is_empty()
                    || session.skip.as_ref().is_some_and(counts_age)
                    || session.accept.iter().any(|accepted| accepted.from.is_some() || accepted.before.is_some())
            };
            course.start_before.is_some() || course.offer_from.is_some() || course.sessions.iter().any(session)
        };
        let course = courses.iter().find(needs)?;
        if self.lowerer.scope.find("date_of_birth").is_none() {
            let diagnostic = Diagnostic::new(&codes::NO_BIRTH_DATE, "this course needs a fact `date_of_birth`");
            let help = "declare [facts.date_of_birth] with type = \"date\"";
            self.report(diagnostic.at(&course.place).help(help));
            return None;
        }
        let name = Spanned { value: "date_of_birth".to_owned(), span: course.place.span.clone() };
        self.lowerer.lower(&name, &Wanted::Date, &inside())
    }

    pub(super) fn course(&mut self, entry: &file::Course) -> Course {
        // Whether the course is offered is one answer for the patient.
        let when = self.inside_course(entry.when.as_ref());
        let sources = self.cite(&entry.sources);
        let id = self.id(&entry.id);
        self.counter = self.counter(entry);
        let is_series = !entry.session.is_empty();
        // What is there and could not be read has been told of.
        let is_written = |key| written::value_of(self.source, ("course", &entry.id), key).is_some();
        let is_told = || is_written("sessions") || self.source.text.contains("[[course.session]]");
        if is_series == entry.sessions.is_some() && (is_series || !is_told()) {
            let (message, help) = if is_series {
                ("this course has `sessions` and `[[course.session]]`", "keep the one you mean")
            } else {
                (
                    "this course does not say how many sessions it has",
                    "write `sessions`, or a [[course.session]] for each",
                )
            };
            self.report(Diagnostic::new(&codes::COURSE_SHAPE, message).at(&entry.id.place(self.source)).help(help));
        }
        let mut intervals = Vec::new();
        let mut sessions = Vec::new();
        if is_series {
            for (at, session) in entry.session.iter().enumerate() {
                sessions.push(self.session(entry, at, session, &mut intervals));
            }
        } else {
            let alike = Spanned { value: file::Session::default(), span: entry.id.span.clone() };
            let one = self.session(entry, 0, &alike, &mut intervals);
            sessions.push(one);
        }
        let counts = entry.sessions.as_ref();
        self.check_ends(entry, is_series);
        let gaps = entry.gap.iter().enumerate().map(|(at, gap)| self.gap(entry, at, gap)).collect();
        Course {
            id,
            label: self.label(entry.label.as_ref()),
            when,
            minimum: counts.and_then(|counts| self.count(counts.minimum.as_ref())),
            planned: counts.and_then(|counts| self.count(counts.planned.as_ref())),
            maximum: counts.and_then(|counts| self.count(counts.maximum.as_ref())),
            beyond_planned: counts.and_then(|counts| self.inside_course(counts.beyond_planned.as_ref())),
            sessions,
            is_series,
            components: self.components(&entry.components),
            separate_by: self.counter.take(),
            start_before: self.maybe_length(entry.start_before.as_ref()),
            offer_from: self.maybe_length(entry.offer_from.as_ref()),
            evaluation_only: entry.evaluation_only,
            grace: entry.grace.as_ref().map_or(Length::Fixed(Duration::default()), |grace| self.length(grace)),
            intervals,
            too_early: match &entry.too_early {
                Some(too_early) => too_early.value,
                None if is_series => TooEarly::Repeat,
                None => TooEarly::Counts,
            },
            faulty: entry.faulty,
            gaps,
            restart_when_complete: self.inside_course(entry.restart_when_complete.as_ref()),
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
    }

    /// What a course says of its end and of sessions that came too early must be able to have an effect.
    fn check_ends(&mut self, entry: &file::Course, is_series: bool) {
        let counts = entry.sessions.as_ref();
        if let Some(beyond) = counts.and_then(|counts| counts.beyond_planned.as_ref())
            && counts.is_some_and(|counts| counts.planned.is_none() || counts.maximum.is_none())
        {
            let message = "`beyond_planned` needs `planned` and `maximum`";
            let help =
                "write how many sessions are planned and how many there may be at most, or take the condition away";
            self.report(Diagnostic::new(&codes::COURSE_SHAPE, message).at(&beyond.place(self.source)).help(help));
        }
        if let Some(again) = &entry.restart_when_complete
            && !entry.gap.iter().any(|gap| gap.action == file::GapAction::Restart)
        {
            let message = "`restart_when_complete` needs a pause after which the count restarts";
            let help = "add one to `gap`, such as { after = \"1 year\", do = \"restart\" }";
            self.report(Diagnostic::new(&codes::COURSE_SHAPE, message).at(&again.place(self.source)).help(help));
        }
        if let Some(too_early) = entry.too_early.as_ref().filter(|one| is_series && one.value == TooEarly::Counts) {
            let message =
                "in a course with a [[course.session]] for each session, one that came too early is always given again";
            let help = "write `absolute_minimum` or `allow` to say which sessions count although they came early";
            self.report(Diagnostic::new(&codes::COURSE_SHAPE, message).at(&too_early.place(self.source)).help(help));
        }
    }

    /// What a course is counted by.
    fn counter(&mut self, entry: &file::Course) -> Option<Counter> {
        let Some(name) = &entry.separate_by else {
            if let Some(planned) = &entry.planned_in {
                let message = "`planned_in` needs `separate_by`: this course has a single count";
                let diagnostic = Diagnostic::new(&codes::COURSE_SHAPE, message).at(&planned.place(self.source));
                self.report(diagnostic.help("use `separate_by` to name the session note that it is counted by"));
            }
            return None;
        };
        let (note, choices) = self.counting_note(name)?;
        if self.lowerer.scope.find(name).is_some() {
            let message = format!("`{}` is already the name of something else", name.value);
            let diagnostic = Diagnostic::new(&codes::DUPLICATE_NAME, message).at(&name.place(self.source));
            let help =
                format!("in this course `{}` stands for the value that is counted: rename the other", name.value);
            self.report(diagnostic.help(help));
        }
        if let Some((component, _)) = self.file.components.iter().next() {
            let message = "a course that is counted by a note cannot also have components";
            let diagnostic = Diagnostic::new(&codes::COURSE_SHAPE, message).at(&name.place(self.source));
            self.report(diagnostic.see(&component.place(self.source), "the components").help("keep the one you mean"));
        }
        let planned = entry.planned_in.as_ref().and_then(|planned| self.planned_in(planned, name, &choices));
        Some(Counter { note, name: name.value.clone(), choices, planned, bodies: Vec::new() })
    }

    /// The values that are planned now: a set or a choice with the choices of the note.
    fn planned_in(&mut self, text: &Text, name: &Text, choices: &Arc<[String]>) -> Option<ExprId> {
        let root = self.lowerer.lower(text, &Wanted::Anything, &inside())?;
        let (message, help) = match self.lowerer.program.node(root).ty.clone() {
            Type::Set(own) | Type::Choice(own) if own == *choices => return Some(root),
            Type::Set(_) | Type::Choice(_) => (
                format!("`{}` and the note `{}` have different choices", text.value, name.value),
                "give both the same choices, in the same order".into(),
            ),
            other => (
                format!("`{}` is {}", text.value, other.name()),
                format!("name a fact that is a set or a choice, with the choices of the note `{}`", name.value),
            ),
        };
        let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&text.place(self.source));
        self.report(diagnostic.help(help));
        None
    }

    /// The courses of a protocol are counted by the same note, or one would not know what is next.
    pub(super) fn check_counters(&mut self, courses: &[Course]) {
        let program = &self.lowerer.program;
        let counted = |course: &Course| {
            let counter = course.separate_by.as_ref()?;
            Some((counter.note, counter.planned.map(|planned| program.node(planned).expr.clone())))
        };
        let Some((first, others)) = courses.split_first() else { return };
        let other = others.iter().find(|other| counted(other) != counted(first));
        if let Some(place) = other.map(|other| other.place.clone()) {
            let message = "the courses of this protocol are not counted by the same note";
            let diagnostic =
                Diagnostic::new(&codes::COURSE_SHAPE, message).at(&place).see(&first.place, "the first course");
            self.report(diagnostic.help("give all of them the same `separate_by` and `planned_in`, or none of them"));
        }
    }

    /// The note that a course is counted by, and its choices.
    fn counting_note(&mut self, name: &Text) -> Option<(u16, Arc<[String]>)> {
        match self.lowerer.scope.note(name) {
            Some((note, Type::Choice(choices) | Type::Set(choices))) => Some((note, choices)),
            Some(_) => {
                let message = format!("`{}` is neither a choice nor a set", name.value);
                let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&name.place(self.source));
                self.report(diagnostic.help("a course is counted by a note that has choices"));
                None
            }
            None => {
                let notes = self.lowerer.scope.notes();
                let message = format!("a session has no `{}`", name.value);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&name.place(self.source));
                let diagnostic = diagnostic.suggest(name, notes.iter().map(String::as_str));
                self.report(diagnostic.help("declare it in [session_facts]"));
                None
            }
        }
    }

    fn components(&mut self, names: &[Text]) -> Option<Vec<usize>> {
        if names.is_empty() {
            return None;
        }
        let known: Vec<String> = self.file.components.iter().map(|(name, _)| name.value.clone()).collect();
        let mut places = Vec::new();
        for name in names {
            match known.iter().position(|component| component == &name.value) {
                Some(at) => places.push(at),
                None => {
                    let message = format!("there is no component `{}`", name.value);
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_COMPONENT, message);
                    let diagnostic = diagnostic.at(&name.place(self.source));
                    self.report(diagnostic.suggest(name, known.iter().map(String::as_str)));
                }
            }
        }
        Some(places)
    }

    fn session(
        &mut self,
        course: &file::Course,
        at: usize,
        entry: &Spanned<file::Session>,
        intervals: &mut Vec<Interval>,
    ) -> PlannedSession {
        let is_series = !course.session.is_empty();
        let named = |kind: &str, n: usize| match is_series {
            true => format!("{}-session-{}-{kind}-{}", course.id.value, at + 1, n + 1),
            false => format!("{}-{kind}-{}", course.id.value, n + 1),
        };
        let own = |own: bool| !is_series || !own;
        let distances = if own(!entry.interval.is_empty()) { &course.interval } else { &entry.interval };
        let start = intervals.len();
        for (n, interval) in distances.iter().enumerate() {
            let interval = self.interval(named("interval", n), interval);
            self.check_reference(&interval, at, is_series);
            intervals.push(interval);
        }
        let middle = intervals.len();
        for (n, interval) in entry.allow.iter().enumerate() {
            let interval = self.interval(named("allow", n), interval);
            self.check_reference(&interval, at, is_series);
            intervals.push(interval);
        }
        let ages = if own(!entry.age.0.is_empty()) { &course.age } else { &entry.age };
        let accept = if own(!entry.accept.is_empty()) { &course.accept } else { &entry.accept };
        let reject: Vec<Text> = course.reject.iter().chain(&entry.reject).cloned().collect();
        let season = entry.season.as_ref().or(course.season.as_ref());
        PlannedSession {
            name: entry.name.as_ref().map(|name| name.value.clone()),
            ages: ages.0.iter().map(|age| self.age(age)).collect(),
            intervals: start..middle,
            allow: middle..intervals.len(),
            accept: accept.iter().map(|accepted| self.accepted(accepted)).collect(),
            reject: self.products(&reject),
            skip: entry.skip.as_ref().and_then(|skip| {
                let start = crate::narrow::u32(self.lowerer.program.nodes.len());
                let context = Context { inside_skip: true, each: self.each_of_course(skip), ..inside() };
                self.lowerer.lower(skip, &Wanted::Condition, &context).map(|root| start..root.0 + 1)
            }),
            repeat: entry.repeat,
            season: season.map(|season| self.season(season)),
            place: entry.place(self.source),
        }
    }

    /// A series counts only from sessions that come before.
    fn check_reference(&mut self, interval: &Interval, at: usize, is_series: bool) {
        if let Reference::Session(number) = interval.from
            && is_series
            && number as usize > at
        {
            let message = format!("session {number} does not come before session {}", at + 1);
            self.report(Diagnostic::new(&codes::NO_SUCH_SESSION, message).at(&interval.place));
        }
    }

    fn age(&mut self, entry: &file::Age) -> Age {
        Age {
            in_force: self.period(entry.in_force.from.as_ref(), entry.in_force.until.as_ref()),
            minimum: self.maybe_length(entry.minimum.as_ref()),
            absolute_minimum: self.maybe_length(entry.absolute_minimum.as_ref()),
            recommended: self.maybe_length(entry.recommended.as_ref()),
            latest: self.maybe_length(entry.latest.as_ref()),
            maximum: self.maybe_length(entry.maximum.as_ref()),
        }
    }

    fn maybe_length(&mut self, text: Option<&Text>) -> Option<Length> {
        text.map(|text| self.length(text))
    }

    fn accepted(&mut self, entry: &Spanned<file::Accepted>) -> Accepted {
        match &entry.value {
            file::Accepted::Always(name) => {
                let name = Spanned { value: name.clone(), span: entry.span.clone() };
                Accepted { products: self.products(&[name]), from: None, before: None }
            }
            file::Accepted::Within(within) => Accepted {
                products: self.products(&within.products),
                from: self.maybe_length(within.from.as_ref()),
                before: self.maybe_length(within.before.as_ref()),
            },
        }
    }

    /// Products, by the names of their groups or their own.
    fn products(&mut self, names: &[Text]) -> Products {
        let mut all = Vec::new();
        for name in names {
            match self.lowerer.scope.products(name) {
                Some(products) => {
                    all.extend(products.iter().map(|product| self.lowerer.program.text(product)));
                }
                None => {
                    let groups = self.lowerer.scope.groups();
                    let message = format!("there is no product or group `{}`", name.value);
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_PRODUCT, message).at(&name.place(self.source));
                    let labels = self
                        .file
                        .products
                        .iter()
                        .filter_map(|(group, entry)| Some((group.as_str(), entry.label.as_ref()?.as_str())));
                    let is_known = |part: &str| self.lowerer.scope.products(part).is_some();
                    let diagnostic = diagnostic.suggest_label(name, labels).suggest_several(name, is_known);
                    let diagnostic = match diagnostic.replacement {
                        Some(_) => diagnostic,
                        None => {
                            diagnostic.suggest(name, groups.iter().map(String::as_str)).help("declare it in [products]")
                        }
                    };
                    self.report(diagnostic);
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        Products(all.into())
    }

    fn interval(&mut self, otherwise: String, entry: &Spanned<file::Interval>) -> Interval {
        let minimum = self.length(&entry.minimum);
        Interval {
            id: self.part_id(entry.id.as_ref(), otherwise),
            label: self.label(entry.label.as_ref()),
            when: self.inside_course(entry.when.as_ref()),
            from: self.reference(&entry.from),
            minimum,
            absolute_minimum: self.maybe_length(entry.absolute_minimum.as_ref()),
            recommended: self.maybe_length(entry.recommended.as_ref()),
            latest: self.maybe_length(entry.latest.as_ref()),
            in_force: self.period(entry.in_force.from.as_ref(), entry.in_force.until.as_ref()),
            priority: entry.priority,
            reason: self
                .maybe_template(entry.reason.as_ref())
                .unwrap_or_else(|| Template::of_words("the interval between sessions")),
            sources: self.cite(&entry.sources),
            place: entry.place(self.source),
        }
    }

    fn reference(&mut self, text: &Text) -> Reference {
        match text.as_str() {
            "previous" => return Reference::Previous,
            "first" => return Reference::First,
            _ => {}
        }
        if let Some(Ok(number)) = text.strip_prefix("session ").map(str::parse::<u32>)
            && number > 0
        {
            return Reference::Session(number);
        }
        if text.strip_prefix("session ").is_some_and(|rest| rest.trim().parse::<f64>().is_ok()) {
            let message = format!("there is no `{}`: sessions are counted from 1", text.value);
            self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&text.place(self.source)));
            return Reference::Previous;
        }
        if let Some(names) = text.strip_prefix("latest ") {
            let span = text.span.clone();
            let names = names.split(',').map(|name| Spanned { value: name.trim().to_owned(), span: span.clone() });
            return Reference::Latest(self.products(&names.collect::<Vec<_>>()));
        }
        if self.is_misspelt_reference(text) {
            return Reference::Previous;
        }
        self.of_course(text, &Wanted::Date).map_or(Reference::Previous, Reference::Date)
    }

    fn gap(&mut self, course: &file::Course, at: usize, entry: &Spanned<file::Gap>) -> Gap {
        let otherwise = format!("{}-gap-{}", course.id.value, at + 1);
        Gap {
            id: self.part_id(entry.id.as_ref(), otherwise),
            label: self.label(entry.label.as_ref()),
            after: self.length(&entry.after),
            action: entry.action,
            reason: self.maybe_template(entry.reason.as_ref()).unwrap_or_else(|| Template::of_words("a long pause")),
            sources: self.cite(&entry.sources),
            place: entry.place(self.source),
        }
    }

    pub(super) fn separation(&mut self, at: usize, entry: &file::Separation) -> Separation {
        let sources = self.cite(&entry.sources);
        let some = |products: Products, names: &[Text]| (!names.is_empty()).then_some(products);
        let id = self.part_id(entry.id.as_ref(), format!("separation-{}", at + 1));
        if entry.from.is_empty()
            && let Some(list) = written::value(self.source, "separation")
                .and_then(|all| all.items().get(at)?.get("from").cloned())
                .filter(|from| matches!(&from.data, Data::Array(items) if items.is_empty()))
        {
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, format!("separation `{id}` names no treatment"));
            self.report(diagnostic.at(&list.place(self.source)).help("write the treatments to keep the distance from"));
        }
        Separation {
            id,
            label: self.label(entry.label.as_ref()),
            from: entry.from.iter().map(|treatment| treatment.value.clone()).collect(),
            products: some(self.products(&entry.products), &entry.products),
            of: some(self.products(&entry.of), &entry.of),
            minimum: self.length(&entry.minimum),
            absolute_minimum: self.maybe_length(entry.absolute_minimum.as_ref()),
            same_day: entry.same_day,
            reason: self.template(&entry.reason),
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.reason.place(self.source),
        }
    }
}
