//! The parameters of a protocol as a form, for whoever never wants to see its text. Only the value is changed in it: all else stays as it is written.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::file::{Draft, File};
use super::review;
use crate::date::Date;
use crate::decide::Request;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::{Data, Node, Notation, Scalar, parse};
use crate::lang::Type;
use crate::numerals::{Meant, with_comma};
use crate::protocol::Protocol;
use crate::protocol::model::Parameter;
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, shown};
use crate::serve::words::{Words, mark, say};

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let now = file.read()?;
    let draft = Draft::new(app, &file, &now.text, app.today()?);
    page(app, ask, &file, &draft, &now.hash(), &[])
}

/// What was put into a field, and why it cannot be.
struct Wrong {
    name: String,
    sent: String,
    why: String,
}

/// Puts the values into the text, and shows what that would change.
pub(super) fn change(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (file, day) = (File::to_edit(app, ask)?, app.today()?);
    let now = file.read()?;
    let draft = Draft::new(app, &file, &now.text, day);
    let Some(protocol) = file.protocol(&draft.clinic) else {
        return Ok(Answer { code: 422, ..page(app, ask, &file, &draft, &now.hash(), &[])? });
    };
    if now.hash() != ask.field("loaded") {
        // The fields hold what stood there before: to take them over would undo what somebody else has changed.
        let changed = Diagnostic::new(
            &codes::FILE_CHANGED,
            "somebody else has changed this protocol since you opened it: nothing was taken over",
        );
        return Err(Trouble::found(409, changed.help("open its parameters again").into()));
    }
    let tree = parse(&draft.source, Notation::Toml, &mut Diagnostics::default());
    let (mut places, mut wrong) = (Vec::new(), Vec::new());
    for parameter in &protocol.parameters {
        let sent = ask.field(&format!("p:{}", parameter.name));
        let Some(value) = value_of(&tree, &parameter.name) else { continue };
        // A field that did not come is one that was not asked.
        if sent.is_empty() || sent == written(value) {
            continue;
        }
        match literal(protocol, parameter, value, sent, day) {
            Ok(literal) => places.push((value.span.clone(), literal)),
            Err(why) => wrong.push(Wrong { name: parameter.name.clone(), sent: sent.to_owned(), why }),
        }
    }
    if !wrong.is_empty() {
        return Ok(Answer { code: 422, ..page(app, ask, &file, &draft, ask.field("loaded"), &wrong)? });
    }
    let mut text = draft.source.text.clone();
    places.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, literal) in places {
        // As it was written: `"` or `'`.
        let quote = text.get(span.clone()).and_then(|old| old.chars().next()).filter(|c| *c == '\'');
        let literal = if quote.is_some() { literal.replace('"', "'") } else { literal };
        text.replace_range(span, &literal);
    }
    review::of(app, ask, &file, &text, ask.field("loaded"))
}

fn value_of<'n>(tree: &'n Node, name: &str) -> Option<&'n Node> {
    tree.get("parameters")?.get(name)?.get("value")
}

/// The value as it stands in the file.
pub(super) fn written(value: &Node) -> String {
    match &value.data {
        Data::Bool(is) => is.to_string(),
        Data::Integer(number) => number.to_string(),
        Data::Decimal(number) => number.to_string(),
        Data::Text(text) | Data::Date(text) => text.clone(),
        _ => String::new(),
    }
}

/// What has to be written for a value, or why it cannot be one: that is asked where `--set` asks it.
fn literal(protocol: &Protocol, parameter: &Parameter, old: &Node, sent: &str, day: Date) -> Result<String, String> {
    let (scalar, literal) = match (&old.data, sent) {
        (Data::Bool(_), "true") => (Scalar::Bool(true), sent.to_owned()),
        (Data::Bool(_), "false") => (Scalar::Bool(false), sent.to_owned()),
        (Data::Bool(_), _) => return Err(format!("`{sent}` is neither yes nor no")),
        (Data::Integer(_) | Data::Decimal(_), _) => match Decimal::from_str_exact(sent) {
            Ok(number) => (Scalar::Number(number), number.to_string()),
            Err(_) => {
                return Err(match with_comma(sent) {
                    Some(Meant::One(number)) => format!("write `{number}`, with a point"),
                    Some(meant) => meant.help("comma"),
                    None => format!("`{sent}` is not a number"),
                });
            }
        },
        _ => (Scalar::Text(sent.to_owned()), format!("\"{sent}\"")),
    };
    Request::new(day).set(protocol, &parameter.name, &scalar).map_err(|found| found.in_a_line())?;
    Ok(literal)
}

