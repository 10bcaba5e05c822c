//! Files for samples and tests, beyond plain JPEGs.
#![allow(dead_code, reason = "each of the users needs a part")]

use image::{DynamicImage, ImageBuffer, ImageFormat, Rgb, Rgba};
use std::io::Cursor;

/// Rows of RGB turned a quarter to the left: an EXIF orientation of 6 turns them back.
pub(crate) fn turned_left(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (w, h) = (width as usize, height as usize);
    let mut turned = Vec::with_capacity(pixels.len());
    for y in 0..w {
        for x in 0..h {
            let at = (x * w + (w - 1 - y)) * 3;
            turned.extend_from_slice(&pixels[at..at + 3]);
        }
    }
    turned
}

/// One byte per pixel.
pub(crate) fn grey(pixels: &[u8]) -> Vec<u8> {
    pixels.chunks_exact(3).map(|p| ((u32::from(p[0]) * 3 + u32::from(p[1]) * 6 + u32::from(p[2])) / 10) as u8).collect()
}

/// Green, with a transparent (and black) disc in the middle and a half-transparent black edge at the left.
pub(crate) fn png_with_hole(width: u32, height: u32) -> Vec<u8> {
    let picture = ImageBuffer::from_fn(width, height, |x, y| {
        let (dx, dy) = (i64::from(x) - i64::from(width / 2), i64::from(y) - i64::from(height / 2));
        match dx * dx + dy * dy < i64::from(height / 3).pow(2) {
            true => Rgba([0, 0, 0, 0]),
            false if x < width / 20 => Rgba([0, 0, 0, 128]),
            false => Rgba([30, 160, 60, 255u8]),
        }
    });
    encoded(&DynamicImage::ImageRgba8(picture), ImageFormat::Png)
}

/// A gradient of 16 bits per channel.
pub(crate) fn png_16_bit(width: u32, height: u32) -> Vec<u8> {
    let picture = ImageBuffer::from_fn(width, height, |x, y| {
        let (u, v) = ((x * 65_535 / width) as u16, (y * 65_535 / height) as u16);
        Rgb([u, v, u16::MAX - u])
    });
    encoded(&DynamicImage::ImageRgb16(picture), ImageFormat::Png)
}

/// A picture in any format that can be written.
pub(crate) fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("can be written");
    file.into_inner()
}

/// A few bytes that claim to be a picture of this size.
pub(crate) fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // An empty zlib stream: what would be inflated does not matter.
    let content = [0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];
    for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &content[..]), (b"IEND", &[][..])] {
        let chunk = [&kind[..], data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&chunk);
        file.extend(crc32(&chunk).to_be_bytes());
    }
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
    })
}
