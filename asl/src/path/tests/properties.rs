//! What holds for all paths and values.

use super::*;
use jsonpath_rust::JsonPath;

/// Any JSON value of few names, so that paths find something.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (-3_i64..4).prop_map(serde_json::Value::from),
        "[ab]{0,2}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::hash_map("[abc]", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Texts that are nearly paths.
fn nearly() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("$".to_owned()),
        "[.][abc]",
        Just("..".to_owned()),
        "[.][.][abc]",
        r"\[(-?[0-3])?(:-?[0-3]?)?\]",
        Just("[*]".to_owned()),
        Just(".*".to_owned()),
        "\\['[abc]'(,'[abc]')?\\]",
        r"\[\?\(!?@\.[abc]( (==|!=|<|>=|in|nin|size|empty|contains) ([0-3]|'a'|\['a', 1\]|true|@\.b|\$\.a))?( (&&|\|\|) @\.c)?\)\]",
        r"\.(length|sum|min|keys)\(\)",
        ".{0,3}",
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| format!("${}", parts.concat()))
}

/// Steps to one node, and the same as text.
fn definite() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof!["[.][abc]", "\\['[abc]'\\]", "\\[(0|-?[12])\\]"], 0..5)
        .prop_map(|parts| format!("${}", parts.concat()))
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = Path::parse(&text);
        let _ = Path::parse(&format!("$.{text}"));
        let _ = Path::parse(&format!("$[?({text})]"));
        let _ = Selector::parse(&text);
        let _ = ReferencePath::parse(&text);
    }

    #[test]
    fn evaluating_never_panics_and_kinds_hold(text in nearly(), value in value()) {
        let Ok(path) = Path::parse(&text) else { return Ok(()) };
        let input = Value::from(value);
        let env = Surroundings::new();
        let result = path.evaluate(&Scope { input: &input, env: &env });
        if *path.root() == Root::Input && !path.is_definite() && !text.ends_with(')') {
            prop_assert!(result.is_ok_and(|v| v.as_array().is_some()), "{}", text);
        }
        if path.is_reference() {
            prop_assert!(path.is_definite());
        }
    }

    #[test]
    fn a_definite_path_agrees_with_rfc_9535(text in definite(), value in value()) {
        let input = Value::from(value.clone());
        let env = Surroundings::new();
        let ours = Path::parse(&text).unwrap().evaluate(&Scope { input: &input, env: &env }).ok();
        let theirs = value.query(&text).unwrap();
        prop_assert_eq!(ours, theirs.first().map(|v| Value::from((*v).clone())), "{}", text);
        prop_assert!(theirs.len() <= 1);
    }

    #[test]
    fn wildcards_and_lists_agree_with_rfc_9535(
        parts in prop::collection::vec(prop_oneof!["[.][abc]", Just("[*]".to_owned()),  Just("[1:]".to_owned()), Just("[:-1]".to_owned())], 0..5),
        value in value(),
    ) {
        let text = format!("$[*]{}", parts.concat());
        let input = Value::from(value.clone());
        let env = Surroundings::new();
        let ours = Path::parse(&text).unwrap().evaluate(&Scope { input: &input, env: &env }).unwrap();
        let theirs = value.query(&text).unwrap().into_iter().cloned().map(Value::from).collect();
        prop_assert_eq!(ours, Value::array(theirs), "{}", text);
    }

    #[test]
    fn what_was_put_is_found(text in definite(), value in value(), result in value()) {
        let (input, result) = (Value::from(value), Value::from(result));
        let path = ReferencePath::parse(&text).unwrap();
        let env = Surroundings::new();
        if let Ok(output) = path.apply(&input, result.clone()) {
            let found = path.as_path().evaluate(&Scope { input: &output, env: &env });
            prop_assert_eq!(found.ok(), Some(result));
        }
    }
}
