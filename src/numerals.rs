//! Numbers as people write them, with a comma for the decimals or signs between thousands. The files know neither.

/// What a number with signs between its digits can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// `12,5`, `1,000,000`, `1.234,5`: nothing else.
    One(String),
    /// `10,000`: ten thousand, or ten.
    Two {
        /// Where the sign parts thousands.
        thousands: String,
        /// Where decimals follow it.
        decimals: String,
    },
}

/// What digits with a comma among them can be; none if they are no number at all.
pub(crate) fn with_comma(written: &str) -> Option<Meant> {
    let groups: Vec<&str> = written.split([',', '.']).collect();
    let signs: Vec<char> = written.chars().filter(|sign| [',', '.'].contains(sign)).collect();
    let is_digits = |group: &&str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (last, before) = signs.split_last()?;
    if !signs.contains(&',') || !groups.iter().all(is_digits) {
        return None;
    }
    let (fraction, whole) = groups.split_last()?;
    match before.first() {
        None if are_thousands(&groups) => {
            Some(Meant::Two { thousands: groups.concat(), decimals: without_zeros(groups[0], groups[1]) })
        }
        None => Some(Meant::One(format!("{}.{}", groups[0], groups[1]))),
        // One sign parts thousands, and the other, if there is one, begins the decimals.
        Some(first) if before.iter().any(|sign| sign != first) => None,
        Some(first) if first == last => are_thousands(&groups).then(|| Meant::One(groups.concat())),
        Some(_) => are_thousands(whole).then(|| Meant::One(format!("{}.{fraction}", whole.concat()))),
    }
}

/// The same of a number with a point, which the files do know: only what may be meant otherwise, because three digits follow.
pub(crate) fn with_point(written: &str) -> Option<Meant> {
    let groups: Vec<&str> = written.split('.').collect();
    let is_number = groups.len() == 2 && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    (is_number && are_thousands(&groups))
        .then(|| Meant::Two { thousands: groups.concat(), decimals: without_zeros(groups[0], groups[1]) })
}

/// Whether the digits stand as those of a number are parted: three by three, from behind.
fn are_thousands(groups: &[&str]) -> bool {
    let Some((first, others)) = groups.split_first() else { return false };
    (1..=3).contains(&first.len()) && !first.starts_with('0') && others.iter().all(|group| group.len() == 3)
}

fn without_zeros(whole: &str, fraction: &str) -> String {
    format!("{whole}.{fraction}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `1 000`, `10'000`: a number at the beginning of a text whose thousands are parted by a space or a stroke. How long it is, and its digits.
pub(crate) fn thousands_apart(text: &str) -> Option<(usize, String)> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    let is_first = (1..=3).contains(&end) && !text.starts_with('0');
    let first = end;
    while let Some(sign) = text[end..].chars().next().filter(|sign| " \u{a0}\u{202f}'’".contains(*sign)) {
        let group = end + sign.len_utf8();
        let after = text.get(group + digits(group)..).and_then(|rest| rest.chars().next());
        // A text in quotes may begin there.
        if digits(group) != 3 || after.is_some_and(|next| next.is_alphanumeric() || "_'’".contains(next)) {
            break;
        }
        end = group + 3;
    }
    let number = || text[..end].chars().filter(char::is_ascii_digit).collect();
    (is_first && end > first).then(|| (end, number()))
}

/// The number that a Roman one from I to XII says, as skin types and stages are numbered.
pub(crate) fn roman(written: &str) -> Option<usize> {
    const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
    ROMAN.iter().position(|number| *number == written).map(|at| at + 1)
}

impl Meant {
    /// What to write.
    pub(crate) fn help(&self, sign: &str) -> String {
        match self {
            Meant::One(number) if number.contains('.') => format!("write a point: {number}"),
            Meant::One(number) => format!("write {number}"),
            Meant::Two { thousands, decimals } => {
                format!("write `{thousands}` if the {sign} parts thousands, or `{decimals}` if decimals follow it")
            }
        }
    }

    /// The number, if there is but one.
    pub(crate) fn only(&self) -> Option<&str> {
        match self {
            Meant::One(number) => Some(number),
            Meant::Two { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_may_part_thousands() {
        let one = |number: &str| Some(Meant::One(number.to_owned()));
        let two = |a: &str, b: &str| Some(Meant::Two { thousands: a.to_owned(), decimals: b.to_owned() });
        for (written, meant) in [
            ("12,5", one("12.5")),
            ("12,50", one("12.50")),
            ("0,125", one("0.125")),
            ("1234,567", one("1234.567")),
            ("10,000", two("10000", "10")),
            ("1,500", two("1500", "1.5")),
            ("1,000,000", one("1000000")),
            ("1.234,56", one("1234.56")),
            ("1,234.5", one("1234.5")),
            ("1,2,3", None),
            ("1,23.4,5", None),
            ("12.5", None),
            ("12,", None),
        ] {
            assert_eq!(with_comma(written), meant, "{written}");
        }
        assert_eq!(with_point("10.000"), two("10000", "10"));
        assert_eq!(with_point("10.500"), two("10500", "10.5"));
        for written in ["0.125", "10.5", "1000.000", "10", "1.000.000"] {
            assert_eq!(with_point(written), None, "{written}");
        }
    }
}
