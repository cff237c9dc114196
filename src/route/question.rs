//! A question to a service's API: it changes nothing, so it is asked again where no answer came.

use crate::model::Why;
use crate::net::{ApiAnswer, ApiRequest, Net};
use std::time::Duration;
use url::Url;

/// Pauses between tries.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// A URL below an https origin.
pub fn url(origin: &str, path: &[&str], query: &[(&str, &str)]) -> Result<Url, Why> {
    let broken = || Why::new("log-protocol", "the request can not be written as a URL");
    let mut url = Url::parse(origin).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// `GET url`. Asked again where nothing came or the server says "later" (429, 5xx).
pub async fn ask(net: &Net, url: &Url, headers: &[(&str, &str)]) -> Result<ApiAnswer, Why> {
    patiently(|| async {
        let request = ApiRequest {
            method: "GET",
            url,
            headers,
            body: None,
        };
        net.api(request).await.map_err(|error| error.why().clone())
    })
    .await
}

/// Says again what may be said twice, where nothing came or the server says "later" (429, 5xx).
pub async fn patiently<F>(once: impl Fn() -> F) -> Result<ApiAnswer, Why>
where
    F: Future<Output = Result<ApiAnswer, Why>>,
{
    let mut pauses = PAUSES.iter();
    loop {
        let answered = once().await;
        let again = match &answered {
            Err(_) => true,
            Ok(answer) => answer.status == 429 || answer.status >= 500,
        };
        match pauses.next().filter(|_| again) {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => return answered,
        }
    }
}
