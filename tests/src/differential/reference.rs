//! The reference implementation, in a process of node.

use super::{Case, Outcome};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version of the npm package `jsonata`.
pub const VERSION: &str = "2.2.2";

/// Evaluates the cases of a file, one JSON object per line, and prints one line for each.
const SCRIPT: &str = r#"
const fs = require('fs');
const jsonata = require('jsonata');
(async () => {
    const out = [];
    for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n')) {
        if (line === '') continue;
        const { source, data } = JSON.parse(line);
        let answer;
        try {
            const expression = jsonata(source, { timeout: 1000, stack: 400 });
            const value = await expression.evaluate(data);
            let odd = null;
            const text = JSON.stringify(value, (_, part) => {
                if (typeof part === 'function' || (part && (part._jsonata_function || part._jsonata_lambda))) {
                    odd = 'function';
                    return null;
                }
                if (typeof part === 'number' && !Number.isFinite(part)) {
                    odd = odd || 'D1001';
                    return null;
                }
                return part;
            });
            answer = odd ? { code: odd } : text === undefined ? {} : { value: JSON.parse(text) };
        } catch (error) {
            answer = { code: error.code || '', crash: error.code ? undefined : String(error) };
        }
        out.push(JSON.stringify(answer));
    }
    fs.writeSync(1, out.join('\n') + '\n');
})();
"#;

/// Node with the package, in a folder that goes when this is dropped.
#[derive(Debug)]
pub struct Reference {
    folder: PathBuf,
    node: String,
}

/// Why there is no reference.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// Node or npm is not there, or does not start.
    #[error("cannot start `{program}`: {why}; the comparison needs node and npm")]
    Start {
        /// Which of them.
        program: String,
        /// What the system says.
        why: io::Error,
    },
    /// The package could not be installed.
    #[error("npm cannot install jsonata@{VERSION}: {0}")]
    Install(String),
    /// The evaluation did not end well.
    #[error("node cannot evaluate the cases: {0}")]
    Run(String),
    /// A file cannot be written.
    #[error("cannot write {}: {why}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

impl Reference {
    /// Installs the package below the system's folder for temporary files.
    pub fn install(node: &str, npm: &str) -> Result<Reference, ReferenceError> {
        let folder = std::env::temp_dir().join(format!("aslx-jsonata-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|why| ReferenceError::File { path: folder.clone(), why })?;
        let reference = Reference { folder, node: node.to_owned() };
        start(node, Command::new(node).arg("--version"))?;
        reference.write("package.json", "{\"private\": true}\n")?;
        reference.write("run.js", SCRIPT)?;
        let mut install = Command::new(npm);
        install.args(["install", "--no-audit", "--no-fund", "--silent", &format!("jsonata@{VERSION}")]);
        let output = start(npm, install.current_dir(&reference.folder))?;
        if !output.status.success() {
            return Err(ReferenceError::Install(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(reference)
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, ReferenceError> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(|why| ReferenceError::File { path: path.clone(), why })?;
        Ok(path)
    }

    /// What the reference makes of these cases. A case on which it fails without a code has an empty one.
    pub fn evaluate(&self, cases: &[Case]) -> Result<Vec<Outcome>, ReferenceError> {
        let lines: Vec<String> =
            cases.iter().map(|case| json!({"source": case.source, "data": case.data}).to_string()).collect();
        let input = self.write("cases.jsonl", &lines.join("\n"))?;
        let mut node = Command::new(&self.node);
        node.args(["--stack-size=3900"]).arg(self.folder.join("run.js")).arg(input).current_dir(&self.folder);
        let output = start(&self.node, &mut node)?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let outcomes: Vec<Outcome> = printed.lines().filter_map(answer).collect();
        if outcomes.len() != cases.len() {
            let why = String::from_utf8_lossy(&output.stderr);
            let why = why.trim().lines().last().unwrap_or("no reason given").to_owned();
            return Err(ReferenceError::Run(format!("{} of {} answers: {why}", outcomes.len(), cases.len())));
        }
        Ok(outcomes)
    }

    /// The folder of the package.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // What is left behind is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn start(program: &str, command: &mut Command) -> Result<std::process::Output, ReferenceError> {
    command.output().map_err(|why| ReferenceError::Start { program: program.to_owned(), why })
}

fn answer(line: &str) -> Option<Outcome> {
    let mut answer: Value = serde_json::from_str(line).ok()?;
    if let Some(code) = answer.get("code").and_then(Value::as_str) {
        return Some(Outcome::Code(code.to_owned()));
    }
    Some(answer.get_mut("value").map_or(Outcome::Nothing, |value| Outcome::Value(value.take())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_node_is_told() {
        let error = Reference::install("no-such-node", "no-such-npm").unwrap_err().to_string();
        assert!(error.starts_with("cannot start `no-such-node`: "), "{error}");
        assert!(error.ends_with("the comparison needs node and npm"), "{error}");
    }

    #[test]
    fn answers_are_read() {
        assert_eq!(answer(r#"{"value":[1]}"#), Some(Outcome::Value(json!([1]))));
        assert_eq!(answer("{}"), Some(Outcome::Nothing));
        assert_eq!(answer(r#"{"code":"T2001"}"#), Some(Outcome::Code("T2001".into())));
    }
}
