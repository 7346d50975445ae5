//! Days, ranges of days, and lengths of time as clinics write them.
//!
//! The one rule that date libraries get wrong for a clinic: a month or a year keeps the day of the month, and where that day
//! does not exist the date moves **forward** to the first of the next month. A minimum wait must not come out a day short.
//! (CDC, *CDSi Logic Specification*, CALCDT-5.)

use std::fmt;
use std::str::FromStr;

use jiff::civil;

use crate::speech::Speech;

/// The number of a day, counted from 1970-01-01. Years begin in March here, so that the leap day is the last of its year; 400 years
/// have the same days again. (The library has this too, but only by way of spans of time, which cost many times as much; a test
/// holds it against the library for every day.)
fn number(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    cycle * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// The year, month and day of the month of a number.
fn calendar(number: i32) -> (i32, i32, i32) {
    let days = number + 719_468;
    let (cycle, days) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (days - days / 1_460 + days / 36_524 - days / 146_096) / 365;
    let day_of_year = days - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + cycle * 400 + i32::from(month <= 2), month, day)
}

/// A calendar day.
///
/// ```
/// use regimen::Date;
/// let day: Date = "2025-08-31".parse()?;
/// assert_eq!((day + "6 months".parse()?).to_string(), "2026-03-01");
/// # Ok::<(), regimen::InvalidDate>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(i32);

/// Days from 0001-01-01 to 1970-01-01, the origin of [`Date`].
const EPOCH: civil::Date = civil::date(1970, 1, 1);

impl Date {
    /// The answer "that has never happened": earlier than every day, and still so after any wait is added to it.
    pub const NEVER: Date = Date(i32::MIN);

    /// The first day that a record may name.
    pub const MIN: Date = Date(-719_162);
    /// The last day that a computation may reach.
    pub const MAX: Date = Date(2_932_896);

    /// The day of a year, month and day of the month, if there is such a day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Date> {
        civil::Date::new(year, month, day).ok().map(Date::from_civil)
    }

    fn from_civil(date: civil::Date) -> Date {
        Date(number(i32::from(date.year()), i32::from(date.month()), i32::from(date.day())))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the calendar's years are below 10,000, its months at most 12, its days at most 31"
    )]
    fn civil(self) -> civil::Date {
        let (year, month, day) = calendar(self.0.clamp(Date::MIN.0, Date::MAX.0));
        // INVARIANT: within the first and the last day, every number is a day that jiff knows.
        civil::Date::new(year as i16, month as i8, day as i8).unwrap_or(EPOCH)
    }

    /// Its number: days since 1970-01-01; of "never", the least there is.
    pub(crate) const fn day(self) -> i32 {
        self.0
    }

    /// The day of a number, or "never".
    pub(crate) const fn from_day(day: i32) -> Date {
        Date(day)
    }

    /// The year that it lies in.
    #[must_use]
    pub fn year(self) -> i16 {
        self.civil().year()
    }

    /// The day of the week, from Monday, 1, to Sunday, 7; that of the month; and the month.
    pub(crate) fn in_week(self) -> (i8, i8, i8) {
        let civil = self.civil();
        (civil.weekday().to_monday_one_offset(), civil.day(), civil.month())
    }

    /// Whether it is the answer "never".
    #[must_use]
    pub fn is_never(self) -> bool {
        self == Date::NEVER
    }

    /// This day and `days` more (fewer, if negative).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Date {
        if self.is_never() {
            return self;
        }
        Date(self.0.saturating_add(days).clamp(Date::MIN.0, Date::MAX.0))
    }

    /// The number of days from `earlier` to this day; none if one of them is "never".
    #[must_use]
    pub fn days_since(self, earlier: Date) -> Option<i32> {
        (!self.is_never() && !earlier.is_never()).then(|| self.0 - earlier.0)
    }

    /// Whole years from `birth` to this day: an age. A person born on 29 February has their birthday on 1 March in other
    /// years.
    #[must_use]
    pub fn years_since(self, birth: Date) -> i32 {
        let (a, b) = (birth.civil(), self.civil());
        let years = i32::from(b.year()) - i32::from(a.year());
        let birthday = birth + Duration::new(years * 12, 0);
        if birthday > self { years - 1 } else { years }
    }
}

/// A day that comes every year, such as 1 October.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayOfYear {
    month: i8,
    day: i8,
}

impl DayOfYear {
    /// The day in a year.
    #[must_use]
    pub fn in_year(self, year: i16) -> Date {
        Date::new(year, self.month, self.day).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for DayOfYear {
    /// `1 October`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day, crate::speech::ENGLISH.month(self.month))
    }
}

impl FromStr for DayOfYear {
    type Err = InvalidDate;

