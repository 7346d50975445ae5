//! Lists in which everything stands once, in the order in which it came.

/// Adds what is not there yet.
pub(crate) fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
