//! Where an expression stands: between `{%` and `%}`.

/// The expression that a string is, trimmed: the string starts with `{%` and ends with `%}`, exactly. Anything else,
/// blanks outside the markers included, is a literal text.
pub fn expression_in(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

/// Bytes between the start of the string and the first byte of the expression in it: what an offset in the expression
/// lacks to be one in the string.
pub fn expression_start(text: &str) -> usize {
    let inner = text.strip_prefix("{%").unwrap_or(text);
    2 + inner.len() - inner.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_markers_make_an_expression() {
        for (text, expected) in [
            ("{% $x %}", Some("$x")),
            ("{%$x%}", Some("$x")),
            ("{%%}", Some("")),
            ("{%}", None),
            (" {% $x %}", None),
            ("{% $x %} ", None),
            ("a {% $x %}", None),
            ("{% $x", None),
            ("$x %}", None),
            ("", None),
        ] {
            assert_eq!(expression_in(text), expected, "{text}");
        }
        assert_eq!(expression_start("{%  $x %}"), 4);
    }
}
