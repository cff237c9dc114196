//! The JSON Schema of each file, made from the structs that read it. Editors take it from `inboxqa schema`; `shape` enforces it.

use super::mailboxes_file::MailboxesFile;
use super::routes_file::RoutesFile;
use super::suite_file::SuiteFile;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// A suite.
    Suite,
    /// The routes file.
    Routes,
    /// The mailboxes file.
    Mailboxes,
}

/// The JSON Schema (2020-12) of a file.
pub fn schema(file: Schema) -> Value {
    let generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let mut schema = match file {
        Schema::Suite => generator.into_root_schema_for::<SuiteFile>(),
        Schema::Routes => generator.into_root_schema_for::<RoutesFile>(),
        Schema::Mailboxes => generator.into_root_schema_for::<MailboxesFile>(),
    }
    .to_value();
    without_null(&mut schema);
    schema
}

/// TOML has no null: an optional key is one that may be left out, nothing else.
fn without_null(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(object) => {
            object.values_mut().for_each(without_null);
            object.retain(|key, value| {
                !(key == "default"
                    && (value.is_null()
                        || value.as_array().is_some_and(Vec::is_empty)
                        || value.as_object().is_some_and(serde_json::Map::is_empty)))
            });
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
                if let [Value::Object(only)] = branches.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
        }
        _ => {}
    }
}
