//! The arithmetic filters of Liquid, in the place of the library's: a result that is no number of 64 bits is an error that is told. The
//! library's own panic there, or go on with another number, which in a message may be a price.

use liquid::ParserBuilder;
use liquid_core::parser::{FilterArguments, FilterParametersReflection, ParameterReflection};
use liquid_core::{
    Display_filter, Error, Expression, Filter, FilterParameters, FilterReflection, ParseFilter, Result, Runtime, Value,
    ValueView,
};
use std::fmt;

/// Adds all of them to a parser, over those of the same names.
pub fn register(parser: ParserBuilder) -> ParserBuilder {
    OPERATIONS
        .iter()
        .fold(parser.filter(Abs), |parser, operation| parser.filter(*operation))
}

/// What a filter does with two numbers: whole ones where both are, else of floating point.
#[derive(Debug, Clone, Copy)]
struct Operation {
    name: &'static str,
    description: &'static str,
    whole: fn(i64, i64) -> Option<i64>,
    float: fn(f64, f64) -> f64,
}

const OPERATIONS: [Operation; 5] = [
    Operation {
        name: "plus",
        description: "the sum",
        whole: i64::checked_add,
        float: |one, other| one + other,
    },
    Operation {
        name: "minus",
        description: "the difference",
        whole: i64::checked_sub,
        float: |one, other| one - other,
    },
    Operation {
        name: "times",
        description: "the product",
        whole: i64::checked_mul,
        float: |one, other| one * other,
    },
    Operation {
        name: "divided_by",
        description: "the quotient, whole where both numbers are",
        whole: i64::checked_div,
        float: |one, other| one / other,
    },
    Operation {
        name: "modulo",
        description: "what remains of a division",
        whole: i64::checked_rem,
        float: |one, other| one % other,
    },
];

#[derive(Debug, FilterParameters)]
struct Operand {
    #[parameter(description = "the other number")]
    operand: Expression,
}

impl FilterReflection for Operation {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &str {
        self.description
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        Operand::positional_parameters()
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        Operand::keyword_parameters()
    }
}

impl ParseFilter for Operation {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        Ok(Box::new(Parsed {
            operation: *self,
            operand: Operand::from_args(arguments)?,
        }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

#[derive(Debug)]
struct Parsed {
    operation: Operation,
    operand: Operand,
}

impl fmt::Display for Parsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.operation.name, self.operand)
    }
}

impl Filter for Parsed {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let arguments = self.operand.evaluate(runtime)?;
        computed(&self.operation, input, &arguments.operand)
    }
}

fn computed(operation: &Operation, input: &dyn ValueView, operand: &dyn ValueView) -> Result<Value> {
    let scalars = input.as_scalar().zip(operand.as_scalar());
    let (one, other) = scalars.ok_or_else(|| Error::with_msg("Number expected"))?;
    if let Some((one, other)) = one.to_integer().zip(other.to_integer()) {
        let found = (operation.whole)(one, other);
        return found.map(Value::scalar).ok_or_else(|| out_of_range(other == 0));
    }
    let floats = one.to_float().zip(other.to_float());
    let (one, other) = floats.ok_or_else(|| Error::with_msg("Number expected"))?;
    let found = (operation.float)(one, other);
    let finite = found.is_finite().then(|| Value::scalar(found));
    finite.ok_or_else(|| out_of_range(other == 0.0))
}

fn out_of_range(by_zero: bool) -> Error {
    match by_zero {
        true => Error::with_msg("a division by zero"),
        false => Error::with_msg("the result is too large for a number"),
    }
}

#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(name = "abs", description = "the number without its sign", parsed(AbsFilter))]
struct Abs;

#[derive(Debug, Default, Display_filter)]
#[name = "abs"]
struct AbsFilter;

impl Filter for AbsFilter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        let input = input.as_scalar().ok_or_else(|| Error::with_msg("Number expected"))?;
        if let Some(whole) = input.to_integer() {
            let found = whole.checked_abs().map(Value::scalar);
            return found.ok_or_else(|| out_of_range(false));
        }
        let float = input.to_float().ok_or_else(|| Error::with_msg("Number expected"))?;
        Ok(Value::scalar(float.abs()))
    }
}
