//! The tasks of the image pipeline: plain async functions over the ports, from a typed input to a typed output.

mod analyse;
mod claim;
mod flag;
mod handler;
mod image_input;
mod mark_failed;
mod notify;
mod ports;
mod thumbnail;
mod upload;

pub use analyse::{Analysed, Analysis, analyse};
pub use claim::{ClaimInput, Claimed, claim};
pub use flag::{FlagInput, Flagged, flag};
pub use handler::Handler;
pub use image_input::ImageInput;
pub use mark_failed::{CaughtError, MarkFailedInput, MarkedFailed, mark_failed};
pub use notify::{Notified, NotifyInput, notify};
pub use ports::{Ports, Settings};
pub use thumbnail::{ThumbnailKeys, Thumbnails, thumbnail};
pub use upload::{UPLOAD_SECONDS, UploadReply, upload};
