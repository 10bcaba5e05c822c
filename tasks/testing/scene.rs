//! A beach that never was: the picture behind the sample photos, the tests and the bench. The same arguments give the
//! same pixels on every machine (integer arithmetic only).
#![allow(dead_code, reason = "each of the users needs a part")]

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Rows of RGB: sky with a sun, sea with waves, sand. `grain` is the amplitude of the noise: 0 compresses to little,
/// 12 is as heavy as a photo.
pub(crate) fn beach(width: u32, height: u32, grain: u32) -> Vec<u8> {
    let mut noise = Noise(0x2545_F491_4F6C_DD1D);
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    let (w, h) = (u64::from(width), u64::from(height));
    for y in 0..h {
        for x in 0..w {
            // Per mille of the picture.
            let (u, v) = ((x * 1000 / w) as i64, (y * 1000 / h) as i64);
            let mut rgb = match v {
                0..450 => [90 + v / 4, 150 + v / 6, 235 - v / 20],
                450..700 => {
                    let wave = triangle(u * 3 + v * 11, 120) / 4;
                    [20 + wave, 95 + (v - 450) / 4 + wave, 140 + wave]
                }
                _ => {
                    let dune = triangle(u * 2 + v * 5, 300) / 12;
                    [205 + dune - (v - 700) / 12, 180 + dune - (v - 700) / 10, 130 + dune - (v - 700) / 8]
                }
            };
            let (dx, dy) = ((u - 760) * w as i64 / h as i64, v - 170);
            if dx * dx + dy * dy < 70 * 70 {
                rgb = [255, 244, 190];
            }
            // Coarse and fine grain, as leaves, foam and a sensor give it.
            let fine = noise.next(grain);
            let coarse = hash((x / 5) * 7919 + (y / 5) * 104_729, grain);
            for channel in rgb {
                pixels.push((channel + fine + coarse).clamp(0, 255) as u8);
            }
        }
    }
    pixels
}

/// How a JPEG of the scene is written.
#[derive(Default, Clone)]
pub(crate) struct JpegOptions {
    pub(crate) quality: u8,
    pub(crate) progressive: bool,
    /// EXIF orientation, 1 to 8.
    pub(crate) orientation: Option<u8>,
}

/// Rows of RGB (or of one grey byte per pixel) as a JPEG file.
pub(crate) fn jpeg(pixels: &[u8], width: u32, height: u32, options: &JpegOptions) -> Vec<u8> {
    let grey = pixels.len() == (width * height) as usize;
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, options.quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(options.progressive);
    if let Some(orientation) = options.orientation {
        encoder.add_exif_metadata(&exif(orientation)).expect("small enough");
    }
    let color = if grey { ColorType::Luma } else { ColorType::Rgb };
    encoder.encode(pixels, width as u16, height as u16, color).expect("dimensions fit");
    file
}

/// A TIFF header with one directory that holds the orientation.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff
}

fn triangle(position: i64, period: i64) -> i64 {
    let at = position.rem_euclid(period);
    (at.min(period - at)) * 200 / period
}

fn hash(value: u64, amplitude: u32) -> i64 {
    let mixed = (value ^ (value >> 7)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    spread(mixed, amplitude)
}

fn spread(bits: u64, amplitude: u32) -> i64 {
    if amplitude == 0 { 0 } else { (bits % u64::from(2 * amplitude + 1)) as i64 - i64::from(amplitude) }
}

struct Noise(u64);

impl Noise {
    fn next(&mut self, amplitude: u32) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        spread(self.0 >> 20, amplitude)
    }
}
