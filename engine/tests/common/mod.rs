//! Random machines and the tasks that they call.
#![allow(dead_code, unreachable_pub)]

pub mod recording;

use aslx_asl::{CompileOptions, Program, Value};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskReply, TaskRequest, TaskResponse};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use tower::util::BoxCloneSyncService;

/// A part of a machine, without names.
#[derive(Debug, Clone)]
pub enum Part {
    Pass(u8),
    Wait(u8),
    Task { retry: u8, catch: bool, timeout: bool },
    Choice(u8, Vec<Part>, Vec<Part>),
    Parallel { branches: Vec<Vec<Part>>, retry: bool, catch: bool },
    Map { items: u8, limit: u8, parts: Vec<Part>, retry: bool, catch: bool },
    Fail(u8),
}

/// Machines with a few states on a few levels.
pub fn machine() -> impl Strategy<Value = Vec<Part>> {
    let leaf = prop_oneof![
        any::<u8>().prop_map(Part::Pass),
        any::<u8>().prop_map(Part::Wait),
        (0..4u8, any::<bool>(), any::<bool>()).prop_map(|(retry, catch, timeout)| Part::Task { retry, catch, timeout }),
        (0..20u8).prop_map(|n| if n < 2 { Part::Fail(n) } else { Part::Pass(n) }),
    ];
    let part = leaf.prop_recursive(3, 24, 3, |inner| {
        let parts = prop::collection::vec(inner, 1..3);
        prop_oneof![
            (any::<u8>(), parts.clone(), parts.clone()).prop_map(|(n, yes, no)| Part::Choice(n, yes, no)),
            (prop::collection::vec(parts.clone(), 1..4), any::<bool>(), any::<bool>())
                .prop_map(|(branches, retry, catch)| Part::Parallel { branches, retry, catch }),
            (0..5u8, 0..3u8, parts, any::<bool>(), any::<bool>())
                .prop_map(|(items, limit, parts, retry, catch)| Part::Map { items, limit, parts, retry, catch }),
        ]
    });
    prop::collection::vec(part, 1..5)
}

/// The definition of a machine.
pub fn definition(parts: &[Part]) -> String {
    let mut writer = Writer { next: 0 };
    writer.machine(parts)
}

/// The program of a machine.
pub fn program(parts: &[Part]) -> Arc<Program> {
    let text = definition(parts);
    match Program::compile(&text, &CompileOptions::default()) {
        Ok(program) => Arc::new(program),
        Err(diagnostics) => panic!("{diagnostics:#?}\n{text}"),
    }
}

struct Writer {
    next: usize,
}

impl Writer {
    fn name(&mut self) -> String {
        self.next += 1;
        format!("S{}", self.next)
    }

