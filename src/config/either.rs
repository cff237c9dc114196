//! A value that is a word or a table, or a table or several. Derived untagged enums buffer their input and lose the places within it; this does not.

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use toml::Spanned;

/// A word, or a table.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(super) enum WordOr<T> {
    /// `key = "word"`.
    Word(String),
    /// `key = { … }`.
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for WordOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either(PhantomData))
    }
}

struct Either<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
    type Value = WordOr<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a table")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
        Ok(WordOr::Word(word.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(WordOr::Table)
    }
}

/// One table, or an array of them.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum OneOrMany<T> {
    /// `[key]`.
    One(T),
    /// `[[key]]`.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// In the order they stand.
    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Count(PhantomData))
    }
}

struct Count<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Count<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table or an array of tables")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
    }
}

type Words = Vec<Spanned<String>>;

/// Allowed placements: words for every provider, or by provider.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum Placements {
    /// `["inbox", "tab"]`: the same for all.
    All(#[schemars(with = "Vec<String>")] Words),
    /// `{ default = ["inbox"], gmail = ["inbox", "tab"] }`.
    ByProvider(#[schemars(with = "BTreeMap<String, Vec<String>>")] BTreeMap<Spanned<String>, Words>),
}

impl Placements {
    /// Every word.
    pub(super) fn words(&self) -> impl Iterator<Item = &Spanned<String>> {
        let (all, by_provider) = match self {
            Placements::All(words) => (Some(words), None),
            Placements::ByProvider(map) => (None, Some(map.values())),
        };
        all.into_iter().chain(by_provider.into_iter().flatten()).flatten()
    }
}

impl Default for Placements {
    fn default() -> Self {
        Placements::ByProvider(BTreeMap::new())
    }
}

impl<'de> Deserialize<'de> for Placements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Placements;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or a table")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(Placements::All)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Placements::ByProvider)
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// A number, or a word: ids of services are either.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub(super) enum NumberOrWord {
    /// `key = 12`.
    Number(u64),
    /// `key = "word"`.
    Word(String),
}

impl fmt::Display for NumberOrWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NumberOrWord::Number(number) => number.fmt(f),
            NumberOrWord::Word(word) => word.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for NumberOrWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Id;
        impl Visitor<'_> for Id {
            type Value = NumberOrWord;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a string")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                let number = u64::try_from(number).map_err(|_| E::custom("an id is not negative"))?;
                Ok(NumberOrWord::Number(number))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                Ok(NumberOrWord::Word(word.to_owned()))
            }
        }
        deserializer.deserialize_any(Id)
    }
}
