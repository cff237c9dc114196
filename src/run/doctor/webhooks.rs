//! What the Postmark behind Customer.io tells it of its messages. Without these webhooks Customer.io never learns that a message was
//! delivered or bounced; with those for opens and clicks it counts them twice (docs.customer.io, Postmark as custom SMTP).

use super::line::{Lines, line};
use crate::model::Level;
use crate::route::PostmarkServer;

const AREA: &str = "postmark";
/// Customer.io's door for them: `track.customer.io`, `track-eu.customer.io`.
const DOORS: [&str; 2] = ["//track.customer.io/postmark/", "//track-eu.customer.io/postmark/"];
const WANTED: [&str; 4] = ["Delivery", "Bounce", "SpamComplaint", "SubscriptionChange"];
const UNWANTED: [&str; 2] = ["Open", "Click"];
const WHERE: &str = "(Postmark: the server › the stream › Webhooks)";

pub(super) fn told(server: &PostmarkServer) -> Lines {
    let own: Vec<&Vec<String>> = server
        .webhooks
        .iter()
        .filter(|webhook| DOORS.iter().any(|door| webhook.url.contains(door)))
        .map(|webhook| &webhook.events)
        .collect();
    if own.is_empty() {
        let text = "no webhook tells Customer.io what became of its messages";
        let fix = format!(
            "Add https://track.customer.io/postmark/events (track-eu in the EU) for {} {WHERE}.",
            WANTED.join(", ")
        );
        return vec![line(Level::Warn, AREA, text).fix(fix)];
    }
    let has = |event: &&&str| own.iter().any(|events| events.iter().any(|known| known == *event));
    let lacking: Vec<&str> = WANTED.iter().filter(|event| !has(event)).copied().collect();
    let twice: Vec<&str> = UNWANTED.iter().filter(|event| has(event)).copied().collect();
    let mut lines = Lines::new();
    if !lacking.is_empty() {
        let text = format!("the webhook to Customer.io leaves out {}", lacking.join(", "));
        lines.push(line(Level::Warn, AREA, text).fix(format!("Switch them on {WHERE}.")));
    }
    if !twice.is_empty() {
        let text = format!(
            "the webhook to Customer.io sends {} as well, which are then counted twice",
            twice.join(", ")
        );
        lines.push(line(Level::Warn, AREA, text).fix(format!(
            "Switch them off {WHERE}: Customer.io counts by its own links and pixel."
        )));
    }
    if lines.is_empty() {
        lines.push(line(
            Level::Ok,
            AREA,
            "a webhook tells Customer.io of deliveries, bounces and complaints, and counts nothing twice",
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::PostmarkWebhook;

    fn said(webhooks: &[(&str, &[&str])]) -> Vec<String> {
        let webhook = |(url, events): &(&str, &[&str])| PostmarkWebhook {
            url: (*url).to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
        };
        let server = PostmarkServer {
            webhooks: webhooks.iter().map(webhook).collect(),
            ..PostmarkServer::default()
        };
        told(&server).into_iter().map(|line| line.of("news").text).collect()
    }

    #[test]
    fn customer_io_must_be_told_of_what_happens_and_not_of_opens_and_clicks() {
        let door = "https://track-eu.customer.io/postmark/events";
        assert!(said(&[])[0].contains("no webhook"));
        assert!(said(&[("https://shop.brand.example/hook", &WANTED)])[0].contains("no webhook"));
        assert!(said(&[(door, &WANTED)])[0].contains("counts nothing twice"));
        assert!(said(&[(door, &["Delivery", "Bounce", "SpamComplaint"])])[0].contains("leaves out SubscriptionChange"));
        let twice = said(&[(
            door,
            &["Delivery", "Bounce", "SpamComplaint", "SubscriptionChange", "Open"],
        )]);
        assert!(twice[0].contains("sends Open as well"), "{twice:?}");
    }
}
