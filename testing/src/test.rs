//! A test: a program, an input, answers, expectations.

use crate::coverage::Trail;
use crate::expect::judge;
use crate::mocks::{Mock, Mocks};
use crate::results::{CaseReport, Failure, Outcome, Place, Tested};
use crate::{Expect, Expectation, Ran, report, upkeep};
use aslx_asl::{MachineType, Program, Timestamp, Value};
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answer, AnswersLayer, NO_ANSWER};
use aslx_engine::runtime::{SimulationError, StartRequest, simulate};
use aslx_engine::task::{BoxTaskService, TaskFailure, TaskRequest};
use aslx_engine::{Data, Stopwatch};
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tower::{Layer, ServiceExt, service_fn};

/// When tested executions start, unless something else is said: 2025-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_millis(1_735_689_600_000);

/// A test of a state machine. It runs in virtual time, and gives the same every time: what is drawn comes from a fixed
/// seed, and the execution starts at a fixed time.
///
/// ```
/// use aslx_asl::{CompileOptions, Program};
/// use aslx_testing::{Answer, Expect, Test};
/// use serde_json::json;
/// use std::time::Duration;
///
/// let definition = json!({
///     "StartAt": "Charge",
///     "States": {
///         "Charge": {
///             "Type": "Task",
///             "Resource": "arn:aws:lambda:us-east-1:111122223333:function:charge",
///             "Retry": [{ "ErrorEquals": ["Throttled"], "IntervalSeconds": 60, "MaxAttempts": 5 }],
///             "End": true,
///         },
///     },
/// });
/// let program = Program::compile(&definition.to_string(), &CompileOptions::default()).unwrap();
///
/// let ran = Test::of(program)
///     .input(json!({ "amount": 12 }))
///     .mock("Charge", [Answer::throws("Throttled", "slow down").times(2), Answer::returns("paid")])
///     .expect(Expect::success().output(json!("paid")).attempts("Charge", 3))
///     .run()
///     .unwrap();
/// // 60 and 120 seconds have passed, in no time.
/// assert_eq!(ran.duration(), Duration::from_secs(180));
/// ```
#[derive(Clone)]
pub struct Test {
    pub(crate) name: String,
    pub(crate) place: Option<Place>,
    tested: Arc<Tested>,
    machine_type: MachineType,
    input: Data,
    start: Timestamp,
    seed: Seed,
    mocks: Mocks,
    expectations: Vec<Expectation>,
    tasks: Option<BoxTaskService>,
    update: bool,
    any_ending: bool,
}

impl Test {
    /// Of a program that is in no file.
    pub fn of(program: impl Into<Arc<Program>>) -> Test {
        let tested = Tested { path: PathBuf::new(), name: "machine".to_owned(), program: program.into() };
        Test::of_definition(Arc::new(tested))
    }

    /// Of a definition.
    pub fn of_definition(tested: Arc<Tested>) -> Test {
        Test {
            name: "test".to_owned(),
            place: None,
            tested,
            machine_type: MachineType::Standard,
            input: Data::from(Value::empty_object()),
            start: START,
            seed: Seed([7; 16]),
            mocks: Mocks::new(),
            expectations: Vec::new(),
            tasks: None,
            update: false,
            any_ending: false,
        }
    }

    /// Under this name; the execution has it too.
    #[must_use]
    pub fn named(self, name: &str) -> Test {
        Test { name: name.to_owned(), ..self }
    }

    /// Written there.
    #[must_use]
    pub fn at(self, place: Place) -> Test {
        Test { place: Some(place), ..self }
    }

    /// With this input; `{}` unless it is said.
    #[must_use]
    pub fn input(self, input: impl Into<Value>) -> Test {
        Test { input: Data::from(input.into()), ..self }
    }

    /// As an Express execution.
    #[must_use]
    pub fn express(self) -> Test {
        Test { machine_type: MachineType::Express, ..self }
    }

    /// Starting at this time, and not at [`START`].
    #[must_use]
    pub fn starting(self, start: Timestamp) -> Test {
        Test { start, ..self }
    }

    /// With another seed for everything that is drawn.
    #[must_use]
    pub fn seed(self, seed: [u8; 16]) -> Test {
        Test { seed: Seed(seed), ..self }
    }

    /// A state answers this, call by call. An answer that nobody asks for is a failure.
    #[must_use]
    pub fn mock(mut self, state: &str, answers: impl IntoIterator<Item = Answer>) -> Test {
        self.mocks.set(state, answers.into_iter().map(Mock::from).collect());
        self
    }

    /// All answers at once.
    #[must_use]
    pub fn mocks(self, mocks: Mocks) -> Test {
        Test { mocks, ..self }
    }

    /// This is expected.
    #[must_use]
    pub fn expect(mut self, expect: Expect) -> Test {
        self.expectations.extend(expect.list);
        self
    }

    /// It may end in any way.
    #[must_use]
    pub fn expect_any(self) -> Test {
        Test { any_ending: true, ..self }
    }

    /// This is expected, each with its place.
    #[must_use]
    pub fn expectations(mut self, expectations: Vec<Expectation>) -> Test {
        self.expectations.extend(expectations);
        self
    }

    /// The real services, for [`Answer::calls_real`].
    #[must_use]
    pub fn tasks(self, tasks: BoxTaskService) -> Test {
        Test { tasks: Some(tasks), ..self }
    }