    /// Reads `10-01`.
    fn from_str(text: &str) -> Result<DayOfYear, InvalidDate> {
        let wrong = || InvalidDate::new(format!("`{text}` is not a day of every year: write month-day, as 10-01"));
        let (month, day) = text.split_once('-').filter(|_| text.len() == 5).ok_or_else(wrong)?;
        let (month, day) = (month.parse().map_err(|_| wrong())?, day.parse().map_err(|_| wrong())?);
        if (month, day) == (2, 29) {
            return Err(InvalidDate::new("29 February does not come every year: write 02-28 or 03-01"));
        }
        // Any year without 29 February does.
        Date::new(2001, month, day).map(|_| DayOfYear { month, day }).ok_or_else(wrong)
    }
}

impl std::ops::Add<Duration> for Date {
    type Output = Date;

    /// Years and months first, moving forward where the day does not exist, then weeks and days.
    fn add(self, duration: Duration) -> Date {
        if self.is_never() || duration.months == 0 {
            return self.plus_days(duration.days);
        }
        let (year, month, day) = calendar(self.0);
        let months = (year * 12 + month - 1).saturating_add(duration.months);
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        if !(1..=9999).contains(&year) {
            return if year > 0 { Date::MAX } else { Date::MIN };
        }
        // Where the day does not exist: forward to the first of the next month.
        let next = number(year + month / 12, month % 12 + 1, 1);
        Date(number(year, month, day).min(next)).plus_days(duration.days)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_never() { f.write_str("never") } else { write!(f, "{}", self.civil()) }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

/// A text that is not a day, month, year or length of time, with the reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDate {
    message: String,
    /// Why there is no such day, of one that is written as it should be.
    no_such: Option<String>,
}

impl InvalidDate {
    fn new(message: impl Into<String>) -> InvalidDate {
        InvalidDate { message: message.into(), no_such: None }
    }

    /// Why there is no such day, of one that is written as it should be.
    pub(crate) fn no_such(&self) -> Option<&str> {
        self.no_such.as_deref()
    }
}

impl fmt::Display for InvalidDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidDate {}

impl FromStr for Date {
    type Err = InvalidDate;

    /// Reads `2026-03-02`.
    fn from_str(text: &str) -> Result<Date, InvalidDate> {
        match text.parse::<DateRange>() {
            Ok(range) if range.first == range.last => Ok(range.first),
            Ok(_) => Err(InvalidDate::new(format!("`{text}` is not one day: write year-month-day, as 2026-03-02"))),
            Err(error) => Err(error),
        }
    }
}

/// The days that a date may be: one, or all of a month or a year where no more was said.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The earliest day that it may be.
    pub first: Date,
    /// The latest day that it may be.
    pub last: Date,
}

impl DateRange {
    /// Whether it may be more than one day.
    #[must_use]
    pub fn is_partial(self) -> bool {
        self.first != self.last
    }

    /// The same range, a length of time later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> DateRange {
        let first = self.first + duration;
        DateRange { first, last: if self.is_partial() { self.last + duration } else { first } }
    }

    /// As people write it: `2 March 2026`, `March 2026`, `2026`, `2 March 2026 to 9 March 2026`.
    #[must_use]
    pub(crate) fn in_words(self, speech: &Speech) -> String {
        let (a, b) = (self.first.civil(), self.last.civil());
        if !self.is_partial() {
            speech.day(self.first)
        } else if a.day() == 1 && b == a.last_of_month() {
            format!("{} {}", speech.month(a.month()), a.year())
        } else if a == a.first_of_year() && b == a.last_of_year() {
            a.year().to_string()
        } else {
            format!("{} {} {}", speech.day(self.first), speech.to, speech.day(self.last))
        }
    }

    /// Every day in it, in order.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let count = self.last.days_since(self.first).unwrap_or(0);
        (0..=count).map(move |n| self.first.plus_days(n))
    }
}

impl From<Date> for DateRange {
    fn from(day: Date) -> DateRange {
        DateRange { first: day, last: day }
    }
}

impl fmt::Display for DateRange {
    /// `2025-11-15`, `2025-11`, `2025`, or `2025-11-15 to 2025-11-20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_partial() {
            return self.first.fmt(f);
        }
        let (a, b) = (self.first.civil(), self.last.civil());
        if a.day() == 1 && b == a.last_of_month() {
            write!(f, "{}", a.strftime("%Y-%m"))
        } else if a == a.first_of_year() && b == a.last_of_year() {
            write!(f, "{}", a.strftime("%Y"))
        } else {
            write!(f, "{a} to {b}")
        }
    }
}

