//! What a handout says of its own: headings, dates, lengths of time. A language is one value here.

use crate::date::{Date, DateRange};
pub(super) use crate::speech::fill;
use crate::speech::{self, Speech};

/// The words of a language. `{}` stands for what is put in, in order.
#[derive(Debug)]
pub(super) struct Words {
    /// Its words for values.
    speech: &'static Speech,
    days: [&'static str; 7],
    /// Weekday, day, month, year.
    date: fn(&str, i8, &str, i16) -> String,
    short: fn(i8, &str, i16) -> String,
    pub(super) patient: &'static str,
    pub(super) born: &'static str,
    pub(super) as_of: &'static str,
    pub(super) draft: &'static str,
    pub(super) to_be_confirmed: &'static str,
    pub(super) to_confirm: &'static str,
    pub(super) confirm_why: &'static str,
    pub(super) today: &'static str,
    pub(super) today_session: &'static str,
    pub(super) late: &'static str,
    pub(super) session: &'static str,
    pub(super) session_of: &'static str,
    pub(super) further: &'static str,
    pub(super) not_today: &'static str,
    pub(super) given_today: &'static str,
    pub(super) given_again: &'static str,
    pub(super) not_before: &'static str,
    pub(super) no_sooner: &'static str,
    pub(super) wait: &'static str,
    pub(super) cannot_say: &'static str,
    pub(super) refer: &'static str,
    pub(super) not_for_you: &'static str,
    pub(super) not_for_now: &'static str,
    pub(super) not_right: &'static str,
    pub(super) stopped: &'static str,
    pub(super) complete: &'static str,
    pub(super) why: &'static str,
    pub(super) until: &'static str,
    pub(super) not_before_short: &'static str,
    pub(super) look_again: &'static str,
    pub(super) too_young: &'static str,
    pub(super) wrong_season: &'static str,
    pub(super) all_given: &'static str,
    pub(super) none_recommended: &'static str,
    pub(super) to_clear_up: &'static str,
    pub(super) and_more: &'static str,
    pub(super) we_check: &'static str,
    pub(super) when_to_come: &'static str,
    pub(super) come_on: &'static str,
    pub(super) come_booked: &'static str,
    pub(super) come_after: &'static str,
    pub(super) come_asked: &'static str,
    pub(super) come_answers: &'static str,
    pub(super) plan: &'static str,
    pub(super) plan_lead: &'static str,
    pub(super) prepare_anew: &'static str,
    pub(super) best: &'static str,
    pub(super) from_to: &'static str,
    pub(super) from_on: &'static str,
    pub(super) any_day: &'static str,
    pub(super) preparation: &'static str,
    pub(super) prepare: &'static str,
    pub(super) preparation_lead: &'static str,
    pub(super) past: &'static str,
    pub(super) past_lead: &'static str,
    pub(super) not_kept: &'static str,
    pub(super) past_mark: &'static str,
    pub(super) the_day: &'static str,
    pub(super) after_care: &'static str,
    pub(super) after_last: &'static str,
    pub(super) after_earlier: &'static str,
    pub(super) already: &'static str,
    pub(super) on: &'static str,
    pub(super) for_until: &'static str,
    pub(super) from_for_until: &'static str,
    pub(super) until_day: &'static str,
    pub(super) from_until: &'static str,
    pub(super) after_session: &'static str,
    pub(super) if_it_applies: &'static str,
    pub(super) red_flags: &'static str,
    pub(super) within: &'static str,
    pub(super) whom_to_call: &'static str,
    pub(super) emergency: &'static str,
    pub(super) no_details: &'static str,
    pub(super) timeline: &'static str,
    pub(super) after_care_ends: &'static str,
    pub(super) first_day: &'static str,
    pub(super) appointment: &'static str,
    pub(super) check_list: &'static str,
    pub(super) clinic_only: &'static str,
    pub(super) to_do: &'static str,
    pub(super) settings: &'static str,
    pub(super) with_care: &'static str,
    pub(super) doubts: &'static str,
    pub(super) nothing_to_do: &'static str,
    pub(super) ask_again: &'static str,
}

pub(super) static ENGLISH: Words = Words {
    speech: &speech::ENGLISH,
    days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    date: |weekday, day, month, year| format!("{weekday}, {day} {month} {year}"),
    short: |day, month, year| format!("{day} {month} {year:02}"),
    patient: "Patient",
    born: "born",
    as_of: "As of",
    draft: "Draft: not for patients.",
    to_be_confirmed: "to be confirmed on that day",
    to_confirm: "to be confirmed",
    confirm_why: "On a day that is to be confirmed we first ask some questions again. What has changed by then may change the day.",
    today: "It can go ahead today.",
    today_session: "It can go ahead today: {}.",
    late: "It is later than planned.",
    session: "session {}",
    session_of: "session {} of {}",
    further: "a further session",
    not_today: "Not today.",
    given_today: "Today’s session has been given. The next one is not due yet.",
    given_again: "The session of {} does not count. Ask us why.",
    not_before: "The first possible day is {}.",
    no_sooner: "It will not be before {}, and it may be later.",
    wait: "It has to wait for what is said below.",
    cannot_say: "We cannot say yet whether it can go ahead. Some answers are missing.",
    refer: "Not yet. This has to be decided first by: {}.",
    not_for_you: "This treatment is not for you.",
    not_for_now: "This treatment is not for you at present.",
    not_right: "This is not the right treatment for you.",
    stopped: "The treatment ends here.",
    complete: "The course is complete. No further session is planned.",
    why: "Why",
    until: "Until: {}.",
    not_before_short: "Not before {}.",
    look_again: "We look at it again from {}.",
    too_young: "You are too young for the next session.",
    wrong_season: "The next session has its season, which has not begun.",
    all_given: "All planned sessions have been given.",
    none_recommended: "No further session is recommended now.",
    to_clear_up: "What we still need from you",
    and_more: "And {} more questions, which we will ask you.",
    we_check: "We have things to check too: {}.",
    when_to_come: "When to come",
    come_on: "Come on {} or later.",
    come_booked: "Your appointment: {}.",
    come_asked: "Call us: we can tell you the day once the answers that are still missing are there.",
    come_after: "Come when what is said above is over. If you do not know when that is, call us.",
    come_answers: "Call us, or come, as soon as you have the answers.",
    plan: "The plan",
    plan_lead: "These days hold if each session takes place on its best day.",
    prepare_anew: "Before each of them the preparation begins anew. Ask us for its days.",
    best: "best on {}",
    from_to: "from {} to {}",
    from_on: "from {} on",
    any_day: "the day is still open",
    preparation: "How to prepare",
    prepare: "prepare",
    preparation_lead: "The days count from {}.",
    past: "Before today",
    past_lead: "These days are over.",
    not_kept: "Tell us before we begin if you could not keep to one of them.",
    past_mark: "past",
    the_day: "On the day",
    after_care: "Afterwards",
    after_last: "After your last session",
    after_earlier: "After an earlier session",
    already: "has begun",
    on: "on {}",
    for_until: "for {}, until {}",
    from_for_until: "from {} for {}, until {}",
    until_day: "until {}",
    from_until: "from {} until {}",
    after_session: "{} ({} after the session)",
    if_it_applies: "Ask us whether this applies to you.",
    red_flags: "Warning signs",
    within: "within {}",
    whom_to_call: "Whom to call",
    emergency: "Emergency number",
    no_details: "The clinic’s phone number, its hours and the emergency number are missing here. Ask for them before you leave, and write them down:",
    timeline: "Timeline",
    after_care_ends: "care ends",
    first_day: "first day",
    appointment: "appointment",
    check_list: "Check-list for the clinic",
    clinic_only: "For the clinic. Not for the patient.",
    to_do: "To do",
    settings: "Settings",
    with_care: "With care",
    doubts: "Doubts about the record",
    nothing_to_do: "Nothing to do: the protocol gives the clinic no task for this answer.",
    ask_again: "To ask again on a later day",
};

pub(super) static GERMAN: Words = Words {
    speech: &speech::GERMAN,
    days: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    date: |weekday, day, month, year| format!("{weekday}, {day}. {month} {year}"),
    short: |day, month, year| format!("{day}. {month} {year:02}"),
    patient: "Patient/in",
    born: "geboren",
    as_of: "Stand",
    draft: "Entwurf: nicht für Patienten.",
    to_be_confirmed: "an diesem Tag noch zu bestätigen",
    to_confirm: "zu bestätigen",
    confirm_why: "An einem Tag, der noch zu bestätigen ist, stellen wir zuerst einige Fragen erneut. Was sich bis dahin ändert, kann den Tag ändern.",
    today: "Es kann heute stattfinden.",
    today_session: "Es kann heute stattfinden: {}.",
    late: "Es ist später als geplant.",
    session: "Sitzung {}",
    session_of: "Sitzung {} von {}",
    further: "eine weitere Sitzung",
    not_today: "Nicht heute.",
    given_today: "Die heutige Sitzung hat stattgefunden. Die nächste steht noch nicht an.",
    given_again: "Diese Sitzung zählt nicht: {}. Fragen Sie uns, warum.",
    not_before: "Der erste mögliche Tag: {}.",
    no_sooner: "Nicht vor diesem Tag, vielleicht auch später: {}.",
    wait: "Es muss warten, bis vorbei ist, was unten steht.",
    cannot_say: "Wir können noch nicht sagen, ob es stattfinden kann. Es fehlen Antworten.",
    refer: "Noch nicht. Zuerst entscheidet: {}.",
    not_for_you: "Diese Behandlung ist nichts für Sie.",
    not_for_now: "Diese Behandlung ist zurzeit nichts für Sie.",
    not_right: "Das ist nicht die richtige Behandlung für Sie.",
    stopped: "Die Behandlung endet hier.",
    complete: "Die Behandlungsserie ist abgeschlossen. Es ist keine weitere Sitzung geplant.",
    why: "Warum",
    until: "Bis: {}.",
    not_before_short: "Nicht vor diesem Tag: {}.",
    look_again: "Wir sehen es uns ab diesem Tag wieder an: {}.",
    too_young: "Für die nächste Sitzung sind Sie noch zu jung.",
    wrong_season: "Die nächste Sitzung hat ihre Jahreszeit, und die hat noch nicht begonnen.",
    all_given: "Alle geplanten Sitzungen haben stattgefunden.",
    none_recommended: "Zurzeit wird keine weitere Sitzung empfohlen.",
    to_clear_up: "Was wir noch von Ihnen brauchen",
    and_more: "Und {} weitere Fragen, die wir Ihnen stellen.",
    we_check: "Auch wir haben noch etwas zu prüfen: {}.",
    when_to_come: "Wann Sie kommen",
    come_on: "Kommen Sie an diesem Tag oder später: {}.",
    come_booked: "Ihr Termin: {}.",
    come_asked: "Rufen Sie uns an: Den Tag können wir nennen, sobald die fehlenden Antworten da sind.",
    come_after: "Kommen Sie, wenn vorbei ist, was oben steht. Wissen Sie nicht, wann das ist, rufen Sie uns an.",
    come_answers: "Rufen Sie an oder kommen Sie, sobald Sie die Antworten haben.",
    plan: "Der Plan",
    plan_lead: "Diese Tage gelten, wenn jede Sitzung an ihrem besten Tag stattfindet.",
    prepare_anew: "Vor jeder beginnt die Vorbereitung neu. Fragen Sie uns nach ihren Tagen.",
    best: "am besten {}",
    from_to: "von {} bis {}",
    from_on: "ab {}",
    any_day: "der Tag ist noch offen",
    preparation: "So bereiten Sie sich vor",
    prepare: "vorbereiten",
    preparation_lead: "Die Tage zählen ab: {}.",
    past: "Vor dem heutigen Tag",
    past_lead: "Diese Tage sind vorbei.",
    not_kept: "Sagen Sie uns, bevor wir beginnen, wenn Sie etwas davon nicht einhalten konnten.",
    past_mark: "vorbei",
    the_day: "Am Tag selbst",
    after_care: "Danach",
    after_last: "Nach Ihrer letzten Sitzung",
    after_earlier: "Nach einer früheren Sitzung",
    already: "hat begonnen",
    on: "am {}",
    for_until: "{} lang, bis {}",
    from_for_until: "ab {} {} lang, bis {}",
    until_day: "bis {}",
    from_until: "von {} bis {}",
    after_session: "{} ({} nach der Sitzung)",
    if_it_applies: "Fragen Sie uns, ob das für Sie gilt.",
    red_flags: "Warnzeichen",
    within: "innerhalb von {}",
    whom_to_call: "Wen Sie anrufen",
    emergency: "Notruf",
    no_details: "Telefonnummer und Zeiten der Klinik und die Notrufnummer fehlen hier. Fragen Sie danach, bevor Sie gehen, und schreiben Sie sie auf:",
    timeline: "Zeitleiste",
    after_care_ends: "Pflege endet",
    first_day: "erster Tag",
    appointment: "Termin",
    check_list: "Checkliste für die Klinik",
    clinic_only: "Für die Klinik. Nicht für die Patientin oder den Patienten.",
    to_do: "Zu tun",
    settings: "Einstellungen",
    with_care: "Mit Vorsicht",
    doubts: "Zweifel an der Akte",
    nothing_to_do: "Nichts zu tun: Das Protokoll gibt der Klinik bei dieser Antwort keine Aufgabe.",
    ask_again: "An einem späteren Tag erneut zu fragen",
};

impl Words {
    /// The words of a language, or the English ones.
    pub(super) fn of(language: &str) -> &'static Words {
        if Speech::of(language).code == GERMAN.code() { &GERMAN } else { &ENGLISH }
    }

