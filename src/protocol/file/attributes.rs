//! What a decision-support rule discloses of itself, as it is written: the source attributes of 45 CFR 170.315(b)(11)(iv)(A).

use super::Text;
use crate::document::Spanned;
use crate::words::words;
use schemars::JsonSchema;
use serde::Deserialize;

words! {
    /// The kinds of data about a person whose use a decision-support rule discloses, as the regulation names them.
    SourceAttribute {
        /// Race.
        Race = "race",
        /// Ethnicity.
        Ethnicity = "ethnicity",
        /// The preferred language.
        Language = "language",
        /// Sexual orientation.
        SexualOrientation = "sexual-orientation",
        /// Gender identity.
        GenderIdentity = "gender-identity",
        /// Sex.
        Sex = "sex",
        /// The date of birth, and with it the age.
        DateOfBirth = "date-of-birth",
        /// A social determinant of health, such as housing or income.
        SocialDeterminant = "social-determinant",
        /// An assessment of the health status, such as pregnancy, smoking, function or disability.
        HealthStatusAssessment = "health-status-assessment",
    }
}

impl SourceAttribute {
    /// All of them, in the order of the regulation.
    pub const ALL: [SourceAttribute; 9] = [
        SourceAttribute::Race,
        SourceAttribute::Ethnicity,
        SourceAttribute::Language,
        SourceAttribute::SexualOrientation,
        SourceAttribute::GenderIdentity,
        SourceAttribute::Sex,
        SourceAttribute::DateOfBirth,
        SourceAttribute::SocialDeterminant,
        SourceAttribute::HealthStatusAssessment,
    ];
}

format! {
    /// What a protocol discloses of itself and only a person can state. `regimen show --source-attributes` prints it with what can be computed.
    "source attributes" requires []
    struct SourceAttributes {
        /// Who developed it.
        pub developer: Option<Text>,
        /// Who paid for its development.
        pub funding: Option<Text>,
        /// The kinds of data about a person that it uses. It must be what its expressions read.
        pub uses: Option<Spanned<Vec<Spanned<SourceAttribute>>>>,
    }
}
