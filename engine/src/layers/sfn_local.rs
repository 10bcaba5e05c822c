//! Step Functions Local's mock configuration file, read into [`Answers`].
//!
//! The file names state machines with their test cases; a test case gives states responses by name; a response has an
//! answer for each call of its state, by numbers that begin at 0: `"0"`, `"1-2"`. Every call counts: retries, later
//! visits in a loop and all iterations of a Map (developer guide, "Configuration file for mocked service integrations").

use super::{Answer, Answers};
use aslx_asl::program::StateKind;
use aslx_asl::syntax::{Document, Member, Node, NodeKind, Place, Span};
use aslx_asl::{Diagnostic, Program, did_you_mean};
use std::collections::BTreeMap;

/// The code of everything that is wrong with such a file.
pub const MOCK_CONFIG: &str = "MOCK_CONFIG";

/// A mock configuration file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MockConfig {
    /// Its state machines, in the order of the file.
    pub machines: Vec<MockedMachine>,
}

/// A state machine of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct MockedMachine {
    /// Its name.
    pub name: String,
    /// Its test cases, in the order of the file.
    pub cases: Vec<MockedCase>,
}

/// A test case of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct MockedCase {
    /// Its name: what follows `#` when an execution is started.
    pub name: String,
    /// Line of its name in the file, from 1.
    pub line: usize,
    /// What its states answer. States that it does not name are not mocked.
    pub answers: Answers,
    /// The names of its states with their places.
    states: Vec<(String, String, Span)>,
}

impl MockConfig {
    /// Reads the text of a file.
    ///
    /// Errors: everything that is wrong with it, with places.
    pub fn read(text: &str) -> Result<MockConfig, Vec<Diagnostic>> {
        let document = Document::parse(text).map_err(|diagnostic| vec![diagnostic])?;
        let mut reader = Reader { text, wrong: Vec::new() };
        let config = reader.config(document.root());
        if reader.wrong.is_empty() { Ok(config) } else { Err(reader.wrong) }
    }

    /// The state machine of this name.
    ///
    /// Errors: there is none; the text says which there are.
    pub fn machine(&self, name: &str) -> Result<&MockedMachine, String> {
        let names = || self.machines.iter().map(|machine| machine.name.as_str());
        let found = self.machines.iter().find(|machine| machine.name == name);
        found.ok_or_else(|| none_called("state machine", name, names()))
    }

    /// What the states of a machine answer in a test case.
    ///
    /// Errors: there is no such machine or test case; the text says which there are.
    pub fn answers(&self, machine: &str, case: &str) -> Result<&Answers, String> {
        let machine = self.machine(machine)?;
        let names = || machine.cases.iter().map(|case| case.name.as_str());
        let found = machine.cases.iter().find(|known| known.name == case);
        found.map(|case| &case.answers).ok_or_else(|| {
            none_called("test case", case, names()) + &format!(" of the state machine `{}`", machine.name)
        })
    }
}

impl MockedMachine {
    /// Names of states that the program does not have, or that are no Task states.
    pub fn check(&self, program: &Program) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for (state, pointer, span) in self.cases.iter().flat_map(|case| &case.states) {
            let error = |message| Diagnostic::error(MOCK_CONFIG, pointer, *span, message);
            match program.state_named(state).map(|(_, state)| &state.kind) {
                Some(StateKind::Task(_)) => {}
                Some(kind) => {
                    wrong.push(error(format!("only Task states can be mocked, `{state}` is a {}", kind.type_name())));
                }
                None => {
                    let error = error(format!("the state machine `{}` has no state named `{state}`", self.name));
                    let near = did_you_mean(state, program.states().map(|(_, state)| &*state.name));
                    wrong.push(match near {
                        Some(near) => error.help(format!("did you mean `{near}`?")),
                        None => error,
                    });
                }
            }
        }
        wrong
    }
}

