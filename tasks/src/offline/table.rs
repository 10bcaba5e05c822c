//! A table that is a folder: every row is a file of JSON, in DynamoDB's notation.
//!
//! Why not an embedded database: the pipeline reads and writes single rows by their key and nothing else, for which a
//! file, an atomic rename and a lock are all that is needed. It adds nothing to compile, several processes can share
//! it, and people can look at it with what they have. Checking a condition and writing happen under a lock that all
//! processes respect and that the system releases when its holder dies; a row reaches the disk before its name does.
//! A table of a million rows, or one that is searched, would want something else: that is what the port is for.

use super::decimal::Decimal;
use super::expression::{holds, updated};
use super::files::{Writer, blocking, lock, read, remove};
use super::keys::{hashed, short};
use crate::error::{ErrorName, Result, TaskError};
use crate::ports::{Attribute, Expression, Item, PortFuture, Table, Update, Updated, Write};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Locks of a table: rows that share one wait for each other.
const LOCKS: u8 = 16;

/// The attributes that tell rows of a table apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySchema {
    /// The partition key.
    pub partition: String,
    /// The sort key, of tables that have one.
    pub sort: Option<String>,
}

impl KeySchema {
    /// A key of one attribute.
    pub fn simple(partition: impl Into<String>) -> KeySchema {
        KeySchema { partition: partition.into(), sort: None }
    }
}

/// Tables below a folder. Cloning is cheap.
#[derive(Clone)]
pub struct FileTable {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    writer: Writer,
    tables: BTreeMap<String, KeySchema>,
}

impl FileTable {
    /// These tables, below this folder of data. Other tables do not exist.
    pub fn new(data: &Path, tables: BTreeMap<String, KeySchema>) -> FileTable {
        FileTable { inner: Arc::new(Inner { folder: data.join("tables"), writer: Writer::new(data), tables }) }
    }
}

/// Where a row lies.
struct Place {
    key: Item,
    file: PathBuf,
    lock: PathBuf,
}

impl Inner {
    /// The place of a row. `whole`: the item may have further attributes.
    fn place(&self, table: &str, item: &Item, whole: bool) -> Result<Place> {
        let schema = self
            .tables
            .get(table)
            .ok_or_else(|| TaskError::new(ErrorName::TableNotFound, format!("there is no table `{}`", short(table))))?;
        let mut key = Item::new();
        for name in [Some(&schema.partition), schema.sort.as_ref()].into_iter().flatten() {
            match item.get(name) {
                Some(value @ (Attribute::S(_) | Attribute::N(_) | Attribute::B(_))) => {
                    key.insert(name.clone(), value.clone());
                }
                Some(_) => return Err(TaskError::input(format!("the key `{name}` is neither text, number nor bytes"))),
                None => return Err(TaskError::input(format!("the key `{name}` of table `{table}` is missing"))),
            }
        }
        if !whole && key.len() != item.len() {
            return Err(TaskError::input(format!("the key of table `{table}` has more attributes than it should")));
        }
        let text = serde_json::to_string(&canonical(&key)?).unwrap_or_default();
        let hash = hashed(&text);
        let plain = match (key.get(&schema.partition), &schema.sort) {
            (Some(Attribute::S(text)), None) if is_plain(text) => Some(text.as_str()),
            _ => None,
        };
        let folder = self.folder.join(if is_plain(table) { table.to_owned() } else { hashed(table) });
        let file = folder.join(format!("{}.json", plain.map_or_else(|| format!("~{hash}"), str::to_owned)));
        let number = hash.get(..2).and_then(|h| u8::from_str_radix(h, 16).ok()).unwrap_or_default() % LOCKS;
        Ok(Place { key, file, lock: folder.join(format!(".lock-{number:02}")) })
    }

    fn read(&self, place: &Place) -> Result<Option<Item>> {
        let Some(text) = read(&place.file)? else { return Ok(None) };
        let row: Item = serde_json::from_slice(&text)
            .map_err(|e| TaskError::storage(format_args!("cannot read `{}`", place.file.display()), e))?;
        Ok(Some(row))
    }

    fn write(&self, place: &Place, item: &Item) -> Result<()> {
        let text = serde_json::to_vec_pretty(item)
            .map_err(|e| TaskError::storage(format_args!("cannot write `{}`", place.file.display()), e))?;
        self.writer.write(&place.file, &text, true)
    }

    /// What is there, under the condition, while nobody else changes it: `change` is called with the lock held.
    fn locked<T>(
        &self,
        place: &Place,
        condition: Option<&Expression>,
        change: impl FnOnce(Option<Item>) -> Result<T>,
    ) -> Result<T> {
        let held = lock(&place.lock)?;
        let before = self.read(place)?;
        if let Some(condition) = condition
            && !holds(condition, before.as_ref())?
        {
            return Err(TaskError::new(
                ErrorName::ConditionalCheckFailed,
                "the condition of the write is not true of the row",
            ));
        }
        let result = change(before);
        drop(held);
        result
    }
}

impl Table for FileTable {
    fn get<'a>(&'a self, table: &'a str, key: &'a Item) -> PortFuture<'a, Option<Item>> {
        let (inner, table, key) = (Arc::clone(&self.inner), table.to_owned(), key.clone());
        Box::pin(blocking(move || inner.read(&inner.place(&table, &key, false)?)))
    }

    fn put(&self, write: Write) -> PortFuture<'_, Option<Item>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(blocking(move || {
            let place = inner.place(&write.table, &write.item, true)?;
            inner.locked(&place, write.condition.as_ref(), |before| {
                inner.write(&place, &write.item)?;
                Ok(before)
            })
        }))
    }

    fn update(&self, update: Update) -> PortFuture<'_, Updated> {
        let inner = Arc::clone(&self.inner);
        Box::pin(blocking(move || {
            let place = inner.place(&update.table, &update.key, false)?;
            inner.locked(&place, update.condition.as_ref(), |before| {
                let start = before.clone().unwrap_or_else(|| place.key.clone());
                let after = match &update.change {
                    Some(change) => updated(change, &start)?,
                    None => start,
                };
                if place.key.iter().any(|(name, value)| after.get(name) != Some(value)) {
                    return Err(TaskError::input("an update cannot change the key of a row"));
                }
                inner.write(&place, &after)?;
                Ok(Updated { before, after })
            })
        }))
    }

    fn delete(&self, write: Write) -> PortFuture<'_, Option<Item>> {
        let inner = Arc::clone(&self.inner);
        Box::pin(blocking(move || {
            let place = inner.place(&write.table, &write.item, false)?;
            inner.locked(&place, write.condition.as_ref(), |before| {
                remove(&place.file)?;
                Ok(before)
            })
        }))
    }
}

/// The key with its numbers written in one way: `1` and `1.0` are the same row.
fn canonical(key: &Item) -> Result<Item> {
    let one = |value: &Attribute| match value {
        Attribute::N(text) => match text.parse::<Decimal>() {
            Ok(number) => Ok(Attribute::N(number.to_string())),
            Err(()) => Err(TaskError::input(format!("`{}` is not a number", short(text)))),
        },
        other => Ok(other.clone()),
    };
    key.iter().map(|(name, value)| Ok((name.clone(), one(value)?))).collect()
}

/// Whether a text can be the name of a file as it is, also where names do not tell upper case from lower.
fn is_plain(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    (1..=100).contains(&text.len()) && text.bytes().all(allowed)
}
