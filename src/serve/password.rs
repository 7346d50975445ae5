//! Passwords and tokens: what is kept of them is a hash.

use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::archive::privacy::random;
use crate::archive::to_hex;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The fewest characters of a password, and the most.
pub(crate) const SHORTEST: usize = 12;
pub(super) const LONGEST: usize = 200;

/// What begins a token, so that whoever finds one somewhere knows what it opens.
const TOKEN: &str = "regimen_";

/// argon2id with 19 MiB in two passes: what OWASP's cheat sheet on passwords recommends.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// One hash at a time: each takes memory, and whoever guesses must not take all of it.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The bytes of a password: the same for each way in which a keyboard may compose its letters.
fn bytes(password: &str) -> Vec<u8> {
    password.nfc().collect::<String>().into_bytes()
}

/// The hash of a new password.
///
/// # Errors
/// When it is too easy to guess (`R865`), or the system gives no random numbers.
pub(crate) fn hash(name: &str, password: &str) -> Result<String, Diagnostics> {
    let weak = |why: &str| {
        let wrong = Diagnostic::new(&codes::WEAK_PASSWORD, format!("the password {why}"));
        let help = format!(
            "take {SHORTEST} characters or more: some words that nobody would put together are easy to keep in mind"
        );
        Diagnostics::from(wrong.help(help))
    };
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(weak(&format!("has {length} characters, and has to have {SHORTEST}")));
    }
    if length > LONGEST {
        return Err(weak(&format!("has {length} characters, and may have {LONGEST}")));
    }
    if password.chars().any(char::is_control) {
        return Err(weak("has characters in it that nobody can type"));
    }
    let plain = crate::archive::accounts::plain;
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 5 {
        return Err(weak("is the same few characters again and again"));
    }
    let rest = plain(password).replace(&plain(name), "");
    if rest != plain(password) && rest.chars().count() < SHORTEST / 2 {
        return Err(weak("is hardly more than the name"));
    }
    let salt = random::<16>();
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    salt.and_then(|salt| {
        let hash = argon2().hash_password_with_salt(&bytes(password), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
    })
    .map_err(|why| Diagnostic::new(&codes::NOT_KEPT, format!("the password cannot be hashed: {why}")).into())
}

/// Whether a password is the one of a hash. Without a hash it is not, which takes as long to find out.
pub(super) fn is(password: &str, hash: Option<&str>) -> bool {
    // Nobody knows a password with this hash: it is made of random bytes at the start.
    static NOBODYS: LazyLock<String> =
        LazyLock::new(|| secret().and_then(|secret| self::hash("", &secret)).unwrap_or_default());
    let nobodys: &str = &NOBODYS;
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(nobodys)) else { return false };
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let is_right = argon2().verify_password(&bytes(password), &parsed).is_ok();
    is_right && hash.is_some()
}

/// What nobody can guess: 32 random bytes, in hexadecimal.
///
/// # Errors
/// When the system gives no random numbers.
pub(super) fn secret() -> Result<String, Diagnostics> {
    let random = random::<32>().map_err(|why| Diagnostic::new(&codes::NOT_KEPT, why))?;
    Ok(to_hex(&random))
}

/// A new token, and its hash. It is random, so that a fast hash will do.
///
/// # Errors
/// When the system gives no random numbers.
pub(crate) fn token() -> Result<(String, String), Diagnostics> {
    let token = format!("{TOKEN}{}", secret()?);
    let hash = hash_of_token(&token);
    Ok((token, hash))
}

/// The hash of a token.
pub(super) fn hash_of_token(token: &str) -> String {
    to_hex(&Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_only() {
        let hash = hash("Dr A", "four horses läugh").expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is("four horses läugh", Some(&hash)));
        // The same letters, composed otherwise.
        assert!(is("four horses la\u{308}ugh", Some(&hash)));
        for wrong in ["", "four horses laugh", "Four horses läugh", "four horses läugh "] {
            assert!(!is(wrong, Some(&hash)), "{wrong}");
        }
        assert!(!is("four horses läugh", None) && !is("", None));
        assert_ne!(hash, self::hash("Dr A", "four horses läugh").expect("hashed"), "the salt is another one");
    }

    #[test]
    fn whether_there_is_an_account_takes_no_other_time() {
        let hash = hash("Dr A", "four horses laugh").expect("hashed");
        let time = |hash: Option<&str>| {
            let begun = std::time::Instant::now();
            assert!(!is("another password", hash));
            begun.elapsed()
        };
        time(None);
        let all: Vec<_> = (0..6).map(|_| (time(Some(&hash)), time(None))).collect();
        let known = all.iter().map(|(known, _)| *known).min().expect("times");
        let unknown = all.iter().map(|(_, unknown)| *unknown).min().expect("times");
        // Other tests run at the same time; without a hash to compare with it would take a thousandth.
        assert!(unknown * 10 > known && known * 10 > unknown, "{known:?} {unknown:?}");
    }

    #[test]
    fn what_is_easy_to_guess_is_no_password() {
        for weak in
            ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "121212121212", "Annabel Lee 1", "four\0horses laugh"]
        {
            let told = hash("Annabel Lee", weak).expect_err(weak);
            let told = told.to_string();
            assert!(told.contains("R865"), "{weak}: {told}");
            assert!(weak.is_empty() || !told.contains(weak), "it is told nowhere");
        }
        assert!(hash("A", &"x1y2z3".repeat(40)).is_err());
        for good in ["correct horse battery", "Dr A and her nine kettles", "!?!/=)(&%$§!+"] {
            assert!(hash("Dr A", good).is_ok(), "{good}");
        }
    }
}