    fn machine(&mut self, parts: &[Part]) -> String {
        let mut states = Vec::new();
        let end = self.name();
        states.push(format!(r#""{end}": {{"Type": "Succeed"}}"#));
        let start = self.chain(parts, &end, &mut states);
        format!(r#"{{"StartAt": "{start}", "States": {{{}}}}}"#, states.join(", "))
    }

    /// Writes a chain of states that leads to `next`; gives the name of its first.
    fn chain(&mut self, parts: &[Part], next: &str, states: &mut Vec<String>) -> String {
        let mut next = next.to_owned();
        for part in parts.iter().rev() {
            next = self.part(part, &next, states);
        }
        next
    }

    fn part(&mut self, part: &Part, next: &str, states: &mut Vec<String>) -> String {
        let name = self.name();
        let effects = |retry: u64, catch: bool| {
            let retry = if retry > 0 {
                format!(
                    r#", "Retry": [{{"ErrorEquals": ["E1"], "IntervalSeconds": {retry}, "MaxAttempts": 2, "JitterStrategy": "FULL"}}]"#
                )
            } else {
                String::new()
            };
            let catch = if catch {
                format!(r#", "Catch": [{{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "{next}"}}]"#)
            } else {
                String::new()
            };
            retry + &catch
        };
        let state = match part {
            Part::Pass(n) => {
                // A Fail before it would leave `next` unnamed: the Choice names both.
                format!(
                    r#"{{"Type": "Pass", "Result": {n}, "ResultPath": "$.p", "Assign": {{"v{name}": {n}, "r{name}.$": "States.MathRandom(0, 1000)"}}, "Next": "{next}"}}"#
                )
            }
            Part::Wait(n) => format!(r#"{{"Type": "Wait", "Seconds": {n}, "Next": "{next}"}}"#),
            Part::Task { retry, catch, timeout } => {
                let timeout = if *timeout { r#", "TimeoutSeconds": 1"# } else { "" };
                let effects = effects(u64::from(*retry), *catch);
                format!(
                    r#"{{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {{"FunctionName": "{name}", "Payload.$": "$"}}, "ResultPath": "$.t"{timeout}{effects}, "Next": "{next}"}}"#
                )
            }
            Part::Choice(n, yes, no) => {
                let yes = self.chain(yes, next, states);
                let no = self.chain(no, next, states);
                format!(
                    r#"{{"Type": "Choice", "Choices": [{{"And": [{{"Variable": "$.p", "IsPresent": true}}, {{"Variable": "$.p", "NumericLessThan": {n}}}], "Next": "{yes}"}}, {{"Variable": "$.never", "IsPresent": true, "Next": "{next}"}}], "Default": "{no}"}}"#
                )
            }
            Part::Parallel { branches, retry, catch } => {
                let branches: Vec<String> = branches.iter().map(|branch| self.machine(branch)).collect();
                let effects = effects(u64::from(*retry), *catch);
                format!(
                    r#"{{"Type": "Parallel", "Branches": [{}], "ResultPath": "$.b"{effects}, "Next": "{next}"}}"#,
                    branches.join(", ")
                )
            }
            Part::Map { items, limit, parts, retry, catch } => {
                let items: Vec<String> = (0..*items).map(|n| format!(r#"{{"p": {n}}}"#)).collect();
                let list = self.name();
                let processor = self.machine(parts);
                let effects = effects(u64::from(*retry), *catch);
                states.push(format!(
                    r#""{name}": {{"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": {limit}, "ItemProcessor": {processor}, "ResultPath": "$.m"{effects}, "Next": "{next}"}}"#
                ));
                states.push(format!(
                    r#""{list}": {{"Type": "Pass", "Result": [{}], "ResultPath": "$.items", "Next": "{name}"}}"#,
                    items.join(", ")
                ));
                return list;
            }
            Part::Fail(n) => {
                // Reached only on the one way of a choice, so that what follows can be reached as well.
                let fail = self.name();
                states.push(format!(r#""{fail}": {{"Type": "Fail", "Error": "E{n}", "Cause": "made up"}}"#));
                format!(
                    r#"{{"Type": "Choice", "Choices": [{{"Variable": "$.p", "IsPresent": true, "Next": "{fail}"}}], "Default": "{next}"}}"#
                )
            }
        };
        states.push(format!(r#""{name}": {state}"#));
        name
    }
}

/// Tasks whose answers depend on nothing but the request: some fail, some are slow.
pub fn tasks(slow: bool) -> BoxTaskService {
    BoxCloneSyncService::new(tower::service_fn(move |request: TaskRequest| async move {
        let seen = format!("{} {} {:?}", request.state, request.retry_count, request.iteration);
        let hash = seen.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
        let modelled = Some(Duration::from_millis(if slow { u64::from(hash % 5) * 300 } else { 0 }));
        match hash % 7 {
            0 | 1 => Err(TaskFailure { modelled, ..TaskFailure::new("E1", "now and then") }),
            2 => Err(TaskFailure { modelled, ..TaskFailure::new("E2", "for good") }),
            _ => Ok(TaskResponse { reply: TaskReply::Done(Value::from(hash % 100)), modelled }),
        }
    }))
}
