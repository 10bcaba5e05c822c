//! From the start of the process to the first result, and the memory of a server with nothing to do.

use super::process::Server;
use super::way::{Way, prepare};
use super::workloads::ten;
use aslx_benches::Report;
use std::path::Path;
use std::time::{Duration, Instant};

const ROUNDS: usize = 15;

pub(crate) async fn measure(report: &mut Report, aslx: &Path) {
    let mut times = Vec::new();
    let mut memory = 0.0;
    for round in 1..=ROUNDS {
        let data = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let server = Server::start(aslx, data.path());
        prepare(&mut server.client().await, &ten(), Way::Durable).await;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        if round == ROUNDS {
            memory = memory_at_rest(&server).await;
        }
    }
    times.sort_by(f64::total_cmp);
    report.figure("server: from its start to the first result", times[ROUNDS / 2], "ms", 50.0);
    report.figure("server: memory with nothing to do", memory / 1e6, "MB", 20.0);
}

/// Bytes of memory that a server holds a little after it has been left alone.
pub(crate) async fn memory_at_rest(server: &Server) -> f64 {
    tokio::time::sleep(Duration::from_secs(2)).await;
    server.memory()
}
