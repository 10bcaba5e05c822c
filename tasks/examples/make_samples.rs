//! Makes the sample photos of the image pipeline: the same bytes on every machine.
//!
//! `cargo run -p aslx-tasks --example make_samples -- definitions/image-pipeline/photos`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs, reason = "a program")]

#[path = "../testing/files.rs"]
mod files;
#[path = "../testing/scene.rs"]
mod scene;

use scene::{JpegOptions, beach, jpeg};
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder to write to"));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, content: Vec<u8>| {
        println!("{name:16} {:>8} bytes", content.len());
        std::fs::write(folder.join(name), content).unwrap();
    };
    let plain = JpegOptions { quality: 80, ..JpegOptions::default() };
    write("beach.jpg", jpeg(&beach(4032, 3024, 0), 4032, 3024, &plain));
    let sideways = files::turned_left(&beach(900, 1200, 1), 900, 1200);
    write("rotated.jpg", jpeg(&sideways, 1200, 900, &JpegOptions { orientation: Some(6), ..plain.clone() }));
    write("grey.jpg", jpeg(&files::grey(&beach(1200, 900, 1)), 1200, 900, &plain));
    let progressive = JpegOptions { progressive: true, ..plain.clone() };
    write("progressive.jpg", jpeg(&beach(1600, 1200, 1), 1600, 1200, &progressive));
    let flagged = jpeg(&beach(1200, 800, 1), 1200, 800, &plain);
    write("broken.jpg", flagged[..flagged.len() / 2].to_vec());
    write("flagged.jpg", flagged);
    write("alpha.png", files::png_with_hole(400, 300));
    write("deep.png", files::png_16_bit(640, 480));
    write("huge.png", files::png_bomb(60_000, 60_000));
}
