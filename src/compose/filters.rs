//! Filters that Customer.io has beyond standard Liquid: `currency`, `rounded_currency`, `titlecase`, `pluralize`, `cgi_escape`, `to_json`,
//! `base64_encode`, `base64_decode`. (`base64` is its older name of the first.)

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use liquid::ParserBuilder;
use liquid_core::{
    Display_filter, Error, Expression, Filter, FilterParameters, FilterReflection, FromFilterParameters, ParseFilter,
    Result, Runtime, Value, ValueView,
};

/// Adds all of them to a parser.
pub fn register(parser: ParserBuilder) -> ParserBuilder {
    parser
        .filter(Currency)
        .filter(RoundedCurrency)
        .filter(Titlecase)
        .filter(Pluralize)
        .filter(CgiEscape)
        .filter(ToJson)
        .filter(Base64Encode)
        .filter(Base64)
        .filter(Base64Decode)
}

#[derive(Debug, FilterParameters)]
struct MoneyArgs {
    #[parameter(description = "ISO 4217 code such as EUR; default USD", arg_type = "str")]
    code: Option<Expression>,
    #[parameter(
        description = "accepted and not used: the form is always that of en-US",
        arg_type = "str"
    )]
    locale: Option<Expression>,
}

#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(
    name = "currency",
    description = "1234.5 as $1,234.50",
    parameters(MoneyArgs),
    parsed(CurrencyFilter)
)]
struct Currency;

#[derive(Debug, FromFilterParameters, Display_filter)]
#[name = "currency"]
struct CurrencyFilter {
    #[parameters]
    args: MoneyArgs,
}

impl Filter for CurrencyFilter {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let args = self.args.evaluate(runtime)?;
        money(input, args.code.as_ref().map(|code| code.as_str()), 2)
    }
}

#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(
    name = "rounded_currency",
    description = "1234.5 as $1,235",
    parameters(MoneyArgs),
    parsed(RoundedCurrencyFilter)
)]
struct RoundedCurrency;

#[derive(Debug, FromFilterParameters, Display_filter)]
#[name = "rounded_currency"]
struct RoundedCurrencyFilter {
    #[parameters]
    args: MoneyArgs,
}

impl Filter for RoundedCurrencyFilter {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let args = self.args.evaluate(runtime)?;
        money(input, args.code.as_ref().map(|code| code.as_str()), 0)
    }
}

fn money(input: &dyn ValueView, code: Option<&str>, decimals: usize) -> Result<Value> {
    let amount = input
        .as_scalar()
        .and_then(|scalar| scalar.to_float())
        .filter(|amount| amount.is_finite());
    let amount = amount.ok_or_else(|| Error::with_msg("a number is expected"))?;
    // A half is rounded away from zero, as people do it; the nudge undoes what binary fractions take away (1.005).
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    let rounded = (amount.abs() * scale * (1.0 + f64::EPSILON)).round() / scale;
    let digits = format!("{rounded:.decimals$}");
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    let sign = if amount < 0.0 && rounded > 0.0 { "-" } else { "" };
    Ok(Value::scalar(format!("{sign}{}{text}", symbol(code.unwrap_or("USD")))))
}

fn symbol(code: &str) -> String {
    match code.to_ascii_uppercase().as_str() {
        "USD" => "$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        "JPY" => "¥".to_owned(),
        "INR" => "₹".to_owned(),
        code if code.len() == 3 && code.is_ascii() => format!("{code} "),
        // A symbol, as it is written.
        _ => code.to_owned(),
    }
}

#[derive(Debug, FilterParameters)]
struct PluralizeArgs {
    #[parameter(description = "for one")]
    singular: Expression,
    #[parameter(description = "for any other number")]
    plural: Expression,
}

#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(
    name = "pluralize",
    description = "the word for one or for many",
    parameters(PluralizeArgs),
    parsed(PluralizeFilter)
)]
struct Pluralize;

#[derive(Debug, FromFilterParameters, Display_filter)]
#[name = "pluralize"]
struct PluralizeFilter {
    #[parameters]
    args: PluralizeArgs,
}

