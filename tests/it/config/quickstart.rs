//! The files in the repository are the first examples a user reads: they load.

use inboxqa::config::load;
use inboxqa::report::diagnostic;
use std::path::Path;

#[test]
fn the_quickstart_loads_with_the_example_mailboxes() {
    let loaded = match load(&["suites/quickstart.toml".into()], Path::new("mailboxes.example.toml")) {
        Ok(loaded) => loaded,
        Err(problems) => panic!(
            "{}",
            diagnostic::render(&problems.diagnostics, &problems.sources, false)
        ),
    };
    let suite = &loaded.suites[0];
    assert_eq!(suite.slug, "quickstart");
    let cases: Vec<_> = suite
        .cases
        .iter()
        .map(|case| (case.name.as_str(), case.routes.join(","), case.mailboxes.len()))
        .collect();
    assert_eq!(
        cases,
        [
            ("order-confirmation", "postmark-tx".to_owned(), 3),
            ("shipping-notice", "postmark-tx".to_owned(), 3),
            ("spring-sale", "campaigns".to_owned(), 3)
        ]
    );
    let order = &suite.cases[0];
    assert_eq!((order.within_ms, suite.give_up_ms), (20_000, 60_000));
    assert_eq!(order.placement["gmail"], ["inbox", "tab:updates"]);
    assert_eq!(order.placement["default"], ["inbox"]);
    assert!(order.probe && order.html.is_some() && order.text.is_some());
    assert_eq!(loaded.mailboxes["outlook-1"].profile.poll_ms, 10_000);
    assert!(!loaded.mailboxes["outlook-1"].profile.byte_exact);
}
