//! What a dictionary says of answers as such: when a question makes sense (`asked_when`), and which answers cannot all be right
//! (`[[contradiction]]`).
//!
//! Both are conditions on facts alone: on sessions, or on what is assumed where an answer is missing, nothing of the kind can rest. They
//! are checked once, when the dictionary is read; each protocol then gets those that concern the facts it reads, in its own slots.

use std::collections::HashMap;
use std::sync::Arc;

use super::compile::{Names, circle, plain_text};
use super::dictionary::Dictionary;
use super::file::{ContradictionEntry, FactEntry, Text};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::document::{Entries, Literal};
use crate::lang::lower::{Context, Lowerer, Wanted};
use crate::lang::{Expr, ExprId, FactId, Parser, Program};
use crate::logic::Value;
use crate::logic::value::Texts;
use crate::once::push_new;

/// When a question makes sense, and what the fact is where it makes none.
#[derive(Clone, Debug)]
pub struct AskedWhen {
    /// The condition, and the places of the facts that it names.
    pub when: Condition,
    /// What the fact is where its question makes no sense; texts by their numbers among those of the dictionary.
    pub otherwise: Value,
}

/// Answers that cannot all be right.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The condition, and the places of the facts that it names.
    pub when: Condition,
    /// What does not fit together.
    pub say: String,
}

/// A condition of a dictionary.
#[derive(Clone, Debug)]
pub struct Condition {
    text: Text,
    source: Arc<SourceFile>,
    /// The facts that it names, by their places in the dictionary.
    pub names: Vec<usize>,
}

impl Condition {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.text.place(&self.source)
    }
}

/// The conditions of a dictionary that concern one protocol, in its slots.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Their expressions.
    pub program: Program,
    /// When the questions of its facts make sense; each after those that it rests on.
    pub asked: Vec<Asked>,
    /// Which answers contradict each other.
    pub contradictions: Vec<Contradicting>,
}

/// When the question of a fact makes sense.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The fact.
    pub fact: FactId,
    /// The condition.
    pub when: Lowered,
    /// What the fact is where the question makes no sense.
    pub otherwise: Value,
}

/// Answers that cannot all be right.
#[derive(Clone, Debug)]
pub struct Contradicting {
    /// The condition.
    pub when: Lowered,
    /// What does not fit together.
    pub say: String,
}

/// A condition, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// Where it stands.
    pub place: Place,
    /// The whole.
    pub root: ExprId,
    /// All that it is made of, operands first.
    pub nodes: Vec<u32>,
    /// The facts that it names.
    pub facts: Vec<FactId>,
}

impl Conditions {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.contradictions.is_empty()
    }

    /// When the question of a fact makes sense; none: always.
    #[must_use]
    pub fn asked_when(&self, fact: FactId) -> Option<&Asked> {
        self.asked.iter().find(|asked| asked.fact == fact)
    }

    /// Those that concern the facts of a protocol. Facts that it has to know because of them are added to its slots: of a question that may
    /// make no sense, what that depends on; of answers that may contradict each other, all. `texts` are the protocol's.
    pub(crate) fn of_protocol(
        dictionary: &Arc<Dictionary>,
        parser: &Parser,
        slots: &mut Vec<usize>,
        texts: &mut Texts,
    ) -> Conditions {
        let facts = &dictionary.facts;
        let mut read = 0;
        while let Some(&place) = slots.get(read) {
            let names = facts[place].asked_when.iter().flat_map(|asked| &asked.when.names);
            names.for_each(|name| push_new(slots, *name));
            read += 1;
        }
        // Those on which a fact rests come before it, and no fact rests on itself.
        let mut order = Vec::new();
        slots[..read].iter().for_each(|place| in_turn(dictionary, *place, &mut order));
        let concerns = |one: &&Contradiction| one.when.names.iter().any(|name| slots[..read].contains(name));
        let contradictions: Vec<&Contradiction> = dictionary.contradictions.iter().filter(concerns).collect();
        contradictions.iter().flat_map(|one| &one.when.names).for_each(|name| push_new(slots, *name));
        let scope = Names { slots: std::mem::take(slots), ..Names::of_facts(dictionary) };
        let program = Program { texts: std::mem::take(texts), ..Program::default() };
        let mut found = Diagnostics::default();
        let mut conditions = Conditions::default();
        let mut lowerer =
            Lowerer { parser, file: &SourceFile::new("", ""), scope, program, found: std::mem::take(&mut found) };
        for place in order {
            let Some(asked) = &facts[place].asked_when else { continue };
            let otherwise = asked.otherwise.renumbered(|id| lowerer.program.text(dictionary.texts.get(id)));
            let slot = lowerer.scope.slots.iter().position(|slot| *slot == place);
            if let (Some(slot), Some(when)) = (slot, Lowered::of(&asked.when, &mut lowerer)) {
                conditions.asked.push(Asked { fact: FactId(crate::narrow::u16(slot)), when, otherwise });
            }
        }
        for one in contradictions {
            if let Some(when) = Lowered::of(&one.when, &mut lowerer) {
                conditions.contradictions.push(Contradicting { when, say: one.say.clone() });
            }
        }
        *slots = std::mem::take(&mut lowerer.scope.slots);
        conditions.program = lowerer.program;
        texts.clone_from(&conditions.program.texts);
        conditions
    }
}

