//! HTML that would keep a parser busy for minutes is refused before it is parsed; real mail is not.

use inboxqa::mail::page::{MAX_HTML, Unreadable, read};

#[test]
fn a_sloppy_real_page_is_read() {
    let row = "<tr><td><p>one<p>two<b><i>misnested</b></i><br><img src=x.png><li>item<li>item</td></tr>";
    let html = format!(
        "<!DOCTYPE html><html><head><style>td > p {{ content: \"<div>\" }}</style></head><body>\
         <!--[if mso]><table><tr><td><![endif]--><table>{}</table><!--[if mso]></td></tr></table><![endif]--></body></html>",
        row.repeat(300)
    );
    assert_eq!(read(&html).unwrap().images.len(), 300);
}

#[test]
fn size_and_nesting_are_bounded() {
    assert_eq!(read(&"x".repeat(MAX_HTML + 1)), Err(Unreadable::TooLarge));
    let hostile = [
        "<div>".repeat(100_000),
        "<b><p>".repeat(50_000),
        "<div></x>".repeat(50_000),
        // End tags that only look as if they closed something.
        "<div><b title=\"</b></div>\">".repeat(20_000),
        "<div><!-- </div> --><div><!--></div></x>-->".repeat(20_000),
        "<svg><g><![CDATA[></g>]]>".repeat(20_000),
        format!(
            "{}<object>{}",
            "<div>".repeat(2_000),
            "</div><div><object>".repeat(20_000)
        ),
        format!("<svg><style><x a=\"</style>{}", "<g>".repeat(100_000)),
        // Formatting elements are opened again in every block.
        format!(
            "<div>{}</div>{}",
            (0..3000).map(|n| format!("<b x={n}>")).collect::<String>(),
            "<div>x</div>".repeat(20_000)
        ),
    ];
    for html in hostile {
        assert!(read(&html) == Err(Unreadable::TooDeep), "{}", &html[..60]);
    }
}

#[test]
fn visible_text_is_apart_where_blocks_are_and_whole_where_only_markup_is() {
    let page = read("<title>T</title><style>x</style><p>one<b>t<i>w</i>o</b> three</p>four<br>five<div>six</div><p>seven</p><span>eight</span> nine").unwrap();
    let words: Vec<&str> = page.visible.split_whitespace().collect();
    assert_eq!(
        words,
        ["onetwo", "three", "four", "five", "six", "seven", "eight", "nine"]
    );
    assert_eq!(
        read("a<!-- x -->b<img src=x>c")
            .unwrap()
            .visible
            .split_whitespace()
            .count(),
        2
    );
}

#[test]
fn texts_leave_out_style_and_script() {
    let page = read("<style>a{b:c}</style><script>x()</script><p>one &amp; two</p>three<img alt='four'>").unwrap();
    assert_eq!(page.texts, ["one & two", "three"]);
    assert_eq!(page.attributes, ["four"]);
}

#[test]
fn what_no_reader_is_shown_is_no_link_and_what_no_script_hides_is() {
    let html = "<a href='/early'>e</a><base href='https://www.brand.example/mail/'><template><a href='/no'>no</a></template>\
        <noscript><a href='/yes'>yes</a></noscript><svg><a xlink:href='/drawn'><text>d</text></a></svg>";
    let page = read(html).unwrap();
    let found: Vec<&str> = page.anchors.iter().map(|anchor| anchor.href.as_str()).collect();
    let expected = ["early", "yes", "drawn"].map(|path| format!("https://www.brand.example/{path}"));
    assert_eq!(found, expected);
    assert!(!page.visible.contains("no"), "{}", page.visible);
}
