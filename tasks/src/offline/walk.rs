//! The files below a folder as keys, in the order of S3: by the bytes of the whole key.

use super::files::is_missing;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// Tells every key that begins with `prefix` and comes after `after`, until it is told to stop.
pub(super) fn keys(
    root: &Path,
    prefix: &str,
    after: Option<&str>,
    tell: &mut dyn FnMut(String, &Metadata) -> bool,
) -> io::Result<()> {
    folder(root, "", prefix, after, tell).map(drop)
}

/// `above` is empty or ends with a slash. False: it was told to stop.
fn folder(
    path: &Path,
    above: &str,
    prefix: &str,
    after: Option<&str>,
    tell: &mut dyn FnMut(String, &Metadata) -> bool,
) -> io::Result<bool> {
    let entries = match fs::read_dir(path) {
        Err(error) if is_missing(&error) => return Ok(true),
        other => other?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
        let key = format!("{above}{name}{slash}");
        // With the slash, the order of the names is that of the keys below them.
        let wanted = if slash.is_empty() {
            key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after)
        } else {
            let last = after.is_none_or(|after| key.as_str() > after || after.starts_with(&key));
            (key.starts_with(prefix) || prefix.starts_with(&key)) && last
        };
        if wanted {
            names.push(key);
        }
    }
    names.sort_unstable();
    for key in names {
        let name = key.strip_prefix(above).unwrap_or_default();
        if let Some(inside) = name.strip_suffix('/') {
            if !folder(&path.join(inside), &key, prefix, after, tell)? {
                return Ok(false);
            }
            continue;
        }
        // A file that has gone since is none; neither is what a link to nowhere is.
        if let Ok(metadata) = fs::metadata(path.join(name))
            && metadata.is_file()
            && !tell(key, &metadata)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_the_order_of_their_bytes_and_from_anywhere() {
        let root = tempfile::tempdir().unwrap();
        let mut all = ["a/b", "a.txt", "a-b/c", "a/b.c/d", "a/b/", "b", "a0", "\u{e9}/x"].map(str::to_owned).to_vec();
        all.retain(|key| !key.ends_with('/'));
        for key in &all {
            let path = root.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        all.sort();
        let list = |prefix: &str, after: Option<&str>, most: usize| {
            let mut found = Vec::new();
            let mut tell = |key, _: &Metadata| {
                found.push(key);
                found.len() < most
            };
            keys(root.path(), prefix, after, &mut tell).unwrap();
            found
        };
        assert_eq!(list("", None, 99), all);
        for index in 0..all.len() {
            assert_eq!(list("", Some(&all[index]), 2), all[index + 1..].iter().take(2).cloned().collect::<Vec<_>>());
        }
        assert_eq!(list("a/", None, 99), ["a/b", "a/b.c/d"]);
        assert_eq!(list("a", Some("a/b"), 1), ["a/b.c/d"]);
        assert_eq!(list("nothing", None, 99), Vec::<String>::new());
    }
}
