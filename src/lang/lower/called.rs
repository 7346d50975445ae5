//! Names that are not written as they are: by what people read for them, in quotes, without the session that they are noted about.

use crate::diagnostic::codes;
use crate::lang::syntax::{Kind, Syntax};

use super::{Lowered, RESERVED, Scope, Work};

/// What is noted about every session.
const OF_EVERY_SESSION: [&str; 4] = ["date", "treatment", "product", "faulty"];

impl<S: Scope> Work<'_, '_, S> {
    /// A text where a value is needed.
    pub(super) fn text_alone(&mut self, text: &str, syntax: &Syntax) -> Lowered {
        let name = Some(text.to_owned()).filter(|name| self.lowerer.scope.find(name).is_some());
        if let Some(name) = name.or_else(|| self.lowerer.scope.labelled(text)) {
            return self.write(&codes::TYPE_MISMATCH, syntax, "a name stands without quotes", &name, false);
        }
        let message = format!("the text \"{text}\" cannot stand on its own");
        self.wrong(syntax, message, "compare it with a choice or a text, or ask whether it is `in` a set")
    }

    /// `facts.smoker`, `last.depth_mm`: a name behind that of the table in which it stands, or a session that is not said to be one.
    pub(super) fn without_its_table(&mut self, receiver: &Syntax, name: &str, syntax: &Syntax) -> Option<Lowered> {
        let Kind::Name(table) = &receiver.kind else { return None };
        if self.lowerer.scope.find(table).is_some() {
            return None;
        }
        let is_declared = name == "age" || self.lowerer.scope.find(name).is_some();
        let right = match table.as_str() {
            "facts" | "fact" | "parameters" | "parameter" | "definitions" | "patient" | "record" if is_declared => {
                name.to_owned()
            }
            "last" | "first" => format!("sessions.{table}.{name}"),
            _ => return None,
        };
        let message = format!("there is no fact, parameter or definition `{table}`");
        Some(self.write(&codes::UNKNOWN_NAME, syntax, message, &right, false))
    }

    /// A name that is declared nowhere.
    pub(super) fn unknown(&mut self, name: &str, syntax: &Syntax) -> Lowered {
        let message = format!("there is no fact, parameter or definition `{name}`");
        let is_note = self.lowerer.scope.note(name).is_some();
        if let Some(session) = self.binders.last().cloned()
            && (is_note || OF_EVERY_SESSION.contains(&name))
        {
            return self.write(&codes::UNKNOWN_NAME, syntax, message, &format!("{session}.{name}"), false);
        }
        let mut names = self.lowerer.scope.names();
        // Alone, the sessions are no value: how many there are is one.
        let is_alone = !self.lowerer.file.text[self.span(syntax).end..].starts_with('.');
        let reserved =
            RESERVED.iter().map(|name| if is_alone && *name == "sessions" { "sessions_done" } else { *name });
        names.extend(reserved.map(str::to_owned));
        names.extend(self.context.each.iter().map(|(each, _)| each.clone()));
        let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, message);
        if let Some(right) = self.lowerer.scope.labelled(name) {
            let told = diagnostic.help(format!("people read “{name}” for `{right}`: write `{right}`"));
            let told = self.replaced(told, &right, false);
            return self.report(told);
        }
        if let [fact] = &self.lowerer.scope.facts_with(name)[..] {
            let right = format!("{fact} == \"{name}\"");
            let told = diagnostic.help(format!("it is a choice of `{fact}`: write `{right}`"));
            let told = self.replaced(told, &right, false);
            return self.report(told);
        }
        let id = name.replace('_', "-");
        if self.lowerer.scope.settings().iter().any(|(setting, _)| *setting == id) {
            let right = format!("setting(\"{id}\")");
            let told = self.replaced(diagnostic.help(format!("write `{right}`")), &right, false);
            return self.report(told);
        }
        let diagnostic = match name {
            "session" if is_alone => diagnostic.suggest("sessions_done", ["sessions_done"]),
            _ => diagnostic.suggest(name, names.iter().map(String::as_str)),
        };
        let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
        let is_age = has(&["age"]) && has(&["month", "months", "week", "weeks", "day", "days"]);
        let help = if is_age && self.lowerer.scope.find("date_of_birth").is_some() {
            "`age` is in whole years; for months compare dates: `today >= date_of_birth + months(3)`".to_owned()
        } else if is_note {
            format!(
                "it is noted about sessions: write `sessions.last.{name}`, or ask `any s in sessions where s.{name} …`"
            )
        } else if diagnostic.help.is_empty() {
            "facts are declared in facts.toml; texts go in double quotes".to_owned()
        } else {
            return self.report(diagnostic);
        };
        self.report(diagnostic.help(help))
    }
}
