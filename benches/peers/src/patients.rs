//! The patients: the same for every engine, from a seed.

use std::fmt;
use std::fmt::Write as _;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::days::{Days, NEVER, TODAY, date, days};

/// How many.
pub const PATIENTS: usize = 10_000;

/// How many of a hundred answers are missing.
const MISSING: u64 = 10;

/// What is known of a patient: the plainest form, as one would write it by hand. What is not known is `None`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    pub date_of_birth: Option<Day>,
    pub pregnancy: Option<Pregnancy>,
    pub nursing: Option<bool>,
    pub fitzpatrick: Option<u8>,
    pub keloids: Option<Keloids>,
    pub isotretinoin: Option<Isotretinoin>,
    pub last_isotretinoin: Option<Day>,
    pub blood_thinners: Option<Set<Thinner>>,
    pub inr: Option<f64>,
    pub diabetes: Option<bool>,
    pub hba1c: Option<f64>,
    pub cold_sore: Option<bool>,
    pub last_sunburn: Option<Day>,
    pub zones: Option<Set<Zone>>,
}

/// A date, or [`NEVER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Days);

/// A type whose values are words, and its values.
macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($value:ident $word:literal),+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
        pub enum $name { $(#[serde(rename = $word)] $value),+ }

        impl Choice for $name {
            const ALL: &'static [$name] = &[$($name::$value),+];
            fn word(self) -> &'static str {
                match self { $($name::$value => $word),+ }
            }
            fn place(self) -> u8 {
                self as u8
            }
        }
    };
}

/// What [`choice`] makes.
pub trait Choice: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];
    /// As it is written.
    fn word(self) -> &'static str;
    /// Its place among the values.
    fn place(self) -> u8;
}

choice!(Pregnancy { No "no", Possible "possible", Yes "yes" });
choice!(Keloids {
    None "none", ElsewhereSingle "elsewhere_single", ElsewhereMultiple "elsewhere_multiple", Face "face"
});
choice!(Isotretinoin { Never "never", Past "past", Current "current" });
choice!(Thinner { Warfarin "warfarin", Doac "doac", Aspirin "aspirin", Heparin "heparin" });
choice!(Zone { Forehead "forehead", Cheek "cheek", Chin "chin", Nose "nose", Lips "lips", Eyelid "eyelid" });

/// Some of the values of a choice.
#[derive(Clone, Copy, Debug)]
pub struct Set<T>(u8, PhantomData<T>);

impl<T: Choice> Set<T> {
    #[must_use]
    pub fn of(members: impl IntoIterator<Item = T>) -> Set<T> {
        Set(members.into_iter().fold(0, |bits, member| bits | 1 << member.place()), PhantomData)
    }

    #[must_use]
    pub fn contains(self, member: T) -> bool {
        self.0 & 1 << member.place() != 0
    }

