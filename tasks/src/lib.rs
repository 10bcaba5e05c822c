//! What tasks do.
pub mod error;
pub mod picture;
pub mod ports;
