//! Names in a record that the clinic does not know: misspelt ones are mistakes, all others are doubts.

use crate::diagnostic::{Code, Diagnostic, codes};
use crate::protocol::KnownNames;
use crate::protocol::names::Standing;
use crate::speech::{ENGLISH, Speech, tell};

/// What a name in a record is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Fact,
    Treatment,
    Product,
}

impl Named {
    /// Whether a code tells of a name that the clinic does not know. Another clinic that is asked in the same run may know it.
    pub(crate) fn is_told_by(code: &Code) -> bool {
        Self::of_code(code).is_some()
    }

    /// Whether a code tells of something in a session.
    pub(crate) fn is_of_session(code: &Code) -> bool {
        matches!(Self::of_code(code), Some(Named::Treatment | Named::Product))
    }

    fn of_code(code: &Code) -> Option<Named> {
        [Named::Fact, Named::Treatment, Named::Product].into_iter().find(|what| {
            let (unknown, misspelt) = what.codes();
            *code == *unknown || *code == *misspelt
        })
    }

    fn codes(self) -> (&'static Code, &'static Code) {
        match self {
            Named::Fact => (&codes::UNKNOWN_FACT, &codes::MISSPELT_FACT),
            Named::Treatment => (&codes::UNDECLARED_TREATMENT, &codes::UNKNOWN_TREATMENT),
            Named::Product => (&codes::UNLISTED_PRODUCT, &codes::MISSPELT_PRODUCT),
        }
    }

    /// How a name stands to those of the clinic.
    pub(crate) fn standing<'n>(self, names: &'n KnownNames, name: &str) -> Standing<'n> {
        match self {
            Named::Fact => names.fact(name),
            Named::Treatment => names.treatment(name),
            Named::Product => names.product(name),
        }
    }

    /// Whether the product of a session is looked at: not where its treatment is nothing to anybody here.
    pub(crate) fn product_matters(names: &KnownNames, treatment: &str) -> bool {
        !names.is_ignored_treatment(treatment)
    }

    /// What is said of a name, without its place; nothing of one that the clinic knows.
    pub(crate) fn strange(self, names: &KnownNames, name: &str, speech: &Speech) -> Option<Diagnostic> {
        let message = match self {
            Named::Fact => "no protocol asks for `{}`",
            Named::Treatment => "no protocol names the treatment `{}`",
            Named::Product => "no protocol names the product `{}`",
        };
        let (unknown, misspelt) = self.codes();
        let declare = match self {
            Named::Fact => "declare it in facts.toml, or under `[ignored]` there if nobody here uses it",
            Named::Treatment => {
                "declare it under `[treatments]` in facts.toml, or under `[ignored]` if nobody here uses it"
            }
            Named::Product => "list it in the protocol that uses it, or under `[ignored]` in facts.toml if nobody does",
        };
        match self.standing(names, name) {
            Standing::Known => None,
            Standing::Nearly(close) => {
                let close = close.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
                let message = tell!(ENGLISH, message, name);
                let diagnostic = Diagnostic::new(misspelt, message).help(format!("did you mean {close}?"));
                Some(diagnostic.help(format!("if it is something else, {declare}")))
            }
            Standing::Unknown => {
                let diagnostic = Diagnostic::new(unknown, tell!(speech, message, name));
                let help = match self {
                    Named::Fact => "it is not used; {}",
                    Named::Treatment => "its sessions are not counted, and no interval is kept from them; {}",
                    Named::Product if names.is_group(name) => "it is a group of products: note which of them was used",
                    Named::Product => "it is treated as a product that is on no list; {}",
                };
                Some(diagnostic.help(tell!(speech, help, speech.word(declare))))
            }
        }
    }
}
