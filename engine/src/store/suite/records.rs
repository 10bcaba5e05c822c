//! Records: by kind and key, in order.

use super::now;
use crate::store::{Commit, RecordChange, Store};

pub(super) fn check<S: Store>(make: &impl Fn() -> S) {
    keeps_replaces_and_removes(&make());
    scans_a_prefix_in_pages(&make());
}

fn keeps_replaces_and_removes(store: &impl Store) {
    let change = |changes: Vec<RecordChange>| assert_eq!(now(store.commit(Commit::records(changes))), Ok(()));
    let read = |kind: &str, key: &str| now(store.record(kind, key)).unwrap().map(|value| value.to_vec());
    change(vec![RecordChange::put("machine", "a", b"1"), RecordChange::put("alias", "a", &[0, 255])]);
    assert_eq!((read("machine", "a"), read("alias", "a")), (Some(b"1".to_vec()), Some(vec![0, 255])));
    // In order: what comes last counts.
    change(vec![RecordChange::put("machine", "a", b"2"), RecordChange::put("machine", "a", b"3")]);
    assert_eq!(read("machine", "a"), Some(b"3".to_vec()));
    change(vec![RecordChange::delete("machine", "a"), RecordChange::delete("machine", "none")]);
    assert_eq!((read("machine", "a"), read("alias", "a")), (None, Some(vec![0, 255])));
}

fn scans_a_prefix_in_pages(store: &impl Store) {
    let keys = ["a", "a/2", "a/1", "a/10", "b/1", "a0", "ä", "%", "a_", "z"];
    let puts = keys.map(|key| RecordChange::put("kind", key, key.as_bytes()));
    assert_eq!(now(store.commit(Commit::records(puts))), Ok(()));
    let scan = |prefix: &str, after: Option<&str>, limit| {
        let found = now(store.records("kind", prefix, after, limit)).unwrap();
        assert!(found.iter().all(|(key, value)| key.as_bytes() == &**value));
        found.iter().map(|(key, _)| &**key).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(scan("", None, 100), "% a a/1 a/10 a/2 a0 a_ b/1 z ä");
    assert_eq!(scan("a/", None, 100), "a/1 a/10 a/2");
    assert_eq!(scan("a/", None, 2), "a/1 a/10");
    assert_eq!(scan("a/", Some("a/10"), 2), "a/2");
    assert_eq!(scan("a/", Some("a/2"), 2), "");
    assert_eq!(scan("ä", None, 2), "ä");
    assert_eq!(scan("x", None, 2), "");
    assert_eq!(now(store.records("other", "", None, 2)), Ok(Vec::new()));
}
