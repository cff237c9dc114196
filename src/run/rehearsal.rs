//! A delivery with the messages of its unsubscribe drill. Their ids can not be those of a case: a case's name has no colon.

use super::planned::{self, Place, Planned, Rehearsal};
use crate::compose::token;
use crate::config::Loaded;
use crate::model::{Delivery, DeliveryId, Diagnostic};

/// Composes all of them, each with a token of its own.
pub(super) fn planned(
    loaded: &Loaded,
    place: Place<'_>,
    id: &DeliveryId,
    attempt: u32,
    random: &mut dyn FnMut() -> [u8; 16],
) -> Result<Planned, Vec<Diagnostic>> {
    let mut one = |place: Place<'_>, id: DeliveryId| {
        let delivery = Delivery {
            id,
            attempt,
            token: token::mint(random()),
            retry: false,
        };
        planned::planned(&place, delivery, random())
    };
    let case = place.case;
    let mut first = one(place, id.clone())?;
    let Some(terms) = &case.drill else { return Ok(first) };
    let named = |part: &str| DeliveryId {
        case: format!("{}:{part}", case.name),
        ..id.clone()
    };
    // They follow the first at once, whenever that is sent.
    let place = Place { start_ms: 0, ..place };
    let mut again = one(place, named("again"))?;
    again.policy.give_up_ms = terms.within_ms;
    again.policy.within_ms = terms.within_ms;
    // Names were checked when the files were loaded.
    let receipt = place.suite.cases.iter().find(|known| known.name == terms.receipt);
    if let (Some(receipt), Some(route)) = (receipt, loaded.routes.get(&terms.receipt_route)) {
        let named = named(&format!("receipt:{}", place.route.name));
        let id = DeliveryId {
            route: route.name.clone(),
            ..named
        };
        let receipt = one(
            Place {
                case: receipt,
                route,
                ..place
            },
            id,
        )?;
        let terms = terms.clone();
        first.drill = Some(Box::new(Rehearsal { terms, again, receipt }));
    }
    Ok(first)
}
