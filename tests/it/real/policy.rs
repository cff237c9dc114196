//! The receiving side's policy service: greylists every recipient until it is told to stop.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A switch that the receiving Postfix asks before it takes a recipient.
#[derive(Clone, Default)]
pub struct Greylist {
    until: Arc<Mutex<Option<Instant>>>,
}

impl Greylist {
    /// Starts the service; the port is on 127.0.0.1.
    pub fn serve(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let greylist = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let greylist = greylist.clone();
                std::thread::spawn(move || greylist.answer(stream));
            }
        });
        port
    }

    /// Refuses every recipient with 450 from now on, for this long.
    pub fn refuse_for(&self, time: Duration) {
        *self.until.lock().unwrap() = Some(Instant::now() + time);
    }

    /// The protocol: attributes, an empty line, one action.
    fn answer(&self, stream: TcpStream) {
        let mut out = stream.try_clone().unwrap();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if line.is_empty() {
                let refusing = self.until.lock().unwrap().is_some_and(|until| Instant::now() < until);
                let action = if refusing {
                    "450 4.2.0 Greylisted, try again later"
                } else {
                    "DUNNO"
                };
                if write!(out, "action={action}\n\n").is_err() {
                    return;
                }
            }
        }
    }
}
