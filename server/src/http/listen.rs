//! Connections: taken, bounded, and let go.

use super::answer::{Doors, answer};
use super::lanes::Lanes;
use super::patient::Patient;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How long connections have to end once their requests have been cut off.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Takes connections until told to stop, then lets those that work finish.
pub(crate) async fn listen(
    listener: TcpListener,
    doors: Arc<Doors>,
    lanes: Arc<Lanes>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(doors.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            place = room.clone().acquire_owned() => place,
            _ = stop.changed() => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let (doors, stop) = (doors.clone(), stop.clone());
                // It is taken out of this runtime, so that another one can watch it.
                let Ok(stream) = stream.into_std() else { continue };
                let conversation = async move {
                    if let Ok(stream) = TcpStream::from_std(stream) {
                        converse(stream, doors, stop).await;
                    }
                    drop(place);
                };
                connections.spawn_on(conversation, &lanes.next());
            }
            // Out of file handles, for example: what is open must end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    drop(listener);
    let mut ended = std::pin::pin!(async { while connections.join_next().await.is_some() {} });
    if tokio::time::timeout(doors.limits.farewell, ended.as_mut()).await.is_err() {
        doors.cut_off.send_replace(true);
        // What has not ended by then is cut off when the set is dropped.
        let _ = tokio::time::timeout(LAST_WORDS, ended).await;
    }
}

async fn converse(stream: TcpStream, doors: Arc<Doors>, mut stop: watch::Receiver<bool>) {
    // Small answers are not to wait for larger ones; where this fails they do.
    let _ = stream.set_nodelay(true);
    let patience = doors.limits.patience;
    let stream = TokioIo::new(Patient::new(stream, patience * 3));
    let service = service_fn(move |request| {
        let doors = doors.clone();
        async move { Ok::<_, Infallible>(answer(&doors, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(64 << 10);
    let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
    tokio::select! {
        // A client that hung up or sent no HTTP: there is nobody to tell.
        _ = connection.as_mut() => return,
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
