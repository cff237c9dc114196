//! Two Postfix instances: one that sends (submission with STARTTLS and a login, signed by OpenDKIM), one that receives
//! (verified by OpenDKIM, handed to Dovecot by LMTP).

use super::daemon::{Daemon, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The parts of `master.cf` both need; `smtpd` stands before it.
const SERVICES: &str = "
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n -  0 cleanup
qmgr      unix  n - n 1  1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n -  - trivial-rewrite
bounce    unix  - - n -  0 bounce
defer     unix  - - n -  0 bounce
trace     unix  - - n -  0 bounce
verify    unix  - - n -  1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -  - proxymap
smtp      unix  - - n -  - smtp
relay     unix  - - n -  - smtp
showq     unix  n - n -  - showq
error     unix  - - n -  - error
retry     unix  - - n -  - error
discard   unix  - - n -  - discard
lmtp      unix  - - n -  - lmtp
anvil     unix  - - n -  1 anvil
scache    unix  - - n -  1 scache
postlog   unix-dgram n - n - 1 postlogd
";

/// Starts an instance below `dir` whose smtpd listens on `port`; `settings` are lines of `main.cf`.
pub fn start(name: &str, dir: &Path, port: u16, settings: &str) -> Daemon {
    let at = |part: &str| dir.join(part);
    for part in ["conf", "queue", "data"] {
        fs::create_dir_all(at(part)).unwrap();
        fs::set_permissions(at(part), fs::Permissions::from_mode(0o755)).unwrap();
    }
    run("chown", &["postfix", at("data").to_str().unwrap()]);
    let base = dir.display();
    let main = format!(
        "compatibility_level = 3.6
myhostname = {name}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {base}/queue
data_directory = {base}/data
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
local_recipient_maps =
alias_maps =
alias_database =
smtp_host_lookup = native
smtp_dns_support_level = disabled
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
biff = no
{settings}"
    );
    fs::write(at("conf/main.cf"), main).unwrap();
    fs::write(
        at("conf/master.cf"),
        format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}"),
    )
    .unwrap();
    let config = at("conf");
    let config = config.to_str().unwrap();
    // Makes the queue's folders. `postfix start-fg` would put the master into a session of its own, where nobody ends it;
    // `-d` leaves it in ours.
    run("postfix", &["-c", config, "check"]);
    let master = run("postconf", &["-c", config, "-h", "daemon_directory"])
        .trim()
        .to_owned()
        + "/master";
    let mut daemon = Daemon::start(name, dir, &master, &["-c", config, "-d"]).with_log(at("mail.log"));
    daemon.wait_for_port(port);
    daemon
}
