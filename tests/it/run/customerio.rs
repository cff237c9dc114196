//! Sending through Customer.io and through templates that a service holds, against the lab: what each answer of the service becomes, how
//! each message is found again, and what two services in one message look like.

use super::kit::{self, Ran};
use serde_json::Value;

const ROUTES: &str = r#"
[route.cio]
kind      = "customerio"
region    = "eu"
token     = "${env:NEVER_READ}"
site_id   = "${env:NEVER_READ}"
track_key = "${env:NEVER_READ}"

[route.cio.log]
kind  = "customerio"
token = "${env:NEVER_READ}"

[route.cio.contract]
categories  = ["marketing"]
from        = "Brand News <hello@news.brand.example>"
reply_to    = "news-help@brand.example"
dkim        = ["news.brand.example"]
return_path = "bounces.news.brand.example"
clicks      = { host = "e.news.brand.example", parts = ["html"], except = ["unsubscribe"] }
opens       = { host = "e.news.brand.example" }

[route.both]
kind      = "customerio"
token     = "${env:NEVER_READ}"
site_id   = "${env:NEVER_READ}"
track_key = "${env:NEVER_READ}"

[[route.both.log]]
kind  = "customerio"
token = "${env:NEVER_READ}"

[[route.both.log]]
kind  = "postmark"
token = "${env:NEVER_READ}"

[route.both.contract]
categories  = ["marketing"]
from        = "Brand News <hello@news.brand.example>"
reply_to    = "news-help@brand.example"
dkim        = ["news.brand.example"]
return_path = "pm-bounces.news.brand.example"
clicks      = { host = "e.news.brand.example", parts = ["html"], except = ["unsubscribe"] }
opens       = { host = "e.news.brand.example" }

[route.plain]
kind     = "smtp"
preset   = "resend"
password = "${env:NEVER_READ}"

[route.plain.contract]
categories = ["marketing"]
from       = "Brand News <hello@news.brand.example>"

[route.api]
kind        = "postmark"
token       = "${env:NEVER_READ}"
track_opens = true
track_links = "HtmlAndText"

[route.api.log]
kind  = "postmark"
token = "${env:NEVER_READ}"

[route.api.contract]
categories  = ["transactional"]
from        = "Brand Receipts <receipts@brand.example>"
reply_to    = "help@brand.example"
dkim        = ["brand.example"]
return_path = "pm-bounces.brand.example"
clicks      = { host = "click.pstmrk.it", parts = ["html", "text"], except = ["unsubscribe"] }
opens       = { host = "ea.pstmrk.it" }
"#;

const HEAD: &str = "[suite]\nname = \"Held\"\nroutes_file = \"own.toml\"\nmailboxes = [\"gmail-1\"]\nwithin = \"12s\"\ngive_up = \"15s\"\nquiet = \"1s\"\n";

/// A marketing case with the shipped sale as its content.
fn sale(name: &str, routes: &str, more: &str) -> String {
    format!(
        "[[case]]\nname = \"{name}\"\ncategory = \"marketing\"\nsubject = \"Spring sale\"\nhtml = \"templates/spring_sale.html\"\n\
         text = \"templates/spring_sale.txt\"\ndata = \"data/sale.json\"\nroutes = [{routes}]\n\
         expect = {{ placement = {{ gmail = [\"inbox\", \"tab:promotions\"] }} }}\n{more}\n"
    )
}

fn folder(cases: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    std::fs::write(folder.path().join("own.toml"), ROUTES).unwrap();
    std::fs::write(folder.path().join("suite.toml"), format!("{HEAD}{cases}")).unwrap();
    let mailboxes = "[mailbox.gmail-1]\nprovider = \"gmail\"\naddress = \"seed@gmail.example\"\npassword = \"x\"\n\
                     [mailbox.yahoo-1]\nprovider = \"yahoo\"\naddress = \"seed@yahoo.example\"\npassword = \"x\"\n";
    std::fs::write(folder.path().join("mailboxes.toml"), mailboxes).unwrap();
    folder
}

