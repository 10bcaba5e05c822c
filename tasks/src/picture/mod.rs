//! Pictures: read safely, turned upright, made small, written as JPEG.
//!
//! Everything here is plain computation on bytes: no files, no threads, no async. The same bytes give the same
//! result. [`shrink`] looks at the dimensions before it decodes anything, and decodes JPEGs at a reduced scale.

mod error;
mod format;
mod general;
mod jpeg;
mod limits;
mod raster;
mod shrink;
mod thumbnails;

pub use format::PictureFormat;
pub use limits::PictureLimits;
pub use raster::{Orientation, Raster};
pub use shrink::{Shrunk, shrink};
pub use thumbnails::{JPEG_QUALITY, LARGEST, Size, Thumbnail, thumbnails, thumbnails_of};