/// Adds the facts on which the question of one depends, then that one, each once.
fn in_turn(dictionary: &Dictionary, place: usize, order: &mut Vec<usize>) {
    let mut todo = vec![(place, false)];
    while let Some((place, is_ready)) = todo.pop() {
        if order.contains(&place) {
            continue;
        }
        if is_ready {
            order.push(place);
            continue;
        }
        todo.push((place, true));
        let names = dictionary.facts[place].asked_when.iter().flat_map(|asked| &asked.when.names);
        todo.extend(names.map(|name| (*name, false)));
    }
}

impl Lowered {
    fn of(condition: &Condition, lowerer: &mut Lowerer<'_, Names>) -> Option<Lowered> {
        let root = lowerer.lower(&condition.text, &Wanted::Condition, &Context::default())?;
        let nodes: Vec<ExprId> = lowerer.program.under([root]).collect();
        let mut facts = Vec::new();
        for id in &nodes {
            if let Expr::Fact(fact) | Expr::Age(fact) = lowerer.program.node(*id).expr
                && !facts.contains(&fact)
            {
                facts.push(fact);
            }
        }
        let place = condition.place();
        Some(Lowered { place, root, nodes: nodes.into_iter().map(|id| id.0).collect(), facts })
    }
}

impl Names {
    /// The facts of a dictionary, and no other names.
    fn of_facts(dictionary: &Arc<Dictionary>) -> Names {
        Names {
            settings: Vec::new(),
            dictionary: dictionary.clone(),
            treatment: String::new(),
            slots: Vec::new(),
            known: HashMap::new(),
            declared: Vec::new(),
            groups: Vec::new(),
            is_full: false,
            counted_by: Vec::new(),
            switches: HashMap::new(),
        }
    }
}

impl Dictionary {
    /// Reads the conditions that a file declares, after its facts have been added.
    pub(super) fn add_conditions(
        &mut self,
        facts: &Entries<FactEntry>,
        contradictions: &[ContradictionEntry],
        source: &Arc<SourceFile>,
        parser: &Parser,
        found: &mut Diagnostics,
    ) {
        let asked = facts.iter().any(|(_, entry)| entry.asked_when.is_some() || entry.otherwise.is_some());
        if !asked && contradictions.is_empty() {
            return;
        }
        let names = Arc::new(self.clone());
        let mut reader = Reader { dictionary: &names, source, parser, found };
        let mut rests_on: Vec<Vec<usize>> = vec![Vec::new(); self.facts.len()];
        for (name, entry) in facts.iter() {
            let Some((at, _)) = names.fact(&name.value) else { continue };
            // A fact that is declared twice is told elsewhere.
            if names.facts[at].place != name.place(source) {
                continue;
            }
            let asked = reader.asked_when(at, entry, &mut self.texts);
            rests_on[at] = asked.as_ref().map(|asked| asked.when.names.clone()).unwrap_or_default();
            self.facts[at].asked_when = asked;
        }
        let done = vec![false; rests_on.len()];
        for (at, fact) in self.facts.iter_mut().enumerate() {
            let Some(circle) = (!rests_on[at].is_empty()).then(|| circle(at, &rests_on, &done)).flatten() else {
                continue;
            };
            let way: Vec<String> = circle.iter().map(|at| format!("`{}`", names.facts[*at].name)).collect();
            let message = format!("whether `{}` is asked depends on its own answer: {}", fact.name, way.join(" → "));
            if let Some(asked) = fact.asked_when.take() {
                let diagnostic = Diagnostic::new(&codes::CYCLE, message).at(&asked.when.place());
                reader.found.push(diagnostic.help("take one of these facts out of the `asked_when` of another"));
            }
        }
        for entry in contradictions {
            if let Some(when) = reader.condition(&entry.when) {
                let say = plain_text(&entry.say, source, reader.found);
                self.contradictions.push(Contradiction { when, say });
            }
        }
    }
}

