//! Names as the AWS SDK for Java 2 makes them from the names in a service's model.
//!
//! `aws-sdk:` tasks show them everywhere: parameters and results (`DBInstance` → `DbInstance`) and errors
//! (`DBInstanceNotFoundFault` → `DbInstanceNotFoundException`). `scripts/catalogue.py` has the same rules for the
//! tables.

use super::table::{SDK_PREFIX, Service};

/// The error prefix of an `aws-sdk:` service: `DynamoDb` for `dynamodb`.
pub fn java_service_name(service: &str) -> Option<&'static str> {
    Service::find(&format!("{SDK_PREFIX}{service}")).map(Service::error_prefix)
}

/// The exception class for the code or shape of an error: `NoSuchBucketException` for `NoSuchBucket`.
pub fn java_exception_name(code: &str) -> String {
    let stem = code.strip_suffix("Fault").or_else(|| code.strip_suffix("Exception")).unwrap_or(code);
    pascal_case(stem) + "Exception"
}

/// A member of a request or response: `SsekmsKeyId` for `SSEKMSKeyId`, `RoleArn` for `roleArn`.
///
/// The leading capitals are one word, except the last if a lower-case letter follows it.
pub fn java_member_name(member: &str) -> String {
    let mut name = String::with_capacity(member.len());
    let mut rest = member.chars();
    let mut in_acronym = true;
    while let Some(c) = rest.next() {
        if name.is_empty() {
            name.push(c.to_ascii_lowercase());
            continue;
        }
        let mut following = rest.clone();
        in_acronym &= c.is_ascii_uppercase() && !following.next().is_some_and(|next| next.is_ascii_lowercase());
        name.push(if in_acronym { c.to_ascii_lowercase() } else { c });
    }
    if is_taken(&name) {
        name.push_str("Value");
    }
    capitalize(&name)
}

/// Names that a Java builder cannot have.
fn is_taken(name: &str) -> bool {
    const METHODS: [&str; 13] = [
        "builder",
        "equals",
        "finalize",
        "getClass",
        "hashCode",
        "notify",
        "notifyAll",
        "overrideConfiguration",
        "sdkFields",
        "sdkHttpResponse",
        "toBuilder",
        "toString",
        "wait",
    ];
    const KEYWORDS: &str = " abstract assert boolean break byte case catch char class const continue default do double \
         else enum extends false final finally float for goto if implements import instanceof int interface long \
         native new null package private protected public return short static strictfp super switch synchronized \
         this throw throws transient true try void volatile while ";
    METHODS.contains(&name) || KEYWORDS.contains(&format!(" {} ", name.to_ascii_lowercase()))
}

fn capitalize(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), chars.as_str()))
}

/// Every word with one capital.
fn pascal_case(name: &str) -> String {
    words(name).iter().map(|word| capitalize(&word.to_ascii_lowercase())).collect()
}

/// The words of a name: `IoTFleetHub` is Io, T, Fleet, Hub; `S3Object` is S3, Object; `ListV2` is List, V2.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let at = |index: usize| chars.get(index).copied();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let previous = index.checked_sub(1).and_then(at);
        let next = at(index + 1);
        let starts = previous.is_some_and(|previous| {
            // aB2, aBc
            (previous.is_ascii_lowercase() && c.is_ascii_uppercase() && next.is_some_and(|n| n.is_ascii_alphanumeric()))
                // ABc: the B
                || (previous.is_ascii_uppercase()
                    && c.is_ascii_uppercase()
                    && next.is_some_and(|n| n.is_ascii_lowercase()))
                // 3a, 3A
                || (previous.is_ascii_digit() && c.is_ascii_alphabetic())
                // A version: the v of ABCv2. (The V of AbcV2 is the first rule.)
                || (c == 'v'
                    && next.is_some_and(|n| n.is_ascii_digit())
                    && previous.is_ascii_uppercase()
                    && index.checked_sub(2).and_then(at).is_some_and(|p| !p.is_ascii_lowercase()))
        });
        if starts {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
