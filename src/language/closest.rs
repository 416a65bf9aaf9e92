//! Finds the word for the suggestion «Возможно, …» ("perhaps you meant"), for a misspelt config key, environment
//! variable, command or name.

/// The candidate with the fewest letters changed, added, lost or swapped compared with `word`; `None` if even that
/// candidate differs in more than a third of the word's letters (one difference is always allowed). Case, and `-` or
/// `_`, do not count. Of equally near candidates the first is returned.
#[must_use]
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word);
    let limit = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &folded(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> Vec<char> {
    word.chars().take(80).flat_map(char::to_lowercase).map(|letter| if letter == '-' { '_' } else { letter }).collect()
}

/// The optimal string alignment distance between two words. Of the usual table only three rows are kept at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_of_a = None;
    for (row, from) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut last_of_b = None;
        for (column, to) in b.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let replaced = at(&above, column).saturating_add(usize::from(from != to));
            let shifted = at(&above, column + 1).min(at(&current, column)).saturating_add(1);
            let mut best = replaced.min(shifted);
            if last_of_a == Some(to) && last_of_b == Some(from) {
                best = best.min(at(&before, column.wrapping_sub(1)).saturating_add(1));
            }
            current.push(best);
            last_of_b = Some(to);
        }
        before = std::mem::replace(&mut above, current);
        last_of_a = Some(from);
    }
    above.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered() {
        assert_eq!(closest("birthdy", ["subscription", "birthday"]), Some("birthday"));
        assert_eq!(closest("Timezon", ["timezone", "token"]), Some("timezone"));
        assert_eq!(closest("retry_faield", ["retry-failed"]), Some("retry-failed"));
        assert_eq!(closest("скидкка", ["скидка"]), Some("скидка"));
    }

    #[test]
    fn a_far_word_is_not() {
        assert_eq!(closest("xyz", ["birthday", "manual"]), None);
        assert_eq!(closest("", ["birthday"]), None);
        assert_eq!(closest("ab", ["yz"]), None);
    }

    #[test]
    fn distances_are_right() {
        let of = |a: &str, b: &str| distance(&folded(a), &folded(b));
        assert_eq!(
            [of("", ""), of("abc", ""), of("", "abc"), of("ab", "ba"), of("kitten", "sitting")],
            [0, 3, 3, 1, 3]
        );
    }
}
