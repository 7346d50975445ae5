//! What must hold of every answer.

use super::build::{Builder, points};
use super::{Point, Section, sentence};
use crate::english::English;

pub(super) fn properties(builder: &mut Builder<'_>) -> Section {
    let model = builder.protocol.with_answer();
    let english = English { speech: builder.speech(), ..model.english() };
    let mut out = Vec::new();
    for property in &builder.protocol.properties.list {
        let said = if property.never { "Never: {}" } else { "Always: {}" };
        out.push(Point {
            lead: builder.say(said, &[&english.condition(property.root)]),
            text: String::new(),
            notes: vec![sentence(&property.reason)],
            cites: builder.cite(&property.sources, None),
            id: property.id.clone(),
            ..Point::default()
        });
    }
    let lead = "Of every patient. The command “regimen prove” proves it, or names somebody of whom it is not so.";
    builder.section("What must hold of every answer", lead, points(out).into_iter().collect())
}
