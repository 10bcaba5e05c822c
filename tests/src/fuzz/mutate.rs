//! Mutations: of texts, of token lists, of trees.

use super::corpus::{CALLS, Corpus, FIELDS, PATHS, TOKENS, WORDS};
use super::rng::Rng;
use serde_json::{Value as Json, json};

/// A text with one to three changes that know nothing of its structure.
pub fn text(rng: &mut Rng, text: &str, other: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=rng.below(3) {
        let at = rng.below(bytes.len() + 1);
        let end = (at + 1 + rng.below(12)).min(bytes.len());
        match rng.below(9) {
            0 => {
                let mask = 1u8 << rng.below(8);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= mask;
                }
            }
            1 => {
                bytes.drain(at.min(end)..end);
            }
            2 => {
                let piece: Vec<u8> = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let from = rng.below(other.len());
                let to = (from + rng.below(60)).min(other.len());
                bytes.splice(at..at, other.as_bytes().get(from..to).unwrap_or_default().to_vec());
            }
            4 => bytes.truncate(at),
            5 => {
                let open = rng.word(&["[", "{\"a\":", "[[", "- ", "{a: ", "\"", "(", "- - "]);
                let many = if rng.one_in(20) { 300 } else { rng.below(8) };
                bytes.splice(at..at, open.repeat(many).into_bytes());
            }
            6 => {
                let word = rng.word(&WORDS);
                bytes.splice(at..end.max(at), word.bytes());
            }
            _ => {
                let token = rng.word(&TOKENS);
                bytes.splice(at..at, token.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A path or call with one to four changes of its tokens.
pub fn expression(rng: &mut Rng, table: &[&str]) -> String {
    let mut tokens: Vec<String> = split(rng.word(table));
    if rng.one_in(6) {
        return tokens.concat();
    }
    for _ in 0..=rng.below(4) {
        let at = rng.below(tokens.len() + 1);
        match rng.below(8) {
            0 if at < tokens.len() => drop(tokens.remove(at)),
            1 if at < tokens.len() => {
                let with = rng.below(tokens.len());
                tokens.swap(at, with);
            }
            2 => {
                let other = split(rng.word(table));
                let from = rng.below(other.len());
                let to = (from + 1 + rng.below(6)).min(other.len());
                tokens.splice(at..at, other.get(from..to).unwrap_or_default().iter().cloned());
            }
            3 if at < tokens.len() => {
                if let Some(token) = tokens.get_mut(at) {
                    *token = rng.word(&TOKENS).to_owned();
                }
            }
            4 => {
                let inner = rng.word(&PATHS).to_owned();
                tokens.insert(at, inner);
            }
            5 => {
                let many = if rng.one_in(50) { 2_000 } else { 1 + rng.below(12) };
                let token = rng.word(&TOKENS).repeat(many);
                tokens.insert(at, token);
            }
            6 if rng.one_in(4) => tokens.truncate(at.max(1)),
            _ => tokens.insert(at, rng.word(&TOKENS).to_owned()),
        }
    }
    tokens.concat()
}

/// Words, numbers and single signs.
fn split(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars() {
        let word = c.is_alphanumeric() || c == '_';
        match tokens.last_mut() {
            Some(last) if word && in_word => last.push(c),
            _ => tokens.push(c.to_string()),
        }
        in_word = word;
    }
    tokens
}

/// A definition: one of the corpus with changes that keep it a tree, or, at times, without.
pub fn definition(rng: &mut Rng, corpus: &Corpus) -> String {
    let trees = if rng.one_in(8) { &corpus.trees } else { &corpus.sound };
    let Some(tree) = rng.pick(trees) else { return String::new() };
    let mut tree = tree.clone();
    let changes = if rng.one_in(2) { 1 } else { rng.below(4) };
    for _ in 0..changes {
        self::tree(rng, corpus, &mut tree);
    }
    let mut out = if rng.one_in(4) { format!("{tree:#}") } else { tree.to_string() };
    if rng.one_in(10) {
        let name = rng.word(&FIELDS);
        // A duplicate member: once more at the beginning of some object.
        if let Some((at, _)) = out.match_indices('{').nth(rng.below(6)) {
            let value = rng.word(&["1", "true", "null", "\"x\"", "[]", "{}", "\"$.a\""]);
            let comma = if out.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with('}')) { "" } else { "," };
            out.insert_str(at + 1, &format!("{}:{value}{comma}", Json::from(name)));
        }
    }
    if rng.one_in(12) {
        let other = rng.word(&corpus.texts);
        out = text(rng, &out, other);
    }
    out
}

/// Changes one node of a tree.
pub fn tree(rng: &mut Rng, corpus: &Corpus, tree: &mut Json) {
    let target = rng.below(count(tree));
    let source = rng.pick(&corpus.trees).cloned().unwrap_or_default();
    let from = rng.below(count(&source));
    let own = rng.one_in(2).then(|| {
        let at = rng.below(count(tree));
        nth(tree, at)
    });
    let found = own.flatten().or_else(|| nth(&source, from)).unwrap_or_default();
    let mut left = target;
    let Some(node) = nth_mut(tree, &mut left) else { return };
    match node {
        Json::Object(members) if !rng.one_in(5) => {
            let name = members.keys().nth(rng.below(members.len())).cloned().unwrap_or_default();
            match rng.below(6) {
                0 => drop(members.shift_remove(&name)),
                1 => {
                    let to = rng.word(&FIELDS).to_owned();
                    if let Some(value) = members.get(&name).cloned() {
                        members.insert(to, value);
                    }
                }
                2 => {
                    let value = scalar(rng);
                    members.insert(rng.word(&FIELDS).to_owned(), value);
                }
                3 => {
                    let with = members.keys().nth(rng.below(members.len())).cloned().unwrap_or_default();
                    let (a, b) = (members.get(&name).cloned(), members.get(&with).cloned());
                    if let (Some(a), Some(b)) = (a, b) {
                        members.insert(name, b);
                        members.insert(with, a);
                    }
                }
                4 => {
                    members.insert(name + ".$", Json::from(expression_of(rng)));
                }
                _ => {
                    members.insert(name, found);
                }
            }
        }
        Json::Array(items) if !rng.one_in(5) => {
            let at = rng.below(items.len());
            match rng.below(4) {
                0 if !items.is_empty() => drop(items.remove(at)),
                1 if !items.is_empty() => {
                    let copy = items.get(at).cloned().unwrap_or_default();
                    items.insert(at, copy);
                }
                2 => items.reverse(),
                _ => items.push(found),
            }
        }
        node => {
            *node = match (rng.below(6), &*node) {
                (0, _) => found,
                (1, Json::String(old)) => {
                    let other = rng.word(&WORDS);
                    let old = old.clone();
                    Json::from(text(rng, &old, other))
                }
                (2, Json::String(_)) => Json::from(expression_of(rng)),
                (3, _) if rng.one_in(10) => (0..rng.below(250)).fold(json!(1), |inner, _| json!([inner])),
                _ => scalar(rng),
            }
        }
    }
}

fn expression_of(rng: &mut Rng) -> String {
    match rng.below(4) {
        0 => rng.word(&PATHS).to_owned(),
        1 => rng.word(&CALLS).to_owned(),
        2 => expression(rng, &PATHS),
        _ => expression(rng, &CALLS),
    }
}

/// A scalar at some extreme.
pub fn scalar(rng: &mut Rng) -> Json {
    match rng.below(16) {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(false),
        3 => json!(0),
        4 => json!(-1),
        5 => json!(i64::MAX),
        6 => json!(u64::MAX),
        7 => json!(i64::MIN),
        8 => json!(1e308),
        9 => json!(-1e-308),
        10 => json!(99_999_999),
        11 => json!(0.5),
        12 => json!([]),
        13 => json!({}),
        14 => Json::from(rng.word(&PATHS)),
        _ => Json::from(rng.word(&WORDS)),
    }
}

fn count(tree: &Json) -> usize {
    1 + match tree {
        Json::Object(members) => members.values().map(count).sum(),
        Json::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

fn nth(tree: &Json, mut at: usize) -> Option<Json> {
    let mut open = vec![tree];
    while let Some(node) = open.pop() {
        if at == 0 {
            return Some(node.clone());
        }
        at -= 1;
        match node {
            Json::Object(members) => open.extend(members.values().rev()),
            Json::Array(items) => open.extend(items.iter().rev()),
            _ => {}
        }
    }
    None
}

fn nth_mut<'t>(tree: &'t mut Json, left: &mut usize) -> Option<&'t mut Json> {
    if *left == 0 {
        return Some(tree);
    }
    *left -= 1;
    match tree {
        Json::Object(members) => members.values_mut().find_map(|value| nth_mut(value, left)),
        Json::Array(items) => items.iter_mut().find_map(|value| nth_mut(value, left)),
        _ => None,
    }
}
