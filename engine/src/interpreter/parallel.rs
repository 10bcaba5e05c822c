//! Parallel: branches side by side.

use super::branch::{BranchId, Phase, Visit};
use super::step::Moved;
use super::{Interpreter, Step, flow};
use crate::history::EventKind;
use aslx_asl::Value;
use aslx_asl::program::Parallel;

/// The branches of a Parallel while they run.
#[derive(Debug)]
pub(super) struct ParallelRun {
    branches: Vec<BranchId>,
    results: Vec<Option<Value>>,
    open: usize,
}

impl ParallelRun {
    /// Notes the output of a branch; gives all outputs, in the order of the branches, with the last one.
    pub(super) fn done(&mut self, index: usize, output: Value) -> Option<Value> {
        let slot = self.results.get_mut(index)?;
        if slot.replace(output).is_none() {
            self.open -= 1;
        }
        if self.open > 0 {
            return None;
        }
        Some(Value::array(std::mem::take(&mut self.results).into_iter().map(Option::unwrap_or_default).collect()))
    }

    /// The branches that have not ended, with their numbers.
    pub(super) fn children(&self) -> Vec<(usize, BranchId)> {
        let open = self.results.iter().map(Option::is_none);
        self.branches.iter().copied().enumerate().zip(open).filter(|(_, open)| *open).map(|(child, _)| child).collect()
    }
}

impl Interpreter {
    /// Starts all branches, each with a copy of the effective input.
    pub(super) fn start_parallel(
        &mut self,
        id: BranchId,
        visit: Box<Visit>,
        parallel: &Parallel,
        step: &mut Step,
    ) -> Moved {
        let env = self.surroundings(id, &visit);
        let input =
            flow::arguments(&self.program.state(visit.state).flow, &visit.input, &env.view(visit.input.value()), &env);
        let input = match input {
            Ok(input) => input,
            Err(failure) => return self.fail_evaluation(id, visit, failure, step),
        };
        let started = self.follow(id, EventKind::ParallelStateStarted, step);
        let mut branches = Vec::with_capacity(parallel.branches.len());
        for (index, machine) in parallel.branches.iter().enumerate() {
            let start = self.program.machine(*machine).start;
            let child = self.branches.insert(Some((id, index)), started, None, start, input.clone());
            self.ready.push_back(child);
            branches.push(child);
        }
        let open = branches.len();
        self.set_phase(id, Phase::InParallel(visit, ParallelRun { results: vec![None; open], branches, open }));
        Moved::Stopped
    }
}
