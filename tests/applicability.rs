//! Which answers count: questions that make no sense, answers that contradict each other, and answers that cannot be what they say.

use regimen::render::{self, TextStyle};
use regimen::trace::Outcome;
use regimen::{
    Clinic, Decider, Depth, LineReader, Notation, Protocol, Recommendation, Record, Request, Slots, Status, Vocabulary,
};

const HEAD: &str = include_str!("fixtures/head.toml");

const FACTS: &str = concat!(
    "\n",
    include_str!("fixtures/chemotherapy.toml"),
    r#"
[facts.smoker]
type = "bool"
ask = "Do you smoke?"
of = "patient"
valid_for = "forever"

[facts.packs]
type = "integer"
range = [0, 9]
ask = "How many packs?"
of = "patient"
valid_for = "forever"
asked_when = 'smoker'
otherwise = 0

[facts.filters]
type = "text"
ask = "Which filters?"
of = "patient"
valid_for = "forever"
asked_when = 'packs > 2'
otherwise = "no filter"
"#
);

const RULES: &str = r#"
[[deferral]]
id = "recent"
not_before = 'ended + days(90)'
reason = "x"
sources = ["clinic"]

[[contraindication]]
id = "heavy"
when = 'packs > 4'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
"#;

const TODAY: &str = "2026-03-02";

