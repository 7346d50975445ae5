//! The same work on many things, on as many cores as there are.

/// What work makes of each, in the order in which they are given. Each thread has a tool of its own.
pub(crate) fn each<T: Send, Tool, R: Send>(
    all: Vec<T>,
    tool: impl Fn() -> Tool + Sync,
    work: impl Fn(T, &mut Tool) -> R + Sync,
) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(all.len());
    let on_one = |share: Vec<T>| {
        let mut tool = tool();
        share.into_iter().map(|one| work(one, &mut tool)).collect::<Vec<R>>()
    };
    if threads < 2 {
        return on_one(all);
    }
    // Dealt out like cards: neighbours are alike, and what costs most is not all in one hand.
    let mut shares: Vec<Vec<T>> = (0..threads).map(|_| Vec::new()).collect();
    for (at, one) in all.into_iter().enumerate() {
        shares[at % threads].push(one);
    }
    let mut made: Vec<std::vec::IntoIter<R>> = std::thread::scope(|scope| {
        let on_one = &on_one;
        let threads: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || on_one(share))).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).into_iter()).collect()
    });
    let mut in_order = Vec::new();
    while let Some(one) = made[in_order.len() % threads].next() {
        in_order.push(one);
    }
    in_order
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn what_is_made_stands_in_the_order_in_which_it_was_given() {
        for many in 0..20_usize {
            let made = each((0..many).collect(), || 0, |one, _| one * one);
            assert_eq!(made, (0..many).map(|one| one * one).collect::<Vec<usize>>());
        }
    }
}
