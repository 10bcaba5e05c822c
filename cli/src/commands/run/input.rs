//! The input of an execution, from the command line.

use crate::error::CommandError;
use aslx_engine::{Data, PAYLOAD_LIMIT};
use std::io::Read;

/// Reads `--input`: `-` is standard input, a text that begins like JSON is itself, anything else a file.
pub(crate) fn read(argument: Option<&str>) -> Result<Data, CommandError> {
    let (name, text) = match argument {
        None => ("the input", "{}".to_owned()),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| CommandError::usage(format!("standard input cannot be read: {error}")))?;
            ("standard input", text)
        }
        Some(argument) if looks_like_json(argument) => ("--input", argument.to_owned()),
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| {
                CommandError::usage(format!("the input file `{file}` cannot be read: {error}"))
                    .help("--input takes a file, a JSON text or - for standard input")
            })?;
            (file, text)
        }
    };
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.len() > PAYLOAD_LIMIT {
        let message = format!("{name} has {} bytes, an input may have {PAYLOAD_LIMIT}", text.len());
        return Err(CommandError::usage(message).help("put large data into a bucket and hand over its key"));
    }
    Data::parse(text).map_err(|error| {
        let shown = text.lines().nth(error.line().saturating_sub(1)).unwrap_or("");
        let shown: String = shown.chars().take(100).collect();
        CommandError::usage(format!("{name} is not JSON: {error}\n  {shown}"))
    })
}

fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with(['{', '[', '"']) || matches!(text, "null" | "true" | "false") || text.parse::<f64>().is_ok()
}
