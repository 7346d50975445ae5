//! Who may work with the web application: accounts in the same file.
//!
//! Whatever is done to an account is an entry of the archive: who did it, when, and which roles there are from then on. So it stands in the tree, and is vouched for by checkpoints.
//! What proves that somebody is who they say (the hash of a password, or of a token) is in a table of its own, to be destroyed once it no longer counts; the
//! entry that it came with holds its SHA-256, so that no other hash can be put in its place. Who signed in, and who tried to, are rows that only grow, outside of the tree:
//! there are many of them.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::entry::{Draft, Kind, Stamp};
use super::frames::{Frames, to_hex};
use super::store::{Archive, add, entry, grown, has_table, make, number, problem, sql};
use crate::diagnostic::{Diagnostics, codes};
use crate::protocol::look_alike;
use crate::visible;
use crate::words::words;

/// The tables of accounts.
pub(super) const SCHEMA: &[(&str, &str)] = &[
    ("account", "CREATE TABLE account (entry INTEGER PRIMARY KEY) STRICT"),
    (
        "account_stays",
        "CREATE TRIGGER account_stays BEFORE UPDATE ON account BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "account_is_kept",
        "CREATE TRIGGER account_is_kept BEFORE DELETE ON account BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    ("secret", "CREATE TABLE secret (name TEXT, kind TEXT, hash TEXT NOT NULL, PRIMARY KEY (name, kind)) STRICT"),
    (
        "visit",
        "CREATE TABLE visit (number INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, name TEXT, address TEXT NOT NULL) STRICT",
    ),
    (
        "visit_stays",
        "CREATE TRIGGER visit_stays BEFORE UPDATE ON visit BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "visit_is_kept",
        "CREATE TRIGGER visit_is_kept BEFORE DELETE ON visit BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
];

words! {
    /// What somebody may do.
    Role {
        /// Treats patients: answers, decisions, sessions.
        Practitioner = "practitioner",
        /// Writes the protocols.
        Manager = "manager",
        /// Looks at what was decided, and erases by request.
        Auditor = "auditor",
        /// Says who may do what.
        Administrator = "administrator",
    }
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Practitioner, Role::Manager, Role::Auditor, Role::Administrator];

    /// The role of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Something that is done to an account.
#[derive(Clone, Copy, Debug)]
pub enum AccountChange<'a> {
    /// It is made, with its roles and the hash of its password.
    Added(&'a [Role], &'a str),
    /// It has these roles from now on.
    Roles(&'a [Role]),
    /// It has a new password, of which this is the hash.
    Password(&'a str),
    /// Nobody can sign in with it any more.
    Disabled,
    /// Somebody can again.
    Enabled,
    /// A program may ask in its name, with a token of which this is the hash.
    Token(&'a str),
    /// None may any more.
    NoToken,
}

impl AccountChange<'_> {
    fn word(&self) -> &'static str {
        match self {
            AccountChange::Added(..) => "added",
            AccountChange::Roles(_) => "roles",
            AccountChange::Password(_) => "password",
            AccountChange::Disabled => "disabled",
            AccountChange::Enabled => "enabled",
            AccountChange::Token(_) => "token",
            AccountChange::NoToken => "no-token",
        }
    }
}

/// An account as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The name of the person, as it stands in what they keep.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whether they can sign in.
    pub is_enabled: bool,
    /// When it was made, and by whom.
    pub added: Stamp,
    /// The entry since which those who have signed in are who they say: whoever did so before has to do it again.
    pub since: u64,
    /// What the hashes of the password and the token hash to.
    password: String,
    token: String,
}

/// All accounts, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    all: Vec<Account>,
}

