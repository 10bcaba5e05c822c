//! JPEG, decoded at the smallest scale that is large enough: the transform then yields an eighth, a quarter or half
//! of each side, and most of the work after the entropy decoding falls away.

use super::error::{corrupt, too_large, unsupported};
use super::limits::PictureLimits;
use super::raster::{Orientation, Raster};
use crate::error::Result;
use jpeg_decoder::{CodingProcess, Decoder, Error, PixelFormat};

/// A decoded JPEG, as it lies in the file.
pub(super) struct Decoded {
    /// At least as large as asked for, unless the picture is not.
    pub raster: Raster,
    /// Dimensions of the picture itself.
    pub width: u32,
    pub height: u32,
    /// How to turn it upright.
    pub orientation: Orientation,
}

/// Pixels times scans that are worked through: a progressive file can repeat tiny scans over a large area.
const MAX_SCANNED_PIXELS: u64 = 4_000_000_000;

/// Decodes so that the longer side has at least `at_least` pixels. `Ok(None)`: a kind of JPEG that this decoder does
/// not know, another may.
pub(super) fn decode(bytes: &[u8], at_least: u32, limits: &PictureLimits) -> Result<Option<Decoded>> {
    let mut decoder = Decoder::new(bytes);
    match decoder.read_info() {
        Ok(()) => {}
        Err(Error::Unsupported(_)) => return Ok(None),
        Err(e) => return Err(corrupt("JPEG", e)),
    }
    let Some(info) = decoder.info() else { return Err(corrupt("JPEG", "no frame")) };
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    limits.check_pixels(width, height)?;
    let pixels = u64::from(width) * u64::from(height);
    match info.coding_process {
        CodingProcess::Lossless => return Ok(None),
        CodingProcess::DctProgressive => {
            // All coefficients are kept until the last scan.
            limits.check_memory(pixels * 2 * info.pixel_format.pixel_bytes() as u64)?;
            let scans = count_scans(bytes);
            if pixels.saturating_mul(scans) > MAX_SCANNED_PIXELS {
                return Err(too_large(format!("a progressive JPEG of {width} x {height} pixels in {scans} scans")));
            }
        }
        CodingProcess::DctSequential => {}
    }
    let side = u16::try_from(at_least).unwrap_or(u16::MAX);
    let (w, h) = decoder.scale(side, side).map_err(|e| corrupt("JPEG", e))?;
    let (w, h) = (u32::from(w), u32::from(h));
    // The planes of the components and the interleaved result.
    limits.check_memory(u64::from(w) * u64::from(h) * 2 * info.pixel_format.pixel_bytes() as u64)?;
    let data = decoder.decode().map_err(|e| match e {
        Error::Unsupported(feature) => unsupported(format!("JPEG with a feature that is not read: {feature:?}")),
        other => corrupt("JPEG", other),
    })?;
    let pixels = match info.pixel_format {
        PixelFormat::RGB24 => data,
        PixelFormat::L8 => data.iter().flat_map(|&l| [l, l, l]).collect(),
        PixelFormat::CMYK32 => rgb_of_inks(&data, written_by_adobe(bytes)),
        PixelFormat::L16 => return Ok(None),
    };
    let raster = Raster::new(w, h, pixels).ok_or_else(|| corrupt("JPEG", "no pixels"))?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    Ok(Some(Decoded { raster, width, height, orientation }))
}

/// Red, green and blue from four inks. The decoder takes each file for one of Adobe's, which store how much ink is
/// missing; in others it turned the inks the wrong way round.
fn rgb_of_inks(inks: &[u8], adobe: bool) -> Vec<u8> {
    let (pixels, _) = inks.as_chunks::<4>();
    let flip = if adobe { 0 } else { 255 };
    let paper = |ink: u8| u32::from(255 - (ink ^ flip));
    let mix = |ink: u8, black: u8| ((paper(ink) * paper(black) + 127) / 255) as u8;
    pixels.iter().flat_map(|&[c, m, y, k]| [mix(c, k), mix(m, k), mix(y, k)]).collect()
}

/// Whether there is an APP14 segment of Adobe's before the first scan.
fn written_by_adobe(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, tail @ ..] = rest {
        match marker {
            0xff => rest = rest.get(1..).unwrap_or_default(),
            0xda => return false,
            _ => {
                let Some(&[high, low]) = tail.first_chunk::<2>() else { return false };
                if *marker == 0xee && tail.get(2..7) == Some(b"Adobe") {
                    return true;
                }
                rest = tail.get(usize::from(u16::from_be_bytes([high, low]))..).unwrap_or_default();
            }
        }
    }
    false
}

/// Scans in the file; one in an embedded preview counts too, which does no harm.
fn count_scans(bytes: &[u8]) -> u64 {
    bytes.windows(2).filter(|pair| *pair == [0xff, 0xda]).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_become_colours() {
        // No ink is white, full black is black, full cyan takes away red.
        assert_eq!(rgb_of_inks(&[0, 0, 0, 0], true), [255, 255, 255]);
        assert_eq!(rgb_of_inks(&[0, 0, 0, 255], true), [0, 0, 0]);
        assert_eq!(rgb_of_inks(&[255, 0, 0, 0], true), [0, 255, 255]);
        assert_eq!(rgb_of_inks(&[0, 255, 255, 255], false), [0, 255, 255]);
    }

    #[test]
    fn a_header_without_end_is_no_endless_loop() {
        for tail in [&[][..], &[0xff], &[0xff, 0xe0], &[0xff, 0xe0, 0], &[0xff, 0xe0, 0, 0], &[0xff, 0xee, 0, 2]] {
            assert!(!written_by_adobe(&[&[0xff, 0xd8], tail].concat()));
        }
        assert!(written_by_adobe(b"\xff\xd8\xff\xee\x00\x0eAdobe1234567"));
    }
}
