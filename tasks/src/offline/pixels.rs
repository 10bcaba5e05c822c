//! The built-in analyser: what the pixels themselves tell. It does not recognise things, and says so.
//!
//! | label | from | confidence |
//! |---|---|---|
//! | a colour | the share `s` of the pixels that have it | 50 + 100 `s`, at most 100: a fifth of the picture gives 70 |
//! | `Bright`, `Dark` | the mean brightness `m` between 0 and 1 | 0 at `m` = 0.2 to 100 at 0.8; `Dark` the other way round |
//! | `Sharp`, `Blurry` | the mean second difference `d` of the brightness, 0 to 255 | 100 `d` / (`d` + 3); `Blurry` the rest |
//! | `Landscape Format`, `Portrait Format`, `Square Format` | width and height | 100 |

use crate::picture::{Raster, Shrunk};
use crate::ports::Label;
use std::cmp::Ordering;

/// What the output says when the built-in analyser has looked.
pub const BUILT_IN_ANALYSER: &str = "aslx built-in, not Rekognition: it looks at colours, brightness, sharpness and \
                                     format, and does not look for things, faces or content to moderate";

/// All labels of a picture, in no order.
pub(super) fn labels(picture: &Shrunk) -> Vec<Label> {
    let raster = &picture.raster;
    let (pixels, _) = raster.pixels().as_chunks::<3>();
    let total = pixels.len().max(1) as f64;
    let mut shares = [0usize; COLOURS.len()];
    let mut brightness = 0u64;
    for &rgb in pixels {
        if let Some(count) = shares.get_mut(colour(rgb)) {
            *count += 1;
        }
        brightness += u64::from(luma(rgb));
    }
    let mut labels = Vec::new();
    let mut add = |name: &str, confidence: f64| {
        let confidence = (confidence.clamp(0.0, 100.0) * 100.0).round() / 100.0;
        labels.push(Label { name: name.to_owned(), confidence });
    };
    for (name, count) in COLOURS.iter().zip(shares) {
        add(name, 50.0 + 100.0 * count as f64 / total);
    }
    let bright = (brightness as f64 / total / 255.0 - 0.2) / 0.6 * 100.0;
    add("Bright", bright);
    add("Dark", 100.0 - bright);
    let detail = detail(raster);
    let sharp = 100.0 * detail / (detail + 3.0);
    add("Sharp", sharp);
    add("Blurry", 100.0 - sharp);
    let format = match picture.width.cmp(&picture.height) {
        Ordering::Greater => "Landscape Format",
        Ordering::Less => "Portrait Format",
        Ordering::Equal => "Square Format",
    };
    add(format, 100.0);
    labels
}

const COLOURS: [&str; 11] =
    ["Black", "White", "Gray", "Red", "Orange", "Yellow", "Green", "Cyan", "Blue", "Purple", "Brown"];

/// Which of the colours a pixel has, by its hue unless it has next to none.
fn colour([r, g, b]: [u8; 3]) -> usize {
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    let spread = i32::from(max - min);
    if max < 40 {
        return 0;
    }
    if spread * 8 < i32::from(max) {
        return if max > 215 { 1 } else { 2 };
    }
    let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
    let hue = if r >= g && r >= b {
        60 * (g - b) / spread
    } else if g >= b {
        120 + 60 * (b - r) / spread
    } else {
        240 + 60 * (r - g) / spread
    };
    match hue.rem_euclid(360) {
        15..45 if max < 160 => 10,
        15..45 => 4,
        45..70 => 5,
        70..165 => 6,
        165..195 => 7,
        195..260 => 8,
        260..335 => 9,
        _ => 3,
    }
}

fn luma([r, g, b]: [u8; 3]) -> u32 {
    (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000
}

/// How much the brightness bends from pixel to pixel, on average: flat areas and even gradients give 0.
fn detail(raster: &Raster) -> f64 {
    let width = raster.width() as usize;
    let (pixels, _) = raster.pixels().as_chunks::<3>();
    let (mut sum, mut count) = (0u64, 0u64);
    for row in pixels.chunks_exact(width.max(1)) {
        for three in row.windows(3) {
            if let [a, b, c] = *three {
                let bend = i64::from(luma(a)) - 2 * i64::from(luma(b)) + i64::from(luma(c));
                sum += bend.unsigned_abs();
                count += 1;
            }
        }
    }
    sum as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_their_names() {
        for (rgb, name) in [
            ([0, 0, 0], "Black"),
            ([250, 250, 250], "White"),
            ([128, 128, 130], "Gray"),
            ([200, 10, 10], "Red"),
            ([240, 140, 20], "Orange"),
            ([110, 70, 30], "Brown"),
            ([240, 230, 40], "Yellow"),
            ([30, 160, 40], "Green"),
            ([30, 200, 200], "Cyan"),
            ([60, 110, 220], "Blue"),
            ([150, 40, 200], "Purple"),
        ] {
            assert_eq!(COLOURS[colour(rgb)], name, "{rgb:?}");
        }
    }
}
