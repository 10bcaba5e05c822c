//! How much the server takes on.

use std::time::Duration;

/// How much the server takes on. The defaults keep one caller from using up the machine; rates are not limited unless
/// somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body. AWS takes 1 MB; a definition of that length, as a JSON text, is longer.
    pub body: usize,
    /// Bytes of all larger bodies that are being received at one time; more of them wait.
    pub bodies: usize,
    /// Connections at one time; more wait in the machine's queue.
    pub connections: usize,
    /// How long a client may take to send the head of a request (or nothing, between two of them), and again for its
    /// body. For taking an answer it has three times as long.
    pub patience: Duration,
    /// How long requests have to end by themselves when the server stops. Those that have not are answered that it
    /// stops, and may have been carried out.
    pub farewell: Duration,
    /// Executions that are open at one time; one more is an `ExecutionLimitExceeded` (1,000,000 at AWS).
    pub open_executions: u64,
    /// Workers that wait for tasks of one activity; one more is an `ActivityWorkerLimitExceeded` (1,000 at AWS).
    pub activity_pollers: usize,
    /// Requests per second, all operations together; more are a `ThrottlingException`. A second's worth may come at
    /// once.
    pub requests_per_second: Option<u32>,
    /// Whether each operation has the rate that it has at AWS, in its larger regions.
    pub aws_rates: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body: 4 << 20,
            bodies: 256 << 20,
            connections: 4_096,
            patience: Duration::from_secs(20),
            farewell: Duration::from_secs(2),
            open_executions: 1_000_000,
            activity_pollers: 1_000,
            requests_per_second: None,
            aws_rates: false,
        }
    }
}
