//! The dialogue in the clear before STARTTLS (RFC 3207): greeting, EHLO, STARTTLS. No credentials pass here, and what the server
//! said here is forgotten; whoever sits on the line can at most prevent the login, never read or steer it.

use super::failure::Failure;
use super::reply::{Capabilities, Gathering, Reply, clean};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Most bytes one reply may have.
const REPLY: u64 = 64 * 1024;

/// Brings the server to the point where the TLS handshake begins. Each step may take `patience`.
pub async fn starttls(stream: TcpStream, hello: &str, patience: Duration) -> Result<TcpStream, Failure> {
    let mut line = BufReader::new(stream);
    expect(&mut line, "connect", 220, None, patience).await?;
    let ehlo = expect(&mut line, "ehlo", 250, Some(&format!("EHLO {hello}\r\n")), patience).await?;
    if !Capabilities::of(&ehlo).starttls {
        let text = "the server does not offer STARTTLS; credentials are never sent in the clear";
        return Err(Failure::not_sent("starttls", text));
    }
    expect(&mut line, "starttls", 220, Some("STARTTLS\r\n"), patience).await?;
    // Bytes behind the 220 were not protected: somebody put them there to be read as if they were.
    if !line.buffer().is_empty() {
        let text = "the server, or somebody on the way, sent more after its answer to STARTTLS (command injection)";
        return Err(Failure::not_sent("starttls", text));
    }
    Ok(line.into_inner())
}

async fn expect(
    line: &mut BufReader<TcpStream>,
    phase: &'static str,
    wanted: u16,
    command: Option<&str>,
    patience: Duration,
) -> Result<Reply, Failure> {
    let exchange = async {
        if let Some(command) = command {
            line.write_all(command.as_bytes()).await?;
        }
        read(line).await
    };
    match timeout(patience, exchange).await {
        Err(_) => Err(Failure::not_sent(
            "timeout",
            format!("no answer within {patience:?} ({phase})"),
        )),
        Ok(Err(error)) => Err(Failure::not_sent(
            "lost",
            format!("the connection was lost ({phase}): {error}"),
        )),
        Ok(Ok(None)) => Err(Failure::not_sent(
            "protocol",
            format!("the answer is no SMTP reply ({phase})"),
        )),
        Ok(Ok(Some(reply))) if reply.code == wanted => Ok(reply),
        Ok(Ok(Some(reply))) => Err(Failure::Answered(reply.during(phase))),
    }
}

/// One reply; `None` where the server speaks something else.
async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Reply>> {
    let mut gathering = Gathering::default();
    let mut bounded = stream.take(REPLY);
    loop {
        let mut line = Vec::new();
        if bounded.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = clean(&line);
        let starts_like_one = line.len() > 3 && matches!(line.as_bytes()[3], b' ' | b'-');
        match gathering.push(&line) {
            Some(reply) => return Ok(Some(reply)),
            None if starts_like_one => {}
            None => return Ok(None),
        }
    }
}
