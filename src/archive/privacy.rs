//! The personal part of entries: committed to with a salt, sealed with a key for each patient. Who destroys the key destroys what is
//! sealed with it, and the salt: from the commitment nobody can find out what it was, not even by trying.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

use super::frames::Frames;
use super::tree::Hash;

/// How many bytes of a sealed part are its nonce.
const NONCE: usize = 24;

/// The most bytes that are made of a sealed part: what is damaged must not fill the memory.
const LARGEST: usize = 256 << 20;

/// Random bytes from the system.
///
/// # Errors
/// When the system has none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map(|()| bytes).map_err(|error| format!("the system gives no random numbers: {error}"))
}

/// What the tree holds of a personal part.
#[must_use]
pub(super) fn commit(salt: &Hash, personal: &[u8]) -> Hash {
    Sha256::digest(Frames::default().with("regimen/personal", *salt).with("content", personal).bytes()).into()
}

/// Seals a personal part with its salt. It belongs to the entry of that number, and opens in no other.
pub(super) fn seal(key: &Hash, entry: u64, salt: &Hash, personal: &[u8]) -> Result<Vec<u8>, String> {
    let mut plain = salt.to_vec();
    plain.extend(lz4_flex::compress_prepend_size(personal));
    let nonce: [u8; NONCE] = random()?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let payload = Payload { msg: &plain, aad: &entry.to_be_bytes() };
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| "it cannot be encrypted".to_owned())?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens a sealed part: its salt, and its content. None where it was altered, or belongs to another entry.
pub(super) fn unseal(key: &Hash, entry: u64, sealed: &[u8]) -> Option<(Hash, Vec<u8>)> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let nonce: [u8; NONCE] = nonce.try_into().ok()?;
    let payload = Payload { msg: sealed, aad: &entry.to_be_bytes() };
    let plain = cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
    let (salt, packed) = plain.split_at_checked(32)?;
    let (size, _) = lz4_flex::block::uncompressed_size(packed).ok()?;
    if size > LARGEST {
        return None;
    }
    Some((salt.try_into().ok()?, lz4_flex::decompress_size_prepended(packed).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_entry_only() {
        let (key, salt) = ([7; 32], [9; 32]);
        let sealed = seal(&key, 3, &salt, b"pregnant").expect("sealed");
        assert_eq!(unseal(&key, 3, &sealed), Some((salt, b"pregnant".to_vec())));
        assert_eq!(unseal(&key, 4, &sealed), None);
        assert_eq!(unseal(&[8; 32], 3, &sealed), None);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(unseal(&key, 3, &altered), None, "{at}");
            assert_eq!(unseal(&key, 3, &sealed[..at]), None, "{at}");
        }
    }

    #[test]
    fn the_same_content_has_another_commitment_with_another_salt() {
        assert_ne!(commit(&[1; 32], b"x"), commit(&[2; 32], b"x"));
        assert_ne!(commit(&[1; 32], b"x"), commit(&[1; 32], b"y"));
    }
}
