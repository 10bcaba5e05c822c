//! Compiles the file layer and links it into this package's programs and tests.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a build script: its failures are for developers")]

fn main() {
    println!("cargo:rerun-if-changed=src/lossy.c");
    let header = std::env::var_os("DEP_SQLITE3_INCLUDE").unwrap();
    let objects =
        cc::Build::new().file("src/lossy.c").include(header).warnings_into_errors(true).compile_intermediates();
    for object in objects {
        // As an object and not as a library: nothing refers to it, it registers itself before `main`.
        println!("cargo:rustc-link-arg={}", object.display());
    }
}
