//! The template of `States.Format`.

use super::error::Refusal;
use crate::Value;
use crate::path::java_text;

/// Texts and the places between them.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    /// What stands before each place.
    parts: Vec<String>,
    /// What stands after the last place.
    end: String,
    /// A `{` without its `}`.
    broken: bool,
}

/// Builds a template from the characters of a text.
#[derive(Debug, Default)]
pub(super) struct Builder {
    template: Template,
    open: bool,
}

impl Template {
    pub(super) fn builder() -> Builder {
        Builder::default()
    }

    /// A template that was computed. Braces can be escaped in it as in a literal; any other backslash is itself.
    pub(super) fn of_text(text: &str) -> Template {
        let mut builder = Template::builder();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match chars.peek() {
                Some(&next @ ('{' | '}')) if c == '\\' => {
                    chars.next();
                    builder.plain(next);
                }
                _ => builder.unescaped(c),
            }
        }
        builder.finish()
    }

    /// The text with a value in each place.
    pub(super) fn fill(&self, values: &[Value]) -> Result<String, Refusal> {
        if self.broken {
            return Err(Refusal::Template("matching '}' not found for '{'."));
        }
        if self.parts.len() != values.len() {
            return Err(Refusal::Counted("number of arguments do not match the occurrences of {}."));
        }
        let mut text = String::new();
        for (part, value) in self.parts.iter().zip(values) {
            text.push_str(part);
            text.push_str(&java_text(value));
        }
        text.push_str(&self.end);
        Ok(text)
    }
}

impl Builder {
    /// A character that was escaped.
    pub(super) fn plain(&mut self, c: char) {
        self.template.broken |= self.open;
        self.template.end.push(c);
    }

    /// A character that may be a brace with a meaning.
    pub(super) fn unescaped(&mut self, c: char) {
        if self.open {
            self.open = false;
            if c == '}' {
                let before = std::mem::take(&mut self.template.end);
                self.template.parts.push(before);
                return;
            }
            self.template.broken = true;
        }
        if c == '{' {
            self.open = true;
        } else {
            self.template.end.push(c);
        }
    }

    pub(super) fn finish(mut self) -> Template {
        self.template.broken |= self.open;
        self.template
    }
}
