//! The one place where what differs from run to run is taken out of a text: paths, ids, times, durations.

/// What is replaced.
#[derive(Debug, Clone, Default)]
pub(crate) struct Normal {
    paths: Vec<(String, &'static str)>,
    durations: bool,
}

impl Normal {
    /// Ids and times of day.
    pub(crate) fn new() -> Normal {
        Normal::default()
    }

    /// This path, too.
    pub(crate) fn path(mut self, path: &std::path::Path, name: &'static str) -> Normal {
        self.paths.push((path.display().to_string(), name));
        self
    }

    /// Durations, too, and the width of columns.
    pub(crate) fn durations(self) -> Normal {
        Normal { durations: true, ..self }
    }

    /// The text without them. The same id gets the same number throughout.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut text = text.replace("\r\n", "\n");
        for (path, name) in &self.paths {
            text = text.replace(path, name);
        }
        let mut ids: Vec<String> = Vec::new();
        let mut result = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(next) = rest.chars().next() {
            if let Some(id) = uuid(rest).or_else(|| version(rest)) {
                let number = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                    ids.push(id.to_owned());
                    ids.len() - 1
                });
                result.push_str(&format!("<id {}>", number + 1));
                rest = &rest[id.len()..];
            } else if let Some(hash) = rest.get(..64).filter(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                result.push_str("<hash>");
                rest = &rest[hash.len()..];
            } else if let Some(cut) = cut_uuid(rest) {
                result.push_str("<id>");
                rest = &rest[cut..];
            } else if let Some(time) = time(rest) {
                result.push_str("<time>");
                rest = &rest[time..];
            } else if let Some(length) = self.durations.then(|| duration(rest)).flatten()
                && !result.ends_with(|c: char| c.is_alphanumeric() || ".-_/".contains(c))
            {
                result.push_str("<duration>");
                rest = &rest[length..];
            } else {
                result.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        let lines: Vec<String> = result.lines().map(|line| self.line(line.trim_end())).collect();
        lines.join("\n")
    }
}

impl Normal {
    /// Columns are as wide as the durations in them, and very short ones are not shown: a duration alone in its column
    /// goes, and what stands apart does so by two blanks.
    fn line(&self, line: &str) -> String {
        if !self.durations {
            return line.to_owned();
        }
        let begin = line.len() - line.trim_start().len();
        let (indent, line) = line.split_at(begin);
        let cells = line.split("  ").map(str::trim).filter(|cell| !["", "<duration>"].contains(cell));
        indent.to_owned() + &cells.map(cut).collect::<Vec<_>>().join("  ")
    }
}

/// How much of a shortened text there is room for depends on the durations beside it.
fn cut(cell: &str) -> String {
    match cell.strip_suffix('…') {
        Some(shown) => shown.chars().take(24).chain(['…']).collect(),
        None => cell.to_owned(),
    }
}

/// A UUID at the beginning.
fn uuid(text: &str) -> Option<&str> {
    let id = text.get(..36)?;
    let fits = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.bytes().enumerate().all(fits).then_some(id)
}

/// The length of the first part of a UUID that was shortened.
fn cut_uuid(text: &str) -> Option<usize> {
    let cut = text.find('…').filter(|cut| (9..36).contains(cut))?;
    let fits = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text[..cut].bytes().enumerate().all(fits).then_some(cut)
}

/// The version of an object in an offline bucket at the beginning: three hexadecimal numbers, the first one of 16 digits.
fn version(text: &str) -> Option<&str> {
    let length = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let mut end = length(text);
    if end != 16 {
        return None;
    }
    for _ in 0..2 {
        let more = length(text[end..].strip_prefix('-')?);
        if more == 0 {
            return None;
        }
        end += 1 + more;
    }
    text.get(..end)
}

/// The length of a time of day such as `2026-11-22T15:28:19.123Z` at the beginning.
fn time(text: &str) -> Option<usize> {
    let shape = "0000-00-00T00:00:00";
    let date = text.get(..shape.len())?;
    let fits = |(is, like): (u8, u8)| if like == b'0' { is.is_ascii_digit() } else { is == like };
    if !date.bytes().zip(shape.bytes()).all(fits) {
        return None;
    }
    let rest = &text[shape.len()..];
    let fraction = rest.strip_prefix('.').map_or(0, |rest| 1 + digits(rest));
    rest[fraction..].starts_with('Z').then_some(shape.len() + fraction + 1)
}

/// The length of a duration such as `212 ms` or `1.5 s` at the beginning.
fn duration(text: &str) -> Option<usize> {
    let whole = Some(digits(text)).filter(|length| *length > 0)?;
    let fraction = text[whole..].strip_prefix('.').map_or(0, |rest| 1 + digits(rest));
    let number = whole + fraction;
    let rest = text[number..].strip_prefix(' ')?;
    let unit = ["ms", "s", "min", "a minute"]
        .into_iter()
        .find(|unit| rest.strip_prefix(unit).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric())))?;
    Some(number + 1 + unit.len())
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[test]
fn only_what_differs_is_replaced() {
    let id = "0d6f4a3e-52c1-4c8e-9a6e-3b1f7a5c2e90";
    let text = format!("{id} {id} at 2026-11-22T15:28:19.123Z in 1.5 s,    12 ms 3 states a1 ms 1.0 v /tmp/x/y");
    let normal = Normal::new().path("/tmp/x".as_ref(), "<data>");
    assert_eq!(normal.apply(&text), "<id 1> <id 1> at <time> in 1.5 s,    12 ms 3 states a1 ms 1.0 v <data>/y");
    assert_eq!(
        normal.durations().apply(&text),
        "<id 1> <id 1> at <time> in <duration>,  <duration> 3 states a1 ms 1.0 v <data>/y"
    );
}
