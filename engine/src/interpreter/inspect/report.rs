//! What is told of a state.

use crate::data::Data;
use aslx_asl::Timestamp;
use aslx_asl::program::{Flow, Program, StateId, StateKind};
use aslx_asl::value::Members;
use std::sync::Arc;

/// A stage of a state's data flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The input as it came.
    Input,
    /// After `InputPath`.
    AfterInputPath,
    /// After `Parameters`.
    AfterParameters,
    /// After `Arguments`.
    AfterArguments,
    /// What the work gave, or `Result`.
    Result,
    /// After `ItemsPath`.
    AfterItemsPath,
    /// After `ItemsPointer`: the items of a reader.
    AfterItemsPointer,
    /// After `ItemSelector`: a list with a value per item.
    AfterItemSelector,
    /// After `ItemBatcher`: a list with the input of each child.
    AfterItemBatcher,
    /// After `ResultSelector`.
    AfterResultSelector,
    /// After `ResultPath`.
    AfterResultPath,
}

impl Stage {
    /// The name that TestState gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Input => "input",
            Stage::AfterInputPath => "afterInputPath",
            Stage::AfterParameters => "afterParameters",
            Stage::AfterArguments => "afterArguments",
            Stage::Result => "result",
            Stage::AfterItemsPath => "afterItemsPath",
            Stage::AfterItemsPointer => "afterItemsPointer",
            Stage::AfterItemSelector => "afterItemSelector",
            Stage::AfterItemBatcher => "afterItemBatcher",
            Stage::AfterResultSelector => "afterResultSelector",
            Stage::AfterResultPath => "afterResultPath",
        }
    }
}

/// The stages that were reached, with what the data was then.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stages(Vec<(Stage, Data)>);

impl Stages {
    /// The data at this stage, if it was reached.
    pub fn get(&self, stage: Stage) -> Option<&Data> {
        self.0.iter().find(|(found, _)| *found == stage).map(|(_, data)| data)
    }

    /// All of them, in the order in which they were reached.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, &Data)> {
        self.0.iter().map(|(stage, data)| (*stage, data))
    }

    pub(super) fn note(&mut self, stage: Stage, data: Data) {
        self.0.retain(|(found, _)| *found != stage);
        self.0.push((stage, data));
    }
}

/// How the state was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By its own fields.
    Succeeded,
    /// With an error that nothing takes.
    Failed,
    /// Not yet: a retrier wants another attempt.
    Retriable,
    /// By a catcher.
    Caught,
}

impl Ending {
    /// The name that TestState gives it.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Succeeded => "SUCCEEDED",
            Ending::Failed => "FAILED",
            Ending::Retriable => "RETRIABLE",
            Ending::Caught => "CAUGHT_ERROR",
        }
    }
}

/// What became of a state.
#[derive(Debug, Clone)]
pub struct Report {
    /// How it was left.
    pub ending: Ending,
    /// What it hands on.
    pub output: Option<Data>,
    /// The state that it leads to.
    pub next: Option<Arc<str>>,
    /// The error's name, caught or not.
    pub error: Option<Arc<str>>,
    /// What happened, without the words about the state that histories put in front.
    pub cause: Option<Arc<str>>,
    /// The retrier that matched: its index, and whether it has no attempt left.
    pub retrier: Option<(usize, bool)>,
    /// Milliseconds before the next attempt.
    pub backoff_millis: Option<i64>,
    /// The index of the catcher that took the error.
    pub catcher: Option<usize>,
    /// When a Wait would be over.
    pub until: Option<Timestamp>,
    /// The stages of the data.
    pub stages: Stages,
    /// The variables afterwards.
    pub variables: Members,
    /// What a Map says of its children, once its items are known.
    pub limits: Option<MapLimits>,
}

/// What a Map says of its iterations or children.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapLimits {
    /// `MaxConcurrency`; 0 without one.
    pub max_concurrency: u64,
    /// `ToleratedFailureCount` of a distributed one.
    pub tolerated_count: Option<u64>,
    /// `ToleratedFailurePercentage` of a distributed one.
    pub tolerated_percentage: Option<f64>,
    /// How many results are wanted: iterations or, after batching, children. `None`: nobody has given the items.
    pub children: Option<usize>,
}

impl Report {
    /// What TestState shows of the stages of this state: not all that there are, depending on its type and language
    /// (recorded). Numbers of a Map, variables and details of the error are apart.
    pub fn shown(&self, program: &Program, state: StateId) -> Vec<(Stage, &Data)> {
        use Stage::{
            AfterArguments, AfterInputPath, AfterItemBatcher, AfterItemSelector, AfterItemsPath, AfterItemsPointer,
            AfterParameters, AfterResultPath, AfterResultSelector, Input, Result,
        };
        let state = program.state(state);
        let shown: &[Stage] = match (&state.flow, &state.kind) {
            (Flow::Jsonata(_), StateKind::Task(_)) => &[Input, AfterArguments, Result],
            (Flow::Jsonata(_), _) => &[Input],
            (Flow::Paths(flow), StateKind::Pass(_)) if flow.result.is_some() => {
                &[Input, Result, AfterResultSelector, AfterResultPath]
            }
            (Flow::Paths(_), StateKind::Pass(_)) => {
                &[Input, AfterInputPath, AfterParameters, AfterResultSelector, AfterResultPath]
            }
            (Flow::Paths(_), StateKind::Task(_)) => {
                &[Input, AfterInputPath, AfterParameters, Result, AfterResultSelector, AfterResultPath]
            }
            (Flow::Paths(_), StateKind::Parallel(_)) => &[Input, AfterResultSelector, AfterResultPath],
            (Flow::Paths(_), StateKind::Map(_)) => &[
                Input,
                AfterInputPath,
                AfterItemsPath,
                AfterItemsPointer,
                AfterItemSelector,
                AfterItemBatcher,
                AfterResultSelector,
                AfterResultPath,
            ],
            (Flow::Paths(_), _) => &[Input, AfterInputPath],
        };
        shown.iter().filter_map(|stage| Some((*stage, self.stages.get(*stage)?))).collect()
    }
}
