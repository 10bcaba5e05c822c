//! `aslx serve`: the Step Functions API on this machine.

mod forward;
mod guard;
mod local;
mod notices;
mod signals;
mod told;

use crate::commands::store::refused;
use crate::error::CommandError;
use crate::terminal::Style;
use aslx_engine::SystemClock;
use aslx_engine::runtime::{Pace, Recovered};
use aslx_engine::store::{MemoryStore, SqliteStore, Store};
use aslx_server::{Server, ServerBuilder, ServerError, Tasks};
use aslx_tasks::OfflineTasks;
use clap::{Args, ValueEnum};
use local::Environment;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  aslx serve
  aslx serve --memory --clock virtual -q
  aslx serve --data /var/lib/aslx --keep-days 30 --events events.jsonl
  aslx serve --listen 0.0.0.0:8083 --credentials-file ~/.aws/credentials --limit requests-per-second=200
  aslx serve --otlp --events http://127.0.0.1:9000/status

Clients:
  AWS CLI, boto3 and the other SDKs   export AWS_ENDPOINT_URL_SFN=http://127.0.0.1:8083
  Terraform                           endpoints { sfn = \"http://127.0.0.1:8083\" } in the provider

In the way of Step Functions Local, SFN_MOCK_CONFIG names a file of mocked answers; an execution is started with the
ARN of its state machine, `#` and the name of a test case. AWS_ACCOUNT_ID, AWS_DEFAULT_REGION and WAIT_TIME_SCALE are
read too; LAMBDA_ENDPOINT, SQS_ENDPOINT and so on send tasks where they say, in a program built with `--features aws`.

Exit codes: 0 it was stopped, 1 it was stopped at once by a second signal, 2 usage, or it cannot listen or use the
data directory";

/// What `aslx serve` takes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArguments {
    /// Where to listen; port 0 is a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8083")]
    listen: SocketAddr,
    /// Where state machines, executions and offline data are kept
    #[arg(long, value_name = "DIR", default_value = ".aslx")]
    data: PathBuf,
    /// Keep state machines and executions in memory only
    #[arg(long)]
    memory: bool,
    /// The account in ARNs [default: AWS_ACCOUNT_ID, or 000000000000]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The region in ARNs [default: AWS_DEFAULT_REGION, or us-east-1]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Real time, or for each execution time that jumps over waits and delays [default: real]
    #[arg(long, value_enum)]
    clock: Option<ClockChoice>,
    /// Mocked answers, in the format of Step Functions Local; goes before SFN_MOCK_CONFIG
    #[arg(long, value_name = "FILE")]
    mocks: Option<PathBuf>,
    /// A file with the token that callers must show: as bearer token, or as AWS access key id
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A file with the keys that callers sign with, in the format of AWS's shared credentials file
    #[arg(long, value_name = "FILE")]
    credentials_file: Option<PathBuf>,
    /// Change a limit: requests-per-second=50, aws-rates=on, open-executions=1000, connections=100,
    /// request-bytes=1000000, patience-seconds=20
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = guard::limit)]
    limits: Vec<guard::Limit>,
    /// Append status events in EventBridge's shape to this file, one per line, or post them to this http:// URL
    #[arg(long, value_name = "FILE|URL")]
    events: Option<String>,
    /// Status events with inputs, outputs and causes, as on AWS
    #[arg(long, requires = "events")]
    event_payloads: bool,
    /// Send a trace of each execution to an OpenTelemetry collector: the URL, else OTEL_EXPORTER_OTLP_ENDPOINT, else
    /// http://127.0.0.1:4318
    #[arg(long, value_name = "URL", num_args = 0..=1)]
    otlp: Option<Option<String>>,
    /// Traces with inputs, outputs and causes
    #[arg(long, requires = "otlp")]
    otlp_payloads: bool,
    /// Trace what X-Ray would: state machines with tracing enabled, and executions that join a trace
    #[arg(long, requires = "otlp")]
    otlp_as_aws: bool,
    /// Append execution logs in CloudWatch's shape to this file, by the level of each state machine
    #[arg(long, value_name = "FILE")]
    logs: Option<PathBuf>,
    /// Days after which closed executions are removed
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    keep_days: u32,
    /// Closed executions that are kept at the most, those that ended last; as many as there are, unless this is given
    #[arg(long, value_name = "N")]
    keep: Option<u64>,
    /// Answer as the API did on this day, for suites that were recorded then
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    as_of: Option<String>,
    /// The log groups that exist, by name; a state machine that is to log to another is refused. All, unless it is said
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    log_groups: Option<Vec<String>>,
    /// Say nothing of executions
    #[arg(short, long)]
    quiet: bool,
}

/// Where time comes from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockChoice {
    /// The machine's.
    Real,
    /// Modelled: an execution that waits only for a time jumps there.
    Virtual,
}

fn day(text: &str) -> Result<String, String> {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let fits = [4, 2, 2].into_iter().all(|n| parts.next().is_some_and(|part| digits(part, n)));
    if fits && parts.next().is_none() { Ok(text.to_owned()) } else { Err("expected YYYY-MM-DD".to_owned()) }
}