struct Reader<'a> {
    dictionary: &'a Arc<Dictionary>,
    source: &'a Arc<SourceFile>,
    parser: &'a Parser,
    found: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn asked_when(&mut self, at: usize, entry: &FactEntry, texts: &mut Texts) -> Option<AskedWhen> {
        let fact = &self.dictionary.facts[at];
        let by_itself = entry.may_be_never && entry.otherwise.is_none();
        let otherwise = match &entry.otherwise {
            Some(otherwise) => crate::patient::read_answer(
                &Literal::node(otherwise),
                (&fact.name, &fact.answer, fact.may_be_never),
                (self.source, self.dictionary),
                texts,
                self.found,
            ),
            None => Some(Value::date(crate::date::Date::NEVER)),
        };
        let Some(text) = &entry.asked_when else {
            if let Some(otherwise) = &entry.otherwise {
                let message =
                    format!("`otherwise` says what `{}` is where it is not asked, but it always is", fact.name);
                let diagnostic = Diagnostic::new(&codes::USELESS_KEY, message).at(&otherwise.place(self.source));
                self.found.push(diagnostic.help("add `asked_when`, or take `otherwise` away"));
            }
            return None;
        };
        let when = self.condition(text);
        if entry.otherwise.is_none() && !by_itself {
            let message = format!("`{}` has `asked_when` and no `otherwise`", fact.name);
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&text.place(self.source));
            let help = "write what the fact is where its question makes no sense, as in `otherwise = false`";
            self.found.push(diagnostic.help(help));
            return None;
        }
        Some(AskedWhen { when: when?, otherwise: otherwise? })
    }

    /// A condition on facts.
    fn condition(&mut self, text: &Text) -> Option<Condition> {
        let mut lowerer = Lowerer {
            parser: self.parser,
            file: self.source,
            scope: Names::of_facts(self.dictionary),
            program: Program::default(),
            found: std::mem::take(self.found),
        };
        let root = lowerer.lower(text, &Wanted::Condition, &Context::default());
        let (program, slots) = (lowerer.program, lowerer.scope.slots);
        *self.found = lowerer.found;
        let nodes: Vec<ExprId> = program.under([root?]).collect();
        let wrong = nodes.iter().find_map(|id| {
            let node = program.node(*id);
            let what = match &node.expr {
                Expr::Coalesce(..) => "`??`",
                Expr::Known(_) => "`known`",
                Expr::SessionsDone => "`sessions_done`",
                Expr::Tally(_) => "`valid` and `given`",
                other if other.list().is_some() => "sessions",
                _ => return None,
            };
            Some((what, node.span.clone()))
        });
        if let Some((what, span)) = wrong {
            let message = format!("{what} cannot be used here: the condition is about answers alone");
            let place = Place { file: self.source.clone(), span };
            let help = "compare facts of the dictionary; where one is unknown, so is the condition";
            self.found.push(Diagnostic::new(&codes::NOT_HERE, message).at(&place).help(help));
            return None;
        }
        let names: Vec<usize> = slots;
        if names.is_empty() {
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "this condition names no fact");
            self.found
                .push(diagnostic.at(&text.place(self.source)).help("compare a fact of the dictionary with something"));
            return None;
        }
        Some(Condition { text: text.clone(), source: self.source.clone(), names })
    }
}
