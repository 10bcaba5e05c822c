//! Sizes as a person would say them.

/// `812 B`, `4.1 MB`.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_person_would_say_it() {
        assert_eq!([bytes(12), bytes(4_100_000), bytes(1_500)], ["12 B", "4.1 MB", "1.5 kB"]);
    }
}
