//! The project file `aslx.toml`. One reader, one schema; an unknown key is an error with its place.
//!
//! ```toml
//! definition = "order.asl.json"      # where a folder has several definitions
//!
//! [substitutions]                    # values of ${Name} in the definition
//! TopicArn = "arn:aws:sns:us-east-1:000000000000:orders"
//! ```

use crate::error::CommandError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the file, beside a definition.
pub(crate) const FILE_NAME: &str = "aslx.toml";

/// What the project file says.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    /// The definition that a folder stands for.
    pub(crate) definition: Option<String>,
    /// Values of `${Name}` placeholders.
    #[serde(default)]
    pub(crate) substitutions: BTreeMap<String, String>,
}

impl Project {
    /// Reads the project file of a folder; a folder without one has the empty project.
    pub(crate) fn of_folder(folder: &Path) -> Result<Project, CommandError> {
        let path = folder.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Project::default()),
            Err(error) => return Err(CommandError::usage(format!("`{}` cannot be read: {error}", path.display()))),
        };
        toml::from_str(&text).map_err(|error| {
            CommandError::usage(format!("`{}` is no project file\n{error}", path.display()))
                .help("it has `definition` and a table [substitutions] of texts")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error() {
        let project: Project = toml::from_str("definition = \"a\"\n[substitutions]\nX = \"1\"").unwrap();
        assert_eq!(project.substitutions.get("X").map(String::as_str), Some("1"));
        let error = toml::from_str::<Project>("definitions = \"a\"").unwrap_err().to_string();
        assert!(error.contains("unknown field `definitions`"), "{error}");
    }
}
