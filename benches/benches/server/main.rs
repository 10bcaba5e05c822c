//! The server over HTTP: the program as it is shipped, a data directory, and clients on the same machine.
//!
//! `cargo bench -p aslx-benches --bench server -- together` measures one part: `alone`, `together`, `beginning` or
//! `waiting`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs)]

mod alone;
mod beginning;
mod client;
mod process;
mod together;
mod waiting;
mod way;
mod workloads;

use aslx_benches::{Report, built};
use std::path::PathBuf;

fn main() {
    let aslx = built(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".."));
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    let mut report = Report::open();
    // One thread for all clients: the processors are the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if wanted("alone") {
            alone::measure(&mut report, &aslx).await;
        }
        if wanted("together") {
            together::measure(&mut report, &aslx).await;
        }
        if wanted("beginning") {
            beginning::measure(&mut report, &aslx).await;
        }
        if wanted("waiting") {
            waiting::measure(&mut report, &aslx).await;
        }
    });
}
