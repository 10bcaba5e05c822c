//! Thumbnail sets per minute from 12-megapixel JPEGs, and what a set costs beside the bare decode, resize and encode.
//!
//! `cargo bench -p aslx-tasks --bench thumbnails [-- SECONDS]` prints figures; only a wrong picture is a failure.
#![allow(clippy::expect_used, clippy::disallowed_methods, missing_docs, reason = "a program that measures time")]

#[path = "../testing/scene.rs"]
mod scene;

use aslx_tasks::picture::{PictureLimits, thumbnails};
use aslx_tasks::{Handler, OfflineTasks};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use scene::{JpegOptions, beach, jpeg};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WIDTH: u32 = 4032;
const HEIGHT: u32 = 3024;

fn main() {
    let seconds = std::env::args().skip(1).find_map(|a| a.parse::<u64>().ok()).unwrap_or(5);
    let cores = std::thread::available_parallelism().map_or(2, usize::from).min(2);
    let pixels = beach(WIDTH, HEIGHT, 9);
    for (name, progressive) in [("baseline", false), ("progressive", true)] {
        let photo = jpeg(&pixels, WIDTH, HEIGHT, &JpegOptions { quality: 88, progressive, ..JpegOptions::default() });
        check(&photo);
        println!("{name}: {WIDTH} x {HEIGHT}, {:.1} MB", photo.len() as f64 / 1e6);
        let bare_before = measure(1, seconds, || bare(&photo));
        let set = measure(1, seconds, || drop(thumbnails(&photo, &PictureLimits::default())));
        let bare_after = measure(1, seconds, || bare(&photo));
        let bare_cpu = (bare_before.cpu_ms + bare_after.cpu_ms) / 2.0;
        println!("  bare decode, resize, encode   {bare_cpu:6.1} ms of CPU per set");
        println!(
            "  thumbnails                    {:6.1} ms of CPU per set   {:.2} x bare",
            set.cpu_ms,
            set.cpu_ms / bare_cpu
        );
        let all = measure(cores, seconds, || drop(thumbnails(&photo, &PictureLimits::default())));
        println!(
            "  on {cores} threads                  {:6.0} sets per minute   {:.1} ms of CPU per set",
            all.per_minute, all.cpu_ms
        );
        through_the_tasks(&photo, cores, seconds);
    }
}

/// The same with everything around it: claim, thumbnails and analysis of photos in an offline bucket, stored.
fn through_the_tasks(photo: &[u8], cores: usize, seconds: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let tasks = OfflineTasks::new(folder.path()).build();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(cores).build().expect("threads");
    let next = AtomicUsize::new(0);
    let measured = measure(4 * cores, seconds, || {
        runtime.block_on(async {
            let id = next.fetch_add(1, Ordering::Relaxed).to_string();
            let key = format!("uploads/{id}/photo.jpg");
            tasks.ports().bucket.put("images", &key, photo.to_vec(), "image/jpeg").await.expect("stored");
            let input = json!({ "bucket": "images", "key": key, "imageId": id, "execution": id });
            let run = |handler: Handler| handler.handle(tasks.ports(), input.clone());
            run(Handler::Claim).await.expect("claimed");
            let (thumbnails, analysis) = tokio::join!(run(Handler::Thumbnail), run(Handler::Analyse));
            assert!(thumbnails.is_ok() && analysis.is_ok(), "{thumbnails:?} {analysis:?}");
            tasks.ports().bucket.head("images", &format!("thumbnails/{id}/large.jpg")).await.expect("a thumbnail");
            std::fs::remove_file(folder.path().join("buckets/images").join(&key)).expect("the photo");
        });
    });
    let Measured { per_minute, cpu_ms } = measured;
    println!("  with claim, analysis, storage {per_minute:6.0} photos per minute {cpu_ms:.1} ms of CPU per photo");
}

/// What nobody can save: the reduced decode, three resizes, three encodes.
fn bare(photo: &[u8]) {
    let mut decoder = jpeg_decoder::Decoder::new(photo);
    let (w, h) = decoder.scale(600, 600).expect("a JPEG");
    let data = decoder.decode().expect("a JPEG");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    let mut from = Image::from_vec_u8(u32::from(w), u32::from(h), data, PixelType::U8x3).expect("as large as it says");
    for (width, height) in [(600, 450), (300, 225), (150, 113)] {
        let mut to = Image::new(width, height, PixelType::U8x3);
        let source = ImageRef::new(from.width(), from.height(), from.buffer(), PixelType::U8x3).expect("as large");
        Resizer::new().resize(&source, &mut to, &options).expect("same type");
        let mut out = Vec::new();
        jpeg_encoder::Encoder::new(&mut out, 85)
            .encode(to.buffer(), width as u16, height as u16, jpeg_encoder::ColorType::Rgb)
            .expect("fits");
        std::hint::black_box(&out);
        from = to;
    }
}

fn check(photo: &[u8]) {
    let set = thumbnails(photo, &PictureLimits::default()).expect("a picture");
    let again = thumbnails(photo, &PictureLimits::default()).expect("a picture");
    assert!(set == again, "two runs differ");
    let sides: Vec<_> = set.iter().map(|t| (t.width, t.height)).collect();
    assert_eq!(sides, [(150, 113), (300, 225), (600, 450)]);
}

struct Measured {
    per_minute: f64,
    cpu_ms: f64,
}

fn measure(threads: usize, seconds: u64, work: impl Fn() + Sync) -> Measured {
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (start, cpu) = (Instant::now(), cpu_time());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    work();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
    });
    let sets = done.load(Ordering::Relaxed).max(1) as f64;
    let cpu_ms = (cpu_time() - cpu).as_secs_f64() * 1e3 / sets;
    Measured { per_minute: sets * 60.0 / start.elapsed().as_secs_f64(), cpu_ms }
}

/// CPU time of this process, all threads; zero where /proc is not there.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
