//! HTTP around the API: connections, limits, who may call, and the shape of requests and responses.

mod access;
mod answer;
mod lanes;
mod limits;
mod listen;
mod patient;
mod protocol;
mod signature;

pub use access::Access;
pub(crate) use answer::Doors;
pub(crate) use lanes::Lanes;
pub use limits::Limits;
pub(crate) use listen::listen;
pub use protocol::Response;
pub(crate) use protocol::respond;
pub use signature::{Credentials, CredentialsError};