    /// Writes snapshots of histories that are not as expected, and does not compare them.
    #[must_use]
    pub fn updating_snapshots(self, update: bool) -> Test {
        Test { update, ..self }
    }

    /// Whether some state is to be done by the real service.
    pub fn calls_real(&self) -> bool {
        let kinds = self.mocks.states().flat_map(|(_, mocks)| mocks).map(|mock| &mock.answer.kind);
        kinds.into_iter().any(|kind| *kind == aslx_engine::layers::AnswerKind::CallReal)
    }

    /// Runs it; blocks until it is done. Errors: what was not as expected.
    ///
    /// It has a runtime of its own: within another one, as in a `tokio::test`, call [`Test::run_async`].
    pub fn run(&self) -> Result<Ran, TestFailed> {
        block(self.run_async())?
    }

    /// The same in the runtime of the caller.
    pub async fn run_async(&self) -> Result<Ran, TestFailed> {
        let (report, ran) = self.play().await;
        match (report.outcome, ran) {
            (Outcome::Passed, Some(ran)) => Ok(ran),
            (outcome, _) => Err(TestFailed { name: self.name.clone(), failures: outcome.failures().to_vec() }),
        }
    }

    /// Runs it and tells what came of it.
    pub async fn report(&self) -> CaseReport {
        self.play().await.0
    }

    async fn play(&self) -> (CaseReport, Option<Ran>) {
        let watch = Stopwatch::start();
        let trail = Arc::new(Trail::default());
        let (outcome, ran) = match upkeep::names(&self.mocks, &self.expectations, &self.tested.program) {
            unknown if !unknown.is_empty() => (Outcome::Failed(unknown), None),
            _ => self.execute(trail.clone()).await,
        };
        let report = CaseReport {
            name: self.name.clone(),
            place: self.place.clone(),
            tested: self.tested.clone(),
            outcome,
            wall: watch.elapsed(),
            modelled: ran.as_ref().map(Ran::duration).unwrap_or_default(),
            run: ran.as_ref().map(|ran| ran.finished.clone()),
            waypoints: trail.take(),
        };
        (report, ran)
    }

    async fn execute(&self, trail: Arc<Trail>) -> (Outcome, Option<Ran>) {
        let program = self.tested.program.clone();
        let mut request =
            StartRequest::new(&self.tested.name, &execution_name(&self.name), self.input.clone(), self.seed);
        request.machine_type = self.machine_type;
        let layer = AnswersLayer::for_one_execution(self.mocks.answers());
        let service = BoxTaskService::new(layer.layer(self.below()));
        let finished = match simulate(program.clone(), request, self.start, service, Some(trail)).await {
            Ok(finished) => Arc::new(finished),
            Err(error) => return (Outcome::Failed(vec![self.no_end(&error)]), None),
        };
        let ran = Ran::new(program, self.input.value().clone(), finished, layer.asked(), self.mocks.clone());
        let mut failures = upkeep::missing(&ran);
        if failures.is_empty() {
            failures = judge(&self.expectations, &ran, self.any_ending, self.update);
            failures.extend(upkeep::unused(&ran));
        }
        let failures: Vec<Failure> = failures.into_iter().map(|failure| failure.or_at(self.place.as_ref())).collect();
        (failures.into(), Some(ran))
    }

    /// What calls reach that no canned answer takes.
    fn below(&self) -> BoxTaskService {
        let mocked: Arc<BTreeSet<String>> = Arc::new(self.mocks.states().map(|(state, _)| state.to_owned()).collect());
        let tasks = self.tasks.clone();
        BoxTaskService::new(service_fn(move |request: TaskRequest| {
            let real = tasks.clone().filter(|_| mocked.contains(&*request.state));
            async move {
                match real {
                    Some(real) => real.oneshot(request).await,
                    None => Err(TaskFailure {
                        modelled: Some(Duration::ZERO),
                        ..TaskFailure::new(NO_ANSWER, format!("there is no service for state `{}`", request.state))
                    }),
                }
            }
        }))
    }

    fn no_end(&self, error: &SimulationError) -> Failure {
        let failure = Failure::new(error.to_string()).or_at(self.place.as_ref());
        match error {
            SimulationError::Stuck { .. } => failure.help(
                "a mock that times out or misses heartbeats needs `TimeoutSeconds` or `HeartbeatSeconds` in the definition",
            ),
            SimulationError::Replay(_) => failure,
        }
    }
}

/// Names of executions have neither blanks nor most marks, and at most 80 characters (API reference, StartExecution).
fn execution_name(name: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = clean.split('-').filter(|part| !part.is_empty()).collect();
    let name: String = parts.join("-").chars().take(80).collect();
    if name.is_empty() { "test".to_owned() } else { name }
}

fn block<T>(future: impl Future<Output = T>) -> Result<T, TestFailed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| TestFailed {
        name: "test".to_owned(),
        failures: vec![Failure::new(format!("no runtime can be started: {error}"))],
    })?;
    Ok(runtime.block_on(future))
}

/// A test that failed. Its text, also as [`fmt::Debug`], says what was not as expected and what to do about it.
#[derive(Clone, PartialEq, Eq)]
pub struct TestFailed {
    /// Name of the test.
    pub name: String,
    /// What was not as expected.
    pub failures: Vec<Failure>,
}

impl fmt::Display for TestFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FAILED {}", self.name)?;
        self.failures.iter().try_for_each(|failure| write!(f, "\n{}", report::failure_text(failure)))
    }
}

impl fmt::Debug for TestFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TestFailed {}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Test").field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}
