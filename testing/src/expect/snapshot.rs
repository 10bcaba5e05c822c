//! The whole history, compared with the one in a file.

use crate::{Failure, Ran};
use aslx_asl::Value;
use aslx_engine::history::view::shorten;
use aslx_engine::layers::{Match, difference};
use serde_json::json;
use std::path::Path;

pub(super) fn history(file: &Path, ran: &Ran, update: bool) -> Option<Failure> {
    let events: Vec<_> = ran.history().iter().map(|event| event.to_json()).collect();
    let found = Value::from(json!({ "events": events }));
    let shown = file.display();
    let known = match std::fs::read_to_string(file) {
        Ok(text) => Value::parse(&text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err("it is not there".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    if let Ok(known) = &known
        && difference(known, &found, Match::Exact).is_none()
    {
        return None;
    }
    if update {
        return write(file, &json!({ "events": events }))
            .err()
            .map(|error| Failure::new(format!("the snapshot `{shown}` cannot be written: {error}")));
    }
    let help = "`aslx test --update` writes it; read what changed before you commit it";
    let known = match known {
        Ok(known) => known,
        Err(reason) => {
            return Some(Failure::new(format!("the snapshot `{shown}` cannot be compared: {reason}")).help(help));
        }
    };
    let events = |value: &Value| value.get("events").and_then(Value::as_array).map(<[_]>::to_vec).unwrap_or_default();
    let (known, found) = (events(&known), events(&found));
    let number = known.iter().zip(&found).position(|(k, f)| difference(k, f, Match::Exact).is_some());
    let number = number.unwrap_or(known.len().min(found.len()));
    let title = format!("the history is not the one in `{shown}`, from event {} on", number + 1);
    let told = |list: &[Value]| list.get(number).map_or("no event".to_owned(), |event| shorten(&event.to_json(), 300));
    let failure = match (known.get(number), found.get(number)) {
        (Some(k), Some(f)) if k.get("type") == f.get("type") => {
            let kind = f.get("type").and_then(Value::as_str).unwrap_or_default();
            let first = difference(k, f, Match::Exact).map(|d| d.to_string()).unwrap_or_default();
            Failure::new(title).line(format!("{kind} {first}"))
        }
        _ => {
            Failure::new(title).line(format!("expected  {}", told(&known))).line(format!("found     {}", told(&found)))
        }
    };
    Some(failure.help(help))
}

fn write(file: &Path, history: &serde_json::Value) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut text = serde_json::to_string_pretty(history)?;
    text.push('\n');
    std::fs::write(file, text)
}