fn none_called<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    if let Some(near) = did_you_mean(name, names.iter().copied()) {
        return format!("the mock configuration has no {what} `{name}`, did you mean `{near}`?");
    }
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    format!("the mock configuration has no {what} `{name}`, only {}", if listed.is_empty() { "none" } else { &listed })
}

struct Reader<'t> {
    text: &'t str,
    wrong: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn config(&mut self, root: &Node) -> MockConfig {
        let mut config = MockConfig::default();
        let Some(members) = self.object(root, "", "`StateMachines` and `MockedResponses`") else { return config };
        self.only(members, "", &["StateMachines", "MockedResponses"]);
        let responses = self.responses(root.get("MockedResponses"));
        let Some(machines) = root.get("StateMachines") else {
            self.wrong("", root.span, "there is no member `StateMachines`".to_owned());
            return config;
        };
        let at = "/StateMachines";
        for member in self.object(machines, at, "state machines by their names").unwrap_or_default() {
            config.machines.push(self.machine(member, &child(at, &member.name), &responses));
        }
        config
    }

    fn machine(&mut self, member: &Member, at: &str, responses: &Responses) -> MockedMachine {
        let mut machine = MockedMachine { name: member.name.to_string(), cases: Vec::new() };
        let Some(members) = self.object(&member.value, at, "`TestCases`") else { return machine };
        self.only(members, at, &["TestCases"]);
        let Some(cases) = member.value.get("TestCases") else {
            self.wrong(at, member.name_span, format!("the state machine `{}` has no `TestCases`", member.name));
            return machine;
        };
        let at = child(at, "TestCases");
        for case in self.object(cases, &at, "test cases by their names").unwrap_or_default() {
            machine.cases.push(self.case(case, &child(&at, &case.name), responses));
        }
        machine
    }

    fn case(&mut self, member: &Member, at: &str, responses: &Responses) -> MockedCase {
        let line = Place::of(self.text, member.name_span.start).line;
        let mut case = MockedCase { name: member.name.to_string(), line, answers: Answers::new(), states: Vec::new() };
        for state in self.object(&member.value, at, "names of responses by states").unwrap_or_default() {
            let at = child(at, &state.name);
            let Some(response) = state.value.as_str() else {
                let found = state.value.type_name();
                self.wrong(&at, state.value.span, format!("expected the name of a mocked response, found {found}"));
                continue;
            };
            let Some(answers) = responses.get(&**response) else {
                let message = format!("`MockedResponses` has no response `{response}`");
                let error = Diagnostic::error(MOCK_CONFIG, &at, state.value.span, message);
                let near = did_you_mean(response, responses.keys().map(String::as_str));
                self.wrong.push(match near {
                    Some(near) => error.help(format!("did you mean `{near}`?")),
                    None => error.help("add it to `MockedResponses`"),
                });
                continue;
            };
            case.states.push((state.name.to_string(), at, state.name_span));
            case.answers = std::mem::take(&mut case.answers).state(&state.name, answers.iter().cloned());
        }
        case
    }

    fn responses(&mut self, node: Option<&Node>) -> Responses {
        let at = "/MockedResponses";
        let Some(node) = node else { return Responses::new() };
        let members = self.object(node, at, "responses by their names").unwrap_or_default();
        members
            .iter()
            .map(|member| (member.name.to_string(), self.response(member, &child(at, &member.name))))
            .collect()
    }

    /// The answers of a response, in the order of their numbers.
    fn response(&mut self, member: &Member, at: &str) -> Vec<Answer> {
        let mut ranges = Vec::new();
        for answer in
            self.object(&member.value, at, "answers by their numbers, such as \"0\" or \"1-2\"").unwrap_or_default()
        {
            let at = child(at, &answer.name);
            match range(&answer.name) {
                Some((from, to)) => ranges.push((from, to, answer, at)),
                None => {
                    let message =
                        format!("expected a number such as \"0\", or a range such as \"1-2\", found `{}`", answer.name);
                    self.wrong(&at, answer.name_span, message);
                }
            }
        }
        ranges.sort_by_key(|(from, ..)| *from);
        let mut answers = Vec::new();
        let mut next = 0;
        for (from, to, member, at) in ranges {
            if from != next {
                let message = match (next, from < next) {
                    (_, true) => format!("the answer for call {from} is already given"),
                    (0, _) => format!("the first answer is for call \"0\", found `{}`", member.name),
                    (_, false) => format!("there is no answer for call {next}, the next one is for {from}"),
                };
                self.wrong(&at, member.name_span, message);
            }
            next = next.max(to.saturating_add(1));
            if let Some(answer) = self.answer(&member.value, &at) {
                answers.push(answer.times(to.saturating_sub(from).saturating_add(1)));
            }
        }
        if answers.is_empty() && self.wrong.is_empty() {
            self.wrong(at, member.name_span, format!("the response `{}` has no answer", member.name));
        }
        answers
    }

    fn answer(&mut self, node: &Node, at: &str) -> Option<Answer> {
        let members = self.object(node, at, "`Return` or `Throw`")?;
        self.only(members, at, &["Return", "Throw"]);
        match (node.get("Return"), node.get("Throw")) {
            (Some(value), None) => Some(Answer::returns(value.to_value())),
            (None, Some(thrown)) => self.throw(thrown, &child(at, "Throw")),
            (Some(_), Some(_)) => {
                self.wrong(at, node.span, "an answer has either `Return` or `Throw`, this one has both".to_owned());
                None
            }
            (None, None) => {
                self.wrong(at, node.span, "an answer has `Return` or `Throw`, this one has neither".to_owned());
                None
            }
        }
    }

    fn throw(&mut self, node: &Node, at: &str) -> Option<Answer> {
        let members = self.object(node, at, "`Error` and `Cause`")?;
        self.only(members, at, &["Error", "Cause"]);
        let mut text = |name: &str| {
            let value = node.get(name)?;
            let text = value.as_str();
            if text.is_none() {
                let message = format!("expected a text, found {}", value.type_name());
                self.wrong(&child(at, name), value.span, message);
            }
            text.cloned()
        };
        let cause = text("Cause");
        match text("Error") {
            Some(error) => Some(Answer::throws(&*error, cause.as_deref().unwrap_or_default())),
            None if node.get("Error").is_none() => {
                self.wrong(at, node.span, "`Throw` has no `Error`".to_owned());
                None
            }
            None => None,
        }
    }

    fn object<'n>(&mut self, node: &'n Node, at: &str, of: &str) -> Option<&'n [Member]> {
        match &node.kind {
            NodeKind::Object(members) => Some(members),
            _ => {
                self.wrong(at, node.span, format!("expected an object with {of}, found {}", node.type_name()));
                None
            }
        }
    }

    fn only(&mut self, members: &[Member], at: &str, known: &[&'static str]) {
        for member in members.iter().filter(|member| !known.contains(&&*member.name)) {
            let message = format!("no member is called `{}` here", member.name);
            let error = Diagnostic::error(MOCK_CONFIG, &child(at, &member.name), member.name_span, message);
            self.wrong.push(match did_you_mean(&member.name, known.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("there is {}", known.join(" and "))),
            });
        }
    }

    fn wrong(&mut self, at: &str, span: Span, message: String) {
        self.wrong.push(Diagnostic::error(MOCK_CONFIG, at, span, message));
    }
}

/// Answers by the name of the response.
type Responses = BTreeMap<String, Vec<Answer>>;

/// `0`, or `1-2`.
fn range(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
        text.parse::<u32>().ok().filter(|_| plain)
    };
    match text.split_once('-') {
        None => number(text).map(|number| (number, number)),
        Some((from, to)) => Some((number(from)?, number(to)?)).filter(|(from, to)| from <= to),
    }
}

/// The JSON pointer of a member.
fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
#[path = "sfn_local_tests.rs"]
mod tests;
