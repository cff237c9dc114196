//! Links come out in order, as a reader's program would open them, and those that unsubscribe are known as such.

use inboxqa::mail::Reading;
use inboxqa::mail::links::{Link, Part};
use inboxqa::model::LinkKind;
use proptest::prelude::*;

fn html_links(body: &str) -> Vec<Link> {
    links("", &format!("Content-Type: text/html; charset=utf-8\r\n\r\n{body}"))
}

fn links(headers: &str, rest: &str) -> Vec<Link> {
    Reading::new(format!("{headers}{rest}").as_bytes()).links().to_vec()
}

fn urls(links: &[Link]) -> Vec<&str> {
    links.iter().map(|link| link.url.as_str()).collect()
}

#[test]
fn entities_blanks_and_line_breaks_in_hrefs_are_resolved_as_browsers_do() {
    let found = html_links(
        "<a href=' https://shop.brand.example/a?b=c&amp;d=e ' >One</a><A HREF=https://shop.brand.example/x>T<b>w</b>o</A>\
         <a href=\"https://shop.brand.example/long\r\n\t/path\">three</a><a href=//cdn.brand.example/z>four</a>\
         <a>none</a><a href=\"mailto:help@brand.example\">mail</a>",
    );
    assert_eq!(
        urls(&found),
        [
            "https://shop.brand.example/a?b=c&d=e",
            "https://shop.brand.example/x",
            "https://shop.brand.example/long/path",
            "https://cdn.brand.example/z",
            "mailto:help@brand.example"
        ]
    );
    assert_eq!(found[1].text, "Two");
    assert!(found[3].is_web());
    assert!(!found[4].is_web());
}

#[test]
fn a_double_escaped_ampersand_stays_visible() {
    assert_eq!(
        urls(&html_links("<a href='https://x.example/?a=1&amp;amp;b=2'>x</a>")),
        ["https://x.example/?a=1&amp;b=2"]
    );
}

#[test]
fn base_image_maps_and_image_links_are_read() {
    let found = html_links(
        "<head><base href='https://shop.brand.example/mail/'></head><a href='../orders?x=1'><img alt=' Your  order '></a>\
         <map><area href='https://shop.brand.example/left' alt='Left half'></map><a href='#top'>up</a>",
    );
    assert_eq!(
        urls(&found),
        [
            "https://shop.brand.example/orders?x=1",
            "https://shop.brand.example/left",
            "#top"
        ]
    );
    assert_eq!(found[0].text, "Your order");
    assert_eq!(found[1].text, "Left half");
}

#[test]
fn a_link_may_be_marked_not_to_be_followed() {
    let found = html_links("<a href='https://x.example/login/1' data-inboxqa='no-follow'>Sign in</a>");
    assert_eq!(found[0].kind, LinkKind::NoFollow);
}

#[test]
fn urls_of_the_text_part_end_where_the_sentence_goes_on() {
    let found = links(
        "",
        "Content-Type: text/plain\r\n\r\nTrack order: https://shop.brand.example/o/1?a=b&c=d.\r\nSee (https://x.example/wiki/A_(b)), \
         or <https://y.example/z>!\r\n\r\nYour invoice:\r\nhttps://z.example/i\r\nhttps://z.example/j\r\n",
    );
    assert_eq!(
        urls(&found),
        [
            "https://shop.brand.example/o/1?a=b&c=d",
            "https://x.example/wiki/A_(b)",
            "https://y.example/z",
            "https://z.example/i",
            "https://z.example/j"
        ]
    );
    assert_eq!(found[0].text, "Track order");
    assert_eq!(found[3].text, "Your invoice");
    assert_eq!(found[4].text, "");
    assert!(found.iter().all(|link| link.part == Part::Text));
}

