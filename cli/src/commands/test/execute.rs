//! The cases, run: canned answers, and real services where a case asks for them.

use super::TestArguments;
use super::load::Loaded;
use crate::error::CommandError;
use crate::terminal::stderr_is_terminal;
use aslx_asl::program::StateKind;
use aslx_engine::Stopwatch;
use aslx_engine::layers::AnswerKind;
use aslx_engine::task::BoxTaskService;
use aslx_tasks::OfflineTasks;
use aslx_testing::file::Case;
use aslx_testing::{FileReport, Report, Suite, Test, Tested};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Runs all cases and gathers what came of them.
pub(super) fn execute(files: Vec<Loaded>, arguments: &TestArguments) -> Result<Report, CommandError> {
    let watch = Stopwatch::start();
    // Kept until all is done: the data of real services.
    let mut folders = Vec::new();
    let mut tests: Vec<Test> = Vec::new();
    for (case, tested) in files.iter().flat_map(|file| &file.cases) {
        let test = case.test(tested.clone()).updating_snapshots(arguments.update);
        tests.push(if test.calls_real() { with_services(test, case, tested, &mut folders)? } else { test });
    }
    let cores = std::thread::available_parallelism().map(NonZeroUsize::get).unwrap_or(1);
    let jobs = arguments.jobs.map_or(cores, NonZeroUsize::get);
    let bar = progress(tests.len());
    let suite = Suite { jobs, fail_fast: arguments.fail_fast };
    let told = |_: &aslx_testing::CaseReport| bar.inc(1);
    let reports =
        suite.run(&tests, &told).map_err(|error| CommandError::usage(format!("the cases cannot be run: {error}")))?;
    bar.finish_and_clear();
    let mut reports = reports.into_iter();
    let file = |file: Loaded| {
        let cases = reports.by_ref().take(file.cases.len()).flatten().collect();
        FileReport { path: file.path, cases }
    };
    let files: Vec<FileReport> = files.into_iter().map(file).collect();
    Ok(Report { files, wall: watch.elapsed() })
}

/// The real services on a folder of their own, with the objects that the case puts into buckets.
fn with_services(
    test: Test,
    case: &Case,
    tested: &Arc<Tested>,
    folders: &mut Vec<TempDir>,
) -> Result<Test, CommandError> {
    let cannot = |error: std::io::Error| CommandError::usage(format!("no folder for real services: {error}"));
    let folder = tempfile::tempdir().map_err(cannot)?;
    for (object, file) in &case.objects {
        put(folder.path(), object, file, case)?;
    }
    let tasks = OfflineTasks::new(folder.path()).build();
    let mut reasons = Vec::new();
    for (name, mocks) in case.mocks.states() {
        let real = mocks.iter().any(|mock| mock.answer.kind == AnswerKind::CallReal);
        let state = tested.program.state_named(name).map(|(_, state)| &state.kind);
        if let Some(StateKind::Task(task)) = state.filter(|_| real)
            && let Err(reason) = tasks.can_run(&task.resource)
        {
            reasons.push(format!("case `{}`, state `{name}`: {reason}", case.name));
        }
    }
    if !reasons.is_empty() {
        return Err(CommandError::CannotRun { reasons });
    }
    folders.push(folder);
    Ok(test.tasks(BoxTaskService::new(tasks)))
}

/// Puts a file into a bucket: an object is a file below `buckets/<bucket>/<key>`.
fn put(data: &Path, object: &str, file: &Path, case: &Case) -> Result<(), CommandError> {
    let inside = Path::new(object).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !inside || !object.contains('/') {
        return Err(CommandError::usage(format!("`{object}` is no object: {}", case.place))
            .help("objects are written as `bucket/key`"));
    }
    let target = data.join("buckets").join(object);
    let folder = target.parent().unwrap_or(data);
    let copied = std::fs::create_dir_all(folder).and_then(|()| std::fs::copy(file, &target));
    copied.map(drop).map_err(|error| {
        CommandError::usage(format!("`{}` cannot be put into a bucket: {error}", file.display()))
            .help(format!("case `{}` at {} asks for it", case.name, case.place))
    })
}

/// On a terminal, how far it is; nothing in a pipe, and nothing for what is done at once.
fn progress(cases: usize) -> ProgressBar {
    let target =
        if stderr_is_terminal() { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(u64::try_from(cases).ok(), target);
    match ProgressStyle::with_template("{pos} of {len} cases {wide_bar}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
