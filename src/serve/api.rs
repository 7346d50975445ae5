//! JSON for programs: what the command line prints for the same question, byte for byte. Nothing is kept of what is asked here.

use axum::http::HeaderName;
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
use crate::protocol::{Dictionary, Protocol, errors_json};
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
const AHEAD: Duration = Duration::new(24, 0);

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
        // A list would be taken for the parts of a question in their order.
        if !ask.body.trim_ascii_start().starts_with(b"{") {
            return Err(Trouble::refused(
                400,
                "this is no question: it is an object, as `{ \"record\": …, \"as_of\": … }`",
            ));
        }
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

/// What is doubtful about the clinic that answers, beside the answer, whose bytes are those of the command line.
const DOUBT: HeaderName = HeaderName::from_static("regimen-doubt");

/// The same, told to be of the last version without mistakes, where the files have some now.
fn doubted(app: &App, day: Date, answer: Answer) -> Result<Answer, Trouble> {
    let is_stale = app.clinic(day)?.stale.is_some();
    Ok(if is_stale { answer.with(DOUBT, codes::LAST_GOOD_VERSION.id) } else { answer })
}

fn recommend(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let question = Question::read(ask)?;
    let (protocol, record, request) = question.one(app)?;
    doubted(app, question.as_of, sent(render::json(&protocol.recommend(&record, &request)?))?)
}

fn when(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let question = Question::read(ask)?;
    let (protocol, record, request) = question.one(app)?;
    let until = question.until.unwrap_or(question.as_of + AHEAD);
    let furthest = question.as_of + Duration::new(120, 0);
    if until < question.as_of || until > furthest {
        return Err(Trouble::refused(422, "until: a day from that of the question to ten years after it"));
    }
    let mut outlook = protocol.outlook(&record, &request, until)?;
    if question.set.is_empty() {
        super::why::go_on(app, None, &mut outlook, (&question.record, question.notation().1));
    }
    doubted(app, question.as_of, sent(written(&outlook))?)
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
    doubted(app, question.as_of, sent(written(&plan))?)
}

fn protocols(app: &App, _: &Ask) -> Result<Answer, Trouble> {
    let today = app.today()?;
    let clinic = app.clinic(today)?;
    let all = clinic.clinic.protocols.iter().map(|protocol| {
        let mut one = json!({ "protocol": protocol.id, "title": protocol.title, "version": protocol.version, "treatment": protocol.treatment });
        let errors = errors_json(clinic.stale_of(protocol));
        if !errors.is_empty() {
            one["last_good_version"] = true.into();
            one["errors"] = errors.into();
        }
        one
    });
    let broken = clinic.broken.iter().map(crate::protocol::Broken::json);
    doubted(app, today, sent(written(&all.chain(broken).collect::<Vec<_>>()))?)
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

/// Why there is no answer, by the code of the refusal.
const REFUSED: [(&str, &str); 10] = [
    ("400", "It is no question."),
    ("401", "Where the clinic has users: it has no token of one, or that of nobody."),
    ("404", "There is no such protocol."),
    ("405", "It has to be sent with another method."),
    ("408", "What was sent took too long."),
    ("413", "What was sent is too large."),
    ("415", "It has to be sent as `application/json`."),
    ("421", "It was sent to another name than that of this computer."),
    ("422", "The record, or what was set, has mistakes."),
    ("500", "The program could not answer."),
];

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
    let answered = |description: &str, schema: serde_json::Value| {
        let doubt = json!({ "schema": { "const": codes::LAST_GOOD_VERSION.id }, "description": "The files of the clinic have mistakes now, and the last version without mistakes answers." });
        let mut all = json!({ "200": { "description": description, "headers": { DOUBT.as_str(): doubt }, "content": content(schema) } });
        for (code, why) in REFUSED {
            all[code] =
                json!({ "description": why, "content": content(json!({ "$ref": "#/components/schemas/errors" })) });
        }
        all
    };
    let asks = |summary: &str, schema: &str| {
        json!({ "post": {
            "summary": summary,
            "requestBody": { "required": true, "content": content(json!({ "$ref": "#/components/schemas/question" })) },
            "responses": answered("The answer.", json!({ "$ref": format!("schemas/{schema}.json") })),
        } })
    };
    sent(written(&json!({
        "openapi": "3.1.0",
        "info": { "title": "regimen", "version": env!("CARGO_PKG_VERSION"), "description": "What the command line answers with `--format json`, byte for byte. Nothing is kept of what is asked." },
        "paths": {
            "/api/v1/recommend": asks("What to do for a patient on a day, and why.", "recommendation"),
            "/api/v1/plan": asks("What the whole clinic can do for a patient on a day.", "plan"),
            "/api/v1/when": asks("From when a patient can be treated, if nothing else changes.", "outlook"),
            "/api/v1/protocols": { "get": { "summary": "The protocols.", "responses": answered("The protocols, and those that are broken. One whose file has mistakes now while its last good version answers has `last_good_version` and `errors`.", json!({ "type": "array", "items": { "type": "object" } })) } },
        },
        "security": [{ "token": [] }, {}],
        "components": {
            "schemas": { "question": question, "errors": errors },
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "description": "Where the clinic has users: what `regimen user token` has printed." } },
        },
    })))
}
