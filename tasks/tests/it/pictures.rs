//! Every format, every orientation, every way to be broken.

use crate::files::{encoded, grey, png_16_bit, png_bomb, png_with_hole, turned_left};
use crate::scene::{JpegOptions, beach, jpeg};
use aslx_tasks::ErrorName;
use aslx_tasks::picture::{PictureFormat, PictureLimits, Thumbnail, shrink, thumbnails};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::prelude::*;

const LIMITS: PictureLimits = PictureLimits { max_bytes: 10_000_000, max_pixels: 20_000_000, max_memory: 200 << 20 };

fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_raw(width, height, beach(width, height, 1)).unwrap()
}

fn as_jpeg(width: u32, height: u32, options: JpegOptions) -> Vec<u8> {
    jpeg(&beach(width, height, 1), width, height, &options)
}

fn plain() -> JpegOptions {
    JpegOptions { quality: 90, ..JpegOptions::default() }
}

fn sides(set: &[Thumbnail; 3]) -> [(u32, u32); 3] {
    set.each_ref().map(|t| (t.width, t.height))
}

fn decoded(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// Mean difference per channel.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

fn all_formats() -> Vec<(&'static str, Vec<u8>)> {
    let picture = DynamicImage::ImageRgb8(photo(800, 600));
    vec![
        ("baseline", as_jpeg(800, 600, plain())),
        ("progressive", as_jpeg(800, 600, JpegOptions { progressive: true, ..plain() })),
        ("png", encoded(&picture, ImageFormat::Png)),
        ("webp", encoded(&picture, ImageFormat::WebP)),
        ("gif", encoded(&picture, ImageFormat::Gif)),
        ("bmp", encoded(&picture, ImageFormat::Bmp)),
        ("tiff", encoded(&picture, ImageFormat::Tiff)),
    ]
}

#[test]
fn every_format_gives_the_same_picture() {
    let reference = decoded(&thumbnails(&all_formats()[0].1, &LIMITS).unwrap()[2].jpeg);
    for (name, file) in all_formats() {
        let set = thumbnails(&file, &LIMITS).unwrap();
        assert_eq!(sides(&set), [(150, 113), (300, 225), (600, 450)], "{name}");
        let far = difference(&decoded(&set[2].jpeg), &reference);
        // A GIF has 256 colours.
        assert!(far < if name == "gif" { 8.0 } else { 3.0 }, "{name} differs by {far}");
        assert_eq!(thumbnails(&file, &LIMITS).unwrap(), set, "{name}: run twice, same bytes");
    }
}

#[test]
fn small_pictures_are_not_enlarged() {
    for (width, height, expected) in [
        (100, 80, [(100, 80); 3]),
        (200, 400, [(75, 150), (150, 300), (200, 400)]),
        (1, 1, [(1, 1); 3]),
        (2000, 2, [(150, 1), (300, 1), (600, 1)]),
    ] {
        let set = thumbnails(&as_jpeg(width, height, plain()), &LIMITS).unwrap();
        assert_eq!(sides(&set), expected);
    }
}

#[test]
fn reduced_decoding_gives_the_picture_that_full_decoding_gives() {
    let full = photo(4000, 3000);
    for progressive in [false, true] {
        let file = jpeg(full.as_raw(), 4000, 3000, &JpegOptions { progressive, ..plain() });
        let set = thumbnails(&file, &LIMITS).unwrap();
        for (thumbnail, (width, height)) in set.iter().zip([(150, 113), (300, 225), (600, 450)]) {
            let source = ImageRef::new(4000, 3000, full.as_raw(), PixelType::U8x3).unwrap();
            let mut expected = Image::new(width, height, PixelType::U8x3);
            let lanczos = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
            Resizer::new().resize(&source, &mut expected, &lanczos).unwrap();
            let options = JpegOptions { quality: 85, ..plain() };
            let expected = decoded(&jpeg(expected.buffer(), width, height, &options));
            let far = difference(&decoded(&thumbnail.jpeg), &expected);
            assert!(far < 1.0, "{width} x {height} differs by {far}");
        }
    }
}

#[test]
fn orientation_is_applied_in_every_size() {
    let upright = thumbnails(&as_jpeg(450, 600, plain()), &LIMITS).unwrap();
    let turned = turned_left(&beach(450, 600, 1), 450, 600);
    let file = jpeg(&turned, 600, 450, &JpegOptions { orientation: Some(6), ..plain() });
    let set = thumbnails(&file, &LIMITS).unwrap();
    assert_eq!(sides(&set), [(113, 150), (225, 300), (450, 600)]);
    for (a, b) in set.iter().zip(&upright) {
        assert!(difference(&decoded(&a.jpeg), &decoded(&b.jpeg)) < 3.0);
    }
    // All eight, by the corner that the sun is in.
    for orientation in 1..=8 {
        let file = as_jpeg(900, 600, JpegOptions { orientation: Some(orientation), ..plain() });
        let (w, h) = if orientation >= 5 { (600, 900) } else { (900, 600) };
        let shrunk = shrink(&file, 600, &LIMITS).unwrap();
        assert_eq!((shrunk.width, shrunk.height), (w, h), "{orientation}");
    }
}

#[test]
fn transparency_becomes_white() {
    let set = thumbnails(&png_with_hole(400, 300), &LIMITS).unwrap();
    let large = decoded(&set[2].jpeg);
    let near = |x: u32, y: u32, expected: [u8; 3]| {
        let found = large.get_pixel(x, y).0;
        assert!(
            found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 8),
            "({x}, {y}) is {found:?}, not {expected:?}"
        );
    };
    near(200, 150, [255, 255, 255]);
    near(390, 10, [30, 160, 60]);
    near(6, 150, [127, 127, 127]);
}

