//! How faults are written.

use inboxqa::lab::attempt::Attempt;
use inboxqa::lab::{Fault, FaultKind};
use inboxqa::model::DeliveryId;
use std::time::Duration;

fn id(case: &str, route: &str, mailbox: &str) -> DeliveryId {
    DeliveryId {
        suite: "launch".to_owned(),
        case: case.to_owned(),
        route: route.to_owned(),
        mailbox: mailbox.to_owned(),
    }
}

#[test]
fn a_scope_narrows_by_all_its_globs() {
    let fault = Fault::parse("delay=2.5@case=order-*,mailbox={gmail,yahoo}-1").unwrap();
    assert_eq!(fault.kind, FaultKind::Delay);
    assert_eq!(fault.time(), Duration::from_millis(2500));
    assert_eq!(fault.spec, "delay=2.5");
    assert!(fault.matches(&id("order-confirmation", "any", "yahoo-1")));
    assert!(!fault.matches(&id("order-confirmation", "any", "outlook-1")));
    assert!(!fault.matches(&id("sale", "any", "gmail-1")));
}

#[test]
fn a_fault_may_act_on_one_attempt_and_says_so() {
    let fault = Fault::parse("drop@attempt=1,case=order-*").unwrap();
    let attempt = |number| Attempt {
        id: id("order-confirmation", "any", "gmail-1"),
        number,
    };
    assert!(fault.acts_on(&attempt(1)) && !fault.acts_on(&attempt(2)));
    assert_eq!(
        fault.spec, "drop@attempt=1",
        "a rerun of the delivery repeats the attempt too"
    );
    let refused = Fault::parse("imap-silent@attempt=1").unwrap_err();
    assert!(refused.contains("by mailbox only"), "{refused}");
}

#[test]
fn every_fault_parses_in_its_plainest_form() {
    for kind in FaultKind::ALL {
        use inboxqa::lab::Takes::*;
        let text = match kind.takes() {
            Nothing | Times | Refusal => kind.name().to_owned(),
            Seconds => format!("{}=3", kind.name()),
            Text => format!("{}=Receipts", kind.name()),
            Word(words) | WordTimes(words) => format!("{}={}", kind.name(), words[0]),
        };
        assert_eq!(Fault::parse(&text).unwrap().kind, *kind, "{text}");
    }
}

/// The IMAP server reads these values by itself: what is accepted here must be understood there.
#[test]
fn every_value_for_the_imap_server_is_one_it_understands() {
    for text in [
        "imap-refuse-login",
        "imap-refuse-login=2",
        "imap-drop=idle:always",
        "imap-drop=fetch",
        "imap-silent",
        "bye=login",
        "bye=message:2",
        "cut-literal",
        "huge-literal=always",
        "throttle=2.5",
        "too-many-connections",
        "token-expired",
        "imap-drop=message:3",
        "imap-no=fetch",
        "imap-no=examine:2",
        "imap-no=list:always",
        "imap-slow=0.5",
    ] {
        let fault = Fault::parse(text).unwrap();
        let armed = inboxqa::lab::imap::ImapFaults::new();
        armed.arm(fault.kind.name(), fault.written().as_deref()).unwrap();
    }
}

#[test]
fn what_means_nothing_is_told_with_the_nearest_meaning() {
    for (text, wants) in [
        ("brake-body", "did you mean 'break-body'"),
        ("xyz", "known are reject"),
        ("junk=1", "takes no value"),
        ("delay", "needs seconds"),
        ("delay=soon", "no number of seconds"),
        ("delay=-1", "no number of seconds"),
        ("reject=250", "no permanent reply code"),
        ("from-changed=nam", "did you mean 'name'"),
        ("from-changed", "name|local|domain"),
        ("imap-drop=idle:x", "no number of times"),
        ("junk@cases=x", "did you mean 'case'"),
        ("junk@x", "is no scope"),
        ("junk@", "is no scope"),
        ("junk@route=a@case=b", "a second '@'"),
        ("junk@route=", "scope 'route' has no glob"),
        (
            "junk@route=a,route=b",
            "scope 'route' is given twice: write route={A,B}",
        ),
        ("junk@case=[", "is no glob"),
        ("dns-servfail=txt@case=x", "by route only"),
        ("imap-slow=1@route=x", "by mailbox only"),
    ] {
        let error = Fault::parse(text).unwrap_err();
        assert!(error.contains(wants), "{text}: {error}");
    }
}

#[test]
fn the_readme_lists_every_fault() {
    let readme = include_str!("../../../README.md");
    for kind in FaultKind::ALL {
        let (alone, valued) = (format!("`{}`", kind.name()), format!("`{}=", kind.name()));
        assert!(
            readme.contains(&alone) || readme.contains(&valued),
            "{} is not in the README",
            kind.name()
        );
    }
}
