//! Events into visits. An event says which event caused it, and only some say which state they are about, so the
//! place of the cause is the place of the event.

use super::event::{IterationEnd, Payload, Seen, Sight};
use super::model::{Attempt, Lane, LaneId, MapRunSeen, Mark, Place, RunStatus, RunTree, Spot, Visit, VisitId};
use crate::history::{ErrorDetails, StateType};
use aslx_asl::Timestamp;
use std::sync::Arc;

impl RunTree {
    /// Takes the next event.
    pub fn see(&mut self, event: &Seen) {
        let at = event.at;
        if self.lanes.is_empty() {
            self.started = Some(at);
            self.new_lane(None, None, event.id, at);
        }
        let cause = self.spots.get(&event.previous).copied();
        let place = self.place(event, cause);
        let place = place.or(cause.map(|spot| spot.place));
        if let Some(place) = place {
            self.spots.insert(event.id, Spot { place, at });
        }
    }

    /// Changes the tree; gives the event's place where it is not that of its cause.
    fn place(&mut self, event: &Seen, cause: Option<Spot>) -> Option<Place> {
        let at = event.at;
        let here = cause.and_then(|spot| self.visit_at(spot.place));
        match &event.sight {
            Sight::Started => self.started = Some(at),
            Sight::Succeeded => self.end(RunStatus::Succeeded, ErrorDetails::default(), None, at),
            Sight::Failed(error) => self.end(RunStatus::Failed, error.clone(), here, at),
            Sight::Aborted(error) => self.end(RunStatus::Aborted, error.clone(), None, at),
            Sight::TimedOut(error) => self.end(RunStatus::TimedOut, error.clone(), None, at),
            Sight::Redriven => self.redrive(event.id, at),
            Sight::Entered { state, name, input } => {
                return Some(Place::In(self.enter(event.id, *state, name, input.as_ref(), cause, at)));
            }
            Sight::Exited { name } => {
                let visit = self.open_visit(here, name)?;
                self.exit(visit, at);
                self.visit_mut(visit)?.exit = Some(event.id);
                return Some(Place::In(visit));
            }
            Sight::Attempt { resource } => {
                let visit = self.visit_mut(here?)?;
                visit.mark = Mark::Running;
                visit.ended = None;
                visit.error = None;
                let resource = Some(resource.clone());
                visit.attempts.push(Attempt { event: event.id, resource, at, ended: None, error: None });
            }
            Sight::AttemptSucceeded => self.end_attempt(here?, None, at),
            Sight::AttemptFailed(error) => self.end_attempt(here?, Some(error.clone()), at),
            Sight::EvaluationFailed(error) | Sight::MapRunFailed(error) => {
                self.visit_mut(here?)?.error = Some(error.clone());
            }
            Sight::InnerStarted { length } => {
                let visit = self.open_container(here)?;
                self.start_inner(event.id, visit, *length, here, cause.map_or(at, |spot| spot.at), at);
                return Some(Place::Opens(visit));
            }
            Sight::InnerSucceeded => {
                let visit = self.open_container(here)?;
                self.end_attempt(visit, None, at);
                self.visit_mut(visit)?.inner_done = true;
                return Some(Place::In(visit));
            }
            Sight::InnerFailed => {
                let visit = self.open_container(here)?;
                self.fail_inner(visit, here, at);
                self.visit_mut(visit)?.inner_done = true;
                return Some(Place::In(visit));
            }
            Sight::IterationStarted { name, index } => {
                let visit = self.open_visit(here, name)?;
                let lane = self.new_lane(Some(visit), Some(*index), event.id, at);
                return Some(Place::Lane(lane));
            }
            Sight::IterationEnded { name, index, end } => {
                let map = self.open_visit(here, name)?;
                self.end_iteration(map, *index, *end, here, at);
                return Some(Place::In(map));
            }
            Sight::StateAborted(state) => self.abort_one(*state, here, at),
            Sight::MapRunStarted { arn } => {
                self.visit_mut(here?)?.map_run = Some(MapRunSeen { event: event.id, arn: arn.clone(), at });
            }
            Sight::Other => {}
        }
        None
    }

