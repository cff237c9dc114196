//! Dialling: the first address that answers, within a bound.

use crate::model::Why;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// All addresses of one host together may take this long.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn first(targets: &[SocketAddr], host: &str, port: u16) -> Result<TcpStream, Why> {
    let share = PATIENCE / u32::try_from(targets.len().max(1)).unwrap_or(1);
    let mut last = Why::new("refused", format!("{host}:{port} has no address to connect to"));
    for target in targets {
        match timeout(share, TcpStream::connect(target)).await {
            Ok(Ok(stream)) => {
                stream
                    .set_nodelay(true)
                    .map_err(|error| Why::new("refused", format!("{host}:{port}: {error}")))?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = Why::new("refused", format!("{host}:{port} ({target}): {error}")),
            Err(_) => {
                last = Why::new(
                    "timeout",
                    format!("{host}:{port} ({target}) did not answer in {share:?}"),
                )
            }
        }
    }
    Err(last)
}
