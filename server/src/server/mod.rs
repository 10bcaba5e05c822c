//! The server as a library call.

mod builder;

pub use builder::ServerBuilder;

use crate::http::{Lanes, Response, respond};
use crate::operations::Api;
use crate::watch::Notice;
use aslx_engine::runtime::{EngineError, Recovered};
use aslx_engine::store::StoreError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("`{address}` cannot be listened on: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// An address that others reach, and nothing that keeps them out.
    #[error("`{0}` can be reached by others: set a token or keys to sign with, or listen on a loopback address")]
    Unprotected(SocketAddr),
    /// The machine has no threads for it.
    #[error("no threads can be started: {0}")]
    Threads(std::io::Error),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What ran before cannot go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// How long executions have to put down what they are doing when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// How long threads have to end when nothing runs there.
const LAST_THREAD: Duration = Duration::from_secs(1);

/// A server that runs. Dropping it stops it at once; [`Server::stop`] lets what is under way finish.
pub struct Server {
    address: SocketAddr,
    api: Arc<Api>,
    stop: watch::Sender<bool>,
    listener: JoinHandle<()>,
    recovered: watch::Receiver<Option<Recovered>>,
    notices: Option<mpsc::Receiver<Notice>>,
    /// Tells those who post that the last execution has been put down, and waits for them.
    farewell: watch::Sender<bool>,
    posting: Vec<JoinHandle<()>>,
    /// Executions run there.
    lanes: Arc<Lanes>,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client sets as its endpoint.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers a request without a connection: the header `X-Amz-Target` and the body. For tests, and for programs that
    /// have the server inside themselves.
    pub async fn respond(&self, target: &str, body: &[u8]) -> Response {
        respond(&self.api, Some(target), None, body).await
    }

    #[cfg(test)]
    pub(crate) fn api(&self) -> &Arc<Api> {
        &self.api
    }

    /// What was open when the process before this one ended: told when all of it has been taken up. Mostly that is when
    /// the server starts; where it takes long, requests are answered meanwhile. If it stops before that, nothing is told.
    pub fn recovered(&self) -> impl Future<Output = Option<Recovered>> + Send + 'static {
        let mut recovered = self.recovered.clone();
        async move { recovered.wait_for(Option::is_some).await.ok().and_then(|recovered| *recovered) }
    }

    /// What happens to executions, if the builder was told that somebody listens. Can be taken once.
    pub fn notices(&mut self) -> Option<mpsc::Receiver<Notice>> {
        self.notices.take()
    }

    /// Takes no more work, lets what is under way finish for a few seconds, and ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.api.stopping.send_replace(true);
        // It ends by itself; where it failed there is nothing left to stop.
        let _ = (&mut self.listener).await;
        // What has not put its work down by then is taken up again from what is committed.
        self.api.engine.shutdown(FAREWELL).await;
        self.farewell.send_replace(true);
        for posting in std::mem::take(&mut self.posting) {
            // It ends by itself within seconds.
            let _ = posting.await;
        }
        // So that nobody holds the store any more; a thread that is deep in some work is not waited for.
        if let Some(lanes) = Arc::into_inner(std::mem::take(&mut self.lanes)) {
            let _ = tokio::time::timeout(LAST_THREAD, tokio::task::spawn_blocking(|| lanes.join())).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listener.abort();
    }
}