    fn visit_at(&self, place: Place) -> Option<VisitId> {
        match place {
            Place::In(visit) | Place::Opens(visit) => Some(visit),
            Place::Lane(lane) => self.lane(lane)?.owner,
        }
    }

    fn new_lane(&mut self, owner: Option<VisitId>, index: Option<u64>, event: u64, at: Timestamp) -> LaneId {
        let id = LaneId(self.lanes.len());
        let attempt = owner.and_then(|owner| self.visit(owner)).map_or(0, |owner| owner.attempts.len());
        let lane = Lane {
            owner,
            index,
            event,
            at,
            attempt,
            reopened: 0,
            visits: Vec::new(),
            mark: Mark::Running,
            ended: None,
        };
        self.lanes.push(lane);
        if let Some(owner) = owner.and_then(|owner| self.visit_mut(owner)) {
            owner.lanes.push(id);
            owner.all_lanes.push(id);
        }
        id
    }

    fn enter(
        &mut self,
        entry: u64,
        state: StateType,
        name: &Arc<str>,
        input: Option<&Payload>,
        cause: Option<Spot>,
        at: Timestamp,
    ) -> VisitId {
        let lane = match cause.map(|spot| spot.place) {
            Some(Place::Lane(lane)) => lane,
            Some(Place::Opens(container)) => self.new_lane(Some(container), None, entry, at),
            Some(Place::In(before)) => {
                let visit = self.visit_mut(before);
                visit.map_or(LaneId(0), |visit| {
                    visit.next = Some(name.clone());
                    visit.lane
                })
            }
            None => LaneId(0),
        };
        let id = VisitId(self.visits.len());
        self.visits.push(Visit {
            name: name.clone(),
            state,
            input: input.cloned(),
            lane,
            entered: at,
            ended: None,
            entry,
            exit: None,
            mark: Mark::Running,
            attempts: Vec::new(),
            error: None,
            culprit: None,
            next: None,
            length: None,
            map_run: None,
            reopened: 0,
            lanes: Vec::new(),
            all_lanes: Vec::new(),
            inner_done: false,
            exited: false,
        });
        if let Some(lane) = self.lane_mut(lane) {
            lane.visits.push(id);
        }
        id
    }

    fn exit(&mut self, id: VisitId, at: Timestamp) {
        self.close_lanes(id, Mark::Done, Mark::Aborted, at);
        let Some(visit) = self.visit_mut(id) else { return };
        visit.mark = if visit.error.is_some() { Mark::Caught } else { Mark::Done };
        visit.ended = Some(at);
        visit.exited = true;
    }

    fn end_attempt(&mut self, id: VisitId, error: Option<ErrorDetails>, at: Timestamp) {
        let Some(visit) = self.visit_mut(id) else { return };
        if let Some(attempt) = visit.attempts.last_mut() {
            attempt.ended = Some(at);
            attempt.error.clone_from(&error);
        }
        visit.error = error;
    }

    /// The branches or iterations start, or start again after a failure inside.
    fn start_inner(
        &mut self,
        event: u64,
        id: VisitId,
        length: Option<u64>,
        failing: Option<VisitId>,
        failed_at: Timestamp,
        at: Timestamp,
    ) {
        if self.visit(id).is_some_and(|visit| !visit.attempts.is_empty()) {
            self.fail_inner(id, failing, failed_at);
        }
        let Some(visit) = self.visit_mut(id) else { return };
        visit.mark = Mark::Running;
        visit.lanes.clear();
        visit.length = length;
        visit.error = None;
        visit.culprit = None;
        visit.attempts.push(Attempt { event, resource: None, at, ended: None, error: None });
    }

