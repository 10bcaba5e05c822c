//! Inspection: one state alone, and what became of its data at each stage.
//!
//! The state is run by the interpreter itself, so that what is shown is what would happen. Nothing is journaled, nothing
//! waits, and no branch, iteration or child is started: the work of a Task, Parallel or Map is an answer from outside.
//!
//! ```
//! use aslx_engine::inspect::{Inspected, Inspection, Setup, Stage};
//! use aslx_engine::Data;
//! # use aslx_asl::{CompileOptions, Program};
//! # let text = r#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "ResultPath": "$.answer", "End": true,
//! #   "Resource": "arn:aws:lambda:us-east-1:000000000000:function:ask"}}}"#;
//! # let program = std::sync::Arc::new(Program::compile(text, &CompileOptions::default()).unwrap());
//! let setup = Setup::new(program, "Ask", Data::parse(r#"{"question": 1}"#).unwrap()).unwrap();
//! let Inspected::Working(inspection) = Inspection::start(setup) else { panic!("a Task asks for an answer") };
//! let report = inspection.succeed(Data::parse("42").unwrap());
//! assert_eq!(&*report.output.unwrap().text(), r#"{"question":1,"answer":42}"#);
//! assert_eq!(&*report.stages.get(Stage::Result).unwrap().text(), "42");
//! ```

mod report;
mod run;
mod setup;

pub use report::{Ending, MapLimits, Report, Stage, Stages};
pub(super) use run::Watch;
pub use run::{Inspected, Inspection, Work};
pub use setup::{Setup, alone};
