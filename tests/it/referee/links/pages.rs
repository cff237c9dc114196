//! Generated mail HTML: nesting that is closed, left open or crossed, odd quoting and entities, comments and Outlook's conditional ones, image
//! maps, SVG, raw text. A seed gives the same page always.

/// xorshift64*: enough to mix pieces.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.roll(choices.len())]
    }
}

/// A page.
pub fn page(seed: u64) -> String {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..5 {
        dice.roll(2);
    }
    let mut html = dice
        .of(&[
            "<!DOCTYPE html><html><head><title>x <a href=no></title></head><body>",
            "<html><body bgcolor=white>",
            "",
            "<!doctype html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\">\n<HTML><BODY>",
            "<html><head><base href=\"https://www.brand.example/mail/\"></head><body>",
            "<head><base target=_blank><base href='//cdn.brand.example/a?b'><base href='https://late.example/'></head>",
            "<base href=relative/>",
            "<html><head><noscript><style>a{}</style></noscript></head><body>",
        ])
        .to_owned();
    for _ in 0..4 + dice.roll(12) {
        let piece = piece(&mut dice, 3);
        html.push_str(&piece);
    }
    html
}

fn piece(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return link(dice);
    }
    match dice.roll(14) {
        0..=4 => link(dice),
        5 | 6 => {
            let (open, close) = AROUND[dice.roll(AROUND.len())];
            let close = if dice.roll(5) == 0 { "" } else { close };
            format!("{open}{}{}{close}", piece(dice, depth - 1), piece(dice, depth - 1))
        }
        // Crossed.
        7 => {
            let one = dice.of(&["b", "i", "font", "a", "span", "em", "nobr"]);
            let other = dice.of(&["p", "div", "td", "b", "table", "li", "h2"]);
            format!(
                "<{one}>{}<{other}>{}</{one}>{}</{other}>",
                piece(dice, depth - 1),
                piece(dice, depth - 1),
                link(dice)
            )
        }
        8 | 9 => dice.of(TEXTS).to_owned(),
        10 | 11 => dice.of(ODDITIES).to_owned(),
        _ => format!("{}{}", piece(dice, depth - 1), dice.of(TEXTS)),
    }
}

const AROUND: &[(&str, &str)] = &[
    ("<div>", "</div>"),
    ("<table><tr><td>", "</td></tr></table>"),
    ("<TABLE>", "</TABLE>"),
    ("<table><tbody><tr>", "</tr></tbody></table>"),
    ("<p>", "</p>"),
    ("<ul><li>", "</ul>"),
    ("<!--[if !mso]><!-->", "<!--<![endif]-->"),
    ("<!--[if mso]>", "<![endif]-->"),
    ("<![if !mso]>", "<![endif]>"),
    ("<center><font color='red'>", "</font></center>"),
    ("<noscript>", "</noscript>"),
    ("<svg width=10>", "</svg>"),
    ("<svg><foreignObject>", "</foreignObject></svg>"),
    ("<map name=m>", "</map>"),
    ("<form action='/x'>", "</form>"),
    ("<button>", "</button>"),
    ("<textarea>", "</textarea>"),
    ("<style>", "</style>"),
    ("<h1>", "</h3>"),
    ("<dl><dt>", "<dd></dl>"),
    ("<blockquote><pre>\n", "</pre></blockquote>"),
    ("<o:p>", "</o:p>"),
    ("<v:roundrect href=\"https://vml.example/\">", "</v:roundrect>"),
];

const TEXTS: &[&str] = &[
    "Spring sale",
    " ",
    "\n\t",
    "&nbsp;&zwnj;&shy;",
    "&lt;a href=no&gt;",
    "AT&T &amp; &copy 2026 &notit; &#8364; &#x80; &bogus;",
    "a < b > c",
    "<br>",
    "<br/>line",
    "Grüße \u{200b} \u{1f600}",
    "</p>",
    "</div></span>",
    "</a>",
    "]]>",
];

