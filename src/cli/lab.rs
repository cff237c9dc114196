//! `inboxqa lab`: the lab standing alone, until a signal ends it.

use super::args::LabArgs;
use super::exit::Exit;
use super::world::{Faults, World};
use super::{files, terminal};
use crate::run::plan::{self, Request};
use ring::rand::{SecureRandom, SystemRandom};
use time::OffsetDateTime;

pub(super) async fn lab(args: LabArgs) -> Exit {
    match open(&args) {
        Err(exit) => exit,
        Ok(world) => {
            terminal::out(&world.describe());
            terminal::note("\nthe lab is up; Ctrl-C ends it");
            let _ = tokio::signal::ctrl_c().await;
            Exit::Pass
        }
    }
}

fn open(args: &LabArgs) -> Result<World, Exit> {
    let faults = Faults::parse(&args.faults).map_err(|error| {
        terminal::error(&format!("--fault: {error}"));
        Exit::Usage
    })?;
    let seeds = files::mailboxes(args.mailboxes.as_ref(), &args.suites, files::Reach::Nobody);
    let loaded = files::load(&args.suites, &seeds.told())?;
    let random = SystemRandom::new();
    let mut draw = || {
        let mut bytes = [0u8; 16];
        // These tokens are only rendered into messages that nobody sends.
        let _ = random.fill(&mut bytes);
        bytes
    };
    let request = Request {
        filter: None,
        repeat: 1,
        retries: 0,
        partition: None,
        now: OffsetDateTime::now_utc(),
        random: &mut draw,
    };
    let plan = plan::plan(&loaded, request).map_err(|problems| files::show(&problems, &loaded.sources))?;
    World::lab(&plan, faults).map_err(|problems| files::show(&problems, &loaded.sources))
}
