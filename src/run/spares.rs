//! The spare attempts of a delivery (`--retries N`), composed with the plan: which deliveries have any. Pure.
//!
//! None has a delivery with an unsubscribe drill, which changes its seed; a case that is sent many times (`load`), which measures each message;
//! what an event or a broadcast triggers, because the campaign decides by the person's past: who may not enter it twice gets no second message,
//! and that would look like a loss.

use super::planned::{self, Place, Planned};
use crate::compose::token;
use crate::model::{Delivery, Diagnostic};

/// Composes them, each with a token of its own.
pub(super) fn with_spares(
    mut first: Planned,
    place: Place<'_>,
    retries: u32,
    random: &mut dyn FnMut() -> [u8; 16],
) -> Result<Planned, Vec<Diagnostic>> {
    if first.drill.is_some() || place.case.load.is_some() || first.policy.triggered {
        return Ok(first);
    }
    // It follows what came to nothing, whenever that is known.
    let place = Place { start_ms: 0, ..place };
    for retry in 1..=retries {
        let delivery = Delivery {
            id: first.delivery.id.clone(),
            attempt: first.delivery.attempt + retry,
            token: token::mint(random()),
            retry: true,
        };
        first.spares.push(planned::planned(&place, delivery, random())?);
    }
    Ok(first)
}
