//! The signs of a line of JSON, and the names in it.

use std::collections::HashMap;

use unicode_normalization::is_nfc;

use crate::patient::cell::DECIMALS;

/// The line is not of the usual form; whether it is a mistake is for the reader of records to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusual;

/// The bytes that end a text, or that a text without escapes has not.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        ends[byte] = byte < 0x20 || byte == b'"' as usize || byte == b'\\' as usize;
        byte += 1;
    }
    ends
};

/// A line while it is read.
pub(crate) struct Text<'t> {
    pub(crate) bytes: &'t [u8],
    pub(crate) line: &'t str,
    pub(crate) at: usize,
    /// Where the last name of a table begins.
    pub(crate) name: usize,
}

impl<'t> Text<'t> {
    pub(crate) fn new(line: &'t str) -> Text<'t> {
        Text { bytes: line.as_bytes(), line, at: 0, name: 0 }
    }

    pub(crate) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is no space.
    pub(crate) fn peek(&mut self) -> Result<u8, Unusual> {
        self.skip_space();
        self.bytes.get(self.at).copied().ok_or(Unusual)
    }

    pub(crate) fn take(&mut self, byte: u8) -> Result<(), Unusual> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        if found { Ok(()) } else { Err(Unusual) }
    }

    pub(crate) fn end(&mut self) -> Result<(), Unusual> {
        self.skip_space();
        if self.at == self.bytes.len() { Ok(()) } else { Err(Unusual) }
    }

    /// `{ "name": …, … }`
    pub(crate) fn table(
        &mut self,
        mut entry: impl FnMut(&mut Self, &'t str) -> Result<(), Unusual>,
    ) -> Result<(), Unusual> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.skip_space();
            let start = self.at;
            let name = self.string()?;
            self.name = start;
            self.take(b':')?;
            entry(self, name)?;
            match self.peek()? {
                b',' => self.at += 1,
                _ => return self.take(b'}'),
            }
        }
    }

    /// `[ …, … ]`
    pub(crate) fn list(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), Unusual>) -> Result<(), Unusual> {
        self.take(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            match self.peek()? {
                b',' => self.at += 1,
                _ => return self.take(b']'),
            }
        }
    }

    /// A text without escapes.
    pub(crate) fn string(&mut self) -> Result<&'t str, Unusual> {
        self.take(b'"')?;
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = rest.iter().position(|byte| ENDS[usize::from(*byte)]).ok_or(Unusual)?;
        if rest[length] != b'"' {
            return Err(Unusual);
        }
        self.at += length + 1;
        let text = self.line.get(start..start + length).ok_or(Unusual)?;
        // What is written in another form than the one in which texts are compared is for the reader of records.
        if text.is_ascii() || is_nfc(text) { Ok(text) } else { Err(Unusual) }
    }

    /// Whether the next value is none: nobody has said anything.
    pub(crate) fn is_null(&mut self) -> Result<bool, Unusual> {
        Ok(self.peek()? == b'n')
    }

    /// Any value.
    pub(crate) fn skip(&mut self, depth: usize) -> Result<(), Unusual> {
        match self.peek()? {
            b'{' if depth < 8 => self.table(|text, _| text.skip(depth + 1)),
            b'[' if depth < 8 => self.list(|text| text.skip(depth + 1)),
            b'"' => self.string().map(|_| ()),
            b't' | b'f' => self.boolean().map(|_| ()),
            b'n' if self.bytes[self.at..].starts_with(b"null") => {
                self.at += 4;
                Ok(())
            }
            _ => self.number().map(|_| ()),
        }
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Unusual> {
        self.skip_space();
        let rest = &self.bytes[self.at..];
        let value = rest.starts_with(b"true");
        if !value && !rest.starts_with(b"false") {
            return Err(Unusual);
        }
        self.at += if value { 4 } else { 5 };
        Ok(value)
    }

    /// A number's key, and whether it is written without a fraction.
    pub(crate) fn number(&mut self) -> Result<(i64, bool), Unusual> {
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let (mut number, first) = (0i64, self.at);
        while let Some(digit) = self.digit() {
            number = number * 10 + digit;
            if number > 1_000_000_000 {
                return Err(Unusual);
            }
        }
        let digits = self.at - first;
        if digits == 0 || (digits > 1 && self.bytes[first] == b'0') {
            return Err(Unusual);
        }
        let whole = self.bytes.get(self.at) != Some(&b'.');
        let mut decimals = 0;
        if !whole {
            self.at += 1;
            while let Some(digit) = self.digit() {
                number = number * 10 + digit;
                decimals += 1;
                if decimals > DECIMALS {
                    return Err(Unusual);
                }
            }
        }
        if (!whole && decimals == 0) || matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            return Err(Unusual);
        }
        let key = number * 10i64.pow(DECIMALS - decimals) * 2;
        Ok((if negative { -key } else { key }, whole))
    }

    pub(crate) fn digit(&mut self) -> Option<i64> {
        let digit = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit())?;
        self.at += 1;
        Some(i64::from(digit - b'0'))
    }
}

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
