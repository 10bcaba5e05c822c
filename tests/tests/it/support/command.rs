//! The `aslx` command: built once, run in a folder of its own, its whole answer as a text.

use super::normal::Normal;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// The folder `definitions` of the repository.
pub(crate) fn definitions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("definitions")
}

/// The command. `ASLX_BIN` names one that is built already; else cargo builds it, in the profile of these tests and
/// beside them. (`CARGO_BIN_EXE_…` exists only for tests of the command's own package.)
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(built) = std::env::var_os("ASLX_BIN") {
            return built.into();
        }
        // <target>/<profile>/deps/<this test>
        let this = std::env::current_exe().unwrap();
        let folder = this.ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "aslx", "--bin", "aslx", "--target-dir"]);
        cargo.arg(folder.parent().unwrap()).current_dir(definitions().parent().unwrap());
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the command cannot be built");
        folder.join(format!("aslx{}", std::env::consts::EXE_SUFFIX))
    })
}

/// A folder to work in, and the command.
pub(crate) struct Shell {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Shell {
    pub(crate) fn new() -> Shell {
        Shell { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn variable(mut self, name: &'static str, value: &'static str) -> Shell {
        self.variables.push((name, value));
        self
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Shell {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn output(&self, arguments: &[&str], input: &str) -> Output {
        self.spawn(Command::new(binary()).args(arguments), input)
    }

    /// The same on a terminal; `None` where the system has no `script`.
    pub(crate) fn on_a_terminal(&self, arguments: &[&str]) -> Option<String> {
        let quoted: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
        let line = format!("{} {}", binary().display(), quoted.join(" "));
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env("TERM", "xterm");
        Command::new("script").arg("--version").stdout(Stdio::null()).status().ok()?;
        Some(String::from_utf8(self.spawn(&mut script, "").stdout).unwrap())
    }

    fn spawn(&self, command: &mut Command, input: &str) -> Output {
        let command = command.current_dir(self.folder.path()).env_remove("NO_COLOR").envs(self.variables.clone());
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        // It need not read what it is given.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Starts it, for what does not end by itself.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        let errors = fs::File::create(self.path("stderr")).unwrap();
        command.stdout(Stdio::piped()).stderr(errors).spawn().unwrap()
    }

    /// Everything that the command answers.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        self.told_with(arguments, "", &self.normal())
    }

    /// The same without durations.
    pub(crate) fn told_untimed(&self, arguments: &[&str]) -> String {
        self.told_with(arguments, "", &self.normal().durations())
    }

    pub(crate) fn told_with(&self, arguments: &[&str], input: &str, normal: &Normal) -> String {
        let output = self.output(arguments, input);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let words: Vec<String> = arguments
            .iter()
            .map(|word| if word.contains([' ', '{', '"', '*']) { format!("'{word}'") } else { (*word).to_owned() })
            .collect();
        let (line, status) = (words.join(" "), output.status.code().unwrap());
        let told = format!(
            "$ aslx {line}\nstatus {status}\n--- stdout\n{}\n--- stderr\n{}",
            text(output.stdout).trim_end(),
            text(output.stderr).trim_end()
        );
        normal.apply(&told)
    }

    pub(crate) fn normal(&self) -> Normal {
        Normal::new().path(&definitions(), "<definitions>").path(self.folder.path(), "<folder>")
    }
}
