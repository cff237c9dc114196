//! Authentication-Results are read as the providers write them, and believed only where the provider wrote them.

use inboxqa::mail::Reading;
use inboxqa::mail::authres::TrustedAuthres;
use inboxqa::model::profile::AuthresTrust;
use proptest::prelude::*;

fn read(headers: &str, trust: &AuthresTrust) -> TrustedAuthres {
    let raw = headers.replace('\n', "\r\n");
    Reading::new(raw.as_bytes()).authentication_results(trust)
}

fn ids(patterns: &[&str]) -> AuthresTrust {
    AuthresTrust::ServId(patterns.iter().map(|pattern| (*pattern).to_owned()).collect())
}

#[test]
fn gmail() {
    let found = read(
        "Authentication-Results: mx.google.com;\n       dkim=pass header.i=@brand.example header.s=20221124pm header.b=\"Ab+/c=\";\n       \
         dkim=pass header.i=@pm.mtasv.net header.s=pm2024 header.b=xy==;\n       spf=pass (google.com: domain of \
         pm_bounces@pm-bounces.brand.example designates 198.51.100.7 as permitted sender) \
         smtp.mailfrom=pm_bounces@pm-bounces.brand.example;\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) \
         header.from=brand.example\n\n",
        &ids(&["mx.google.com"]),
    );
    let trusted = found.trusted.unwrap();
    let signers: Vec<_> = trusted.of("dkim").map(|result| result.signer().unwrap()).collect();
    assert_eq!(signers, ["brand.example", "pm.mtasv.net"]);
    let spf = trusted.of("spf").next().unwrap();
    assert_eq!(spf.result, "pass");
    assert_eq!(
        spf.property("smtp.mailfrom"),
        Some("pm_bounces@pm-bounces.brand.example")
    );
    assert!(spf.reason.contains("198.51.100.7"));
    assert_eq!(
        trusted.of("dmarc").next().unwrap().reason,
        "p=REJECT sp=REJECT dis=NONE"
    );
}

#[test]
fn yahoo_with_its_punctuation() {
    let found = read(
        "Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\n dkim=pass header.i=@brand.example \
         header.s=sel;\n dkim=unknown; spf=pass smtp.mailfrom=bounces.brand.example;\n dmarc=pass(p=REJECT) \
         header.from=brand.example;\n\n",
        &ids(&["atlas*.yahoo.com", "atlas*.aol.com"]),
    );
    let word = found.word().unwrap();
    assert!(word.trusted);
    assert_eq!(
        (word.dkim.as_deref(), word.spf.as_deref(), word.dmarc.as_deref()),
        (Some("pass"), Some("pass"), Some("pass"))
    );
    assert_eq!(found.trusted.unwrap().of("dmarc").next().unwrap().reason, "p=REJECT");
}

const OUTLOOK: &str = "spf=pass (sender IP is 198.51.100.7)\n smtp.mailfrom=bounces.brand.example; dkim=fail (body hash did not \
    verify)\n header.d=brand.example;dmarc=pass action=none\n header.from=brand.example;compauth=pass reason=100";

