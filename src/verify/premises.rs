//! What is taken as it stands, and where: what was read of the record and the protocol, and what the course came to. Any other node that follows
//! from nothing is a step that has lost its operator, its parts or its name.

use serde_json::Value as Json;

use super::steps::RULES;
use super::{Check, text, texts};

/// What a course rests on, by the ends of the ids.
const OF_COURSE: [&str; 4] = ["when", "from", "beyond_planned", "restart_when_complete"];

/// What an expression asks of the moment at which a planned session would be given.
const OF_MOMENT: [&str; 6] = ["judging", "session_date", "aged", "waited", "valid", "given"];

impl Check<'_> {
    /// Whether a node that follows from nothing may be one that does not have to.
    pub(super) fn is_premise(&self, node: &Json) -> bool {
        let (id, kind, written) = (text(node, "id"), text(node, "kind"), text(node, "text"));
        let has_parts = texts(node, "operands").next().is_some();
        let of_course = |part: &str| id == format!("course.{}.{part}", self.course_id());
        match (node["operator"].as_str(), text(&node["origin"], "from"), kind) {
            (None, "literal" | "as_of" | "record" | "parameter" | "not_applicable", _) => !has_parts,
            (None, "sessions", "note" | "sessions_done") => !has_parts,
            (None, "sessions", "definition") => !has_parts && written.trim_matches(['(', ')']) == "sessions_done",
            (Some("first" | "last" | "is_empty" | "len"), "sessions", _) => {
                !has_parts && written.trim_start_matches('(').starts_with("sessions")
            }
            (Some(operator), "", "course") => OF_MOMENT.contains(&operator),
            (None, "", "each") => !has_parts && (id.starts_with("setting.") || id.starts_with("course.")),
            // The course as a whole says of which bounds, sessions and conditions it is made.
            (None, "", "course") if of_course("too-early") || of_course("over") => true,
            // Where it is not one of the courses' conditions, it says what it is.
            (None, "", _) if id == "course.offered" => kind == "course" && !has_parts && !written.is_empty(),
            (None, "", "bound" | "session" | "check" | "choice" | "course" | "date") => {
                !has_parts && id.starts_with("course.") && expression(id).is_none()
            }
            _ => false,
        }
    }
}

/// The expression of the protocol that a node belongs to, by its id: `contraindication.pregnant`, `definition.slow_healing`,
/// `setting.level.row-2`, `course.standard.interval.when`; none where it belongs to none.
pub(super) fn expression(id: &str) -> Option<&str> {
    let ends: Vec<usize> = id.match_indices('.').map(|(at, _)| at).chain([id.len()]).collect();
    let names: Vec<&str> = id.split('.').collect();
    let is_number = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match names[0] {
        "date_of_birth" => Some(0),
        "definition" => Some(1),
        "setting" => names.iter().position(|name| name.starts_with("row-")),
        "course" if names.get(1) == Some(&"immune") && names.get(2).is_none_or(is_number) => Some(1),
        // Of one of the components; or of a course of that name.
        "course" if names.get(1) == Some(&"immune") && names.get(3).is_some_and(is_number) => Some(2),
        // What is checked of a recorded session has the name of an interval.
        "course" => {
            let places = names.iter().enumerate().skip(2).take_while(|(_, name)| **name != "sessions");
            let mut places = places.filter(|(_, name)| OF_COURSE.contains(&name.split('#').next().unwrap_or_default()));
            places.next().map(|(at, _)| at)
        }
        rule => RULES.contains(&rule).then_some(1),
    };
    ends.get(whole?).map(|end| &id[..*end])
}
