//! A skeleton as a test file.

use super::{Skeleton, Sketch};
use aslx_engine::history::view::RunTree;
use aslx_engine::layers::{Answer, AnswerKind, Times};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write;

impl Skeleton {
    /// The text of a test file. `definition` is the definition's path from the file; `substitutions` are the values of
    /// its placeholders that are nowhere else.
    pub fn to_yaml(&self, definition: &str, substitutions: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        // Writing to a text cannot fail.
        let _ = self.write(definition, substitutions, &mut out);
        out
    }

    fn write(&self, definition: &str, values: &BTreeMap<String, String>, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# One case for each branch, with made-up inputs and answers: replace them with real ones.")?;
        writeln!(out, "version: 1\ndefinition: {}", text(definition))?;
        if !values.is_empty() {
            writeln!(out, "substitutions:")?;
        }
        values.iter().try_for_each(|(name, value)| writeln!(out, "  {}: {}", text(name), text(value)))?;
        writeln!(out)?;
        if self.sketches.is_empty() {
            writeln!(out, "cases: []")?;
        } else {
            writeln!(out, "cases:")?;
        }
        for (number, sketch) in self.sketches.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            case(sketch, out)?;
        }
        if !self.open.is_empty() {
            writeln!(
                out,
                "\n# To fill in: no made-up input was found for these. Add a case for each, with an input and"
            )?;
            writeln!(out, "# answers that lead there.")?;
        }
        self.open.iter().try_for_each(|open| writeln!(out, "#  - {open}"))
    }
}

fn case(sketch: &Sketch, out: &mut String) -> std::fmt::Result {
    writeln!(out, "  - name: {}", text(&sketch.name))?;
    writeln!(out, "    input: {}", flow(&sketch.input))?;
    if !sketch.answers.is_empty() {
        writeln!(out, "    mocks:")?;
    }
    for (state, answers) in &sketch.answers {
        let state = text(state);
        if let [(answer, _)] = answers.as_slice()
            && answer.times == Times::Always
        {
            writeln!(out, "      {state}: {{ {} }}", deed(answer))?;
            continue;
        }
        writeln!(out, "      {state}:")?;
        for (answer, count) in answers {
            let times = if *count > 1 { format!(", times: {count}") } else { String::new() };
            writeln!(out, "        - {{ {}{times} }}", deed(answer))?;
        }
    }
    let outcome = &sketch.run.outcome;
    writeln!(out, "    expect:\n      status: {}", outcome.status.name())?;
    if let Some(error) = &outcome.error {
        writeln!(out, "      error: {}", text(error))?;
    }
    let path: Vec<String> = path(sketch).iter().map(|state| text(state)).collect();
    writeln!(out, "      path: [{}]", path.join(", "))
}

/// The states of the outermost machine, in the order in which they were entered.
fn path(sketch: &Sketch) -> Vec<String> {
    let mut tree = RunTree::in_virtual_time();
    sketch.run.history.iter().for_each(|event| tree.apply(event));
    tree.way().iter().map(|stop| stop.state.to_string()).collect()
}

fn deed(answer: &Answer) -> String {
    let done = match &answer.kind {
        AnswerKind::Return(value) => {
            format!("return: {}", flow(&serde_json::from_str(&value.to_json()).unwrap_or_default()))
        }
        AnswerKind::Throw { error, cause, .. } => {
            let cause = cause.as_deref().unwrap_or_default();
            format!("throw: {{ error: {}, cause: {} }}", text(error), text(cause))
        }
        AnswerKind::TimeOut => "timeOut: true".to_owned(),
        AnswerKind::MissHeartbeat => "missHeartbeat: true".to_owned(),
        AnswerKind::CallReal => "call: real".to_owned(),
    };
    match answer.modelled {
        Some(modelled) => format!("{done}, takes: {} s", modelled.as_secs()),
        None => done,
    }
}

/// A text as YAML: bare where it cannot be anything else.
fn text(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/ ".contains(c))
        && !text.ends_with(' ')
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if is_plain { text.to_owned() } else { Json::from(text).to_string() }
}

/// JSON on one line, which is YAML too.
fn flow(value: &Json) -> String {
    match value {
        Json::Object(members) if members.is_empty() => "{}".to_owned(),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{}: {}", Json::from(name.as_str()), flow(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
