//! The requests of the API: which members they have, of what type, within what bounds. The table is data
//! (`data/operations.txt`, made from the public service model by `scripts/api_model.py`).

mod check;
mod pattern;
mod table;

pub(crate) use check::check;
pub(crate) use table::{Kind, Member, Model};
