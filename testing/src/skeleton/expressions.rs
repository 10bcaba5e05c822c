//! What JSONata expressions read and compare, as far as their text tells.

use aslx_asl::syntax::{Node, NodeKind};
use serde_json::{Value as Json, json};

/// The places below `$states.input` or `$states.result` that an expression reads, as names and indexes.
pub(super) fn reads(text: &str, root: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for rest in text.split(root).skip(1) {
        let mut path = Vec::new();
        let mut rest = rest;
        loop {
            let (token, after) = if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            } else if let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                (if index.bytes().all(|b| b.is_ascii_digit()) { index } else { "" }, after)
            } else {
                break;
            };
            // What is called or computed is no place.
            if token.is_empty() || after.starts_with('(') {
                break;
            }
            path.push(token.to_owned());
            rest = after;
        }
        if !path.is_empty() && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// The numbers and quoted texts of an expression.
pub(super) fn literals(text: &str) -> Vec<Json> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '\'' || c == '"' || c.is_ascii_digit()) {
        let before = rest.get(..at).and_then(|before| before.chars().next_back());
        let part = rest.get(at..).unwrap_or_default();
        let quote = part.chars().next().filter(|c| !c.is_ascii_digit());
        let length = match quote {
            Some(quote) => {
                let inner = part.get(1..).unwrap_or_default();
                let Some(end) = inner.find(quote) else { break };
                found.push(json!(inner.get(..end).unwrap_or_default()));
                end + 2
            }
            None => {
                let end = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
                let digits = part.get(..end).unwrap_or_default().trim_end_matches('.');
                // A digit in a name is none.
                if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '[') {
                    found.extend(serde_json::from_str::<Json>(digits).ok());
                }
                end.max(1)
            }
        };
        rest = part.get(length..).unwrap_or_default();
    }
    found
}

/// The expressions of a state, without those of states inside it.
pub(super) fn of_state<'n>(node: &'n Node, found: &mut Vec<&'n str>) {
    match &node.kind {
        NodeKind::String(text) if text.trim_start().starts_with("{%") => found.push(text),
        NodeKind::Array(items) => items.iter().for_each(|item| of_state(item, found)),
        NodeKind::Object(members) => {
            let inner = ["Branches", "ItemProcessor", "Iterator", "Choices", "Catch"];
            let own = members.iter().filter(|member| !inner.contains(&&*member.name));
            own.for_each(|member| of_state(&member.value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_literals_are_found_in_the_text() {
        let text = "{% $states.input.order.total > 10.5 and $states.input.lines[0].sku = 'a b' or $exists($states.input.x1) %}";
        let places: Vec<String> = reads(text, "$states.input").iter().map(|path| path.join("/")).collect();
        assert_eq!(places, ["order/total", "lines/0/sku", "x1"]);
        assert_eq!(literals(text), [json!(10.5), json!("a b")]);
        assert_eq!(reads("{% $states.input %}", "$states.input"), Vec::<Vec<String>>::new());
        assert_eq!(literals("{% 'never closed %}"), Vec::<Json>::new());
    }
}