#[test]
fn unsubscribe_links_are_known_by_their_text_in_many_languages() {
    for text in [
        "Unsubscribe",
        "click here to opt out",
        "Manage your preferences",
        "Preference Center",
        "Newsletter abbestellen",
        "Se désabonner",
        "Darse de baja",
        "Annulla l’iscrizione",
        "Uitschrijven",
        "Cancelar inscrição",
        "Afmeld nyhedsbrev",
        "Avregistrera dig",
        "Peruuta tilaus",
        "Wypisz się",
        "Odhlásit se",
        "Leiratkozás",
        "Abonelikten çık",
        "Отписаться от рассылки",
        "Απεγγραφή",
        "配信停止はこちら",
        "退订邮件",
        "수신거부",
        "إلغاء الاشتراك",
        "Hủy đăng ký",
    ] {
        let found = html_links(&format!("<a href='https://shop.brand.example/q/77'>{text}</a>"));
        assert_eq!(found[0].kind, LinkKind::Unsubscribe, "{text}");
        assert!(!found[0].because.is_empty());
    }
    for text in ["Tilmeld avis", "Anmelden", "Подписаться", "登録はこちら", "订阅"] {
        let found = html_links(&format!("<a href='https://shop.brand.example/q/77'>{text}</a>"));
        assert_eq!(found[0].kind, LinkKind::Link, "{text}");
    }
}

#[test]
fn unsubscribe_links_are_known_by_their_url_through_every_wrapper() {
    for url in [
        "https://shop.brand.example/unsubscribe?u=1",
        "https://shop.brand.example/x?action=opt-out",
        "https://shop.brand.example/prefs/unsub/1",
        "https://brand.example/newsletter/abmelden",
        "https://manage.kmail-lists.com/subscriptions/x",
        "https://click.pstmrk.it/3s/shop.brand.example%2Funsubscribe%3Fu%3D1/xYb2/k9TcAQ/AQ/0f6e7f4a-5d1c-4b8e-9a57-3c2d1e0b9f88/1/r4",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fe.customeriomail.com%2Funsubscribe%2FdgTt&data=1",
    ] {
        assert_eq!(
            html_links(&format!("<a href='{url}'>here</a>"))[0].kind,
            LinkKind::Unsubscribe,
            "{url}"
        );
    }
}

#[test]
fn unsubscribe_links_are_known_by_the_header() {
    let headers = "List-Unsubscribe: <mailto:u@brand.example>,\r\n <https://shop.brand.example/q/\r\n 77>\r\nContent-Type: text/html\r\n\r\n";
    let plain = links(headers, "<a href='https://shop.brand.example/q/77'>here</a>");
    assert_eq!(plain[0].kind, LinkKind::Unsubscribe);
    let wrapped = links(
        headers,
        "<a href='https://click.pstmrk.it/3s/shop.brand.example%2Fq%2F77/a/b/AQ/c/1/d'>here</a>",
    );
    assert_eq!(wrapped[0].kind, LinkKind::Unsubscribe);
    let other = links(headers, "<a href='https://shop.brand.example/q/78'>here</a>");
    assert_eq!(other[0].kind, LinkKind::Link);
}

#[test]
fn ordinary_links_are_ordinary() {
    for (url, text) in [
        ("https://shop.brand.example/sale?code=SUN", "Shop the sale"),
        ("https://shop.brand.example/unsubtle-colours", "Colours"),
        ("https://shop.brand.example/account/preferences", "Your account"),
    ] {
        assert_eq!(
            html_links(&format!("<a href='{url}'>{text}</a>"))[0].kind,
            LinkKind::Link,
            "{url}"
        );
    }
}

proptest! {
    #[test]
    fn any_html_is_survived(body in "(?s)(<(a|img|base|area|b|p|table|td|/a|/b|svg|style|!--)( href| src| style)?(=\"?| )?[^<]{0,12}>?){0,30}") {
        let raw = format!("Content-Type: text/html\r\n\r\n{body}");
        let reading = Reading::new(raw.as_bytes());
        reading.links();
        reading.pixels();
    }

    #[test]
    fn any_text_is_survived(body in "(?s)((https?://|[ (<\"]|é|x\\.example/)[^ ]{0,8}[.,)]?){0,30}") {
        let raw = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{body}");
        Reading::new(raw.as_bytes()).links();
    }
}
