//! The other formats, by the `image` crate: decoded whole, then brought to eight bits of RGB on white.

use super::error::{corrupt, from_image};
use super::format::PictureFormat;
use super::limits::PictureLimits;
use super::raster::{Orientation, Raster};
use crate::error::Result;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use std::io::Cursor;

/// Decodes a picture, as it lies in the file.
pub(super) fn decode(bytes: &[u8], format: PictureFormat, limits: &PictureLimits) -> Result<(Raster, Orientation)> {
    let name = format.name();
    let fail = |e| from_image(name, e);
    let mut bounds = Limits::no_limits();
    bounds.max_alloc = Some(limits.max_memory);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.codec());
    reader.limits(bounds.clone());
    let mut decoder = reader.into_decoder().map_err(fail)?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width, height)?;
    limits.check_memory(decoder.total_bytes())?;
    decoder.set_limits(bounds).map_err(fail)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(fail)?;
    let raster = Raster::new(width, height, on_white(picture)).ok_or_else(|| corrupt(name, "no pixels"))?;
    Ok((raster, orientation))
}

/// Eight bits of red, green and blue; what is transparent shows white paper.
fn on_white(picture: DynamicImage) -> Vec<u8> {
    match picture {
        DynamicImage::ImageRgb8(p) => p.into_raw(),
        DynamicImage::ImageLuma8(p) => p.into_raw().into_iter().flat_map(|l| [l, l, l]).collect(),
        DynamicImage::ImageLumaA8(p) => {
            let raw = p.into_raw();
            let (pixels, _) = raw.as_chunks::<2>();
            pixels.iter().flat_map(|&[l, a]| [over8(l, a); 3]).collect()
        }
        DynamicImage::ImageRgba8(p) => {
            let raw = p.into_raw();
            let (pixels, _) = raw.as_chunks::<4>();
            pixels.iter().flat_map(|&[r, g, b, a]| [over8(r, a), over8(g, a), over8(b, a)]).collect()
        }
        DynamicImage::ImageLuma16(p) => p.into_raw().into_iter().flat_map(|l| [over16(l, u16::MAX); 3]).collect(),
        DynamicImage::ImageRgb16(p) => p.into_raw().into_iter().map(|v| over16(v, u16::MAX)).collect(),
        other => {
            let raw = other.into_rgba16().into_raw();
            let (pixels, _) = raw.as_chunks::<4>();
            pixels.iter().flat_map(|&[r, g, b, a]| [over16(r, a), over16(g, a), over16(b, a)]).collect()
        }
    }
}

fn over8(value: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

fn over16(value: u16, alpha: u16) -> u8 {
    const WHITE: u64 = u16::MAX as u64;
    let alpha = u64::from(alpha);
    let blended = u64::from(value) * alpha + WHITE * (WHITE - alpha);
    ((blended * 255 + WHITE * WHITE / 2) / (WHITE * WHITE)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_shows_white() {
        assert_eq!((over8(0, 0), over8(0, 255), over8(255, 128), over8(0, 128)), (255, 0, 255, 127));
        assert_eq!((over16(0, 0), over16(0, 65535), over16(65535, 32768), over16(0, 32768)), (255, 0, 255, 127));
        for v in 0..=255u16 {
            assert_eq!(u16::from(over16(v * 257, u16::MAX)), v);
        }
    }
}
