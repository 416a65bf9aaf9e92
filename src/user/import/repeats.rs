//! Finds the values that a file has more than once, in little memory: the values are sorted in runs, and all runs but
//! the last lie in a temporary file that only this process can open.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// The number of values in a run: two megabytes.
const RUN: usize = 1 << 17;
/// The size of a value in the temporary file.
const SIZE: usize = 16;
/// How many values of a run are read at a time.
const READ: usize = 256;

/// A value and the row that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub value: u64,
    /// The line on which the row begins.
    pub line: usize,
    /// Whether the row has a fault of its own.
    pub is_wrong: bool,
}

impl Occurrence {
    fn bytes(self) -> [u8; SIZE] {
        (u128::from(self.value) << 64 | (self.line as u128) << 1 | u128::from(self.is_wrong)).to_be_bytes()
    }

    /// What [`Occurrence::bytes`] has written. The conversions cannot fail: each half has 64 bits.
    fn read(bytes: [u8; SIZE]) -> Self {
        let number = u128::from_be_bytes(bytes);
        let line = usize::try_from(number << 64 >> 65).unwrap_or_default();
        Self { value: u64::try_from(number >> 64).unwrap_or_default(), line, is_wrong: number & 1 == 1 }
    }
}

/// The values of a file so far.
#[derive(Default)]
pub(super) struct Repeats {
    run: Vec<Occurrence>,
    /// The full runs, each of [`RUN`] values.
    stored: Option<File>,
    runs: usize,
}

impl Repeats {
    pub(super) fn add(&mut self, place: Occurrence) -> io::Result<()> {
        self.run.push(place);
        if self.run.len() < RUN {
            return Ok(());
        }
        self.run.sort_unstable();
        let bytes: Vec<u8> = self.run.drain(..).flat_map(Occurrence::bytes).collect();
        let stored = match &mut self.stored {
            Some(stored) => stored,
            none => none.insert(tempfile::tempfile()?),
        };
        stored.write_all(&bytes)?;
        self.runs += 1;
        Ok(())
    }

    /// Passes each place whose value an earlier row has to `each`: the first place with this value, the last one before,
    /// and this one. The values come in the order of their size.
    pub(super) fn find(mut self, mut each: impl FnMut(Occurrence, Occurrence, Occurrence)) -> io::Result<()> {
        self.run.sort_unstable();
        let mut runs: Vec<Run> = (0..self.runs).map(Run::stored).collect();
        runs.push(Run { read: self.run, at: 0, left: 0..0 });
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next(self.stored.as_ref())?.map(|place| Reverse((place, number))));
        }
        let mut same: Option<(Occurrence, Occurrence)> = None;
        while let Some(Reverse((place, number))) = heads.pop() {
            same = match same {
                Some((first, before)) if first.value == place.value => {
                    each(first, before, place);
                    Some((first, place))
                }
                _ => Some((place, place)),
            };
            let next = runs.get_mut(number).map_or(Ok(None), |run| run.next(self.stored.as_ref()))?;
            heads.extend(next.map(|place| Reverse((place, number))));
        }
        Ok(())
    }
}

/// A sorted run, read piece by piece.
struct Run {
    read: Vec<Occurrence>,
    at: usize,
    /// The positions of the places in the temporary file that are not read yet.
    left: std::ops::Range<usize>,
}

impl Run {
    const fn stored(number: usize) -> Self {
        Self { read: Vec::new(), at: 0, left: number * RUN..(number + 1) * RUN }
    }

    fn next(&mut self, stored: Option<&File>) -> io::Result<Option<Occurrence>> {
        if let (Some(stored), true) = (stored, self.at == self.read.len() && !self.left.is_empty()) {
            let count = READ.min(self.left.len());
            let mut bytes = vec![0; count * SIZE];
            stored.read_exact_at(&mut bytes, (self.left.start * SIZE) as u64)?;
            self.left.start += count;
            self.read = bytes.as_chunks::<SIZE>().0.iter().map(|bytes| Occurrence::read(*bytes)).collect();
            self.at = 0;
        }
        let place = self.read.get(self.at).copied();
        self.at += usize::from(place.is_some());
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// The repeated values of `values`, each with the line of the first one and the one before.
    fn found(values: &[u64]) -> Vec<(usize, usize, usize)> {
        let mut repeats = Repeats::default();
        for (line, value) in (1..).zip(values) {
            repeats.add(Occurrence { value: *value, line, is_wrong: line % 2 == 0 }).unwrap();
            assert!(repeats.run.len() < RUN, "the memory does not grow");
        }
        let mut found = Vec::new();
        repeats
            .find(|first, before, place| {
                assert!(first.value == place.value && before.value == place.value);
                assert_eq!(place.is_wrong, place.line % 2 == 0);
                found.push((place.line, before.line, first.line));
            })
            .unwrap();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_repeated_value_is_found_however_many_there_are() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[7, 8, 7, u64::MAX, 7, u64::MAX]), [(3, 1, 1), (5, 3, 1), (6, 4, 4)]);
        let many = 3 * RUN as u64 + 5;
        let mut values: Vec<u64> = (1..=many).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        assert_eq!(found(&values), []);
        for (at, like) in [(RUN, 0), (2 * RUN + 1, 0), (values.len() - 1, RUN - 1), (9, 8)] {
            values[at] = values[like];
        }
        let (mut seen, mut wanted) = (HashMap::new(), Vec::new());
        for (line, value) in (1..).zip(&values) {
            let (first, before) = *seen.entry(*value).or_insert((line, line));
            wanted.extend(Some((line, before, first)).filter(|_| first != line));
            seen.insert(*value, (first, line));
        }
        assert_eq!((found(&values), wanted.len()), (wanted, 4));
    }
}