fn run(cases: &str, faults: &[&str]) -> Ran {
    run_with(ROUTES, cases, faults)
}

fn run_with(routes: &str, cases: &str, faults: &[&str]) -> Ran {
    let mut arguments = vec!["run", "suite.toml", "--lab"];
    for fault in faults {
        arguments.extend(["--fault", fault]);
    }
    let folder = folder(cases);
    std::fs::write(folder.path().join("own.toml"), routes).unwrap();
    kit::run_json(folder.path(), &arguments)
}

fn finding<'r>(delivery: &'r Value, check: &str) -> &'r Value {
    let mut findings = delivery["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["check"] == check).unwrap()
}

#[test]
fn messages_events_broadcasts_and_templates_arrive_and_each_is_found_in_its_own_way() {
    let order = "[[case]]\nname = \"order\"\ncategory = \"transactional\"\nsubject = \"Order {{ order.number }} is confirmed\"\n\
                 html = \"templates/order_confirmation.html\"\ntext = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\n\
                 routes = [\"api\"]\ntemplate = { alias = \"order-confirmation\" }\n";
    let cases = [
        sale("body", "\"cio\", \"both\"", ""),
        sale("by-id", "\"cio\"", "transactional_message_id = 12"),
        sale("event", "\"cio\", \"both\"", "event = { name = \"sale_started\" }"),
        sale(
            "by-line",
            "\"cio\"",
            "event = { name = \"line_started\", carries_token = true }",
        ),
        sale("broadcast", "\"cio\"", "broadcast = { id = 7, carries_token = true }"),
        order.to_owned(),
    ];
    let ran = run(&cases.concat(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let expected = [
        ("body/cio", "header"),
        ("body/both", "header"),
        ("by-id/cio", "header"),
        ("event/cio", "address"),
        ("event/both", "address"),
        ("by-line/cio", "header"),
        ("broadcast/cio", "header"),
        ("order/api", "header"),
    ];
    for (id, matched) in expected {
        let delivery = ran.delivery(&format!("suite/{id}/gmail-1"));
        assert_eq!(delivery["matched_by"], matched, "{id}");
        assert_eq!(finding(delivery, "esp-events")["reason"], "esp-events.ok", "{id}");
        assert_eq!(finding(delivery, "content-intact")["verdict"], "pass", "{id}");
    }
}

#[test]
fn what_lost_every_trace_of_its_token_is_found_by_the_id_that_the_service_answered() {
    let order = "[[case]]\nname = \"order\"\ncategory = \"transactional\"\nsubject = \"Order {{ order.number }} is confirmed\"\n\
                 html = \"templates/order_confirmation.html\"\ntext = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\n\
                 routes = [\"api\"]\ntemplate = { alias = \"order-confirmation\" }\n";
    let cases = [
        sale("body", "\"cio\", \"both\"", ""),
        sale("by-id", "\"cio\"", "transactional_message_id = 12"),
        order.to_owned(),
        // The Track API answers with no id: nothing is left by which it could be known.
        sale(
            "by-line",
            "\"cio\"",
            "event = { name = \"line_started\", carries_token = true }",
        ),
    ];
    let ran = run(&cases.concat(), &["strip-token"]);
    for id in ["body/cio", "body/both", "by-id/cio", "order/api"] {
        let delivery = ran.delivery(&format!("suite/{id}/gmail-1"));
        assert_eq!(delivery["matched_by"], "esp-id", "{id}: {delivery}");
        assert_eq!(finding(delivery, "esp-events")["reason"], "esp-events.ok", "{id}");
        assert_eq!(finding(delivery, "content-intact")["verdict"], "pass", "{id}");
    }
    let lost = ran.delivery("suite/by-line/cio/gmail-1");
    assert_eq!(
        (&lost["matched_by"], &lost["placement"]["state"]),
        (&Value::Null, &Value::from("missing"))
    );
}

#[test]
fn behind_customerio_the_postmark_log_tells_its_own_part() {
    let ran = run(&sale("body", "\"both\"", ""), &[]);
    let delivery = ran.delivery("suite/body/both/gmail-1");
    let told: Vec<&str> = delivery["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["check"] == "esp-events")
        .map(|finding| finding["summary"].as_str().unwrap())
        .collect();
    assert!(told[0].starts_with("customerio says the same"), "{told:?}");
    assert!(told[1].starts_with("postmark says the same"), "{told:?}");
    assert_eq!(finding(delivery, "double-tracking")["verdict"], "pass");
}

#[test]
fn a_log_that_can_not_know_a_message_is_not_said_to_miss_it() {
    let event = |name: &str| sale(name, "\"both\"", &format!("event = {{ name = \"{name}\" }}"));
    let ran = run(
        &(event("lost") + &event("held") + &sale("body", "\"both\"", "")),
        &[
            "drop@case=lost",
            "suppressed-seed@case=held",
            "suppressed-seed@case=body",
        ],
    );
    let told = |case: &str| -> Vec<String> {
        let delivery = ran.delivery(&format!("suite/{case}/both/gmail-1"));
        let findings = delivery["findings"].as_array().unwrap().iter();
        let own = findings.filter(|finding| finding["check"] == "esp-events");
        own.map(|finding| finding["reason"].as_str().unwrap().to_owned())
            .collect()
    };
    // A campaign's message brings no metadata along, by which Postmark would find it.
    assert_eq!(
        told("lost"),
        ["esp-events.delivered-nowhere", "esp-events.not-findable"]
    );
    assert_eq!(told("held"), ["esp-events.explains", "esp-events.not-findable"]);
    assert_eq!(told("body"), ["esp-events.explains", "esp-events.not-reached"]);
}

/// Absence alone would prove nothing: the person's preferences do.
#[test]
fn who_opted_out_of_a_topic_is_suppressed_for_its_messages_alone() {
    let expects = |case: String| case.replace("[\"inbox\", \"tab:promotions\"]", "[\"suppressed\"]");
    let out = expects(sale("out", "\"cio\"", "topic = \"topic_1\""));
    let other = sale("other", "\"cio\"", "topic = \"topic_2\"");
    let unnamed = sale("unnamed", "\"cio\"", "");
    let faults = ["topic-opt-out=topic_1@case=out", "drop@case=other"];
    let ran = run(&(out + &other + &unnamed), &faults);
    let told = |case: &str| ran.delivery(&format!("suite/{case}/cio/gmail-1")).clone();
    assert_eq!(told("out")["placement"]["state"], "suppressed");
    assert_eq!(finding(&told("out"), "placement")["verdict"], "pass");
    assert!(
        told("out")["findings"]
            .to_string()
            .contains("opted out of the topic topic_1")
    );
    assert_eq!(
        told("other")["placement"]["state"],
        "missing",
        "another topic's preference explains nothing"
    );
    assert_eq!(finding(&told("unnamed"), "arrival")["verdict"], "pass");
}

#[test]
fn each_answer_of_customerio_is_what_it_is_and_nothing_is_sent_twice() {
    let expected = [
        ("esp-429=2", "inbox|tab", "seen in "),
        ("esp-500-after-accept", "inbox|tab", "seen in "),
        ("suppressed-seed", "suppressed", "has unsubscribed"),
        ("bounce=HardBounce", "rejected", "550 5.1.1"),
        ("esp-queued", "pending", "queue"),
        ("drop", "missing", "delivered"),
        ("reject=550", "rejected", "Message refused by policy"),
    ];
    let slug = |fault: &str| fault.replace('=', "-").to_lowercase();
    let cases: String = expected
        .iter()
        .map(|(fault, ..)| sale(&slug(fault), "\"cio\"", ""))
        .collect();
    let faults: Vec<String> = expected
        .iter()
        .map(|(fault, ..)| format!("{fault}@case={}", slug(fault)))
        .collect();
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let ran = run(&cases, &faults);
    for (fault, states, words) in expected {
        let delivery = ran.delivery(&format!("suite/{}/cio/gmail-1", slug(fault)));
        let state = delivery["placement"]["state"].as_str().unwrap();
        assert!(states.split('|').any(|allowed| allowed == state), "{fault}: {state}");
        let told = delivery["findings"].to_string();
        assert!(told.contains(words), "{fault}: {told}");
        assert!(!told.contains("duplicate.copies"), "{fault}");
    }
}

#[test]
fn a_template_without_a_copy_is_compared_with_postmarks_own_rendering() {
    let case = "[[case]]\nname = \"held\"\ncategory = \"transactional\"\nroutes = [\"api\"]\ntemplate = { id = 4711, model = { a = 1 } }\n\
                [[case.link]]\ntext = \"Track order\"\nto = \"https://shop.brand.example/orders/*\"\n";
    let ran = run(case, &[]);
    let delivery = ran.delivery("suite/held/api/gmail-1");
    assert_eq!(finding(delivery, "link-destination")["verdict"], "pass");
    assert_eq!(finding(delivery, "content-intact")["reason"], "content-intact.ok");
    let notices = ran.json["run"]["notices"].to_string();
    assert!(
        notices.contains("template 4711 of api has no copy in the repository"),
        "{notices}"
    );
    let spoilt = |fault: &str, check: &str| {
        let ran = run(case, &[fault]);
        finding(ran.delivery("suite/held/api/gmail-1"), check)["verdict"].clone()
    };
    let batch = run_with(
        &ROUTES.replace("kind        = \"postmark\"", "kind = \"postmark\"\nbatch = true"),
        case,
        &[],
    );
    let delivery = batch.delivery("suite/held/api/gmail-1");
    assert_eq!(finding(delivery, "content-intact")["reason"], "content-intact.ok");
    assert_eq!(spoilt("wrong-destination", "link-destination"), "fail");
    assert_eq!(spoilt("inserted-footer", "content-intact"), "fail");
}

/// Customer.io tells no rendering before it sends.
#[test]
fn a_template_that_nobody_renders_is_judged_by_the_stated_links_alone() {
    let case = "[[case]]\nname = \"held\"\ncategory = \"marketing\"\nroutes = [\"cio\"]\ntransactional_message_id = 7\n\
                expect = { placement = { gmail = [\"inbox\", \"tab:promotions\"] } }\n\
                [[case.link]]\ntext = \"Track order\"\nto = \"https://shop.brand.example/orders/*\"\n";
    let ran = run(case, &[]);
    let delivery = ran.delivery("suite/held/cio/gmail-1");
    assert_eq!(finding(delivery, "link-destination")["verdict"], "pass");
    assert_eq!(
        finding(delivery, "content-intact")["reason"],
        "content-intact.no-original"
    );
    let without = case.split("[[case.link]]").next().unwrap();
    let ran = run(without, &[]);
    let delivery = ran.delivery("suite/held/cio/gmail-1");
    assert_eq!(finding(delivery, "link-destination")["verdict"], "skip");
}

#[test]
fn what_could_never_be_found_or_asked_for_is_refused_before_anything_is_sent() {
    let event = "event = { name = \"sale_started\" }\nmailboxes = [\"yahoo-1\"]";
    let refused = [
        (sale("a", "\"cio\"", event), "could not be found in mailbox `yahoo-1`"),
        (
            sale(
                "a",
                "\"cio\"",
                "event = { name = \"x\", carries_token = true, data = { recipient = \"customer@elsewhere.example\" } }",
            ),
            "`recipient` in the data of an event says who gets its message",
        ),
        (
            sale(
                "a",
                "\"cio\"",
                "event = { name = \"x\", data = { from_address = \"sales@elsewhere.example\" } }",
            ),
            "route `cio` agrees on another sender than `from_address` of the event's data",
        ),
        (
            sale("a", "\"cio\"", "broadcast = { id = 7 }"),
            "a broadcast could not be found",
        ),
        (
            sale("a", "\"cio\"", "[case.on.cio]\ntemplate = { alias = \"x\" }"),
            "route `cio` can not be asked for this template",
        ),
        (
            sale("a", "\"cio\"", "[case.on.coi]\nevent = { name = \"x\" }"),
            "the case does not use route `coi`",
        ),
        (
            sale("a", "\"cio\"", "[case.on.cio]\nexpect = { refused = true }"),
            "unknown key `refused`",
        ),
        (
            sale(
                "a",
                "\"plain\"",
                "[case.on.plain]\nexpect = { placement = { gmail = [\"suppressed\"] } }",
            ),
            "`suppressed` can not be told on route `plain`",
        ),
        (
            sale("a", "\"cio\"", "event = { name = \"x\" }\ntransactional_message_id = 3"),
            "a case asks for one template",
        ),
    ];
    for (case, words) in refused {
        let folder = folder(&case);
        let output = kit::inboxqa(folder.path())
            .args(["run", "suite.toml", "--lab"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words) && told.contains("suite.toml:"), "{told}");
    }
}

#[test]
fn an_event_that_is_answered_late_or_twice_is_told() {
    let cases = [
        sale("late", "\"cio\"", "event = { name = \"late_started\" }"),
        sale("twice", "\"cio\"", "event = { name = \"twice_started\" }"),
    ];
    let gated = format!("gate = {{ event = \"2s\" }}\n{}", cases.concat());
    let ran = run(&gated, &["late-event=4@case=late", "duplicate-event@case=twice"]);
    let run_findings = ran.json["run_findings"].as_array().unwrap();
    let latency = run_findings
        .iter()
        .find(|finding| finding["check"] == "event-latency")
        .unwrap();
    assert_eq!(latency["reason"], "event-latency.late", "{latency}");
    let observed = latency["observed"].as_str().unwrap();
    assert!(
        observed.contains("late/cio") && observed.contains("the campaign took"),
        "{observed}"
    );
    assert!(!observed.contains("twice/cio"), "{observed}");
    let reds = ran.reds();
    assert_eq!(reds["suite/twice/cio/gmail-1"], ["duplicate"], "{}", ran.stdout);
    assert!(reds["suite/late/cio/gmail-1"].is_empty(), "{}", ran.stdout);
}

#[test]
fn a_case_that_is_there_to_be_refused_proves_the_guard_and_is_never_sent() {
    let case = sale("guard", "\"api\"", "").replace("placement = {", "refused = true, placement = {");
    let ran = run(&(sale("sent", "\"cio\"", "") + &case), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(ran.deliveries().len(), 1);
    let notice = "case guard is refused, as it expects: route `api` does not carry marketing mail";
    assert!(ran.stdout.contains(notice), "{}", ran.stdout);
    let allowed = case.replace("\"api\"", "\"cio\"");
    let output = kit::inboxqa(folder(&allowed).path())
        .args(["run", "suite.toml", "--lab"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("expects to be refused, and policy allows it"), "{told}");
}

#[test]
fn doctor_asks_the_workspace_and_names_the_campaign_of_each_event() {
    let folder = folder(&sale(
        "event",
        "\"cio\"",
        "topic = \"topic_1\"\nevent = { name = \"sale_started\" }",
    ));
    let output = kit::inboxqa(folder.path())
        .args(["doctor", "suite.toml", "--lab"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    for words in [
        "the App API key is right",
        "the Track API's login is right",
        "event \"sale_started\" triggers campaign",
        "all 1 seeds are known and subscribed",
    ] {
        assert!(told.contains(words), "{told}");
    }
}
