//! What goes: closed executions with all that belongs to them, a few journals at a time, and the room they had.
//!
//! The row of an execution goes first, in one transaction with its entries, tokens and history, so its name is free at
//! once. Its map runs are set aside, by their parent: nobody finds them any more. They and their children go later; if
//! the process ends meanwhile, the next one finds them set aside.

use super::codes::entry_ids;
use super::write::Tables;
use crate::store::{Expired, Retention};
use aslx_asl::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// The parent of what is set aside. No ARN looks like this.
pub(super) const ASIDE: &str = "removed";

/// Free pages at which room is given back to the file system: as a share of the file (one in so many), and at least.
/// Less is used again soon.
const FREE_SHARE: i64 = 4;
const FREE_PAGES: i64 = 1_024;

/// Pages that are given back by one call.
const GIVEN_BACK: i64 = 256;

/// The last execution that goes because there are too many, by the time of its end and its number.
pub(super) type Last = (i64, i64);

/// Finds the last execution that goes if only the newest `keep` stay.
pub(super) fn surplus(connection: &Connection, keep: u64) -> rusqlite::Result<Option<Last>> {
    let sql = "SELECT stopped, id FROM journals INDEXED BY by_end WHERE parent IS NULL AND stopped IS NOT NULL \
               ORDER BY stopped DESC, id DESC LIMIT 1 OFFSET ?1";
    let keep = i64::try_from(keep).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.query_row([keep], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

impl Tables {
    /// Removes at most so many journals: of what is set aside, then of executions that are old or too many.
    pub(super) fn expire(
        &mut self,
        retention: &Retention,
        surplus: Option<Last>,
        limit: usize,
    ) -> rusqlite::Result<Expired> {
        let mut left = limit.max(1);
        let mut expired = Expired::default();
        while left > 0 {
            let surplus = surplus.unwrap_or((i64::MIN, 0));
            let before = retention.ended_before.map_or(i64::MIN, Timestamp::as_millis);
            left -= match self.sweep(left)? {
                0 => match self.first_closed(before, surplus)? {
                    Some((id, arn)) => {
                        self.remove_execution(id, &arn, retention)?;
                        expired.executions += 1;
                        1
                    }
                    None => break,
                },
                swept => swept,
            };
        }
        self.settle()?;
        self.forget_definitions()?;
        expired.more = left == 0 || self.give_back()?;
        Ok(expired)
    }

    /// The execution that ended first, if it is old or one too many.
    fn first_closed(&self, before: i64, surplus: Last) -> rusqlite::Result<Option<(i64, String)>> {
        let sql = "SELECT stopped, id, arn FROM journals INDEXED BY by_end \
                   WHERE parent IS NULL AND stopped IS NOT NULL ORDER BY stopped, id LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let first: Option<(i64, i64, String)> = self.connection.prepare_cached(sql)?.query_row([], read).optional()?;
        let goes = |(stopped, id, _): &(i64, i64, String)| *stopped < before || (*stopped, *id) <= surplus;
        Ok(first.filter(goes).map(|(_, id, arn)| (id, arn)))
    }

    fn remove_execution(&mut self, id: i64, arn: &str, retention: &Retention) -> rusqlite::Result<()> {
        let sql = "UPDATE journals SET parent = ?2 WHERE parent = ?1";
        self.connection.prepare_cached(sql)?.execute([arn, ASIDE])?;
        self.remove_one(id)?;
        for kind in &retention.records {
            let sql = "DELETE FROM records WHERE kind = ?1 AND key = ?2";
            self.connection.prepare_cached(sql)?.execute([&**kind, arn])?;
        }
        Ok(())
    }

    /// Removes at most so many journals that are set aside or belong to one that is; gives how many. One that has
    /// others below it is set aside itself.
    fn sweep(&mut self, limit: usize) -> rusqlite::Result<usize> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let sql = "SELECT id, arn FROM journals WHERE parent = ?1 LIMIT 1";
        let aside: Option<(i64, String)> = self.connection.prepare_cached(sql)?.query_row([ASIDE], read).optional()?;
        let Some((id, arn)) = aside else { return Ok(0) };
        let sql = "SELECT id, EXISTS (SELECT 1 FROM journals AS below WHERE below.parent = above.arn) \
                   FROM journals AS above WHERE parent = ?1 LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let belonging: Vec<(i64, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_map((&arn, limit), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if belonging.is_empty() {
            self.remove_one(id)?;
            return Ok(1);
        }
        for (id, has_more) in &belonging {
            if *has_more {
                let sql = "UPDATE journals SET parent = ?2 WHERE id = ?1";
                self.connection.prepare_cached(sql)?.execute((id, ASIDE))?;
            } else {
                self.remove_one(*id)?;
            }
        }
        Ok(belonging.len())
    }

    /// Removes one journal; what belongs to it stays.
    pub(super) fn remove_one(&mut self, id: i64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM journals WHERE id = ?1 RETURNING definition, status = 0 AND kind = 0 AND parent IS NULL";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (definition, open): (i64, bool) = self.connection.prepare_cached(sql)?.query_row([id], read)?;
        *self.uses.entry(definition).or_default() -= 1;
        self.opened -= i64::from(open);
        let (first, last) = entry_ids(id);
        self.connection.prepare_cached("DELETE FROM entries WHERE id BETWEEN ?1 AND ?2")?.execute([first, last])?;
        self.connection.prepare_cached("DELETE FROM tokens WHERE journal = ?1")?.execute([id])?;
        self.connection.prepare_cached("DELETE FROM histories WHERE journal = ?1")?.execute([id])?;
        Ok(())
    }

    /// Gives some of the room back that nothing is in, if there is much of it; whether there is more to give.
    fn give_back(&self) -> rusqlite::Result<bool> {
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let is_much =
            || Ok::<_, rusqlite::Error>(number("freelist_count")? > FREE_PAGES.max(number("page_count")? / FREE_SHARE));
        // Files of before version 3 give nothing back by themselves: `aslx store compact`.
        let incremental = number("auto_vacuum")? == 2;
        if !incremental || !is_much()? {
            return Ok(false);
        }
        self.connection.execute_batch(&format!("PRAGMA incremental_vacuum({GIVEN_BACK})"))?;
        is_much()
    }
}
