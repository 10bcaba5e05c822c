//! Which format a picture has, by its first bytes.

use image::ImageFormat;
use std::fmt;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// JPEG
    Jpeg,
    /// PNG
    Png,
    /// WebP
    WebP,
    /// GIF; of an animation the first picture.
    Gif,
    /// Windows bitmap
    Bmp,
    /// TIFF; of several pages the first.
    Tiff,
}

impl PictureFormat {
    /// The format of these bytes; file names and content types are not asked.
    pub fn of(bytes: &[u8]) -> Option<PictureFormat> {
        match image::guess_format(bytes).ok()? {
            ImageFormat::Jpeg => Some(PictureFormat::Jpeg),
            ImageFormat::Png => Some(PictureFormat::Png),
            ImageFormat::WebP => Some(PictureFormat::WebP),
            ImageFormat::Gif => Some(PictureFormat::Gif),
            ImageFormat::Bmp => Some(PictureFormat::Bmp),
            ImageFormat::Tiff => Some(PictureFormat::Tiff),
            _ => None,
        }
    }

    pub(super) fn codec(self) -> ImageFormat {
        match self {
            PictureFormat::Jpeg => ImageFormat::Jpeg,
            PictureFormat::Png => ImageFormat::Png,
            PictureFormat::WebP => ImageFormat::WebP,
            PictureFormat::Gif => ImageFormat::Gif,
            PictureFormat::Bmp => ImageFormat::Bmp,
            PictureFormat::Tiff => ImageFormat::Tiff,
        }
    }

    /// The name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            PictureFormat::Jpeg => "JPEG",
            PictureFormat::Png => "PNG",
            PictureFormat::WebP => "WebP",
            PictureFormat::Gif => "GIF",
            PictureFormat::Bmp => "BMP",
            PictureFormat::Tiff => "TIFF",
        }
    }
}

impl fmt::Display for PictureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
