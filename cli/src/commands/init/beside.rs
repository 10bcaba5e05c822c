//! Tests for a definition that has none.

use super::{typed, write_new};
use crate::definition::{Definition, find};
use crate::error::CommandError;
use aslx_testing::Tested;
use aslx_testing::coverage::Coverage;
use aslx_testing::skeleton::Skeleton;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn run(path: &Path, settings: &[(String, String)]) -> Result<(), CommandError> {
    let (file, project) = find(path)?;
    let test_file = test_file(&file);
    if test_file.exists() {
        return write_new(&[(test_file, String::new())]);
    }
    let text = std::fs::read_to_string(&file)
        .map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", file.display())))?;
    let is_known =
        |name: &String| project.substitutions.contains_key(name) || settings.iter().any(|(key, _)| key == name);
    let made_up: BTreeMap<String, String> = placeholders(&text)
        .into_iter()
        .filter(|name| !is_known(name))
        .map(|name| {
            let value = made_up(&name);
            (name, value)
        })
        .collect();
    let values: Vec<(String, String)> = settings.iter().cloned().chain(made_up.clone()).collect();
    let definition = Definition::load(&file, &values)?;
    let tested = Arc::new(Tested { path: file.clone(), name: definition.name, program: definition.program });
    let skeleton = Skeleton::of(&tested);
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let substitutions = settings.iter().cloned().chain(made_up).collect();
    write_new(&[(test_file.clone(), skeleton.to_yaml(&name, &substitutions))])?;
    let mut coverage = Coverage::default();
    coverage.add(&tested, &BTreeMap::new());
    skeleton.sketches.iter().for_each(|sketch| coverage.add(&tested, &sketch.waypoints));
    let totals = coverage.totals(None);
    let cases = skeleton.sketches.len();
    let plural = if cases == 1 { "" } else { "s" };
    println!(
        "{cases} case{plural} with made-up inputs and answers; {} of {} things to cover",
        totals.reached, totals.total
    );
    if !skeleton.open.is_empty() {
        println!("\nNo made-up input was found for these; they are at the end of the file:");
        skeleton.open.iter().for_each(|open| println!("  {open}"));
    }
    println!("\nTry:\n  aslx test {}", typed(&test_file));
    Ok(())
}

/// `order.asl.json` is tested by `order.test.yaml`.
fn test_file(definition: &Path) -> PathBuf {
    let name = definition.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = crate::definition::ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    definition.with_file_name(format!("{stem}.test.yaml"))
}

/// The names in `${…}`.
fn placeholders(text: &str) -> Vec<String> {
    let parts = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._-:".contains(c));
    parts.map(|(name, _)| name).filter(is_name).map(str::to_owned).collect()
}

/// A value that a placeholder of this name may well have.
fn made_up(name: &str) -> String {
    let word: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let ends = |ending: &str| name.ends_with(ending);
    let prefix = "arn:aws";
    let place = "us-east-1:111122223333";
    match () {
        () if ends("TopicArn") => format!("{prefix}:sns:{place}:{word}"),
        () if ends("QueueArn") => format!("{prefix}:sqs:{place}:{word}"),
        () if ends("QueueUrl") => format!("https://sqs.us-east-1.amazonaws.com/111122223333/{word}"),
        () if ends("StateMachineArn") => format!("{prefix}:states:{place}:stateMachine:{word}"),
        () if ends("ActivityArn") => format!("{prefix}:states:{place}:activity:{word}"),
        () if ends("RoleArn") => format!("{prefix}:iam::111122223333:role/{word}"),
        () if ends("Arn") || ends("Function") => format!("{prefix}:lambda:{place}:function:{word}"),
        () => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_get_values_of_their_kind() {
        let text = r#"{"Resource": "${ChargeFunctionArn}", "b": "${Table}/${DoneTopicArn}", "c": "${", "d": "${}"}"#;
        let values: Vec<String> = placeholders(text).iter().map(|name| made_up(name)).collect();
        assert_eq!(
            values,
            [
                "arn:aws:lambda:us-east-1:111122223333:function:ChargeFunctionArn",
                "Table",
                "arn:aws:sns:us-east-1:111122223333:DoneTopicArn"
            ]
        );
        assert_eq!(test_file(Path::new("a/b.asl.yaml")), Path::new("a/b.test.yaml"));
    }
}
