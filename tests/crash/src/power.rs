//! What a power failure leaves of the store: files on which every write that was not synced is lost, or torn, or there.
//!
//! A program (`power-load`) keeps commits on a file layer that remembers what has been synced (`lossy.c`). It is killed
//! at some moment; [`after_power_failure`] makes the files anew as a disk could have them then; the store is opened on
//! them, and every commit that was acknowledged must be there.

use crate::Numbers;
use aslx_asl::Timestamp;
use aslx_engine::journal::{Entry, EntryKind, TaskId, TaskResult, TimerId};
use std::fs;
use std::io;
use std::path::Path;

/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;

/// The entries of an execution of the load, in order: it is started, a callback reaches it, it is stopped. What they
/// say follows from its name, so that a test knows it too.
pub fn entry(name: &str, number: u64) -> Entry {
    let at = Timestamp::from_millis(number as i64);
    let kind = match number {
        0 => EntryKind::TimerFired { timer: TimerId(name.len() as u64) },
        1 => {
            let weight = name.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            let text = format!("{name} ").repeat((weight % 700) as usize);
            EntryKind::TaskEnded { task: TaskId(1), result: TaskResult::Succeeded(aslx_asl::Value::from(text).into()) }
        }
        _ => EntryKind::StopRequested { error: Some(name.into()), cause: None },
    };
    Entry { at, kind }
}

/// Makes the files of a directory anew, in another one, as a disk without power could have them: what was synced, and
/// of each write after that nothing, all, or some of its sectors, the others old or garbage.
pub fn after_power_failure(from: &Path, to: &Path, numbers: &mut Numbers) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let path = file?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".durable")) else { continue };
        let mut bytes = fs::read(&path)?;
        // There is none if nothing was written this time.
        let pending = fs::read(path.with_file_name(format!("{name}.pending"))).unwrap_or_default();
        for write in Writes(&pending) {
            match write {
                Write::Data(at, data) => damage(&mut bytes, at, data, numbers),
                Write::Truncation(size) if numbers.below(2) == 0 => bytes.truncate(size),
                Write::Truncation(_) => {}
            }
        }
        fs::write(to.join(name), bytes)?;
    }
    Ok(())
}

/// Tells the file layer that what is in a directory is on the disk.
pub fn begin_with(directory: &Path) -> io::Result<()> {
    for file in fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()? {
        let mut durable = file.file_name();
        durable.push(".durable");
        fs::copy(file.path(), directory.join(durable))?;
    }
    Ok(())
}

/// Writes some of it.
fn damage(bytes: &mut Vec<u8>, at: usize, data: &[u8], numbers: &mut Numbers) {
    let fate = numbers.below(4);
    for (index, sector) in data.chunks(SECTOR).enumerate() {
        let sector_fate = if fate < 2 { fate } else { numbers.below(3) };
        let garbage = [numbers.below(256) as u8; SECTOR];
        let written = match sector_fate {
            0 => continue,
            1 => sector,
            _ => garbage.get(..sector.len()).unwrap_or_default(),
        };
        let begin = at + index * SECTOR;
        let end = begin + sector.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        if let Some(place) = bytes.get_mut(begin..end) {
            place.copy_from_slice(written);
        }
    }
}

/// What was written since the last sync, as `lossy.c` noted it.
struct Writes<'a>(&'a [u8]);

enum Write<'a> {
    Data(usize, &'a [u8]),
    Truncation(usize),
}

impl<'a> Iterator for Writes<'a> {
    type Item = Write<'a>;

    fn next(&mut self) -> Option<Write<'a>> {
        let (at, rest) = self.0.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let at = usize::try_from(i64::from_ne_bytes(*at)).ok()?;
        let length = i64::from_ne_bytes(*length);
        let Ok(length) = usize::try_from(length) else {
            self.0 = rest;
            return Some(Write::Truncation(at));
        };
        // The last one may have been cut by the end of the process: then it was not written either.
        let (data, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Write::Data(at, data))
    }
}
