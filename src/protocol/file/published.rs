//! The index of a protocol's published versions, as it is written.

use super::Text;
use crate::document::Entries;
use schemars::JsonSchema;
use serde::Deserialize;

format! {
    /// The published versions of a protocol: `published/index.toml` beside it. `regimen publish` adds to it.
    "published versions" requires ["published"]
    struct IndexFile {
        /// The versions, in the order in which they were published.
        pub published: Vec<PublishedVersion>,
    }
}

format! {
    /// A version that never changes again.
    "published version" requires ["version", "from", "on", "by", "files", "passed"]
    struct PublishedVersion {
        /// The version; its texts are in the folder of that name beside the index.
        pub version: Text,
        /// The first day on which it is in force. It is so until the next version is.
        #[schemars(extend("format" = "date"))]
        pub from: Text,
        /// The last day on which it is in force, where it is ended before the next version begins. This line is written by hand.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub until: Option<Text>,
        /// The day on which it was published.
        #[schemars(extend("format" = "date"))]
        pub on: Text,
        /// Who published it.
        pub by: Text,
        /// Why.
        pub why: Option<String>,
        /// The SHA-256 of each of its texts, by the name of the file.
        pub files: Entries<Text>,
        /// What it had passed when it was published.
        pub passed: Passed,
        /// The SHA-256 of what this entry says, but for `until`. Without it, the entry was written by an earlier version of the program, and only
        /// the texts are bound.
        pub entry_sha256: Option<String>,
    }
}

impl PublishedVersion {
    /// The SHA-256 of what the entry says, however it is laid out: each part with its name and its length. Only `until` is written by hand.
    pub(crate) fn sha256(&self) -> String {
        let Passed {
            engine,
            cases,
            cases_sha256,
            outcomes,
            covered,
            mutants,
            killed,
            survived,
            equivalent,
            undecided,
            survivors_accepted,
            proved,
        } = &self.passed;
        let mut parts: Vec<(&str, String)> = vec![
            ("version", self.version.value.clone()),
            ("from", self.from.value.clone()),
            ("on", self.on.value.clone()),
            ("by", self.by.value.clone()),
        ];
        parts.extend(self.why.iter().map(|why| ("why", why.clone())));
        for (name, sha256) in self.files.iter() {
            parts.push(("file", name.value.clone()));
            parts.push(("sha256", sha256.value.to_ascii_lowercase()));
        }
        parts.extend([("engine", engine.clone()), ("cases_sha256", cases_sha256.clone())]);
        let counts = [
            ("cases", cases),
            ("outcomes", outcomes),
            ("covered", covered),
            ("mutants", mutants),
            ("killed", killed),
            ("survived", survived),
            ("equivalent", equivalent),
            ("undecided", undecided),
            ("proved", proved),
        ];
        parts.extend(counts.map(|(name, count)| (name, count.to_string())));
        parts.extend(survivors_accepted.iter().map(|why| ("survivors_accepted", why.clone())));
        let whole: String = parts.iter().map(|(name, said)| std::format!("{name} {} {said}\n", said.len())).collect();
        crate::protocol::sha256(&whole)
    }
}

format! {
    /// What a version had passed when it was published.
    "passed" requires ["engine", "cases", "cases_sha256", "outcomes", "covered", "mutants", "killed", "survived", "equivalent", "undecided"]
    struct Passed {
        /// The version of the engine.
        pub engine: String,
        /// How many cases it answered as expected.
        pub cases: i64,
        /// The SHA-256 of the list of these cases and their SHA-256.
        pub cases_sha256: String,
        /// How many outcomes there were to try (`regimen test --coverage`).
        pub outcomes: i64,
        /// How many of them some case produced.
        pub covered: i64,
        /// In how many ways it was changed (`regimen test --mutate`).
        pub mutants: i64,
        /// How many of these changes some case noticed.
        pub killed: i64,
        /// How many no case noticed, though a patient was found who would have.
        pub survived: i64,
        /// How many were proven to change nothing.
        pub equivalent: i64,
        /// Of how many neither was shown.
        pub undecided: i64,
        /// Why the survivors were accepted, where there were any.
        pub survivors_accepted: Option<String>,
        /// How many of its properties were proved (`regimen prove`).
        pub proved: i64,
    }
}
