//! The schema is the truth, and the example mentions all of it.

use inboxqa::config::{Schema, schema};

#[test]
fn the_example_mentions_every_key_of_a_mailbox() {
    let example = std::fs::read_to_string("mailboxes.example.toml").unwrap();
    let schema = schema(Schema::Mailboxes);
    let keys = schema["$defs"]["Mailbox"]["properties"].as_object().unwrap();
    assert!(keys.len() > 10);
    for key in keys.keys() {
        let explained = example.lines().any(|line| {
            let plain = line.trim_start_matches(['#', ' ']);
            plain
                .split_once('=')
                .is_some_and(|(name, rest)| name.trim() == key && rest.contains(" # "))
        });
        assert!(explained, "mailboxes.example.toml does not explain `{key}`");
    }
}

#[test]
fn schemas_name_their_keys_and_forbid_others() {
    for (file, table) in [
        (Schema::Suite, "Case"),
        (Schema::Routes, "Route"),
        (Schema::Mailboxes, "Mailbox"),
    ] {
        let schema = schema(file);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let table = &schema["$defs"][table];
        assert_eq!(table["additionalProperties"], false, "{file:?}");
        for (key, property) in table["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{file:?} {key} is not described");
            assert!(!property.to_string().contains("null"), "{file:?} {key} speaks of null");
        }
    }
}
