//! The items of many objects, one object after the other.

use super::items::{Broken, Items, Next};
use super::source::{Format, Source};
use std::sync::Arc;

/// An object with items.
pub(super) struct Member {
    pub(super) bucket: String,
    pub(super) key: String,
}

/// Which objects there are.
pub(super) trait Names: Send {
    fn next(&mut self) -> Result<Option<Member>, Broken>;
}

pub(super) struct Members<N> {
    source: Source,
    format: Format,
    names: N,
    open: Option<(Box<dyn Items>, Arc<str>)>,
}

impl<N: Names> Members<N> {
    pub(super) fn new(source: Source, format: Format, names: N) -> Members<N> {
        Members { source, format, names, open: None }
    }
}

impl<N: Names> Items for Members<N> {
    fn next(&mut self) -> Next {
        loop {
            if let Some((items, _)) = &mut self.open
                && let Some(item) = items.next()?
            {
                return Ok(Some(item));
            }
            let Some(Member { bucket, key }) = self.names.next()? else {
                self.open = None;
                return Ok(None);
            };
            let object = self.source.object(&bucket, &key, None)?;
            let items = self.source.items(object, &self.format)?;
            self.open = Some((items, format!("S3://{bucket}/{key}").into()));
        }
    }

    fn origin(&self) -> Option<Arc<str>> {
        self.open.as_ref().map(|(_, origin)| origin.clone())
    }
}