    /// What ran inside `id` ends: `failing` and what is around it failed, the rest was given up.
    fn fail_inner(&mut self, id: VisitId, failing: Option<VisitId>, at: Timestamp) {
        let culprit = failing.filter(|failing| *failing != id).map(|failing| self.innermost(failing));
        self.fail_up_to(failing, id, at);
        self.close_lanes(id, Mark::Aborted, Mark::Aborted, at);
        let inner = culprit.and_then(|culprit| self.visit(culprit)).and_then(|visit| visit.error.clone());
        let own = self.visit(id).and_then(|visit| visit.error.clone());
        self.end_attempt(id, Some(inner.or(own).unwrap_or_default()), at);
        if let Some(visit) = self.visit_mut(id) {
            visit.culprit = culprit;
        }
    }

    fn innermost(&self, mut id: VisitId) -> VisitId {
        while let Some(inner) = self.visit(id).and_then(|visit| visit.culprit) {
            id = inner;
        }
        id
    }

    /// Marks `from` and what is around it, up to but not including `to`, as failed.
    fn fail_up_to(&mut self, from: Option<VisitId>, to: VisitId, at: Timestamp) {
        let mut here = from;
        while let Some(id) = here.filter(|id| *id != to) {
            let Some(visit) = self.visit_mut(id) else { return };
            if visit.exited {
                return;
            }
            visit.mark = Mark::Failed;
            visit.ended.get_or_insert(at);
            visit.error.get_or_insert_default();
            let lane = visit.lane;
            let Some(lane) = self.lane_mut(lane) else { return };
            lane.mark = Mark::Failed;
            lane.ended.get_or_insert(at);
            here = lane.owner;
        }
    }

    /// Ends what is still open inside a visit.
    fn close_lanes(&mut self, id: VisitId, lanes_as: Mark, visits_as: Mark, at: Timestamp) {
        let mut rest = self.visit(id).map(|visit| visit.lanes.clone()).unwrap_or_default();
        while let Some(lane_id) = rest.pop() {
            let Some(lane) = self.lane_mut(lane_id) else { continue };
            if lane.mark == Mark::Running {
                lane.mark = lanes_as;
                lane.ended = Some(at);
            }
            for visit_id in lane.visits.clone() {
                let Some(visit) = self.visit_mut(visit_id) else { continue };
                if visit.open() {
                    visit.mark = visits_as;
                    visit.ended = Some(at);
                    rest.extend(visit.lanes.iter().copied());
                }
            }
        }
    }

    fn end_iteration(&mut self, map: VisitId, index: u64, end: IterationEnd, failing: Option<VisitId>, at: Timestamp) {
        let lane = self.visit(map).and_then(|visit| {
            // Iterations mostly start in the order of their items.
            let guess = visit.lanes.get(usize::try_from(index).ok()?);
            let is_it = |lane: &&LaneId| self.lane(**lane).is_some_and(|lane| lane.index == Some(index));
            guess.filter(is_it).or_else(|| visit.lanes.iter().rev().find(is_it)).copied()
        });
        if end == IterationEnd::Failed {
            self.fail_up_to(failing, map, at);
        }
        let Some(lane) = lane.and_then(|lane| self.lane_mut(lane)) else { return };
        lane.ended = Some(at);
        lane.mark = match end {
            IterationEnd::Succeeded => Mark::Done,
            IterationEnd::Failed => Mark::Failed,
            IterationEnd::Aborted => Mark::Aborted,
        };
        if end == IterationEnd::Aborted {
            for visit in lane.visits.clone() {
                self.abort(visit, at);
            }
        }
    }

    fn abort(&mut self, id: VisitId, at: Timestamp) {
        self.close_lanes(id, Mark::Aborted, Mark::Aborted, at);
        if let Some(visit) = self.visit_mut(id).filter(|visit| visit.open()) {
            visit.mark = Mark::Aborted;
            visit.ended = Some(at);
        }
    }

