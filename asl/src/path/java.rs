//! Values as Java's `toString` prints them: AWS's service is a Java program, and it shows.

use crate::Value;
use crate::value::java_double;
use std::fmt::Write;

/// A text as it is, an object as `{a=1, b=[]}` (recorded), `null` as `null`, a binary64 number as Java writes it.
pub(crate) fn java_text(value: &Value) -> String {
    let mut text = String::new();
    write_java(value, &mut text);
    text
}

/// Recursion is bounded by the depth that a value may have.
fn write_java(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => match n.as_f64().filter(|_| n.is_f64()) {
            Some(d) => out.push_str(&java_double(d)),
            None => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{n}");
            }
        },
        Value::String(s) => out.push_str(s),
        Value::Array(array) => {
            out.push('[');
            for (at, item) in array.items().iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_java(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (at, (name, item)) in object.members().iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(name);
                out.push('=');
                write_java(item, out);
            }
            out.push('}');
        }
    }
}

/// Puts members into the order in which Java's `HashMap` gives them. It shows on AWS: in the result of
/// `States.JsonMerge`, and in a payload template, whose members ending in `.$` stand behind the others in this order
/// of their names without `.$` (both recorded).
pub(crate) fn hash_map_order<N: AsRef<str>, T>(members: &mut [(N, T)]) {
    let mut buckets = 16_usize;
    while members.len() > buckets / 4 * 3 {
        buckets *= 2;
    }
    // Within a bucket the order of insertion stays; a bucket of more than eight, which Java makes a tree, is rarer
    // than would matter.
    members.sort_by_key(|(name, _)| {
        let hash =
            name.as_ref().encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}

#[cfg(test)]
mod tests {
    use super::hash_map_order;

    #[test]
    fn members_come_as_from_a_hash_map() {
        // What `new java.util.HashMap<String, …>().keySet()` prints after putting these in.
        for (put, got) in [
            ("Iterations Values", "Values Iterations"),
            ("a b d c", "a b c d"),
            (
                "encodingOps hashOps jsonOps mathOps stringOps uuidOp",
                "encodingOps uuidOp stringOps hashOps mathOps jsonOps",
            ),
            ("ApiEndpoint Method Path Stage RequestBody Headers", "Path Headers Stage ApiEndpoint Method RequestBody"),
            (
                "TopicArn Message MessageGroupId MessageDeduplicationId",
                "TopicArn Message MessageGroupId MessageDeduplicationId",
            ),
            (
                "original_input iteration_input_value iteration_index from_input_constant",
                "iteration_input_value from_input_constant iteration_index original_input",
            ),
            (
                "simpleArray partitionedArray containsElement numberRange thirdElement arraySize uniqueValues",
                "uniqueValues simpleArray thirdElement partitionedArray arraySize containsElement numberRange",
            ),
            (
                "k00 k01 k02 k03 k04 k05 k06 k07 k08 k09 k10 k11 k12",
                "k00 k11 k10 k02 k01 k12 k04 k03 k06 k05 k08 k07 k09",
            ),
            ("ü 😀 日本", "😀 日本 ü"),
        ] {
            let mut members: Vec<(&str, ())> = put.split(' ').map(|name| (name, ())).collect();
            hash_map_order(&mut members);
            let names: Vec<&str> = members.iter().map(|m| m.0).collect();
            assert_eq!(names.join(" "), got);
        }
    }
}
