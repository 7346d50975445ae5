//! A checkpoint: how many entries an archive had, and the root of their tree. Kept elsewhere, it shows later that nothing before it was
//! altered, put in, taken out or moved.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::frames::{from_hex, hash_from_hex, to_hex};
use super::privacy::random;
use super::tree::Hash;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The first line of every checkpoint.
const FIRST: &str = "regimen archive checkpoint 1";

/// How an archive stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which archive.
    pub archive: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// The public key and the signature.
    pub signed: Option<(Hash, [u8; 64])>,
}

impl Checkpoint {
    /// What is signed.
    fn said(&self) -> String {
        format!("{FIRST}\narchive {}\nsize {}\nroot {}\n", self.archive, self.size, to_hex(&self.root))
    }

    /// The same, signed.
    #[must_use]
    pub fn sign(self, key: &Key) -> Checkpoint {
        let signature = key.0.sign(self.said().as_bytes());
        Checkpoint { signed: Some((key.public(), signature.to_bytes())), ..self }
    }

    /// As it is printed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.said();
        if let Some((key, signature)) = &self.signed {
            text.push_str(&format!("key {}\nsignature {}\n", to_hex(key), to_hex(signature)));
        }
        text
    }

    /// Reads one, and checks its signature, if it has one.
    ///
    /// # Errors
    /// When it is none, was altered, or the signature is not by the key that it names.
    pub fn read(text: &str) -> Result<Checkpoint, Diagnostics> {
        let wrong = |what: &str| {
            let help = "it is what `regimen archive checkpoint` prints, whole and unaltered";
            Diagnostics::from(
                Diagnostic::new(&codes::NO_CHECKPOINT, format!("this is no checkpoint: {what}")).help(help),
            )
        };
        let mut lines = text.lines();
        if lines.next() != Some(FIRST) {
            return Err(wrong(&format!("its first line should be `{FIRST}`")));
        }
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
        let archive = value("archive").ok_or_else(|| wrong("it names no archive"))?;
        let size = value("size").and_then(|size| size.parse().ok()).ok_or_else(|| wrong("it tells no size"))?;
        let root = value("root").and_then(|root| hash_from_hex(&root)).ok_or_else(|| wrong("it tells no root"))?;
        let signed = match (value("key"), value("signature")) {
            (None, None) => None,
            (key, signature) => {
                let key = key.and_then(|key| hash_from_hex(&key));
                let signature: Option<[u8; 64]> =
                    signature.and_then(|signature| from_hex(&signature)).and_then(|bytes| bytes.try_into().ok());
                Some(key.zip(signature).ok_or_else(|| wrong("its signature is not whole"))?)
            }
        };
        let checkpoint = Checkpoint { archive, size, root, signed };
        if checkpoint.text() != text.replace("\r\n", "\n") {
            return Err(wrong("there is more in it than belongs there"));
        }
        if let Some((key, signature)) = &checkpoint.signed {
            let key = VerifyingKey::from_bytes(key).map_err(|_| wrong("its key is none"))?;
            let signature = Signature::from_bytes(signature);
            key.verify_strict(checkpoint.said().as_bytes(), &signature)
                .map_err(|_| wrong("its signature does not fit what it says"))?;
        }
        Ok(checkpoint)
    }
}

/// A private key, with which checkpoints are signed.
pub struct Key(SigningKey);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&to_hex(&self.public())).finish()
    }
}

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> Result<Key, String> {
        random().map(|bytes| Key(SigningKey::from_bytes(&bytes)))
    }

    /// Reads one as it is written: 64 hexadecimal digits.
    #[must_use]
    pub fn read(text: &str) -> Option<Key> {
        hash_from_hex(text.trim()).map(|bytes| Key(SigningKey::from_bytes(&bytes)))
    }

    /// As it is written into its file.
    #[must_use]
    pub fn text(&self) -> String {
        to_hex(&self.0.to_bytes()) + "\n"
    }

    /// The public key, which everybody may know.
    #[must_use]
    pub fn public(&self) -> Hash {
        self.0.verifying_key().to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_and_every_altered_byte_is_found() {
        let key = Key::read(&"07".repeat(32)).expect("a key");
        let plain = Checkpoint { archive: "a1".into(), size: 12, root: [3; 32], signed: None };
        assert_eq!(Checkpoint::read(&plain.text()), Ok(plain.clone()));
        let signed = plain.sign(&key);
        let text = signed.text();
        assert_eq!(Checkpoint::read(&text), Ok(signed));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let altered = String::from_utf8(bytes).expect("a text");
            assert!(Checkpoint::read(&altered).is_err(), "{at}: {altered}");
        }
        assert!(Checkpoint::read(&text[..text.len() - 1]).is_err());
    }

    #[test]
    fn the_signature_is_that_of_the_published_vector() {
        // RFC 8032, section 7.1, test 1.
        let key = Key::read("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").expect("a key");
        assert_eq!(to_hex(&key.public()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    }
}
