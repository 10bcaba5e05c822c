//! Who may call, and how much the server takes on.

use super::ServeArguments;
use crate::error::CommandError;
use aslx_server::{Access, Credentials, Limits};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// What the arguments say of callers.
pub(super) fn access(arguments: &ServeArguments) -> Result<Access, CommandError> {
    let token = arguments.token_file.as_deref().map(token).transpose()?;
    let keys = arguments.credentials_file.as_deref().map(credentials).transpose()?;
    Ok(match (token, keys) {
        (None, None) => Access::Open,
        (Some(token), None) => Access::Token(token),
        (None, Some(keys)) => Access::Signed(keys),
        (Some(token), Some(keys)) => Access::Either(token, keys),
    })
}

fn token(file: &Path) -> Result<String, CommandError> {
    let token = secret(file)?.trim().to_owned();
    if token.is_empty() {
        return Err(CommandError::usage(format!("`{}` holds no token", file.display())));
    }
    Ok(token)
}

fn credentials(file: &Path) -> Result<Credentials, CommandError> {
    Credentials::read(&secret(file)?).map_err(|error| {
        let help = "the format is that of AWS's shared credentials file: [profile], aws_access_key_id = …, aws_secret_access_key = …";
        CommandError::usage(format!("`{}` cannot be used: {error}", file.display())).help(help)
    })
}

/// Reads a file of secrets. One that everybody on the machine can read keeps nobody out, and is refused.
fn secret(file: &Path) -> Result<Zeroizing<String>, CommandError> {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(file) {
        use std::os::unix::fs::PermissionsExt as _;
        // Read by others, or changed by group or others.
        if metadata.permissions().mode() & 0o026 != 0 {
            let message = format!("`{}` can be read or changed by others on this machine", file.display());
            return Err(CommandError::usage(message).help(format!("chmod 600 {}", file.display())));
        }
    }
    super::read(file).map(Zeroizing::new)
}

/// The names that `--limit` knows.
const NAMES: &str = "requests-per-second, aws-rates, open-executions, connections, request-bytes or patience-seconds";

/// Reads `NAME=VALUE` as a change of the limits.
pub(super) fn limit(text: &str) -> Result<Limit, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let number = || match value.parse::<u32>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{value}` is not a whole number above 0")),
    };
    Ok(match name {
        "requests-per-second" => Limit::RequestsPerSecond(number()?),
        "aws-rates" => match value {
            "on" => Limit::AwsRates(true),
            "off" => Limit::AwsRates(false),
            _ => return Err(format!("`{value}` is neither `on` nor `off`")),
        },
        "open-executions" => Limit::OpenExecutions(number()?),
        "connections" => Limit::Connections(number()?),
        "request-bytes" => Limit::RequestBytes(number()?),
        "patience-seconds" => Limit::PatienceSeconds(number()?),
        _ => return Err(format!("there is no limit `{name}`: choose {NAMES}")),
    })
}

/// One limit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    RequestsPerSecond(u32),
    AwsRates(bool),
    OpenExecutions(u32),
    Connections(u32),
    RequestBytes(u32),
    PatienceSeconds(u32),
}

/// The limits of a server: the usual ones, with these changes.
pub(super) fn limits(changes: &[Limit]) -> Limits {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    changes.iter().fold(Limits::default(), |limits, change| match *change {
        Limit::RequestsPerSecond(rate) => Limits { requests_per_second: Some(rate), ..limits },
        Limit::AwsRates(aws_rates) => Limits { aws_rates, ..limits },
        Limit::OpenExecutions(most) => Limits { open_executions: most.into(), ..limits },
        Limit::Connections(most) => Limits { connections: size(most), ..limits },
        Limit::RequestBytes(most) => Limits { body: size(most), ..limits },
        Limit::PatienceSeconds(seconds) => Limits { patience: Duration::from_secs(seconds.into()), ..limits },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let changes =
            ["requests-per-second=50", "aws-rates=on", "open-executions=7", "connections=8", "request-bytes=9"];
        let changes: Vec<Limit> = changes.iter().map(|text| limit(text).unwrap()).collect();
        let expected = Limits {
            requests_per_second: Some(50),
            aws_rates: true,
            open_executions: 7,
            connections: 8,
            body: 9,
            ..Limits::default()
        };
        assert_eq!(limits(&changes), expected);
        for text in
            ["", "connections", "connections=0", "connections=-1", "connections=99999999999", "aws-rates=1", "x=1"]
        {
            assert!(limit(text).is_err(), "{text}");
        }
    }
}
