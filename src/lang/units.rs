//! Units, as far as a protocol can mix them up.
//!
//! A unit is a word: nothing is converted. All that is known of it is which units measure the same in larger or smaller steps, so that J/cm2
//! never passes for mJ/cm2.

/// The prefixes of larger and smaller steps.
const PREFIXES: [char; 8] = ['k', 'd', 'c', 'm', 'µ', 'μ', 'u', 'n'];

/// Whether a number in one unit, times a number without any, may be meant in another.
///
/// That number may be a rate: 5 times a weight in kg is a dose in mg, at 5 mg for each kg. Between units that measure the same in other steps it
/// is more likely a slip, since a thousand is missing. Only a weight in kg is never itself a dose, and may turn into any.
pub(crate) fn may_turn_into(from: &str, to: &str) -> bool {
    from == "kg" || !steps(from).any(|a| steps(to).any(|b| a == b))
}

/// A unit as it is written, and without its prefix.
fn steps(unit: &str) -> impl Iterator<Item = &str> {
    let base = unit.strip_prefix(PREFIXES).filter(|base| base.starts_with(char::is_alphabetic));
    std::iter::once(unit).chain(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_turns_a_weight_into_a_dose_and_no_joule_into_a_millijoule() {
        assert!(may_turn_into("kg", "mg"));
        assert!(may_turn_into("kg", "ml"));
        assert!(may_turn_into("cm2", "units"));
        assert!(!may_turn_into("mJ/cm2", "J/cm2"));
        assert!(!may_turn_into("J/cm2", "mJ/cm2"));
        assert!(!may_turn_into("g", "mg"));
        assert!(!may_turn_into("mm", "cm"));
    }
}
