//! The fuzzer's bodies on the stable toolchain: every file of `tests/fuzz/corpus`, and mutations of it that are the same in every run.

#[path = "../../fuzz/bodies/mod.rs"]
mod bodies;

use std::path::Path;

/// Mutations tried of each file.
const MUTATIONS: u64 = 40;
/// What means something to one of the parsers.
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\0",
    b"\xff",
    b"\xe2\x80\xae",
    b": ",
    b";",
    b"=",
    b"\"",
    b"\\",
    b"(",
    b")",
    b"<",
    b">",
    b"--b",
    b"&amp;",
    b"&#0;",
    b"<a href=",
    b"<base href=//>",
    b"<svg>",
    b"<template>",
    b"</a>",
    b"<!--",
    b"=?utf-8?b?",
    b"?=",
    b"=?utf-8?q?",
    b"https://",
    b"%00",
    b"%",
    b"{{",
    b"}}",
    b"{%",
    b"%}",
    b"|",
    b"{% for i in list %}",
    b"{% endfor %}",
    b"{% for i in (1..1000000000) %}",
    b"{% for i in (-9223372036854775808..9223372036854775807) %}",
    b"9999999999999999999",
    b"-1",
    b"mx.example",
    b"Authentication-Results: mx.example; dmarc=pass\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    b"Received: ",
    b"DKIM-Signature: ",
];

/// The corpus of a body, by name.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let named = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    files
        .iter()
        .map(|path| (named(path), std::fs::read(path).unwrap()))
        .collect()
}

/// Numbers that look random and are the same everywhere (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}

/// A few changes: bytes, words, stretches that are taken out, doubled, or come from another file.
fn mutated(seed: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + 1 + dice.below(40)).min(bytes.len());
        let from = dice.below(other.len() + 1);
        let piece = &other[from..(from + dice.below(200)).min(other.len())];
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
            1 => drop(bytes.drain(at..end.max(at))),
            2 => drop(bytes.splice(at..at, bytes[at..end.max(at)].to_vec())),
            3 => drop(bytes.splice(at..at, piece.to_vec())),
            4 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, WORDS[dice.below(WORDS.len())].to_vec())),
        }
    }
    bytes
}

/// Runs a body over its corpus and the mutations; what it was given last is told where it fails.
fn run(name: &str, body: fn(&[u8]), at_least: usize) {
    let corpus = corpus(name);
    assert!(corpus.len() >= at_least, "{} files in {name}", corpus.len());
    let tried = |what: &str, bytes: &[u8]| {
        let outcome = std::panic::catch_unwind(|| body(bytes));
        assert!(outcome.is_ok(), "{name}, {what}: {:?}", String::from_utf8_lossy(bytes));
    };
    for (index, (file, seed)) in corpus.iter().enumerate() {
        tried(file, seed);
        let mut dice = Dice(index as u64);
        for number in 0..MUTATIONS {
            let (_, other) = &corpus[dice.below(corpus.len())];
            tried(
                &format!("mutation {number} of {file}"),
                &mutated(seed, other, &mut dice),
            );
        }
    }
}

#[test]
fn messages() {
    run("message", bodies::message, 30);
}

#[test]
fn authentication_results() {
    run("authres", bodies::authres, 15);
}

#[test]
fn links() {
    run("links", bodies::links, 20);
}

#[test]
fn templates() {
    run("template", bodies::template, 15);
}
