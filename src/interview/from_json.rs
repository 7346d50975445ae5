//! A record in JSON, as the TOML that answers can be written into: the same answers at the same names. What is `null` is left out, as nobody has
//! said anything.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::write::written;
use crate::diagnostic::{Diagnostics, SourceFile};
use crate::document::{Data, Node, Notation, parse};

/// The same record in TOML.
///
/// # Errors
/// Where it is no JSON.
pub(crate) fn in_toml(source: &std::sync::Arc<SourceFile>) -> Result<String, Diagnostics> {
    let mut found = Diagnostics::default();
    let tree = parse(source, Notation::Json, &mut found);
    found.into_result(())?;
    let mut document = DocumentMut::new();
    for (key, node) in tree.entries() {
        if let Some(item) = item(node) {
            document.insert(&key.name, item);
        }
    }
    Ok(document.to_string())
}

/// What stands at the top of a record: a table under its heading, a list of tables each under theirs, or a value.
fn item(node: &Node) -> Option<Item> {
    let tables = || node.items().iter().map(|one| matches!(one.data, Data::Table(_)));
    Some(match &node.data {
        Data::Table(_) => Item::Table(entries(node).collect::<Table>()),
        Data::Array(all) if !all.is_empty() && tables().all(|is_table| is_table) => {
            Item::ArrayOfTables(all.iter().map(|one| entries(one).collect::<Table>()).collect::<ArrayOfTables>())
        }
        _ => Item::Value(value(node)?),
    })
}

fn entries(node: &Node) -> impl Iterator<Item = (String, Item)> {
    node.entries().iter().filter_map(|(key, node)| Some((key.name.clone(), Item::Value(value(node)?))))
}

fn value(node: &Node) -> Option<Value> {
    Some(match &node.data {
        Data::Null | Data::Refused | Data::Other(_) => return None,
        Data::Bool(value) => (*value).into(),
        Data::Integer(value) => (*value).into(),
        Data::Decimal(value) => written(&value.to_string()),
        Data::Text(text) | Data::Date(text) => text.as_str().into(),
        Data::Array(all) => Value::Array(all.iter().filter_map(value).collect::<Array>()),
        Data::Table(all) => {
            let entries = all.iter().filter_map(|(key, node)| Some((key.name.clone(), value(node)?)));
            Value::InlineTable(entries.collect::<InlineTable>())
        }
    })
}
