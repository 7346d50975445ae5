//! Where something stands in a protocol's file: asked only when it has to be shown to somebody, so that the model need not keep the place of
//! every word.

use std::cell::RefCell;
use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Place, SourceFile};
use crate::document::{Node, Notation, parse};

thread_local! {
    /// The file that was looked at last, as it was read: who asks for one place in a file asks for more of them.
    static LAST: RefCell<Option<(Arc<SourceFile>, Node)>> = const { RefCell::new(None) };
}

/// What a file holds, as `look` sees it.
fn look<R>(file: &Arc<SourceFile>, look: impl FnOnce(&Node) -> R) -> R {
    LAST.with_borrow_mut(|last| {
        last.take_if(|(other, _)| !Arc::ptr_eq(other, file));
        let read = || (file.clone(), parse(file, Notation::Toml, &mut Diagnostics::default()));
        look(&last.get_or_insert_with(read).1)
    })
}

/// The value of a key at the top of a file.
pub(crate) fn value(file: &Arc<SourceFile>, key: &str) -> Option<Node> {
    look(file, |tree| tree.get(key).cloned())
}

/// One of a list of tables, by its id.
pub(crate) fn item_of(file: &Arc<SourceFile>, (table, id): (&str, &str)) -> Option<Node> {
    let tables = value(file, table)?;
    tables.items().iter().find(|one| one.get("id").and_then(Node::text) == Some(id)).cloned()
}

/// The value of a key of one of a list of tables, by its id.
pub(crate) fn value_of(file: &Arc<SourceFile>, table: (&str, &str), key: &str) -> Option<Node> {
    item_of(file, table)?.get(key).cloned()
}

/// The place of a text in a list under a key of such a table, by its id if it has one.
pub(crate) fn item(file: &Arc<SourceFile>, (table, id): (&str, &str), key: &str, text: &str) -> Option<Place> {
    let tables = value(file, table)?;
    let named = tables.items().iter().filter(|one| one.get("id").is_none_or(|other| other.text() == Some(id)));
    let mut items = named.filter_map(|one| one.get(key)).flat_map(Node::items);
    items.find(|item| item.text() == Some(text)).map(|item| item.place(file))
}