    #[must_use]
    pub fn contains_any<const N: usize>(self, members: [T; N]) -> bool {
        self.0 & Set::of(members).0 != 0
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl<'de, T: Choice + Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Choice + Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Set<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Set<T>, A::Error> {
                let mut set = Set::of([]);
                while let Some(member) = list.next_element::<T>()? {
                    set.0 |= 1 << member.place();
                }
                Ok(set)
            }
        }
        deserializer.deserialize_seq(Members(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        if text == "never" {
            return Ok(Day(NEVER));
        }
        let part = |from, to| text.get(from..to).and_then(|part| part.parse().ok());
        match (part(0, 4), part(5, 7), part(8, 10)) {
            (Some(year), Some(month), Some(day)) if text.len() == 10 => Ok(Day(days(year, month, day))),
            _ => Err(D::Error::custom("not a date")),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == NEVER {
            return f.write_str("never");
        }
        let (year, month, day) = date(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A fact's value in the form that the dynamically typed engines build their own values from.
pub enum Value {
    Bool(bool),
    Integer(i64),
    /// A decimal with one place, in tenths, so that each engine may have it exactly.
    Tenths(i64),
    Word(&'static str),
    /// Every choice of a set, and whether the set holds it.
    Set(Vec<(&'static str, bool)>),
}

/// The choices that a set holds.
pub fn in_it(members: Vec<(&'static str, bool)>) -> impl Iterator<Item = &'static str> {
    members.into_iter().filter(|(_, is_in)| *is_in).map(|(word, _)| word)
}

impl Facts {
    /// The fourteen facts by name; `None` for what is not known.
    #[must_use]
    pub fn values(&self) -> [(&'static str, Option<Value>); 14] {
        let day = |day: Option<Day>| day.map(|day| Value::Integer(day.0.into()));
        let tenths = |number: Option<f64>| number.map(|number| Value::Tenths((number * 10.0).round() as i64));
        fn word<T: Choice>(choice: Option<T>) -> Option<Value> {
            choice.map(|choice| Value::Word(choice.word()))
        }
        fn words<T: Choice>(set: Option<Set<T>>) -> Option<Value> {
            let member = |set: Set<T>, one: &T| (one.word(), set.contains(*one));
            set.map(|set| Value::Set(T::ALL.iter().map(|one| member(set, one)).collect()))
        }
        [
            ("date_of_birth", day(self.date_of_birth)),
            ("pregnancy", word(self.pregnancy)),
            ("nursing", self.nursing.map(Value::Bool)),
            ("fitzpatrick", self.fitzpatrick.map(|kind| Value::Integer(kind.into()))),
            ("keloids", word(self.keloids)),
            ("isotretinoin", word(self.isotretinoin)),
            ("last_isotretinoin", day(self.last_isotretinoin)),
            ("blood_thinners", words(self.blood_thinners)),
            ("inr", tenths(self.inr)),
            ("diabetes", self.diabetes.map(Value::Bool)),
            ("hba1c", tenths(self.hba1c)),
            ("cold_sore", self.cold_sore.map(Value::Bool)),
            ("last_sunburn", day(self.last_sunburn)),
            ("zones", words(self.zones)),
        ]
    }

    /// A record as regimen reads it, on one line.
    #[must_use]
    pub fn line(&self, number: usize) -> String {
        let today = Day(days(TODAY.0, TODAY.1, TODAY.2));
        let mut line = format!(r#"{{"patient":"P-{number:05}","recorded":"{today}","facts":{{"#);
        let start = line.len();
        for (name, value) in self.values() {
            let Some(value) = value else { continue };
            if line.len() > start {
                line.push(',');
            }
            let is_date = matches!(name, "date_of_birth" | "last_isotretinoin" | "last_sunburn");
            let written = match value {
                Value::Integer(number) if is_date => write!(line, r#""{name}":"{}""#, Day(number as Days)),
                Value::Integer(number) => write!(line, r#""{name}":{number}"#),
                Value::Bool(truth) => write!(line, r#""{name}":{truth}"#),
                Value::Tenths(tenths) => write!(line, r#""{name}":{}.{}"#, tenths / 10, tenths % 10),
                Value::Word(word) => write!(line, r#""{name}":"{word}""#),
                // The words are plain, so that Rust's form of a list of texts is JSON's.
                Value::Set(members) => write!(line, r#""{name}":{:?}"#, in_it(members).collect::<Vec<_>>()),
            };
            written.expect("a text takes whatever is written");
        }
        line.push_str("},\"sessions\":[]}");
        line
    }
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// What is asked for, or nothing, as often as answers are missing.
    fn maybe<T>(&mut self, make: impl FnOnce(&mut Random) -> T) -> Option<T> {
        if self.chance(MISSING) { None } else { Some(make(self)) }
    }

    /// The first of the values as often as is said, else one of the others.
    fn mostly_first<T: Choice>(&mut self, percent: u64) -> T {
        if self.chance(percent) { T::ALL[0] } else { T::ALL[1 + self.below(T::ALL.len() as u64 - 1) as usize] }
    }

    fn some_of<T: Choice>(&mut self, percent: u64) -> Set<T> {
        Set::of(T::ALL.iter().copied().filter(|_| self.chance(percent)).collect::<Vec<_>>())
    }

    /// A day of the last so many, or never.
    fn event(&mut self, never_percent: u64, today: Days, back: u64) -> Day {
        if self.chance(never_percent) { Day(NEVER) } else { Day(today - self.below(back) as Days) }
    }
}

/// The patients.
#[must_use]
pub fn patients(today: Days) -> Vec<Facts> {
    let mut random = Random(20_260_228);
    let one = |random: &mut Random| Facts {
        date_of_birth: random.maybe(|random| Day(today - 15 * 365 - random.below(65 * 365) as Days)),
        pregnancy: random.maybe(|random| random.mostly_first(88)),
        nursing: random.maybe(|random| random.chance(10)),
        fitzpatrick: random.maybe(|random| 1 + random.below(6) as u8),
        keloids: random.maybe(|random| random.mostly_first(88)),
        isotretinoin: random.maybe(|random| random.mostly_first(75)),
        last_isotretinoin: random.maybe(|random| random.event(60, today, 500)),
        blood_thinners: random.maybe(|random| random.some_of(10)),
        inr: random.maybe(|random| (8 + random.below(42)) as f64 / 10.0),
        diabetes: random.maybe(|random| random.chance(20)),
        hba1c: random.maybe(|random| (45 + random.below(60)) as f64 / 10.0),
        cold_sore: random.maybe(|random| random.chance(8)),
        last_sunburn: random.maybe(|random| random.event(60, today, 120)),
        zones: random.maybe(|random| random.some_of(35)),
    };
    (0..PATIENTS).map(|_| one(&mut random)).collect()
}
