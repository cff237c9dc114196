//! A user's folder that points at the servers: the two TOML files, the shipped quickstart, and a suite of its own.

use super::host::{MailHost, RECEIVER, SMTP_USER};
use std::fs;
use std::path::Path;

/// Environment variable that holds the password of every account.
pub const PASSWORD_VARIABLE: &str = "MAILHOST_PASSWORD";

/// Cases for servers that rewrite nothing: inbox, junk, and a recipient that bounces.
const TRAVEL: &str = r#"[suite]
name        = "Mail that travels"
routes_file = "routes.toml"
mailboxes   = ["gmail-1"]
within      = "30s"
give_up     = "45s"
quiet       = "500ms"
probe       = false                              # the hosts of the templates do not exist
[[case]]
name     = "receipt"
category = "transactional"
subject  = "Order {{ order.number }} is confirmed"
html     = "templates/order_confirmation.html"
text     = "templates/order_confirmation.txt"
data     = "data/order.json"
mailboxes = ["gmail-1", "yahoo-1"]
[[case]]
name     = "filed-as-junk"
category = "marketing"
subject  = "Spring sale"
html     = "templates/spring_sale.html"
text     = "templates/spring_sale.txt"
data     = "data/sale.json"
headers  = { X-Test-Junk = "yes" }
expect   = { placement = { default = ["spam"] } }
"#;

const BOUNCE: &str = r#"[suite]
name        = "A recipient that bounces"
routes_file = "routes.toml"
mailboxes   = ["nobody-1"]
within      = "2s"
give_up     = "4s"
probe       = false
[[case]]
name     = "order"
category = "transactional"
subject  = "Order"
text     = "templates/order_confirmation.txt"
data     = "data/order.json"
"#;

/// Writes the folder. The quickstart is the shipped one but for `probe = false`: its links lead to hosts that do not exist.
pub fn write(host: &MailHost, folder: &Path) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
    for part in ["templates", "data"] {
        fs::create_dir_all(folder.join(part)).unwrap();
        for entry in fs::read_dir(shipped.join(part)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(part).join(entry.file_name())).unwrap();
        }
    }
    let quickstart = fs::read_to_string(shipped.join("quickstart.toml")).unwrap();
    let quickstart = quickstart.replacen("[suite]\n", "[suite]\nprobe       = false\n", 1);
    for (name, text) in [
        ("quickstart.toml", quickstart.as_str()),
        ("travel.toml", TRAVEL),
        ("bounce.toml", BOUNCE),
        ("ca.pem", &host.ca_pem),
        ("routes.toml", &routes(host)),
        ("mailboxes.toml", &mailboxes(host)),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn routes(host: &MailHost) -> String {
    let route = |name: &str, bounces: &str, headers: &str, contract: &str| {
        format!(
            "[route.{name}]
kind = \"smtp\"
host = \"localhost\"
port = {port}
security = \"starttls\"
username = \"{SMTP_USER}\"
password = \"${{env:{PASSWORD_VARIABLE}}}\"
ca = \"ca.pem\"
envelope_from = \"bounces@{bounces}\"
headers = {{ {headers} }}
[route.{name}.contract]
return_path = \"{bounces}\"
{contract}
",
            port = host.smtp_port
        )
    };
    let dns = host.dns_port;
    let receipts = "categories = [\"transactional\", \"hybrid\"]\nfrom = \"Brand Receipts <receipts@brand.example>\"\n\
                    reply_to = \"help@brand.example\"\ndkim = [\"brand.example\"]\nselectors = { \"brand.example\" = \"post\" }";
    let news = "categories = [\"marketing\"]\nfrom = \"Brand News <hello@news.brand.example>\"\n\
                reply_to = \"news-help@brand.example\"\ndkim = [\"news.brand.example\"]\n\
                selectors = { \"news.brand.example\" = \"news\" }";
    // No sending service is there to add what marketing mail needs.
    let list = "List-Unsubscribe = \"<https://www.brand.example/unsubscribe?list=news&c=8f31c2>\", \
                List-Unsubscribe-Post = \"List-Unsubscribe=One-Click\"";
    format!(
        "[network]\ndns = [\"127.0.0.1:{dns}\"]\n[policy]\n\
         default_route = {{ transactional = \"postmark-tx\", marketing = \"campaigns\" }}\n{}{}",
        route("postmark-tx", "pm-bounces.brand.example", "", receipts),
        route("campaigns", "bounces.news.brand.example", list, news),
    )
}

fn mailboxes(host: &MailHost) -> String {
    let seed = |name: &str, provider: &str, user: &str| {
        format!(
            "[mailbox.{name}]
provider = \"{provider}\"
address = \"{address}\"
password = \"${{env:{PASSWORD_VARIABLE}}}\"
host = \"localhost\"
port = {port}
ca = \"ca.pem\"
dialect = \"generic\"
poll = \"250ms\"
byte_exact = true
authserv_id = [\"{RECEIVER}\"]
received_by = [\"seeds.example\"]
",
            address = MailHost::address(user),
            port = host.imap_port
        )
    };
    [
        seed("gmail-1", "gmail", "one"),
        seed("yahoo-1", "yahoo", "two"),
        seed("outlook-1", "outlook", "three"),
        seed("nobody-1", "imap", "nobody"),
    ]
    .concat()
}
