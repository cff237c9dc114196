//! The shipped suites beside the quickstart: each tells its story in the lab, and the fault that belongs to it shows.

use super::kit;

fn run(suite: &str, faults: &[&str]) -> kit::Ran {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    std::fs::copy(
        kit::shipped("mailboxes.example.toml"),
        folder.path().join("mailboxes.toml"),
    )
    .unwrap();
    let mut arguments = vec!["run", suite, "--lab"];
    for fault in faults {
        arguments.extend(["--fault", fault]);
    }
    kit::run_json(folder.path(), &arguments)
}

#[test]
fn postmark_in_customerio_passes_line_by_line() {
    let ran = run("postmark-in-customerio.toml", &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(ran.deliveries().len(), 10);
    for refused in ["promotion-by-transactional-stream", "receipt-by-campaign-tool"] {
        assert!(
            ran.stdout
                .contains(&format!("case {refused} is refused, as it expects")),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn on_launch_day_receipts_keep_their_budget_unless_they_share_a_queue_with_the_promotions() {
    let ran = run("launch.toml", &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(ran.deliveries().len(), 30);
    let spiked = run("launch.toml", &["promo-spike@case=receipts"]);
    assert_eq!(spiked.code, Some(1), "{}", spiked.stdout);
    for delivery in spiked.deliveries() {
        let late = delivery["findings"].to_string().contains("arrival.late");
        let receipt = delivery["case"] == "receipts";
        // The first receipts may leave before a promotion is there.
        assert!(receipt || !late, "{delivery}");
    }
    let late = spiked.stdout.matches("arrival.late").count();
    assert!(late > 0, "{}", spiked.stdout);
}
