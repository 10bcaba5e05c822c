//! The server as a library call.

use crate::arn::Account;
use crate::definition::Programs;
use crate::http::{Access, Doors, Lanes, Limits, Response, listen, respond};
use crate::log_groups::LogGroups;
use crate::model::Model;
use crate::operations::{Api, Pollers};
use crate::post::Endpoint;
use crate::rates::Rates;
use crate::registry::Registry;
use crate::since::Since;
use crate::tasks::{Itself, Tasks};
use crate::trace::{TraceOptions, Traces};
use crate::upkeep::{self, Upkeep};
use crate::watch::{Audience, Ended, Interest, Notice, Outbox, Watch, deliver};
use aslx_engine::interpreter::Status;
use aslx_engine::runtime::{Engine, EngineError, Pace, Recovered};
use aslx_engine::store::{MemoryStore, Store, StoreError};
use aslx_engine::{Clock, SystemClock};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::net::TcpListener;
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

/// How a server is to be.
pub struct ServerBuilder {
    listen: SocketAddr,
    account: Account,
    access: Access,
    limits: Limits,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    tasks: Tasks,
    since: Since,
    log_groups: LogGroups,
    interest: Option<Interest>,
    event_payloads: bool,
    webhook: Option<Endpoint>,
    traces: Option<TraceOptions>,
    upkeep: Upkeep,
    patience: Option<Duration>,
    lanes: usize,
}

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

/// In virtual time, how long nobody may have asked for an execution before it jumps over a wait: enough for a client to
/// stop what it has started, and not felt by one that asks for the end.
const QUIET: Duration = Duration::from_millis(20);

/// How long executions have to put down what they are doing when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// How long the server takes up what was open before it answers requests meanwhile.
const LONGEST_START: Duration = Duration::from_millis(400);

/// How long threads have to end when nothing runs there.
const LAST_THREAD: Duration = Duration::from_secs(1);

impl Server {
    /// A server on a free port of the loopback address, in memory, in account 000000000000 and region us-east-1.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let server = aslx_server::Server::builder().start().await.unwrap();
    /// assert!(server.url().starts_with("http://127.0.0.1:"));
    /// server.stop().await;
    /// # });
    /// ```
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            account: Account { id: "000000000000".into(), region: "us-east-1".into() },
            access: Access::Open,
            limits: Limits::default(),
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(SystemClock),
            pace: Pace::Real,
            tasks: Tasks::none(),
            since: Since::today(),
            log_groups: LogGroups::default(),
            interest: None,
            event_payloads: false,
            webhook: None,
            traces: None,
            upkeep: Upkeep { keep_days: 90, keep: None, round: upkeep::ROUND },
            patience: None,
            lanes: 0,
        }
    }

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