/// Runs the command.
pub(crate) fn run(arguments: ServeArguments) -> Result<ExitCode, CommandError> {
    let environment = Environment::read(&arguments)?;
    let outlets = notices::Outlets::open(&arguments)?;
    let builder = builder(&arguments, &environment)?.listened_to(outlets.interest());
    // Connections have threads of their own; what is done beside them needs one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::usage(format!("no runtime can be started: {error}")))?;
    let code = runtime.block_on(async {
        let mut server = builder.start().await.map_err(|error| not_started(&error, &arguments))?;
        let telling = server.notices().map(|notices| tokio::spawn(outlets.tell(notices)));
        // Before anybody is told that it is there: from then on it may be asked to stop.
        let mut signals = signals::Signals::new()?;
        greet(&arguments, &server);
        signals.next().await?;
        let stopping = async {
            server.stop().await;
            if let Some(telling) = telling {
                // It ends when the server has: what it could not write by then is lost with it.
                let _ = tokio::time::timeout(LAST_NOTICES, telling).await;
            }
        };
        // Who asks twice does not want to wait. What was acknowledged is committed, so nothing of it is missing.
        tokio::select! {
            () = stopping => Ok(ExitCode::SUCCESS),
            again = signals.next() => again.map(|()| ExitCode::FAILURE),
        }
    });
    // Work on threads of its own (a picture, for example) is not waited for: it is done again at the next start.
    runtime.shutdown_background();
    code
}

/// How long notices have to be written when the server has stopped.
const LAST_NOTICES: Duration = Duration::from_secs(1);

fn not_started(error: &ServerError, arguments: &ServeArguments) -> CommandError {
    let told = CommandError::usage(error.to_string());
    match error {
        ServerError::Store(_) | ServerError::Engine(_) if !arguments.memory => {
            told.help(format!("see what is damaged: aslx store check {}", arguments.data.display()))
        }
        _ => told,
    }
}

fn builder(arguments: &ServeArguments, environment: &Environment) -> Result<ServerBuilder, CommandError> {
    let account = arguments.account.as_ref().or(environment.account.as_ref());
    let region = arguments.region.as_ref().or(environment.region.as_ref()).map_or("us-east-1", |region| region);
    let jumps = if environment.waits_are_jumped { ClockChoice::Virtual } else { ClockChoice::Real };
    let store: Arc<dyn Store> = if arguments.memory {
        Arc::new(MemoryStore::new())
    } else {
        let opened = SqliteStore::open(&arguments.data, &SystemClock);
        Arc::new(opened.map_err(|error| refused(&error, &arguments.data))?)
    };
    let mut builder = Server::builder()
        .listen(arguments.listen)
        .account(account.map_or("000000000000", |account| account))
        .region(region)
        .store(store)
        .pace(match arguments.clock.unwrap_or(jumps) {
            ClockChoice::Real => Pace::Real,
            ClockChoice::Virtual => Pace::Virtual,
        })
        .threads(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
        .keep_days(arguments.keep_days)
        .tasks(tasks(arguments, environment, region)?)
        .access(guard::access(arguments)?)
        .limits(guard::limits(&arguments.limits));
    if let Some(names) = &arguments.log_groups {
        builder = builder.log_groups(names.iter().filter(|name| !name.is_empty()).cloned());
    }
    if let Some(executions) = arguments.keep {
        builder = builder.keep(executions);
    }
    if let Some(day) = &arguments.as_of {
        builder = builder.as_of(day);
    }
    told::tell(builder, arguments)
}

fn tasks(arguments: &ServeArguments, environment: &Environment, region: &str) -> Result<Tasks, CommandError> {
    let base = format!("http://{}/buckets", arguments.listen);
    let offline = OfflineTasks::new(&arguments.data).upload_base(base).build();
    let tasks = forward::tasks(offline, environment, region)?;
    let Some(file) = arguments.mocks.as_ref().or(environment.mock_config.as_ref()) else { return Ok(tasks) };
    let text = read(file)?;
    tasks.mocked(&text).map_err(|diagnostics| CommandError::Definition {
        file: file.display().to_string(),
        text,
        diagnostics,
    })
}

fn read(file: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("`{}` cannot be read: {error}", file.display())))
}

/// One line that says what a client has to set, and one for what goes on from before.
fn greet(arguments: &ServeArguments, server: &Server) {
    let style = Style::of_stdout();
    let place = if arguments.memory { "in memory".to_owned() } else { format!("data in {}", arguments.data.display()) };
    println!("{} export AWS_ENDPOINT_URL_SFN={}  ({place})", style.bold("ready:"), server.url());
    let (recovered, quiet, data) = (server.recovered(), arguments.quiet, arguments.data.display().to_string());
    tokio::spawn(async move {
        let Some(Recovered { resumed, armed, failed }) = recovered.await else { return };
        if !quiet && resumed + armed > 0 {
            println!("{resumed} executions go on, {armed} wait for their time");
        }
        if failed > 0 {
            eprintln!("{failed} executions cannot go on: aslx store check {data}");
        }
    });
}
