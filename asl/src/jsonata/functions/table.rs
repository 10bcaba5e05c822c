//! All functions: name, number of arguments, signature.

use super::{Builtin, aws, basic, encode, higher, list, matches, number, object, picture, text};
use crate::jsonata::run::{Outcome, Run};
use crate::jsonata::signature::Signature;
use crate::jsonata::value::Val;
use std::collections::HashMap;
use std::sync::LazyLock;

type Row = (&'static str, usize, &'static str, fn(&Run<'_>, &[Val]) -> Outcome);

/// Sorted by name. `$eval` is not there: Step Functions does not have it.
const ROWS: [Row; 69] = [
    ("abs", 1, "<n-:n>", number::abs),
    ("append", 2, "<xx:a>", list::append),
    ("assert", 2, "<bs?:x>", basic::assert),
    ("average", 1, "<a<n>:n>", number::average),
    ("base64decode", 1, "<s-:s>", encode::base64decode),
    ("base64encode", 1, "<s-:s>", encode::base64encode),
    ("boolean", 1, "<x-:b>", basic::boolean),
    ("ceil", 1, "<n-:n>", number::ceil),
    ("clone", 1, "<(oa)-:o>", basic::clone),
    ("contains", 2, "<s-(sf):b>", matches::contains),
    ("count", 1, "<a:n>", list::count),
    ("decodeUrl", 1, "<s-:s>", encode::decode_url),
    ("decodeUrlComponent", 1, "<s-:s>", encode::decode_url_component),
    ("distinct", 1, "<x:x>", list::distinct),
    ("each", 2, "<o-f:a>", higher::each),
    ("encodeUrl", 1, "<s-:s>", encode::encode_url),
    ("encodeUrlComponent", 1, "<s-:s>", encode::encode_url_component),
    ("error", 1, "<s?:x>", basic::error),
    ("exists", 1, "<x:b>", basic::exists),
    ("filter", 2, "<af>", higher::filter),
    ("floor", 1, "<n-:n>", number::floor),
    ("formatBase", 2, "<n-n?:s>", number::format_base),
    ("formatInteger", 2, "<n-s:s>", picture::format_integer),
    ("formatNumber", 3, "<n-so?:s>", picture::format_number),
    ("fromMillis", 3, "<n-s?s?:s>", picture::from_millis),
    ("hash", 2, "<ss:s>", aws::hash),
    ("join", 2, "<a<s>s?:s>", text::join),
    ("keys", 1, "<x-:a<s>>", object::keys),
    ("length", 1, "<s-:n>", text::length),
    ("lookup", 2, "<x-s:x>", object::look_up),
    ("lowercase", 1, "<s-:s>", text::lowercase),
    ("map", 2, "<af>", higher::map),
    ("match", 3, "<s-f<s:o>n?:a<o>>", matches::find_all),
    ("max", 1, "<a<n>:n>", number::max),
    ("merge", 1, "<a<o>:o>", object::merge),
    ("millis", 0, "<:n>", basic::millis),
    ("min", 1, "<a<n>:n>", number::min),
    ("not", 1, "<x-:b>", basic::not),
    ("now", 2, "<s?s?:s>", picture::now),
    ("number", 1, "<(nsb)-:n>", number::number),
    ("pad", 3, "<s-ns?:s>", text::pad),
    ("parse", 1, "<s:x>", aws::parse),
    ("parseInteger", 2, "<s-s:n>", picture::parse_integer),
    ("partition", 2, "<an:a>", aws::partition),
    ("power", 2, "<n-n:n>", number::power),
    ("random", 1, "<n?:n>", aws::random),
    ("range", 3, "<nnn:a>", aws::range),
    ("reduce", 3, "<afj?:j>", higher::reduce),
    ("replace", 4, "<s-(sf)(sf)n?:s>", matches::replace),
    ("reverse", 1, "<a:a>", list::reverse),
    ("round", 2, "<n-n?:n>", number::round),
    ("shuffle", 1, "<a:a>", list::shuffle),
    ("sift", 2, "<o-f?:o>", higher::sift),
    ("single", 2, "<af?>", higher::single),
    ("sort", 2, "<af?:a>", list::sort),
    ("split", 3, "<s-(sf)n?:a<s>>", matches::split),
    ("spread", 1, "<x-:a<o>>", object::spread),
    ("sqrt", 1, "<n-:n>", number::sqrt),
    ("string", 1, "<x-b?:s>", text::string),
    ("substring", 3, "<s-nn?:s>", text::substring),
    ("substringAfter", 2, "<s-s:s>", text::substring_after),
    ("substringBefore", 2, "<s-s:s>", text::substring_before),
    ("sum", 1, "<a<n>:n>", number::sum),
    ("toMillis", 2, "<s-s?:n>", picture::to_millis),
    ("trim", 1, "<s-:s>", text::trim),
    ("type", 1, "<x:s>", basic::type_name),
    ("uppercase", 1, "<s-:s>", text::uppercase),
    ("uuid", 0, "<:s>", aws::uuid),
    ("zip", 0, "<a+>", list::zip),
];

static TABLE: LazyLock<HashMap<&'static str, Builtin, foldhash::fast::RandomState>> = LazyLock::new(|| {
    let rows = ROWS.into_iter();
    let rows = rows.map(|(name, arity, signature, run)| {
        (name, Builtin { name, arity, signature: Signature::parse(signature).ok(), run })
    });
    rows.collect()
});

static TRANSFORM: LazyLock<Signature> =
    LazyLock::new(|| Signature::parse("<(oa):o>").unwrap_or_else(|_| Signature::none()));

/// What the function that a transform is takes.
pub(in crate::jsonata) fn transform_signature() -> &'static Signature {
    &TRANSFORM
}

/// The function of this name, without `$`.
pub(in crate::jsonata) fn find(name: &str) -> Option<&'static Builtin> {
    TABLE.get(name)
}

/// Whether a function has this name (without `$`).
pub fn is_function(name: &str) -> bool {
    ROWS.binary_search_by_key(&name, |row| row.0).is_ok()
}

/// Names of all functions, without `$`, in no order: for suggestions.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    ROWS.into_iter().map(|row| row.0)
}

/// Whether a function draws from the environment.
pub(in crate::jsonata) fn draws(name: &str) -> bool {
    matches!(name, "random" | "shuffle" | "uuid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_signatures_are_read() {
        assert!(ROWS.is_sorted_by_key(|row| row.0));
        assert!(TABLE.values().all(|builtin| builtin.signature.is_some()));
        assert_eq!(TABLE.len(), ROWS.len());
    }
}