impl ServerBuilder {
    /// Listens there; port 0 is a free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> ServerBuilder {
        self.listen = address;
        self
    }

    /// The account that its ARNs name.
    #[must_use]
    pub fn account(mut self, id: &str) -> ServerBuilder {
        self.account.id = id.into();
        self
    }

    /// The region that its ARNs name.
    #[must_use]
    pub fn region(mut self, region: &str) -> ServerBuilder {
        self.account.region = region.into();
        self
    }

    /// Who may call.
    #[must_use]
    pub fn access(mut self, access: Access) -> ServerBuilder {
        self.access = access;
        self
    }

    /// Where everything is kept; in memory unless this says so.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> ServerBuilder {
        self.store = store;
        self
    }

    /// Where time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> ServerBuilder {
        self.clock = clock;
        self
    }

    /// Whether executions wait for times, or jump to them.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> ServerBuilder {
        self.pace = pace;
        self
    }

    /// What does the work of tasks. Activities and calls of Step Functions itself need nobody.
    #[must_use]
    pub fn tasks(mut self, tasks: Tasks) -> ServerBuilder {
        self.tasks = tasks;
        self
    }

    /// Answers as the API did on a day (`YYYY-MM-DD`): without members that it got later, such as
    /// `encryptionConfiguration` of state machines (2024-07-25), and with histories in the form that they had. What
    /// uses JSONata or variables is answered as of their launch (2024-11-22) at the earliest. For tests that were
    /// recorded then.
    #[must_use]
    pub fn as_of(mut self, day: &str) -> ServerBuilder {
        self.since = Since::day(day);
        self
    }

    /// Only these log groups exist: a state machine that is to log to another is refused, as on AWS. Unless this says
    /// so, every log group exists.
    #[must_use]
    pub fn log_groups(mut self, names: impl IntoIterator<Item = String>) -> ServerBuilder {
        self.log_groups = LogGroups::only(names);
        self
    }

    /// Days after which closed executions are removed; 90 unless this says so, as AWS does it.
    #[must_use]
    pub fn keep_days(mut self, days: u32) -> ServerBuilder {
        self.upkeep.keep_days = days;
        self
    }

    /// Closed executions that are kept at the most, those that ended last; without it their number does not count.
    #[must_use]
    pub fn keep(mut self, executions: u64) -> ServerBuilder {
        self.upkeep.keep = Some(executions);
        self
    }

    /// Time between two rounds in which old executions are removed and histories of closed ones sealed; a minute unless
    /// this says so.
    #[must_use]
    pub fn upkeep_every(mut self, round: Duration) -> ServerBuilder {
        self.upkeep.round = round;
        self
    }

    /// Time without anything happening after which an execution that waits is put away, until it is due or something
    /// reaches it; a second unless this says so.
    #[must_use]
    pub fn put_away_after(mut self, patience: Duration) -> ServerBuilder {
        self.patience = Some(patience);
        self
    }

    /// Connections, and what they start, run on so many threads of the server's own; on the runtime of whoever starts it
    /// unless this says so. One for each core is best for a program that is nothing but a server.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> ServerBuilder {
        self.lanes = threads;
        self
    }

    /// Somebody will take [`Server::notices`]: these.
    #[must_use]
    pub fn listened_to(mut self, interest: Interest) -> ServerBuilder {
        self.interest = Some(interest);
        self
    }

    /// How much the server takes on.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> ServerBuilder {
        self.limits = limits;
        self
    }

    /// Status events have inputs, outputs and causes, as on AWS. Without this they say that those were left out.
    #[must_use]
    pub fn event_payloads(mut self, payloads: bool) -> ServerBuilder {
        self.event_payloads = payloads;
        self
    }

    /// Posts status events there, each at least once.
    #[must_use]
    pub fn webhook(mut self, endpoint: Endpoint) -> ServerBuilder {
        self.webhook = Some(endpoint);
        self
    }

    /// Tells the trace of each execution that ends.
    #[must_use]
    pub fn traces(mut self, options: TraceOptions) -> ServerBuilder {
        self.traces = Some(options);
        self
    }

    /// How long a client may take to send a request.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> ServerBuilder {
        self.limits.patience = patience;
        self
    }

    /// Bytes that a request may have.
    #[must_use]
    pub fn request_limit(mut self, bytes: usize) -> ServerBuilder {
        self.limits.body = bytes;
        self
    }

    /// Starts it; when this answers, it takes requests. Needs a tokio runtime.
    ///
    /// Errors: the address is taken, others could reach it and nothing keeps them out, the store cannot be read.
    pub async fn start(self) -> Result<Server, ServerError> {
        if !self.listen.ip().is_loopback() && matches!(self.access, Access::Open) {
            return Err(ServerError::Unprotected(self.listen));
        }
        let registry = Registry::load(self.store.clone()).await?;
        let (traces, traced) = match self.traces.map(Traces::new) {
            Some((traces, traced)) => (Some(Arc::new(traces)), Some(traced)),
            None => (None, None),
        };
        let outbox = match self.webhook {
            Some(endpoint) => Some(Arc::new(Outbox::open(&*self.store, endpoint).await?)),
            None => None,
        };
        let audience = Audience {
            interest: self.interest,
            event_payloads: self.event_payloads,
            traces: traces.clone(),
            outbox: outbox.clone(),
        };
        let (watched, notices, ended) = Watch::new(audience, self.tasks.clone());
        let watched = Arc::new(watched);
        let itself = Itself::default();
        let service = self.tasks.clone().with(itself.clone());
        let engine = Engine::builder(self.store, self.clock, service.clone())
            .watched_by(watched.clone())
            .pace(self.pace)
            .quiet(QUIET)
            .strict_activities()
            .lean();
        let engine = match self.patience {
            Some(patience) => engine.patience(Some(patience)).build(),
            None => engine.build(),
        };
        {
            let contents = registry.read().await;
            contents.activities.values().for_each(|activity| engine.activities().create(&activity.arn));
            contents.machines.values().for_each(|machine| watched.machine(machine));
        }
        let api = Arc::new(Api {
            model: Model::new(),
            account: self.account,
            registry,
            programs: Programs::default(),
            engine,
            tasks: self.tasks,
            service,
            watch: watched,
            since: self.since,
            log_groups: self.log_groups,
            rates: Rates::of(&self.limits),
            limits: self.limits.clone(),
            pollers: Pollers::default(),
            stopping: watch::Sender::new(false),
        });
        itself.is(&api);
        api.mock_again_all().await?;
        let recovery = api.engine.recover().await?;
        let (recovery_ended, recovered) = watch::channel(None);
        tokio::spawn(async move { recovery_ended.send_replace(recovery.finish().await.ok()) });
        // Whoever calls finds everything as it was, unless there is so much of it that he would wait for long.
        let mut all_run = recovered.clone();
        let _ = tokio::time::timeout(LONGEST_START, all_run.wait_for(Option::is_some)).await;
        let (farewell, leaving) = watch::channel(false);
        let mut posting = Vec::new();
        if let Some((traces, traced)) = traces.zip(traced) {
            let run = crate::trace::run(Arc::downgrade(&api), traces, api.watch.clone(), traced, leaving.clone());
            posting.push(tokio::spawn(run));
        }
        if let Some(outbox) = outbox {
            let store = api.engine.store().clone();
            posting.push(tokio::spawn(deliver(store, outbox, api.watch.clone(), leaving)));
        }
        tokio::spawn(tidy(Arc::downgrade(&api), ended));
        tokio::spawn(upkeep::keep_up(Arc::downgrade(&api), self.upkeep));
        let refused = |error| ServerError::Listen { address: self.listen, error };
        let listener = TcpListener::bind(self.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let doors = Arc::new(Doors::new(api.clone(), self.access, self.limits));
        let (stop, stopped) = watch::channel(false);
        let lanes = Arc::new(Lanes::new(self.lanes).map_err(ServerError::Threads)?);
        let listener = tokio::spawn(listen(listener, doors, lanes.clone(), stopped));
        Ok(Server { address, api, stop, listener, recovered, notices, farewell, posting, lanes })
    }
}

/// Tidies up after executions that have ended: answers of test cases go, and machines that were deleted and have no
/// execution any more.
async fn tidy(api: Weak<Api>, mut ended: mpsc::UnboundedReceiver<Ended>) {
    while let Some(Ended { execution, machine }) = ended.recv().await {
        let Some(api) = api.upgrade() else { return };
        // It may have been redriven meanwhile.
        let runs = api.engine.store().summary(&execution).await.is_ok_and(|found| found.status == Status::Running);
        if !runs && api.tasks.forget(&execution) && execution.contains(":express:") {
            // It cannot be redriven. What stays behind when the store fails does no harm.
            let _ = api.registry.drop_mocked(&execution).await;
        }
        let deleting = api.registry.machine(&machine).await.is_some_and(|machine| machine.deleting);
        if deleting {
            // What could not be removed now is when the next one ends, or the machine is deleted again.
            let _ = api.finish_deletion(&machine).await;
        }
    }
}
