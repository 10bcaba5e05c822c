//! The server: a process that is started, looked at and killed.

use super::client::Client;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A server on a port of its own. It is killed when this is dropped, as by `SIGKILL`.
pub(crate) struct Server {
    child: Child,
    said: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Server {
    /// Starts a server that says nothing of its executions, and waits until it is ready.
    pub(crate) fn start(aslx: &Path, data: &Path) -> Server {
        Server::start_with(aslx, data, &["-q"])
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start_with(aslx: &Path, data: &Path, options: &[&str]) -> Server {
        let mut child = Command::new(aslx)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(options)
            // Variables of Step Functions Local and of its services would change what is measured.
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let ready = next_line(&mut said);
        let (_, address) = ready.split_once("AWS_ENDPOINT_URL_SFN=http://").unwrap();
        let address = address.split_whitespace().next().unwrap().parse().unwrap();
        Server { child, said, address }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> String {
        next_line(&mut self.said)
    }

    /// Seconds of processor that it has used, in the steps of the system's clock (10 ms).
    pub(crate) fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// Bytes of memory that it has held at the most.
    pub(crate) fn peak_memory(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        kilobytes.unwrap().parse::<f64>().unwrap() * 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have gone already; then there is nobody to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next_line(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "the server has gone");
    line
}
