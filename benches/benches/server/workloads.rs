//! What is run: definitions, inputs, and the outputs that they must have.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A state machine with an input.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) definition: Value,
    pub(crate) input: Value,
    pub(crate) output: Value,
}

/// States one after the other; no other state of the machine may be named like them.
fn chain(name: &str, states: impl IntoIterator<Item = Value>) -> Value {
    let states: Vec<Value> = states.into_iter().collect();
    let last = states.len();
    let named = states.into_iter().zip(1..).map(|(mut state, number)| {
        let (key, value) =
            if number == last { ("End", json!(true)) } else { ("Next", json!(format!("{name}{}", number + 1))) };
        state[key] = value;
        (format!("{name}{number}"), state)
    });
    json!({ "StartAt": format!("{name}1"), "States": named.collect::<Map<_, _>>() })
}

/// Ten Pass states, each of which adds a member.
pub(crate) fn ten() -> Workload {
    let states = (1..=10).map(|step| {
        let made = json!({ "step": step, "order.$": "$.order", "for.$": "$.customer" });
        json!({ "Type": "Pass", "Parameters": made, "ResultPath": format!("$.step{step}") })
    });
    let input = json!({ "order": 7, "customer": "Ada" });
    let mut output = input.clone();
    for step in 1..=10 {
        output[format!("step{step}")] = json!({ "step": step, "order": 7, "for": "Ada" });
    }
    Workload { name: "ten Pass states", definition: chain("Step", states), input, output }
}

/// The image pipeline's shape: two branches, a choice, a flag, a text.
pub(crate) fn pipeline() -> Workload {
    let shrink = json!({ "Type": "Pass", "Parameters": { "small": { "bucket.$": "$.bucket", "width": 128,
        "key.$": "States.Format('small/{}', $.key)" } } });
    let analyse = json!({ "Type": "Pass", "Parameters": { "analysis": { "safe.$": "$.safe",
        "labels": ["beach", "sea"], "confidence": 97.5 } } });
    let told = "States.Format('{} of {} is safe: {}', $.key, $.bucket, $.found[1].analysis.safe)";
    let definition = json!({ "StartAt": "Look", "States": {
        "Look": { "Type": "Parallel", "Branches": [chain("Shrink", [shrink]), chain("Analyse", [analyse])], "ResultPath": "$.found",
            "Next": "Safe?" },
        "Safe?": { "Type": "Choice", "Default": "Flag",
            "Choices": [{ "Variable": "$.found[1].analysis.safe", "BooleanEquals": true, "Next": "Tell" }] },
        "Flag": { "Type": "Pass", "Result": { "by": "analysis" }, "ResultPath": "$.flag", "Next": "Tell" },
        "Tell": { "Type": "Pass", "Parameters": { "text.$": told }, "ResultPath": "$.message", "End": true },
    } });
    let input = json!({ "bucket": "photos", "key": "beach.jpg", "safe": false });
    let output = json!({ "bucket": "photos", "key": "beach.jpg", "safe": false,
        "found": [
            { "small": { "bucket": "photos", "width": 128, "key": "small/beach.jpg" } },
            { "analysis": { "safe": false, "labels": ["beach", "sea"], "confidence": 97.5 } },
        ],
        "flag": { "by": "analysis" },
        "message": { "text": "beach.jpg of photos is safe: false" } });
    Workload { name: "the pipeline's shape", definition, input, output }
}

/// An inline Map of 1,000 items with two Pass states each.
pub(crate) fn map() -> Workload {
    let mut processor = chain(
        "Item",
        [
            json!({ "Type": "Pass", "Parameters": { "was.$": "$", "unit": "piece" } }),
            json!({ "Type": "Pass", "Parameters": { "was.$": "$.was", "is.$": "States.MathAdd($.was, 1)" } }),
        ],
    );
    processor["ProcessorConfig"] = json!({ "Mode": "INLINE" });
    let each = json!({ "Type": "Map", "ItemsPath": "$.counts", "MaxConcurrency": 0, "ItemProcessor": processor });
    let counts = 1..=1_000;
    let output = counts.clone().map(|count| json!({ "was": count, "is": count + 1 })).collect();
    let input = json!({ "counts": counts.collect::<Vec<_>>() });
    Workload { name: "inline Map, 1,000 items", definition: chain("Each", [each]), input, output }
}

/// A loop of 1,000 turns: a choice, an addition, a copy.
pub(crate) fn turns() -> Workload {
    let definition = json!({ "StartAt": "Begin", "States": {
        "Begin": { "Type": "Pass", "Result": 0, "ResultPath": "$.turn", "Next": "More" },
        "More": { "Type": "Choice", "Default": "Add",
            "Choices": [{ "Variable": "$.turn", "NumericGreaterThanEqualsPath": "$.turns", "Next": "Done" }] },
        "Add": { "Type": "Pass", "Parameters": { "turns.$": "$.turns", "turn.$": "States.MathAdd($.turn, 1)" },
            "Next": "Note" },
        "Note": { "Type": "Pass", "InputPath": "$.turn", "ResultPath": "$.last", "Next": "More" },
        "Done": { "Type": "Succeed" },
    } });
    let (input, output) = (json!({ "turns": 1_000 }), json!({ "turns": 1_000, "turn": 1_000, "last": 1_000 }));
    Workload { name: "loop, 1,000 turns", definition, input, output }
}

