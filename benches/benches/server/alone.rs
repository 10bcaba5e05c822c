//! One client: the processor time that an execution costs the server, the client's looks at it included.

use super::process::Server;
use super::way::{Way, prepare};
use super::workloads::{Workload, jsonata, large, map, pipeline, ten, turns};
use aslx_benches::Report;
use std::path::Path;
use std::time::{Duration, Instant};

/// The clock of a process has steps of 10 ms.
const LASTS: Duration = Duration::from_secs(3);

pub(crate) async fn measure(report: &mut Report, aslx: &Path) {
    let durable = [(ten(), 0.25), (pipeline(), 0.3), (map(), 10.0), (turns(), 10.0), (jsonata(), 1.5), (large(), 10.0)];
    for (workload, goal) in durable {
        let milliseconds = processor(aslx, &workload, Way::Durable).await;
        report.figure(&format!("server: {}, durable", workload.name), milliseconds, "ms of CPU", goal);
    }
    let milliseconds = processor(aslx, &ten(), Way::Sync).await;
    report.figure("server: ten Pass states, sync", milliseconds, "ms of CPU", 0.15);
}

/// Milliseconds of processor time per execution.
async fn processor(aslx: &Path, workload: &Workload, way: Way) -> f64 {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(aslx, data.path());
    let mut client = server.client().await;
    let (request, output) = prepare(&mut client, workload, way).await;
    let (begun, before) = (Instant::now(), server.processor_seconds());
    let mut count = 0;
    while begun.elapsed() < LASTS {
        assert_eq!(way.run(&mut client, &request).await.as_ref(), Some(&output));
        count += 1;
    }
    (server.processor_seconds() - before) * 1e3 / f64::from(count)
}
