//! The manifest of an Athena UNLOAD: the addresses of the data files, one per line.

use super::items::Broken;
use super::members::{Member, Names};
use super::stream::Stream;
use std::io::BufRead;

pub(super) struct Manifest {
    stream: Stream,
    number: u64,
}

impl Manifest {
    pub(super) fn new(stream: Stream) -> Manifest {
        Manifest { stream, number: 0 }
    }
}

impl Names for Manifest {
    fn next(&mut self) -> Result<Option<Member>, Broken> {
        loop {
            let mut line = String::new();
            self.stream.item_begins();
            let read = self.stream.read_line(&mut line).map_err(|error| Broken::new(format!("{error}.")))?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let address = line.trim().trim_matches('"');
            if address.is_empty() {
                continue;
            }
            return match address.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
                Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                    Ok(Some(Member { bucket: bucket.to_owned(), key: key.to_owned() }))
                }
                _ => Err(Broken::new(format!(
                    "Line {} of the manifest {} is no address of an object: '{}'.",
                    self.number,
                    self.stream.name(),
                    address.chars().take(100).collect::<String>()
                ))),
            };
        }
    }
}
