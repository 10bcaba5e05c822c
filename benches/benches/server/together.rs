//! Many clients at a time, each on a connection of its own.

use super::client::{Client, PATIENCE};
use super::process::Server;
use super::way::{Way, prepare};
use super::workloads::ten;
use aslx_benches::Report;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const CLIENTS: usize = 64;

const LASTS: Duration = Duration::from_secs(5);

pub(crate) async fn measure(report: &mut Report, aslx: &Path) {
    let cases = [
        (Way::Started, "durable starts", 333.0),
        (Way::Durable, "durable until ended", 333.0),
        (Way::Sync, "sync", 200.0),
    ];
    for (way, name, goal) in cases {
        let Crowd { seconds, mut latencies } = crowd(aslx, way).await;
        latencies.sort_unstable();
        let at = |part: f64| latencies[(latencies.len() as f64 * part) as usize];
        let (median, p99) = (at(0.5).as_secs_f64() * 1e3, at(0.99).as_secs_f64() * 1e3);
        let count = latencies.len() as f64;
        println!("{:.0} a second: {name}, {CLIENTS} clients; median {median:.1} ms, p99 {p99:.1} ms", count / seconds);
        report.figure(&format!("server: {name}, {CLIENTS} clients"), seconds * 1e6 / count, "µs each", goal);
        report.figure(&format!("server: {name}, {CLIENTS} clients, p99"), p99, "ms", 50.0);
    }
}

/// What came of a crowd of clients.
struct Crowd {
    seconds: f64,
    latencies: Vec<Duration>,
}

async fn crowd(aslx: &Path, way: Way) -> Crowd {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(aslx, data.path());
    let mut looker = server.client().await;
    let (request, output) = prepare(&mut looker, &ten(), way).await;
    let (request, output) = (Arc::<str>::from(request), Arc::<str>::from(output));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(server.client().await);
    }
    let before = server.processor_seconds();
    let begun = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|client| tokio::spawn(repeat(client, way, request.clone(), output.clone(), begun + LASTS)))
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    let seconds = begun.elapsed().as_secs_f64();
    let processor = (server.processor_seconds() - before) * 1e6 / latencies.len() as f64;
    println!("{processor:.0} µs of the server's processor time each");
    all_succeeded(&mut looker, way, latencies.len() + 1).await;
    Crowd { seconds, latencies }
}

async fn repeat(mut client: Client, way: Way, request: Arc<str>, output: Arc<str>, until: Instant) -> Vec<Duration> {
    let mut latencies = Vec::new();
    loop {
        let begun = Instant::now();
        if begun >= until {
            return latencies;
        }
        if let Some(found) = way.run(&mut client, &request).await {
            assert_eq!(*found, *output);
        }
        latencies.push(begun.elapsed());
    }
}

/// Waits until all that was started has succeeded, also where nobody has looked.
async fn all_succeeded(looker: &mut Client, way: Way, count: usize) {
    let machine_type = way.machine_type();
    let succeeded = format!("aslx_executions_ended_total{{type=\"{machine_type}\",status=\"SUCCEEDED\"}}");
    let begun = Instant::now();
    while looker.metric(&succeeded).await != count {
        assert!(begun.elapsed() < PATIENCE, "not all executions have succeeded");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
