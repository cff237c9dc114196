//! Loops have an end: the library makes a list of a whole range before it goes through it, and goes through an empty loop for hours. So a
//! tag of ours, written by `rewrite` before every loop, counts the steps that it is about to take.

use super::gaps::Record;
use liquid_core::{
    Error, Expression, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, ValueView,
};
use std::io::Write;

/// Steps that all loops of one part take together, those within others each time.
const MOST: u64 = 100_000;

/// `__steps = from = to` before a loop over a range, `__steps = list` before one over a list.
#[derive(Debug, Clone)]
pub(super) struct StepsTag {
    pub record: Record,
}

#[derive(Debug)]
struct Steps {
    over: Expression,
    to: Option<Expression>,
    record: Record,
}

/// What `rewrite` writes before a loop; `None` where it is not written as loops are.
pub(super) fn counting(inner: &str) -> Option<String> {
    let (_, over) = inner.split_once(" in ")?;
    let over = over.trim_start();
    match over.strip_prefix('(') {
        Some(range) => {
            let (from, to) = range.split_once(')')?.0.split_once("..")?;
            Some(format!("__steps = {} = {}", from.trim(), to.trim()))
        }
        None => {
            let list = over.split_whitespace().next()?;
            let plain = |char: char| char.is_alphanumeric() || "_.-[]".contains(char);
            list.chars().all(plain).then(|| format!("__steps = {list}"))
        }
    }
}

impl Renderable for Steps {
    fn render_to(&self, _: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let Some(over) = self.over.try_evaluate(runtime) else {
            return Ok(());
        };
        let steps = match &self.to {
            None => {
                let list = over.as_array().map(|list| list.size());
                list.or_else(|| over.as_object().map(|object| object.size()))
                    .unwrap_or(0)
            }
            Some(to) => {
                let number = |value: &dyn ValueView| value.as_scalar().and_then(|scalar| scalar.to_integer());
                let to = to.try_evaluate(runtime).and_then(|to| number(to.as_view()));
                let ends = number(over.as_view()).zip(to);
                ends.map_or(0, |(from, to)| to.saturating_sub(from).saturating_add(1))
            }
        };
        let steps = u64::try_from(steps).unwrap_or(0);
        match self.record.steps(steps) > MOST {
            true => Err(Error::with_msg(format!("its loops take more than {MOST} steps"))),
            false => Ok(()),
        }
    }
}

impl ParseTag for StepsTag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _: &Language) -> Result<Box<dyn Renderable>> {
        let mut value = || -> Result<Option<Expression>> {
            let Some(token) = arguments.next() else { return Ok(None) };
            token.expect_str("=").into_result()?;
            arguments.expect_next("a value")?.expect_value().into_result().map(Some)
        };
        let over = value()?.ok_or_else(|| Error::with_msg("nothing to count"))?;
        Ok(Box::new(Steps {
            over,
            to: value()?,
            record: self.record.clone(),
        }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

impl TagReflection for StepsTag {
    fn tag(&self) -> &str {
        "__steps"
    }

    fn description(&self) -> &str {
        "counts the steps of the next loop"
    }
}

#[cfg(test)]
mod tests {
    use super::counting;

    #[test]
    fn what_a_loop_goes_over() {
        for (inner, tag) in [
            ("for i in (1..n) limit:2", Some("__steps = 1 = n")),
            ("for i in ( a.b .. 3 )", Some("__steps = a.b = 3")),
            ("tablerow p in list.items cols: 2", Some("__steps = list.items")),
            ("for p in list['a b']", None),
            ("for", None),
        ] {
            assert_eq!(counting(inner).as_deref(), tag, "{inner}");
        }
    }
}
