//! `regimen user`: who may work with the web application.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::serve::{now, opened_or_made};
use super::{exit, failed, print, tell, usage};
use crate::archive::{AccountChange, Archive, Role, Stamp};
use crate::serve::password;
use crate::visible;

/// Say who may work with the web application, and what they may do
#[derive(Debug, Args)]
pub(super) struct Users {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(Add),
    List(List),
    Roles(SetRoles),
    Password(SetPassword),
    Disable(Disable),
    Enable(Enable),
    Token(Token),
    Log(Log),
}

/// Which archive.
#[derive(Debug, Args)]
struct Data {
    /// The archive that `regimen serve` keeps everything in
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
}

/// Which user of which archive, and who changes something about them.
#[derive(Debug, Args)]
struct Whom {
    /// The name of the user
    name: String,
    #[command(flatten)]
    data: Data,
    /// Who does this: stands in the archive's entry
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// What somebody may do.
#[derive(Debug, Args)]
struct Roles {
    /// What the user may do: practitioner, manager, auditor or administrator; several can be given
    #[arg(long, value_name = "ROLE", required = true, value_parser = role)]
    role: Vec<Role>,
}

/// Add a user; the first has to be an administrator
///
/// The password is asked for at the terminal, or read from the first line of the input. From then on everybody has to sign in.
///
/// Example: regimen user add "Dr A" --role practitioner --role administrator --data clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    whom: Whom,
    #[command(flatten)]
    roles: Roles,
}

/// List the users: what they may do, and whether they can sign in
///
/// Example: regimen user list --data clinic.db
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    data: Data,
}

/// Set what a user may do, instead of what they could until now
///
/// Example: regimen user roles "Nurse B" --role practitioner --role auditor --data clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct SetRoles {
    #[command(flatten)]
    whom: Whom,
    #[command(flatten)]
    roles: Roles,
}

/// Set a new password for a user, who is signed out everywhere
///
/// Example: regimen user password "Nurse B" --data clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct SetPassword {
    #[command(flatten)]
    whom: Whom,
}

/// Let a user sign in no more; what they have kept stays, with their name
///
/// Example: regimen user disable "Nurse B" --data clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct Disable {
    #[command(flatten)]
    whom: Whom,
}

/// Let a user sign in again
///
/// Example: regimen user enable "Nurse B" --data clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct Enable {
    #[command(flatten)]
    whom: Whom,
}

/// Make a token with which a program may ask in a user's name, and print it once; an older one of theirs is no longer valid
///
/// Example: regimen user token "Booking" --data clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct Token {
    #[command(flatten)]
    whom: Whom,
    /// Make none, and let the one that there is be no longer valid
    #[arg(long)]
    revoke: bool,
}

/// List who signed in and out, and who tried to, the latest first
///
/// Example: regimen user log --data clinic.db
#[derive(Debug, Args)]
struct Log {
    #[command(flatten)]
    data: Data,
}

/// A role, from its word.
fn role(word: &str) -> Result<Role, String> {
    Role::of(word).ok_or_else(|| {
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        format!("a role is one of {}", all.join(", "))
    })
}

/// A password, from the terminal without showing it, or from the first line of the input.
fn read_password(name: &str) -> Result<String, u8> {
    let unread = |error: std::io::Error| {
        tell(&format!("error: the password cannot be read: {error}\n"));
        exit::STOPPED
    };
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(unread)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let name = visible::text(name);
    let password = rpassword::prompt_password(format!("password for {name}: ")).map_err(unread)?;
    let again = rpassword::prompt_password("the same once more: ").map_err(unread)?;
    match password == again {
        true => Ok(password),
        false => Err(usage("the password was not typed twice in the same way")),
    }
}

impl Data {
    fn open(&self) -> Result<Archive, u8> {
        Archive::open(&self.data).map_err(failed(exit::OUTPUT))
    }
}

impl Whom {
    fn stamp(&self) -> Result<Stamp, u8> {
        match self.by.trim() {
            "" => Err(usage("say who does this with `--by NAME`")),
            by => Ok(Stamp { at: now(), by: Some(by.to_owned()) }),
        }
    }

    /// The user, as the archive knows them.
    fn known(&self, archive: &Archive) -> Result<String, u8> {
        let accounts = archive.accounts().map_err(failed(exit::MISTAKES))?;
        Ok(accounts.find(&self.name).map_or_else(|| self.name.clone(), |account| account.name.clone()))
    }

