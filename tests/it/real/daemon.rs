//! Runs somebody else's server for the time of a test: own process group, output in a log file, stopped when dropped (also
//! when the test process itself is killed), its logs printed when the test fails.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to come up or to reach a state before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Daemon {
    name: String,
    child: Child,
    /// Closing it ends the process group, so a killed test leaves nothing behind.
    leash: Option<ChildStdin>,
    logs: Vec<PathBuf>,
    /// How long it may take to end by itself.
    grace: Duration,
}

impl Daemon {
    /// Starts `program` in the foreground; its output goes to `dir/NAME.log`.
    pub fn start(name: &str, dir: &Path, program: &str, args: &[&str]) -> Daemon {
        const WRAPPER: &str = r#"exec 3<&0; (read -r _ <&3; kill -s TERM -- -$$) & exec "$@" </dev/null 3<&-"#;
        let log = dir.join(format!("{name}.log"));
        let out = File::options().create(true).append(true).open(&log).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", WRAPPER, "sh", program])
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {program}: {error}"));
        let leash = child.stdin.take();
        Daemon {
            name: name.to_owned(),
            child,
            leash,
            logs: vec![log],
            grace: Duration::from_secs(5),
        }
    }

    /// Another log file to print when the test fails.
    #[must_use]
    pub fn with_log(mut self, path: PathBuf) -> Daemon {
        self.logs.push(path);
        self
    }

    /// For a server that has nothing to put away: it is killed.
    #[must_use]
    pub fn without_grace(mut self) -> Daemon {
        self.grace = Duration::ZERO;
        self
    }

    /// Waits until the server accepts connections; fails at once, with its logs, if it ended.
    pub fn wait_for_port(&mut self, port: u16) {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{} ended: {ended:?}\n{}", self.name, self.log());
            assert!(
                Instant::now() < until,
                "{} does not listen on {port}\n{}",
                self.name,
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything logged so far.
    pub fn log(&self) -> String {
        let read = |path: &PathBuf| {
            format!(
                "--- {}\n{}",
                path.display(),
                fs::read_to_string(path).unwrap_or_default()
            )
        };
        self.logs.iter().map(read).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.leash.take());
        let until = Instant::now() + self.grace;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("=== {}\n{}", self.name, self.log());
        }
    }
}

/// Runs a command to its end; panics with its output if it fails.
pub fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {args:?}: {}\n{text}{errors}",
        output.status
    );
    text
}

/// Looks again and again until `look` finds something; panics naming `what` when the patience is over.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A loopback port that is free now, over TCP and UDP.
pub fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Can these servers run here? They switch users, so they need root. Says by name what is skipped; with
/// `INBOXQA_REAL=required` (as `ci/test` sets it for root) a missing program is a failure instead.
pub fn can_run(test: &str, programs: &[&str]) -> bool {
    let found = |program: &&str| {
        let directories = std::env::var_os("PATH").unwrap_or_default();
        let mut all: Vec<PathBuf> = std::env::split_paths(&directories).collect();
        all.extend(["/usr/sbin", "/sbin"].map(PathBuf::from));
        all.iter().any(|directory| directory.join(program).is_file())
    };
    let mut lacking: Vec<&str> = programs.iter().filter(|program| !found(program)).copied().collect();
    if run("id", &["-u"]).trim() != "0" {
        lacking.push("root");
    }
    let required = std::env::var("INBOXQA_REAL").is_ok_and(|value| value == "required");
    assert!(lacking.is_empty() || !required, "{test} needs {}", lacking.join(", "));
    if !lacking.is_empty() {
        eprintln!("skipped: {test} needs {}", lacking.join(", "));
    }
    lacking.is_empty()
}

#[test]
fn a_daemon_ends_with_its_owner_and_takes_its_children_along() {
    let dir = tempfile::tempdir().unwrap();
    let script = "sleep 1000 & echo $! > child; wait";
    let daemon = Daemon::start("sleeper", dir.path(), "sh", &["-c", script]);
    let pid = wait_for("the child's pid", || {
        let pid = fs::read_to_string(dir.path().join("child")).ok()?;
        (!pid.trim().is_empty()).then(|| pid.trim().to_owned())
    });
    let alive = || {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !status.is_empty() && !status.contains(") Z ")
    };
    assert!(alive());
    drop(daemon);
    wait_for("the child's end", || (!alive()).then_some(()));
}
