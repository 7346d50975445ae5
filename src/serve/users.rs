//! Who may work here: for administrators, and the list of who came for auditors.

use maud::{Markup, html};

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get, post};
use super::page::{self, encoded, shown};
use super::password;
use super::session::password_field;
use crate::archive::accounts::LONGEST_NAME;
use crate::archive::{Account, AccountChange, Happening, Role};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

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

/// What each role is for, in a few words.
pub(crate) fn about(role: Role) -> &'static str {
    match role {
        Role::Practitioner => "treats patients: answers, decisions, sessions",
        Role::Manager => "changes the protocols",
        Role::Auditor => "checks the decisions, and erases by request",
        Role::Administrator => "says who may work here",
    }
}

/// What can be chosen as roles.
fn choice(chosen: &[Role]) -> Markup {
    html! {
        fieldset {
            legend { "What they may do" }
            @for role in Role::ALL {
                label.check { input type="checkbox" name="role" value=(role) checked[chosen.contains(&role)]; span { strong { (role) } " – " (about(role)) } }
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
fn only_with_accounts(app: &App) -> Result<(), Trouble> {
    if app.accounts()?.is_empty() {
        let wrong = Diagnostic::new(&codes::UNKNOWN_USER, "there are no users yet: everybody says who they are");
        let help = "make the first one, an administrator, with `regimen user add`";
        return Err(Trouble::found(404, wrong.help(help).into()));
    }
    Ok(())
}

fn list(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    only_with_accounts(app)?;
    let accounts = app.accounts()?;
    let main = html! {
        div.heading { h1 { "Users" } p.links { a href="/users/visits" { "Who came" } } }
        div.scroll tabindex="0" role="region" aria-label="Users" {
            table {
                thead { tr { th scope="col" { "Name" } th scope="col" { "May do" } th scope="col" { "Can sign in" } th scope="col" { "Added" } } }
                tbody { @for account in accounts.iter() { (row(account)) } }
            }
        }
        form.card method="post" action="/users" {
            (page::token(ask))
            h2 { "Add a user" }
            label for="name" { "Name, as it is to stand in what they keep" }
            input #name name="name" required maxlength=(LONGEST_NAME) autocomplete="off" spellcheck="false";
            (choice(&[Role::Practitioner]))
            (password_field("password", &format!("A first password, of {} characters or more", password::SHORTEST), "new-password", false, None))
            p.help { "They can change it themselves, under their name at the top of each page." }
            p { button.primary { "Add" } }
        }
    };
    Ok(page::plain(app, ask, "Users", main))
}

fn row(account: &Account) -> Markup {
    let roles: Vec<&str> = account.roles.iter().map(|role| role.word()).collect();
    html! {
        tr {
            td { a href=(format!("/users/{}", encoded(&account.name))) { (shown(&account.name)) } }
            td { (roles.join(", ")) }
            td { @if account.is_enabled { "yes" } @else { span.tag.no { "no" } } }
            td { (shown(&account.added.at)) @if let Some(by) = &account.added.by { " by " (shown(by)) } }
        }
    }
}

fn add(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    only_with_accounts(app)?;
    let (name, roles) = (ask.field("name"), chosen(ask)?);
    let hash = password::hash(name, ask.typed("password")).map_err(Diagnostics::from)?;
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
    let is_me = account.name == ask.who();
    let main = html! {
        div.narrow {
            h1 { (shown(&account.name)) }
            p { "Added " (shown(&account.added.at)) @if let Some(by) = &account.added.by { " by " (shown(by)) } @if !account.is_enabled { ". " strong { "Cannot sign in." } } }
            form.card method="post" action=(format!("{base}/roles")) {
                (page::token(ask))
                (choice(&account.roles))
                p { button { "Save" } }
            }
            @if is_me { p { a href="/you/password" { "Change your password" } } }
            @else {
                form.card method="post" action=(format!("{base}/password")) {
                    (page::token(ask))
                    (password_field("password", &format!("A new password, of {} characters or more", password::SHORTEST), "new-password", false, None))
                    p { button { "Set it" } }
                }
                form.card method="post" action=(format!("{base}/able")) {
                    (page::token(ask))
                    input type="hidden" name="able" value=(if account.is_enabled { "no" } else { "yes" });
                    @if account.is_enabled {
                        p { "They are signed out at once. What they have kept stays, with their name." }
                        p { button.danger { "Let them sign in no more" } }
                    } @else { p { button { "Let them sign in again" } } }
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
    let hash = password::hash(&account.name, ask.typed("password")).map_err(Diagnostics::from)?;
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

fn visits(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let all = app.archive().visits(LISTED)?;
    let main = html! {
        h1 { "Who came" }
        @if all.is_empty() { p.empty { "Nobody has signed in yet." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Who came" {
                table {
                    thead { tr { th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Name" } th scope="col" { "From" } } }
                    tbody {
                        @for visit in &all {
                            tr {
                                td { (shown(&visit.at)) }
                                td { @if matches!(visit.what, Happening::Failed | Happening::HeldOff) { span.tag.bad { (visit.what) } } @else { (visit.what) } }
                                td { @match &visit.name { Some(name) => (shown(name)), None => em { "no user of that name" } } }
                                td { (shown(&visit.address)) }
                            }
                        }
                    }
                }
            }
            p.help { "The last " (LISTED) "; `regimen user log` lists all." }
        }
    };
    Ok(page::plain(app, ask, "Who came", main))
}