impl Accounts {
    /// Whether there is none: then everybody says who they are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Account> {
        self.all.iter()
    }

    /// The account of a name, however its capital letters, spaces and signs are written.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Account> {
        let wanted = plain(name);
        self.all.iter().find(|account| plain(&account.name) == wanted)
    }

    /// Makes the change that an entry tells of.
    fn take(&mut self, at: u64, public: &Frames) {
        let name = public.text("account");
        let roles = || public.text("roles").split(',').filter_map(Role::of).collect::<Vec<_>>();
        let by = public.get("by").map(|by| String::from_utf8_lossy(by).into_owned());
        let secret = public.text("secret").to_owned();
        let does = public.text("does");
        if does == "added" {
            let added = Stamp { at: public.text("at").to_owned(), by };
            let (name, token) = (name.to_owned(), String::new());
            self.all.push(Account {
                name,
                roles: roles(),
                is_enabled: true,
                added,
                since: at,
                password: secret,
                token,
            });
            return;
        }
        let Some(account) = self.all.iter_mut().find(|account| account.name == name) else { return };
        match does {
            "roles" => account.roles = roles(),
            "password" => (account.password, account.since) = (secret, at),
            "disabled" => (account.is_enabled, account.since) = (false, at),
            "enabled" => (account.is_enabled, account.since) = (true, at),
            "token" | "no-token" => account.token = secret,
            _ => {}
        }
    }
}

/// A name without what people leave out or write otherwise: two accounts never share one.
#[must_use]
pub(crate) fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

impl Archive {
    /// The accounts as they stand.
    ///
    /// # Errors
    /// When they cannot be read, or were altered.
    pub fn accounts(&self) -> Result<Accounts, Diagnostics> {
        if !self.has_accounts()? {
            return Ok(Accounts::default());
        }
        let read = accounts_in(&self.db).map_err(|error| self.unreadable(&error))?;
        read.map_err(|why| self.altered(&why))
    }

    /// The number of the last entry about an account; 0 where there is none. Whoever has read the accounts since need not do so again.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn accounts_at(&self) -> Result<u64, Diagnostics> {
        if !self.has_accounts()? {
            return Ok(0);
        }
        let last = || -> rusqlite::Result<u64> {
            let mut last = self.db.prepare_cached("SELECT ifnull(max(entry), 0) FROM account")?;
            last.query_row([], |row| row.get(0).map(number))
        };
        last().map_err(|error| self.unreadable(&error))
    }

    /// Whether there are the tables of accounts. Another program may have made them since this one was opened.
    pub(super) fn has_accounts(&self) -> Result<bool, Diagnostics> {
        has_table(&self.db, "account").map_err(|error| self.unreadable(&error))
    }

    /// The hash of an account's password.
    ///
    /// # Errors
    /// When it cannot be read, or is not the one that was entered.
    pub fn password_of(&self, account: &Account) -> Result<String, Diagnostics> {
        let hash = secret(&self.db, &account.name, "password").map_err(|error| self.unreadable(&error))?;
        match hash.filter(|hash| commitment(hash) == account.password) {
            Some(hash) => Ok(hash),
            None => Err(self.altered(&format!("the password of `{}` is not the one that was entered", account.name))),
        }
    }

    /// Whose token has this hash.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn account_of_token(&self, accounts: &Accounts, hash: &str) -> Result<Option<Account>, Diagnostics> {
        let name = || -> rusqlite::Result<Option<String>> {
            let mut one = self.db.prepare_cached("SELECT name FROM secret WHERE kind = 'token' AND hash = ?1")?;
            one.query_row([hash], |row| row.get(0)).optional()
        };
        if accounts.is_empty() {
            return Ok(None);
        }
        let name = name().map_err(|error| self.unreadable(&error))?;
        let found = accounts.iter().find(|account| Some(&account.name) == name.as_ref());
        Ok(found.filter(|account| account.is_enabled && account.token == commitment(hash)).cloned())
    }

    /// Changes an account, or makes one, and keeps who did it. When this returns, it is safe on the disk.
    ///
    /// # Errors
    /// When there is no such account (`R863`), the name cannot be used for a new one (`R864`), or it could not be kept.
    pub fn change_account(&mut self, stamp: &Stamp, name: &str, change: AccountChange<'_>) -> Result<u64, Diagnostics> {
        let id = self.id().to_owned();
        self.change(|transaction| {
            make(transaction, SCHEMA)?;
            let accounts = accounts_in(transaction)??;
            let name = match checked(&accounts, name, &change) {
                Ok(name) => name,
                Err(wrong) => return Ok(Err(wrong)),
            };
            let mut public = Frames::default().with("account", name.as_str()).with("does", change.word());
            if let AccountChange::Added(roles, _) | AccountChange::Roles(roles) = change {
                let words: Vec<&str> =
                    Role::ALL.into_iter().filter(|one| roles.contains(one)).map(Role::word).collect();
                public.push("roles", words.join(","));
            }
            let keep = "INSERT INTO secret VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET hash = excluded.hash";
            match change {
                AccountChange::Added(_, hash) | AccountChange::Password(hash) => {
                    public.push("secret", commitment(hash));
                    transaction.execute(keep, params![name, "password", hash])?;
                }
                AccountChange::Token(hash) => {
                    public.push("secret", commitment(hash));
                    transaction.execute(keep, params![name, "token", hash])?;
                }
                AccountChange::NoToken => {
                    transaction.execute("DELETE FROM secret WHERE name = ?1 AND kind = 'token'", [&name])?;
                }
                AccountChange::Roles(_) | AccountChange::Disabled | AccountChange::Enabled => {}
            }
            let draft = Draft { kind: Kind::Account, patient: None, public, personal: Frames::default() };
            let at = add(transaction, &mut grown(transaction)?, &id, stamp, &draft)?;
            transaction.execute("INSERT INTO account VALUES (?1)", [sql(at)])?;
            Ok(Ok(at))
        })?
    }

    fn altered(&self, why: &str) -> Diagnostics {
        problem(&codes::ALTERED, format!("the archive {}: {why}", self.path().display())).into()
    }
}