impl Filter for PluralizeFilter {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let args = self.args.evaluate(runtime)?;
        let one = input.as_scalar().and_then(|scalar| scalar.to_float()) == Some(1.0);
        Ok(if one {
            args.singular.to_value()
        } else {
            args.plural.to_value()
        })
    }
}

/// A filter from text to text.
macro_rules! text_filter {
    ($name:literal, $filter:ident, $parsed:ident, $description:literal, $rule:expr) => {
        #[derive(Clone, ParseFilter, FilterReflection)]
        #[filter(name = $name, description = $description, parsed($parsed))]
        struct $filter;

        #[derive(Debug, Default, Display_filter)]
        #[name = $name]
        struct $parsed;

        impl Filter for $parsed {
            fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
                let rule: fn(&dyn ValueView) -> Result<String> = $rule;
                rule(input).map(Value::scalar)
            }
        }
    };
}

text_filter!(
    "titlecase",
    Titlecase,
    TitlecaseFilter,
    "Every Word With A Capital",
    |input| {
        let text = input.to_kstr();
        let mut start = true;
        let cased = text.chars().flat_map(|c| {
            let upper = start && c.is_alphabetic();
            start = c.is_whitespace() || (start && !c.is_alphanumeric());
            if upper {
                c.to_uppercase().collect::<Vec<_>>()
            } else {
                c.to_lowercase().collect()
            }
        });
        Ok(cased.collect())
    }
);

text_filter!(
    "cgi_escape",
    CgiEscape,
    CgiEscapeFilter,
    "escaped for a query string, blanks as +",
    |input| { Ok(url::form_urlencoded::byte_serialize(input.to_kstr().as_bytes()).collect()) }
);

text_filter!("to_json", ToJson, ToJsonFilter, "as JSON", |input| {
    serde_json::to_string(&input.to_value()).map_err(|error| Error::with_msg(error.to_string()))
});

text_filter!(
    "base64_encode",
    Base64Encode,
    Base64EncodeFilter,
    "in Base64",
    |input| Ok(STANDARD.encode(input.to_kstr().as_bytes()))
);

text_filter!("base64", Base64, Base64Filter, "in Base64", |input| Ok(
    STANDARD.encode(input.to_kstr().as_bytes())
));

text_filter!(
    "base64_decode",
    Base64Decode,
    Base64DecodeFilter,
    "out of Base64",
    |input| {
        let bytes = STANDARD
            .decode(input.to_kstr().trim())
            .map_err(|_| Error::with_msg("is not Base64"))?;
        String::from_utf8(bytes).map_err(|_| Error::with_msg("is not text in Base64"))
    }
);

#[cfg(test)]
mod tests {
    use super::*;
    use liquid_core::call_filter;

    #[test]
    fn money_is_written_as_in_the_united_states() {
        for (amount, code, shown) in [
            (1234.5, "USD", "$1,234.50"),
            (1_234_567.0, "EUR", "€1,234,567.00"),
            (0.005, "GBP", "£0.01"),
            (1.005, "USD", "$1.01"),
            (-3.0, "CHF", "-CHF 3.00"),
            (999.999, "USD", "$1,000.00"),
            (-0.001, "USD", "$0.00"),
        ] {
            assert_eq!(call_filter!(Currency, amount, code).unwrap(), Value::scalar(shown));
        }
        assert_eq!(call_filter!(RoundedCurrency, 10.99).unwrap(), Value::scalar("$11"));
        assert!(call_filter!(Currency, "much").is_err());
    }

    #[test]
    fn texts() {
        assert_eq!(
            call_filter!(Titlecase, "the oLD (man)").unwrap(),
            Value::scalar("The Old (Man)")
        );
        assert_eq!(
            call_filter!(Pluralize, 1, "item", "items").unwrap(),
            Value::scalar("item")
        );
        assert_eq!(call_filter!(CgiEscape, "a b&ü").unwrap(), Value::scalar("a+b%26%C3%BC"));
        assert_eq!(call_filter!(Base64Decode, "aMO8").unwrap(), Value::scalar("hü"));
    }
}
