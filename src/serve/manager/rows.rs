//! Decision tables as rows of a spreadsheet, and back: what is changed there is changed in the text, and nothing else. Comments, ids, the order of
//! rows and how a value is written stay.

use std::ops::Range;

use rust_decimal::Decimal;

use super::parameters::written;
use crate::document::{Data, Node};

/// What a row of a setting holds, as its keys are called.
pub(super) const KEYS: [&str; 5] = ["when", "value", "from", "to", "text"];

/// The keys whose value may be a number.
const NUMBERS: [&str; 3] = ["value", "from", "to"];

/// A row of a decision table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The id of the setting.
    pub(super) setting: String,
    /// Which of its rows in the text, from 1; none: a new one.
    pub(super) at: Option<usize>,
    /// What it holds, in the order of [`KEYS`]; empty: nothing.
    pub(super) cells: [String; 5],
}

/// A setting with its rows.
pub(super) struct Setting<'n> {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) unit: String,
    list: &'n Node,
    rows: &'n [Node],
}

/// The settings of a text that have rows.
pub(super) fn settings(tree: &Node) -> Vec<Setting<'_>> {
    let Some(Data::Array(all)) = tree.get("setting").map(|all| &all.data) else { return Vec::new() };
    let text = |node: &Node, key: &str| node.get(key).map(written).unwrap_or_default();
    let one = |node| {
        let list = Node::get(node, "rows")?;
        let Data::Array(rows) = &list.data else { return None };
        Some(Setting { id: text(node, "id"), label: text(node, "label"), unit: text(node, "unit"), list, rows })
    };
    all.iter().filter_map(one).collect()
}

impl Setting<'_> {
    /// Its rows as a spreadsheet has them.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        let row = |(at, node): (usize, &Node)| Row {
            setting: self.id.clone(),
            at: Some(at + 1),
            cells: KEYS.map(|key| node.get(key).map(written).unwrap_or_default()),
        };
        self.rows.iter().enumerate().map(row)
    }
}

/// A change of the text.
type Edit = (Range<usize>, String);