const ODDITIES: &[&str] = &[
    "<!-- a comment <a href=no>no</a> -->",
    "<!-->-->",
    "<!--x--!>",
    "<!-- -- -->",
    "<?xml version=\"1.0\"?>",
    "<![CDATA[<a href=no>]]>",
    "<script>var a='<a href=no>';</script>",
    "<style>a[href='<a href=no>']{}</style>",
    "<img src=x alt='<a href=no>'>",
    "<a>no address</a>",
    "<a name=top></a>",
    "<a title='>' href=https://q.example/>q</a>",
    "<map><area shape=rect href='https://area.example/?a=1&amp;b=2' alt=' An  area '><AREA HREF=/x></map>",
    "<svg><a href='https://svg.example/'><text>svg</text></a></svg>",
    "<svg><a xlink:href=\"https://xlink.example/\">x</a></svg>",
    "<svg><title><a href=https://title.example/>t</a></title></svg>",
    "<link href=https://link.example/>",
    "<base href=https://second.example/>",
    "<input type=image href=no>",
    "<iframe src=x><a href=no>no</a></iframe>",
    "<xmp><a href=no>no</a></xmp>",
    "<a\u{c}href=https://ff.example/\u{c}>ff</a>",
    "<a/href=https://slash.example/>s</a>",
    "<a =x href=https://equals.example/>e</a>",
    "<a href>empty</a>",
    "<a href=''>empty</a>",
    "<a\nhref\n=\n'https://lines.example/'\n>l</a\n>",
    "<a href=\"https://one.example/\" href=\"https://two.example/\">twice</a>",
    "<a href=https://a.example/><img src=i alt='A  picture'><img alt=two></a>",
    "<a href=https://a.example/>a<p>b<table><tr><td>c<td>d</table>e</a>",
];

const URLS: &[&str] = &[
    "https://shop.brand.example/p?a=1&amp;b=2",
    "https://shop.brand.example/p?a=1&b=2&copy=3&lt=4&amp=5&para;m=6&#38;x=7",
    "HTTPS://Shop.Brand.Example/UP",
    "https://shop.brand.example/ü?q=%20+&#252;",
    "//cdn.brand.example/x",
    "/sale?x=1#frag",
    "sale/../x",
    "?q",
    "#top",
    "mailto:help@brand.example?subject=a%20b",
    "{{ url }}",
    "{%unsubscribe_url%}",
    "javascript:void(0)",
    "http:/one-slash.example/",
    "https://[::1]:8080/",
    "https://user:pass@host.example/",
];

const BLANKS: &[&str] = &[" ", "\n", "\t", "\r\n", "&#10;", "&#x9;", "&Tab;&NewLine;", "\u{c}"];

fn link(dice: &mut Dice) -> String {
    let name = dice.of(&["a", "A", "a", "a"]);
    let mut url = dice.of(URLS).to_owned();
    let quote = dice.of(&["\"", "'", "\"", ""]);
    if !quote.is_empty() && dice.roll(4) == 0 {
        let blank = dice.of(BLANKS);
        url = match dice.roll(3) {
            0 => format!("{blank}{url}{blank}"),
            1 => url.replacen('/', &format!("/{blank}"), 1),
            _ => format!("{}{blank}{}", &url[..1], &url[1..]),
        };
    }
    if quote.is_empty() {
        url.retain(|char| !char.is_whitespace());
    }
    let attribute = dice.of(&[
        "href=",
        "HREF=",
        " href = ",
        "style='a:b>c' href=",
        "target=_blank\nhref=",
        "class=\"x\"href=",
    ]);
    let text = match dice.roll(6) {
        0 => dice.of(ODDITIES),
        1 => "<b>Bold</b> <span>and</span><br>more",
        2 => "<img src=\"https://cdn.brand.example/i.png\" alt=\"Our &quot;logo&quot;\">",
        _ => dice.of(TEXTS),
    };
    let close = dice.of(&["</a>", "</A >", "</a>", "</a>", ""]);
    format!("<{name} {attribute}{quote}{url}{quote}>{text}{close}")
}
