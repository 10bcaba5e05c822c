//! The texts of the reference implementation, by code, filled from what the library says and from what the expression
//! calls. Where neither tells a value that the reference shows, the text goes without it: a guess would be worse.

use super::error::EvaluationError;
use super::facts::Facts;
use super::meter;
use jsonata_core::evaluator::EvaluatorError;

/// AWS's text for too much memory.
pub(super) const MEMORY_TEXT: &str = "Expression evaluation memory limit exceeded: Check for excessive memory usage";
/// In the manner of [`MEMORY_TEXT`].
pub(super) const TIME_TEXT: &str = "Expression evaluation timeout: Check for infinite loop";
/// In the manner of [`MEMORY_TEXT`].
pub(super) const DEPTH_TEXT: &str =
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.";

/// Texts that are always the same.
const FIXED: [(&str, &str); 52] = [
    ("D1004", "Regular expression matches zero length string"),
    ("D3001", "Attempting to invoke string function on Infinity or NaN"),
    ("D3010", "Second argument of replace function cannot be an empty string"),
    ("D3011", "Fourth argument of replace function must evaluate to a positive number"),
    ("D3012", "Attempted to replace a matched string with a non-string value"),
    ("D3020", "Third argument of split function must evaluate to a positive number"),
    ("D3040", "Third argument of match function must evaluate to a positive number"),
    ("D3050", "The second argument of reduce function must be a function with at least two arguments"),
    (
        "D3070",
        "The single argument form of the sort function can only be applied to an array of strings or an array of \
         numbers.  Use the second argument to specify a comparison function",
    ),
    ("D3080", "The picture string must only contain a maximum of two sub-pictures"),
    ("D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator' character"),
    ("D3082", "The sub-picture must not contain more than one instance of the 'percent' character"),
    ("D3083", "The sub-picture must not contain more than one instance of the 'per-mille' character"),
    ("D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"),
    (
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit \
         character' or a member of the 'decimal digit family'",
    ),
    (
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active character and that is \
         followed by another active character",
    ),
    (
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a \
         'decimal-separator' character",
    ),
    ("D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"),
    ("D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"),
    (
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed \
         by an instance of the 'optional digit character'",
    ),
    (
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is \
         followed by a member of the 'decimal digit family'",
    ),
    (
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an \
         'exponent-separator'",
    ),
    (
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that are members of the \
         'decimal digit family'",
    ),
    ("D3131", "In a decimal digit pattern, all digits must be from the same decimal group"),
    ("D3134", "The timezone integer format specifier cannot have more than four digits"),
    ("D3135", "No matching closing bracket ']' in date/time picture string"),
    ("D3136", "The date/time picture string is missing specifiers required to parse the timestamp"),
    ("D3138", "The $single() function expected exactly 1 matching result.  Instead it matched more."),
    ("D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."),
    ("S0101", "String literal must be terminated by a matching quote"),
    ("S0104", "The escape sequence \\u must be followed by 4 hex digits"),
    ("S0105", "Quoted property name must be terminated with a backquote (`)"),
    ("S0106", "Comment has no closing tag"),
    ("S0207", "Unexpected end of expression"),
    ("S0209", "A predicate cannot follow a grouping expression in a step"),
    ("S0210", "Each step can only have one grouping expression"),
    ("S0212", "The left side of := must be a variable name (start with $)"),
    ("S0215", "A context variable binding must precede any predicates on a step"),
    ("S0216", "A context variable binding must precede the 'order-by' clause on a step"),
    ("S0217", "The object representing the 'parent' cannot be derived from this expression"),
    ("S0301", "Empty regular expressions are not allowed"),
    ("S0302", "No terminating / in regular expression"),
    ("S0401", "Type parameters can only be applied to functions and arrays"),
    ("S0402", "Choice groups containing parameterized types are not supported"),
    ("T1006", "Attempted to invoke a non-function"),
    ("T1008", "Attempted to partially apply a non-function"),
    ("T2003", "The left side of the range operator (..) must evaluate to an integer"),
    ("T2004", "The right side of the range operator (..) must evaluate to an integer"),
    ("T2006", "The right side of the function application operator ~> must be a function"),
    ("T2008", "The expressions within an order-by clause must evaluate to numeric or string values"),
    ("T2011", "The insert/update clause of the transform expression must evaluate to an object"),
    ("T2012", "The delete clause of the transform expression must evaluate to a string or array of strings"),
];

