//! The shape of a history, without the accident of which branch moved first.
//!
//! Branches of a Parallel state and iterations of a Map state run side by side: AWS's order of their events is one of
//! several possible ones, and so are the ids. What does not depend on luck is the tree of previousEventId, with two
//! exceptions, where the tree tells who was last:
//!
//! - the end of a Parallel or Map state follows whatever branch or iteration ended last,
//! - an iteration that waited for a free slot follows the iteration that made room.
//!
//! [`Forest::of`] reads a history in the order of its ids, follows every *thread* (the main line, a branch, an
//! iteration), and gives each event a [`Parent`]. In those two cases, and only when the event named really is the one
//! that ended last or made room *in this history*, the parent is the container instead of the sibling. Both histories
//! are read by the same rules, so a wrong previousEventId leaves another tree and is found.

use super::history::Event;
use std::collections::HashMap;

/// What an event follows. Events are meant by their place in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Parent {
    /// previousEventId 0.
    Root,
    /// That event itself.
    Event(usize),
    /// Whichever child of the container started there ended last.
    LastOf(usize),
    /// Whichever child of the container started there made room.
    RoomIn(usize),
}

/// A line of events that happen strictly one after the other.
#[derive(Debug, Default)]
pub(super) struct Thread {
    /// The container (a place in [`Forest::containers`]) whose branch or iteration this is; none for the main line.
    container: Option<usize>,
    /// Its events, without those of branches and iterations below.
    pub(super) events: Vec<usize>,
    /// The Parallel or Map state that this thread is in.
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Running,
    /// Ended by this event; its state may still be left by a Catch.
    Failed(usize),
}

/// One attempt of a Parallel or Map state.
#[derive(Debug)]
pub(super) struct Container {
    /// The event `ParallelStateStarted` or `MapStateStarted`.
    pub(super) start: usize,
    /// The next event of the thread that the state is in: after all that happens inside.
    pub(super) end: Option<usize>,
    /// Every event inside, at any depth.
    pub(super) inside: Vec<usize>,
    /// The events `MapIterationStarted`, as they came.
    pub(super) iterations: Vec<usize>,
    thread: usize,
    children: Vec<usize>,
    /// The last event inside each iteration that has succeeded, in that order.
    room: Vec<usize>,
    /// How many iterations that waited have begun: the first takes the place of the first that succeeded, and so on.
    taken: usize,
}

/// A history as threads and parents.
#[derive(Debug, Default)]
pub(super) struct Forest {
    pub(super) parents: Vec<Parent>,
    pub(super) threads: Vec<Thread>,
    pub(super) containers: Vec<Container>,
    thread_of: Vec<usize>,
}

/// The thread of the events that belong to no other.
const MAIN: usize = 0;

