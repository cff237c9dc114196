//! `stream`: read off the message, held against the kind of mail.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::Stream;
use inboxqa::model::{Category, Verdict};

fn letter(fields: &str, category: Category) -> Scene {
    let mut scene = delivered(format!("{fields}Content-Type: text/plain\r\n\r\nHello\r\n").as_bytes());
    scene.policy.category = category;
    scene
}

const TRANSACTIONAL: &str = "X-PM-MTA-Pool: transactional-3\r\n";
const BULK: &str = "X-PM-MTA-Pool: application-bulk-1\r\nPrecedence: bulk\r\n";

#[test]
fn each_kind_belongs_to_its_stream() {
    letter(TRANSACTIONAL, Category::Transactional).judged(Stream, Verdict::Pass, "ok");
    letter(BULK, Category::Marketing).judged(Stream, Verdict::Pass, "ok");
    letter(TRANSACTIONAL, Category::Marketing).judged(Stream, Verdict::Fail, "promotion-in-transactional");
    letter(BULK, Category::Transactional).judged(Stream, Verdict::Fail, "receipt-in-bulk");
    for both in [TRANSACTIONAL, BULK] {
        letter(both, Category::Hybrid).judged(Stream, Verdict::Pass, "ok");
    }
}

#[test]
fn the_services_own_signature_is_a_sign() {
    let mut post = super::post::post();
    post.signers
        .push(crate::probe::signing::Signer::new("ab.mtasv.net", "pm1", 2));
    post.scene().judged(Stream, Verdict::Fail, "receipt-in-bulk");
}

#[test]
fn a_message_that_tells_nothing_is_skipped_and_one_that_contradicts_itself_warns() {
    letter("", Category::Marketing).judged(Stream, Verdict::Skip, "no-signs");
    letter(&format!("{TRANSACTIONAL}Precedence: bulk\r\n"), Category::Transactional).judged(
        Stream,
        Verdict::Warn,
        "contradictory",
    );
    letter("Precedence: bulk\r\n", Category::Transactional).judged(Stream, Verdict::Warn, "precedence");
    for nobodys in [
        "Precedence: list\r\nList-Post: <mailto:dev@lists.brand.example>\r\n",
        "Precedence: bulk\r\nAuto-Submitted: auto-replied\r\n",
    ] {
        letter(nobodys, Category::Transactional).judged(Stream, Verdict::Skip, "no-signs");
    }
    letter("Precedence: bulk\r\n", Category::Marketing).judged(Stream, Verdict::Pass, "ok");
    letter("X-PM-MTA-Pool: something-new\r\n", Category::Transactional).judged(Stream, Verdict::Skip, "no-signs");
    delivered(b"").absent().judged(Stream, Verdict::Skip, "not-observed");
}

#[test]
fn a_reminder_of_a_cart_is_no_receipt() {
    let reminder = "Subject: You left something behind\r\n";
    letter(&format!("{TRANSACTIONAL}{reminder}"), Category::Transactional).judged(
        Stream,
        Verdict::Warn,
        "cart-recovery",
    );
    letter(&format!("{BULK}{reminder}"), Category::Marketing).judged(Stream, Verdict::Pass, "ok");
    letter("Subject: Your order 17 is confirmed\r\n", Category::Transactional).judged(
        Stream,
        Verdict::Skip,
        "no-signs",
    );
}

#[test]
fn words() {
    golden(
        Stream,
        &[
            ("fits", &letter(BULK, Category::Marketing)),
            ("promotion", &letter(TRANSACTIONAL, Category::Marketing)),
            ("receipt", &letter(BULK, Category::Transactional)),
            (
                "cart",
                &letter("Subject: Still in your cart\r\n", Category::Transactional),
            ),
        ],
    );
}