#[test]
fn microsoft_writes_no_id_and_is_believed_by_its_place() {
    let received = "Received: from a.outlook.com (2603::1) by b.prod.outlook.com with HTTPS; x\n";
    let marked = format!("{received}Authentication-Results: {OUTLOOK}\nX-IncomingTopHeaderMarker: x\nSubject: y\n\n");
    let found = read(&marked, &AuthresTrust::Microsoft);
    let trusted = found.trusted.unwrap();
    assert_eq!(trusted.serv_id, None);
    let dkim = trusted.of("dkim").next().unwrap();
    assert_eq!(
        (dkim.result.as_str(), dkim.reason.as_str()),
        ("fail", "body hash did not verify")
    );
    assert_eq!(dkim.signer().as_deref(), Some("brand.example"));
    assert_eq!(trusted.of("dmarc").next().unwrap().property("action"), Some("none"));
    assert_eq!(trusted.of("compauth").next().unwrap().reason, "100");

    let below_marker = format!("{received}X-IncomingTopHeaderMarker: x\nAuthentication-Results: {OUTLOOK}\n\n");
    assert_eq!(read(&below_marker, &AuthresTrust::Microsoft).trusted, None);
    let on_top = format!("Authentication-Results: {OUTLOOK}\n{received}\n");
    assert_eq!(read(&on_top, &AuthresTrust::Microsoft).trusted, None);
    let below_a_stranger =
        format!("{received}Received: from x by esp.example; y\nAuthentication-Results: {OUTLOOK}\n\n");
    assert_eq!(read(&below_a_stranger, &AuthresTrust::Microsoft).trusted, None);
    let encoded = "=?utf-8?B?c3BmPW5vbmUgKHNlbmRlciBJUCBpcyAxOTguNTEuMTAwLjcpOyBka2ltPW5vbmU=?=";
    let encoded = format!("{received}Authentication-Results: {encoded}\nX-IncomingTopHeaderMarker: x\n\n");
    assert_eq!(
        read(&encoded, &AuthresTrust::Microsoft)
            .trusted
            .unwrap()
            .of("spf")
            .next()
            .unwrap()
            .result,
        "none"
    );
}

#[test]
fn compauth_is_told_in_words_and_an_encoded_field_is_decoded() {
    let plain = "spf=none (sender IP is 198.51.100.7) smtp.mailfrom=x.example; dkim=none (message not signed) header.d=none;dmarc=none \
        action=none header.from=br\u{fc}cke.example;compauth=fail reason=001";
    let encoded = {
        use base64::Engine;
        format!(
            "=?utf-8?B?{}?=",
            base64::engine::general_purpose::STANDARD.encode(plain)
        )
    };
    for written in [plain.to_owned(), encoded] {
        let headers = format!(
            "Received: from a by b.outlook.com; x\nAuthentication-Results: {written}\nX-IncomingTopHeaderMarker: x\n\n"
        );
        let trusted = read(&headers, &AuthresTrust::Microsoft).trusted.unwrap();
        assert_eq!(
            trusted.of("dmarc").next().unwrap().property("header.from"),
            Some("br\u{fc}cke.example")
        );
        let compauth = trusted.compauth().unwrap();
        assert_eq!((compauth.result.as_str(), compauth.code.as_str()), ("fail", "001"));
        assert!(compauth.meaning.starts_with("implicitly failed"));
    }
}

#[test]
fn old_microsoft_fields_carry_the_receiving_domain_as_a_bare_word() {
    let headers = "Received: from a by b.outlook.com; x\nAuthentication-Results: spf=pass (sender IP is 198.51.100.7) smtp.mailfrom=x.example; \
        outlook.com; dkim=pass (signature was verified) header.d=x.example;outlook.com; dmarc=pass action=none header.from=x.example;\n\
        X-IncomingTopHeaderMarker: x\n\n";
    let word = read(headers, &AuthresTrust::Microsoft).word().unwrap();
    assert_eq!(
        (word.spf.as_deref(), word.dkim.as_deref(), word.dmarc.as_deref()),
        (Some("pass"), Some("pass"), Some("pass"))
    );
}

#[test]
fn icloud_writes_a_field_a_method_and_bimis_domain_signs_nothing() {
    let headers = "Authentication-Results: bimi.icloud.com; bimi=pass header.d=logo.example header.selector=default policy.authority=pass\n\
        Authentication-Results: arc.icloud.com; arc=none\n\
        Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=brand.example\n\
        Authentication-Results: dkim-verifier.icloud.com;\n\tdkim=pass (2048-bit key) header.d=brand.example header.i=@brand.example header.b=abc\n\
        Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of a@b.example designates 198.51.100.7 as permitted sender) smtp.mailfrom=a@b.example\n\
        Authentication-Results: spf.icloud.com; spf=fail smtp.mailfrom=forged@x.example\n\n";
    let found = read(
        headers,
        &ids(&[
            "bimi.icloud.com",
            "arc.icloud.com",
            "dmarc.icloud.com",
            "dkim-verifier.icloud.com",
            "spf.icloud.com",
        ]),
    );
    let trusted = found.trusted.clone().unwrap();
    let signers: Vec<_> = trusted.of("dkim").filter_map(|result| result.signer()).collect();
    assert_eq!(signers, ["brand.example"]);
    assert_eq!(found.word().unwrap().spf.as_deref(), Some("pass"));
    assert_eq!(
        found.untrusted.len(),
        1,
        "a second field of one id is what a forger adds"
    );
}

