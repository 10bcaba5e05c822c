//! A case, and the rows of its table.

use super::fields::{Field, Reader};
use super::{Shared, names, rows};
use crate::expect::Expectation;
use crate::mocks::Mocks;
use crate::results::{Place, Tested};
use crate::{START, Test};
use aslx_asl::diagnostic::pointer_to;
use aslx_asl::syntax::NodeKind;
use aslx_asl::{MachineType, Timestamp, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A case of a test file, or a row of one.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Where it stands; a row's is that of its case.
    pub place: Place,
    /// The definition that it is about; the one beside the file if it names none.
    pub definition: Option<PathBuf>,
    /// Values of `${Name}` placeholders; they go before those of the project file.
    pub substitutions: BTreeMap<String, String>,
    /// Standard or Express.
    pub machine_type: MachineType,
    /// What the execution is started with.
    pub input: Value,
    /// When it is started.
    pub start: Timestamp,
    /// Objects in buckets, for states that are done by the real service: `bucket/key`, and the file to take.
    pub objects: Vec<(String, PathBuf)>,
    /// What Task states answer.
    pub mocks: Mocks,
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// It need not succeed where nothing is expected of its end.
    pub any_ending: bool,
}

impl Case {
    /// The test of this case. The caller adds real services, if it calls any.
    pub fn test(&self, tested: Arc<Tested>) -> Test {
        let test = Test::of_definition(tested)
            .named(&self.name)
            .at(self.place.clone())
            .input(self.input.clone())
            .starting(self.start)
            .mocks(self.mocks.clone())
            .expectations(self.expectations.clone());
        let test = if self.any_ending { test.expect_any() } else { test };
        match self.machine_type {
            MachineType::Standard => test,
            MachineType::Express => test.express(),
        }
    }
}

impl Reader<'_> {
    /// A case, or one for each of its rows.
    pub(super) fn case(&mut self, field: &Field<'_>, shared: &Shared) -> Vec<Case> {
        let NodeKind::Object(members) = &field.node.kind else {
            // Says what a case is.
            let _ = self.object(field.node, &field.pointer, "a case", names::CASE);
            return Vec::new();
        };
        let Some(table) = field.node.get("rows") else { return self.row(field, shared, None).into_iter().collect() };
        let mut bare = field.node.clone();
        bare.kind = NodeKind::Object(members.iter().filter(|member| &*member.name != "rows").cloned().collect());
        let table = Field { node: table, pointer: pointer_to(&field.pointer, "rows") };
        let mut cases = Vec::new();
        for (number, row) in self.items(&table).iter().enumerate() {
            let NodeKind::Object(columns) = &row.node.kind else {
                self.fault(row.node.span, &row.pointer, "a row is an object: a value for each column", None);
                continue;
            };
            let filled = rows::fill(&bare, columns);
            let same_name = filled.get("name") == bare.get("name");
            let filled = Field { node: &filled, pointer: field.pointer.clone() };
            let faults = self.faults();
            cases.extend(self.row(&filled, shared, same_name.then_some(number + 1)));
            if self.faults() > faults {
                // What is wrong in one row is likely wrong in the next.
                break;
            }
        }
        cases
    }

    /// `number`: of the row, where its name does not tell it.
    fn row(&mut self, field: &Field<'_>, shared: &Shared, number: Option<usize>) -> Option<Case> {
        let faults = self.faults();
        let mut fields = self.object(field.node, &field.pointer, "a case", names::CASE)?;
        let name = match fields.take("name") {
            Some(name) => self.text(&name)?,
            None if self.faults() > faults => return None,
            None => {
                self.fault(field.node.span, &field.pointer, "a case without a `name`", Some("say what it is about"));
                return None;
            }
        };
        let name = number.map_or_else(|| name.clone(), |number| format!("{name} [{number}]"));
        let mut case = Case {
            name,
            place: self.place(field.node),
            definition: shared.definition.clone(),
            substitutions: shared.substitutions.clone(),
            machine_type: MachineType::Standard,
            input: Value::empty_object(),
            start: START,
            objects: Vec::new(),
            mocks: Mocks::new(),
            expectations: Vec::new(),
            any_ending: false,
        };
        if let Some(field) = fields.take("definition") {
            case.definition = self.beside(&field);
        }
        if let Some(field) = fields.take("substitutions") {
            case.substitutions.extend(self.texts(&field));
        }
        if let Some(field) = fields.take("type") {
            let types = [("STANDARD", MachineType::Standard), ("EXPRESS", MachineType::Express)];
            case.machine_type = self.word(&field, &types)?;
        }
        match (fields.take("input"), fields.take("inputFile")) {
            (Some(_), Some(file)) => {
                self.fault(file.node.span, &file.pointer, "a case has `input` or `inputFile`, not both", None);
            }
            (Some(input), None) => case.input = input.node.to_value(),
            (None, Some(file)) => case.input = self.value_in_file(&file)?,
            (None, None) => {}
        }
        if let Some(field) = fields.take("start") {
            case.start = self.time(&field)?;
        }
        if let Some(field) = fields.take("objects") {
            for (object, file) in self.members(&field) {
                case.objects.extend(self.beside(&file).map(|file| (object, file)));
            }
        }
        if let Some(field) = fields.take("mocks") {
            for (state, value) in self.members(&field) {
                let mocks = self.mocks(&value, &shared.library);
                case.mocks.set(&state, mocks);
            }
        }
        case.mocks.default_to(&shared.mocks);
        if let Some(field) = fields.take("expect") {
            case.expectations = self.expectations(&field, &case.name);
        }
        Some(case)
    }

    fn time(&mut self, field: &Field<'_>) -> Option<Timestamp> {
        let text = self.text(field)?;
        let time = aslx_asl::time::parse_rfc3339(&text).map(|instant| instant.ceil_millis());
        if time.is_none() {
            let help = "write it as `2025-01-31T08:00:00Z`";
            self.fault(field.node.span, &field.pointer, &format!("`{text}` is no point in time"), Some(help));
        }
        time
    }
}

/// The file of a snapshot: in the folder `snapshots` beside the test file, under the names of file and case.
pub(super) fn snapshot_of(file: &Path, case: &str) -> PathBuf {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.split(".test.").next().unwrap_or_default();
    let clean: String = case.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = clean.split('-').filter(|word| !word.is_empty()).collect();
    let folder = file.parent().unwrap_or(Path::new("")).join("snapshots");
    folder.join(format!("{stem}.{}.history.json", words.join("-").to_lowercase()))
}
