//! Trying a plan, and changing what is made up until it works.

use super::goals::Goals;
use super::repair::{Repairs, failed_to_evaluate};
use super::world::{Source, World};
use crate::coverage::{Trail, Waypoints};
use crate::{START, Tested};
use aslx_asl::Value;
use aslx_asl::program::StateKind;
use aslx_engine::Data;
use aslx_engine::interpreter::Waypoint;
use aslx_engine::journal::Seed;
use aslx_engine::layers::{Answer, Answers, AnswersLayer, Asked, NoTasks};
use aslx_engine::runtime::{Finished, StartRequest, simulate};
use aslx_engine::task::BoxTaskService;
use futures_util::FutureExt;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::Layer;

/// How often what is made up is changed for one case.
const REPAIRS: usize = 60;

/// Tests for a definition that has none.
#[derive(Debug, Clone, Default)]
pub struct Skeleton {
    /// The cases.
    pub sketches: Vec<Sketch>,
    /// What no case reaches, for the author: `never taken: …`.
    pub open: Vec<String>,
}

/// A case with what its execution did.
#[derive(Debug, Clone)]
pub struct Sketch {
    /// Its name.
    pub name: String,
    /// The input.
    pub input: Json,
    /// The answers that were asked for, with how often each was.
    pub answers: BTreeMap<String, Vec<(Answer, usize)>>,
    /// How the execution ended.
    pub run: Arc<Finished>,
    /// Where it came by.
    pub waypoints: Waypoints,
}

/// One try.
pub(super) struct Try {
    pub(super) finished: Finished,
    waypoints: Waypoints,
    asked: Vec<Asked>,
    answers: Answers,
}

pub(super) struct Search {
    tested: Arc<Tested>,
    /// What made the first case go well: others begin with it.
    good: Option<World>,
}

impl Search {
    pub(super) fn new(tested: Arc<Tested>) -> Search {
        Search { tested, good: None }
    }

    /// A case that follows the goals and passes the waypoint.
    pub(super) fn pursue(&mut self, name: &str, goals: Goals, target: Option<Waypoint>) -> Option<Sketch> {
        let mut world = self.good.clone().unwrap_or_default();
        let mut repairs = Repairs::default();
        let mut last = None;
        for _ in 0..REPAIRS {
            let tried = self.run(&mut world, &goals)?;
            let repaired = repairs.repair(&self.tested.program, &tried.finished, &goals, &mut world);
            last = Some(tried);
            if !repaired {
                break;
            }
        }
        let rough = last?;
        let reaches = |tried: &Try| target.is_none_or(|target| tried.waypoints.contains_key(&target));
        if !reaches(&rough) || failed_to_evaluate(&rough.finished) {
            return None;
        }
        if target.is_none() {
            rough.finished.outcome.output.as_ref()?;
            self.good = Some(world.clone());
        }
        let mut tidy = world.tidied();
        let (world, tried) = match self.run(&mut tidy, &goals) {
            Some(tried) if tried.waypoints == rough.waypoints => (tidy, tried),
            _ => (world, rough),
        };
        Some(self.sketch(name, world, tried))
    }

    fn sketch(&self, name: &str, mut world: World, tried: Try) -> Sketch {
        let mut answers: BTreeMap<String, Vec<(Answer, usize)>> = BTreeMap::new();
        let mut used: BTreeMap<(Arc<str>, usize), usize> = BTreeMap::new();
        for asked in &tried.asked {
            if let Some(answer) = asked.answer {
                *used.entry((asked.state.clone(), answer)).or_default() += 1;
            }
        }
        for ((state, index), count) in used {
            if let Some(answer) = tried.answers.of(&state).and_then(|list| list.get(index)) {
                answers.entry(state.to_string()).or_default().push((answer.clone(), count));
            }
        }
        let input = world.of(&Source::Input);
        Sketch { name: name.to_owned(), input, answers, run: Arc::new(tried.finished), waypoints: tried.waypoints }
    }

    /// Runs an execution. `None` if it comes to no end, or would call what is not mocked.
    fn run(&self, world: &mut World, goals: &Goals) -> Option<Try> {
        let program = &self.tested.program;
        let mut answers = Answers::new();
        for (id, state) in program.states().filter(|(_, state)| matches!(state.kind, StateKind::Task(_))) {
            let source = Source::Result(state.name.to_string());
            let first = world.of(&source);
            let result = Value::parse(&first.to_string()).ok()?;
            let troubles = goals.troubles.get(&*state.name).cloned().unwrap_or_default();
            answers = answers.state(&state.name, troubles);
            // What keeps a loop going is answered once: then all goes well.
            let later = self
                .good
                .clone()
                .map(|good| good.tidied().of(&source))
                .filter(|later| goals.is_in_loop(id) && *later != first);
            let last = match later {
                Some(later) => {
                    answers = answers.state(&state.name, [Answer::returns(result)]);
                    Value::parse(&later.to_string()).ok()?
                }
                None => result,
            };
            answers = answers.state(&state.name, [Answer::returns(last).always()]);
        }
        let input = Data::parse(&world.of(&Source::Input).to_string()).ok()?;
        let request = StartRequest::new(&self.tested.name, "skeleton", input, Seed([7; 16]));
        let layer = AnswersLayer::for_one_execution(answers.clone());
        let tasks = BoxTaskService::new(layer.layer(NoTasks));
        let trail = Arc::new(Trail::default());
        // Nothing is waited for: all answers are there at once.
        let finished = simulate(program.clone(), request, START, tasks, Some(trail.clone())).now_or_never()?.ok()?;
        Some(Try { finished, waypoints: trail.take(), asked: layer.asked(), answers })
    }
}
