//! The server, with tasks of these tests, until it is killed: `server-load DIRECTORY [LAYER]`, or `-` to keep nothing. It says
//! `ready ADDRESS`, and whenever a callback is asked for `token NAME TOKEN`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a program of a test: its failures are findings"
)]

use aslx_server::{Server, Tasks};
use aslx_tests_crash::kill::{store, tasks};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens when the client has gone.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[tokio::main]
async fn main() {
    let store = store();
    let ask = |execution: &str, token: &str| {
        say(&format!("token {} {token}", execution.rsplit(':').next().unwrap()));
    };
    // Executions that wait are put away soon, so that this is disturbed too.
    let server = Server::builder()
        .store(store)
        .tasks(Tasks::new(tasks(ask), Arc::new(|_| Ok(()))))
        .put_away_after(Duration::from_millis(50))
        .threads(2)
        .start()
        .await
        .unwrap();
    say(&format!("ready {}", server.address()));
    // They are taken up while it is called.
    assert_eq!(server.recovered().await.unwrap().failed, 0);
    std::future::pending::<()>().await;
}
