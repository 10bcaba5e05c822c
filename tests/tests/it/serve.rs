//! `aslx serve` on a directory that it cannot use: it says why, and what to do.

use crate::support::Shell;
use std::io::{BufRead, BufReader};
use std::process::Child;

/// A server that is killed when the test is over.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const SERVE: [&str; 6] = ["serve", "--listen", "127.0.0.1:0", "--data", "data", "-q"];

fn serve(shell: &Shell) -> Serving {
    let mut child = shell.start(&SERVE);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("AWS_ENDPOINT_URL_SFN"), "{line}");
    Serving(child)
}

/// What the command says on standard error; it ends by itself, with code 2.
fn refused(shell: &Shell) -> String {
    let output = shell.output(&SERVE, "");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

fn change(shell: &Shell, sql: &str) {
    rusqlite::Connection::open(shell.path("data/aslx.sqlite3")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn the_second_server_on_a_directory_is_told_who_has_it() {
    let shell = Shell::new();
    let first = serve(&shell);
    let told = refused(&shell);
    let begin = format!("error: the data directory `data` is in use by process {} since 20", first.0.id());
    assert!(told.starts_with(&begin) && told.ends_with("help: stop that process first\n"), "{told}");
    // The first one is not disturbed, and gives the directory back however it ends.
    drop(first);
    drop(serve(&shell));
}

#[test]
fn a_store_of_a_later_version_is_refused_and_left_alone() {
    let shell = Shell::new();
    drop(serve(&shell));
    change(&shell, "PRAGMA user_version = 99");
    let before = std::fs::read(shell.path("data/aslx.sqlite3")).unwrap();
    let told = refused(&shell);
    assert!(told.contains("the store has the tables of version 99, this program knows up to version "), "{told}");
    assert!(told.ends_with("help: a later aslx has written it: use that one, or another directory\n"), "{told}");
    assert_eq!(std::fs::read(shell.path("data/aslx.sqlite3")).unwrap(), before);
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    for (content, told) in [
        (
            &b"this is not a database, whatever its name says. "[..],
            "`data/aslx.sqlite3` cannot be opened: file is not a database",
        ),
        (
            b"SQLite format 3\0 and then nothing that it could be",
            "`data/aslx.sqlite3` cannot be opened: file is not a database",
        ),
    ] {
        let content = content.repeat(20);
        let shell = Shell::new().file("data/aslx.sqlite3", &content);
        let found = refused(&shell);
        assert!(found.starts_with(&format!("error: {told}\n")), "{found}");
        assert!(found.contains("help: nothing was changed"), "{found}");
        assert_eq!(std::fs::read(shell.path("data/aslx.sqlite3")).unwrap(), content);
    }
    let shell = Shell::new();
    std::fs::create_dir(shell.path("data")).unwrap();
    change(&shell, "CREATE TABLE theirs (n)");
    let told = refused(&shell);
    assert!(told.starts_with("error: `aslx.sqlite3` is an SQLite database, but not one of aslx\n"), "{told}");
}

/// Pages in the middle of the file are found when they are read.
#[test]
fn a_store_with_damaged_pages_is_refused() {
    let shell = Shell::new();
    drop(serve(&shell));
    // What the log holds is carried over when the file is closed properly.
    change(&shell, "PRAGMA wal_checkpoint(TRUNCATE)");
    let path = shell.path("data/aslx.sqlite3");
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 3 * 4096);
    bytes[4096..].fill(0xaa);
    std::fs::write(&path, bytes).unwrap();
    let told = refused(&shell);
    assert!(told.contains("malformed"), "{told}");
    assert!(told.contains("help: "), "{told}");
}

#[test]
fn a_directory_that_cannot_be_used_is_told() {
    let shell = Shell::new().file("data", "a file");
    let told = refused(&shell);
    assert!(told.starts_with("error: the data directory `data` cannot be used: "), "{told}");
    assert!(told.ends_with("help: use a directory that can be written; `serve --memory` needs none\n"), "{told}");
    // Nobody may write there, not even a superuser.
    let shell = Shell::new();
    #[cfg(target_os = "linux")]
    {
        std::os::unix::fs::symlink("/proc/self/fdinfo", shell.path("data")).unwrap();
        let told = refused(&shell);
        assert!(told.starts_with("error: the data directory `data` cannot be used: "), "{told}");
    }
}
