//! Keys with which callers sign, from a file in the format that AWS's own clients read.

use std::fmt;
use zeroize::Zeroizing;

/// The keys whose signatures are accepted.
///
/// The format is that of AWS's shared credentials file: profiles in brackets, each with `aws_access_key_id`,
/// `aws_secret_access_key` and perhaps `aws_session_token`. So a client can be given the same file.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Vec<Key>);

/// A key. Its secret is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: Zeroizing<String>,
    pub(super) session_token: Option<Zeroizing<String>>,
}

/// Why a credentials file cannot be used. It never tells what a line says: that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// A line that is neither a profile, nor `name = value`, nor a comment.
    #[error("line {0} is neither `[profile]` nor `name = value`")]
    Line(usize),
    /// A profile with a key and no secret, or the other way round.
    #[error("the profile in line {line} has no `{missing}`")]
    Half {
        /// Where the profile begins.
        line: usize,
        /// What it lacks.
        missing: &'static str,
    },
    /// The same access key twice, with other secrets.
    #[error("the profile in line {0} has the access key of an earlier one, and another secret")]
    Twice(usize),
    /// No profile with a key.
    #[error("there is no profile with `aws_access_key_id` and `aws_secret_access_key`")]
    None,
}

/// Secrets are not for logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} keys)", self.0.len())
    }
}

/// What a profile has said so far.
#[derive(Default)]
struct Profile {
    line: usize,
    id: Option<String>,
    secret: Option<Zeroizing<String>>,
    session_token: Option<Zeroizing<String>>,
}

impl Credentials {
    /// One key.
    pub fn of(access_key_id: &str, secret_access_key: &str) -> Credentials {
        let secret = Zeroizing::new(secret_access_key.to_owned());
        Credentials(vec![Key { id: access_key_id.to_owned(), secret, session_token: None }])
    }

    /// Reads a credentials file. Profiles without keys (roles, processes, single sign-on) and settings of other names
    /// are passed over.
    ///
    /// Errors: the first line or profile that makes no sense; no profile has a key.
    pub fn read(text: &str) -> Result<Credentials, CredentialsError> {
        let mut keys = Vec::new();
        let mut profile: Option<Profile> = None;
        for (line, content) in text.lines().enumerate().map(|(at, content)| (at + 1, content)) {
            let trimmed = content.trim();
            // What is indented belongs to a setting of several lines, and none of ours is one.
            let nested = content.starts_with([' ', '\t']) && profile.is_some() && !trimmed.contains('=');
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) || nested {
                continue;
            }
            if let Some(name) = trimmed.strip_prefix('[') {
                name.split_once(']').ok_or(CredentialsError::Line(line))?;
                keep(&mut keys, profile.replace(Profile { line, ..Profile::default() }))?;
                continue;
            }
            let (name, value) = trimmed.split_once('=').ok_or(CredentialsError::Line(line))?;
            let profile = profile.as_mut().ok_or(CredentialsError::Line(line))?;
            let value = value.trim().to_owned();
            match name.trim().to_ascii_lowercase().as_str() {
                "aws_access_key_id" => profile.id = Some(value),
                "aws_secret_access_key" => profile.secret = Some(value.into()),
                "aws_session_token" => profile.session_token = Some(value.into()),
                _ => {}
            }
        }
        keep(&mut keys, profile)?;
        if keys.is_empty() { Err(CredentialsError::None) } else { Ok(Credentials(keys)) }
    }

    pub(super) fn key(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }
}

fn keep(keys: &mut Vec<Key>, profile: Option<Profile>) -> Result<(), CredentialsError> {
    let Some(Profile { line, id, secret, session_token }) = profile else { return Ok(()) };
    let given = |text: &String| !text.is_empty();
    let (id, secret) = match (id.filter(given), secret.filter(|secret| given(secret))) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) => return Ok(()),
        (Some(_), None) => return Err(CredentialsError::Half { line, missing: "aws_secret_access_key" }),
        (None, Some(_)) => return Err(CredentialsError::Half { line, missing: "aws_access_key_id" }),
    };
    let key = Key { id, secret, session_token };
    match keys.iter().find(|known| known.id == key.id) {
        Some(known) if *known == key => {}
        Some(_) => return Err(CredentialsError::Twice(line)),
        None => keys.push(key),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_as_clients_read_them() {
        let text = "# mine\n[default]\naws_access_key_id=ONE\naws_secret_access_key = a/b=c+\nregion = eu-west-1\n\n\
                    [profile two]\n  AWS_ACCESS_KEY_ID = TWO\n  aws_secret_access_key = two\n  aws_session_token = t\n\
                    [sso]\nsso_session = x\ns3 =\n  nested\n";
        let read = Credentials::read(text).unwrap();
        assert_eq!(read.0.len(), 2);
        assert_eq!(*read.key("ONE").unwrap().secret, "a/b=c+");
        assert_eq!(*read.key("TWO").unwrap().session_token.clone().unwrap(), "t");
        assert_eq!(format!("{read:?}"), "Credentials(2 keys)");
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused_without_telling_secrets() {
        let error = |text: &str| Credentials::read(text).unwrap_err();
        assert_eq!(error(""), CredentialsError::None);
        assert_eq!(error("[a]\nsecret words\n"), CredentialsError::Line(2));
        assert_eq!(error("aws_access_key_id = A\n"), CredentialsError::Line(1));
        assert_eq!(error("[a\n"), CredentialsError::Line(1));
        let half = |missing| CredentialsError::Half { line: 1, missing };
        assert_eq!(error("[a]\naws_access_key_id = A\n"), half("aws_secret_access_key"));
        assert_eq!(error("[a]\naws_secret_access_key = hidden\n"), half("aws_access_key_id"));
        let one = "[a]\naws_access_key_id = A\naws_secret_access_key = 1\n";
        assert!(Credentials::read(&one.repeat(2)).is_ok());
        let other = one.replace("= 1", "= hidden");
        let error = error(&format!("{one}{other}"));
        assert_eq!(error, CredentialsError::Twice(4));
        assert!(!error.to_string().contains("hidden"));
    }
}
