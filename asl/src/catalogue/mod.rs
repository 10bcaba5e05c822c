//! The catalogue of integrations: what the `Resource` of a Task may be, and which parameters the call takes.
//!
//! [`parse_resource`] turns the text of a `Resource` into an [`Integration`], or says what is wrong with it. The text
//! must be resolved: `${…}` substitutions are the caller's affair.
//!
//! The tables (some 20,000 operations) are two text files in `asl/data/`, made by `scripts/catalogue.py`, whose head
//! describes them. They are searched in place, by halving: nothing is read, built or allocated at the start, and
//! a lookup takes about a microsecond.

mod integration;
mod map_resource;
mod naming;
mod parameter;
mod pattern;
mod resource;
mod resource_error;
mod table;
#[cfg(test)]
mod tests;

pub use integration::{FunctionArn, Integration};
pub use map_resource::{MapResource, parse_map_resource};
pub use naming::{java_exception_name, java_member_name, java_service_name};
pub use parameter::{Parameter, ParameterKind, Parameters};
pub use pattern::Pattern;
pub use resource::parse_resource;
pub use resource_error::{ResourceError, ResourceFault};
pub use table::{Action, Service};
