//! The `-E` language.

use inboxqa::config::filter::{Filter, FilterSubject, SOURCE};
use inboxqa::model::Category;
use inboxqa::report::diagnostic;

fn matches(filter: &str) -> bool {
    let subject = FilterSubject {
        case: "order-confirmation",
        route: "postmark-tx",
        mailbox: "gmail-1",
        provider: "gmail",
        category: Category::Transactional,
        tags: &["launch", "receipt"],
    };
    Filter::parse(filter)
        .unwrap_or_else(|problem| panic!("{filter}: {problem:?}"))
        .matches(&subject)
}

#[test]
fn conditions_and_their_combinations() {
    for yes in [
        "case(order-*)",
        " case( order-confirmation ) ",
        "route(postmark-??)",
        "mailbox(gmail-{1,2})",
        "provider(gmail)&category(transactional)",
        "tag(receipt) & tag(launch)",
        "!case(sale) & (route(x) | provider(gmail))",
        "provider(yahoo) & case(x) | case(order*)",
        "!!case(*)",
        "category(trans*)",
    ] {
        assert!(matches(yes), "{yes}");
    }
    for no in [
        "case(order)",
        "case(Order-*)",
        "!provider(gmail)",
        "tag(x) | !tag(launch)",
        "case(order*) & !(route(x) | provider(gmail))",
    ] {
        assert!(!matches(no), "{no}");
    }
}

#[test]
fn what_can_not_be_read_is_underlined() {
    let shown = |filter: &str| {
        let problem = Filter::parse(filter).unwrap_err();
        diagnostic::render(&[problem], &[(SOURCE.to_owned(), filter.to_owned())].into(), false)
    };
    let all: Vec<String> = [
        "",
        "cas(x)",
        "case",
        "case(x",
        "case()",
        "case(x) route(y)",
        "case(x) &",
        "(case(x)",
        "category(sale)",
        "case([)",
        "case(x))",
        "é & case(x)",
    ]
    .into_iter()
    .map(shown)
    .collect();
    insta::assert_snapshot!(all.concat());
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_filter_or_a_problem(text in "(\\PC|[()!&| ]|case\\(|tag|\\*){0,200}") {
        let _ = Filter::parse(&text);
    }
}

#[test]
fn depth_is_bounded() {
    assert!(Filter::parse(&"(".repeat(100_000)).is_err());
    assert!(Filter::parse(&"!".repeat(100_000)).is_err());
}

#[test]
fn unknown_providers_and_doubled_signs_are_told_with_what_is_meant() {
    let help = |filter: &str| {
        let problem = Filter::parse(filter).unwrap_err();
        format!("{}; {}", problem.message, problem.help.unwrap_or_default())
    };
    assert!(
        help("provider(gmial)").contains("did you mean `gmail`?"),
        "{}",
        help("provider(gmial)")
    );
    for doubled in ["case(a) && provider(gmail)", "case(a)&&provider(gmail)"] {
        assert!(help(doubled).contains("write `&` once"), "{}", help(doubled));
    }
    assert!(help("case(a) || case(b)").contains("write `|` once"));
    assert!(Filter::parse("provider(g*)").is_ok());
}
