//! `--mocks`: the answers of a test case in Step Functions Local's mock configuration file.

use crate::definition::Definition;
use crate::error::CommandError;
use aslx_engine::layers::{Answers, MockConfig};

/// Reads `FILE#CASE`. The file's state machine is the one of the definition's name, or its only one.
pub(super) fn read(mocks: &str, definition: &Definition) -> Result<Answers, CommandError> {
    let (file, case) = mocks.rsplit_once('#').ok_or_else(|| {
        CommandError::usage(format!("expected FILE#CASE, found `{mocks}`"))
            .help("the test case is named after the file, as in mocks.json#HappyPath")
    })?;
    let text = std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("`{file}` cannot be read: {error}")))?;
    let wrong = |diagnostics| CommandError::Definition { file: file.to_owned(), text: text.clone(), diagnostics };
    let config = MockConfig::read(&text).map_err(wrong)?;
    let machine = match config.machines.as_slice() {
        [only] => only,
        _ => config.machine(&definition.name).map_err(CommandError::usage)?,
    };
    match machine.check(&definition.program) {
        none if none.is_empty() => config.answers(&machine.name, case).cloned().map_err(CommandError::usage),
        diagnostics => Err(wrong(diagnostics)),
    }
}