    /// The language, as `de`.
    pub(super) fn code(&self) -> &'static str {
        self.speech.code
    }

    /// `Monday, 2 March 2026`
    pub(super) fn date(&self, date: Date) -> String {
        let (weekday, day, month) = date.in_week();
        let name = usize::try_from(weekday - 1).ok().and_then(|at| self.days.get(at).copied()).unwrap_or_default();
        (self.date)(name, day, self.speech.month(month), date.year())
    }

    /// A day, a month or a year, as a record has it: `March 2026`
    pub(super) fn date_text(&self, date: &str) -> String {
        date.parse::<DateRange>().map_or_else(|_| date.to_owned(), |range| range.in_words(self.speech))
    }

    /// `2 Mar 26`
    pub(super) fn short_date(&self, date: Date) -> String {
        let (_, day, month) = date.in_week();
        let short: String = self.speech.month(month).chars().take(3).collect();
        (self.short)(day, &short, date.year().rem_euclid(100))
    }

    /// `5 days`, as a protocol has it.
    pub(super) fn written(&self, length: &str) -> String {
        self.speech.written(length)
    }

    /// `4 weeks`; none of what is shorter than two, or of no whole number of them.
    pub(super) fn weeks(&self, days: i32) -> Option<String> {
        (days >= 14 && days % 7 == 0).then(|| self.speech.length(&(days / 7).to_string(), "week"))
    }

    /// `session 2 of 4`
    pub(super) fn numbered(&self, number: u32, planned: Option<u32>) -> String {
        match planned.filter(|planned| number <= *planned) {
            Some(planned) => fill(self.session_of, &[&number.to_string(), &planned.to_string()]),
            None => fill(self.session, &[&number.to_string()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_lengths_read_as_people_write_them() {
        let date: Date = "2026-03-02".parse().expect("a day");
        assert_eq!(ENGLISH.date(date), "Monday, 2 March 2026");
        assert_eq!(GERMAN.date(date), "Montag, 2. März 2026");
        assert_eq!((ENGLISH.weeks(1), ENGLISH.weeks(28), ENGLISH.weeks(30)), (None, Some("4 weeks".into()), None));
        assert_eq!(fill("from {} to {}", &["a {}", "b"]), "from a {} to b");
    }
}
