//! The canonical request: the one spelling of a request that both sides sign (Signature Version 4, "Create a canonical
//! request").

use hyper::HeaderMap;
use hyper::http::request::Parts;
use std::fmt::Write as _;

/// The canonical request over these signed headers, whose names are lower case. `hash` is that of the body.
pub(super) fn canonical_request(head: &Parts, signed: &[&str], hash: &str) -> String {
    let (method, path) = (head.method.as_str(), canonical_path(head.uri.path()));
    let query = canonical_query(head.uri.query().unwrap_or_default());
    let mut text = format!("{method}\n{path}\n{query}\n");
    for name in signed {
        let value = canonical_values(&head.headers, name);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{name}:{value}");
    }
    let _ = write!(text, "\n{}\n{hash}", signed.join(";"));
    text
}

/// The path without `.` and `..`, encoded once more: what is on the wire has been encoded once already.
fn canonical_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let mut text = String::from("/");
    text.push_str(&encoded(parts.join("/").as_bytes(), true));
    if folder && text.len() > 1 {
        text.push('/');
    }
    text
}

/// The parameters, decoded and encoded anew in the one way, in their order.
fn canonical_query(query: &str) -> String {
    let parameter = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (encoded(&decoded(name), false), encoded(&decoded(value), false))
    };
    let mut parameters: Vec<_> = query.split('&').filter(|text| !text.is_empty()).map(parameter).collect();
    parameters.sort();
    let written: Vec<String> = parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    written.join("&")
}

/// The values of a header, without blanks around them, runs of blanks as one, several joined by commas. Values that
/// are no text can have been signed by nobody; here they only have to stay different from each other.
fn canonical_values(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter().map(|value| {
        let value = String::from_utf8_lossy(value.as_bytes());
        value.split([' ', '\t']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    });
    values.collect::<Vec<_>>().join(",")
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn encoded(bytes: &[u8], keep_slash: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slash && byte == b'/') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// `%XX` as bytes; a `%` that begins no such thing stays.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

/// The value of a hexadecimal digit.
pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn head(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn one_spelling() {
        let head = head(
            "/a/./b/../c%20d/?b=2&a=%7e&b=1&c&d=a+b%2f",
            &[("host", "h"), ("x", "  a   b  "), ("x", "c"), ("unsigned", "u")],
        );
        let text = canonical_request(&head, &["host", "x"], "hash");
        let expected = "GET\n/a/c%2520d/\na=~&b=1&b=2&c=&d=a%2Bb%2F\nhost:h\nx:a b,c\n\nhost;x\nhash";
        assert_eq!(text, expected);
        assert_eq!(canonical_path("/"), "/");
        assert_eq!(canonical_path("/../.."), "/");
        assert_eq!(decoded("%4a%4%"), b"J%4%");
    }
}
