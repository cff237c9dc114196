//! Templates: what Liquid prints, and every gap with its place.

use super::case;
use inboxqa::compose::template::{Globals, Rendered, render};
use inboxqa::model::Diagnostic;
use serde_json::{Value, json};
use time::macros::datetime;

fn globals() -> Globals {
    Globals {
        token: "t0".into(),
        route: "tx".into(),
        mailbox: "gmail-1".into(),
        now: datetime!(2026-03-01 12:00:00 UTC),
    }
}

fn text(template: &str, data: Value) -> Result<String, Vec<Diagnostic>> {
    render(&case("S", None, Some(template), data), &globals()).map(|rendered| rendered.text.unwrap())
}

fn places(problems: &[Diagnostic]) -> Vec<(String, usize, usize, &str)> {
    let place = |problem: &Diagnostic| problem.place.clone().unwrap();
    problems
        .iter()
        .map(|problem| {
            (
                place(problem).file,
                place(problem).line,
                place(problem).column,
                problem.message.as_str(),
            )
        })
        .collect()
}

#[test]
fn values_filters_and_built_ins() {
    let data = json!({ "a": { "b": "x & y", "none": null }, "list": [{ "n": 1 }, { "n": 2 }], "route": "mine" });
    for (template, shown) in [
        ("{{ a.b }}", "x & y"),
        ("{{ a.b | escape | upcase }}", "X &AMP; Y"),
        ("{{ a.none }}.", "."),
        ("a  {{- a.b -}}  b", "ax & yb"),
        (
            "{% for i in list %}{{ i.n }}{% unless forloop.last %},{% endunless %}{% endfor %}",
            "1,2",
        ),
        ("{% if nope %}{{ nope }}{% else %}fine{% endif %}", "fine"),
        ("{% if list.size == 2 %}two{% endif %}", "two"),
        ("{% assign x = a.b | size %}{{ x }}", "5"),
        ("{% case a.b %}{% when 'z' %}z{% else %}other{% endcase %}", "other"),
        (
            "{% raw %}{{ nope }}{% endraw %}{% comment %}{{ nope }}{% endcomment %}",
            "{{ nope }}",
        ),
        (
            "{{ nope | default: 'y' }}{{ nope.deep | upcase | default: \"|z\" }}",
            "y|z",
        ),
        (
            "{{ token }} {{ route }} {{ inboxqa.route }} {{ mailbox }} {{ now | date: '%Y-%m' }}",
            "t0 mine tx gmail-1 2026-03",
        ),
        ("{{ list[1].n | currency: 'EUR' }}", "€2.00"),
        ("{{ list | map: 'n' | join: '+' }}", "1+2"),
        ("{{ \"}}\" }}{{ '{{' }}", "}}{{"),
        ("{% capture c %}{{ a.b }}!{% endcapture %}{{ c }}", "x & y!"),
        ("a\n{%- if true %}\n  b\n{%- endif %}\nc", "a\n  b\nc"),
    ] {
        assert_eq!(text(template, data.clone()).as_deref(), Ok(shown), "{template}");
    }
}

#[test]
fn addresses_of_the_sending_service_come_from_the_data() {
    let data = json!({ "unsubscribe_url": "https://u.example/?a=1" });
    assert_eq!(
        text("<{%- unsubscribe_url -%}>", data).as_deref(),
        Ok("<https://u.example/?a=1>")
    );
    let problems = text("\n<{% unsubscribe_url %}>", json!({})).unwrap_err();
    assert_eq!(
        places(&problems),
        [("t.txt".into(), 2, 2, "case `order`: `unsubscribe_url` has no value")]
    );
}

#[test]
fn every_gap_is_found_in_one_pass() {
    let html =
        "<p>{{ customer.nme }}</p>\n{% for i in items %}\n  {{ i.price }}{{ i.size | default: 1 }}\n{% endfor %}";
    let data = json!({ "customer": { "name": "Zoë" }, "items": [{}, {}] });
    let problems = render(
        &case(
            "Order {{ order.number }}",
            Some(html),
            Some("é {{ nope | append: 'x' }}"),
            data,
        ),
        &globals(),
    )
    .unwrap_err();
    assert_eq!(
        places(&problems),
        [
            ("s.toml".to_owned(), 4, 21, "case `order`: `order.number` has no value"),
            ("t.html".to_owned(), 1, 7, "case `order`: `customer.nme` has no value"),
            ("t.html".to_owned(), 3, 6, "case `order`: `i.price` has no value"),
            ("t.txt".to_owned(), 1, 6, "case `order`: `nope` has no value"),
        ]
    );
    assert!(
        problems[1].help.as_deref().unwrap().contains("`name`"),
        "{:?}",
        problems[1]
    );
    let span = problems[0].place.clone().unwrap().span;
    assert_eq!(span, 41 + 9..41 + 21);
}

