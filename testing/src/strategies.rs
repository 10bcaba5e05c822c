//! Strategies of the crate proptest: random inputs, and tasks that fail at random before they succeed.
//!
//! ```
//! use aslx_asl::{CompileOptions, Program};
//! use aslx_testing::{Answer, Mock, Mocks, Status, Test, strategies};
//! use proptest::test_runner::TestRunner;
//! use serde_json::json;
//! use std::sync::Arc;
//!
//! let definition = json!({
//!     "StartAt": "Charge",
//!     "States": {
//!         "Charge": {
//!             "Type": "Task",
//!             "Resource": "arn:aws:lambda:us-east-1:111122223333:function:charge",
//!             "Retry": [{ "ErrorEquals": ["Throttled"], "MaxAttempts": 9 }],
//!             "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Refund" }],
//!             "End": true,
//!         },
//!         "Refund": { "Type": "Pass", "End": true },
//!     },
//! });
//! let program = Arc::new(Program::compile(&definition.to_string(), &CompileOptions::default()).unwrap());
//! let mut succeeds = Mocks::new();
//! succeeds.set("Charge", vec![Mock::from(Answer::returns("paid").always())]);
//!
//! // However often it fails, and with whatever: it ends well.
//! let (inputs, failures) = (strategies::json(3), strategies::failures(&program, &succeeds, 3));
//! TestRunner::default()
//!     .run(&(inputs, failures), |(input, mocks)| {
//!         let ran = Test::of(program.clone()).input(input).mocks(mocks).run()?;
//!         assert_eq!(ran.status(), Status::Succeeded);
//!         Ok(())
//!     })
//!     .unwrap();
//! ```

use crate::failures::possible_failures;
use crate::mocks::{Mock, Mocks};
use aslx_asl::{Program, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;

/// Any JSON value, nested at most this deep.
pub fn json(depth: u32) -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "[a-zA-Z0-9 $.äß{}\\[\\]\"\\\\]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-zA-Z_]{1,8}", inner), 0..4).prop_map(Value::from_pairs),
        ]
    })
}

/// Inputs that resemble this one: members are left out, and values are replaced by any other.
pub fn like(sample: &Value) -> BoxedStrategy<Value> {
    let same = match sample {
        Value::Object(_) => {
            let members = sample.as_object().into_iter().flatten();
            let each: Vec<_> = members
                .map(|(name, value)| {
                    let name = name.clone();
                    prop_oneof![
                        9 => like(value).prop_map(move |value| Some((name.clone(), value))),
                        1 => Just(None),
                    ]
                })
                .collect();
            each.prop_map(|members| Value::from_pairs(members.into_iter().flatten())).boxed()
        }
        Value::Array(_) => match sample.as_array().and_then(<[Value]>::first) {
            Some(first) => vec(like(first), 0..5).prop_map(Value::from).boxed(),
            None => Just(sample.clone()).boxed(),
        },
        Value::String(text) => {
            prop_oneof![2 => Just(sample.clone()), 1 => Just(Value::from(format!("{text}x"))), 1 => Just("".into())]
                .boxed()
        }
        Value::Number(_) => prop_oneof![Just(sample.clone()), (-3i64..100).prop_map(Value::from)].boxed(),
        other => Just(other.clone()).boxed(),
    };
    prop_oneof![15 => same, 1 => json(1)].boxed()
}

/// The answers, with up to so many of the [`possible_failures`] before those of each state. The answers themselves
/// should be given always: it is not known how often they are asked for.
pub fn failures(program: &Arc<Program>, answers: &Mocks, most: usize) -> BoxedStrategy<Mocks> {
    let mut states = Vec::new();
    for (state, mocks) in answers.states() {
        let possible = possible_failures(program, state);
        let failures =
            if possible.is_empty() { Just(Vec::new()).boxed() } else { vec(select(possible), 0..=most).boxed() };
        let (state, mocks) = (state.to_owned(), mocks.to_vec());
        states.push(failures.prop_map(move |failures| {
            // What comes after the end of an execution is not asked for.
            let optional = |mock: Mock| Mock { required: false, ..mock };
            let first = failures.into_iter().map(Mock::from);
            (state.clone(), first.chain(mocks.iter().cloned()).map(optional).collect::<Vec<_>>())
        }));
    }
    let gathered = states.prop_map(|states| {
        let mut mocks = Mocks::new();
        states.into_iter().for_each(|(state, list)| mocks.set(&state, list));
        mocks
    });
    gathered.boxed()
}
