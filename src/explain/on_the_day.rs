//! Why the day on which all that holds back today is over is no first permitted day, as a doubt of the answer.

use crate::date::Date;
use crate::decide::on_the_day::{Barred, ByThen};
use crate::diagnostic::{Diagnostic, codes};
use crate::english::list;
use crate::protocol::Protocol;
use crate::protocol::labels::label_or_id;
use crate::speech::tell;

/// What is said of such a day.
pub(super) fn told(protocol: &Protocol, day: Date, barred: &Barred) -> Diagnostic {
    let speech = protocol.speech();
    let day = speech.date(day);
    let (message, help) = match barred {
        Barred::NotInForce(until) => {
            let phrase =
                "what holds back today is over by {}, but this version of the protocol is in force until {} only";
            (tell!(speech, phrase, day, speech.date(*until)), "ask again with the version that is in force then")
        }
        Barred::ByThen(ByThen { status, not_before, rules, settings, course, .. }) => {
            let rules = rules.iter().map(|at| &protocol.rules[*at]);
            let mut names: Vec<String> = rules.map(|rule| label_or_id(rule.label.as_deref(), &rule.id)).collect();
            let settings = settings.iter().map(|at| &protocol.settings[*at]);
            names.extend(settings.map(|setting| tell!(speech, "`{}` without a value", setting.id)));
            names.extend(course.map(|at| &protocol.courses[at]).map(|one| label_or_id(one.label.as_deref(), &one.id)));
            let (status, names) = (speech.word(status.word()), list(&names, speech.and));
            let message = match not_before {
                Some(later) => {
                    let phrase =
                        "what holds back today is over by {}, but the answer will then be {}, not before {}: {}";
                    tell!(speech, phrase, day, status, speech.date(*later), names)
                }
                None => tell!(
                    speech,
                    "what holds back today is over by {}, but the answer will then be {}: {}",
                    day,
                    status,
                    names
                ),
            };
            (message, "`regimen when` looks for the first day on which the patient may be treated")
        }
    };
    Diagnostic::new(&codes::BARRED_BY_THEN, message).help(speech.word(help))
}
