//! Signals that stop the process: SIGTERM and SIGINT (Ctrl-C).

use crate::error::CommandError;

fn failed(error: std::io::Error) -> CommandError {
    CommandError::usage(format!("signals cannot be waited for: {error}"))
}

/// They are caught from the moment this is made.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> Result<Signals, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(Signals { terminate, interrupt })
    }

    /// Waits until somebody stops the process, or does so once more.
    pub(super) async fn next(&mut self) -> Result<(), CommandError> {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> Result<Signals, CommandError> {
        Ok(Signals {})
    }

    /// Waits until somebody stops the process, or does so once more.
    pub(super) async fn next(&mut self) -> Result<(), CommandError> {
        tokio::signal::ctrl_c().await.map_err(failed)
    }
}
