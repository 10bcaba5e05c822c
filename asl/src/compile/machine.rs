//! Machines and states: the parts that every state has.

use super::fields::{Field, Fields};
use super::{Compiler, Edge, MachineType, Outline, Phase};
use crate::diagnostic::{Diagnostic, code, pointer_to};
use crate::program::{Machine, MachineId, Next, QueryLanguage, State, StateId, StateKind};
use crate::suggest::did_you_mean;
use crate::syntax::{Member, NOT_AN_OBJECT, Node, NodeKind, Span, has_placeholder};
use std::collections::HashMap;
use std::sync::Arc;

/// Seconds that the longest time in a definition may have.
pub(super) const MAX_SECONDS: u64 = 99_999_999;

/// Characters that a definition may have.
const MAX_CHARACTERS: usize = 1_048_576;

/// Transitions for which a state is suggested.
const MAX_GUESSES: usize = 100;

/// The values of `Type`, in AWS's order.
const TYPES: [&str; 8] = ["Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"];

/// What is known of a state even if it is faulty.
pub(super) struct Head {
    pub(super) name: Arc<str>,
    pub(super) pointer: String,
    pub(super) span: Span,
    pub(super) machine: MachineId,
    /// It has an end, or is too faulty to tell.
    pub(super) ends: bool,
}

/// The names that transitions of one machine may use.
pub(super) struct Targets {
    ids: HashMap<Arc<str>, StateId>,
}

/// What the compilation of one state needs to know.
pub(super) struct Here<'t> {
    pub(super) id: StateId,
    pub(super) targets: &'t Targets,
}

