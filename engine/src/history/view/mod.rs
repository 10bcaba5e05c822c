//! Histories for people: a tree of the states that were visited, and a table of the same.
//!
//! [`RunTree`] is fed event by event, from a running execution ([`RunTree::apply`]) or from an exported history
//! ([`read_history`], [`RunTree::see`]); it draws itself at any moment as text of a given width, and knows nothing of
//! terminals.

mod draw;
mod event;
mod lines;
mod model;
mod overlay;
mod read;
mod spans;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod track;
mod words;

pub use event::{IterationEnd, Payload, Seen, Sight};
pub use model::{Failed, RunStatus, RunTree};
pub use read::{HistoryReadError, read_history};
pub use spans::{RunSpan, SpanKey, SpanSubject};
pub use summary::{StateVisit, Stop, Try, VisitStatus};
pub use words::{duration, message_of, shorten};
