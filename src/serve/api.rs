//! JSON for programs: what the command line prints for the same question, byte for byte. Nothing is kept of what is asked here.

use serde::Deserialize;
use serde_json::json;

use super::app::App;
use super::http::{ANYBODY, Answer, Ask, Door, Route, Trouble, api};
use crate::Outlook;
use crate::cli::schema_of;
use crate::date::{Date, Duration};
use crate::decide::{Request, nobodys_parameter};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::document::Notation;
use crate::patient::{Record, read_for};
use crate::plan::{Asked, BrokenEntry, Plan, plan};
use crate::protocol::{Dictionary, Protocol};
use crate::recommendation::Recommendation;
use crate::render;
use crate::trace::Depth;
use crate::visible;

pub(super) const ROUTES: &[Route] = &[
    api("POST", "/api/v1/recommend", recommend),
    api("POST", "/api/v1/plan", plan_for),
    api("POST", "/api/v1/when", when),
    api("GET", "/api/v1/protocols", protocols),
    api("GET", "/api/v1/openapi.json", description),
    Route { method: "GET", path: "/api/v1/schemas/{name}", once: false, door: Door::Program(ANYBODY), run: schema },
];

/// How far ahead `when` looks, unless told.
const AHEAD: Duration = Duration { months: 24, days: 0 };

/// What a program asks. Each part is what the option of that name is on the command line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The protocol, by id; a plan needs none.
    #[serde(default)]
    protocol: Option<String>,
    /// The text of the record.
    record: String,
    /// How that is written: `toml`, or `json`.
    #[serde(default)]
    notation: Written,
    as_of: Date,
    #[serde(default)]
    until: Option<Date>,
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    want: Vec<String>,
    #[serde(default)]
    explain: Depth,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Written {
    #[default]
    Toml,
    Json,
}

impl Question {
    fn read(ask: &Ask) -> Result<Question, Trouble> {
        serde_json::from_slice(&ask.body)
            .map_err(|error| Trouble::refused(400, &format!("this is no question: {error}")))
    }

    fn notation(&self) -> (&'static str, Notation) {
        match self.notation {
            Written::Toml => ("record.toml", Notation::Toml),
            Written::Json => ("record.json", Notation::Json),
        }
    }

    fn records(&self, dictionaries: &[&Dictionary]) -> Result<Vec<Record>, Diagnostics> {
        let (name, notation) = self.notation();
        let mut found = Diagnostics::default();
        let source = SourceFile::new(name, self.record.as_str());
        let records = read_for(&source, notation, dictionaries, self.as_of, &mut found);
        found.into_result(records).map(|(records, _)| records)
    }

    /// The protocol that is asked, with the record and what is asked of it.
    fn one(&self, app: &App) -> Result<(Protocol, Record, Request), Trouble> {
        let Some(id) = self.protocol.as_deref() else {
            return Err(Trouble::refused(
                400,
                "this is no question: `protocol` is missing, the id of the protocol that is asked",
            ));
        };
        let clinic = app.clinic(self.as_of)?;
        let protocol = clinic.ready_one(id, self.as_of)?.protocol().clone();
        let record = self.records(&[&protocol.dictionary])?.into_iter().next();
        let record = record.ok_or_else(|| Trouble::nothing("record", "record"))?;
        let request = Request::with_settings(&protocol, self.as_of, &self.set, false);
        let request = request.map_err(|message| Trouble::refused(422, &format!("set: {message}")))?;
        Ok((protocol, record, request.explain(self.explain)))
    }
}

fn sent(text: Result<String, serde_json::Error>) -> Result<Answer, Trouble> {
    let text =
        text.map_err(|error| Trouble::refused(500, &format!("the answer cannot be written as JSON: {error}")))?;
    Ok(Answer::of("application/json", text.into_bytes()))
}

/// As the command line writes it.
fn written<T: serde::Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|json| visible::json(&json).into_owned() + "\n")
}

fn recommend(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (protocol, record, request) = Question::read(ask)?.one(app)?;
    sent(render::json(&protocol.recommend(&record, &request)?))
}

fn when(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let question = Question::read(ask)?;
    let (protocol, record, request) = question.one(app)?;
    let until = question.until.unwrap_or(question.as_of + AHEAD);
    let furthest = question.as_of + Duration { months: 120, days: 0 };
    if until < question.as_of || until > furthest {
        return Err(Trouble::refused(422, "until: a day from that of the question to ten years after it"));
    }
    let mut outlook = protocol.outlook(&record, &request, until)?;
    if question.set.is_empty() {
        super::why::go_on(app, None, &mut outlook, (&question.record, question.notation().1));
    }
    sent(written(&outlook))
}

