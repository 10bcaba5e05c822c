//! Pixels: eight bits each of red, green and blue, row by row, without alpha.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

pub use image::metadata::Orientation;

/// A picture in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Raster {
    /// From rows of RGB. `None` if there are no pixels, or not as many as the dimensions say.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Raster> {
        let expected = u64::from(width) * u64::from(height) * 3;
        (expected > 0 && expected == pixels.len() as u64).then_some(Raster { width, height, pixels })
    }

    /// Pixels from left to right.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green, blue of each pixel, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The same picture in another size, by a Lanczos filter; `None` if a side is 0.
    pub(super) fn resized(&self, width: u32, height: u32) -> Option<Raster> {
        if (width, height) == (self.width, self.height) {
            return Some(self.clone());
        }
        let source = ImageRef::new(self.width, self.height, &self.pixels, PixelType::U8x3).ok()?;
        let mut target = Image::new(width, height, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize(&source, &mut target, &options).ok()?;
        Raster::new(width, height, target.into_vec())
    }

    /// The picture as it is meant to be looked at.
    pub(super) fn upright(self, orientation: Orientation) -> Raster {
        use Orientation::*;
        let (w, h) = (self.width as usize, self.height as usize);
        let swap = matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH);
        let (new_w, new_h) = if swap { (h, w) } else { (w, h) };
        if orientation == NoTransforms {
            return self;
        }
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..new_h {
            for x in 0..new_w {
                // Where the pixel that belongs at (x, y) lies now.
                let (from_x, from_y) = match orientation {
                    NoTransforms => (x, y),
                    FlipHorizontal => (w - 1 - x, y),
                    Rotate180 => (w - 1 - x, h - 1 - y),
                    FlipVertical => (x, h - 1 - y),
                    Rotate90FlipH => (y, x),
                    Rotate90 => (y, h - 1 - x),
                    Rotate270FlipH => (w - 1 - y, h - 1 - x),
                    Rotate270 => (w - 1 - y, x),
                };
                let at = (from_y * w + from_x) * 3;
                pixels.extend_from_slice(self.pixels.get(at..at + 3).unwrap_or(&[255; 3]));
            }
        }
        Raster { width: new_w as u32, height: new_h as u32, pixels }
    }
}

/// Whether turning the picture upright exchanges width and height.
pub(super) fn swaps_sides(orientation: Orientation) -> bool {
    use Orientation::*;
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(rows: &[&str]) -> Raster {
        let width = rows[0].len() as u32;
        let pixels = rows.iter().flat_map(|r| r.bytes()).flat_map(|b| [b, b, b]).collect();
        Raster::new(width, rows.len() as u32, pixels).unwrap()
    }

    /// EXIF's own definition: which corner of the scene row 0 and column 0 of the file show.
    #[test]
    fn every_orientation_shows_the_same_scene() {
        let scene = letters(&["ab", "cd", "ef"]);
        let stored = [
            (1, letters(&["ab", "cd", "ef"])),
            (2, letters(&["ba", "dc", "fe"])),
            (3, letters(&["fe", "dc", "ba"])),
            (4, letters(&["ef", "cd", "ab"])),
            (5, letters(&["ace", "bdf"])),
            (6, letters(&["bdf", "ace"])),
            (7, letters(&["fdb", "eca"])),
            (8, letters(&["eca", "fdb"])),
        ];
        for (exif, file) in stored {
            let orientation = Orientation::from_exif(exif).unwrap();
            assert_eq!(swaps_sides(orientation), exif >= 5, "{exif}");
            assert_eq!(file.upright(orientation), scene, "{exif}");
        }
    }

    #[test]
    fn a_raster_has_as_many_pixels_as_it_says() {
        assert!(Raster::new(2, 2, vec![0; 12]).is_some());
        assert!(Raster::new(2, 2, vec![0; 11]).is_none());
        assert!(Raster::new(0, 2, vec![]).is_none());
    }
}
