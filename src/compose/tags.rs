//! Our own Liquid tags: `__out` prints a value or notes that it is missing, `__at` notes a place. Both are written by `rewrite` alone.
//! [`Named`] lets the tags of sending services pass the first parse.

use super::gaps::{Gap, Record};
use liquid_core::error::ResultLiquidReplaceExt;
use liquid_core::parser::FilterChain;
use liquid_core::{
    Expression, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, ValueView,
};
use std::io::Write;

/// `__out NUMBER = value = value | filters = nil | filters`.
#[derive(Debug, Clone)]
pub(super) struct OutTag {
    pub record: Record,
    /// By number: is a missing value legal?
    pub defaulted: Vec<bool>,
}

/// `__at NUMBER`.
#[derive(Debug, Clone)]
pub(super) struct AtTag {
    pub record: Record,
}

/// A tag without arguments that prints nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named(pub &'static str);

#[derive(Debug)]
struct Out {
    number: usize,
    value: Expression,
    chain: FilterChain,
    otherwise: Option<FilterChain>,
    record: Record,
}

#[derive(Debug)]
struct At(usize, Record);

#[derive(Debug)]
struct Nothing;

impl Renderable for Out {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        self.record.at(self.number);
        let chain = match (self.value.try_evaluate(runtime), &self.otherwise) {
            (Some(_), _) => &self.chain,
            (None, Some(otherwise)) => otherwise,
            (None, None) => {
                self.record.put(self.number, Gap::Missing);
                return Ok(());
            }
        };
        match chain.evaluate(runtime) {
            Ok(value) => write!(writer, "{}", value.render()).replace("the message is too large"),
            Err(error) => {
                self.record.put(self.number, Gap::Failed(error.to_string()));
                Ok(())
            }
        }
    }
}

impl Renderable for At {
    fn render_to(&self, _: &mut dyn Write, _: &dyn Runtime) -> Result<()> {
        self.1.at(self.0);
        Ok(())
    }
}

impl Renderable for Nothing {
    fn render_to(&self, _: &mut dyn Write, _: &dyn Runtime) -> Result<()> {
        Ok(())
    }
}

impl ParseTag for OutTag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let number = number(&mut arguments)?;
        arguments.expect_next("a value")?.expect_str("=").into_result()?;
        let value = arguments.expect_next("a value")?.expect_value().into_result()?;
        arguments.expect_next("filters")?.expect_str("=").into_result()?;
        let chain = arguments
            .expect_next("filters")?
            .expect_filter_chain(options)
            .into_result()?;
        arguments.expect_next("filters")?.expect_str("=").into_result()?;
        let otherwise = arguments
            .expect_next("filters")?
            .expect_filter_chain(options)
            .into_result()?;
        let legal = self.defaulted.get(number).copied().unwrap_or(false);
        Ok(Box::new(Out {
            number,
            value,
            chain,
            otherwise: legal.then_some(otherwise),
            record: self.record.clone(),
        }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

impl ParseTag for AtTag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        Ok(Box::new(At(number(&mut arguments)?, self.record.clone())))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

impl ParseTag for Named {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        arguments.expect_nothing()?;
        Ok(Box::new(Nothing))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

fn number(arguments: &mut TagTokenIter<'_>) -> Result<usize> {
    let literal = arguments.expect_next("a number")?.expect_literal().into_result()?;
    let number = literal.as_scalar().and_then(|scalar| scalar.to_integer());
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| liquid_core::Error::with_msg("not a number"))
}

impl TagReflection for OutTag {
    fn tag(&self) -> &str {
        "__out"
    }

    fn description(&self) -> &str {
        "prints a value or notes that it is missing"
    }
}

impl TagReflection for AtTag {
    fn tag(&self) -> &str {
        "__at"
    }

    fn description(&self) -> &str {
        "notes a place"
    }
}

impl TagReflection for Named {
    fn tag(&self) -> &str {
        self.0
    }

    fn description(&self) -> &str {
        "an address that the sending service fills in"
    }
}