impl Forest {
    pub(super) fn of(events: &[Event<'_>]) -> Forest {
        let mut forest = Forest { threads: vec![Thread::default()], ..Forest::default() };
        for (at, event) in events.iter().enumerate() {
            forest.add(at, event);
        }
        for container in &mut forest.containers {
            let line = forest.threads.get(container.thread).map_or(&[][..], |thread| &thread.events);
            container.end = line.iter().copied().find(|at| *at > container.start);
        }
        forest
    }

    fn add(&mut self, at: usize, event: &Event<'_>) {
        let Some(previous) = (event.previous as usize).checked_sub(1) else {
            return self.place(at, MAIN, Parent::Root, event);
        };
        let follows = Parent::Event(previous);
        let thread = self.thread_of(previous);
        match event.kind {
            "MapIterationStarted" => self.iteration(at, previous, event),
            kind if kind.starts_with("Execution") => self.place(at, MAIN, follows, event),
            "TaskStateAborted"
            | "WaitStateAborted"
            | "ParallelStateAborted"
            | "MapStateAborted"
            | "MapIterationAborted" => self.aborted(at, thread, follows),
            "ParallelStateStarted" | "MapStateStarted" => {
                let owner = self.owner(previous, false);
                self.place(at, owner, follows, event);
                self.containers.push(Container {
                    start: at,
                    end: None,
                    inside: Vec::new(),
                    iterations: Vec::new(),
                    thread: owner,
                    children: Vec::new(),
                    room: Vec::new(),
                    taken: 0,
                });
            }
            "ParallelStateSucceeded" | "MapStateSucceeded" => {
                let owner = self.owner(previous, false);
                self.place(at, owner, self.joined(previous, owner), event);
            }
            "ParallelStateFailed" | "MapStateFailed" => {
                let owner = self.owner(previous, false);
                self.place(at, owner, follows, event);
                self.set_open(owner, Some(Open::Failed(at)));
            }
            "ParallelStateExited" | "MapStateExited" => {
                let owner = self.owner(previous, true);
                self.place(at, owner, self.joined(previous, owner), event);
                self.set_open(owner, None);
            }
            "MapIterationSucceeded" => {
                self.place(at, thread, follows, event);
                let map = self.threads.get(thread).and_then(|thread| thread.container);
                if let Some(map) = map.and_then(|map| self.containers.get_mut(map)) {
                    map.room.push(previous);
                }
            }
            kind if kind.ends_with("StateEntered") => {
                let thread = match self.container_started_at(previous) {
                    Some(container) => self.child(container),
                    None => thread,
                };
                self.place(at, thread, follows, event);
            }
            _ => self.place(at, thread, follows, event),
        }
    }

    /// Records an event of a thread, and that it happens inside every container around that thread.
    fn place(&mut self, at: usize, thread: usize, parent: Parent, event: &Event<'_>) {
        self.parents.push(parent);
        self.thread_of.push(thread);
        if let Some(thread) = self.threads.get_mut(thread) {
            thread.events.push(at);
            if matches!(event.kind, "ParallelStateEntered" | "MapStateEntered") {
                thread.open = Some(Open::Running);
            }
        }
        let container = self.threads.get(thread).and_then(|thread| thread.container);
        self.inside(at, container);
    }

    fn inside(&mut self, at: usize, mut container: Option<usize>) {
        while let Some(around) = container.and_then(|container| self.containers.get_mut(container)) {
            around.inside.push(at);
            let thread = around.thread;
            container = self.threads.get(thread).and_then(|thread| thread.container);
        }
    }

    /// What is stopped because a sibling failed: it has no name and no line of its own, only a time between the failure
    /// and the end of the container.
    fn aborted(&mut self, at: usize, failing: usize, parent: Parent) {
        self.parents.push(parent);
        self.thread_of.push(failing);
        let container = self.threads.get(failing).and_then(|thread| thread.container);
        self.inside(at, container);
    }

    fn iteration(&mut self, at: usize, previous: usize, event: &Event<'_>) {
        let first = self.container_started_at(previous);
        let sibling = self.thread_of(previous);
        let container = first.or_else(|| self.threads.get(sibling).and_then(|thread| thread.container));
        let Some(container) = container else {
            return self.place(at, sibling, Parent::Event(previous), event);
        };
        let parent = match self.containers.get_mut(container) {
            Some(map) if first.is_none() && map.room.get(map.taken) == Some(&previous) => {
                map.taken += 1;
                Parent::RoomIn(map.start)
            }
            _ => Parent::Event(previous),
        };
        let thread = self.child(container);
        self.place(at, thread, parent, event);
        if let Some(map) = self.containers.get_mut(container) {
            map.iterations.push(at);
        }
    }

    fn child(&mut self, container: usize) -> usize {
        let thread = self.threads.len();
        self.threads.push(Thread { container: Some(container), ..Thread::default() });
        if let Some(container) = self.containers.get_mut(container) {
            container.children.push(thread);
        }
        thread
    }

    fn container_started_at(&self, event: usize) -> Option<usize> {
        self.containers.iter().rposition(|container| container.start == event)
    }

    fn thread_of(&self, event: usize) -> usize {
        self.thread_of.get(event).copied().unwrap_or(MAIN)
    }

    fn set_open(&mut self, thread: usize, open: Option<Open>) {
        if let Some(thread) = self.threads.get_mut(thread) {
            thread.open = open;
        }
    }

    /// The thread of a Parallel or Map state of which the event after `previous` tells. That thread is in the state;
    /// `previous` is in the same thread or in a branch or an iteration right below.
    fn owner(&self, previous: usize, leaving: bool) -> usize {
        let at = self.thread_of(previous);
        let Some(thread) = self.threads.get(at) else { return MAIN };
        let here = match thread.open {
            Some(Open::Running) => true,
            Some(Open::Failed(event)) => leaving && event == previous,
            None => false,
        };
        let around = thread.container.and_then(|container| self.containers.get(container));
        match around {
            Some(container) if !here => container.thread,
            _ => at,
        }
    }

    /// The parent of an event that ends a container well, or leaves it.
    fn joined(&self, previous: usize, owner: usize) -> Parent {
        let last_of = || {
            let child = self.thread_of(previous);
            let container = self.containers.get(self.threads.get(child)?.container?)?;
            let ends = container.children.iter().filter_map(|child| self.threads.get(*child)?.events.last());
            let last = ends.max() == Some(&previous);
            (last && container.thread == owner).then_some(Parent::LastOf(container.start))
        };
        last_of().unwrap_or(Parent::Event(previous))
    }
}

/// Names for the places of events in trees, shared by the two histories of a comparison.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    numbers: HashMap<Place<'a>, usize>,
}

/// An event by what it follows, its type, the name of its state and its iteration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place<'a> {
    parent: Parent,
    kind: &'a str,
    name: &'a str,
    index: Option<u64>,
    /// Tells apart events that agree in all of that (several tasks aborted by one failure).
    nth: usize,
}

impl<'a> Places<'a> {
    /// A number for each event; two events of the two histories have the same number if they have the same place.
    pub(super) fn of(&mut self, events: &[Event<'a>], forest: &Forest) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::with_capacity(events.len());
        let mut taken: HashMap<usize, usize> = HashMap::new();
        for (event, parent) in events.iter().zip(&forest.parents) {
            let number = |at: usize| found.get(at).copied().unwrap_or(usize::MAX);
            let parent = match *parent {
                Parent::Root => Parent::Root,
                Parent::Event(at) => Parent::Event(number(at)),
                Parent::LastOf(at) => Parent::LastOf(number(at)),
                Parent::RoomIn(at) => Parent::RoomIn(number(at)),
            };
            let mut place = Place { parent, kind: event.kind, name: event.name, index: event.index, nth: 0 };
            let first = self.number(place.clone());
            let nth = taken.entry(first).or_insert(0);
            place.nth = *nth;
            *nth += 1;
            found.push(self.number(place));
        }
        found
    }

    fn number(&mut self, place: Place<'a>) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(place).or_insert(next)
    }
}