    /// `TaskStateAborted` and the like name no state: it is an open one of that type beside the failing visit.
    fn abort_one(&mut self, state: StateType, failing: Option<VisitId>, at: Timestamp) {
        let found = self.visits.iter().enumerate().find(|(id, visit)| {
            visit.state == state && visit.open() && failing != Some(VisitId(*id)) && !self.holds(VisitId(*id), failing)
        });
        if let Some((id, _)) = found {
            self.abort(VisitId(id), at);
        }
    }

    /// Whether `inner` is somewhere inside `outer`.
    fn holds(&self, outer: VisitId, inner: Option<VisitId>) -> bool {
        let mut here = inner;
        while let Some(id) = here {
            if id == outer {
                return true;
            }
            here = self.around(id);
        }
        false
    }

    fn around(&self, id: VisitId) -> Option<VisitId> {
        self.lane(self.visit(id)?.lane)?.owner
    }

    /// The visit of this name that is still open: `from`, or around it, or anywhere.
    fn open_visit(&self, from: Option<VisitId>, name: &str) -> Option<VisitId> {
        let mut here = from;
        while let Some(id) = here {
            if self.visit(id).is_some_and(|visit| !visit.exited && &*visit.name == name) {
                return Some(id);
            }
            here = self.around(id);
        }
        self.visits.iter().rposition(|visit| !visit.exited && &*visit.name == name).map(VisitId)
    }

    /// The Parallel or Map, at or around `from`, that has not come to the end of its branches.
    fn open_container(&self, from: Option<VisitId>) -> Option<VisitId> {
        let mut here = from;
        while let Some(id) = here {
            let visit = self.visit(id)?;
            if visit.is_container() && !visit.exited && !visit.inner_done {
                return Some(id);
            }
            here = self.around(id);
        }
        None
    }

    fn end(&mut self, status: RunStatus, error: ErrorDetails, failing: Option<VisitId>, at: Timestamp) {
        self.status = status;
        self.ended = Some(at);
        if let Some(failing) = failing {
            let culprit = self.innermost(failing);
            let mut here = Some(culprit);
            while let Some(id) = here {
                let around = self.around(id);
                let Some(visit) = self.visit_mut(id).filter(|visit| !visit.exited) else { break };
                visit.mark = Mark::Failed;
                visit.ended.get_or_insert(at);
                if visit.error.as_ref().is_none_or(|known| known.error.is_none()) {
                    visit.error = Some(error.clone());
                }
                here = around;
            }
            self.culprit = Some(culprit);
        }
        self.error = error;
        for visit in self.visits.iter_mut().filter(|visit| visit.open()) {
            visit.mark = Mark::Aborted;
            visit.ended = Some(at);
        }
        for lane in self.lanes.iter_mut().filter(|lane| lane.mark == Mark::Running) {
            lane.ended = Some(at);
            lane.mark = if status == RunStatus::Succeeded { Mark::Done } else { Mark::Aborted };
        }
    }

    /// What the end of the execution had ended goes on.
    fn redrive(&mut self, event: u64, at: Timestamp) {
        self.redrives += 1;
        self.redriven = Some((event, at));
        self.status = RunStatus::Running;
        self.ended = None;
        self.culprit = None;
        self.error = ErrorDetails::default();
        self.reopen(LaneId(0));
    }

    /// Branches and iterations of earlier attempts stay as they are.
    fn reopen(&mut self, lane: LaneId) {
        let redrives = self.redrives;
        let Some(lane) = self.lane_mut(lane).filter(|lane| lane.mark != Mark::Done) else { return };
        lane.mark = Mark::Running;
        lane.ended = None;
        lane.reopened = redrives;
        for visit in lane.visits.clone() {
            let Some(visit) = self.visit_mut(visit).filter(|visit| !visit.exited) else { continue };
            visit.mark = Mark::Running;
            visit.ended = None;
            visit.inner_done = false;
            visit.culprit = None;
            visit.reopened = redrives;
            for lane in visit.lanes.clone() {
                self.reopen(lane);
            }
        }
    }
}