/// What went wrong, from the library's error.
pub(super) fn evaluation(error: &EvaluatorError, facts: &Facts) -> EvaluationError {
    let message = error.message();
    if message == meter::MEMORY {
        return EvaluationError::Memory;
    }
    let Some((code, text)) = split(message) else {
        return EvaluationError::Failed { code: String::new(), message: message.to_owned() };
    };
    match code {
        "D1011" | "U1001" => EvaluationError::Depth,
        "D1012" => EvaluationError::Time,
        "D2015" => EvaluationError::Memory,
        _ => EvaluationError::failed(code, in_words_of_the_reference(code, text, facts)),
    }
}

/// The code and the text of a syntax error.
pub(super) fn syntax(message: &str) -> (String, String) {
    let message = if message == "Unclosed comment" { "S0106:" } else { message };
    match split(message) {
        Some((code, text)) => (code.to_owned(), in_words_of_the_reference(code, text, &Facts::default())),
        None => (String::new(), message.to_owned()),
    }
}

/// The code in a message, wherever it stands, and what follows it.
fn split(message: &str) -> Option<(&str, &str)> {
    let bytes = message.as_bytes();
    let at = bytes.windows(6).position(|window| {
        matches!(window, [letter, digits @ .., b':']
            if letter.is_ascii_uppercase() && digits.iter().all(u8::is_ascii_digit))
    })?;
    Some((message.get(at..at + 5)?, message.get(at + 6..)?.trim_start()))
}

fn in_words_of_the_reference(code: &str, text: &str, facts: &Facts) -> String {
    if let Ok(at) = FIXED.binary_search_by_key(&code, |(code, _)| code)
        && let Some((_, fixed)) = FIXED.get(at)
    {
        return (*fixed).to_owned();
    }
    filled(code, text, facts).unwrap_or_else(|| text.to_owned())
}

/// Texts with something of the expression in them.
fn filled(code: &str, text: &str, facts: &Facts) -> Option<String> {
    Some(match code {
        // The reference shows an infinite number as JSON does.
        "D1001" => "Number out of range: null".to_owned(),
        "D1002" => "Cannot negate a non-numeric value".to_owned(),
        "D3030" => {
            format!("Unable to cast value to a number: \"{}\"", between(text, "Cannot convert '", "' to number")?)
        }
        "D3100" => {
            let radix = text.rsplit(' ').next()?;
            format!("The radix of the formatBase function must be between 2 and 36.  It was given {radix}")
        }
        "D3130" => format!(
            "Formatting or parsing an integer as a sequence starting with \"{text}\" is not supported by this \
             implementation"
        ),
        "D3132" => format!("Unknown component specifier \"{text}\" in date/time picture string"),
        "D3133" => format!(
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not \
             \"{text}\""
        ),
        "S0102" => format!("Number out of range: \"{}\"", text.rsplit(' ').next()?),
        "S0201" => format!("Syntax error: \"{}\"", token(text.strip_prefix("Syntax error: ")?)),
        "S0202" => {
            let (expected, got) = text.strip_prefix("Expected ")?.split_once(", got ")?;
            format!("Expected \"{}\", got \"{}\"", token(expected), token(got))
        }
        "S0203" => {
            format!("Expected \"{}\" before end of expression", token(between(text, "Expected ", " before")?))
        }
        "S0204" => format!("Unknown operator: \"{}\"", text.strip_prefix("Unknown operator: ")?),
        "S0208" => "Parameter of function definition must be a variable name (start with $)".to_owned(),
        "S0211" => {
            format!(
                "The symbol \"{}\" cannot be used as a unary operator",
                token(between(text, "The symbol ", " cannot")?)
            )
        }
        "S0214" => format!("The right side of \"{}\" must be a variable name (start with $)", text.rsplit(' ').next()?),
        "T0410" => {
            let argument = argument(text)?;
            match facts.function(argument) {
                Some(name) => format!("Argument {argument} of function \"{name}\" does not match function signature"),
                None => format!("Argument {argument} does not match function signature"),
            }
        }
        "T0411" => match facts.function(0) {
            Some(name) => format!("Context value is not a compatible type with argument 1 of function \"{name}\""),
            None => "Context value is not a compatible type with argument 1".to_owned(),
        },
        "T0412" => {
            let argument = argument(text)?;
            let of = match text.rsplit(' ').next()? {
                "Number" => "numbers",
                "String" => "strings",
                "Boolean" => "booleans",
                "Object" => "objects",
                "Function" => "functions",
                _ => return None,
            };
            match facts.function(argument) {
                Some(name) => format!("Argument {argument} of function \"{name}\" must be an array of \"{of}\""),
                None => format!("Argument {argument} must be an array of \"{of}\""),
            }
        }
        "T1010" => {
            let function = between(text, "function $", " does")?;
            format!(
                "The matcher function argument passed to function \"{function}\" does not return the correct object \
                 structure"
            )
        }
        "T2001" => format!(
            "The left side of the \"{}\" operator must evaluate to a number",
            between(text, "side of the ", " operator")?
        ),
        "T2002" => format!(
            "The right side of the \"{}\" operator must evaluate to a number",
            between(text, "side of the ", " operator")?
        ),
        "T2010" => match facts.comparison() {
            Some(operator) => format!(
                "The expressions either side of operator \"{operator}\" must evaluate to numeric or string values"
            ),
            None => "The expressions either side of a comparison must evaluate to numeric or string values".to_owned(),
        },
        _ => return None,
    })
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let from = text.find(before)? + before.len();
    let rest = text.get(from..)?;
    rest.get(..rest.find(after)?)
}

