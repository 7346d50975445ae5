//! The Merkle tree of RFC 6962, section 2.1: its root stands for all entries in their order, and short proofs show that an entry is in
//! it, and that a later tree goes on where an earlier one ended.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash of an entry, from its bytes as they are stored.
#[must_use]
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of two trees beside each other.
#[must_use]
pub fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A full tree within the tree: it holds the leaves from `at << level` on, as many as `1 << level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// How high it is: a leaf is 0.
    pub level: u32,
    /// Which of its level, from 0.
    pub at: u64,
}

/// Where the hashes of full trees are looked up.
pub trait Nodes {
    /// What a look may fail with.
    type Error;

    /// The hash of a full tree.
    ///
    /// # Errors
    /// When it is not there.
    fn node(&self, place: Place) -> Result<Hash, Self::Error>;
}

/// The full trees, from left to right, that a tree of that size consists of: the largest first.
fn peaks(start: u64, size: u64) -> impl Iterator<Item = Place> {
    let mut done = start;
    (0..u64::BITS).rev().filter(move |level| size >> level & 1 == 1).map(move |level| {
        let place = Place { level, at: done >> level };
        done += 1 << level;
        place
    })
}

/// The root of the leaves from `start` on. `start` is a multiple of the largest power of two that is not above `size`.
fn root_of<N: Nodes>(nodes: &N, start: u64, size: u64) -> Result<Hash, N::Error> {
    let mut hashes = Vec::new();
    for place in peaks(start, size) {
        hashes.push(nodes.node(place)?);
    }
    Ok(fold(hashes))
}

/// Joins full trees from the smallest up; of none, the root of the empty tree.
fn fold(hashes: Vec<Hash>) -> Hash {
    let joined = hashes.into_iter().rev().reduce(|right, left| join(&left, &right));
    joined.unwrap_or_else(|| Sha256::digest(b"").into())
}

/// The root of a tree of that size.
///
/// # Errors
/// When a hash is not there.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    root_of(nodes, 0, size)
}

/// Where a tree of more than one leaf is split: at the largest power of two below its size.
fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The hashes that show that a leaf is in a tree of that size, from the leaf up.
///
/// # Errors
/// When a hash is not there.
pub fn inclusion<N: Nodes>(nodes: &N, leaf: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut start, mut size, mut leaf, mut path) = (0, size, leaf, Vec::new());
    while size > 1 {
        let half = split(size);
        if leaf < half {
            path.push(root_of(nodes, start + half, size - half)?);
            size = half;
        } else {
            path.push(root_of(nodes, start, half)?);
            (start, leaf, size) = (start + half, leaf - half, size - half);
        }
    }
    path.reverse();
    Ok(path)
}

/// The root that follows from a leaf and its proof; none where no tree of that size has such a proof.
#[must_use]
pub fn root_from(leaf_hash: Hash, leaf: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if leaf >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (leaf, size - 1, leaf_hash);
    for other in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = join(other, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = join(&hash, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

/// The hashes that show that a tree of `size` begins with one of `earlier`.
///
/// # Errors
/// When a hash is not there.
pub fn consistency<N: Nodes>(nodes: &N, earlier: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut start, mut size, mut earlier, mut is_whole, mut path) = (0, size, earlier, true, Vec::new());
    if earlier == 0 {
        return Ok(path);
    }
    while earlier != size {
        let half = split(size);
        if earlier <= half {
            path.push(root_of(nodes, start + half, size - half)?);
            size = half;
        } else {
            path.push(root_of(nodes, start, half)?);
            (start, earlier, size, is_whole) = (start + half, earlier - half, size - half, false);
        }
    }
    if !is_whole {
        path.push(root_of(nodes, start, size)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether a proof shows that the tree of a root begins with that of an earlier one.
#[must_use]
pub fn is_consistent(earlier: (u64, Hash), later: (u64, Hash), path: &[Hash]) -> bool {
    let ((first, first_root), (second, second_root)) = (earlier, later);
    if first == 0 || first == second {
        return path.is_empty() && (first != second || first_root == second_root);
    }
    if first > second {
        return false;
    }
    let whole: Vec<Hash> = if first.is_power_of_two() {
        std::iter::once(first_root).chain(path.iter().copied()).collect()
    } else {
        path.to_vec()
    };
    let Some((start, rest)) = whole.split_first() else { return false };
    let (mut at, mut last) = (first - 1, second - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old, mut new) = (*start, *start);
    for other in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = join(other, &old);
            new = join(other, &new);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new = join(&new, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == first_root && new == second_root
}

/// A tree that grows: of what came before, only the full trees at its right end.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    size: u64,
    /// The full trees, the largest first.
    ends: Vec<Hash>,
}

impl Growing {
    /// Goes on from a tree of that size.
    ///
    /// # Errors
    /// When a hash is not there.
    pub fn from<N: Nodes>(nodes: &N, size: u64) -> Result<Growing, N::Error> {
        let ends: Result<Vec<Hash>, N::Error> = peaks(0, size).map(|place| nodes.node(place)).collect();
        Ok(Growing { size, ends: ends? })
    }

    /// How many leaves it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(self.ends.clone())
    }

    /// Adds a leaf, and tells of each full tree that this makes, the leaf first.
    pub fn add(&mut self, leaf: Hash) -> Vec<(Place, Hash)> {
        let (mut hash, mut place) = (leaf, Place { level: 0, at: self.size });
        let mut made = vec![(place, hash)];
        while place.at & 1 == 1 {
            // INVARIANT: there is a full tree of this size to the left of every second one.
            let Some(left) = self.ends.pop() else { break };
            hash = join(&left, &hash);
            place = Place { level: place.level + 1, at: place.at >> 1 };
            made.push((place, hash));
        }
        self.ends.push(hash);
        self.size += 1;
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::frames::{from_hex, to_hex};
    use std::collections::HashMap;

    /// The leaves of the test vectors of Certificate Transparency's reference implementation.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    /// Its roots, of the first leaf, the first two, and so on.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    struct All(HashMap<Place, Hash>);

    impl Nodes for All {
        type Error = Place;

        fn node(&self, place: Place) -> Result<Hash, Place> {
            self.0.get(&place).copied().ok_or(place)
        }
    }

    fn grown(leaves: impl Iterator<Item = Vec<u8>>) -> (All, Growing) {
        let (mut all, mut tree) = (All(HashMap::new()), Growing::default());
        leaves.for_each(|one| all.0.extend(tree.add(leaf(&one))));
        (all, tree)
    }

    #[test]
    fn roots_are_those_of_the_published_vectors() {
        assert_eq!(
            to_hex(&Growing::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let (mut all, mut tree) = (All(HashMap::new()), Growing::default());
        for (bytes, expected) in LEAVES.iter().zip(ROOTS) {
            all.0.extend(tree.add(leaf(&from_hex(bytes).expect("bytes"))));
            assert_eq!(to_hex(&tree.root()), expected);
            assert_eq!(root(&all, tree.size()), Ok(tree.root()));
            assert_eq!(Growing::from(&all, tree.size()).expect("a tree").root(), tree.root());
        }
    }

    #[test]
    fn proofs_are_those_of_the_published_vectors() {
        let (all, _) = grown(LEAVES.iter().map(|bytes| from_hex(bytes).expect("bytes")));
        let hex = |path: Result<Vec<Hash>, Place>| -> Vec<String> {
            path.expect("a path").iter().map(|one| to_hex(one)).collect()
        };
        assert_eq!(
            hex(inclusion(&all, 5, 8)),
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        assert_eq!(hex(inclusion(&all, 2, 3)), ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]);
        assert_eq!(
            hex(consistency(&all, 6, 8)),
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
    }

    #[test]
    fn every_proof_of_every_small_tree_holds_and_holds_for_nothing_else() {
        let leaves: Vec<Vec<u8>> = (0..20_u8).map(|one| vec![one]).collect();
        let (all, _) = grown(leaves.iter().cloned());
        for size in 1..=20 {
            let whole = root(&all, size).expect("a root");
            for at in 0..size {
                let path = inclusion(&all, at, size).expect("a path");
                let own = leaf(&leaves[usize::try_from(at).expect("small")]);
                assert_eq!(root_from(own, at, size, &path), Some(whole), "{at} of {size}");
                assert_ne!(root_from(leaf(b"other"), at, size, &path), Some(whole));
                assert_ne!(root_from(own, at + 1, size, &path), Some(whole));
                let longer: Vec<Hash> = path.iter().copied().chain([own]).collect();
                assert_eq!(root_from(own, at, size, &longer), None);
            }
            for earlier in 0..=size {
                let old = root(&all, earlier).expect("a root");
                let path = consistency(&all, earlier, size).expect("a path");
                assert!(is_consistent((earlier, old), (size, whole), &path), "{earlier} in {size}");
                if earlier > 0 {
                    assert!(!is_consistent((earlier, leaf(b"other")), (size, whole), &path));
                    assert!(!is_consistent((earlier, old), (size, leaf(b"other")), &path));
                    assert!(earlier == size || !is_consistent((earlier, old), (size, whole), &[]));
                }
            }
        }
    }
}
