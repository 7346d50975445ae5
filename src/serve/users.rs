//! Who may work here: for administrators, and the list of who came for auditors.

use maud::{Markup, html};

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get, post};
use super::page::{self, encoded, shown};
use super::password;
use super::session::{password_field, whose_password};
use super::words::{Words, say};
use crate::archive::accounts::LONGEST_NAME;
use crate::archive::{Account, AccountChange, Happening, Role};
use crate::diagnostic::{Diagnostic, codes};

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Administrator], "/users", list),
    post(&[Role::Administrator], "/users", add),
    get(&[Role::Administrator, Role::Auditor], "/users/visits", visits),
    get(&[Role::Administrator], "/users/{user}", show),
    post(&[Role::Administrator], "/users/{user}/roles", set_roles),
    post(&[Role::Administrator], "/users/{user}/password", set_password),
    post(&[Role::Administrator], "/users/{user}/able", set_able),
];

/// How many visits are listed.
const LISTED: u32 = 200;

/// What people read for a role, and what it is for.
pub(super) fn in_words(w: Words, role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Practitioner => (say!(w, "practitioner"), say!(w, "treats patients: answers, decisions, sessions")),
        Role::Manager => (say!(w, "manager"), say!(w, "changes the protocols")),
        Role::Auditor => (say!(w, "auditor"), say!(w, "checks the decisions, and erases by request")),
        Role::Administrator => (say!(w, "administrator"), say!(w, "says who may work here")),
    }
}

/// What can be chosen as roles.
fn choice(w: Words, chosen: &[Role]) -> Markup {
    html! {
        fieldset {
            legend { (say!(w, "What they may do")) }
            @for role in Role::ALL {
                @let (name, about) = in_words(w, role);
                label.check { input type="checkbox" name="role" value=(role) checked[chosen.contains(&role)]; span { strong { (name) } " – " (about) } }
            }
        }
    }
}

fn chosen(ask: &Ask) -> Result<Vec<Role>, Trouble> {
    let words = ask.fields().iter().filter(|(name, _)| name == "role").map(|(_, word)| word.as_str());
    let roles: Option<Vec<Role>> = words.map(Role::of).collect();
    match roles {
        Some(roles) if !roles.is_empty() => Ok(roles),
        _ => Err(Trouble::refused(422, "choose at least one role")),
    }
}

/// Whether people sign in here; before the first account, nobody can make one from a page.
pub(super) fn only_with_accounts(app: &App) -> Result<(), Trouble> {
    if app.accounts()?.is_empty() {
        let wrong = Diagnostic::new(&codes::UNKNOWN_USER, "there are no users yet: everybody says who they are");
        let help = "make the first one, an administrator, with `regimen user add`";
        return Err(Trouble::found(404, wrong.help(help).into()));
    }
    Ok(())
}

fn list(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    only_with_accounts(app)?;
    let (accounts, w) = (app.accounts()?, ask.words);
    let main = html! {
        div.heading { h1 { (say!(w, "Users")) } p.links { a href="/users/visits" { (say!(w, "Who came")) } } }
        div.scroll tabindex="0" role="region" aria-label=(say!(w, "Users")) {
            table.stack {
                thead { tr { th scope="col" { (say!(w, "Name")) } th scope="col" { (say!(w, "May do")) } th scope="col" { (say!(w, "Can sign in")) } th scope="col" { (say!(w, "Added")) } } }
                tbody { @for account in accounts.iter() { (row(w, account)) } }
            }
        }
        form.card method="post" action="/users" {
            (page::token(ask))
            h2 { (say!(w, "Add a user")) }
            label for="name" { (say!(w, "Name, as it is to stand in what they keep")) }
            input #name name="name" required maxlength=(LONGEST_NAME) autocomplete="off" spellcheck="false";
            (choice(w, &[Role::Practitioner]))
            (password_field("password", &say!(w, "A first password, of {} characters or more", password::SHORTEST), "new-password", false, None))
            p.help { (say!(w, "They can change it themselves, under their name at the top of each page.")) }
            p { button.primary { (say!(w, "Add")) } }
        }
    };
    Ok(page::plain(app, ask, say!(w, "Users"), main))
}

fn row(w: Words, account: &Account) -> Markup {
    let roles: Vec<&str> = account.roles.iter().map(|role| in_words(w, *role).0).collect();
    html! {
        tr {
            td data-title=(say!(w, "Name")) { a href=(format!("/users/{}", encoded(&account.name))) { (shown(&account.name)) } }
            td data-title=(say!(w, "May do")) { (roles.join(", ")) }
            td data-title=(say!(w, "Can sign in")) { @if account.is_enabled { (say!(w, "yes")) } @else { span.tag.no { (say!(w, "no")) } } }
            td data-title=(say!(w, "Added")) { @match &account.added.by { Some(by) => (say!(w, "{} by {}", shown(&account.added.at), shown(by))), None => (shown(&account.added.at)) } }
        }
    }
}

fn add(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    only_with_accounts(app)?;
    let (name, roles) = (ask.field("name"), chosen(ask)?);
    let hash = password::hash(name, ask.typed("password"))?;
    app.archive().change_account(&app.stamp(ask.who()), name, AccountChange::Added(&roles, &hash))?;
    Ok(Answer::see("/users"))
}

