# The rules of rules.toml in Rego. A fact that is not known is undefined, and so is what is made of it: an atom is true, false
# or undefined. What holds and what does not hold of a rule is said separately, and of what neither is certain, neither is said.

package peers

answer := {"yes": yes, "no": no}

thinned := count(input.blood_thinners & {"warfarin", "doac"}) > 0

on_the_face := count(input.zones & {"forehead", "cheek", "chin", "nose"}) > 0

yes contains "zone-planned" if on_the_face

no contains "zone-planned" if on_the_face == false

yes contains "unlikely-to-scar" if input.fitzpatrick <= 2

yes contains "unlikely-to-scar" if input.keloids != "elsewhere_single"

no contains "unlikely-to-scar" if {
	input.fitzpatrick > 2
	input.keloids == "elsewhere_single"
}

yes contains "keloids" if input.keloids in {"face", "elsewhere_multiple"}

no contains "keloids" if input.keloids in {"none", "elsewhere_single"}

yes contains "pregnant" if input.pregnancy == "yes"

no contains "pregnant" if input.pregnancy != "yes"

yes contains "nursing-on-thinners" if {
	input.nursing
	thinned
}

no contains "nursing-on-thinners" if input.nursing == false

no contains "nursing-on-thinners" if thinned == false

yes contains "isotretinoin-now" if input.isotretinoin == "current"

no contains "isotretinoin-now" if input.isotretinoin != "current"

yes contains "only-thin-skin" if {
	count(input.zones & {"lips", "eyelid"}) > 0
	on_the_face == false
}

no contains "only-thin-skin" if count(input.zones & {"lips", "eyelid"}) == 0

no contains "only-thin-skin" if on_the_face

yes contains "too-young" if input.date_of_birth > ADULT_CUT

no contains "too-young" if input.date_of_birth <= ADULT_CUT

yes contains "possible-pregnancy" if input.pregnancy == "possible"

no contains "possible-pregnancy" if input.pregnancy != "possible"

yes contains "recent-isotretinoin" if {
	input.isotretinoin == "past"
	input.last_isotretinoin > ISOTRETINOIN_CUT
}

no contains "recent-isotretinoin" if input.isotretinoin != "past"

no contains "recent-isotretinoin" if input.last_isotretinoin <= ISOTRETINOIN_CUT

yes contains "isotretinoin-answers-disagree" if {
	input.isotretinoin == "past"
	input.last_isotretinoin == NEVER
}

no contains "isotretinoin-answers-disagree" if input.isotretinoin != "past"

no contains "isotretinoin-answers-disagree" if input.last_isotretinoin != NEVER

yes contains "high-inr" if {
	"warfarin" in input.blood_thinners
	input.inr > 3.5
}

no contains "high-inr" if count(input.blood_thinners & {"warfarin"}) == 0

no contains "high-inr" if input.inr <= 3.5

yes contains "high-hba1c" if {
	input.diabetes
	input.hba1c > 8.5
}

no contains "high-hba1c" if input.diabetes == false

no contains "high-hba1c" if input.hba1c <= 8.5

yes contains "cold-sore" if {
	input.cold_sore
	count(input.zones) > 0
}

no contains "cold-sore" if input.cold_sore == false

no contains "cold-sore" if count(input.zones) == 0

yes contains "recent-sunburn" if {
	input.fitzpatrick < 4
	input.last_sunburn > SUNBURN_CUT
}

no contains "recent-sunburn" if input.fitzpatrick >= 4

no contains "recent-sunburn" if input.last_sunburn <= SUNBURN_CUT

yes contains "recent-sunburn-on-darker-skin" if {
	input.fitzpatrick >= 4
	input.last_sunburn > SUNBURN_DARKER_CUT
}

no contains "recent-sunburn-on-darker-skin" if input.fitzpatrick < 4

no contains "recent-sunburn-on-darker-skin" if input.last_sunburn <= SUNBURN_DARKER_CUT

yes contains "frail" if {
	input.date_of_birth <= SEVENTY_CUT
	thinned
}

yes contains "frail" if {
	input.date_of_birth <= SEVENTY_CUT
	input.diabetes
	input.hba1c > 7
}

no contains "frail" if input.date_of_birth > SEVENTY_CUT

no contains "frail" if {
	thinned == false
	input.diabetes == false
}

no contains "frail" if {
	thinned == false
	input.hba1c <= 7
}

yes contains "younger-than-label" if {
	input.date_of_birth <= ADULT_CUT
	input.date_of_birth > LABEL_CUT
}

no contains "younger-than-label" if input.date_of_birth > ADULT_CUT

no contains "younger-than-label" if input.date_of_birth <= LABEL_CUT

yes contains "bleeds-longer" if "aspirin" in input.blood_thinners

yes contains "bleeds-longer" if {
	thinned
	input.inr > 2.5
}

no contains "bleeds-longer" if {
	count(input.blood_thinners & {"aspirin"}) == 0
	thinned == false
}

no contains "bleeds-longer" if {
	count(input.blood_thinners & {"aspirin"}) == 0
	input.inr <= 2.5
}

yes contains "dark-marks" if {
	input.fitzpatrick >= 4
	"forehead" in input.zones
}

yes contains "dark-marks" if {
	input.fitzpatrick >= 4
	input.keloids == "elsewhere_single"
}

no contains "dark-marks" if input.fitzpatrick < 4

no contains "dark-marks" if {
	count(input.zones & {"forehead"}) == 0
	input.keloids != "elsewhere_single"
}
