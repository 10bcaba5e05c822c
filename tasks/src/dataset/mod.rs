//! The data of distributed Maps: items out of buckets, results into them.
//!
//! [`Datasets`] answers the two tasks of a map run ([`aslx_engine::map_run::ReadTask`], `WriteTask`) through the
//! bucket port. A data set is a stream of items: however large it is, one page of it is in memory.
//!
//! * *Open* goes through the whole stream once. So a data set that is broken anywhere starts no child at all, the
//!   total is known from the beginning, and the *pin* can be made: a hash of what was read (keys, versions, sizes).
//! * *Page* goes through it again, from where the run stands. The stream stays open between pages; after a restart it
//!   is opened anew and the items that were taken already are skipped. Each object is read at the version at which it
//!   was found, and at the end the hash must be the pinned one.
//!
//! ```text
//! bucket port → blocks (ranges of one version) → unpack (gzip, zstd) → csv | json | lines → items
//!                                             → parquet                                  ↗
//! listing | inventory | manifest of Athena → members, each read as above                ↗
//! ```

mod athena;
mod blocks;
mod csv;
mod inventory;
mod items;
mod json;
mod lines;
mod listing;
mod members;
mod open;
#[cfg(feature = "parquet")]
mod parquet;
mod source;
mod stream;
mod write;

#[cfg(test)]
mod tests;

pub use open::Datasets;
