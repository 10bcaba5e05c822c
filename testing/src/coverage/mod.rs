//! What tests have reached: states, transitions, rules, retriers, catchers, timeouts.
//!
//! A [`Trail`] observes each execution and counts where it came by; [`Coverage`] adds the counts of all cases up and
//! knows the place of everything that could have been reached.

mod cobertura;
mod format;
mod html;
mod items;
mod json;
mod kind;
mod lcov;
mod lines;
mod model;
mod picture;
mod table;
#[cfg(test)]
mod tests;
mod threshold;
mod trail;

pub use format::CoverageFormat;
pub use items::Item;
pub(crate) use items::effect;
pub use kind::Kind;
pub use model::{Coverage, DefinitionCoverage, Totals};
pub(crate) use table::missing as summary_lines;
pub use table::summary;
pub use threshold::Thresholds;
pub use trail::{Trail, Waypoints};
