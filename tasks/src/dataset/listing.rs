//! The objects of a bucket, page by page: as items, or as the members of a data set.

use super::items::{Broken, Items, Next};
use super::members::{Member, Names};
use super::source::Source;
use crate::ports::{ListPage, Listed};
use aslx_asl::Value;
use std::collections::VecDeque;

/// The objects whose keys begin alike, in the order of their keys; nested ones too.
pub(super) struct Listing {
    source: Source,
    bucket: String,
    prefix: String,
    page: VecDeque<Listed>,
    after: Option<String>,
    ended: bool,
}

impl Listing {
    pub(super) fn new(source: Source, bucket: &str, prefix: &str) -> Listing {
        let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
        Listing { source, bucket, prefix, page: VecDeque::new(), after: None, ended: false }
    }

    fn next(&mut self) -> Result<Option<Listed>, Broken> {
        while self.page.is_empty() && !self.ended {
            let ListPage { objects, more } = self.source.list(&self.bucket, &self.prefix, self.after.as_deref())?;
            self.ended = !more;
            self.after = objects.last().map(|object| object.key.clone());
            self.page = objects.into();
        }
        Ok(self.page.pop_front())
    }
}

/// The objects themselves as items, in the shape that was recorded.
pub(super) struct Objects {
    listing: Listing,
}

impl Objects {
    pub(super) fn new(listing: Listing) -> Objects {
        Objects { listing }
    }
}

impl Items for Objects {
    fn next(&mut self) -> Next {
        let Some(object) = self.listing.next()? else { return Ok(None) };
        self.listing.source.saw(&self.listing.bucket, &object.key, &object.version, object.size);
        Ok(Some(Value::from_pairs([
            ("Etag", Value::from(format!("\"{}\"", object.version))),
            ("LastModified", Value::from(object.last_modified.as_seconds())),
            ("Key", Value::from(object.key)),
            ("Size", Value::from(object.size)),
            ("StorageClass", Value::from("STANDARD")),
        ])))
    }
}

impl Names for Listing {
    fn next(&mut self) -> Result<Option<Member>, Broken> {
        loop {
            let Some(object) = Listing::next(self)? else { return Ok(None) };
            // What a console makes for a folder has no content.
            if !(object.key.ends_with('/') && object.size == 0) {
                return Ok(Some(Member { bucket: self.bucket.clone(), key: object.key }));
            }
        }
    }
}
