//! The entry: everything that is to be said of a definition.

use super::context::Context;
use crate::compile::{CompileOptions, Compiled, compile_document};
use crate::diagnostic::{Diagnostic, Severity};
use crate::program::Program;
use crate::syntax::Document;
use std::collections::BTreeSet;

/// What the author does not want to hear.
#[derive(Debug, Clone, Default)]
pub struct LintSettings {
    silenced: BTreeSet<String>,
}

impl LintSettings {
    /// Settings that silence the warnings with these codes.
    pub fn silencing<S: Into<String>>(codes: impl IntoIterator<Item = S>) -> LintSettings {
        LintSettings { silenced: codes.into_iter().map(Into::into).collect() }
    }

    /// Whether a diagnostic is to be told. Errors always are.
    pub fn tells(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.severity() == Severity::Error || !self.silenced.contains(diagnostic.code())
    }
}

/// Looks for what is legal but probably wrong in a program.
pub fn lint(program: &Program, settings: &LintSettings) -> Vec<Diagnostic> {
    let mut context = Context::new(program);
    super::errors::lint(&mut context);
    super::choice::lint(&mut context);
    super::loops::lint(&mut context);
    super::task::lint(&mut context);
    super::lost_input::lint(&mut context);
    let mut found = context.found;
    found.retain(|diagnostic| settings.tells(diagnostic));
    found.sort_by_key(|diagnostic| diagnostic.span().start);
    found
}

/// Compiles a definition and adds the lints to its diagnostics; silenced warnings are left out.
pub fn check(document: Document, options: &CompileOptions, settings: &LintSettings) -> Compiled {
    let mut compiled = compile_document(document, options);
    compiled.diagnostics.retain(|diagnostic| settings.tells(diagnostic));
    if let Some(program) = &compiled.program {
        compiled.diagnostics.extend(lint(program, settings));
    }
    compiled
}
