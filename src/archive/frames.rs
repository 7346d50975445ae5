//! Named contents one after the other, each with the length of its name and its own: no two lists of frames have the same bytes, and the
//! bytes need no parser's opinion about numbers, spaces or the order of keys.
//!
//! A frame is the length of its name (two bytes), its name, the length of its content (eight bytes) and its content; of a length, the most
//! significant byte comes first.

use serde::{Deserialize, Serialize};

/// A list of frames. A name may stand there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Frames(Vec<(String, Content)>);

/// What stands in a frame. In JSON, a text is `{"text": …}`, and whatever is none `{"hex": …}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Text in UTF-8.
    Text(String),
    /// Any other bytes, in hexadecimal.
    Hex(Hex),
}

impl Content {
    /// The content as it is stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Content::Text(text) => text.as_bytes(),
            Content::Hex(Hex(bytes)) => bytes,
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        String::from_utf8(bytes).map_or_else(|error| Content::Hex(Hex(error.into_bytes())), Content::Text)
    }
}

/// Bytes that are written in hexadecimal, in small letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex(pub Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Hex, &'static str> {
        from_hex(&text).map(Hex).ok_or("this is not hexadecimal")
    }
}

impl From<Hex> for String {
    fn from(hex: Hex) -> String {
        to_hex(&hex.0)
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    crate::protocol::hexadecimal(bytes)
}

/// Bytes from hexadecimal in small letters: one text for the same bytes.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect())?
}

/// A hash from hexadecimal.
#[must_use]
pub(super) fn hash_from_hex(text: &str) -> Option<[u8; 32]> {
    from_hex(text)?.try_into().ok()
}

impl Frames {
    /// The same with one more at the end.
    #[must_use]
    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Frames {
        self.push(name, content);
        self
    }

    /// Puts one at the end.
    pub fn push(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.0.push((name.to_owned(), Content::from(content.into())));
    }

    /// The contents of a name, in order.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f [u8]> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, content)| content.bytes())
    }

    /// The first content of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, content)| content.bytes())
    }

    /// The first content of a name, where it is a text; empty where it is none, or is not there.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(|content| std::str::from_utf8(content).ok()).unwrap_or_default()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, content)| (name.as_str(), content.bytes()))
    }

    /// As they are stored, and hashed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, content) in self.iter() {
            // INVARIANT: names are those of this program, or came out of such frames.
            out.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&(content.len() as u64).to_be_bytes());
            out.extend_from_slice(content);
        }
        out
    }

    /// Reads them back; none where the bytes are no frames.
    #[must_use]
    pub fn read(mut bytes: &[u8]) -> Option<Frames> {
        fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
            let (taken, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Some(taken)
        }
        let mut frames = Frames::default();
        while !bytes.is_empty() {
            let length = u16::from_be_bytes(take(&mut bytes, 2)?.try_into().ok()?);
            let name = std::str::from_utf8(take(&mut bytes, usize::from(length))?).ok()?;
            let length = u64::from_be_bytes(take(&mut bytes, 8)?.try_into().ok()?);
            let content = take(&mut bytes, usize::try_from(length).ok()?)?;
            frames.push(name, content);
        }
        Some(frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were() {
        let frames = Frames::default().with("a", "").with("a", "é").with("", vec![0xff, 0]).with("b", "x");
        assert_eq!(Frames::read(&frames.bytes()), Some(frames.clone()));
        assert_eq!(frames.all("a").count(), 2);
        let json = serde_json::to_string(&frames).expect("JSON");
        assert_eq!(json, r#"[["a",{"text":""}],["a",{"text":"é"}],["",{"hex":"ff00"}],["b",{"text":"x"}]]"#);
        assert_eq!(serde_json::from_str::<Frames>(&json).expect("frames"), frames);
    }

    #[test]
    fn what_is_no_list_of_frames_is_refused() {
        let bytes = Frames::default().with("name", "content").bytes();
        for length in 1..bytes.len() {
            assert_eq!(Frames::read(&bytes[..length]), None, "{length}");
        }
        assert_eq!(Frames::read(b"\x00\x01a\xff\xff\xff\xff\xff\xff\xff\xffx"), None);
    }

    #[test]
    fn what_moves_from_one_frame_to_the_next_changes_the_bytes() {
        let of = |a: &str, b: &str| Frames::default().with("record", a).with("answer", b).bytes();
        assert_ne!(of("ab", "c"), of("a", "bc"));
    }

    #[test]
    fn hexadecimal_is_written_in_one_way() {
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        assert_eq!([from_hex("0"), from_hex("FF"), from_hex("0g")], [None, None, None]);
    }
}