/// The longest name.
pub(crate) const LONGEST_NAME: usize = 100;

/// The name that a change is about, as its account has it, or is to have it.
fn checked(accounts: &Accounts, name: &str, change: &AccountChange<'_>) -> Result<String, Diagnostics> {
    if !matches!(change, AccountChange::Added(..)) {
        let known = accounts.find(name).map(|account| account.name.clone());
        return known.ok_or_else(|| {
            let wrong = problem(&codes::UNKNOWN_USER, format!("there is no user `{name}`"));
            wrong.suggest(name, accounts.iter().map(|account| account.name.as_str())).into()
        });
    }
    if plain(name).is_empty()
        || name.trim() != name
        || name.chars().count() > LONGEST_NAME
        || visible::text(name) != name
    {
        let wrong = problem(&codes::UNUSABLE_NAME, format!("`{name}` cannot be the name of a user"));
        return Err(wrong
            .help("a name has 1 to 100 letters, digits and signs, and no characters that nobody sees")
            .into());
    }
    let other = accounts.iter().find(|other| plain(&other.name) == plain(name) || look_alike(&other.name, name));
    match other {
        None => Ok(name.to_owned()),
        Some(other) => {
            let message = match other.name == name {
                true => format!("there is a user `{name}` already"),
                false => format!("there is a user `{}`, whose name can be taken for `{name}`", other.name),
            };
            let help = "a name belongs to one person for ever, because entries of the archive tell people apart by it: choose another one";
            Err(problem(&codes::UNUSABLE_NAME, message).help(help).into())
        }
    }
}

/// What an entry holds of a hash. Nobody finds a password by it: the hash has a random salt, and is not told.
fn commitment(hash: &str) -> String {
    to_hex(&Sha256::digest(hash))
}

fn secret(db: &Connection, name: &str, kind: &str) -> rusqlite::Result<Option<String>> {
    let mut one = db.prepare_cached("SELECT hash FROM secret WHERE name = ?1 AND kind = ?2")?;
    one.query_row([name, kind], |row| row.get(0)).optional()
}