fn page(app: &App, ask: &Ask, file: &File, draft: &Draft, loaded: &str, wrong: &[Wrong]) -> Result<Answer, Trouble> {
    let read = ask.clinic(app, app.today()?)?;
    let w = ask.words;
    let protocol = file.protocol(&draft.clinic).filter(|_| !draft.here.has_errors());
    let tree = parse(&draft.source, Notation::Toml, &mut Diagnostics::default());
    let main = html! {
        (file.heading(w, &read, "/parameters"))
        @match protocol {
            None => {
                p.wrong { (say!(w, "Its text has mistakes: they have to be mended before a parameter can be changed.")) }
                p { a href=(file.page("/text")) { (say!(w, "Mend its text")) } }
            }
            Some(protocol) if protocol.parameters.is_empty() => { p.empty { (say!(w, "This protocol has no parameters.")) } }
            Some(protocol) => {
                @if !wrong.is_empty() { p.wrong role="alert" { (say!(w, "Nothing was changed: mend what is marked below.")) } }
                form.parameters method="post" action=(file.page("/parameters")) {
                    (page::token(ask))
                    input type="hidden" name="loaded" value=(loaded);
                    @for parameter in &protocol.parameters {
                        @if let Some(value) = value_of(&tree, &parameter.name) {
                            (one(w, protocol, parameter, value, wrong.iter().find(|wrong| wrong.name == parameter.name)))
                        }
                    }
                    p.save { button.primary { (say!(w, "Review")) } " " span.help { (say!(w, "Nothing is saved before you have seen what it changes.")) } }
                }
            }
        }
    };
    Ok(page::plain(app, ask, &say!(w, "{} – parameters", file.title(w, &read)), main))
}

/// A parameter with its value, its bounds, and why it is what it is.
fn one(w: Words, protocol: &Protocol, parameter: &Parameter, value: &Node, wrong: Option<&Wrong>) -> Markup {
    let id = format!("p:{}", parameter.name);
    let unit = match &parameter.ty {
        Type::Number { unit, .. } => unit.as_deref().unwrap_or_default(),
        _ => "",
    };
    // What the file itself says is in its language.
    let lang = w.unlike(&protocol.language);
    let label = parameter.label.as_deref().unwrap_or(&parameter.name);
    let now = wrong.map_or_else(|| written(value), |wrong| wrong.sent.clone());
    let show = |value| w.speech().value(&protocol.program.show(value, &parameter.ty));
    let about = format!("about-{}", parameter.name);
    html! {
        fieldset.q.card {
            legend { (page::text_in(lang, label)) " " code { (shown(&parameter.name)) } }
            @if matches!(value.data, Data::Bool(_)) {
                div.pills {
                    @for (is, word) in [("true", say!(w, "yes")), ("false", say!(w, "no"))] {
                        label.pill { input type="radio" name=(id) value=(is) checked[now == is] aria-describedby=(about); span { (word) } }
                    }
                }
            } @else {
                div.row {
                    input type="text" name=(id) value=(now) aria-label=(shown(label)) aria-describedby=(about) aria-invalid=[wrong.map(|_| "true")] required
                        inputmode=[matches!(value.data, Data::Integer(_) | Data::Decimal(_)).then_some("decimal")] autocomplete="off" spellcheck="false";
                    @if !unit.is_empty() { span.unit { (shown(unit)) } }
                }
            }
            div id=(about) {
                @if let Some(wrong) = wrong { p.wrong lang=[w.english()] { (page::with_code(&wrong.why)) } }
                @if let Some((least, greatest)) = parameter.range { p.help { (say!(w, "from {} to {}", shown(&show(least)), shown(&show(greatest)))) } }
                @if let Some(note) = &parameter.note { p.help lang=[lang] { (shown(note)) } }
                @for source in parameter.sources.iter().filter_map(|at| protocol.sources.get(*at)) { p.help { (mark!(w, "Source: {}", page::text_in(lang, &source.title))) } }
            }
        }
    }
}
