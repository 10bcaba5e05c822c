//! `--sfn-local-mocks`: the test cases of a Step Functions Local mock configuration file.

use super::TestArguments;
use super::load::Loaded;
use crate::commands::run::input;
use crate::definition::{Definition, find};
use crate::error::CommandError;
use aslx_engine::layers::{MockConfig, MockedMachine};
use aslx_tasks::OfflineTasks;
use aslx_testing::{Report, Tested, sfn_local};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the file, and finds the definition of each of its state machines.
pub(super) fn load(file: &Path, arguments: &TestArguments) -> Result<Vec<Loaded>, CommandError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", file.display())))?;
    let wrong =
        |diagnostics| CommandError::Definition { file: file.display().to_string(), text: text.clone(), diagnostics };
    let config = MockConfig::read(&text).map_err(wrong)?;
    let input = input::read(arguments.input.as_deref())?;
    let services = OfflineTasks::new(Path::new(".aslx")).build();
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let definitions = paths.iter().map(|path| definition(path, arguments)).collect::<Result<Vec<_>, _>>()?;
    let mut cases = Vec::new();
    let mut diagnostics = Vec::new();
    for machine in &config.machines {
        let tested = of_machine(machine, &config, &definitions)?;
        diagnostics.extend(machine.check(&tested.program));
        let is_real = |resource: &str| services.can_run(resource).is_ok();
        let found = sfn_local::cases(machine, file, &tested.program, input.value(), &is_real);
        let wanted = |name: &str| arguments.filter.as_deref().is_none_or(|text| name.contains(text));
        cases.extend(found.into_iter().filter(|case| wanted(&case.name)).map(|case| (case, tested.clone())));
    }
    if !diagnostics.is_empty() {
        return Err(wrong(diagnostics));
    }
    if cases.is_empty() {
        return Err(CommandError::usage(format!("`{}` has no test case that is wanted", file.display())));
    }
    Ok(vec![Loaded { path: file.to_owned(), cases, touches: Vec::new() }])
}

fn definition(path: &Path, arguments: &TestArguments) -> Result<Arc<Tested>, CommandError> {
    let (file, _) = find(path)?;
    let definition = Definition::load(path, &arguments.settings)?;
    let path = file.strip_prefix("./").map(Path::to_owned).unwrap_or(file);
    Ok(Arc::new(Tested { path, name: definition.name, program: definition.program }))
}

/// The definition of the machine's name; where there is one of each, they belong together.
fn of_machine(
    machine: &MockedMachine,
    config: &MockConfig,
    definitions: &[Arc<Tested>],
) -> Result<Arc<Tested>, CommandError> {
    let by_name = definitions.iter().find(|tested| tested.name == machine.name);
    let only = match definitions {
        [only] if config.machines.len() == 1 => Some(only),
        _ => None,
    };
    by_name.or(only).cloned().ok_or_else(|| {
        CommandError::usage(format!("no definition is called `{}`", machine.name))
            .help(format!("name its file, {}.asl.json, on the command line", machine.name))
    })
}

/// How each case ended: nothing else is expected of them.
pub(super) fn endings(report: &Report) -> String {
    let width = report.cases().map(|case| case.name.chars().count()).max().unwrap_or(0);
    let line = |case: &aslx_testing::CaseReport| {
        let Some(run) = &case.run else { return format!(" {:width$}  no end\n", case.name) };
        let error = run.outcome.error.as_deref().map(|error| format!("  {error}")).unwrap_or_default();
        format!(" {:width$}  {}{error}\n", case.name, run.outcome.status.name())
    };
    report.cases().map(line).collect::<String>() + "\n"
}
