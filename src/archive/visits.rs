//! Who came to the web application: signing in and out, and trying to. Rows that only grow, beside the accounts and outside of the tree: there are many of them.

use rusqlite::params;

use super::store::Archive;
use crate::diagnostic::Diagnostics;
use crate::words::words;

words! {
    /// What happened at the door.
    Happening {
        /// Somebody signed in.
        SignedIn = "signed in",
        /// Somebody signed out.
        SignedOut = "signed out",
        /// A wrong name or password was given.
        Failed = "failed",
        /// There were too many attempts, and no more are looked at for a while.
        HeldOff = "held off",
    }
}

impl Happening {
    const ALL: [Happening; 4] = [Happening::SignedIn, Happening::SignedOut, Happening::Failed, Happening::HeldOff];
}

/// What happened at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// When.
    pub at: String,
    /// What.
    pub what: Happening,
    /// Whose account it was; none where there is none of that name. What was typed is not kept then: it may be a password.
    pub name: Option<String>,
    /// The address that it came from.
    pub address: String,
}

impl Archive {
    /// Notes what happened at the door. When this returns, it is safe on the disk.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn note_visit(&mut self, visit: &Visit) -> Result<(), Diagnostics> {
        self.change(|transaction| {
            let mut insert =
                transaction.prepare_cached("INSERT INTO visit (at, what, name, address) VALUES (?1, ?2, ?3, ?4)")?;
            insert.execute(params![visit.at, visit.what.word(), visit.name, visit.address])?;
            Ok(())
        })
    }

    /// What happened at the door last, the newest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn visits(&self, most: u32) -> Result<Vec<Visit>, Diagnostics> {
        if !self.has_accounts()? {
            return Ok(Vec::new());
        }
        let read = || -> rusqlite::Result<Vec<Visit>> {
            let mut all =
                self.db.prepare_cached("SELECT at, what, name, address FROM visit ORDER BY number DESC LIMIT ?1")?;
            let rows = all.query_map([most], |row| {
                let word: String = row.get(1)?;
                let what = Happening::ALL.into_iter().find(|one| one.word() == word);
                // A word that this program does not know was nobody's signing in.
                let what = what.unwrap_or(Happening::Failed);
                Ok(Visit { at: row.get(0)?, what, name: row.get(2)?, address: row.get(3)? })
            })?;
            rows.collect()
        };
        read().map_err(|error| self.unreadable(&error))
    }
}
