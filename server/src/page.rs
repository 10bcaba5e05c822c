//! Pages of lists, and the tokens that lead from one to the next.
//!
//! A token holds the place where the next page begins, what was asked for, and when. AWS's are opaque too.

use crate::error::ApiError;
use crate::request::Request;
use aslx_asl::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many items a page has unless the caller says so.
const DEFAULT: usize = 100;

/// How long a token is good for, in milliseconds.
const LIFETIME: i64 = 24 * 60 * 60 * 1000;

/// Which page is wanted.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// How many items at the most.
    pub(crate) limit: usize,
    /// The place after which the page begins; `None` for the first page.
    pub(crate) after: Option<String>,
    /// What the token has to agree with.
    question: String,
    now: Timestamp,
}

impl Wanted {
    /// Reads `maxResults` and `nextToken`. `question` is what must be the same from page to page: the operation and
    /// its filters.
    ///
    /// Errors: `InvalidToken`.
    pub(crate) fn of(request: Request<'_>, question: &str, now: Timestamp) -> Result<Wanted, ApiError> {
        let limit = request.integer("maxResults").and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
        let after = request.text("nextToken").map(|token| place(token, question, now)).transpose()?;
        Ok(Wanted { limit: limit.unwrap_or(DEFAULT), after, question: question.to_owned(), now })
    }

    /// The token for the page after this place.
    pub(crate) fn token(&self, place: &str) -> String {
        let text = format!("{}\n{:016x}\n{place}", self.now.as_millis(), digest(&self.question));
        URL_SAFE_NO_PAD.encode(text)
    }

    /// The page of a list that is in memory: its items and the token of the next one. `after` says whether an item
    /// comes after a place, `place` names the place of an item.
    pub(crate) fn cut<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        place: impl Fn(&T) -> String,
        after: impl Fn(&T, &str) -> bool,
    ) -> (Vec<T>, Option<String>) {
        let here = |item: &T| self.after.as_deref().is_none_or(|place| after(item, place));
        let mut found: Vec<T> = items.into_iter().filter(here).take(self.limit + 1).collect();
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let token = found.last().filter(|_| more).map(|item| self.token(&place(item)));
        (found, token)
    }
}

fn place(token: &str, question: &str, now: Timestamp) -> Result<String, ApiError> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.splitn(3, '\n');
        let (issued, asked, place) = (parts.next()?, parts.next()?, parts.next()?);
        let issued: i64 = issued.parse().ok()?;
        let fresh = now.as_millis().saturating_sub(issued) <= LIFETIME;
        (fresh && asked == format!("{:016x}", digest(question))).then(|| place.to_owned())
    };
    read().ok_or_else(ApiError::invalid_token)
}

/// FNV-1a: it only tells questions apart, it protects nothing.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aslx_asl::Value;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn wanted(request: &str, question: &str, now: Timestamp) -> Result<Wanted, ApiError> {
        Wanted::of(Request(&Value::parse(request).unwrap()), question, now)
    }

    #[test]
    fn pages_follow_each_other() {
        let all = [1, 3, 5, 7, 9];
        let cut = |wanted: Wanted| wanted.cut(all, |n| n.to_string(), |n, place| *n > place.parse().unwrap());
        let (page, token) = cut(wanted(r#"{"maxResults": 2}"#, "q", NOW).unwrap());
        assert_eq!(page, [1, 3]);
        let request = format!(r#"{{"maxResults": 3, "nextToken": "{}"}}"#, token.unwrap());
        assert_eq!(cut(wanted(&request, "q", NOW).unwrap()), (vec![5, 7, 9], None));
        assert_eq!(wanted(&request, "another", NOW).unwrap_err(), ApiError::invalid_token());
        assert_eq!(wanted(&request, "q", NOW.plus_seconds(86_401)).unwrap_err(), ApiError::invalid_token());
        assert_eq!(cut(wanted(r#"{"maxResults": 0}"#, "q", NOW).unwrap()), (all.to_vec(), None));
    }

    #[test]
    fn no_token_of_ours() {
        for token in ["", "x", "eA", "ŝ"] {
            let request = format!(r#"{{"nextToken": "{token}"}}"#);
            assert_eq!(wanted(&request, "q", NOW).unwrap_err(), ApiError::invalid_token());
        }
    }
}