/// The text with the rows that are wanted, or what cannot be, each with the place of the row among them.
pub(super) fn changed(text: &str, tree: &Node, wanted: &[Row]) -> Result<String, Vec<(usize, String)>> {
    let settings = settings(tree);
    let (mut edits, mut wrong) = (Vec::new(), Vec::new());
    for (at, row) in wanted.iter().enumerate() {
        match settings.iter().find(|setting| setting.id == row.setting) {
            None => wrong.push((at, format!("there is no setting `{}`", row.setting))),
            Some(setting) => {
                let is_twice = wanted[..at]
                    .iter()
                    .any(|other| row.at.is_some() && (&other.setting, other.at) == (&row.setting, row.at));
                match row.at {
                    Some(number) if number == 0 || number > setting.rows.len() => {
                        wrong.push((
                            at,
                            format!("`{}` has no row {number}: leave the number of a new row empty", row.setting),
                        ));
                    }
                    Some(number) if is_twice => {
                        wrong.push((
                            at,
                            format!(
                                "row {number} of `{}` stands here twice: leave the number of a new row empty",
                                row.setting
                            ),
                        ));
                    }
                    _ => {}
                }
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    for setting in &settings {
        setting.edit(text, wanted, &mut edits, &mut wrong);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = text.to_owned();
    edits.into_iter().for_each(|(range, new)| text.replace_range(range, &new));
    Ok(text)
}

impl Setting<'_> {
    fn edit(&self, text: &str, wanted: &[Row], edits: &mut Vec<Edit>, wrong: &mut Vec<(usize, String)>) {
        let own = || wanted.iter().enumerate().filter(|(_, row)| row.setting == self.id);
        let in_braces =
            |node: &Node| text.get(node.span.clone()).is_some_and(|row| row.starts_with('{') && row.ends_with('}'));
        let can_move = self.rows.iter().all(in_braces) && text[self.list.span.clone()].starts_with('[');
        let elsewhere = "its rows are not written in braces: add rows to it and take them out in its text";
        for (at, node) in self.rows.iter().enumerate() {
            match own().find(|(_, row)| row.at == Some(at + 1)) {
                Some((place, row)) => {
                    if let Err(why) = change(text, node, row, in_braces(node), edits) {
                        wrong.push((place, why));
                    }
                }
                None if can_move => edits.push((taken_out(text, &node.span), String::new())),
                None => wrong.push((own().next().map_or(0, |(place, _)| place), format!("`{}`: {elsewhere}", self.id))),
            }
        }
        // New rows stand behind the one that they stand behind in the spreadsheet.
        let mut behind: Option<usize> = None;
        let mut new: Vec<(Option<usize>, Vec<String>)> = Vec::new();
        for (place, row) in own() {
            match row.at {
                Some(at) => behind = Some(at - 1),
                None if !can_move => wrong.push((place, format!("`{}`: {elsewhere}", self.id))),
                None => {
                    let row = in_text(KEYS.iter().zip(&row.cells).map(|(key, cell)| (*key, literal(key, cell, true))));
                    match new.last_mut() {
                        Some((same, rows)) if *same == behind => rows.push(row),
                        _ => new.push((behind, vec![row])),
                    }
                }
            }
        }
        for (behind, rows) in new {
            self.insert(text, behind, &rows, edits);
        }
    }

    /// Puts rows behind another, or before all.
    fn insert(&self, text: &str, behind: Option<usize>, rows: &[String], edits: &mut Vec<Edit>) {
        let Some(first) = self.rows.first() else {
            let at = self.list.span.start + 1;
            edits.push((at..at, rows.join(", ")));
            return;
        };
        let lines = line_of(text, first.span.start);
        let indent = &text[lines.start..first.span.start];
        let has_lines = indent.trim().is_empty();
        match behind.map(|at| &self.rows[at].span) {
            None if has_lines => {
                let all: String = rows.iter().map(|row| format!("{indent}{row},\n")).collect();
                edits.push((lines.start..lines.start, all));
            }
            None => {
                edits.push((first.span.start..first.span.start, rows.iter().map(|row| format!("{row}, ")).collect()))
            }
            Some(span) if has_lines => {
                // A comment behind the row stays with it.
                let comma = comma(text, span.end);
                if comma.is_none() {
                    edits.push((span.end..span.end, ",".to_owned()));
                }
                let end = line_of(text, comma.unwrap_or(span.end)).end;
                let all: String = rows.iter().map(|row| format!("\n{indent}{row},")).collect();
                // What stands on the line behind is another row, or the end of the list: that line is not all of rows.
                let rest = text[comma.map_or(span.end, |comma| comma + 1)..end].trim_start();
                match rest.is_empty() || rest.starts_with('#') {
                    true => edits.push((end..end, all)),
                    false => {
                        let at = comma.map_or(span.end, |comma| comma + 1);
                        edits.push((at..at, rows.iter().map(|row| format!(" {row},")).collect()));
                    }
                }
            }
            Some(span) => edits.push((span.end..span.end, rows.iter().map(|row| format!(", {row}")).collect())),
        }
    }
}

/// The line of a place, without its end.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let end = if text[start..end].ends_with('\r') { end - 1 } else { end };
    start..end
}

/// The comma behind a row, if there is one before anything else.
fn comma(text: &str, end: usize) -> Option<usize> {
    let spaces = text[end..].len() - text[end..].trim_start().len();
    text[end + spaces..].starts_with(',').then_some(end + spaces)
}

/// What goes with a row: its comma, and its line where nothing else stands on it.
fn taken_out(text: &str, row: &Range<usize>) -> Range<usize> {
    let end = comma(text, row.end).map_or(row.end, |comma| comma + 1);
    let line = line_of(text, row.start);
    let is_whole = line_of(text, end) == line
        && text[line.start..row.start].trim().is_empty()
        && text[end..line.end].trim().is_empty();
    if is_whole {
        let next = text[line.end..].find('\n').map_or(text.len(), |length| line.end + length + 1);
        return line.start..next;
    }
    let spaces = text[end..].len() - text[end..].trim_start_matches(' ').len();
    row.start..end + spaces
}

/// Puts the cells of a row into its text.
fn change(text: &str, node: &Node, row: &Row, in_braces: bool, edits: &mut Vec<Edit>) -> Result<(), String> {
    let old = |key: &str| node.get(key);
    let differs = |key: &str, cell: &str| old(key).map(written).unwrap_or_default() != cell;
    let changed: Vec<(&str, &String)> =
        KEYS.into_iter().zip(&row.cells).filter(|(key, cell)| differs(key, cell)).collect();
    if changed.iter().all(|(key, cell)| old(key).is_some() && !cell.is_empty()) {
        for (key, cell) in changed {
            let Some(value) = old(key) else { continue };
            let is_plain = !text[value.span.clone()].starts_with('"');
            edits.push((value.span.clone(), literal(key, cell, is_plain)));
        }
        return Ok(());
    }
    let written = &text[node.span.clone()];
    if !in_braces || written.contains('\n') {
        let number = row.at.unwrap_or_default();
        return Err(format!("row {number} of `{}` is not written in one line: change it in its text", row.setting));
    }
    let kept = |key, cell: &str| match old(key) {
        Some(value) if !differs(key, cell) => text[value.span.clone()].to_owned(),
        _ => literal(key, cell, true),
    };
    let all = KEYS
        .into_iter()
        .zip(&row.cells)
        .map(|(key, cell)| (key, if cell.is_empty() { String::new() } else { kept(key, cell) }));
    edits.push((node.span.clone(), in_text(all)));
    Ok(())
}

fn in_text<'k>(entries: impl Iterator<Item = (&'k str, String)>) -> String {
    let entries: Vec<String> =
        entries.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

/// A cell as it stands in the text; empty where it is.
fn literal(key: &str, cell: &str, is_plain: bool) -> String {
    if cell.is_empty() {
        return String::new();
    }
    // Where people write decimals with a comma, so do their spreadsheets. Nothing else in an expression looks like that.
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let with_comma =
        cell.strip_prefix('-').unwrap_or(cell).split_once(',').is_some_and(|(a, b)| digits(a) && digits(b));
    let number = if with_comma { cell.replace(',', ".") } else { cell.to_owned() };
    if NUMBERS.contains(&key)
        && let Ok(number) = Decimal::from_str_exact(&number)
    {
        return number.to_string();
    }
    let needs_escapes = cell.contains('\'') || cell.chars().any(char::is_control);
    match key {
        "text" if !cell.contains(['"', '\\']) && !needs_escapes => format!("\"{cell}\""),
        _ if is_plain && !needs_escapes => format!("'{cell}'"),
        _ => toml_edit::Value::from(cell).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, SourceFile};
    use crate::document::{Notation, parse};

    const TEXT: &str = r#"
# The peel.
[[setting]]
id    = "strength"   # in percent
label = "Strength"
unit  = "%"
rows  = [
  # The first steps.
  { when = 'step <= 2', value = 30 },  # as the book says
  { when = "step == 3", value = 'step * 10' },
  { when = 'step >= 4', from = 50, to = 70.5 }   # careful
]
sources = ["clinic"]

[[setting]]
id   = "minutes"
label = "Minutes"
rows = [{ value = 1 }, { when = 'x == "a, b"', text = "none" }]
"#;

    fn tree(text: &str) -> Node {
        parse(&SourceFile::new("p.toml", text), Notation::Toml, &mut Diagnostics::default())
    }

    fn rows(text: &str) -> Vec<Row> {
        settings(&tree(text)).iter().flat_map(|setting| setting.rows().collect::<Vec<_>>()).collect()
    }

    fn with(change: impl FnOnce(&mut Vec<Row>)) -> Result<String, Vec<(usize, String)>> {
        let mut all = rows(TEXT);
        change(&mut all);
        changed(TEXT, &tree(TEXT), &all)
    }

    fn new(setting: &str, cells: [&str; 5]) -> Row {
        Row { setting: setting.to_owned(), at: None, cells: cells.map(str::to_owned) }
    }

    #[test]
    fn what_is_not_changed_is_the_same_text() {
        assert_eq!(with(|_| {}).as_deref(), Ok(TEXT));
        // The order of the rows of a spreadsheet is no change.
        assert_eq!(with(|all| all.reverse()).as_deref(), Ok(TEXT));
    }

    #[test]
    fn a_cell_changes_its_value_and_nothing_else() {
        let text = with(|all| {
            all[0].cells[1] = "35".into();
            all[1].cells[0] = "step == 3 && thick".into();
            all[2].cells[3] = "72,25".into();
            all[4].cells[4] = "don't".into();
        });
        let expected = TEXT
            .replace("value = 30", "value = 35")
            .replace("\"step == 3\"", "\"step == 3 && thick\"")
            .replace("70.5", "72.25")
            .replace("\"none\"", "\"don't\"");
        assert_eq!(text, Ok(expected));
        // An expression for a number, and another kind of row.
        let text = with(|all| {
            all[0].cells[1] = "step * 7".into();
            all[2].cells = ["step >= 4".into(), String::new(), String::new(), String::new(), "ask a doctor".into()];
        });
        let expected = TEXT
            .replace("value = 30", "value = 'step * 7'")
            .replace("{ when = 'step >= 4', from = 50, to = 70.5 }", "{ when = 'step >= 4', text = \"ask a doctor\" }");
        assert_eq!(text, Ok(expected));
    }

    #[test]
    fn rows_are_added_where_they_stand_and_taken_out_with_their_line() {
        let text = with(|all| {
            all.remove(1);
            all.insert(0, new("strength", ["step == 0", "20", "", "", ""]));
            all.insert(2, new("strength", ["step == 2.5", "", "1", "2", ""]));
            all.push(new("minutes", ["", "step", "", "", ""]));
        });
        let expected = TEXT
            .replace(
                "  # The first steps.\n  { when",
                "  # The first steps.\n  { when = 'step == 0', value = 20 },\n  { when",
            )
            .replace("# as the book says\n", "# as the book says\n  { when = 'step == 2.5', from = 1, to = 2 },\n")
            .replace("  { when = \"step == 3\", value = 'step * 10' },\n", "")
            .replace("text = \"none\" }]", "text = \"none\" }, { value = 'step' }]");
        assert_eq!(text, Ok(expected));
        // Behind the last one, which has a comment and no comma.
        let text = with(|all| all.insert(3, new("strength", ["", "", "", "", "stop"])));
        assert_eq!(text, Ok(TEXT.replace("70.5 }   # careful\n", "70.5 },   # careful\n  { text = \"stop\" },\n")));
        let text = with(|all| drop(all.remove(3)));
        assert_eq!(text, Ok(TEXT.replace("[{ value = 1 }, { when", "[{ when")));
        // A comment on the line of a row that is taken out stays.
        let text = with(|all| drop(all.remove(0))).expect("changed");
        assert!(text.contains("# The first steps.\n  # as the book says\n  { when = \"step == 3\""), "{text}");
    }

    #[test]
    fn whatever_is_wanted_stands_in_the_text_afterwards() {
        let all = rows(TEXT);
        for left_out in 0..all.len() {
            for behind in 0..=all.len() {
                let mut wanted = all.clone();
                let setting = if behind < 3 { "strength" } else { "minutes" };
                wanted.insert(behind, new(setting, ["a == 'x' && b == \"y\"", "", "", "", "say \"no\" \\ 1,5"]));
                wanted.remove(left_out + usize::from(left_out >= behind));
                let text = changed(TEXT, &tree(TEXT), &wanted).expect("changed");
                let cells =
                    |rows: &[Row]| rows.iter().map(|row| (row.setting.clone(), row.cells.clone())).collect::<Vec<_>>();
                assert_eq!(cells(&rows(&text)), cells(&wanted), "{left_out} {behind}: {text}");
                for comment in ["# The peel.", "# in percent", "# The first steps.", "# as the book says", "# careful"]
                {
                    assert!(text.contains(comment), "{comment}: {text}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_is_told_and_nothing_is_changed() {
        let wrong = |change: fn(&mut Vec<Row>)| with(change).expect_err("refused");
        assert!(wrong(|all| all[0].setting = "strenght".into())[0].1.contains("no setting `strenght`"));
        assert!(wrong(|all| all[0].at = Some(9))[0].1.contains("has no row 9"));
        assert_eq!(wrong(|all| all[1].at = Some(1))[0].0, 1);
        let text = "[[setting]]\nid = \"a\"\n[[setting.rows]]\nvalue = 1\n";
        let mut all = rows(text);
        all[0].cells[1] = "2".into();
        assert_eq!(
            changed(text, &tree(text), &all).as_deref(),
            Ok("[[setting]]\nid = \"a\"\n[[setting.rows]]\nvalue = 2\n")
        );
        all.push(new("a", ["", "3", "", "", ""]));
        assert!(changed(text, &tree(text), &all).expect_err("refused")[0].1.contains("not written in braces"));
    }
}