    fn change(&self, archive: &mut Archive, change: AccountChange<'_>, said: &str) -> Result<u8, u8> {
        let name = self.known(archive)?;
        let at = archive.change_account(&self.stamp()?, &name, change).map_err(failed(exit::MISTAKES))?;
        Ok(print(&format!("{} {said} (entry {at})\n", visible::text(&name))))
    }

    /// The same, in an archive that is opened for it.
    fn opened_and_changed(&self, change: AccountChange<'_>, said: &str) -> Result<u8, u8> {
        self.change(&mut self.data.open()?, change, said)
    }
}

impl Users {
    pub(super) fn run(&self) -> u8 {
        let done = match &self.command {
            Command::Add(command) => command.run(),
            Command::List(command) => command.run(),
            Command::Roles(command) => {
                command.whom.opened_and_changed(AccountChange::Roles(&command.roles.role), "has other roles now")
            }
            Command::Password(command) => command.run(),
            Command::Disable(command) => {
                command.whom.opened_and_changed(AccountChange::Disabled, "can sign in no more")
            }
            Command::Enable(command) => command.whom.opened_and_changed(AccountChange::Enabled, "can sign in"),
            Command::Token(command) => command.run(),
            Command::Log(command) => command.run(),
        };
        done.unwrap_or_else(|code| code)
    }
}

impl Add {
    fn run(&self) -> Result<u8, u8> {
        let stamp = self.whom.stamp()?;
        let mut archive = opened_or_made(&self.whom.data.data)?;
        let accounts = archive.accounts().map_err(failed(exit::MISTAKES))?;
        if accounts.is_empty() && !self.roles.role.contains(&Role::Administrator) {
            return Err(usage(
                "the first user has to be an administrator, who can add the others: add `--role administrator`",
            ));
        }
        let name = self.whom.name.as_str();
        let hash = password::hash(name, &read_password(name)?).map_err(failed(exit::MISTAKES))?;
        let change = AccountChange::Added(&self.roles.role, &hash);
        let at = archive.change_account(&stamp, name, change).map_err(failed(exit::MISTAKES))?;
        Ok(print(&format!("{} can sign in (entry {at})\n", visible::text(name))))
    }
}

impl List {
    fn run(&self) -> Result<u8, u8> {
        let accounts = self.data.open()?.accounts().map_err(failed(exit::MISTAKES))?;
        if accounts.is_empty() {
            tell("there are no users: whoever opens the page says who they are\n");
        }
        let mut text = String::new();
        for account in accounts.iter() {
            let roles: Vec<&str> = account.roles.iter().map(|role| role.word()).collect();
            let off = if account.is_enabled { "" } else { "  (cannot sign in)" };
            let by = account.added.by.as_deref().unwrap_or("nobody");
            let line = format!("{:20}  {}{off}  added {} by {by}", account.name, roles.join(", "), account.added.at);
            text.push_str(&visible::text(&line));
            text.push('\n');
        }
        Ok(print(&text))
    }
}

impl SetPassword {
    fn run(&self) -> Result<u8, u8> {
        let mut archive = self.whom.data.open()?;
        let name = self.whom.known(&archive)?;
        let hash = password::hash(&name, &read_password(&name)?).map_err(failed(exit::MISTAKES))?;
        self.whom.change(&mut archive, AccountChange::Password(&hash), "has a new password")
    }
}

impl Token {
    fn run(&self) -> Result<u8, u8> {
        let mut archive = self.whom.data.open()?;
        if self.revoke {
            return self.whom.change(&mut archive, AccountChange::NoToken, "has no token");
        }
        let (token, hash) = password::token().map_err(failed(exit::OUTPUT))?;
        let (name, stamp) = (self.whom.known(&archive)?, self.whom.stamp()?);
        let at = archive.change_account(&stamp, &name, AccountChange::Token(&hash)).map_err(failed(exit::MISTAKES))?;
        tell(&format!("a token of {name} (entry {at}); it is shown this once only\n"));
        Ok(print(&format!("{token}\n")))
    }
}

impl Log {
    fn run(&self) -> Result<u8, u8> {
        let visits = self.data.open()?.visits(u32::MAX).map_err(failed(exit::MISTAKES))?;
        let mut text = String::new();
        for visit in visits {
            let name = visit.name.as_deref().unwrap_or("(no user of that name)");
            let line = format!("{}  {:10}  {:20}  {}", visit.at, visit.what.word(), name, visit.address);
            text.push_str(&visible::text(line.trim_end()));
            text.push('\n');
        }
        Ok(print(&text))
    }
}
