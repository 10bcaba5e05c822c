//! Threads for connections. Each has a runtime of its own, and a connection stays on the thread that it was given to,
//! with the executions that it starts: no thread is woken to look whether it could help with a request that is done
//! before it has looked. (tokio's runtime of several threads wakes one for each, which costs more than the request.)

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The threads. Without any, connections are on the runtime of whoever started the server.
#[derive(Default)]
pub(crate) struct Lanes {
    lanes: Vec<Lane>,
    last: AtomicUsize,
}

/// The thread ends when `end` is dropped.
struct Lane {
    runtime: Handle,
    _end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Lanes {
    /// Errors: the machine has no more threads or files for them.
    pub(crate) fn new(count: usize) -> std::io::Result<Lanes> {
        let lanes = (0..count).map(Lane::new).collect::<std::io::Result<_>>()?;
        Ok(Lanes { lanes, last: AtomicUsize::new(0) })
    }

    /// The runtime of the next connection.
    pub(super) fn next(&self) -> Handle {
        let number = self.last.fetch_add(1, Ordering::Relaxed) % self.lanes.len().max(1);
        self.lanes.get(number).map_or_else(Handle::current, |lane| lane.runtime.clone())
    }

    /// Ends the threads and waits for them; what still runs there is dropped. Without this they end by themselves.
    pub(crate) fn join(self) {
        let threads: Vec<_> = self.lanes.into_iter().map(|lane| lane.thread).collect();
        for thread in threads {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

impl Lane {
    fn new(number: usize) -> std::io::Result<Lane> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let run = move || {
            // Whether it is told or let go: that is the end.
            let _ = runtime.block_on(ended);
            // Work on threads of its own, such as a picture, is not waited for.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name(format!("aslx lane {number}")).spawn(run)?;
        Ok(Lane { runtime: handle, _end: end, thread })
    }
}
