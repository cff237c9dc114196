//! A run of 300 deliveries in the lab, 100 cases to 3 seeds: its wall time over its slowest delivery.
//!
//! `cargo bench --bench lab300`
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that can not be set up has nothing to say"
)]

use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const CASES: usize = 100;
const ROUNDS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    write_suite(folder.path());
    let mut ratios: Vec<f64> = (0..ROUNDS).map(|round| measure(folder.path(), round)).collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "wall time over slowest delivery, median of {ROUNDS} runs: {:.2}",
        ratios[ROUNDS / 2]
    );
}

fn write_suite(folder: &Path) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in [
        "routes.toml",
        "templates/order_confirmation.html",
        "templates/order_confirmation.txt",
        "data/order.json",
    ] {
        let to = folder.join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(shipped.join("suites").join(file), to).unwrap();
    }
    std::fs::copy(shipped.join("mailboxes.example.toml"), folder.join("mailboxes.toml")).unwrap();
    let mut suite = String::from(
        "[suite]\nname = \"Three hundred\"\nroutes_file = \"routes.toml\"\nwithin = \"120s\"\ngive_up = \"180s\"\nquiet = \"1s\"\n",
    );
    for case in 0..CASES {
        let _ = write!(
            suite,
            "\n[[case]]\nname = \"order-{case}\"\ncategory = \"transactional\"\nsubject = \"Order {case}\"\n\
             html = \"templates/order_confirmation.html\"\ntext = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\n\
             routes = [\"postmark-tx\"]\nexpect = {{ placement = {{ default = [\"inbox\", \"tab:updates\"] }} }}\n",
        );
    }
    std::fs::write(folder.join("three-hundred.toml"), suite).unwrap();
}

fn measure(folder: &Path, round: usize) -> f64 {
    let report = folder.join("report.json");
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_inboxqa"))
        .current_dir(folder)
        .args([
            "run",
            "three-hundred.toml",
            "--lab",
            "--mailboxes",
            "mailboxes.toml",
            "--json",
            "report.json",
        ])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let wall = start.elapsed().as_secs_f64();
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let deliveries = report["deliveries"].as_array().unwrap();
    let after = |delivery: &Value| delivery["timing"]["arrival_ms"].as_f64();
    let slowest = deliveries.iter().filter_map(after).fold(0.0, f64::max) / 1000.0;
    let arrived = deliveries.iter().filter(|delivery| after(delivery).is_some()).count();
    println!(
        "run {}: {} deliveries, {arrived} arrived, exit {:?}: {wall:.2} s, slowest delivery {slowest:.2} s after acceptance, ratio {:.2}",
        round + 1,
        deliveries.len(),
        output.status.code(),
        wall / slowest
    );
    wall / slowest
}
