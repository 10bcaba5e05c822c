//! An execution is a pure function of its program and its journal: replayed, cut, resumed, it is the same.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use aslx_asl::Timestamp;
use aslx_engine::Data;
use aslx_engine::interpreter::{Interpreter, Step};
use aslx_engine::journal::{Seed, read_journal, write_journal};
use aslx_engine::runtime::{Finished, StartRequest, resume_simulation, simulate};
use proptest::prelude::*;

fn run(parts: &[common::Part], slow: bool) -> Finished {
    let request = StartRequest::new("m", "e", Data::parse(r#"{ "n": 1 }"#).unwrap(), Seed([9; 16]));
    let start = Timestamp::from_millis(1_790_000_000_000);
    wait(simulate(common::program(parts), request, start, common::tasks(slow), None)).unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_replayed_journal_gives_the_same_history(parts in common::machine()) {
        let finished = run(&parts, true);
        let mut step = Step::with_history();
        let again = Interpreter::replay(common::program(&parts), &finished.journal, &mut step).unwrap();
        prop_assert_eq!(&step.events, &finished.history);
        prop_assert_eq!(again.outcome(), Some(&finished.outcome));
    }

    #[test]
    fn a_journal_survives_its_file(parts in common::machine()) {
        let finished = run(&parts, true);
        let mut file = Vec::new();
        write_journal(&mut file, &finished.journal).unwrap();
        prop_assert_eq!(read_journal(file.as_slice()).unwrap(), finished.journal);
    }

    #[test]
    fn a_journal_cut_anywhere_and_resumed_ends_the_same(parts in common::machine()) {
        let finished = run(&parts, false);
        for cut in 1..=finished.journal.len() {
            let journal = finished.journal.get(..cut).unwrap().to_vec();
            let resumed = wait(resume_simulation(common::program(&parts), journal, common::tasks(false), None)).unwrap();
            prop_assert_eq!(&resumed.outcome, &finished.outcome, "cut after {} of {}", cut, finished.journal.len());
        }
    }

    #[test]
    fn every_event_but_the_first_of_a_branch_follows_an_earlier_one(parts in common::machine()) {
        let finished = run(&parts, true);
        for (index, event) in finished.history.iter().enumerate() {
            prop_assert_eq!(event.id, index as u64 + 1);
            prop_assert!(event.previous_event_id < event.id);
        }
        let last = finished.history.last().unwrap().kind.type_name();
        prop_assert!(last.starts_with("Execution"), "{}", last);
    }
}
