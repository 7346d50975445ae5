//! Labels: what people read for the names that programs, records and cases use.

use std::sync::Arc;

use super::dictionary::{Answer, Fact, Note};
use super::file::{Choices, Text};
use super::model::{Component, Course, Definition, Parameter, ProductGroup, Protocol};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::english::plain_name;

/// A label, or the name without its underscores where none is written.
pub(crate) fn label_or_name(label: Option<&String>, name: &str) -> String {
    label.map_or_else(|| plain_name(name), Clone::clone)
}

/// A label, or the name in backticks where none is written: as a message tells of something.
pub(crate) fn label_or_id(label: Option<&str>, name: &str) -> String {
    label.map_or_else(|| format!("`{name}`"), str::to_owned)
}

/// The label of a name, in a list of names with their labels.
pub(super) fn label_among<'a>(labels: &'a [(String, String)], name: &str) -> Option<&'a str> {
    labels.iter().find(|(known, _)| known == name).map(|(_, label)| label.as_str())
}

macro_rules! labelled {
    ($($of:ident $name:ident),*) => {$(
        impl $of {
            /// What people read for it.
            #[must_use]
            pub fn in_words(&self) -> String {
                label_or_name(self.label.as_ref(), &self.$name)
            }
        }
    )*};
}
labelled!(Fact name, Note name, Definition name, Parameter name, Component id, ProductGroup name);

impl Course {
    /// What people read for it.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.label.clone().unwrap_or_else(|| self.id.replace(['_', '-'], " "))
    }
}

impl Answer {
    /// What people read for one of the choices.
    #[must_use]
    pub fn choice_in_words(&self, at: usize) -> String {
        label_or_name(self.labels.get(at), self.choices().get(at).map_or("", String::as_str))
    }

    /// The choices as people read them.
    #[must_use]
    pub fn choices_in_words(&self) -> Vec<String> {
        (0..self.choices().len()).map(|at| self.choice_in_words(at)).collect()
    }
}

impl Protocol {
    /// What people read for a treatment, where a file says so.
    pub(crate) fn treatment_label(&self, treatment: &str) -> Option<&str> {
        label_among(&self.treatments, treatment)
    }

    /// What people read for the id of a rule, an instruction, a setting, or a part of a course, as an answer names it; none where no file
    /// says so.
    pub(crate) fn rule_label(&self, id: &str) -> Option<String> {
        let rules = self.rules.iter().map(|one| (&one.id, one.label.as_ref()));
        let instructions = self.instructions.iter().map(|one| (&one.id, one.label.as_ref()));
        let intervals =
            self.courses.iter().flat_map(|course| &course.intervals).map(|one| (&one.id, one.label.as_ref()));
        let gaps = self.courses.iter().flat_map(|course| &course.gaps).map(|one| (&one.id, one.label.as_ref()));
        let separations = self.separations.iter().map(|one| (&one.id, one.label.as_ref()));
        let all = rules.chain(instructions).chain(intervals).chain(gaps).chain(separations);
        let own = all.filter(|(known, _)| *known == id).find_map(|(_, label)| label.cloned());
        own.or_else(|| self.setting_label(id)).or_else(|| self.course_label(id))
    }

    /// What people read for a setting, but for the values that stand in it; with `each`, one is told for each value.
    fn setting_label(&self, id: &str) -> Option<String> {
        let is_of = |of: &String| id.strip_prefix(&**of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let setting = self.settings.iter().find(|one| is_of(&one.id))?;
        Some(setting.label.fill(|_| "…".to_owned()))
    }

    /// What people read for a course, where an answer names it as a whole, or something that is named after it: `course.standard`,
    /// `standard-maximum`, an interval without a name of its own.
    fn course_label(&self, id: &str) -> Option<String> {
        const PARTS: [&str; 5] = ["-maximum", "-past", "-too-early", "-age", "-season"];
        let is_of = |course: &Course| match (id.strip_prefix("course."), id.strip_prefix(&*course.id)) {
            (Some(rest), _) => rest == course.id,
            (None, Some(part)) => {
                let of_intervals = course.intervals.iter().map(|one| &one.id);
                let mut own = of_intervals.chain(course.gaps.iter().map(|one| &one.id));
                PARTS.contains(&part) || part.starts_with('-') && own.any(|own| own == id)
            }
            (None, None) => false,
        };
        self.courses.iter().find(|course| is_of(course))?.label.clone()
    }
}

/// The label of something, if it is one; reported where it says nothing.
pub(super) fn label(label: Option<&Text>, source: &Arc<SourceFile>, found: &mut Diagnostics) -> Option<String> {
    let label = label?;
    if label.trim().is_empty() {
        found.push(Diagnostic::new(&codes::INVALID_VALUE, "the `label` is empty").at(&label.place(source)));
        return None;
    }
    Some(label.value.clone())
}

/// The labels of choices, if they tell them apart.
pub(super) fn of_choices(choices: &Choices, source: &Arc<SourceFile>, found: &mut Diagnostics) -> Arc<[String]> {
    let all = choices.names.iter().zip(&choices.labels);
    let all: Vec<Labelled<'_>> =
        all.map(|(name, label)| Labelled { name, label, place: label.place(source) }).collect();
    check(&all, found);
    choices.labels.iter().map(|label| label.value.clone()).collect()
}

/// A choice with its label, and the place of that.
pub(super) struct Labelled<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) place: Place,
}

/// Reports labels of choices that do not tell one from the other: the same twice, or one that is the name of another.
pub(super) fn check(all: &[Labelled<'_>], found: &mut Diagnostics) {
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    for (at, one) in all.iter().enumerate() {
        if one.label.trim().is_empty() {
            let message = format!("the label of the choice `{}` is empty", one.name);
            found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&one.place));
        } else if let Some(first) = all[..at].iter().find(|other| same(other.label, one.label)) {
            let message = format!("the choices `{}` and `{}` have the same label", first.name, one.name);
            let diagnostic = Diagnostic::new(&codes::SAME_LABEL, message).labelled(&one.place, "again");
            found.push(
                diagnostic
                    .see(&first.place, "first")
                    .help("give each a label of its own, so that people can tell them apart"),
            );
        } else if let Some(other) = all.iter().find(|other| other.name != one.name && same(other.name, one.label)) {
            let message =
                format!("the label of the choice `{}` is the name of another choice, `{}`", one.name, other.name);
            let diagnostic = Diagnostic::new(&codes::SAME_LABEL, message).at(&one.place);
            found.push(diagnostic.help("a reader would take one for the other: choose another label"));
        }
    }
}
