//! Days, and the waits that are fixed for the day of the question.

/// Days since 1970-01-01.
pub type Days = i32;

/// The date of what has not happened: earlier than every other.
pub const NEVER: Days = i32::MIN;

/// The day for which every engine decides. Six months before it lie days that February lacks.
pub const TODAY: (i32, i32, i32) = (2026, 2, 28);

/// The day number of a date of the Gregorian calendar.
#[must_use]
pub fn days(year: i32, month: i32, day: i32) -> Days {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day number.
#[must_use]
pub fn date(days: Days) -> (i32, i32, i32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i32::from(month <= 2), month, day)
}

/// As the protocol language adds months: a month that lacks the day rolls forward to the first of the next.
#[must_use]
pub fn plus_months(start: Days, months: i32) -> Days {
    let (year, month, day) = date(start);
    let month = month - 1 + months;
    let (year, month) = (year + month.div_euclid(12), month.rem_euclid(12) + 1);
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(year, month, day).min(days(next_year, next_month, 1))
}

/// For each wait, the last day on which it may have begun to be over today: what began later is still waiting. Every engine
/// gets these, so that none adds months for each patient.
#[derive(Clone, Copy, Debug)]
pub struct Cuts {
    /// The day of the question.
    pub today: Days,
    /// Eighteen years.
    pub adult: Days,
    /// Twenty-two years.
    pub label: Days,
    /// Seventy years.
    pub seventy: Days,
    /// Six months.
    pub isotretinoin: Days,
    /// Fourteen days.
    pub sunburn: Days,
    /// Twenty-eight days.
    pub sunburn_darker: Days,
}

impl Cuts {
    /// The cuts for a day.
    #[must_use]
    pub fn on(today: Days) -> Cuts {
        let months = |months| (0..).map(|back| today - back).find(|start| plus_months(*start, months) <= today);
        let months = |count| months(count).expect("days go back further than any wait");
        Cuts {
            today,
            adult: months(12 * 18),
            label: months(12 * 22),
            seventy: months(12 * 70),
            isotretinoin: months(6),
            sunburn: today - 14,
            sunburn_darker: today - 28,
        }
    }

    /// The constants that the rules of the other languages use, by name.
    #[must_use]
    pub fn names(&self) -> [(&'static str, Days); 8] {
        [
            ("TODAY", self.today),
            ("NEVER", NEVER),
            ("ADULT_CUT", self.adult),
            ("LABEL_CUT", self.label),
            ("SEVENTY_CUT", self.seventy),
            ("ISOTRETINOIN_CUT", self.isotretinoin),
            ("SUNBURN_CUT", self.sunburn),
            ("SUNBURN_DARKER_CUT", self.sunburn_darker),
        ]
    }

    /// Rules with the numbers in place of the names: how the languages without constants get them.
    #[must_use]
    pub fn written_into(&self, rules: &str) -> String {
        self.names().iter().fold(rules.to_owned(), |rules, (name, day)| rules.replace(name, &day.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        assert_eq!(days(1970, 1, 1), 0);
        for day in -60_000..60_000 {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn a_day_that_the_month_lacks_rolls_forward() {
        assert_eq!(plus_months(days(2025, 8, 31), 6), days(2026, 3, 1));
        assert_eq!(plus_months(days(2025, 8, 28), 6), days(2026, 2, 28));
        assert_eq!(plus_months(days(2004, 2, 29), 12 * 18), days(2022, 3, 1));
        assert_eq!(plus_months(days(2025, 12, 31), 1), days(2026, 1, 31));
        assert_eq!(Cuts::on(days(2026, 2, 28)).isotretinoin, days(2025, 8, 28));
    }
}
