//! How much must be reached.

use super::kind::Kind;
use super::model::Coverage;
use std::str::FromStr;

/// What `--fail-under` says: `90`, or `states=100,retriers=80`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Thresholds(Vec<(Option<Kind>, f64)>);

impl Thresholds {
    /// What is below its threshold, one line for each.
    pub fn shortfalls(&self, coverage: &Coverage) -> Vec<String> {
        let short = |(kind, wanted): &(Option<Kind>, f64)| {
            let totals = coverage.totals(*kind);
            let what = kind.map_or("everything", Kind::plural);
            (totals.percent() < *wanted).then(|| {
                format!(
                    "coverage of {what} is {:.1} % ({} of {}), less than the {wanted} % asked for",
                    (totals.percent() * 10.0).floor() / 10.0,
                    totals.reached,
                    totals.total
                )
            })
        };
        self.0.iter().filter_map(short).collect()
    }
}

impl FromStr for Thresholds {
    type Err = String;

    fn from_str(text: &str) -> Result<Thresholds, String> {
        text.split(',').map(|part| threshold(part.trim())).collect::<Result<_, _>>().map(Thresholds)
    }
}

fn threshold(part: &str) -> Result<(Option<Kind>, f64), String> {
    let (kind, percent) = match part.split_once('=') {
        None => (None, part),
        Some((name, percent)) => {
            let kind = Kind::ALL.into_iter().find(|kind| kind.plural() == name.trim()).ok_or_else(|| {
                let kinds = Kind::ALL.map(Kind::plural).join(", ");
                format!("no coverage is called `{}`; there are {kinds}", name.trim())
            })?;
            (Some(kind), percent.trim())
        }
    };
    let number = percent.trim_end_matches('%').trim_end().parse::<f64>().ok();
    match number.filter(|number| (0.0..=100.0).contains(number)) {
        Some(number) => Ok((kind, number)),
        None => Err(format!("expected a percentage from 0 to 100, or `states=90,retriers=50`, found `{percent}`")),
    }
}