impl fmt::Debug for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DateRange {
    type Err = InvalidDate;

    /// Reads `2025-11-15`, `2025-11` or `2025`.
    #[expect(clippy::cast_possible_truncation, reason = "two digits are at most 99")]
    fn from_str(text: &str) -> Result<DateRange, InvalidDate> {
        const ORDER: &str = "year-month-day, as 2026-03-02";
        let bad = |help: &str| InvalidDate::new(format!("`{text}` is not a date: write {help}"));
        let parts: Vec<&str> = text.split('-').collect();
        let widths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        if !parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
            || !matches!(widths[..], [4] | [4, 2] | [4, 2, 2])
        {
            let right = crate::months::date(text).map(|day| format!("{day}, year-month-day"));
            return Err(bad(right.as_deref().unwrap_or(ORDER)));
        }
        let number = |i: usize| parts.get(i).and_then(|part| part.parse::<i16>().ok());
        let year = number(0).filter(|year| *year >= 1).ok_or_else(|| bad(ORDER))?;
        let no_such = |why: &str| InvalidDate {
            message: format!("`{text}` does not exist: {why}"),
            no_such: Some(why.to_owned()),
        };
        let Some(month) = number(1) else {
            let first = civil::Date::new(year, 1, 1).map_err(|_| bad(ORDER))?;
            return Ok(DateRange { first: Date::from_civil(first), last: Date::from_civil(first.last_of_year()) });
        };
        let first = civil::Date::new(year, month as i8, 1).map_err(|_| no_such("there are twelve months in a year"))?;
        let Some(day) = number(2) else {
            return Ok(DateRange { first: Date::from_civil(first), last: Date::from_civil(first.last_of_month()) });
        };
        match Date::new(year, month as i8, day as i8) {
            Some(date) => Ok(date.into()),
            None => Err(no_such(&format!("{} has {} days", first.strftime("%B %Y"), first.days_in_month()))),
        }
    }
}

impl serde::Serialize for DateRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A length of time: months (and years, twelve to one), then days (and weeks, seven to one). It reads as it was written.
///
/// ```
/// use regimen::Duration;
/// let duration: Duration = "16 months + 4 weeks".parse()?;
/// assert_eq!(duration, Duration::new(16, 28));
/// assert_eq!(duration.to_string(), "16 months + 4 weeks");
/// # Ok::<(), regimen::InvalidDate>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Duration {
    /// Calendar months.
    pub months: i32,
    /// Exact days.
    pub days: i32,
    /// How many years of the months are written as years. That makes no other length of it.
    years: i32,
    /// How many weeks of the days are written as weeks.
    weeks: i32,
}

impl Duration {
    /// A number of months and of days, which nobody wrote: of whole years, more than one, it says how many.
    #[must_use]
    pub const fn new(months: i32, days: i32) -> Duration {
        let years = if months > 12 && months % 12 == 0 { months / 12 } else { 0 };
        Duration { months, days, years, weeks: 0 }
    }

    /// A number of days.
    #[must_use]
    pub const fn days(days: i32) -> Duration {
        Duration::new(0, days)
    }

    /// So many times a unit, which has so many months or days; none where that is more than a calendar has.
    pub(crate) fn of(count: i32, months: i32, days: i32) -> Option<Duration> {
        Some(Duration {
            months: count.checked_mul(months)?,
            days: count.checked_mul(days)?,
            years: if months == 12 { count } else { 0 },
            weeks: if days == 7 { count } else { 0 },
        })
    }

    /// Whether it is an exact number of days, and can so be compared and subtracted.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.months == 0
    }

    /// Whether it is written as a number of days.
    pub(crate) fn is_in_days(self) -> bool {
        self.months == 0 && self.weeks == 0
    }

    /// Both lengths together.
    #[must_use]
    pub fn plus(self, other: Duration) -> Duration {
        Duration {
            months: self.months.saturating_add(other.months),
            days: self.days.saturating_add(other.days),
            years: self.years.saturating_add(other.years),
            weeks: self.weeks.saturating_add(other.weeks),
        }
    }

    /// The length the other way round.
    #[must_use]
    pub fn negated(self) -> Duration {
        Duration { months: -self.months, days: -self.days, years: -self.years, weeks: -self.weeks }
    }

    /// What makes it the length that it is.
    fn length(self) -> (i32, i32) {
        (self.months, self.days)
    }
}

