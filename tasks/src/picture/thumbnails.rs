//! The three thumbnails of a photo.

use super::error::corrupt;
use super::limits::PictureLimits;
use super::raster::Raster;
use super::shrink::{Shrunk, fitted, shrink};
use crate::error::Result;
use jpeg_encoder::{ColorType, Encoder};

/// The quality at which thumbnails are written, out of 100.
pub const JPEG_QUALITY: u8 = 85;
/// Pixels of the longer side of the largest thumbnail.
pub const LARGEST: u32 = Size::Large.longest();

/// The sizes of thumbnails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// 150 pixels
    Small,
    /// 300 pixels
    Medium,
    /// 600 pixels
    Large,
}

impl Size {
    /// From small to large.
    pub const ALL: [Size; 3] = [Size::Small, Size::Medium, Size::Large];

    /// Pixels of the longer side.
    pub const fn longest(self) -> u32 {
        match self {
            Size::Small => 150,
            Size::Medium => 300,
            Size::Large => 600,
        }
    }

    /// The name: `small`, `medium` or `large`.
    pub const fn name(self) -> &'static str {
        match self {
            Size::Small => "small",
            Size::Medium => "medium",
            Size::Large => "large",
        }
    }
}

/// A thumbnail, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Which of the three.
    pub size: Size,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// The JPEG file.
    pub jpeg: Vec<u8>,
}

/// Makes the thumbnails of a picture out of one decoding: small, medium, large, in this order. Each is made from the
/// next larger one (against one resize from the decoded picture that costs less than 1 dB at 52 dB), and has the
/// dimensions that the picture itself gives.
///
/// Errors: those of [`shrink`].
pub fn thumbnails(bytes: &[u8], limits: &PictureLimits) -> Result<[Thumbnail; 3]> {
    thumbnails_of(&shrink(bytes, LARGEST, limits)?)
}

/// The thumbnails of a picture that was shrunk to [`LARGEST`] before, as [`thumbnails`] makes them.
pub fn thumbnails_of(shrunk: &Shrunk) -> Result<[Thumbnail; 3]> {
    let fail = || corrupt(shrunk.format.name(), "cannot be scaled");
    let side = |size: Size| fitted(shrunk.width, shrunk.height, size.longest());
    let (w, h) = side(Size::Medium);
    let medium = shrunk.raster.resized(w, h).ok_or_else(fail)?;
    let (w, h) = side(Size::Small);
    let small = medium.resized(w, h).ok_or_else(fail)?;
    Ok([encode(Size::Small, &small)?, encode(Size::Medium, &medium)?, encode(Size::Large, &shrunk.raster)?])
}

fn encode(size: Size, raster: &Raster) -> Result<Thumbnail> {
    let (width, height) = (raster.width(), raster.height());
    let fail = |e: &dyn std::fmt::Display| corrupt("picture", format_args!("cannot be written as JPEG: {e}"));
    let w = u16::try_from(width).map_err(|e| fail(&e))?;
    let h = u16::try_from(height).map_err(|e| fail(&e))?;
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, JPEG_QUALITY).encode(raster.pixels(), w, h, ColorType::Rgb).map_err(|e| fail(&e))?;
    Ok(Thumbnail { size, width, height, jpeg })
}
