//! The servers standing alone, for somebody who wants to see a run on mail that really travels (`ci/mailhost`).

use super::host::MailHost;
use super::project::{self, PASSWORD_VARIABLE};
use std::path::Path;

/// Runs until its standard input ends.
#[test]
#[ignore = "stands until its input ends; started by ci/mailhost"]
fn stand() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/mailhost");
    let host = MailHost::start("real::stand").expect("root, Postfix, OpenDKIM, Dovecot and dnsmasq");
    std::fs::create_dir_all(&folder).unwrap();
    project::write(&host, &folder);
    println!(
        "\nPostfix, OpenDKIM and Dovecot are up. In another terminal:\n\n    export {PASSWORD_VARIABLE}={password}\n    \
         cargo run -- run target/mailhost/quickstart.toml --mailboxes target/mailhost/mailboxes.toml --yes\n    \
         cargo run -- run target/mailhost/travel.toml     --mailboxes target/mailhost/mailboxes.toml --yes\n\n\
         routes.toml and mailboxes.toml beside them are all that points there. Ctrl-D ends it.",
        password = host.password
    );
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
}
