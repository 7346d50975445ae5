//! What is known of some patients, and what is asked of it.

use super::Lanes;
use crate::expr::cell::Cell;

/// What the atoms of a circuit ask of cells on a day, in the order of the atoms.
#[derive(Clone, Debug, Default)]
pub struct Tests {
    /// First those of choices and sets.
    pub any_of: Vec<AnyOf>,
    /// Then all others.
    pub above: Vec<Above>,
}

/// Whether a cell has one of some bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnyOf {
    /// The row of a [`Block`].
    pub row: usize,
    /// The bits.
    pub bits: u64,
}

/// Whether a cell is above a limit: the greatest word that does not fulfil a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Above {
    /// The row of a [`Block`].
    pub row: usize,
    /// The limit.
    pub limit: u64,
}

/// The cells of some patients: a row for each fact and for each computed condition, in it a cell for each patient.
///
/// Nearly every cell is known exactly or not at all: then one word says it, and 0 that it is not known. What is known within a range
/// stands beside, with its greatest word.
#[derive(Clone, Debug)]
pub struct Block<const WIDTH: usize> {
    rows: Vec<Row<WIDTH>>,
    ranges: Vec<Range>,
}

#[derive(Clone, Copy, Debug)]
struct Row<const WIDTH: usize> {
    /// The least word of each cell.
    words: [u64; WIDTH],
    /// Of whom nothing is known: bit n is the n-th patient's.
    unknown: u32,
}

#[derive(Clone, Copy, Debug)]
struct Range {
    row: usize,
    lane: usize,
    greatest: u64,
}

impl<const WIDTH: usize> Block<WIDTH> {
    /// So many rows, of which nothing is known.
    #[must_use]
    pub fn new(rows: usize) -> Block<WIDTH> {
        Block { rows: vec![Row { words: [0; WIDTH], unknown: u32::MAX }; rows], ranges: Vec::new() }
    }

    /// A patient's cell of a row.
    #[must_use]
    pub fn get(&self, row: usize, lane: usize) -> Cell {
        let low = self.rows[row].words[lane];
        match self.ranges.iter().find(|range| (range.row, range.lane) == (row, lane)) {
            _ if low == 0 => Cell::UNKNOWN,
            Some(range) => Cell { low, high: range.greatest },
            None => Cell { low, high: low },
        }
    }

    /// Sets a patient's cell of a row.
    pub fn set(&mut self, row: usize, lane: usize, cell: Cell) {
        if !self.ranges.is_empty() {
            self.ranges.retain(|range| (range.row, range.lane) != (row, lane));
        }
        self.rows[row].set(lane, cell.low);
        if cell.is_range() {
            self.ranges.push(Range { row, lane, greatest: cell.high });
        }
    }

    /// Sets a patient's cells of the first rows: for each, one of some words, by its place. Whatever was known within a range is
    /// forgotten.
    #[inline]
    pub fn fill(&mut self, lane: usize, words: &[u64], places: &[usize]) {
        if !self.ranges.is_empty() {
            self.ranges.retain(|range| range.lane != lane);
        }
        for (row, place) in self.rows.iter_mut().zip(places) {
            row.set(lane, words[*place]);
        }
    }

    #[inline]
    pub(super) fn any_of(&self, test: &AnyOf) -> Lanes {
        self.ask(test.row, |word| word & test.bits != 0)
    }

    #[inline]
    pub(super) fn above(&self, test: &Above) -> Lanes {
        self.ask(test.row, |word| test.limit < word)
    }

    /// Asks every patient: it is certain if the least that the cell may be fulfils it, and possible if the greatest does.
    #[inline]
    fn ask(&self, at: usize, fulfils: impl Fn(u64) -> bool) -> Lanes {
        let row = &self.rows[at];
        // From the last to the first, so that each answer moves up to its place.
        let certain = row.words.iter().rev().fold(0, |bits, word| bits << 1 | u32::from(fulfils(*word)));
        let mut possible = certain | row.unknown();
        if !self.ranges.is_empty() {
            for range in self.ranges.iter().filter(|range| range.row == at) {
                possible |= u32::from(fulfils(range.greatest)) << range.lane;
            }
        }
        Lanes::new(certain, possible)
    }
}

impl<const WIDTH: usize> Row<WIDTH> {
    #[inline]
    fn set(&mut self, lane: usize, word: u64) {
        self.words[lane] = word;
        if WIDTH > 1 {
            self.unknown = self.unknown & !(1 << lane) | u32::from(word == 0) << lane;
        }
    }

    /// Of whom nothing is known. For one patient it costs less to look again than to remember.
    #[inline]
    fn unknown(&self) -> u32 {
        if WIDTH > 1 { self.unknown } else { u32::from(self.words[0] == 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::cell::in_order;
    use crate::tri::Tri;

    #[test]
    fn a_range_is_asked_at_both_ends_and_forgotten_with_its_patient() {
        let mut block = Block::<3>::new(2);
        let exactly = |day: i64| Cell::exactly(day);
        block.fill(0, &[exactly(5).low, 0], &[0, 1]);
        block.set(0, 1, Cell { low: in_order(1), high: in_order(9) });
        let above = |block: &Block<3>, day| {
            let lanes = block.above(&Above { row: 0, limit: in_order(day) });
            [0, 1, 2].map(|lane| lanes.get(lane))
        };
        assert_eq!(above(&block, 0), [Tri::True, Tri::True, Tri::Unknown]);
        assert_eq!(above(&block, 4), [Tri::True, Tri::Unknown, Tri::Unknown]);
        assert_eq!(above(&block, 9), [Tri::False, Tri::False, Tri::Unknown]);
        assert_eq!(block.get(0, 1), Cell { low: in_order(1), high: in_order(9) });
        assert_eq!((block.get(0, 0), block.get(1, 0)), (exactly(5), Cell::UNKNOWN));
        block.fill(1, &[exactly(7).low], &[0]);
        assert_eq!(block.get(0, 1), exactly(7));
        assert_eq!(above(&block, 6), [Tri::False, Tri::True, Tri::Unknown]);
    }

    #[test]
    fn an_empty_set_is_known() {
        let mut block = Block::<2>::new(1);
        block.set(0, 0, Cell::choices(0));
        let lanes = block.any_of(&AnyOf { row: 0, bits: Cell::CHOICES });
        assert_eq!((lanes.get(0), lanes.get(1)), (Tri::False, Tri::Unknown));
    }
}