/// The user of an address.
fn named(app: &App, ask: &Ask) -> Result<Account, Trouble> {
    let name = ask.part("user");
    let accounts = app.accounts()?;
    accounts.iter().find(|account| account.name == name).cloned().ok_or_else(|| {
        let wrong = Diagnostic::new(&codes::UNKNOWN_USER, format!("there is no user `{name}`"));
        Trouble::found(404, wrong.into())
    })
}

fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let account = named(app, ask)?;
    let base = format!("/users/{}", encoded(&account.name));
    let (is_me, w) = (account.name == ask.who(), ask.words);
    let main = html! {
        div.narrow {
            h1 { (shown(&account.name)) }
            p { @match &account.added.by { Some(by) => (say!(w, "Added {} by {}", shown(&account.added.at), shown(by))), None => (say!(w, "Added {}", shown(&account.added.at))) } @if !account.is_enabled { ". " strong { (say!(w, "Cannot sign in.")) } } }
            form.card method="post" action=(format!("{base}/roles")) {
                (page::token(ask))
                (choice(w, &account.roles))
                p { button { (say!(w, "Save")) } }
            }
            @if is_me { p { a href="/you/password" { (say!(w, "Change your password")) } } }
            @else {
                form.card method="post" action=(format!("{base}/password")) {
                    (page::token(ask))
                    (whose_password(&account.name))
                    (password_field("password", &say!(w, "A new password, of {} characters or more", password::SHORTEST), "new-password", false, None))
                    p { button { (say!(w, "Set it")) } }
                }
                form.card method="post" action=(format!("{base}/able")) {
                    (page::token(ask))
                    input type="hidden" name="able" value=(if account.is_enabled { "no" } else { "yes" });
                    @if account.is_enabled {
                        p { (say!(w, "They are signed out at once. What they have kept stays, with their name.")) }
                        p { button.danger { (say!(w, "Let them sign in no more")) } }
                    } @else { p { button { (say!(w, "Let them sign in again")) } } }
                }
            }
        }
    };
    Ok(page::plain(app, ask, &account.name, main))
}

/// That nobody locks themselves out, and leaves nobody who could let them in.
fn not_of_oneself(account: &Account, ask: &Ask) -> Result<(), Trouble> {
    match account.name == ask.who() {
        true => Err(Trouble::refused(422, "another administrator has to do that for you")),
        false => Ok(()),
    }
}

fn change(app: &App, ask: &Ask, account: &Account, change: AccountChange<'_>) -> Result<Answer, Trouble> {
    app.archive().change_account(&app.stamp(ask.who()), &account.name, change)?;
    Ok(Answer::see(format!("/users/{}", encoded(&account.name))))
}

fn set_roles(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (account, roles) = (named(app, ask)?, chosen(ask)?);
    if !roles.contains(&Role::Administrator) {
        not_of_oneself(&account, ask)?;
    }
    change(app, ask, &account, AccountChange::Roles(&roles))
}

fn set_password(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let account = named(app, ask)?;
    // One's own takes the password that one has.
    not_of_oneself(&account, ask)?;
    let hash = password::hash(&account.name, ask.typed("password"))?;
    change(app, ask, &account, AccountChange::Password(&hash))
}

fn set_able(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let account = named(app, ask)?;
    not_of_oneself(&account, ask)?;
    match ask.field("able") {
        "yes" => change(app, ask, &account, AccountChange::Enabled),
        "no" => change(app, ask, &account, AccountChange::Disabled),
        other => Err(Trouble::nothing("choice", other)),
    }
}

fn happened(w: Words, what: Happening) -> &'static str {
    match what {
        Happening::SignedIn => say!(w, "signed in"),
        Happening::SignedOut => say!(w, "signed out"),
        Happening::Failed => say!(w, "failed"),
        Happening::HeldOff => say!(w, "held off"),
    }
}

fn visits(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (all, w) = (app.archive().visits(LISTED)?, ask.words);
    let main = html! {
        h1 { (say!(w, "Who came")) }
        @if all.is_empty() { p.empty { (say!(w, "Nobody has signed in yet.")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(say!(w, "Who came")) {
                table.stack {
                    thead { tr { th scope="col" { (say!(w, "When")) } th scope="col" { (say!(w, "What")) } th scope="col" { (say!(w, "Name")) } th scope="col" { (say!(w, "From")) } } }
                    tbody {
                        @for visit in &all {
                            tr {
                                td data-title=(say!(w, "When")) { (shown(&visit.at)) }
                                @let what = happened(w, visit.what);
                                td data-title=(say!(w, "What")) { @if matches!(visit.what, Happening::Failed | Happening::HeldOff) { span.tag.bad { (what) } } @else { (what) } }
                                td data-title=(say!(w, "Name")) { @match &visit.name { Some(name) => (shown(name)), None => em { (say!(w, "no user of that name")) } } }
                                td data-title=(say!(w, "From")) { (shown(&visit.address)) }
                            }
                        }
                    }
                }
            }
            p.help { (say!(w, "The last {}; `regimen user log` lists all.", LISTED)) }
        }
    };
    Ok(page::plain(app, ask, say!(w, "Who came"), main))
}
