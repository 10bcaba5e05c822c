//! What the tests share: machines and how to run them, the pipeline with its data, the command, and the one place where
//! what differs from run to run is taken out of a text.

mod bed;
mod command;
mod kept;
mod machine;
mod normal;
mod stores;

pub(crate) use bed::{Bed, photo};
pub(crate) use command::{Shell, definitions};
pub(crate) use kept::Kept;
pub(crate) use machine::{
    START, block, definition, machine_program, mocked, program, request, run, seconds, simulated, types, waiting,
};
pub(crate) use normal::Normal;
pub(crate) use stores::{Log, Meddled};
