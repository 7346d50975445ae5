//! What is taken as it stands, and where: what was read of the record and the protocol, and what the course came to. Any other node that follows
//! from nothing is a step that has lost its operator, its parts or its name.

use serde_json::Value as Json;

use super::steps::RULES;
use super::{Check, text, texts};

/// What a course rests on, by the ends of the ids.
const OF_COURSE: [&str; 4] = ["when", "from", "beyond_planned", "restart_when_complete"];

impl Check<'_> {
    /// Whether a node that follows from nothing may be one that does not have to.
    pub(super) fn is_premise(&self, node: &Json) -> bool {
        let (id, kind, written) = (text(node, "id"), text(node, "kind"), text(node, "text"));
        let has_parts = texts(node, "operands").next().is_some();
        let of_course = |part: &str| id == format!("course.{}.{part}", self.course_id());
        match (node["operator"].as_str(), text(&node["origin"], "from"), kind) {
            (None, "literal" | "as_of" | "record" | "parameter" | "not_applicable", _) => !has_parts,
            (None, "sessions", "note") => !has_parts && (self.is_note(id, written) || self.is_for_nothing(id)),
            (None, "sessions", "sessions_done" | "definition") => !has_parts && plain(written) == "sessions_done",
            (Some(operator), "sessions", _) => !has_parts && is_read_of_sessions(written, operator),
            (None, "", "each") => {
                !has_parts && is_name(plain(written)) && (id.starts_with("setting.") || id.starts_with("course."))
            }
            // The course as a whole says of which bounds, sessions and conditions it is made.
            (None, "", "course") if of_course("too-early") || of_course("over") => true,
            // Where it is not one of the courses' conditions, it says what it is.
            (None, "", _) if id == "course.offered" => kind == "course" && !has_parts && !written.is_empty(),
            // Any other has days of its own, from which it follows: a pause, a season. Of a pause of which that is not known, none.
            (None, "", "course") => {
                let name = id.split('#').next().and_then(|id| id.rsplit('.').next());
                let is_told = matches!(name, Some("past" | "overdue" | "skip")) || node["outcome"] == "unknown";
                !has_parts && is_told && expression(id).is_none()
            }
            (None, "", "bound" | "session" | "check" | "choice" | "date") => {
                !has_parts && id.starts_with("course.") && expression(id).is_none()
            }
            _ => false,
        }
    }
}

impl Check<'_> {
    /// Whether what is written is a note of a session, and a question about sessions asks for it.
    fn is_note(&self, id: &str, written: &str) -> bool {
        let is_note = plain(written).split_once('.').is_some_and(|(session, note)| is_name(session) && is_name(note));
        let asks = |question: &Json| {
            let operator = question["operator"].as_str();
            matches!(operator, Some("any" | "all" | "count" | "sum")) && text(question, "text").contains(plain(written))
        };
        let mut questions = id.match_indices(".sessions.").filter_map(|(at, _)| self.node(id.get(..at)?));
        is_note && questions.any(asks)
    }
}

fn plain(written: &str) -> &str {
    written.trim_matches(['(', ')', ' '])
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether what is written is `sessions.len()`, `sessions_of("filler").last.date` and the like, and nothing more.
fn is_read_of_sessions(written: &str, operator: &str) -> bool {
    let Some(rest) = plain(written).strip_prefix("sessions") else { return false };
    let rest = match rest.strip_prefix("_of(") {
        Some(rest) => rest.split_once(')').map_or("", |(_, rest)| rest),
        None => rest,
    };
    let Some(rest) = rest.strip_prefix('.').and_then(|rest| rest.strip_prefix(operator)) else { return false };
    match operator {
        "len" | "is_empty" => rest.chars().all(|c| matches!(c, '(' | ')' | ' ')),
        "first" | "last" => rest.strip_prefix('.').is_some_and(is_name),
        _ => false,
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