struct Sale {
    id: usize,
    buyer: &'static str,
    state: &'static str,
    price: usize,
    pieces: usize,
}

impl Sale {
    fn number(id: usize) -> Sale {
        let one_of = |names: [&'static str; 5], number: usize| names.into_iter().cycle().nth(number).unwrap();
        Sale {
            id,
            buyer: one_of(["Ada", "Blaise", "Carl", "Emmy", "Sofya"], id * 3 % 7),
            state: one_of(["new", "paid", "sent", "back", "lost"], id),
            // No two are the same: 7,919 is a prime.
            price: 500 + id * 7_919 % 10_007,
            pieces: 1 + id % 4,
        }
    }
}

/// Sums, groups, a sort, filters and a text over 70 sales, about 10 kB.
pub(crate) fn jsonata() -> Workload {
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "Sum", "States": {
        "Sum": { "Type": "Pass", "Next": "Group",
            "Assign": { "many": "{% $count($states.input.sales) %}" },
            "Output": {
                "sales": "{% $states.input.sales %}",
                "total": "{% $sum($states.input.sales.(price * pieces)) %}",
                "dearest": "{% $max($states.input.sales.price) %}",
            } },
        "Group": { "Type": "Pass", "Next": "Enough",
            "Output": {
                "total": "{% $states.input.total %}",
                "dearest": "{% $states.input.dearest %}",
                "buyers": "{% $states.input.sales{buyer: $sum($.(price * pieces))} %}",
                "first": "{% $states.input.sales^(>price)[[0..4]].{'id': id, 'price': price} %}",
                "sent": "{% $join($map($states.input.sales[state='sent'], function($sale) { $uppercase($sale.buyer) & ' ' & $string($sale.price) }), ', ') %}",
                "states": "{% $sort($distinct($states.input.sales.state)) %}",
            } },
        "Enough": { "Type": "Choice", "Default": "Little",
            "Choices": [{ "Condition": "{% $states.input.total > 1000 and $many > 10 %}", "Next": "Told" }] },
        "Told": { "Type": "Pass", "End": true,
            "Output": "{% $merge([$states.input, {'told': $string($many) & ' sales for ' & $string($states.input.total)}]) %}" },
        "Little": { "Type": "Fail" },
    } });
    let mut sales: Vec<Sale> = (0..70).map(Sale::number).collect();
    let note = "wrapped in brown paper, to be left with the neighbours";
    let listed: Vec<Value> = sales
        .iter()
        .map(|sale| {
            let Sale { id, buyer, state, price, pieces } = sale;
            json!({ "id": id, "buyer": buyer, "state": state, "price": price, "pieces": pieces, "note": note })
        })
        .collect();
    let total: usize = sales.iter().map(|sale| sale.price * sale.pieces).sum();
    let mut buyers: BTreeMap<&str, usize> = BTreeMap::new();
    for sale in &sales {
        *buyers.entry(sale.buyer).or_default() += sale.price * sale.pieces;
    }
    let sent = sales.iter().filter(|sale| sale.state == "sent");
    let sent: Vec<String> = sent.map(|sale| format!("{} {}", sale.buyer.to_uppercase(), sale.price)).collect();
    let states: BTreeSet<&str> = sales.iter().map(|sale| sale.state).collect();
    sales.sort_by_key(|sale| std::cmp::Reverse(sale.price));
    let first = sales.iter().take(5).map(|sale| json!({ "id": sale.id, "price": sale.price }));
    let output = json!({
        "total": total, "dearest": sales.iter().map(|sale| sale.price).max(), "buyers": buyers,
        "first": first.collect::<Vec<_>>(), "sent": sent.join(", "), "states": states,
        "told": format!("{} sales for {total}", sales.len()),
    });
    Workload { name: "JSONata on 10 kB", definition, input: json!({ "sales": listed }), output }
}

/// An input of 250 kB through 50 Pass states that take a part of it and put it beside the rest.
pub(crate) fn large() -> Workload {
    let states = (0..50).map(|step| match step % 2 {
        0 => json!({ "Type": "Pass", "InputPath": "$.about", "ResultPath": "$.seen" }),
        _ => json!({ "Type": "Pass", "InputPath": "$.book.pages[7]", "ResultPath": "$.page" }),
    });
    let line = "it was the best of times, it was the worst of times, it was the age of wisdom; ".repeat(5);
    let page = |number: usize| json!({ "number": number, "title": format!("page {number:04}"), "tags": ["old", "dear"], "text": line });
    let about = json!({ "version": 1, "from": "a shelf" });
    let input = json!({ "about": about, "book": { "pages": (0..530).map(page).collect::<Vec<_>>() } });
    let mut output = input.clone();
    output["seen"] = about;
    output["page"] = page(7);
    Workload { name: "250 kB through 50 states", definition: chain("Step", states), input, output }
}
