//! Cases: a request or an execution, and what AWS made of it.
//!
//! A case file is `{"group": …, "cases": […]}`; each case has a name that is unique over all files and a kind:
//! `execution`, `validation` or `api`.

mod load;
mod marks;
mod model;
mod read;
mod told;

pub use load::{Folder, LoadError, load};
pub use model::{
    Answer, ApiCall, ApiCase, Body, Call, Case, ExecutionCase, Expected, Kind, Language, MachineType, Outcome, Start,
    Step, Thrown, ValidationCase,
};
pub use read::{CaseError, read_file};