fn load(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

fn protocol() -> Protocol {
    load(&format!("{HEAD}{FACTS}{RULES}"))
}

fn record(protocol: &Protocol, facts: &str) -> Record {
    let text = format!("{{\"patient\":\"P\",\"recorded\":\"2026-03-01\",\"facts\":{{{facts}}},\"sessions\":[]}}");
    let read = Record::from_text("record.json", &text, Notation::Json, &protocol.dictionary);
    read.unwrap_or_else(|found| panic!("{found}")).0
}

/// The answer; the fast way must decide the same.
fn ask(protocol: &Protocol, facts: &str) -> Recommendation {
    let request = Request::new(TODAY.parse().expect("a day")).explain(Depth::Full);
    let record = record(protocol, facts);
    let answer = protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
    let prepared = protocol.prepare(&request).expect("in force");
    let vocabulary = Vocabulary::new([protocol]);
    let mut decider = Decider::new(&prepared, &vocabulary);
    // What was known of somebody else must not linger.
    for other in ["", "\"chemo\":\"none\",\"ended\":\"2026-02-01\",\"smoker\":true,\"packs\":9,\"filters\":\"x\""] {
        let other = self::record(protocol, other);
        decider.decide(&Slots::of(&other, &vocabulary, request_day()));
        let decision = decider.decide(&Slots::of(&record, &vocabulary, request_day()));
        assert_eq!(decision.status, answer.status, "{facts}");
        assert_eq!(decision.could_become.iter().collect::<Vec<_>>(), answer.could_become, "{facts}");
        assert_eq!(decision.not_before, answer.not_before, "{facts}");
        assert_eq!(decider.found_contradictions(), !answer.doubts.is_empty(), "{facts}");
    }
    answer
}

fn request_day() -> regimen::Date {
    TODAY.parse().expect("a day")
}

fn questions(answer: &Recommendation) -> Vec<&str> {
    answer.questions.iter().map(|question| question.fact.as_str()).collect()
}

#[test]
fn what_makes_no_sense_is_not_asked_and_is_what_the_dictionary_says() {
    let protocol = protocol();
    let answer = ask(&protocol, r#""chemo":"none","smoker":false"#);
    assert_eq!((answer.status, questions(&answer)), (Status::Due, vec![]));
    // Somebody else has to be asked all of it.
    let answer = ask(&protocol, r#""chemo":"past","smoker":true"#);
    assert_eq!((answer.status, questions(&answer)), (Status::Undetermined, vec!["packs", "ended"]));
    let answer = ask(&protocol, r#""chemo":"past","ended":"2026-01-01","smoker":true,"packs":5"#);
    assert_eq!(answer.status, Status::Contraindicated);
    let answer = ask(&protocol, r#""chemo":"past","ended":"2026-01-01","smoker":true,"packs":4"#);
    assert_eq!(answer.not_before.map(|day| day.to_string()).as_deref(), Some("2026-04-01"));
}

#[test]
fn the_outer_fact_is_asked_though_no_rule_reads_it() {
    let protocol = protocol();
    for facts in ["", r#""ended":"2025-01-01","packs":1"#] {
        let answer = ask(&protocol, facts);
        assert_eq!((answer.status, questions(&answer)), (Status::Undetermined, vec!["smoker", "chemo"]), "{facts}");
        let decides: Vec<&[String]> = answer.questions.iter().map(|question| &question.decides[..]).collect();
        assert_eq!(decides, [["packs"], ["ended"]]);
    }
    // An answer that is not known to apply is not used, in either direction.
    assert_eq!(ask(&protocol, r#""chemo":"none","packs":9"#).status, Status::Undetermined);
}

#[test]
fn the_trace_says_why_a_fact_is_not_applicable() {
    let answer = ask(&protocol(), r#""chemo":"none","smoker":false"#);
    let text = render::text(&answer, TextStyle::default());
    assert!(text.contains("(not applicable, because `chemo` is none)"), "{text}");
    let node = answer.trace.nodes.iter().find(|node| node.text.as_deref() == Some("packs")).expect("a step");
    assert_eq!(node.outcome, Outcome::Value("0".into()));
}

#[test]
fn an_answer_that_does_not_apply_contradicts_what_says_so() {
    let protocol = protocol();
    let facts = r#""chemo":"none","ended":"2026-02-01","smoker":false"#;
    let answer = ask(&protocol, facts);
    assert_eq!((answer.status, questions(&answer)), (Status::Undetermined, vec!["chemo", "ended"]));
    let doubts: Vec<(&str, &str)> = answer.doubts.iter().map(|one| (one.code.as_ref(), one.message.as_str())).collect();
    assert_eq!(doubts, [("R419", "`ended` is 2026-02-01, but it does not apply where `chemo` is none")]);
    for text in [render::text(&answer, TextStyle::default()), render::markdown(&answer)] {
        assert!(text.contains("does not apply where"), "{text}");
    }
    // The same value is no contradiction, nor is an answer that is marked.
    assert_eq!(ask(&protocol, r#""chemo":"none","ended":"never","smoker":false"#).doubts, []);
    let marked = r#""chemo":"none","ended":{"value":"2026-02-01","no_longer_applies":true},"smoker":false"#;
    let answer = ask(&protocol, marked);
    assert_eq!((answer.status, answer.doubts.len()), (Status::Due, 0));
    // Where the question makes sense, what is marked is asked again.
    let answer = ask(&protocol, &marked.replace("none", "past"));
    assert_eq!((answer.status, questions(&answer)), (Status::Undetermined, vec!["ended"]));
}

#[test]
fn what_is_concluded_from_a_doubtful_answer_is_doubtful_too() {
    let protocol = load(&format!(
        "{HEAD}{FACTS}{RULES}{}",
        RULES.replace("packs > 4", "filters == \"no filter\"").replace("id = \"", "id = \"b-")
    ));
    // Nobody smokes and somebody names filters: packs is concluded from smoker, so smoker is asked, and packs is not.
    let answer = ask(&protocol, r#""chemo":"none","smoker":false,"filters":"menthol""#);
    assert_eq!(answer.doubts.len(), 1);
    assert_eq!((answer.status, questions(&answer)), (Status::Undetermined, vec!["smoker", "filters"]));
    let answer = ask(&protocol, r#""chemo":"none","smoker":false"#);
    assert_eq!(answer.reasons.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b-heavy"]);
}

#[test]
fn contradictions_are_judged_together_and_in_no_order() {
    let one = "[[contradiction]]\nwhen = 'chemo == \"past\" && ended == never'\nsay = \"It has ended on some day.\"\n";
    let other = "[[contradiction]]\nwhen = 'smoker && chemo == \"past\"'\nsay = \"Nobody smokes after it.\"\n";
    let facts = r#""chemo":"past","ended":"never","smoker":true,"packs":1"#;
    let answers = [format!("{one}{other}"), format!("{other}{one}")].map(|contradictions| {
        let protocol = load(&format!("{HEAD}{FACTS}{RULES}{contradictions}"));
        assert_eq!(ask(&protocol, r#""chemo":"past","ended":"2025-01-01","smoker":false"#).status, Status::Due);
        ask(&protocol, facts)
    });
    for answer in &answers {
        assert_eq!((answer.status, questions(answer)), (Status::Undetermined, vec!["chemo", "ended", "smoker"]));
        let mut said: Vec<&str> = answer.doubts.iter().map(|one| one.message.as_str()).collect();
        said.sort_unstable();
        assert_eq!(
            said,
            [
                "It has ended on some day: `chemo` is past and `ended` is never",
                "Nobody smokes after it: `smoker` is yes and `chemo` is past"
            ]
        );
    }
}

/// The codes and messages of what is wrong with a dictionary.
fn wrong(facts: &str) -> Vec<String> {
    let Err(found) = Clinic::from_text("trial.toml", &format!("{HEAD}{facts}")) else { return Vec::new() };
    found.iter().map(|one| format!("{} {}", one.code.id, one.message)).collect()
}

#[test]
fn mistakes_are_told_when_the_file_is_loaded() {
    let fact = |name: &str, rest: &str| {
        format!("[facts.{name}]\nask = \"x\"\nof = \"patient\"\nvalid_for = \"visit\"\n{rest}\n")
    };
    let a = fact("a", "type = \"bool\"");
    let b = |rest: &str| format!("{a}{}", fact("b", &format!("type = \"integer\"\nrange = [0, 5]\n{rest}")));
    assert_eq!(wrong(&b("asked_when = 'a'\notherwise = 3")), Vec::<String>::new());
    assert_eq!(wrong(&b("asked_when = 'a'")), ["R104 `b` has `asked_when` and no `otherwise`"]);
    assert_eq!(wrong(&b("asked_when = 'a'\notherwise = 7")), ["R110 `b` is 7, but it must be 0 to 5"]);
    assert_eq!(
        wrong(&b("asked_when = 'a'\notherwise = \"no\"")),
        ["R105 `b` should be a whole number, but this is a text"]
    );
    assert_eq!(
        wrong(&b("otherwise = 3")),
        ["R111 `otherwise` says what `b` is where it is not asked, but it always is"]
    );
    assert_eq!(wrong(&b("asked_when = 'today < never'\notherwise = 3")), ["R109 this condition names no fact"]);
    assert_eq!(
        wrong(&b("asked_when = 'a ?? true'\notherwise = 3")),
        ["R307 `??` cannot be used here: the condition is about answers alone"]
    );
    assert_eq!(
        wrong(&b("asked_when = 'sessions.len() > 0 && a'\notherwise = 3")),
        ["R307 sessions cannot be used here: the condition is about answers alone"]
    );
    assert_eq!(wrong(&b("asked_when = 'c'\notherwise = 3"))[0], "R202 there is no fact, parameter or definition `c`");
    assert_eq!(
        wrong(&b("asked_when = 'b > 1'\notherwise = 3")),
        ["R204 whether `b` is asked depends on its own answer: `b` → `b`"]
    );
    let circle = format!(
        "{}{}",
        fact("a", "type = \"bool\"\nasked_when = 'b > 1'\notherwise = false"),
        fact("b", "type = \"integer\"\nasked_when = 'a'\notherwise = 0")
    );
    assert_eq!(wrong(&circle).len(), 2, "{:?}", wrong(&circle));
    assert_eq!(wrong(&format!("{a}[[contradiction]]\nwhen = 'a'\nsay = \"\"\n")).len(), 1);
}

fn numbers() -> Protocol {
    let fact = |name: &str, rest: &str| {
        format!("[facts.{name}]\nask = \"x\"\nof = \"lab\"\nvalid_for = \"forever\"\n{rest}\n")
    };
    let weight = fact("weight", "type = \"decimal\"\ndecimals = 2\nrange = [0.0, 100.0]");
    let count = fact("platelets", "type = \"decimal\"\ndecimals = 1");
    let size = fact("size", "type = \"decimal\"\nrange = [0.0, 100.0]");
    let zone = fact("zone", "type = \"choice\"\nchoices = [\"d\u{e9}collet\u{e9}\", \"neck\"]");
    let rule = |id: &str, when: &str| {
        format!("[[precaution]]\nid = \"{id}\"\nwhen = '{when}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n")
    };
    let rules = [
        ("w", "weight == 54.43"),
        ("p", "platelets >= 100"),
        ("s", "(size ?? 0) == 54.43104"),
        ("z", "zone == \"decollete\u{301}\""),
    ];
    let rules: String = rules.iter().map(|(id, when)| rule(id, when)).collect();
    load(&format!("{HEAD}{weight}{count}{size}{zone}{}", rules.replace("decollete\u{301}", "d\u{e9}collete\u{301}")))
}

/// The precautions for a record, read both ways, and what is asked; or what is wrong with it.
fn precautions(facts: &str) -> Result<Vec<String>, String> {
    let protocol = numbers();
    let line = format!("{{\"patient\":\"P\",\"recorded\":\"2026-03-01\",\"facts\":{{{facts}}},\"sessions\":[]}}");
    let vocabulary = Vocabulary::new([&protocol]);
    let mut slots = Slots::new(&protocol.dictionary);
    let scanned = LineReader::new(&protocol.dictionary, &vocabulary, request_day()).scan(&line, &mut slots).is_ok();
    match Record::from_text("r.json", &line, Notation::Json, &protocol.dictionary) {
        Err(found) => {
            assert!(!scanned, "{facts}");
            Err(found.iter().map(|one| format!("{} {}", one.code.id, one.message)).collect::<Vec<_>>().join("; "))
        }
        Ok((record, _)) => {
            let answer = protocol.recommend(&record, &Request::new(request_day())).expect("an answer");
            let precautions = answer.precautions.iter().map(|one| one.id.clone());
            Ok(precautions.chain(answer.questions.iter().map(|one| format!("{}?", one.fact))).collect())
        }
    }
}

#[test]
fn numbers_lose_noise_and_nothing_else() {
    let known = |more: &str| format!("\"platelets\":20,\"zone\":\"neck\",{more}");
    for noisy in ["54.43", "54.430", "54.430000000000007", "5.4430000000000007e1", "54.42999999999999"] {
        assert_eq!(precautions(&known(&format!("\"weight\":{noisy}"))), Ok(vec!["w".into()]), "{noisy}");
    }
    let refused = precautions(&known("\"weight\":54.431")).expect_err("too exact");
    assert_eq!(refused, "R110 `weight` is 54.431, and it has at most 2 decimals");
    let refused = precautions(r#""platelets":99.96,"zone":"neck","weight":1"#).expect_err("too exact");
    assert_eq!(refused, "R110 `platelets` is 99.96, and it has at most 1 decimal");
    // A dictionary that says nothing of decimals permits six.
    let known = |size: &str| format!("\"platelets\":20,\"zone\":\"neck\",\"weight\":1,\"size\":{size}");
    for noisy in ["54.43104", "54.431039999999996", "54.43104000000001"] {
        assert_eq!(precautions(&known(noisy)), Ok(vec!["s".into()]), "{noisy}");
    }
    let refused = precautions(&known("54.4310401")).expect_err("too exact");
    assert!(refused.starts_with("R110 `size` is 54.4310401: numbers have at most six decimals"), "{refused}");
    let known = |more: &str| format!("\"platelets\":20,\"zone\":\"neck\",{more}");
    // The range is that of the number that was meant.
    assert_eq!(precautions(&known("\"weight\":100.00000000000001")), Ok(vec![]));
    assert!(precautions(&known("\"weight\":100.01")).is_err());
}

#[test]
fn null_is_not_recorded() {
    let asked: Vec<String> = ["weight?", "platelets?", "zone?"].map(String::from).to_vec();
    for facts in [
        "",
        r#""weight":null,"platelets":null,"zone":{"value":null}"#,
        r#""zone":{"value":null,"on":null}"#,
        r#""zone":{"value":null,"on":null,"by":null,"unknown":null},"weight":{"unknown":null}"#,
    ] {
        assert_eq!(precautions(facts), Ok(asked.clone()), "{facts}");
    }
    // So is a text that says nothing.
    let blank = |product: &str| {
        let text = format!(
            r#"{{"patient":"P","recorded":"2026-03-02","facts":{{}},"sessions":[{{"treatment":"trial","date":"2026-02-01","product":{product}}}]}}"#
        );
        let (record, doubts) =
            Record::from_text("r.json", &text, Notation::Json, &numbers().dictionary).expect("a record");
        (format!("{:?}", record.sessions[0].notes), doubts.iter().map(|one| one.code.id).collect::<Vec<_>>())
    };
    assert_eq!(blank("\"\""), blank("null"));
    assert_eq!(blank("\" \\u00a0\""), blank("null"));
    assert_eq!(precautions(r#""weight":{"value":1,"on":null,"by":null},"platelets":1,"zone":"neck""#), Ok(vec![]));
}

#[test]
fn an_accent_is_the_same_however_it_is_typed() {
    for zone in ["d\u{e9}collet\u{e9}", "de\u{301}collete\u{301}", "d\u{e9}collete\u{301}"] {
        let facts = format!("\"weight\":1,\"platelets\":1,\"zone\":\"{zone}\"");
        assert_eq!(precautions(&facts), Ok(vec!["z".into()]), "{zone}");
    }
    let cyrillic = precautions("\"zone\":\"n\u{435}ck\"").expect_err("no choice");
    assert_eq!(cyrillic, "R106 `n\u{435}ck` is not a choice of `zone`");
}

#[test]
fn names_that_look_alike_are_refused() {
    let choices = |one: &str| {
        format!(
            "[facts.z]\ntype = \"set\"\nchoices = [\"face\", \"{one}\"]\nask = \"x\"\nof = \"patient\"\nvalid_for = \"visit\"\n"
        )
    };
    assert_eq!(wrong(&choices("neck")), Vec::<String>::new());
    assert_eq!(wrong(&choices("f\u{430}ce")).len(), 1);
    assert!(wrong(&choices("f\u{430}ce"))[0].starts_with("R207 the choice `f\u{430}ce` looks like `face`"));
    let accents = choices("fa\u{e7}e").replace("face", "fac\u{327}e");
    assert!(wrong(&accents)[0].starts_with("R201"), "one name typed in two ways: {:?}", wrong(&accents));
    assert!(
        wrong("[treatments]\n\"tri\u{430}l\" = { label = \"x\" }\n")
            .iter()
            .any(|one| one.starts_with("R207 the treatment"))
    );
    // Two of ASCII are told apart by their readers.
    assert_eq!(wrong(&choices("1evel").replace("face", "level")), Vec::<String>::new());
}

#[test]
fn what_cannot_be_is_an_error() {
    let protocol = protocol();
    let told = |text: &str| {
        let found = match Record::from_text("r.toml", text, Notation::Toml, &protocol.dictionary) {
            Err(found) => found,
            Ok((record, _)) => record.check(&protocol.dictionary, request_day()),
        };
        let errors = found.iter().filter(|one| one.severity == regimen::diagnostic::Severity::Error);
        errors.map(|one| one.code.id).collect::<Vec<_>>()
    };
    assert_eq!(told("patient = \"P\"\nrecorded = 2026-03-01\n"), Vec::<&str>::new());
    assert_eq!(told("patient = \"P\"\nrecorded = 2026-03-03\n"), ["R404"]);
    assert_eq!(told("patient = \"P\"\n[facts]\nsmoker = { value = true, on = 2027-03-01 }\n"), ["R404"]);
    assert_eq!(told("patient = \"P\"\nrecorded = 0026-03-01\n"), ["R408"]);
    assert_eq!(told("patient = \"P\"\n[[sessions]]\ndate = 2026-01-01\n"), ["R104"]);
    assert_eq!(told("patient = \"P\"\n[[sessions]]\ntreatment = \"trial\"\n"), ["R104"]);
    assert_eq!(told("patient = \"P\"\n[[planned]]\ntreatment = \"trial\"\n"), ["R104"]);
    assert_eq!(told("patient = \"P\"\n[[planned]]\ntreatment = \"trail\"\ndate = 2026-04-01\n"), ["R405"]);
}
