//! Names of buckets and objects as paths that stay where they belong.

use crate::error::{Result, TaskError};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Bytes that S3 allows for a key.
const MAX_KEY: usize = 1024;
/// Bytes that file systems allow for a name.
const MAX_NAME: usize = 255;

/// Checks a bucket name by S3's rule: 3 to 63 lower-case letters, digits, dots and hyphens.
pub(super) fn check_bucket(bucket: &str) -> Result<&str> {
    let bytes = bucket.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let allowed = bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if (3..=63).contains(&bytes.len()) && allowed && edge(bytes.first()) && edge(bytes.last()) && !bucket.contains("..")
    {
        return Ok(bucket);
    }
    Err(TaskError::input(format!(
        "`{}` is not a bucket name: expected 3 to 63 lower-case letters, digits, dots and hyphens",
        short(bucket)
    )))
}

/// The path of a key below its bucket's folder. A key that would lead out of it, or that a file cannot have as its
/// name, is refused: this bucket is a folder, and says so rather than to store something under another name.
pub(super) fn key_path(key: &str) -> Result<PathBuf> {
    let refuse = |why: &str| Err(TaskError::input(format!("`{}` cannot be a key here: {why}", short(key))));
    if key.is_empty() {
        return refuse("it is empty");
    }
    if key.len() > MAX_KEY {
        return refuse("it is longer than 1024 bytes");
    }
    let mut path = PathBuf::new();
    for name in key.split('/') {
        if name.is_empty() || name == "." || name == ".." {
            return refuse("its parts are names of files, and an empty part, `.` or `..` is none");
        }
        if name.len() > MAX_NAME {
            return refuse("a part of it is longer than 255 bytes");
        }
        if name.contains(|c: char| c.is_control() || c == '\\')
            || (cfg!(windows) && name.contains(['<', '>', ':', '"', '|', '?', '*']))
        {
            return refuse("it contains a control character or a backslash");
        }
        path.push(name);
    }
    Ok(path)
}

/// A name for anything: the hash in hexadecimal.
pub(super) fn hashed(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A user's value, shortened for a message.
pub(super) fn short(text: &str) -> String {
    const MAX: usize = 100;
    let mut shown: String = text.chars().take(MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn keys_that_lead_out_are_refused() {
        for key in ["", "/", "/etc/passwd", "..", "a/../b", "a/./b", "a//b", "a/", "a\\b", "a\0b", "a\nb", "../x"] {
            assert!(key_path(key).is_err(), "{key:?}");
        }
        assert_eq!(key_path("uploads/1/Straße 4.jpg").unwrap(), Path::new("uploads/1/Straße 4.jpg"));
        assert!(key_path(&"a/".repeat(600)).is_err());
        assert!(key_path(&"a".repeat(256)).is_err());
    }

    #[test]
    fn bucket_names_follow_the_rule() {
        for bucket in ["images", "a.b-c", "123"] {
            assert!(check_bucket(bucket).is_ok(), "{bucket}");
        }
        for bucket in ["", "ab", "Images", "a/b", "..", "a..b", "-ab", "ab.", "a_b", &"a".repeat(64)] {
            assert!(check_bucket(bucket).is_err(), "{bucket}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_key_is_a_plain_path(key in "[a-z./\\\\ \u{0}-\u{1f}é]{0,20}") {
            if let Ok(path) = key_path(&key) {
                prop_assert!(path.components().all(|c| matches!(c, Component::Normal(_))));
                prop_assert_eq!(path.to_str(), Some(key.as_str()));
            }
        }
    }
}
