//! The names in a line.

use std::collections::HashMap;

use crate::patient::text::{Text, Unusual};

/// Names, found by what followed the same name before: the lines of a file are mostly alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names<'d> {
    names: Vec<&'d str>,
    /// The same as they usually stand in a line: `"name":`.
    quoted: Vec<String>,
    numbers: HashMap<&'d str, usize>,
    /// What followed each name; last, what came first.
    after: Vec<usize>,
    /// The name before; at first, the number of names.
    before: usize,
}

impl<'d> Names<'d> {
    pub(crate) fn new(names: impl Iterator<Item = &'d str>) -> Names<'d> {
        let names: Vec<&str> = names.collect();
        let numbers = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let before = names.len();
        let quoted = names.iter().map(|name| format!("\"{name}\":")).collect();
        Names { numbers, quoted, after: (1..before).chain([0, 0]).collect(), names, before }
    }

    /// Begins with the first name again.
    pub(crate) fn begin(&mut self) {
        self.before = self.names.len();
    }

    /// Reads the name of an entry, and the colon after it.
    pub(crate) fn read(&mut self, text: &mut Text<'_>) -> Result<Option<usize>, Unusual> {
        text.skip_space();
        let rest = &text.bytes[text.at..];
        let mut guess = self.after.get(self.before).copied().unwrap_or(0);
        for _ in 0..3 {
            if let Some(quoted) = self.quoted.get(guess).filter(|quoted| rest.starts_with(quoted.as_bytes())) {
                text.at += quoted.len();
                self.before = guess;
                return Ok(Some(guess));
            }
            guess = self.after.get(guess).copied().unwrap_or(0);
        }
        let start = text.at;
        let name = text.string()?;
        text.name = start;
        text.take(b':')?;
        Ok(self.find(name))
    }

    pub(crate) fn find(&mut self, name: &str) -> Option<usize> {
        // One or two that usually follow may be left out here.
        let mut guess = self.after[self.before];
        for _ in 0..3 {
            if self.names.get(guess).is_some_and(|guess| *guess == name) {
                self.before = guess;
                return Some(guess);
            }
            guess = self.after.get(guess).copied().unwrap_or(0);
        }
        let found = *self.numbers.get(name)?;
        self.after[self.before] = found;
        self.before = found;
        Some(found)
    }
}
