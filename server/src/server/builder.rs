//! How a server is set up, and its start.

use super::{Server, ServerError};
use crate::arn::Account;
use crate::definition::Programs;
use crate::http::{Access, Doors, Lanes, Limits, listen};
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
use crate::watch::{Audience, Interest, Outbox, Watch, deliver};
use aslx_engine::runtime::{Engine, Pace};
use aslx_engine::store::{MemoryStore, Store};
use aslx_engine::{Clock, SystemClock};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// In virtual time, how long nobody may have asked for an execution before it jumps over a wait: enough for a client to
/// stop what it has started, and not felt by one that asks for the end.
const QUIET: Duration = Duration::from_millis(20);

/// How long the server takes up what was open before it answers requests meanwhile.
const LONGEST_START: Duration = Duration::from_millis(400);

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
        tokio::spawn(upkeep::tidy(Arc::downgrade(&api), ended));
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
