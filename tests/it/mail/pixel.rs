//! Pixels are known by their service's form even where they do not look like one, and by their looks even where nobody knows the service.

use inboxqa::mail::Reading;

fn pixels(body: &str) -> Vec<(String, Option<&'static str>)> {
    let raw = format!("Content-Type: text/html\r\n\r\n{body}");
    let reading = Reading::new(raw.as_bytes());
    reading
        .pixels()
        .iter()
        .map(|pixel| (pixel.url.clone(), pixel.vendor))
        .collect()
}

#[test]
fn recorded_pixels_are_found() {
    for name in ["postmark", "customerio"] {
        let path = format!("{}/tests/data/vendors/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let fixture: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for row in fixture["pixels"].as_array().unwrap() {
            let found = pixels(&format!("<p>x</p>{}", row["html"].as_str().unwrap()));
            assert_eq!(found.len(), 1, "{row}");
            assert_eq!(found[0].0, row["url"].as_str().unwrap());
            assert_eq!(found[0].1, row["vendor"].as_str());
        }
    }
}

#[test]
fn unknown_pixels_are_found_by_their_looks() {
    for image in [
        "<img src='https://t.example/p' width=1 height=1>",
        "<img src='https://t.example/p' width='0' height='1px'>",
        "<img src='https://t.example/p' style='display: none !important'>",
        "<img src='https://t.example/p' style='WIDTH:1px; height : 1px'>",
    ] {
        assert_eq!(pixels(image), [("https://t.example/p".to_owned(), None)], "{image}");
    }
}

#[test]
fn pictures_are_no_pixels() {
    for image in [
        "<img src='https://cdn.example/logo.png' width=140 height=36>",
        "<img src='https://cdn.example/line.png' width=600 height=1>",
        "<img src='https://cdn.example/phone.png' width=320 style='display:none'>",
        "<img src='cid:logo' width=1 height=1>",
        "<img src='https://cdn.example/logo.png'>",
    ] {
        assert_eq!(pixels(image), [], "{image}");
    }
}
