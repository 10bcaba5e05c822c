//! The codes. Those that AWS uses have AWS's names; each has a page in the documentation.

/// The text is not JSON.
pub const INVALID_JSON: &str = "INVALID_JSON_DESCRIPTION";
/// The text is not YAML, or uses of YAML what has no meaning here.
pub const INVALID_YAML: &str = "INVALID_YAML";
/// Nested too deep to be read.
pub const TOO_DEEPLY_NESTED: &str = "TOO_DEEPLY_NESTED";
/// A field is missing, unknown, misplaced, of the wrong type or out of range.
pub const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";
/// `StartAt`, `Next` or `Default` names no state of the same machine, or a state cannot be reached.
pub const MISSING_TARGET: &str = "MISSING_TRANSITION_TARGET";
/// Two states of one definition have one name.
pub const DUPLICATE_NAME: &str = "DUPLICATE_STATE_NAME";
/// Some state names this one, but no way leads here from the start.
pub const UNREACHABLE: &str = "UNREACHABLE_STATE";
/// No way leads from a state to an end.
pub const MISSING_END: &str = "MISSING_END_STATE";
/// An object names a member twice.
pub const DUPLICATE_KEY: &str = "DUPLICATE_KEY";
/// A `${Name}` without a value.
pub const UNRESOLVED_SUBSTITUTION: &str = "UNRESOLVED_SUBSTITUTION";
/// Legal on AWS, but not supported by this program.
pub const NOT_SUPPORTED: &str = "NOT_SUPPORTED_YET";
/// A text that looks like a path, under a name that does not end in `.$`.
pub const NO_DOLLAR: &str = "NO_DOLLAR";
/// A text that looks like a path in a field that has a form with `Path`.
pub const NO_PATH: &str = "NO_PATH";
/// A text that looks like a path in the `Result` of a Pass state.
pub const PASS_RESULT_IS_STATIC: &str = "PASS_RESULT_IS_STATIC";
/// A variable that is not assigned on every way to where it is read.
pub const POSSIBLY_UNDEFINED_VARIABLE: &str = "POSSIBLY_UNDEFINED_VARIABLE";
/// An expression names a function, or a member of `$states`, that does not exist.
pub const UNKNOWN_NAME: &str = "UNKNOWN_NAME";
/// An expression reads an input that is not there: `$`, `$$` or a bare name.
pub const NO_IMPLICIT_INPUT: &str = "NO_IMPLICIT_INPUT";
/// A state name is empty or too long.
pub const INVALID_STATE_NAME: &str = "INVALID_STATE_NAME";
/// A label of a distributed Map is too long or has characters that it may not have.
pub const INVALID_LABEL: &str = "INVALID_LABEL_NAME";
/// Two distributed Maps have one label.
pub const DUPLICATE_LABEL: &str = "DUPLICATE_LABEL_NAME";
/// More characters than a definition may have.
pub const TOO_LONG: &str = "DEFINITION_TOO_LONG";
/// A parameter of a call holds something else than the service takes.
pub const PARAMETER_TYPE: &str = "PARAMETER_TYPE";
/// A path into what a state before has replaced.
pub const LOST_INPUT: &str = "LOST_INPUT";
/// An entry of `ErrorEquals` that no error can match.
pub const NEVER_MATCHES: &str = "NEVER_MATCHES";
/// A retrier for an error that comes again however often the same is tried.
pub const PERMANENT_ERROR_RETRIED: &str = "PERMANENT_ERROR_RETRIED";
/// A Task without Catch among others that have one.
pub const MISSING_CATCH: &str = "MISSING_CATCH";
/// A loop in which nothing changes what could end it.
pub const ENDLESS_LOOP: &str = "ENDLESS_LOOP";
/// A Choice that fails if no rule applies.
pub const CHOICE_WITHOUT_DEFAULT: &str = "CHOICE_WITHOUT_DEFAULT";
/// A Choice rule with the test of an earlier one.
pub const UNREACHABLE_RULE: &str = "UNREACHABLE_RULE";
/// A Wait of zero seconds.
pub const WAIT_ZERO: &str = "WAIT_ZERO";
/// A heartbeat where none is sent.
pub const HEARTBEAT_IGNORED: &str = "HEARTBEAT_IGNORED";
/// A callback whose token is handed to nobody.
pub const TASK_TOKEN_UNUSED: &str = "TASK_TOKEN_UNUSED";
/// A parameter that the integration does not have.
pub const PARAMETER_UNKNOWN: &str = "PARAMETER_UNKNOWN";
/// A parameter that the integration needs.
pub const PARAMETER_MISSING: &str = "PARAMETER_MISSING";

/// All codes, in the order in which the documentation lists them: errors, then what AWS warns of, then our own warnings.
pub const ALL: [&str; 34] = [
    INVALID_JSON,
    INVALID_YAML,
    TOO_DEEPLY_NESTED,
    TOO_LONG,
    SCHEMA,
    MISSING_TARGET,
    DUPLICATE_NAME,
    INVALID_STATE_NAME,
    INVALID_LABEL,
    DUPLICATE_LABEL,
    UNRESOLVED_SUBSTITUTION,
    NOT_SUPPORTED,
    NO_DOLLAR,
    NO_PATH,
    PASS_RESULT_IS_STATIC,
    POSSIBLY_UNDEFINED_VARIABLE,
    UNKNOWN_NAME,
    NO_IMPLICIT_INPUT,
    DUPLICATE_KEY,
    UNREACHABLE,
    MISSING_END,
    LOST_INPUT,
    ENDLESS_LOOP,
    CHOICE_WITHOUT_DEFAULT,
    UNREACHABLE_RULE,
    NEVER_MATCHES,
    PERMANENT_ERROR_RETRIED,
    MISSING_CATCH,
    HEARTBEAT_IGNORED,
    TASK_TOKEN_UNUSED,
    PARAMETER_MISSING,
    PARAMETER_UNKNOWN,
    PARAMETER_TYPE,
    WAIT_ZERO,
];