#[test]
fn fastmails_own_methods_do_not_disturb() {
    let headers = "Authentication-Results: phl-mx-03.messagingengine.com;\n    x-csa=none;\n    x-me-sender=none;\n    x-ptr=pass smtp.helo=mta.brand.example \
        policy.ptr=mta.brand.example;\n    bimi=skipped (DMARC Policy is not at enforcement);\n    arc=none (no signatures found)\n\
        Authentication-Results: phl-mx-03.messagingengine.com;\n    dkim=pass (2048-bit rsa key sha256) header.d=brand.example header.i=@brand.example \
        header.b=AbC header.a=rsa-sha256 header.s=k1 x-bits=2048;\n    dmarc=pass policy.published-domain-policy=none (p=none) header.from=brand.example;\n    \
        iprev=pass smtp.remote-ip=198.51.100.7 (mta.brand.example);\n    spf=pass smtp.mailfrom=b@brand.example smtp.helo=mta.brand.example\n\n";
    let fastmail = AuthresTrust::RepeatedServId(vec!["*.messagingengine.com".to_owned()]);
    let found = read(headers, &fastmail);
    let word = found.word().unwrap();
    assert_eq!(
        (word.spf.as_deref(), word.dkim.as_deref(), word.dmarc.as_deref()),
        (Some("pass"), Some("pass"), Some("pass"))
    );
}

#[test]
fn a_forged_field_is_shown_as_untrusted() {
    let headers = "Authentication-Results: mx.google.com; dkim=fail header.d=brand.example\n\
         Authentication-Results: mx.google.com; dkim=pass header.d=brand.example\n\
         Authentication-Results: mx.google.com.evil.example; dkim=pass header.d=brand.example\n\n";
    let found = read(headers, &ids(&["mx.google.com"]));
    assert_eq!(found.trusted.unwrap().of("dkim").next().unwrap().result, "fail");
    assert_eq!(found.untrusted.len(), 2);
    let nobody = read(headers, &AuthresTrust::Nobody);
    assert_eq!((nobody.trusted.clone(), nobody.untrusted.len()), (None, 3));
    assert!(!nobody.word().unwrap().trusted);
    assert_eq!(read("Subject: x\n\n", &ids(&["mx.google.com"])).word(), None);
}

#[test]
fn a_block_of_one_field_a_method_is_read_as_one() {
    let headers = "Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=brand.example\n\
         Authentication-Results: dkim-verifier.icloud.com; dkim = pass (2048-bit key)\n header.d = brand.example\n\
         Authentication-Results: dkim-verifier.icloud.com; dkim=fail header.d=forged.example\n\n";
    let found = read(headers, &ids(&["dmarc.icloud.com", "dkim-verifier.icloud.com"]));
    let trusted = found.trusted.unwrap();
    assert_eq!(trusted.results.len(), 2);
    assert_eq!(
        trusted.of("dkim").next().unwrap().signer().as_deref(),
        Some("brand.example")
    );
    assert_eq!(found.untrusted.len(), 1);
}

proptest! {
    #[test]
    fn any_field_is_survived(value in "((dkim|=|;|\\(|\\)|\"|\\\\|header\\.d|reason|mx\\.x|é| )[^\r\n]{0,4}){0,30}") {
        let headers = format!("Received: by x.outlook.com\nAuthentication-Results: {value}\n\n");
        for trust in [ids(&["*"]), ids(&["[", "{"]), AuthresTrust::Microsoft, AuthresTrust::Nobody] {
            read(&headers, &trust);
        }
    }
}