impl PartialEq for Duration {
    fn eq(&self, other: &Duration) -> bool {
        self.length() == other.length()
    }
}

impl Eq for Duration {}

impl std::hash::Hash for Duration {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.length().hash(state);
    }
}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Duration) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Duration {
    fn cmp(&self, other: &Duration) -> std::cmp::Ordering {
        self.length().cmp(&other.length())
    }
}

/// The longest length of time that may be written, in days: about 270 years.
const LONGEST: i32 = 100_000;

impl FromStr for Duration {
    type Err = InvalidDate;

    /// Reads `28 days`, `16 months + 4 weeks`, `12 months - 4 days`, `-7 days`. Only days and weeks may be subtracted.
    fn from_str(text: &str) -> Result<Duration, InvalidDate> {
        let bad = |why: &str| {
            let why = crate::lengths::meant(text).unwrap_or_else(|| why.to_owned());
            InvalidDate::new(format!("`{text}` is not a length of time: {why}"))
        };
        let mut total = Duration::default();
        let spaced = text.replace('+', " + ").replace('-', " - ");
        let mut words = spaced.split_whitespace().peekable();
        let mut first = true;
        while words.peek().is_some() {
            let sign = match words.peek() {
                Some(&"+") | Some(&"-") => words.next().unwrap_or("+"),
                _ if first => "+",
                _ => return Err(bad("join its parts with `+` or `-`, as in \"16 months + 4 weeks\"")),
            };
            let word = words.next().unwrap_or_default();
            let count: i32 = word.parse().ok().filter(|count| (0..=LONGEST).contains(count)).ok_or_else(|| {
                let digits = word.trim_start_matches(|sign: char| sign.is_ascii_digit());
                match &word[..word.len() - digits.len()] {
                    number if !number.is_empty() && digits.chars().all(char::is_alphabetic) && !digits.is_empty() => {
                        bad(&format!("put a space between the number and its unit: \"{number} {digits}\""))
                    }
                    _ => bad("begin with a number, as in \"28 days\""),
                }
            })?;
            let unit = words.next().ok_or_else(|| bad("a unit is missing: days, weeks, months or years"))?;
            let (months, days) = match unit {
                "day" | "days" => (0, 1),
                "week" | "weeks" => (0, 7),
                "month" | "months" => (1, 0),
                "year" | "years" => (12, 0),
                other => return Err(bad(&format!("`{other}` is not a unit: use days, weeks, months or years"))),
            };
            if sign == "-" && months > 0 {
                return Err(bad("only days and weeks can be subtracted"));
            }
            let count = if sign == "-" { -count } else { count };
            total = total.plus(Duration::of(count, months, days).unwrap_or_default());
            first = false;
        }
        if first { Err(bad("write a number and a unit, as in \"28 days\"")) } else { Ok(total) }
    }
}

impl fmt::Display for Duration {
    /// As it was written: `6 months`, `4 weeks`, `15 years + 8 months`, `12 months - 4 days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = self.months.saturating_sub(self.years.saturating_mul(12));
        let days = self.days.saturating_sub(self.weeks.saturating_mul(7));
        let all = [(self.years, "year"), (months, "month"), (self.weeks, "week"), (days, "day")];
        let mut lead = "";
        for (count, unit) in all.into_iter().filter(|(count, _)| *count != 0) {
            let sign = match (lead, count < 0) {
                ("", true) => "-",
                (_, true) => " - ",
                (lead, false) => lead,
            };
            let many = if count.abs() == 1 { "" } else { "s" };
            write!(f, "{sign}{} {unit}{many}", count.unsigned_abs())?;
            lead = " + ";
        }
        if lead.is_empty() { f.write_str("0 days") } else { Ok(()) }
    }
}

