//! Test files: `*.test.yaml`, `*.test.yml`, `*.test.json`. docs/testing.md describes the format; the JSON Schema that
//! editors use is [`SCHEMA`].
//!
//! A file is read as a tree that knows its places, its tables are spread into rows, and each row is read into what a
//! [`crate::Test`] is built from. Nothing is skipped: a name that nobody knows is an error with its place.

mod answer;
mod case;
mod expectation;
mod fields;
mod include;
mod names;
mod rows;
mod span;
#[cfg(test)]
mod tests;

pub use case::Case;
pub use span::duration_of;

use crate::mocks::Mocks;
use answer::Library;
use aslx_asl::Diagnostic;
use aslx_asl::syntax::{Document, Node, Span};
use fields::Reader;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of the format that this program reads.
pub const VERSION: u64 = 1;

/// The JSON Schema of the format.
pub const SCHEMA: &str = include_str!("../../schema/test-file.schema.json");

/// Code of the diagnostics about test files.
pub const CODE: &str = "TEST_FILE";

/// Gives the text of a file.
pub type ReadText<'r> = &'r dyn Fn(&Path) -> std::io::Result<String>;

/// A test file that was read.
#[derive(Debug, Clone)]
pub struct TestFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its cases; every row of a table is one.
    pub cases: Vec<Case>,
}

/// Why a test file cannot be used.
#[derive(Debug, Clone)]
pub struct FileError {
    /// The file: the test file, or one that it includes.
    pub file: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// What is wrong with it; never empty.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether this is the name of a test file.
pub fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    [".test.yaml", ".test.yml", ".test.json"].iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// What all cases of a file have in common.
#[derive(Debug, Clone, Default)]
struct Shared {
    definition: Option<PathBuf>,
    substitutions: BTreeMap<String, String>,
    mocks: Mocks,
    library: Library,
}

impl TestFile {
    /// Reads a test file. `read` gives the texts of the files that it names: included ones, inputs, outputs.
    ///
    /// Errors: all that is wrong with this file, or with the first included one that cannot be used.
    pub fn read(path: &Path, text: &str, read: ReadText<'_>) -> Result<TestFile, FileError> {
        let error = |diagnostics| FileError { file: path.to_owned(), text: text.into(), diagnostics };
        let tree = document(path, text).map_err(|diagnostic| error(vec![diagnostic]))?;
        let mut reader = Reader::new(path, &tree, read);
        let cases = reader.file(tree.root())?;
        match reader.into_diagnostics() {
            none if none.is_empty() => Ok(TestFile { path: path.to_owned(), cases }),
            diagnostics => Err(error(diagnostics)),
        }
    }
}

/// The tree of a test file or an included one. Nothing is told in words of its own: the language would miss a definition.
fn document(path: &Path, text: &str) -> Result<Document, Diagnostic> {
    if text.trim().is_empty() {
        let empty = Diagnostic::error(CODE, "", Span::default(), "the file is empty");
        return Err(
            empty.help("a test file has `version: 1` and `cases`, an included one `version: 1` and what it shares")
        );
    }
    Document::read(&path.to_string_lossy(), text)
}

impl Reader<'_> {
    fn file(&mut self, root: &Node) -> Result<Vec<Case>, FileError> {
        let Some(mut fields) = self.object(root, "", "a test file", names::FILE) else { return Ok(Vec::new()) };
        self.version(&mut fields);
        let mut shared = Shared::default();
        if let Some(list) = fields.take("include") {
            include::read(self, list, &mut shared, 0)?;
        }
        self.fixtures(&mut fields, &mut shared);
        shared.definition = fields.take("definition").and_then(|field| self.beside(&field));
        let mut cases = Vec::new();
        match fields.take("cases") {
            Some(field) => {
                for item in self.items(&field) {
                    cases.extend(self.case(&item, &shared));
                }
            }
            None => self.fault(root.span, "", "`cases` is missing", Some("it is the list of the tests of this file")),
        }
        Ok(cases)
    }

    fn version(&mut self, fields: &mut fields::Fields<'_>) {
        match fields.take("version") {
            Some(field) if field.node.to_value().as_i64() != Some(VERSION as i64) => {
                let found = field.node.to_value().to_json();
                let message = format!("version `{found}` of the format is not known");
                self.fault(field.node.span, &field.pointer, &message, Some("this program reads version 1"));
            }
            Some(_) => {}
            None => {
                let help = "the first line of a test file is `version: 1`";
                self.fault(fields.node.span, &fields.pointer, "`version` is missing", Some(help));
            }
        }
    }

    /// What test files and included files both can have.
    fn fixtures(&mut self, fields: &mut fields::Fields<'_>, shared: &mut Shared) {
        if let Some(field) = fields.take("substitutions") {
            shared.substitutions.extend(self.texts(&field));
        }
        if let Some(field) = fields.take("answers") {
            for (name, value) in self.members(&field) {
                if let Some(draft) = self.draft(&value, &shared.library) {
                    shared.library.insert(name, draft);
                }
            }
        }
        if let Some(field) = fields.take("mocks") {
            for (state, value) in self.members(&field) {
                let mocks = self.mocks(&value, &shared.library);
                shared.mocks.set(&state, mocks);
            }
        }
    }
}