/// The accounts, from the entries about them; or why that cannot be told.
fn accounts_in(db: &Connection) -> rusqlite::Result<Result<Accounts, String>> {
    let mut all = db.prepare_cached("SELECT entry FROM account ORDER BY entry")?;
    let numbers = all.query_map([], |row| row.get(0).map(number))?.collect::<rusqlite::Result<Vec<u64>>>()?;
    let mut accounts = Accounts::default();
    for at in numbers {
        match entry(db, at)? {
            Some(Ok(entry)) if entry.kind() == Some(Kind::Account) => accounts.take(at, &entry.public),
            _ => return Ok(Err(format!("entry {at} should be about an account, and is not"))),
        }
    }
    Ok(Ok(accounts))
}

/// Whether the table of the entries about accounts names just those, and each hash is one that was entered.
pub(super) fn look_at_accounts(
    db: &Connection,
    entries: &[u64],
    wrong: &mut impl FnMut(String),
) -> rusqlite::Result<()> {
    if !has_table(db, "account")? {
        if let Some(at) = entries.first() {
            wrong(format!("entry {at} is about an account, and the tables of accounts are missing"));
        }
        return Ok(());
    }
    let accounts = match accounts_in(db)? {
        Ok(accounts) => accounts,
        Err(why) => {
            wrong(why);
            return Ok(());
        }
    };
    let mut listed = db.prepare("SELECT entry FROM account ORDER BY entry")?;
    let listed = listed.query_map([], |row| row.get(0).map(number))?.collect::<rusqlite::Result<Vec<u64>>>()?;
    if listed != entries {
        wrong("the list of the entries about accounts is not as it was written".to_owned());
    }
    let mut all = db.prepare("SELECT name, kind, hash FROM secret ORDER BY name, kind")?;
    let rows =
        all.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    for row in rows {
        let (name, kind, hash) = row?;
        let account = accounts.iter().find(|account| account.name == name);
        let entered = account.map(|account| if kind == "token" { &account.token } else { &account.password });
        if entered.is_none_or(|entered| *entered != commitment(&hash)) {
            wrong(format!("the {kind} of `{name}` is not the one that was entered"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Trial, stamp};
    use super::super::visits::{Happening, Visit};
    use super::*;

    fn with_two(trial: &Trial) -> Archive {
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        assert_eq!(archive.accounts(), Ok(Accounts::default()));
        let all = &Role::ALL;
        archive.change_account(&stamp(), "Dr A", AccountChange::Added(all, "hash of A")).expect("added");
        let roles = &[Role::Auditor, Role::Practitioner];
        archive.change_account(&stamp(), "Nurse B", AccountChange::Added(roles, "hash of B")).expect("added");
        archive
    }

    fn code<T: std::fmt::Debug>(done: Result<T, Diagnostics>) -> Option<&'static str> {
        done.err().and_then(|found| found.iter().next().map(|one| one.code.id))
    }

    #[test]
    fn an_account_is_what_its_entries_tell() {
        let trial = Trial::new("accounts");
        let mut archive = with_two(&trial);
        let nurse = archive.accounts().expect("read").find("nurse  b.").cloned().expect("found");
        assert_eq!((nurse.name.as_str(), nurse.since, nurse.is_enabled), ("Nurse B", 2, true));
        assert_eq!(nurse.roles, [Role::Practitioner, Role::Auditor]);
        assert_eq!(archive.password_of(&nurse).as_deref(), Ok("hash of B"));
        let mut change = |change: AccountChange<'_>| {
            archive.change_account(&stamp(), "NURSE B", change).expect("changed");
            archive.accounts().expect("read").find("Nurse B").cloned().expect("found")
        };
        assert_eq!(change(AccountChange::Roles(&[Role::Manager])).roles, [Role::Manager]);
        // New roles are taken up by whoever is there; a new password sends them out.
        assert_eq!(change(AccountChange::Password("another hash")).since, 4);
        assert!(!change(AccountChange::Disabled).is_enabled);
        assert_eq!(change(AccountChange::Enabled).since, 6);
        change(AccountChange::Token("hash of a token"));
        let accounts = archive.accounts().expect("read");
        let owner = |hash: &str| archive.account_of_token(&accounts, hash).expect("read").map(|account| account.name);
        assert_eq!((owner("hash of a token").as_deref(), owner("hash of B")), (Some("Nurse B"), None));
        // What does not count any more is gone.
        let kept = |archive: &Archive| {
            let mut all = archive.db.prepare("SELECT hash FROM secret ORDER BY hash").expect("prepared");
            let rows = all.query_map([], |row| row.get::<_, String>(0)).expect("read");
            rows.collect::<rusqlite::Result<Vec<_>>>().expect("read")
        };
        assert_eq!(kept(&archive), ["another hash", "hash of A", "hash of a token"]);
        archive.change_account(&stamp(), "Nurse B", AccountChange::NoToken).expect("changed");
        assert_eq!(kept(&archive), ["another hash", "hash of A"]);
        assert!(archive.verify(None).found.is_empty(), "{:?}", archive.verify(None).found);
        drop(archive);
        let archive = Archive::open(&trial.path()).expect("it has tables of accounts");
        assert_eq!(archive.accounts().expect("read").iter().count(), 2);
        assert_eq!(archive.accounts_at(), Ok(8));
    }

    #[test]
    fn a_name_belongs_to_one_person() {
        let trial = Trial::new("names");
        let mut archive = with_two(&trial);
        let mut add =
            |name: &str| code(archive.change_account(&stamp(), name, AccountChange::Added(&[Role::Manager], "hash")));
        for taken in ["Dr A", "dr a", "DR.A", "Dr  A", "Dr \u{410}", "", " ", "...", " Dr C", "Dr\tC", "Dr\u{200b}C"] {
            assert_eq!(add(taken), Some("R864"), "{taken:?}");
        }
        assert_eq!(add(&"x".repeat(101)), Some("R864"));
        assert_eq!((add("Dr C"), add("李"), add("O'Neill, Ä.")), (None, None, None));
        assert_eq!(code(archive.change_account(&stamp(), "Dr D", AccountChange::Disabled)), Some("R863"));
        assert_eq!(archive.size(), Ok(5), "what was refused is no entry");
    }

    #[test]
    fn who_writes_into_the_tables_is_found() {
        for (at, altered) in [
            "UPDATE secret SET hash = 'hash of mine' WHERE name = 'Dr A'",
            "INSERT INTO secret VALUES ('Dr A', 'token', 'hash of mine')",
            "INSERT INTO secret VALUES ('Dr Eve', 'password', 'hash of mine')",
            "DROP TRIGGER account_is_kept; DELETE FROM account WHERE entry = 2",
            "INSERT INTO account VALUES (3)",
        ]
        .into_iter()
        .enumerate()
        {
            let trial = Trial::new(&format!("altered-accounts-{at}"));
            let archive = with_two(&trial);
            archive.db.execute_batch(altered).expect("altered");
            assert!(archive.verify(None).found.has_errors(), "{altered}");
        }
        // And what was put there lets nobody in.
        let trial = Trial::new("altered-secret");
        let archive = with_two(&trial);
        archive
            .db
            .execute_batch(
                "UPDATE secret SET hash = 'hash of mine'; INSERT INTO secret VALUES ('Dr A', 'token', 'mine')",
            )
            .expect("altered");
        let accounts = archive.accounts().expect("read");
        let account = accounts.find("Dr A").expect("found");
        assert_eq!(code(archive.password_of(account)), Some("R803"));
        assert_eq!(archive.account_of_token(&accounts, "mine"), Ok(None));
        for only in [
            "DELETE FROM visit",
            "UPDATE visit SET name = 'Dr B'",
            "DELETE FROM account",
            "UPDATE account SET entry = 9",
        ] {
            let visit = Visit {
                at: "2026-03-02T08:30:00Z".into(),
                what: Happening::SignedIn,
                name: None,
                address: String::new(),
            };
            let mut archive = Archive::open(&trial.path()).expect("opened");
            archive.note_visit(&visit).expect("kept");
            assert!(archive.db.execute_batch(only).is_err(), "{only}");
            assert_eq!(archive.visits(1), Ok(vec![visit]));
        }
    }
}