#[test]
fn gaps_in_tags_and_filters_have_their_place() {
    for (template, line, column, message) in [
        ("a\n {% for i in nope.list %}{% endfor %}", 2, 5, "`nope"),
        ("a\n{% if nope == 'x' %}{% endif %}", 2, 4, "`nope` has no value"),
        ("{% assign x = nope %}", 1, 4, "`nope` has no value"),
        ("b {{ 'a' | append: nope }}", 1, 6, "`nope` has no value"),
        ("b {{ 'much' | currency }}", 1, 6, "`'much'` can not be printed"),
        ("{{ 1 | divided_by: 0 }}", 1, 4, "`1` can not be printed"),
    ] {
        let problems = text(template, json!({})).unwrap_err();
        let place = problems[0].place.clone().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{template}: {problems:?}");
        assert!(problems[0].message.contains(message), "{template}: {problems:?}");
    }
}

#[test]
fn what_is_not_liquid_is_told_with_its_place() {
    for (template, line, column, part) in [
        ("ok\n{{ a | }}", 2, 8, ""),
        ("ok\n\n{{ 'a' | upcas }}", 3, 1, "upcas"),
        ("{% if x %}", 1, 4, "never closed"),
        ("x {% nonsense %}", 1, 6, "Unknown tag"),
        ("x {{ a", 1, 6, ""),
    ] {
        let problems = text(template, json!({ "a": 1 })).unwrap_err();
        let place = problems[0].place.clone().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{template}: {problems:?}");
        assert!(problems[0].label.contains(part), "{template}: {problems:?}");
        assert!(!problems[0].label.contains("__"), "{template}: {problems:?}");
    }
}

#[test]
fn line_breaks_from_data_never_reach_the_subject() {
    for hostile in [
        "a\r\nBcc: x@y.example",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u{2028}b",
        "a\u{1b}[2J",
    ] {
        let problems = render(
            &case("Order {{ name }}", None, Some("x"), json!({ "name": hostile })),
            &globals(),
        )
        .unwrap_err();
        assert!(
            problems[0].message.contains("case `order`: the rendered subject"),
            "{problems:?}"
        );
    }
}

#[test]
fn output_has_an_end() {
    let template = format!(
        "{{% for i in (1..9999) %}}{{% for j in (1..9999) %}}{}{{% endfor %}}{{% endfor %}}",
        "a".repeat(9_999)
    );
    assert!(text(&template, json!({})).is_err());
}

proptest::proptest! {
    #[test]
    fn any_template_ends_in_text_or_problems(template in "(\\PC|\\{\\{|\\}\\}|\\{%|%\\}|[ '\"|.-]|raw|if |a|endif|default: ){0,30}") {
        let _ = text(&template, json!({ "a": { "b": 1 } }));
    }

    #[test]
    fn templates_without_liquid_are_printed_as_they_are(template in "[^{}]{0,80}") {
        proptest::prop_assert_eq!(text(&template, json!({})).unwrap(), template);
    }

    #[test]
    fn any_value_is_printed_as_it_is(value in "\\PC{0,40}") {
        proptest::prop_assert_eq!(text("<{{ v }}>", json!({ "v": value })).unwrap(), format!("<{value}>"));
    }
}

#[test]
fn parts_that_are_not_there_stay_away() {
    let rendered = render(&case("S", Some("<p>"), None, json!({})), &globals());
    assert_eq!(
        rendered,
        Ok(Rendered {
            subject: "S".into(),
            html: Some("<p>".into()),
            text: None
        })
    );
}

#[test]
fn arithmetic_that_leaves_the_numbers_is_told_and_never_wrong() {
    for (template, shown) in [
        ("{{ 7 | plus: 2 }} {{ 7 | minus: 9 }} {{ 7 | times: 2 }}", "9 -2 14"),
        ("{{ 7 | divided_by: 2 }} {{ 7 | modulo: 2 }} {{ -7 | abs }}", "3 1 7"),
        (
            "{{ 1.5 | plus: 1 }} {{ '3' | times: 1.5 }} {{ -1.5 | abs }}",
            "2.5 4.5 1.5",
        ),
    ] {
        assert_eq!(text(template, json!({})).as_deref(), Ok(shown), "{template}");
    }
    for (template, why) in [
        ("{{ 9223372036854775807 | plus: 1 }}", "too large"),
        ("{{ -9223372036854775807 | minus: 2 }}", "too large"),
        ("{{ 9223372036854775807 | times: 2 }}", "too large"),
        ("{{ n | divided_by: -1 }}", "too large"),
        ("{{ n | modulo: -1 }}", "too large"),
        ("{{ n | abs }}", "too large"),
        ("{{ 1 | divided_by: 0 }}", "by zero"),
        ("{{ 1.5 | modulo: 0 }}", "by zero"),
        ("{{ 'x' | plus: 1 }}", "Number expected"),
    ] {
        let problems = text(template, json!({ "n": i64::MIN })).unwrap_err();
        assert!(problems[0].label.contains(why), "{template}: {problems:?}");
    }
}