#[test]
fn deep_grey_and_palette_pictures_are_converted() {
    let deep = decoded(&thumbnails(&png_16_bit(640, 480), &LIMITS).unwrap()[2].jpeg);
    let corner = deep.get_pixel(595, 5).0;
    assert!(corner[0] > 245 && corner[1] < 10 && corner[2] < 10, "{corner:?}");

    let rgb = beach(800, 600, 1);
    let grey_file = jpeg(&grey(&rgb), 800, 600, &plain());
    let middle = decoded(&thumbnails(&grey_file, &LIMITS).unwrap()[1].jpeg).get_pixel(150, 100).0;
    assert!(middle[0].abs_diff(middle[1]) < 3 && middle[1].abs_diff(middle[2]) < 3, "{middle:?}");

    let luma = image::GrayImage::from_raw(800, 600, grey(&rgb)).unwrap();
    let as_png = encoded(&DynamicImage::ImageLuma8(luma), ImageFormat::Png);
    assert_eq!(sides(&thumbnails(&as_png, &LIMITS).unwrap())[2], (600, 450));

    let middle = decoded(&thumbnails(&palette_bmp(), &LIMITS).unwrap()[2].jpeg).get_pixel(8, 8).0;
    assert!(middle[0] > 230 && middle[1].abs_diff(128) < 20 && middle[2] < 25, "{middle:?}");
}

/// 16 x 16 pixels, all of the second colour of a palette of two.
fn palette_bmp() -> Vec<u8> {
    let mut file = b"BM".to_vec();
    let palette = [0, 0, 0, 0, 0, 128, 255, 0];
    let offset = 14 + 40 + palette.len() as u32;
    file.extend((offset + 256).to_le_bytes());
    file.extend([0; 4]);
    file.extend(offset.to_le_bytes());
    for field in [40u32, 16, 16, 1 | 8 << 16, 0, 256, 0, 0, 2, 0] {
        file.extend(field.to_le_bytes());
    }
    file.extend(palette);
    file.extend([1; 256]);
    file
}

#[test]
fn inks_become_colours_whoever_wrote_the_file() {
    // Full cyan and nothing else.
    let inks: Vec<u8> = [255, 0, 0, 0].repeat(64 * 64);
    let mut adobe = Vec::new();
    jpeg_encoder::Encoder::new(&mut adobe, 95).encode(&inks, 64, 64, jpeg_encoder::ColorType::Cmyk).unwrap();
    let found = decoded(&thumbnails(&adobe, &LIMITS).unwrap()[2].jpeg).get_pixel(30, 30).0;
    assert!(found[0] < 12 && found[1] > 243 && found[2] > 243, "{found:?}");

    // Without Adobe's segment the inks are stored as they are: the complement in the same bytes.
    let at = adobe.windows(2).position(|w| w == [0xff, 0xee]).expect("Adobe's segment");
    let mut other = adobe[..at].to_vec();
    other.extend(&adobe[at + 16..]);
    let found = decoded(&thumbnails(&other, &LIMITS).unwrap()[2].jpeg).get_pixel(30, 30).0;
    assert!(found[0] < 12 && found[1] < 12 && found[2] < 12, "no cyan, all others full: {found:?}");
}

