//! HTTP around the API: connections, limits, who may call, and the shape of requests and responses.

mod access;
mod listen;
mod protocol;

pub use access::Access;
pub(crate) use listen::{Doors, Limits, listen};
pub use protocol::Response;
pub(crate) use protocol::respond;
