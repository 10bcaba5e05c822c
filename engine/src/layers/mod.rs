//! Layers around a task service: answers instead of real work, a limit, traces.
//!
//! Each is a [`tower::Layer`], so they combine, in tests and in production, around any service of tasks.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use aslx_engine::layers::{Answer, Answers, AnswersLayer, NoTasks, TraceLayer};
//! use aslx_engine::task::BoxTaskService;
//! use std::time::Duration;
//! use tower::ServiceBuilder;
//!
//! // The first attempt is throttled after 3 seconds of the model's time, the second one succeeds.
//! let answers = Answers::new().state(
//!     "ChargeCard",
//!     [Answer::throws("Throttled", "slow down").taking(Duration::from_secs(3)), Answer::returns("paid")],
//! );
//! let mocked = AnswersLayer::new(answers);
//! let tasks = ServiceBuilder::new().layer(TraceLayer).layer(mocked.clone()).service(NoTasks);
//! let tasks = BoxTaskService::new(tasks);
//! # drop(tasks);
//! // … run something …
//! assert!(mocked.missing().is_empty());
//! # });
//! ```

mod answer;
mod answers;
mod matching;
mod mock;
mod sfn_local;
mod trace;

pub use answer::{Answer, AnswerKind, Times};
pub use answers::{Answers, Asked, Missing, Unused};
pub use matching::{Difference, Match, difference, includes};
pub use mock::{AnswersLayer, AnswersService, NO_ANSWER, NoTasks};
pub use sfn_local::{MOCK_CONFIG, MockConfig, MockedCase, MockedMachine};
pub use trace::{TraceLayer, TraceService};

/// At most so many tasks at the same time; the others wait. In virtual time waiting counts as work: it is measured.
pub use tower::limit::ConcurrencyLimitLayer as LimitLayer;
