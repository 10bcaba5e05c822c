//! A server that speaks the Step Functions API over the engine. Protocol only: what an execution does is decided by
//! `aslx-engine`, what a definition means by `aslx-asl`.
//!
//! [`Server::builder`] starts one within a program, for example a test.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod arn;
mod console;
mod definition;
mod error;
mod http;
mod log_groups;
mod mocked;
mod model;
mod operations;
mod page;
mod post;
mod random;
mod rates;
mod registry;
mod request;
mod server;
mod shapes;
mod since;
mod tasks;
mod test_state;
mod trace;
mod upkeep;
mod watch;

pub use error::ApiError;
pub use http::{Access, Credentials, CredentialsError, Limits, Response};
pub use post::Endpoint;
pub use registry::check_records;
pub use server::{Server, ServerBuilder, ServerError};
pub use tasks::{CanRun, Tasks};
pub use trace::TraceOptions;
pub use watch::{Interest, LogLine, Notice, StatusEvent};
