//! A picture of any format, upright and not larger than asked for.

use super::error::{corrupt, unsupported};
use super::format::PictureFormat;
use super::limits::PictureLimits;
use super::raster::{Raster, swaps_sides};
use super::{general, jpeg};
use crate::error::Result;

/// A picture made small.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// Upright, on white.
    pub raster: Raster,
    /// Width of the picture in the file, when it is held upright.
    pub width: u32,
    /// Height of the picture in the file, when it is held upright.
    pub height: u32,
    /// The format of the file.
    pub format: PictureFormat,
}

/// Reads a picture and makes its longer side `longest` pixels; one that is smaller already stays as it is.
///
/// Errors, all permanent: `UnsupportedImageFormat`, `ImageTooLarge` (found before decoding), `CorruptImage`.
pub fn shrink(bytes: &[u8], longest: u32, limits: &PictureLimits) -> Result<Shrunk> {
    limits.check_bytes(bytes.len())?;
    let Some(format) = PictureFormat::of(bytes) else {
        let what = if bytes.is_empty() { "the file is empty" } else { "not a JPEG, PNG, WebP, GIF, BMP or TIFF" };
        return Err(unsupported(what));
    };
    let direct = if format == PictureFormat::Jpeg { jpeg::decode(bytes, longest, limits)? } else { None };
    let (raster, width, height, orientation) = match direct {
        Some(d) => (d.raster, d.width, d.height, d.orientation),
        None => {
            let (raster, orientation) = general::decode(bytes, format, limits)?;
            let (width, height) = (raster.width(), raster.height());
            (raster, width, height, orientation)
        }
    };
    let (w, h) = fitted(width, height, longest);
    // Turning comes last, when there is little left to turn.
    let small = if (w, h) == (raster.width(), raster.height()) { Some(raster) } else { raster.resized(w, h) };
    let raster = small.ok_or_else(|| corrupt(format.name(), "cannot be scaled"))?.upright(orientation);
    let (width, height) = if swaps_sides(orientation) { (height, width) } else { (width, height) };
    Ok(Shrunk { raster, width, height, format })
}

/// The dimensions with a longer side of `longest` and the same ratio; never larger than they are, never 0.
pub(super) fn fitted(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= longest {
        return (width, height);
    }
    let scaled = |side: u32| {
        let exact = (u64::from(side) * u64::from(longest) * 2 + u64::from(longer)) / (u64::from(longer) * 2);
        u32::try_from(exact).unwrap_or(longest).max(1)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_keep_the_ratio_and_never_grow() {
        assert_eq!(fitted(4000, 3000, 600), (600, 450));
        assert_eq!(fitted(3000, 4000, 150), (113, 150));
        assert_eq!(fitted(600, 1, 600), (600, 1));
        assert_eq!(fitted(40_000, 3, 600), (600, 1));
        assert_eq!(fitted(20, 10, 150), (20, 10));
        assert_eq!(fitted(u32::MAX, u32::MAX, 600), (600, 600));
    }
}
