//! Every code that a diagnostic can have. A code is never given to another mistake.

use super::Severity;

/// A kind of mistake: its number and name, and the page that explains it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `R101`
    pub id: &'static str,
    /// `unknown-key`
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The page in `docs/diagnostics/`: why it matters, a wrong and a right example.
    pub page: &'static str,
}

impl Code {
    /// The code of that number or name.
    #[must_use]
    pub fn find(wanted: &str) -> Option<&'static Code> {
        ALL.iter().copied().find(|code| code.id.eq_ignore_ascii_case(wanted) || code.name == wanted)
    }
}

macro_rules! codes {
    ($($constant:ident = $id:literal $name:literal $severity:ident;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $name)]
            pub static $constant: Code = Code {
                id: $id,
                name: $name,
                severity: Severity::$severity,
                page: include_str!(concat!("../../docs/diagnostics/", $id, ".md")),
            };
        )*
        /// Every code, in order.
        pub static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    // The shape of a file
    UNREADABLE = "R100" "unreadable-file" Error;
    SYNTAX = "R101" "syntax" Error;
    TOO_DEEP = "R102" "nested-too-deep" Error;
    UNKNOWN_KEY = "R103" "unknown-key" Error;
    MISSING_KEY = "R104" "missing-key" Error;
    WRONG_TYPE = "R105" "wrong-type" Error;
    NOT_A_CHOICE = "R106" "not-a-choice" Error;
    INVALID_DATE = "R107" "invalid-date" Error;
    INVALID_DURATION = "R108" "invalid-duration" Error;
    INVALID_VALUE = "R109" "invalid-value" Error;
    OUT_OF_RANGE = "R110" "out-of-range" Error;
    USELESS_KEY = "R111" "useless-key" Error;
    TOO_MANY = "R119" "too-many" Error;

    // Names
    DUPLICATE_NAME = "R201" "duplicate-name" Error;
    UNKNOWN_NAME = "R202" "unknown-name" Error;
    UNKNOWN_SOURCE = "R203" "unknown-source" Error;
    CYCLE = "R204" "definitions-in-a-circle" Error;
    RESERVED_NAME = "R205" "reserved-name" Error;
    UNKNOWN_REFERENCE = "R206" "unknown-reference" Error;
    LOOK_ALIKE = "R207" "look-alike-names" Error;

    // Expressions
    EXPRESSION_SYNTAX = "R301" "expression-syntax" Error;
    NOT_IN_LANGUAGE = "R302" "not-in-the-language" Error;
    TYPE_MISMATCH = "R303" "type-mismatch" Error;
    UNIT_MISMATCH = "R304" "unit-mismatch" Error;
    UNKNOWN_CHOICE = "R305" "unknown-choice" Error;
    TOO_LARGE = "R306" "expression-too-large" Error;
    NOT_HERE = "R307" "not-available-here" Error;
    UNIT_TWICE = "R308" "unit-said-twice" Warning;
    NAME_IN_A_TEXT = "R309" "name-in-a-text" Warning;
    TEXT_BRACES = "R310" "braces-in-a-text" Error;
    NO_VALUES_HERE = "R311" "no-values-here" Error;
    OTHER_VALUES = "R312" "other-values-in-a-translation" Warning;

    // Records
    FUTURE_DATE = "R401" "date-in-the-future" Error;
    UNKNOWN_FACT = "R402" "unknown-fact" Warning;
    NO_RECORDED_DATE = "R403" "no-recorded-date" Error;
    ANSWERED_LATER = "R404" "answered-after-the-as-of-date" Error;
    UNKNOWN_TREATMENT = "R405" "unknown-treatment" Error;
    BEFORE_BIRTH = "R408" "before-birth" Error;
    MISSPELT_FACT = "R411" "misspelt-fact" Error;
    UNDECLARED_TREATMENT = "R412" "undeclared-treatment" Warning;
    UNLISTED_PRODUCT = "R413" "unlisted-product" Warning;
    MISSPELT_PRODUCT = "R414" "misspelt-product" Error;
    NOBODY_CAN_ANSWER = "R415" "nobody-can-answer" Warning;
    NEEDED_SETTING = "R416" "needed-setting" Warning;
    NOTED_TWICE = "R417" "noted-twice" Warning;
    TOO_MANY_WAYS = "R418" "too-many-ways" Warning;
    CONTRADICTION = "R419" "contradicting-answers" Warning;
    PAST_APPOINTMENT = "R420" "appointment-in-the-past" Warning;
    EARLY_APPOINTMENT = "R421" "appointment-too-early" Warning;
    NO_PATIENT = "R422" "no-patient" Error;
    REPEATED_PATIENT = "R423" "repeated-patient" Warning;
    UNCLEAR_SEPARATOR = "R424" "unclear-separator" Error;
    TWO_ANSWERS_OF_A_DAY = "R425" "two-answers-of-one-day" Error;
    ANOTHER_DICTIONARY = "R426" "another-dictionary" Error;
    NOT_EARLIER = "R427" "not-earlier" Error;
    NO_DICTIONARY = "R428" "no-dictionary" Error;
    GROUP_OF_ONE = "R430" "group-of-one" Warning;
    CANNOT_CONTINUE = "R431" "cannot-write-answers" Error;
    CHANGED_MEANWHILE = "R432" "changed-meanwhile" Error;
    COVERED_AND_UNKNOWN = "R433" "covered-and-unknown" Error;
    BARRED_BY_THEN = "R434" "not-permitted-by-then" Warning;

    // Cases and the command line
    NO_CASES = "R501" "no-cases" Error;
    NOT_IN_FORCE = "R502" "not-in-force" Error;
    RETIRED = "R503" "retired" Error;
    DRAFT = "R504" "draft" Warning;
    UNKNOWN_TIME_ZONE = "R505" "unknown-time-zone" Error;
    OUTSIDE_CLINIC = "R506" "record-outside-the-clinic" Error;
    NO_CLINIC_DETAILS = "R507" "no-clinic-details" Warning;
    NO_CALENDAR = "R509" "no-calendar" Error;

    // Courses
    COURSE_SHAPE = "R601" "sessions-of-a-course" Error;
    UNKNOWN_PRODUCT = "R602" "unknown-product" Error;
    UNKNOWN_COMPONENT = "R603" "unknown-component" Error;
    NO_BIRTH_DATE = "R604" "no-date-of-birth" Error;
    NO_SUCH_SESSION = "R605" "no-such-session" Error;
    EMPTY_PERIOD = "R606" "empty-period" Error;

    // How good the cases are
    CASES_FAIL = "R607" "cases-fail" Error;
    NO_MUTANTS = "R608" "no-mutants" Error;
    NO_RESULT = "R609" "no-result" Error;

    // Suspicious, found by analysis
    NEVER_FIRES = "R701" "never-fires" Warning;
    ALWAYS_FIRES = "R702" "always-fires" Warning;
    SAME_CONDITION = "R703" "same-condition" Warning;
    SHADOWED = "R704" "shadowed-rule" Note;
    TABLE_GAP = "R705" "table-gap" Warning;
    TABLE_OVERLAP = "R706" "table-overlap" Warning;
    UNHANDLED_CHOICE = "R707" "unhandled-choice" Note;
    UNREAD_FACT = "R708" "unread-fact" Note;
    UNUSED_PARAMETER = "R709" "unused-parameter" Warning;
    UNCITED_SOURCE = "R710" "uncited-source" Warning;
    NO_SOURCE = "R711" "no-source" Warning;
    REVIEW_DUE = "R712" "review-due" Warning;
    IN_FORCE_OVERLAP = "R713" "in-force-overlap" Warning;
    IN_FORCE_HOLE = "R714" "in-force-hole" Warning;
    ABSENCE_ASSUMED = "R715" "absence-assumed" Warning;
    TOUCHING_THRESHOLDS = "R716" "touching-thresholds" Warning;
    MINIMUM_AFTER_LATEST = "R717" "minimum-after-latest" Warning;
    UNREACHABLE_MAXIMUM = "R718" "unreachable-maximum" Warning;
    ENDLESS_DEFERRAL = "R719" "endless-deferral" Warning;
    UNUSED_DEFINITION = "R720" "unused-definition" Warning;
    NEEDLESS_ALLOW = "R721" "needless-allow" Warning;
    NOT_ANALYSED = "R722" "not-analysed" Note;
    UNDECLARED_SEPARATION = "R731" "undeclared-separation" Warning;
    UNIT_NOT_SHOWN = "R732" "unit-not-shown" Warning;
    ENDLESS_DECIMALS = "R733" "endless-decimals" Warning;
    MAY_DIVIDE_BY_ZERO = "R734" "may-divide-by-zero" Warning;
    NO_SUCH_SETTING = "R735" "no-such-setting" Warning;
    NOTHING_PLANNED = "R737" "nobody-tells-what-is-next" Warning;
    WITHOUT_EFFECT = "R738" "without-effect" Warning;
    ANOTHER_KIND = "R739" "another-kind-of-file" Error;
    UNREACHED_MAXIMUM = "R740" "unreached-maximum" Warning;
    OUTDATED_TRANSLATION = "R742" "outdated-translation" Warning;
    UNMARKED_TRANSLATION = "R743" "unmarked-translation" Note;
    BEFORE_FIRST_SESSION = "R744" "before-the-first-session" Warning;
    POINT_FOR_THOUSANDS = "R745" "point-for-thousands" Warning;
    NOT_READ = "R746" "not-read" Warning;
    RECHECK_IN_THE_PAST = "R747" "recheck-in-the-past" Warning;
    SEPARATION_FROM_ITSELF = "R748" "separation-from-itself" Warning;
    TO_BE_WRITTEN = "R749" "text-to-be-written" Warning;
    REPEATED_NUMBER = "R751" "repeated-number" Warning;
    HARD_TO_READ = "R752" "hard-to-read" Note;
    OTHER_HEADINGS = "R753" "headings-in-english" Warning;
    SAME_LABEL = "R755" "same-label" Error;
    NOTHING_TO_TRANSLATE = "R756" "nothing-to-translate" Error;
    NOT_TRANSLATED = "R757" "not-translated" Note;
    NO_TRANSLATION = "R758" "no-translation" Error;

    // The archive
    NO_ARCHIVE = "R801" "no-archive" Error;
    NOT_KEPT = "R802" "not-kept" Error;
    ALTERED = "R803" "altered-archive" Error;
    NOT_AS_VOUCHED = "R804" "not-as-vouched" Error;
    RECEIPT = "R805" "altered-receipt" Error;
    NO_ENTRY = "R806" "no-such-entry" Error;
    HELD = "R807" "held" Error;
    NO_CHECKPOINT = "R808" "no-checkpoint" Error;
    FILES_CHANGED = "R809" "files-changed" Error;
    KEEPS_NO_ENTRY = "R810" "keeps-no-entry" Error;
    NO_BACKUP = "R815" "no-backup" Error;

    // Stored answers
    NO_STORED_ANSWER = "R821" "no-stored-answer" Error;
    TRACE_NOT_IN_FULL = "R822" "trace-not-in-full" Error;
    TRACE_IN_PIECES = "R823" "trace-in-pieces" Error;
    STEP_DOES_NOT_FOLLOW = "R824" "step-does-not-follow" Error;
    DATE_DOES_NOT_FOLLOW = "R825" "date-does-not-follow" Error;
    ANSWER_DOES_NOT_FOLLOW = "R826" "answer-does-not-follow" Error;

    // Two versions
    UNREADABLE_REVISION = "R827" "unreadable-revision" Error;
    NO_GIT = "R828" "no-git" Error;

    // Properties
    NOT_OF_THE_ANSWER = "R830" "not-of-the-answer" Error;
    REFUTED = "R831" "refuted-property" Error;
    NOT_PROVEN = "R832" "not-proven" Error;

    // Published versions
    NOT_AS_PUBLISHED = "R835" "not-as-published" Error;
    VERSION_TOO_LOW = "R836" "version-too-low" Error;
    ALTERED_VERSION = "R837" "altered-version" Error;
    WRONG_INDEX = "R838" "wrong-index" Error;
    NOT_ASKED_BY_ITSELF = "R839" "not-asked-by-itself" Error;
    READ_DIFFERENTLY = "R840" "read-differently-now" Error;
    NOT_PUBLISHED = "R841" "not-published" Error;
    USES_DISAGREE = "R842" "uses-disagree" Error;

    // Columns of records
    NO_RECORD = "R843" "no-record" Error;
    NO_COLUMN = "R844" "no-column-of-records" Error;

    // Published versions, again
    UNBOUND_ENTRY = "R845" "unbound-entry" Note;

    // The web application
    RECORD_CHANGED = "R850" "record-changed-meanwhile" Error;
    UNKNOWN_PATIENT = "R851" "no-such-patient" Error;
    NOT_AN_ID = "R852" "not-an-identifier" Error;
    ALIKE_PATIENT = "R853" "alike-patient" Warning;
    NOT_LOOPBACK = "R854" "not-loopback" Error;
    BEFORE_LATER_ANSWERS = "R855" "before-later-answers" Error;
    TWO_ANSWERS = "R856" "two-answers" Error;
    LAST_GOOD_VERSION = "R857" "last-good-version" Warning;
    CANNOT_LISTEN = "R858" "cannot-listen" Error;
    FILE_CHANGED = "R860" "file-changed-meanwhile" Error;
    NOT_SAVED = "R861" "file-not-saved" Error;
    STILL_BROKEN = "R862" "still-broken" Error;
    UNKNOWN_USER = "R863" "no-such-user" Error;
    UNUSABLE_NAME = "R864" "name-not-usable" Error;
    WEAK_PASSWORD = "R865" "weak-password" Error;
    NO_CERTIFICATE = "R866" "no-certificate" Error;
    NOT_PERMITTED = "R867" "not-permitted" Error;
    NOT_SIGNED_IN = "R868" "not-signed-in" Error;
    TOO_MANY_ATTEMPTS = "R869" "too-many-attempts" Error;
    MAY_BE_TOO_LARGE = "R870" "may-be-too-large" Warning;

    // Records, again
    OVER = "R875" "over" Warning;
    LABEL_TWICE = "R876" "label-twice" Warning;
    NO_BRACKETS = "R877" "no-brackets" Note;
    NONE_AND_OTHERS = "R890" "none-and-others" Warning;

    // Stored answers, again
    NOT_AS_THE_PROTOCOL = "R892" "not-as-the-protocol-says" Error;

    // Suspicious, found by analysis, again

    // Regimen itself
    MISTAKE_OF_REGIMEN = "R901" "mistake-of-regimen" Error;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_in_order_and_explained() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
        for code in ALL {
            assert_eq!(ALL.iter().filter(|other| other.name == code.name).count(), 1, "{}", code.name);
            assert!(code.page.starts_with(&format!("# {} {}\n", code.id, code.name)), "{}", code.id);
        }
        assert_eq!(Code::find("r103"), Some(&UNKNOWN_KEY));
        assert_eq!(Code::find("unknown-key"), Some(&UNKNOWN_KEY));
    }
}
