//! The texts that an answer rests on: protocols, dictionary, translations, each under the name that it has in its clinic.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::frames::{Content, hash_from_hex, to_hex};
use super::privacy::random;
use super::tree::Hash;
use crate::files;
use crate::protocol::Which;
use crate::protocol::load::rests_on;

/// Texts by name. Which they are is one text more, as `sha256sum` writes it: its hash stands for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    by_name: BTreeMap<String, Vec<u8>>,
    list: String,
}

impl Texts {
    /// The texts of the protocols that are asked, and the name of each path among them. Each clinic has a folder of its own: `1`, `2`.
    /// What cannot be read is left out.
    #[must_use]
    pub fn of(paths: &[&Path], language: Option<&str>, which: Which) -> (Texts, Vec<String>) {
        let (mut texts, mut asked) = (Texts::default(), Vec::new());
        for (at, path) in paths.iter().enumerate() {
            let on = rests_on(path, language, which);
            let clinic = (at + 1).to_string();
            let name = |file: &Path| format!("{clinic}/{}", name_within(file, &on.root));
            asked.push(on.asked.as_deref().map_or_else(|| clinic.clone(), name));
            for file in &on.files {
                let read = files::open_plain(file).and_then(|mut open| {
                    let mut bytes = Vec::new();
                    io::Read::read_to_end(&mut open, &mut bytes).map(|_| bytes)
                });
                if let Ok(bytes) = read {
                    texts.by_name.insert(name(file), bytes);
                }
            }
        }
        texts.list = texts.listed();
        (texts, asked)
    }

    /// Adds a text.
    pub fn insert(&mut self, name: &str, bytes: Vec<u8>) {
        self.by_name.insert(name.to_owned(), bytes);
        self.list = self.listed();
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The texts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.by_name.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    fn listed(&self) -> String {
        self.iter().map(|(name, bytes)| format!("{}  {name}\n", to_hex(&Sha256::digest(bytes)))).collect()
    }

    /// Stands for all of them.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Sha256::digest(self.list.as_bytes()).into()
    }

    /// What is stored: each text, and their list.
    pub(super) fn stored(&self) -> impl Iterator<Item = &[u8]> {
        let list = (!self.is_empty()).then_some(self.list.as_bytes());
        list.into_iter().chain(self.by_name.values().map(Vec::as_slice))
    }

    /// Reads a list; none where it is none.
    #[must_use]
    pub fn list(bytes: &[u8]) -> Option<Vec<(String, Hash)>> {
        let lines = std::str::from_utf8(bytes).ok()?.lines();
        lines
            .map(|line| line.split_once("  ").and_then(|(hash, name)| Some((name.to_owned(), hash_from_hex(hash)?))))
            .collect()
    }

    /// The texts as a receipt has them.
    pub(super) fn contents(&self) -> BTreeMap<String, Content> {
        self.by_name.iter().map(|(name, bytes)| (name.clone(), Content::from(bytes.clone()))).collect()
    }

    /// The texts of a receipt.
    pub(super) fn from_contents(contents: &BTreeMap<String, Content>) -> Texts {
        let by_name = contents.iter().map(|(name, content)| (name.clone(), content.bytes().to_vec())).collect();
        let mut texts = Texts { by_name, list: String::new() };
        texts.list = texts.listed();
        texts
    }

    /// Writes them as files into a folder that only this user may read, where they are read as any clinic is.
    ///
    /// # Errors
    /// When they cannot be written, or a name leads out of the folder.
    pub fn lay_out(&self) -> io::Result<Folder> {
        let name = to_hex(&random::<16>().map_err(io::Error::other)?);
        let folder = Folder(std::env::temp_dir().join(format!("regimen-replay-{name}")));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder.0)?;
        for (name, bytes) in self.iter() {
            let path = folder.at(name).ok_or_else(|| io::Error::other(format!("`{name}` is no name of a text")))?;
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, bytes)?;
        }
        Ok(folder)
    }
}

/// A folder that is gone when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A place in it; none where the name would lead out of it.
    #[must_use]
    pub fn at(&self, name: &str) -> Option<PathBuf> {
        let is_plain = |part: &str| !["", ".", ".."].contains(&part) && !part.contains(['\\', ':', '\0']);
        name.split('/').all(is_plain).then(|| self.0.join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up: it holds no records.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The name of a file within its clinic, the same on every system.
fn name_within(file: &Path, root: &Path) -> String {
    let within = |file: &Path, root: &Path| file.strip_prefix(root).ok().map(Path::to_owned);
    let real = || within(&file.canonicalize().ok()?, &root.canonicalize().ok()?);
    // A link may lead elsewhere: then its folder and its name say enough.
    let last_two = || {
        file.parent()
            .and_then(Path::file_name)
            .map(Path::new)
            .unwrap_or(Path::new(""))
            .join(file.file_name().unwrap_or_default())
    };
    let name = within(file, root).or_else(real).unwrap_or_else(last_two);
    let parts = name.components().filter_map(|part| match part {
        std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> (Vec<String>, Vec<String>) {
        let (texts, asked) = Texts::of(&[Path::new(path)], Some("de"), Which::WorkingFile);
        (texts.iter().map(|(name, _)| name.to_owned()).collect(), asked)
    }

    #[test]
    fn the_texts_of_a_path_have_the_names_that_they_have_in_their_clinic() {
        let (all, asked) = of("protocols");
        assert!(all.contains(&"1/facts.de.toml".to_owned()) && all.contains(&"1/hpv/protocol.toml".to_owned()));
        assert_eq!(asked, ["1"]);
        let (one, asked) = of("protocols/microneedling-acne-scars");
        assert_eq!(one.iter().filter(|name| name.ends_with(".de.toml")).count(), 2);
        assert!(one.contains(&"1/hpv/protocol.toml".to_owned()), "a record may hold what the neighbours ask for");
        assert_eq!(asked, ["1/microneedling-acne-scars"]);
        let (same, asked) = of("protocols/hpv/../microneedling-acne-scars/protocol.toml");
        assert_eq!((same, asked), (one, vec!["1/microneedling-acne-scars/protocol.toml".to_owned()]));
        assert_eq!(of("tests/fixtures/tiny.toml"), (vec!["1/tiny.toml".to_owned()], vec!["1/tiny.toml".to_owned()]));
        assert_eq!(of("nowhere"), (Vec::new(), vec!["1".to_owned()]));
    }

    #[test]
    fn a_list_stands_for_the_texts_and_comes_back() {
        let mut texts = Texts::default();
        texts.insert("1/a.toml", b"x".to_vec());
        let one = texts.hash();
        texts.insert("1/b.toml", vec![0xff]);
        assert_ne!(texts.hash(), one);
        let names = Texts::list(texts.stored().next().expect("a list")).expect("a list");
        assert_eq!(names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["1/a.toml", "1/b.toml"]);
        assert_eq!(Texts::from_contents(&texts.contents()), texts);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for name in ["../a.toml", "/etc/a", "1/../../a", "", "1//a", "c:\\a"] {
            let mut texts = Texts::default();
            texts.insert(name, b"x".to_vec());
            assert!(texts.lay_out().is_err(), "{name}");
        }
    }
}
