//! The style sheet and the script. Their addresses hold their hash, so that browsers may keep them until they change.

use std::sync::LazyLock;

use axum::http::header;

use super::app::App;
use super::http::{Answer, Ask, Door, Route, Trouble};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("live.js");
const EDITOR: &str = include_str!("editor.js");
const AGAIN: &str = include_str!("again.js");
const ICON: &str = include_str!("icon.svg");

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/assets/style.css", door: Door::Open, once: false, run: send_style },
    Route { method: "GET", path: "/assets/live.js", door: Door::Open, once: false, run: send_script },
    Route { method: "GET", path: "/assets/editor.js", door: Door::Open, once: false, run: send_editor },
    Route { method: "GET", path: "/assets/again.js", door: Door::Open, once: false, run: send_again },
    Route { method: "GET", path: "/assets/icon.svg", door: Door::Open, once: false, run: send_icon },
    Route { method: "GET", path: "/assets/handout.css", door: Door::Open, once: false, run: send_handout },
];

fn address(path: &str, text: &str) -> String {
    format!("{path}?v={}", crate::protocol::sha256(text).get(..12).unwrap_or_default())
}

/// The address of the style sheet.
pub(super) fn style() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/style.css", STYLE));
    &ADDRESS
}

/// The address of the script.
pub(super) fn script() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/live.js", SCRIPT));
    &ADDRESS
}

/// The address of the script of the editor.
pub(super) fn editor() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/editor.js", EDITOR));
    &ADDRESS
}

/// The address of the script of pages that tell how far something is.
pub(super) fn again() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/again.js", AGAIN));
    &ADDRESS
}

/// The address of the icon.
pub(super) fn icon() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/icon.svg", ICON));
    &ADDRESS
}

/// The address of the style sheet of handouts.
pub(super) fn handout() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/handout.css", crate::handout::STYLE));
    &ADDRESS
}

fn send(kind: &str, text: &str) -> Answer {
    Answer::of(kind, text.as_bytes().to_vec()).with(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
}

fn send_style(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    Ok(send("text/css; charset=utf-8", STYLE))
}

fn send_script(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    Ok(send("text/javascript; charset=utf-8", SCRIPT))
}

fn send_editor(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    Ok(send("text/javascript; charset=utf-8", EDITOR))
}

fn send_again(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    Ok(send("text/javascript; charset=utf-8", AGAIN))
}

fn send_icon(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    Ok(send("image/svg+xml", ICON))
}

fn send_handout(_: &App, _: &Ask) -> Result<Answer, Trouble> {
    Ok(send("text/css; charset=utf-8", crate::handout::STYLE))
}
