//! What tests have reached: states, transitions, rules, retriers, catchers, timeouts.

mod trail;

pub use trail::{Trail, Waypoints};
