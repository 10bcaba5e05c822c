//! One form for JSON definitions: `aslx fmt`.
//!
//! The order of members, `Comment` fields, and the spelling of texts and numbers stay as they are. What changes is
//! where lines break:
//!
//! 1. A machine, its `States`, every state, and every list that holds an object have a line for each member.
//! 2. Anything else stands on one line if that line has at most [`LINE_WIDTH`] characters, and has a line for each
//!    member otherwise.
//! 3. Each level is indented by two blanks; `:` and `,` are followed by one blank; an object on one line has a blank
//!    inside its braces; the text ends with a line break.
//!
//! ```
//! let text = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":[1.0,2e3],"End":true}}}"#;
//! assert_eq!(aslx_asl::format(text).unwrap(), r#"{
//!   "StartAt": "A",
//!   "States": {
//!     "A": {
//!       "Type": "Pass",
//!       "Result": [1.0, 2e3],
//!       "End": true
//!     }
//!   }
//! }
//! "#);
//! ```

#[cfg(test)]
mod tests;
mod write;

pub use write::{LINE_WIDTH, format};
