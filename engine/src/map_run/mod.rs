//! A map run: the children of a distributed Map, counted and bounded.
//!
//! It is as pure as the interpreter: it is told what has reached it, and says what to do next. It knows no clock, no
//! bucket and no thread. Children are executions of their own, with journals of their own; the parent's journal sees
//! only that the run started and how it ended.
//!
//! # Its journal
//!
//! A map run has a journal of its own, of [`MapRunEntry`]s, kept under the run's ARN. With the request, which the
//! parent's journal replays to, it gives back the run:
//!
//! | entry | what it settles |
//! |---|---|
//! | `Started` | that there is a run, before its data set was looked through; always the first |
//! | `Opened` | how many items there are, and the *pin*: which bytes they are read from (keys, versions, hashes) |
//! | `ChildStarted` | so many of the next items went into this child; committed together with the child's `Started` |
//! | `ChildEnded` | how a child ended, and what its result has to say |
//! | `Written` | a part of a file of results is safe, and the receipt that later parts need |
//! | `Failed` | the run cannot go on: items cannot be read or selected, results cannot be written |
//! | `Changed` | other limits, asked for by UpdateMapRun |
//! | `Stopped` | nobody waits for the run any more |
//! | `Redriven` | what was not successful is to be done again |
//!
//! *Where the reader stands* is the sum of the items of all started children, so it is not written down. *Items* are
//! not in the journal either: they are read again from the pinned data set, from there. Names, seeds and drawn values
//! of a child come from the run's seed and the child's number alone, so they do not depend on the order of events.
//!
//! # How it is driven
//!
//! [`MapRun::step`] gives the next thing to do until there is none, and asks for nothing twice; after a replay it
//! gives again what was under way, because nothing in a journal says that something was asked for. So a driver has
//! one loop: apply what arrived ([`MapRun::apply`] with the entry that was committed), then `step` until `None`:
//!
//! * [`MapRunAction::Work`]: call the task service; its answer goes to [`MapRun::answered`], which gives the entry to
//!   commit and apply, or `None` for a page of items, which is only kept in memory;
//! * [`MapRunAction::Start`]: commit `ChildStarted` and the child's `Started` together, apply the former, go on;
//! * [`MapRunAction::Redrive`]: a child that was not successful runs again, under its old ARN;
//! * [`MapRunAction::Journal`]: commit and apply this entry;
//! * [`MapRunAction::StopChildren`]: stop what runs; each child's end arrives as `ChildEnded` as usual;
//! * [`MapRunAction::Finish`]: the run has ended; journal `MapRunEnded` for the parent.
//!
//! After a restart the driver replays the parent, then the run's journal, then the journals of
//! [`MapRun::running`] children, and steps on. No finished child is repeated.
//!
//! # Memory
//!
//! A run holds one page of items and the batches made of it, what runs, counters, the numbers of children that were
//! not successful, and results: those for the state's output only while they fit into it, those for a bucket up to
//! two parts of a file. All else lies in journals, in the data set, or in the bucket.

mod action;
mod batch;
mod counts;
mod entry;
mod files;
mod record;
mod request;
mod results;
mod run;
mod select;
mod supply;
mod work;

#[cfg(test)]
mod tests;

pub use action::{Child, MapRunAction, RunResult, WorkId};
pub use counts::{RunCounts, Tally};
pub use entry::{ChildEnd, MapRunEntry, MapRunEntryKind, ResultFile, RunLimits};
pub use request::{BatchLimits, ItemSource, MapRunRequest, ReadRequest, Snapshot, WriteRequest};
pub use run::MapRun;
pub(crate) use select::shape_items;
pub use work::{ReadTask, WriteTask};

/// Children that a run has at one time at the most (developer guide, "Quotas").
pub const MAX_CONCURRENCY: usize = 10_000;