fn plan_for(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let question = Question::read(ask)?;
    let clinic = app.clinic(question.as_of)?;
    let ready = clinic.ready(question.as_of);
    let protocols: Vec<&Protocol> = ready.iter().map(|prepared| prepared.protocol()).collect();
    if let Some(name) = nobodys_parameter(&protocols, &question.set, true) {
        return Err(Trouble::refused(422, &format!("set: no protocol has a parameter `{name}`")));
    }
    let dictionaries: Vec<&Dictionary> = protocols.iter().map(|protocol| protocol.dictionary.as_ref()).collect();
    let records = question.records(&dictionaries)?;
    let mut asked: Vec<Asked<'_>> = Vec::new();
    for (protocol, record) in protocols.into_iter().zip(&records) {
        let request = Request::with_settings(protocol, question.as_of, &question.set, true);
        let request = request.map_err(|message| Trouble::refused(422, &format!("set: {message}")))?;
        asked.push(Asked { protocol, record, request });
    }
    let mut plan = plan(&asked, &question.want)?;
    plan.broken = clinic.broken.iter().map(BrokenEntry::from).collect();
    sent(written(&plan))
}

fn protocols(app: &App, _: &Ask) -> Result<Answer, Trouble> {
    let clinic = app.clinic(app.today()?)?;
    let all = clinic.clinic.protocols.iter().map(|protocol| {
        json!({ "protocol": protocol.id, "title": protocol.title, "version": protocol.version, "treatment": protocol.treatment })
    });
    let broken = clinic.broken.iter().map(crate::protocol::Broken::json);
    sent(written(&all.chain(broken).collect::<Vec<_>>()))
}

fn schema(_: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let schema = match ask.part("name") {
        "recommendation.json" => schema_of::<Recommendation>(),
        "plan.json" => schema_of::<Plan>(),
        "outlook.json" => schema_of::<Outlook>(),
        other => {
            return Err(Trouble::found(
                404,
                Diagnostic::new(&codes::UNKNOWN_NAME, format!("there is no schema `{other}`")).into(),
            ));
        }
    };
    sent(written(&schema))
}

/// The description of all of this, as OpenAPI 3.1.
fn description(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let texts =
        |description: &str| json!({ "type": "array", "items": { "type": "string" }, "description": description });
    let question = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["record", "as_of"],
        "properties": {
            "protocol": text("The protocol's id; a plan needs none."),
            "record": text("The text of the patient's record."),
            "notation": { "type": "string", "enum": ["toml", "json"], "default": "toml" },
            "as_of": { "type": "string", "format": "date", "description": "The day that is asked about." },
            "until": { "type": "string", "format": "date", "description": "Of `when`: the last day to look at." },
            "set": texts("Parameters, as `name=value`."),
            "want": texts("Of `plan`: the protocols for which an order is looked for."),
            "explain": { "type": "string", "enum": ["verdict", "rules", "full"], "default": "rules" },
        },
    });
    let errors = json!({
        "type": "object",
        "properties": { "errors": { "type": "array", "items": {
            "type": "object",
            "properties": { "code": text("As R106."), "message": text("What is wrong."), "help": texts("What to do.") },
        } } },
    });
    let content = |schema: serde_json::Value| json!({ "application/json": { "schema": schema } });
    let wrong = json!({ "description": "Why there is no answer.", "content": content(json!({ "$ref": "#/components/schemas/errors" })) });
    let asks = |summary: &str, schema: &str| {
        json!({ "post": {
            "summary": summary,
            "requestBody": { "required": true, "content": content(json!({ "$ref": "#/components/schemas/question" })) },
            "responses": {
                "200": { "description": "The answer.", "content": content(json!({ "$ref": format!("schemas/{schema}.json") })) },
                "400": wrong, "401": wrong, "404": wrong, "422": wrong,
            },
        } })
    };
    sent(written(&json!({
        "openapi": "3.1.0",
        "info": { "title": "regimen", "version": env!("CARGO_PKG_VERSION"), "description": "What the command line answers with `--format json`, byte for byte. Nothing is kept of what is asked." },
        "paths": {
            "/api/v1/recommend": asks("What to do for a patient on a day, and why.", "recommendation"),
            "/api/v1/plan": asks("What the whole clinic can do for a patient on a day.", "plan"),
            "/api/v1/when": asks("From when a patient can be treated, if nothing else changes.", "outlook"),
            "/api/v1/protocols": { "get": { "summary": "The protocols.", "responses": { "200": { "description": "The protocols, and those that are broken.", "content": content(json!({ "type": "array", "items": { "type": "object" } })) } } } },
        },
        "security": [{ "token": [] }, {}],
        "components": {
            "schemas": { "question": question, "errors": errors },
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "description": "Where the clinic has users: what `regimen user token` has printed." } },
        },
    })))
}