impl serde::Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn add(date: &str, duration: &str) -> String {
        (day(date) + duration.parse().expect("a duration")).to_string()
    }

    #[test]
    fn what_is_no_date_is_refused_however_it_is_written() {
        for text in
            ["0000-00-00", "0.0.0000", "0000-01-01", "1 March 0000", "abcd-03-05", "99999-01-01", "", "-", "2026-1-1"]
        {
            assert!(text.parse::<DateRange>().is_err(), "{text}");
        }
        let told = "1.3.2026".parse::<DateRange>().expect_err("no date").to_string();
        assert!(told.contains("write 2026-03-01, year-month-day"), "{told}");
    }

    /// Every day that there is, against the library.
    #[test]
    fn days_have_the_numbers_that_the_library_gives_them() {
        let mut day = civil::date(1, 1, 1);
        for number in Date::MIN.0..=Date::MAX.0 {
            assert_eq!(Date(number).civil(), day);
            assert_eq!(Date::from_civil(day), Date(number));
            day = day.tomorrow().unwrap_or(day);
        }
        assert_eq!(day, civil::date(9999, 12, 31));
        assert_eq!(Date::from_civil(EPOCH), Date(0));
    }

    #[test]
    fn months_roll_forward() {
        assert_eq!(add("2025-08-31", "6 months"), "2026-03-01");
        assert_eq!(add("2025-05-31", "6 months"), "2025-12-01");
        assert_eq!(add("2025-09-29", "5 months + 4 weeks"), "2026-03-29");
        assert_eq!(add("2024-02-29", "1 year"), "2025-03-01");
        assert_eq!(add("2025-11-15", "6 months"), "2026-05-15");
        assert_eq!(add("2025-01-10", "12 months - 4 days"), "2026-01-06");
    }

    #[test]
    fn never_stays_never() {
        assert_eq!(Date::NEVER + Duration::new(6, 3), Date::NEVER);
        assert!(Date::NEVER < Date::MIN);
        assert_eq!(Date::NEVER.to_string(), "never");
    }

    #[test]
    fn the_far_end_saturates() {
        assert_eq!(day("9999-12-31") + Duration::new(500_000, 0), Date::MAX);
        assert_eq!(Date::MAX.to_string(), "9999-12-31");
        assert_eq!(Date::MIN.to_string(), "0001-01-01");
    }

    #[test]
    fn ages() {
        assert_eq!(day("2026-03-01").years_since(day("2004-03-02")), 21);
        assert_eq!(day("2026-03-02").years_since(day("2004-03-02")), 22);
        assert_eq!(day("2025-02-28").years_since(day("2004-02-29")), 20);
        assert_eq!(day("2025-03-01").years_since(day("2004-02-29")), 21);
    }

    #[test]
    fn partial_dates() {
        let range: DateRange = "2024-02".parse().expect("a month");
        assert_eq!((range.first.to_string(), range.last.to_string()), ("2024-02-01".into(), "2024-02-29".into()));
        assert_eq!(range.days().count(), 29);
        assert_eq!(range.to_string(), "2024-02");
        assert_eq!("2024".parse::<DateRange>().expect("a year").to_string(), "2024");
    }

    #[test]
    fn dates_that_do_not_exist_say_why() {
        let error = |text: &str| text.parse::<Date>().expect_err("no such date").to_string();
        assert_eq!(error("2025-02-29"), "`2025-02-29` does not exist: February 2025 has 28 days");
        assert_eq!(error("2025-13-01"), "`2025-13-01` does not exist: there are twelve months in a year");
        assert_eq!(error("1.2.2025"), "`1.2.2025` is not a date: write 2025-02-01, year-month-day");
        assert_eq!(error("1/2/2025"), "`1/2/2025` is not a date: write year-month-day, as 2026-03-02");
        assert_eq!(error("2025-2-1"), "`2025-2-1` is not a date: write 2025-02-01, year-month-day");
        assert_eq!(error("1 February 2025"), "`1 February 2025` is not a date: write 2025-02-01, year-month-day");
        assert_eq!(error("2025-11"), "`2025-11` is not one day: write year-month-day, as 2026-03-02");
    }

    #[test]
    fn a_length_is_the_same_however_it_is_written() {
        let length = |text: &str| text.parse::<Duration>().expect("a length of time");
        assert_eq!(length("4 weeks"), length("28 days"));
        assert_eq!(length("2 years").cmp(&length("24 months")), std::cmp::Ordering::Equal);
        // What nobody wrote says whole years, and days.
        assert_eq!(Duration::new(36, 28).to_string(), "3 years + 28 days");
        assert_eq!(length("4 weeks").plus(length("3 days")).negated().to_string(), "-4 weeks - 3 days");
    }

    #[test]
    fn durations_read_and_print() {
        for text in [
            "28 days",
            "6 months",
            "1 day",
            "2 years",
            "24 months",
            "1 year",
            "4 weeks",
            "28 days",
            "15 years + 8 months",
            "16 months + 28 days",
            "1 year + 6 months + 2 weeks - 1 day",
            "12 months - 4 days",
            "-2 weeks",
            "0 days",
            "-7 days",
        ] {
            assert_eq!(text.parse::<Duration>().expect("a duration").to_string(), text);
        }
        for text in [
            "",
            "days",
            "6",
            "6 moons",
            "6 months 4 weeks",
            "6 weeks - 1 month",
            "-1 month",
            "99999999 days",
            "1.5 days",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }
}
