//! The rules written by hand: the measure of the others. A plain struct of options, and the three-valued connectives as
//! anybody would write them.

use crate::answer::{Answer, and, not, or};
use crate::days::{Cuts, NEVER};
use crate::patients::{Facts, Isotretinoin, Keloids, Pregnancy, Thinner, Zone};

/// What the rules say of a patient.
#[must_use]
pub fn decide(facts: &Facts, cuts: &Cuts) -> Answer {
    let darker_skin = facts.fitzpatrick.map(|kind| kind >= 4);
    let thinned = facts.blood_thinners.map(|taken| taken.contains_any([Thinner::Warfarin, Thinner::Doac]));
    let on_the_face =
        facts.zones.map(|zones| zones.contains_any([Zone::Forehead, Zone::Cheek, Zone::Chin, Zone::Nose]));
    let isotretinoin_past = facts.isotretinoin.map(|status| status == Isotretinoin::Past);
    let single_keloid = facts.keloids.map(|keloids| keloids == Keloids::ElsewhereSingle);
    let too_young = facts.date_of_birth.map(|born| born.0 > cuts.adult);

    Answer::new([
        // zone-planned
        on_the_face,
        // unlikely-to-scar
        or(facts.fitzpatrick.map(|kind| kind <= 2), not(single_keloid)),
        // keloids
        facts.keloids.map(|keloids| matches!(keloids, Keloids::Face | Keloids::ElsewhereMultiple)),
        // pregnant
        facts.pregnancy.map(|pregnancy| pregnancy == Pregnancy::Yes),
        // nursing-on-thinners
        and(facts.nursing, thinned),
        // isotretinoin-now
        facts.isotretinoin.map(|status| status == Isotretinoin::Current),
        // only-thin-skin
        and(facts.zones.map(|zones| zones.contains_any([Zone::Lips, Zone::Eyelid])), not(on_the_face)),
        // too-young
        too_young,
        // possible-pregnancy
        facts.pregnancy.map(|pregnancy| pregnancy == Pregnancy::Possible),
        // recent-isotretinoin
        and(isotretinoin_past, facts.last_isotretinoin.map(|last| last.0 > cuts.isotretinoin)),
        // isotretinoin-answers-disagree
        and(isotretinoin_past, facts.last_isotretinoin.map(|last| last.0 == NEVER)),
        // high-inr
        and(facts.blood_thinners.map(|taken| taken.contains(Thinner::Warfarin)), facts.inr.map(|inr| inr > 3.5)),
        // high-hba1c
        and(facts.diabetes, facts.hba1c.map(|hba1c| hba1c > 8.5)),
        // cold-sore
        and(facts.cold_sore, facts.zones.map(|zones| !zones.is_empty())),
        // recent-sunburn
        and(not(darker_skin), facts.last_sunburn.map(|last| last.0 > cuts.sunburn)),
        // recent-sunburn-on-darker-skin
        and(darker_skin, facts.last_sunburn.map(|last| last.0 > cuts.sunburn_darker)),
        // frail
        and(
            facts.date_of_birth.map(|born| born.0 <= cuts.seventy),
            or(thinned, and(facts.diabetes, facts.hba1c.map(|hba1c| hba1c > 7.0))),
        ),
        // younger-than-label
        and(not(too_young), facts.date_of_birth.map(|born| born.0 > cuts.label)),
        // bleeds-longer
        or(
            facts.blood_thinners.map(|taken| taken.contains(Thinner::Aspirin)),
            and(thinned, facts.inr.map(|inr| inr > 2.5)),
        ),
        // dark-marks
        and(darker_skin, or(facts.zones.map(|zones| zones.contains(Zone::Forehead)), single_keloid)),
    ])
}