/// Which argument is meant: `Argument 2 must be …`, `Argument count mismatch: expected 1, got 2`.
fn argument(text: &str) -> Option<usize> {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>().ok();
    if let Some(rest) = text.strip_prefix("Argument count mismatch: expected ") {
        let got = number(rest.split_once("got ")?.1)?;
        let expected = number(rest)?;
        // With optional arguments the library does not say how many: the last one is too many.
        return Some(match expected {
            0 => got,
            _ => expected.min(got) + 1,
        });
    }
    number(text.strip_prefix("Argument ")?)
}

/// A token as it is written: the library tells some by a name of its own.
fn token(name: &str) -> &str {
    const NAMES: [(&str, &str); 42] = [
        ("Ampersand", "&"),
        ("And", "and"),
        ("At", "@"),
        ("Caret", "^"),
        ("ColonEqual", ":="),
        ("Colon", ":"),
        ("Comma", ","),
        ("DotDot", ".."),
        ("Dot", "."),
        ("Eof", "(end)"),
        ("Equal", "="),
        ("False", "false"),
        ("GreaterThanOrEqual", ">="),
        ("GreaterThan", ">"),
        ("Hash", "#"),
        ("In", "in"),
        ("LeftBrace", "{"),
        ("LeftBracket", "["),
        ("LeftParen", "("),
        ("LessThanOrEqual", "<="),
        ("LessThan", "<"),
        ("Minus", "-"),
        ("NotEqual", "!="),
        ("Null", "null"),
        ("Or", "or"),
        ("Percent", "%"),
        ("Pipe", "|"),
        ("Plus", "+"),
        ("QuestionColon", "?:"),
        ("QuestionQuestion", "??"),
        ("Question", "?"),
        ("RightBrace", "}"),
        ("RightBracket", "]"),
        ("RightParen", ")"),
        ("Semicolon", ";"),
        ("Slash", "/"),
        ("StarStar", "**"),
        ("Star", "*"),
        ("TildeArrow", "~>"),
        ("ChainPipe", "~>"),
        ("True", "true"),
        ("Undefined", "undefined"),
    ];
    if let Some((_, written)) = NAMES.iter().find(|(known, _)| *known == name) {
        return written;
    }
    for kind in ["Identifier(\"", "String(\"", "Variable(\"", "Function(\""] {
        if let Some(inner) = name.strip_prefix(kind).and_then(|rest| rest.strip_suffix("\")")) {
            return inner;
        }
    }
    if let Some(inner) = name.strip_prefix("Number(").and_then(|rest| rest.strip_suffix(')')) {
        return inner.strip_suffix(".0").unwrap_or(inner);
    }
    name
}