impl Compiler<'_> {
    /// The whole definition.
    pub(super) fn definition(&mut self, root: &Node) -> Option<Outline> {
        let characters = self.document.text().chars().count();
        if characters > MAX_CHARACTERS {
            self.report(
                Diagnostic::error(
                    code::TOO_LONG,
                    "",
                    Span { start: 0, end: 0 },
                    format!("a definition has at most {MAX_CHARACTERS} characters, this has {characters}"),
                )
                .help("move parts to state machines of their own, called with states:startExecution.sync:2"),
            );
        }
        let NodeKind::Object(_) = root.kind else {
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    "",
                    root.span,
                    format!("a definition is a JSON object, found {}", root.type_name()),
                )
                .aws_without_place(NOT_AN_OBJECT),
            );
            return None;
        };
        let mut fields = self.fields(root, "", "a definition")?;
        let comment = fields.take("Comment").and_then(|f| self.text(&f).cloned());
        if let Some(version) = fields.take("Version")
            && self.text(&version).is_some_and(|v| &**v != "1.0")
        {
            self.wrong(&version, "\"1.0\"");
        }
        let timeout_seconds = fields.take("TimeoutSeconds").and_then(|f| self.integer(&f, 1, MAX_SECONDS));
        if let Some(field) = fields.take("QueryLanguage") {
            self.language = self.query_language(&field).unwrap_or_default();
        }
        let language = self.language;
        self.machine(fields, None);
        Some(Outline { comment, timeout_seconds, language })
    }

    fn query_language(&mut self, field: &Field<'_>) -> Option<QueryLanguage> {
        match self.text(field).map(|t| &**t) {
            Some("JSONPath") => Some(QueryLanguage::JsonPath),
            Some("JSONata") => Some(QueryLanguage::Jsonata),
            Some(_) => {
                self.wrong(field, "\"JSONPath\" or \"JSONata\"");
                None
            }
            None => None,
        }
    }

    /// A machine whose own fields, but for `StartAt` and `States`, have been read.
    pub(super) fn machine(&mut self, mut fields: Fields<'_>, owner: Option<StateId>) -> MachineId {
        let id = MachineId(self.machines.len() as u32);
        self.machines.push(Machine { start: StateId(0), states: Vec::new(), owner });
        self.require(&fields, &["States", "StartAt"]);
        let (start, states) = (fields.take("StartAt"), fields.take("States"));
        if start.is_none() {
            self.startless.insert(id);
        }
        self.refuse_unknown(&fields);
        let Some(states) = states else { return id };
        let NodeKind::Object(members) = &states.node.kind else {
            match states.node.as_str() {
                // Nothing is known of this machine, whatever is allowed to be left open.
                Some(text) if has_placeholder(text) => self.report(
                    Diagnostic::error(
                        code::UNRESOLVED_SUBSTITUTION,
                        &states.pointer,
                        states.node.span,
                        format!("the states are `{text}`, which has no value"),
                    )
                    .help("give it a value: without states there is nothing to check"),
                ),
                _ => self.wrong(&states, "an object of states"),
            }
            return id;
        };
        if members.is_empty() {
            self.report(
                Diagnostic::error(code::SCHEMA, &states.pointer, states.node.span, "a machine has at least one state")
                    .aws("Value cannot be empty", &states.pointer),
            );
        }
        let (ids, targets) = self.declare(members, &states.pointer, id);
        if let Some(start) = start
            && let Some(target) = self.target(&start, &targets)
        {
            self.set_start(id, target);
        }
        let around = (self.current, self.in_jsonata);
        for (state_id, member) in ids.iter().zip(members) {
            let compiled = self.state(member, &states.pointer, id, &Here { id: *state_id, targets: &targets });
            if let Some(slot) = self.states.get_mut(state_id.index()) {
                *slot = compiled;
            }
        }
        // The fields of the state around are read on after its machine.
        (self.current, self.in_jsonata) = around;
        if let Some(machine) = self.machines.get_mut(id.index()) {
            machine.states = ids;
        }
        id
    }

    fn set_start(&mut self, machine: MachineId, start: StateId) {
        self.starts.push(start);
        if let Some(machine) = self.machines.get_mut(machine.index()) {
            machine.start = start;
        }
    }

    /// Gives every state its id. Names are unique over the whole definition.
    fn declare(&mut self, members: &[Member], pointer: &str, machine: MachineId) -> (Vec<StateId>, Targets) {
        let mut targets = Targets { ids: HashMap::new() };
        let mut ids = Vec::with_capacity(members.len());
        for member in members {
            let id = StateId(self.states.len() as u32);
            let place = pointer_to(pointer, &member.name);
            self.states.push(None);
            if self.names.insert(member.name.clone(), id).is_some() {
                self.report(
                    Diagnostic::error(
                        code::DUPLICATE_NAME,
                        &place,
                        member.name_span,
                        format!("there is a state `{}` already", member.name),
                    )
                    .help("state names are unique over the whole definition, branches and iterations included")
                    .aws(format!("Duplicate State name: {}", member.name), &place),
                );
            }
            if member.name.is_empty() || member.name.chars().count() > 80 {
                self.report(Diagnostic::error(
                    code::INVALID_STATE_NAME,
                    &place,
                    member.name_span,
                    format!("a state name has 1 to 80 characters, this has {}", member.name.chars().count()),
                ));
            }
            targets.ids.insert(member.name.clone(), id);
            let (name, span) = (member.name.clone(), member.name_span);
            self.heads.push(Head { name, pointer: place, span, machine, ends: false });
            ids.push(id);
        }
        (ids, targets)
    }

    /// The state that a transition names.
    pub(super) fn target(&mut self, field: &Field<'_>, targets: &Targets) -> Option<StateId> {
        let name = self.text(field)?;
        if has_placeholder(name) {
            return None;
        }
        if let Some(id) = targets.ids.get(name) {
            return Some(*id);
        }
        let mut diagnostic = Diagnostic::error(
            code::MISSING_TARGET,
            &field.pointer,
            field.node.span,
            format!("no state named `{name}` here"),
        )
        .aws(format!("Missing 'Next' target: {name}"), &field.pointer);
        // Of names like `A` and `B`, any is near to any. And where all is wrong, guessing takes long and helps nobody.
        self.dangling += 1;
        let guess = name.chars().count() > 2 && self.dangling <= MAX_GUESSES;
        let names = || {
            let mut names: Vec<&str> = targets.ids.keys().map(|name| &**name).collect();
            names.sort_unstable();
            names
        };
        let meant = guess.then(names).and_then(|names| did_you_mean(name, names.into_iter()));
        if let Some(meant) = meant {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
        } else if self.names.contains_key(name) {
            diagnostic = diagnostic.help("a transition cannot leave or enter a branch or an item processor");
        }
        self.report_in(Phase::Targets, diagnostic);
        None
    }

    /// A transition to the state that a field names.
    pub(super) fn transition(&mut self, field: &Field<'_>, here: &Here<'_>) -> Option<StateId> {
        let Some(target) = self.target(field, here.targets) else {
            // Where it was to lead is not known: nothing more is to be said of that.
            self.ends(here.id);
            return None;
        };
        self.edges.push(Edge { from: here.id, to: target });
        Some(target)
    }

    /// `Next` or `End`, exactly one of them.
    pub(super) fn next(&mut self, fields: &mut Fields<'_>, here: &Here<'_>) -> Option<Next> {
        let (next, end) = (fields.take("Next"), fields.take("End"));
        self.exclusive(next.as_ref(), end.as_ref());
        if let Some(field) = next {
            return self.transition(&field, here).map(Next::State);
        }
        let Some(end) = end else {
            self.ends(here.id);
            self.report(
                Diagnostic::error(code::SCHEMA, &fields.pointer, fields.opening(), "`Next` or `End` is missing here")
                    .help("say where it leads: \"Next\": \"<state>\", or \"End\": true")
                    .aws("These fields are required: [Next]", &fields.pointer),
            );
            return None;
        };
        // Also if it is wrong: nothing more is to be said of where the state leads.
        self.ends(here.id);
        match self.flag(&end)? {
            true => Some(Next::End),
            false => {
                self.wrong(&end, "true, or left out for `Next`");
                None
            }
        }
    }

    /// Notes that a state ends its machine.
    pub(super) fn ends(&mut self, id: StateId) {
        if let Some(head) = self.heads.get_mut(id.index()) {
            head.ends = true;
        }
    }

    fn state(&mut self, member: &Member, pointer: &str, machine: MachineId, here: &Here<'_>) -> Option<State> {
        let pointer = pointer_to(pointer, &member.name);
        self.current = here.id;
        let Some(mut fields) = self.fields(&member.value, &pointer, "a state") else {
            self.ends(here.id);
            return None;
        };
        let kind = fields.take("Type");
        if kind.is_none() {
            self.require(&fields, &["Type"]);
        }
        let name = kind.as_ref().and_then(|kind| Some((kind, self.text(kind)?.clone())));
        let known = name.filter(|(kind, name)| TYPES.contains(&&**name) || self.unknown_type(kind, name));
        let language = self.state_language(&mut fields);
        let (Some((_, kind_name)), Some(language)) = (known, language) else {
            self.loose_transitions(&fields, here);
            return None;
        };
        self.in_jsonata = language == QueryLanguage::Jsonata;
        let state = match language {
            QueryLanguage::JsonPath => self.path_state(&mut fields, &kind_name, here),
            QueryLanguage::Jsonata => self.jsonata_state(&mut fields, &kind_name, here),
        };
        self.refuse_unknown(&fields);
        let (flow, kind) = state?;
        Some(State { name: member.name.clone(), machine, pointer, span: member.name_span, flow, kind })
    }

    /// The fields of a type of state that are not about its data flow.
    pub(super) fn kind(&mut self, fields: &mut Fields<'_>, kind: &str, here: &Here<'_>) -> Option<StateKind> {
        match kind {
            "Pass" => self.next(fields, here).map(StateKind::Pass),
            "Task" => self.task(fields, here).map(|task| StateKind::Task(Box::new(task))),
            "Choice" => self.choice(fields, here).map(StateKind::Choice),
            "Wait" if self.in_jsonata => {
                self.jsonata_wait(fields, here).map(|(wait, next)| StateKind::Wait(wait, next))
            }
            "Wait" => self.wait(fields, here).map(|(wait, next)| StateKind::Wait(wait, next)),
            "Succeed" => {
                self.ends(here.id);
                Some(StateKind::Succeed)
            }
            "Fail" => {
                self.ends(here.id);
                Some(StateKind::Fail(self.fail(fields)))
            }
            "Parallel" => self.parallel(fields, here).map(|parallel| StateKind::Parallel(Box::new(parallel))),
            _ => self.map(fields, here).map(|map| StateKind::Map(Box::new(map))),
        }
    }

    /// Reports a type that does not exist; false, so that it can stand in a filter.
    fn unknown_type(&mut self, field: &Field<'_>, name: &str) -> bool {
        if has_placeholder(name) {
            return false;
        }
        let listed = TYPES.join(", ");
        let mut diagnostic =
            Diagnostic::error(code::SCHEMA, &field.pointer, field.node.span, format!("no state type `{name}`"))
                .aws(format!("The field 'Type' should have one of these values: [{listed}]"), &field.pointer);
        diagnostic = match did_you_mean(name, TYPES.into_iter()) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic.help(format!("the types are {listed}")),
        };
        self.report(diagnostic);
        false
    }

    /// The language of a state: its own, or the one of the whole definition.
    fn state_language(&mut self, fields: &mut Fields<'_>) -> Option<QueryLanguage> {
        let Some(field) = fields.take("QueryLanguage") else { return Some(self.language) };
        let language = self.query_language(&field)?;
        if self.language == QueryLanguage::Jsonata && language == QueryLanguage::JsonPath {
            self.report(
                Diagnostic::error(
                    code::SCHEMA,
                    &field.pointer,
                    field.node.span,
                    "a JSONPath state in a definition whose `QueryLanguage` is JSONata",
                )
                .help("leave the definition's QueryLanguage at JSONPath, and name JSONata in the states that use it")
                .aws(
                    "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
                    &fields.pointer,
                ),
            );
            return None;
        }
        Some(language)
    }

    /// The transitions of a state that is too faulty to be compiled count, so that nothing else is reported for it.
    fn loose_transitions(&mut self, fields: &Fields<'_>, here: &Here<'_>) {
        self.ends(here.id);
        let mut rest: Vec<Field<'_>> = fields.all().collect();
        rest.reverse();
        while let Some(field) = rest.pop() {
            match &field.node.kind {
                NodeKind::String(_) if matches!(&*field.name, "Next" | "Default") => {
                    self.transition(&field, here);
                }
                NodeKind::Array(items) if matches!(&*field.name, "Choices" | "Catch") => {
                    for (index, item) in items.iter().enumerate() {
                        let pointer = pointer_to(&field.pointer, &index.to_string());
                        let Some(node) = item.get("Next") else { continue };
                        let (name, pointer) = ("Next".into(), pointer_to(&pointer, "Next"));
                        rest.push(Field { name, node, name_span: node.span, pointer });
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the machine is an Express one.
    pub(super) fn is_express(&self) -> bool {
        self.options.machine_type == MachineType::Express
    }
}
