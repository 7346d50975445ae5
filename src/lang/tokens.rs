//! Rhai's tree has points, not ranges. Its token stream gives the ranges back: a node's place is the tokens from its first
//! to its last, widened until brackets balance.

use std::ops::Range;

use rhai::{Engine, Position, Token};

use crate::lang::syntax::Syntax;

/// The places of the tokens of one text.
pub(crate) struct Tokens<'a> {
    text: &'a str,
    /// The byte at which each line begins.
    lines: Vec<usize>,
    tokens: Vec<Range<usize>>,
}

/// The first and the last token of a part of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

impl Extent {
    pub(crate) fn join(self, other: Extent) -> Extent {
        Extent { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(engine: &Engine, text: &'a str) -> Tokens<'a> {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut this = Tokens { text, lines, tokens: Vec::new() };
        let starts: Vec<(Token, usize)> = engine
            .lex(&[text])
            .0
            .take_while(|(token, _)| !matches!(token, Token::EOF | Token::LexError(_)))
            .map(|(token, position)| (token, this.byte(position)))
            .collect();
        for (token, start) in starts {
            let rest = &text[start..];
            // Rhai reads `-2` as one number, where a value is due.
            let sign = if rest.starts_with('-') && !matches!(token, Token::Minus | Token::UnaryMinus) {
                rest.len() - rest[1..].trim_start().len()
            } else {
                0
            };
            let end = start + sign + token_length(&rest[sign..]);
            if end > start && this.tokens.last().is_none_or(|last| last.start < start) {
                this.tokens.push(start..end);
            }
        }
        this
    }

    /// The first comment: what stands between tokens and is not space.
    pub(crate) fn comment(&self) -> Option<Range<usize>> {
        let ends = std::iter::once(0).chain(self.tokens.iter().map(|token| token.end));
        let starts = self.tokens.iter().map(|token| token.start).chain([self.text.len()]);
        ends.zip(starts).find_map(|(end, start)| {
            let between = self.text.get(end..start)?;
            let at = between.find("//").into_iter().chain(between.find("/*")).min()?;
            Some(end + at..end + between.trim_end().len())
        })
    }

    /// The byte of a line and column.
    pub(crate) fn byte(&self, position: Position) -> usize {
        let (Some(line), Some(column)) = (position.line(), position.position()) else { return 0 };
        let Some(start) = self.lines.get(line - 1) else { return self.text.len() };
        let rest = &self.text[*start..];
        start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at)
    }

    /// The token at a position.
    pub(crate) fn at(&self, position: Position) -> Extent {
        let byte = self.byte(position);
        let index = self.tokens.partition_point(|token| token.end <= byte).min(self.tokens.len().saturating_sub(1));
        Extent { first: index, last: index }
    }

    /// The text of the first token.
    pub(crate) fn word(&self, extent: Extent) -> &'a str {
        self.tokens.get(extent.first).map_or("", |token| &self.text[token.clone()])
    }

    /// What was written of a part.
    pub(crate) fn text(&self, syntax: &Syntax) -> &'a str {
        self.text.get(syntax.span.clone()).unwrap_or_default()
    }

    /// From an extent's first token through the bracket that closes the next one opened: a call's arguments, a list.
    pub(crate) fn through_bracket(&self, extent: Extent) -> Extent {
        let mut depth = 0;
        for index in extent.first..self.tokens.len() {
            depth += self.nesting(index);
            if depth == 0 && (self.nesting(index) < 0 || self.word(Extent { first: index, last: index }) == "()") {
                return extent.join(Extent { first: index, last: index });
            }
        }
        extent
    }

    fn nesting(&self, index: usize) -> i32 {
        match &self.text[self.tokens[index].clone()] {
            "(" | "[" | "{" | "#{" | "?[" => 1,
            ")" | "]" | "}" => -1,
            _ => 0,
        }
    }

    /// Widens an extent until its brackets balance.
    pub(crate) fn balanced(&self, extent: Extent) -> Extent {
        let Extent { mut first, mut last } = extent;
        let (mut open, mut unopened) = (0, 0);
        for index in first..=last.min(self.tokens.len().saturating_sub(1)) {
            match self.nesting(index) {
                1 => open += 1,
                -1 if open == 0 => unopened += 1,
                -1 => open -= 1,
                _ => {}
            }
        }
        while open > 0 && last + 1 < self.tokens.len() {
            last += 1;
            open += self.nesting(last);
        }
        while unopened > 0 && first > 0 {
            first -= 1;
            unopened -= self.nesting(first);
        }
        Extent { first, last }
    }

    pub(crate) fn span(&self, extent: Extent) -> Range<usize> {
        match (self.tokens.get(extent.first), self.tokens.get(extent.last)) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => 0..self.text.len(),
        }
    }
}

/// The length in bytes of the token that begins the text.
fn token_length(text: &str) -> usize {
    let run = |from: usize, ok: fn(char) -> bool| {
        from + text[from..].char_indices().find(|(_, c)| !ok(*c)).map_or(text.len() - from, |(at, _)| at)
    };
    let word = |c: char| c.is_alphanumeric() || c == '_';
    match text.chars().next() {
        None => 0,
        Some(c) if c.is_ascii_digit() => {
            let whole = run(0, word);
            let fraction =
                text[whole..].starts_with('.') && text[whole + 1..].starts_with(|c: char| c.is_ascii_digit());
            if fraction { run(whole + 1, word) } else { whole }
        }
        Some(c) if c.is_alphabetic() || c == '_' => run(0, word),
        Some(quote @ ('"' | '`' | '\'')) => {
            let mut escaped = false;
            for (at, c) in text.char_indices().skip(1) {
                match c {
                    _ if escaped => escaped = false,
                    '\\' if quote != '`' => escaped = true,
                    c if c == quote => return at + 1,
                    _ => {}
                }
            }
            text.len()
        }
        Some(c) => {
            const OPERATORS: [&str; 22] = [
                "..=", "!in", "===", "!==", "&&", "||", "==", "!=", "<=", ">=", "??", "..", "?.", "?[", "**", "<<",
                ">>", "#{", "::", "=>", "()", "+=",
            ];
            let found = OPERATORS.iter().find(|operator| text.starts_with(**operator));
            match found {
                Some(&"!in") if text[3..].starts_with(word) => 1,
                Some(operator) => operator.len(),
                None => c.len_utf8(),
            }
        }
    }
}
