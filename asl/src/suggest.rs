//! "Did you mean …?"

/// The candidate that `word` is most likely a slip of, if any is near enough. Capitals do not count; of equally near
/// ones the first is taken.
pub fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    // One slip in three letters; a longer way is no likeness.
    let limit = (word.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let limit = best.map_or(limit, |(distance, _)| distance.saturating_sub(1));
        if best.is_some_and(|(distance, _)| distance == 0) {
            break;
        }
        if let Some(distance) = distance(&word, candidate, limit) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour, if at most `limit`.
fn distance(word: &[char], candidate: &str, limit: usize) -> Option<usize> {
    if word.len().abs_diff(candidate.chars().count()) > limit {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=word.len()).collect();
    let mut previous_letter = None;
    for (row, letter) in candidate.chars().flat_map(char::to_lowercase).enumerate() {
        let mut current = Vec::with_capacity(last.len());
        current.push(row + 1);
        let mut left = row + 1;
        for (column, &other) in word.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut cost =
                (at(&last, column) + usize::from(letter != other)).min(at(&last, column + 1) + 1).min(left + 1);
            let crossed = column.checked_sub(1).is_some_and(|i| word.get(i) == Some(&letter));
            if crossed && previous_letter == Some(other) {
                cost = cost.min(at(&before_last, column - 1) + 1);
            }
            current.push(cost);
            left = cost;
        }
        before_last = std::mem::replace(&mut last, current);
        previous_letter = Some(letter);
    }
    last.last().copied().filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[track_caller]
    fn check(word: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(did_you_mean(word, candidates.iter().copied()), expected, "{word}");
    }

    #[test]
    fn near_words_are_found() {
        check("bucket", &["Key", "Bucket"], Some("Bucket"));
        check("Bukcet", &["Bucket", "BucketKey"], Some("Bucket"));
        check("TableNmae", &["TableArn", "TableName"], Some("TableName"));
        check("QueueURL", &["QueueUrl"], Some("QueueUrl"));
        check("Nextt", &["End", "Next"], Some("Next"));
        check("Ned", &["End"], Some("End"));
        check("Edn", &["End"], Some("End"));
    }

    #[test]
    fn far_words_are_not() {
        check("Bogus", &["Bucket", "Key"], None);
        check("x", &["Resource"], None);
        check("", &["", "a"], Some(""));
        check("ab", &[], None);
    }
}
