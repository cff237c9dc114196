//! What a workspace of Customer.io's is set to: asked before a run, changed never.

use super::answers::{Campaigns, Known};
use super::client::Client;
use crate::model::{Region, Secret, Why};
use crate::net::Net;
use crate::route::credentials::Credentials;

/// A workspace, as far as a run depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    /// Campaigns that events trigger: event, name, is it running?
    pub campaigns: Vec<(String, String, bool)>,
    /// Seeds that have unsubscribed from everything.
    pub unsubscribed: Vec<String>,
    /// Seeds that have opted out of a topic of theirs: address and topic.
    pub opted_out: Vec<(String, String)>,
    /// Seeds that the workspace does not know.
    pub unknown: Vec<String>,
}

/// Asks for all of it; `topics` are those of messages that a seed is to get. Codes as in [`super::super::Log::story`].
pub async fn examine(
    net: &Net,
    region: Region,
    token: &Secret,
    seeds: &[&str],
    topics: &[(String, String)],
) -> Result<Workspace, Why> {
    let client = Client::new(net, region, token);
    let listed: Option<Campaigns> = client.get(&["v1", "campaigns"], &[]).await?;
    let triggered = listed.unwrap_or_default().campaigns.into_iter().filter_map(|campaign| {
        let running = campaign.state == "running";
        Some((campaign.event_name?, campaign.name, running))
    });
    let mut workspace = Workspace {
        campaigns: triggered.collect(),
        ..Workspace::default()
    };
    for seed in seeds {
        let path = ["v1", "customers", seed, "attributes"];
        let known: Option<Known> = client.get(&path, &[("id_type", "email")]).await?;
        match known {
            None => workspace.unknown.push((*seed).to_owned()),
            Some(known) if known.customer.is_unsubscribed() => workspace.unsubscribed.push((*seed).to_owned()),
            Some(known) => {
                let own = topics.iter().filter(|(person, _)| person == seed);
                let out = own.filter(|(_, topic)| known.customer.opted_out(topic));
                workspace.opted_out.extend(out.cloned());
            }
        }
    }
    Ok(workspace)
}

/// Is this the login of the Track API? Code `log-key` where it is not; else as in [`super::super::Log::story`].
pub async fn examine_track(net: &Net, region: Region, login: &Credentials) -> Result<(), Why> {
    Client::greets(net, region, login).await
}