#[test]
fn bombs_are_refused_before_they_are_decoded() {
    let mut jpeg_bomb = as_jpeg(16, 16, plain());
    let frame = jpeg_bomb.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg_bomb[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let mut gif_bomb = encoded(&DynamicImage::ImageRgb8(photo(16, 16)), ImageFormat::Gif);
    gif_bomb[6..10].copy_from_slice(&[0xff; 4]);
    let mut bmp_bomb = palette_bmp();
    bmp_bomb[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    bmp_bomb[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    for (name, file) in [
        ("png", png_bomb(60_000, 60_000)),
        ("jpeg", jpeg_bomb),
        ("gif", gif_bomb),
        ("bmp", bmp_bomb),
        ("thin", png_bomb(1_000_000, 30)),
    ] {
        let error = thumbnails(&file, &LIMITS).unwrap_err();
        assert_eq!(error.name(), ErrorName::ImageTooLarge, "{name}: {error}");
        assert!(error.is_permanent());
    }
    let error = thumbnails(&vec![0; 10_000_001], &LIMITS).unwrap_err();
    assert_eq!(error.name(), ErrorName::ImageTooLarge);
}

#[test]
fn a_progressive_picture_may_not_need_all_the_memory() {
    let file = as_jpeg(2000, 1500, JpegOptions { progressive: true, ..plain() });
    // A baseline file of these dimensions is decoded row by row.
    let tight = PictureLimits { max_memory: 8 << 20, ..LIMITS };
    assert_eq!(thumbnails(&file, &tight).unwrap_err().name(), ErrorName::ImageTooLarge);
    assert!(thumbnails(&as_jpeg(2000, 1500, plain()), &tight).is_ok());
    assert!(thumbnails(&file, &LIMITS).is_ok());
}

#[test]
fn cut_pictures_are_corrupt_wherever_they_are_cut() {
    for (name, file) in all_formats() {
        for part in [3, 5, 7, 9] {
            let cut = &file[..file.len() * part / 10];
            let error = thumbnails(cut, &LIMITS).expect_err(name);
            assert_eq!(error.name(), ErrorName::CorruptImage, "{name} at {part}/10: {error}");
        }
    }
}

#[test]
fn what_is_no_picture_is_unsupported() {
    for file in [&b""[..], b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\0\0\0\x18ftypheic"] {
        let error = thumbnails(file, &LIMITS).unwrap_err();
        assert_eq!(error.name(), ErrorName::UnsupportedImageFormat, "{error}");
    }
    assert_eq!(PictureFormat::of(&as_jpeg(8, 8, plain())), Some(PictureFormat::Jpeg));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn random_bytes_never_panic(which in 0usize..7, start in 0usize..200, bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let heads: [&[u8]; 7] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\0\0\0WEBP", b"GIF89a", b"BM", b"II*\0", b"MM\0*"];
        let tight = PictureLimits { max_pixels: 1_000_000, ..LIMITS };
        let file = [heads[which], &bytes].concat();
        let _ = thumbnails(&file, &tight);
        let _ = thumbnails(&bytes[start.min(bytes.len())..], &tight);
    }

    #[test]
    fn damaged_pictures_never_panic(which in 0usize..7, damage in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 1..6)) {
        let mut file = small_formats()[which].clone();
        for (place, byte) in damage {
            let at = (place * file.len() as f64) as usize;
            file[at] = byte;
        }
        let tight = PictureLimits { max_pixels: 1_000_000, max_memory: 64 << 20, ..LIMITS };
        let _ = thumbnails(&file, &tight);
    }
}

fn small_formats() -> &'static [Vec<u8>; 7] {
    static FORMATS: std::sync::OnceLock<[Vec<u8>; 7]> = std::sync::OnceLock::new();
    FORMATS.get_or_init(|| {
        let picture = DynamicImage::ImageRgb8(photo(48, 32));
        [
            as_jpeg(48, 32, plain()),
            as_jpeg(48, 32, JpegOptions { progressive: true, orientation: Some(3), ..plain() }),
            encoded(&picture, ImageFormat::Png),
            encoded(&picture, ImageFormat::WebP),
            encoded(&picture, ImageFormat::Gif),
            encoded(&picture, ImageFormat::Bmp),
            encoded(&picture, ImageFormat::Tiff),
        ]
    })
}
