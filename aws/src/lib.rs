//! Tasks that are done by AWS's services, or by an emulator of them: each call goes to an endpoint that was set for its
//! service, and its answer becomes the result or the failure that Step Functions makes of it.
//!
//! ```
//! use aslx_aws::{Aws, Credentials};
//!
//! let aws = Aws::builder("us-east-1")
//!     .endpoint("lambda", "http://127.0.0.1:3001")?
//!     .credentials(Credentials::dummy())
//!     .build()?;
//! assert!(aws.takes("arn:aws:states:::lambda:invoke"));
//! assert!(!aws.takes("arn:aws:states:::sqs:sendMessage"));
//! # Ok::<(), aslx_aws::EndpointError>(())
//! ```
//!
//! One caller serves all services: it signs (aws-sigv4) and sends what AWS's protocols want. AWS's own clients are not
//! used, because their typed requests and responses would have to be written member by member from and to the JSON that
//! a state machine sees; the JSON is on the wire already. A call is sent once: Retry of the state is the only retry.

mod answer;
mod aws;
mod call;
mod credentials;
mod endpoint;
mod http;
mod jobs;
mod lambda;
mod names;
mod query;
mod service;

pub use aws::{Aws, AwsBuilder};
pub use credentials::Credentials;
pub use endpoint::EndpointError;