#[test]
fn loops_have_an_end() {
    for (template, column) in [
        ("{% for i in (1..1000000000) %}{% endfor %}", 4),
        ("{% for i in (n..m) %}{{ i }}{% endfor %}", 4),
        (
            "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
            28,
        ),
        (
            "{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
            52,
        ),
        (
            "{% tablerow i in (-9223372036854775808..9223372036854775807) %}{% endtablerow %}",
            4,
        ),
    ] {
        let list: Vec<i32> = (0..50).collect();
        let data = serde_json::json!({ "n": 0, "m": 9_000_000_000_000_000_000_i64, "l": list });
        let problems = text(template, data).unwrap_err();
        let place = problems[0].place.as_ref().unwrap();
        assert_eq!(
            (problems.len(), place.line, place.column),
            (1, 1, column),
            "{problems:?}"
        );
        assert!(problems[0].label.contains("more than 100000 steps"), "{problems:?}");
    }
    let html = "{% for i in (1..3) reversed %}{{ i }}{% endfor %}{% for p in list.all limit:1 %}{{ p }}{% endfor %}\
        {%- for i in (1..100) %}{% for j in (1..99) %}{% endfor %}{% endfor %}";
    assert_eq!(
        text(html, serde_json::json!({ "list": { "all": ["x", "y"] } })).unwrap(),
        "321x"
    );
}

#[test]
fn postmarks_tag_passes_as_it_stands_and_places_behind_it_stay_true() {
    let carried = "<{{{ pm:unsubscribe }}}> <{{{ pm:unsubscribe_url }}}>";
    for template in [
        carried,
        "<{{{pm:unsubscribe}}}> <{{{  pm:unsubscribe_url}}}>",
        "{% raw %}<{{{ pm:unsubscribe }}}> <{{{ pm:unsubscribe_url }}}>{% endraw %}",
    ] {
        assert_eq!(text(template, json!({})).as_deref(), Ok(carried), "{template}");
    }
    let problems = text("{{{ pm:unsubscribe }}} {{ nope }}", json!({})).unwrap_err();
    assert_eq!(
        places(&problems),
        [("t.txt".into(), 1, 27, "case `order`: `nope` has no value")]
    );
    let problems = text("{{{ pm:unsubscribe }}} {{ a | }}", json!({})).unwrap_err();
    let place = problems[0].place.clone().unwrap();
    assert_eq!((place.line, place.column), (1, 31), "{problems:?}");
}

/// The help of the first problem.
fn help(template: &str, data: Value) -> String {
    text(template, data).unwrap_err()[0].help.clone().unwrap_or_default()
}

#[test]
fn what_a_loop_lists_is_told_where_its_variable_lacks_something() {
    let data = json!({
        "customer": { "name": "Zoë" },
        "order": { "lines": [{ "name": "Shirt", "sizes": [{ "cm": 1 }] }], "none": [] },
    });
    let lacking = |template: &str| help(template, data.clone());
    let told = lacking("{% for l in order.lines %}{{ l.title }}{% endfor %}");
    assert!(
        told.contains("has `name`, `sizes` in what `order.lines` lists"),
        "{told}"
    );
    let told = lacking("{% for l in order.lines %}{% for s in l.sizes %}{{ s.inch }}{% endfor %}{% endfor %}");
    assert!(told.contains("has `cm` in what `l.sizes` lists"), "{told}");
    let told = lacking("{% assign l = customer %}{{ l.title }}");
    assert!(!told.contains("the data has"), "{told}");
    let told = lacking("{{ customer.title }}");
    assert!(told.contains("the data has `name` there"), "{told}");
    let told = lacking("{{ custmer.title }}");
    assert!(told.contains("`customer`"), "{told}");
}

#[test]
fn what_is_not_liquid_is_told_with_a_way_out() {
    for (template, line, column, label, words) in [
        ("a {{ b | default: “x” }}", 1, 19, "curly quote", "straight quotes"),
        (
            "a {% if b == ‘x’ %}{% endif %}",
            1,
            14,
            "curly quote",
            "straight quotes",
        ),
        (
            "a\n {% for i in l %}{{ i }}\n b",
            2,
            5,
            "`for` is never closed",
            "{% endfor %}",
        ),
        (
            "{% if b %}{% for i in l %}x{% endif %}",
            1,
            14,
            "`for` is never closed",
            "{% endfor %}",
        ),
        (
            "{% raw %}{% if %}{% endraw %}{% unless b %}x",
            1,
            33,
            "`unless` is never closed",
            "{% endunless %}",
        ),
        ("{{ 'a' | upcas }}", 1, 1, "upcas", "did you mean `upcase`?"),
        ("{{ 'a' | xyzzy }}", 1, 1, "xyzzy", "standard Liquid"),
        ("{% asign x = 1 %}", 1, 4, "Unknown tag", "did you mean `assign`?"),
    ] {
        let problems = text(template, json!({ "b": "x", "l": [1] })).unwrap_err();
        let place = problems[0].place.clone().unwrap();
        assert_eq!((place.line, place.column), (line, column), "{template}: {problems:?}");
        assert!(problems[0].label.contains(label), "{template}: {problems:?}");
        let help = problems[0].help.clone().unwrap_or_default();
        assert!(help.contains(words) && help.len() < 120, "{template}: {help}");
    }
    // Between straight quotes they are characters like any others.
    assert_eq!(
        text("{{ b | append: ' “y”' }}", json!({ "b": "x" })).as_deref(),
        Ok("x “y”")
    );
}
