//! Definitions, each after those that it uses.

use std::collections::VecDeque;

use super::Compiler;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::lower::{Context, Parsed, Symbol, Wanted};
use crate::lang::syntax::{Kind, Syntax};
use crate::protocol::file::{Defined, Text};
use crate::protocol::model::Definition;

impl Compiler<'_> {
    /// Definitions, each after those it uses.
    pub(super) fn definitions(&mut self) -> Vec<Definition> {
        let entries = &self.file.definitions.0;
        for (name, entry) in entries {
            self.new_name(name);
            self.check_form(name, entry);
        }
        // What stands nowhere has been told, and is no expression that is not finished.
        let is_written = |entry: &&Defined| entry.wrong.is_none() || !entry.text.is_empty();
        let written = entries.iter().map(|(_, entry)| Some(entry).filter(is_written));
        let parsed: Vec<Option<Parsed>> = written.map(|entry| self.lowerer.parse(&entry?.text)).collect();
        let uses: Vec<Vec<usize>> = parsed
            .iter()
            .map(|parsed| {
                let mut names = Vec::new();
                parsed.iter().for_each(|parsed| collect_names(&parsed.syntax, &mut names));
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
                let (name, entry) = &entries[at];
                let wanted = if entry.is_condition { Wanted::Condition } else { Wanted::Anything };
                let root = parsed[at]
                    .as_ref()
                    .and_then(|parsed| self.lowerer.lower_parsed(&entry.text, parsed, &wanted, &Context::default()));
                let symbol = match root {
                    Some(root) => {
                        let label = self.label(entry.label.as_ref());
                        let place = name.place(self.source);
                        definitions.push(Definition { name: name.value.clone(), label, root, place });
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

    /// A table of a definition has one expression.
    fn check_form(&mut self, name: &Text, entry: &Defined) {
        if let Some(wrong) = entry.wrong {
            let message = format!("the definition `{}` has {wrong}", name.value);
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&name.place(self.source));
            self.report(
                diagnostic
                    .help("write `when = '…'` for a condition, or `value = '…'` for a number, a date or a choice"),
            );
        }
    }
}

pub(in crate::protocol) fn collect_names<'s>(syntax: &'s Syntax, names: &mut Vec<&'s String>) {
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

/// The shortest way from a definition back to itself, if it is on a circle.
pub(in crate::protocol) fn circle(start: usize, uses: &[Vec<usize>], done: &[bool]) -> Option<Vec<usize>> {
    let mut before = vec![None; uses.len()];
    let mut todo = VecDeque::from([start]);
    while let Some(at) = todo.pop_front() {
        for &next in &uses[at] {
            if next == start {
                let way = std::iter::successors(Some(at), |step| before[*step]);
                let mut way: Vec<usize> = std::iter::once(start).chain(way).collect();
                way.reverse();
                return Some(way);
            }
            if !done[next] && before[next].is_none() {
                before[next] = Some(at);
                todo.push_back(next);
            }
        }
    }
    None
}
