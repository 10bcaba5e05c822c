//! Commits that are on the disk, and not in the tables yet.
//!
//! Putting a commit into the tables changes a page of each index: ten pages, each to be written for a start alone. So a
//! small commit is first written down as it is, in a page or two of the table `inbox`, and is answered then. It is put
//! into the tables (*filed*) within a quarter of a second, together with others: an execution that has ended by then
//! costs one row, and neighbours share their pages. Whoever reads meanwhile sees it in [`Fresh`].
//!
//! All of it is in the one file and its log, so there is nothing else to sync, and a crash leaves what was committed:
//! what the inbox holds then is filed when the store is opened.

mod fresh;
mod letter;
mod parts;

pub(super) use fresh::{Fresh, Grown};
pub(super) use letter::{read, write};
pub(super) use parts::{Found, Parts};
