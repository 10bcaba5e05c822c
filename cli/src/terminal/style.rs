//! Colour, where it is wanted.

use std::io::IsTerminal;

/// Whether to colour words. `NO_COLOR` turns it off, whatever it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    colour: bool,
}

impl Style {
    pub(crate) fn of_stdout() -> Style {
        Style { colour: stdout_is_terminal() && wanted() }
    }

    pub(crate) fn of_stderr() -> Style {
        Style { colour: stderr_is_terminal() && wanted() }
    }

    pub(crate) fn colour(self) -> bool {
        self.colour
    }

    pub(crate) fn red(self, words: &str) -> String {
        self.paint("1;31", words)
    }

    pub(crate) fn green(self, words: &str) -> String {
        self.paint("1;32", words)
    }

    pub(crate) fn dim(self, words: &str) -> String {
        self.paint("2", words)
    }

    pub(crate) fn bold(self, words: &str) -> String {
        self.paint("1", words)
    }

    fn paint(self, code: &str, words: &str) -> String {
        if self.colour { format!("\x1b[{code}m{words}\x1b[0m") } else { words.to_owned() }
    }
}

#[expect(clippy::disallowed_methods, reason = "NO_COLOR is a convention of all terminal programs")]
fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

pub(crate) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}
