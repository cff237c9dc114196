//! Reading a JSON Schema, as far as the schemas made from our structs go.

use serde_json::Value;

/// A whole schema, for its references.
#[derive(Debug, Clone, Copy)]
pub(super) struct SchemaView<'a>(pub &'a Value);

impl<'a> SchemaView<'a> {
    /// What a `$ref` refers to; any other schema as it is.
    pub(super) fn resolve(self, schema: &'a Value) -> &'a Value {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.0.pointer(pointer)).unwrap_or(schema)
    }

    /// The alternatives of a schema; empty where it has none.
    pub(super) fn branches(self, schema: &'a Value) -> Vec<&'a Value> {
        let lists = ["anyOf", "oneOf"]
            .into_iter()
            .filter_map(|key| schema.get(key)?.as_array());
        lists.flatten().collect()
    }

    /// The words a value may be, where it is a choice of words and no other string is allowed.
    pub(super) fn words(self, schema: &'a Value) -> Vec<&'a str> {
        let mut words = own_words(schema);
        for branch in self.branches(schema) {
            let branch = self.resolve(branch);
            let own = own_words(branch);
            if own.is_empty() && branch.get("type").is_some_and(|kind| kind == "string") {
                return Vec::new();
            }
            words.extend(own);
        }
        words
    }

    /// What a value has to be, in words.
    pub(super) fn expected(self, property: &'a Value) -> String {
        let schema = self.resolve(property);
        let all = std::iter::once(schema)
            .chain(self.branches(schema))
            .map(|one| self.resolve(one));
        let mut names: Vec<&str> = all.filter_map(|one| one.get("type")?.as_str()).map(type_name).collect();
        names.dedup();
        match names.is_empty() {
            true => "a string".to_owned(),
            false => names.join(" or "),
        }
    }

    /// Where a key of this name is allowed.
    pub(super) fn home(self, name: &str) -> Option<&'a str> {
        let tables = self.0.get("$defs").and_then(Value::as_object).into_iter().flatten();
        let has = |schema: &Value| {
            schema
                .get("properties")
                .is_some_and(|properties| properties.get(name).is_some())
        };
        let mut homes = tables.filter(|(_, schema)| has(schema));
        homes.find_map(|(_, schema)| schema.get("title")?.as_str())
    }
}

/// A key's description on one line.
pub(super) fn about(schema: &Value) -> Option<String> {
    let text = schema.get("description").and_then(Value::as_str)?;
    Some(text.lines().collect::<Vec<_>>().join(" "))
}

/// The strings of a list of strings.
pub(super) fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str)
}

fn own_words(schema: &Value) -> Vec<&str> {
    let constant = schema.get("const").and_then(Value::as_str);
    strings(schema.get("enum")).chain(constant).collect()
}

fn type_name(schema_type: &str) -> &'static str {
    match schema_type {
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => "a string",
    }
}
