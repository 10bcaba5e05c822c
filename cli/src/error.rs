//! What can go wrong before or around an execution, and the exit code that says so.

use crate::terminal::Style;
use aslx_asl::Diagnostic;
use aslx_asl::diagnostic::render;
use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// The command line, a file, the machine.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// A definition that is not valid.
    Definition {
        /// Its name, as it was given.
        file: String,
        /// Its text.
        text: String,
        /// What is wrong with it.
        diagnostics: Vec<Diagnostic>,
    },
    /// A definition that is valid, but needs what is not here.
    CannotRun {
        /// One line per state.
        reasons: Vec<String>,
    },
}

impl CommandError {
    pub(crate) fn usage(message: impl Into<String>) -> CommandError {
        CommandError::Usage { message: message.into(), help: None }
    }

    #[must_use]
    pub(crate) fn help(self, text: impl Into<String>) -> CommandError {
        match self {
            CommandError::Usage { message, .. } => CommandError::Usage { message, help: Some(text.into()) },
            other => other,
        }
    }

    /// Prints it on standard error.
    pub(crate) fn print(&self) {
        let style = Style::of_stderr();
        match self {
            CommandError::Usage { message, help } => {
                eprintln!("{} {message}", style.red("error:"));
                if let Some(help) = help {
                    eprintln!("  = help: {help}");
                }
            }
            CommandError::Definition { file, text, diagnostics } => {
                for diagnostic in diagnostics {
                    eprintln!("{}", render(diagnostic, file, text, style.colour()));
                }
                let errors = diagnostics.iter().filter(|d| d.severity() == aslx_asl::Severity::Error).count();
                let plural = if errors == 1 { "" } else { "s" };
                eprintln!("{errors} error{plural} in {file}: nothing was run");
            }
            CommandError::CannotRun { reasons } => {
                eprintln!("{} this definition cannot run here", style.red("error:"));
                for reason in reasons {
                    eprintln!("  {reason}");
                }
                eprintln!(
                    "  = help: nothing was run; offline, Lambda functions of the image pipeline, sns:publish and dynamodb work"
                );
            }
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            CommandError::Usage { .. } => ExitCode::from(2),
            CommandError::Definition { .. } | CommandError::CannotRun { .. } => ExitCode::from(3),
        }
    }
}
