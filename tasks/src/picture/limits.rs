//! How large a picture may be. A small file can claim to be huge: the claim is checked before anything is decoded.

use super::error::too_large;
use crate::error::Result;

/// Bounds for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLimits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Width times height.
    pub max_pixels: u64,
    /// Bytes of memory that decoding may need.
    pub max_memory: u64,
}

impl Default for PictureLimits {
    /// 100 MB of file, 100 megapixels, 512 MiB of memory.
    fn default() -> PictureLimits {
        PictureLimits { max_bytes: 100_000_000, max_pixels: 100_000_000, max_memory: 512 << 20 }
    }
}

impl PictureLimits {
    pub(super) fn check_bytes(&self, bytes: usize) -> Result<()> {
        if bytes as u64 > self.max_bytes {
            return Err(too_large(format!("the file has {bytes} bytes, at most {} are read", self.max_bytes)));
        }
        Ok(())
    }

    pub(super) fn check_pixels(&self, width: u32, height: u32) -> Result<()> {
        if u64::from(width) * u64::from(height) > self.max_pixels {
            let max = self.max_pixels / 1_000_000;
            return Err(too_large(format!(
                "the picture says that it is {width} x {height} pixels, at most {max} megapixels are decoded"
            )));
        }
        Ok(())
    }

    pub(super) fn check_memory(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_memory {
            let (needed, max) = (bytes >> 20, self.max_memory >> 20);
            return Err(too_large(format!("decoding needs {needed} MiB of memory, at most {max} are used")));
        }
        Ok(())
    }
}
