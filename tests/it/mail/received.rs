//! Received lines of the big providers and servers are understood: who brought it, by which protocol, when.

use inboxqa::mail::Reading;
use inboxqa::mail::received::{Received, hops, trusted_client};
use proptest::prelude::*;

fn lines(headers: &str) -> Vec<Received> {
    let raw = headers.replace('\n', "\r\n");
    Reading::new(raw.as_bytes()).received().to_vec()
}

fn suffixes(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const GMAIL: &str = "\
Received: by 2002:a05:7300:7494:b0:110:abcd:ef01 with SMTP id a1csp1;
        Sat, 19 Oct 2024 04:06:00 -0700 (PDT)
Received: from mta1.esp.example (mta1.esp.example. [198.51.100.7])
        by mx.google.com with ESMTPS id a1si1 for <seed.one@gmail.com>
        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);
        Sat, 19 Oct 2024 04:05:58 -0700 (PDT)
Received: by mta1.esp.example id h1 for <seed.one@gmail.com>; Sat, 19 Oct 2024 11:05:57 +0000
Received: from forged (forged [203.0.113.66]) by mx.google.com with ESMTPS id x; Sat, 19 Oct 2024 11:05:50 +0000

";

#[test]
fn gmail() {
    let lines = lines(GMAIL);
    assert_eq!(lines.len(), 4);
    let client = trusted_client(&lines, &suffixes(&["google.com"])).unwrap();
    assert_eq!(client.client_ip, Some("198.51.100.7".parse().unwrap()));
    assert_eq!(client.helo.as_deref(), Some("mta1.esp.example"));
    assert_eq!(client.with.as_deref(), Some("ESMTPS"));
    assert_eq!(client.tls.as_deref(), Some("TLSv1.3"));
    let rows = hops(&lines);
    assert_eq!(rows[3].by, "2002:a05:7300:7494:b0:110:abcd:ef01");
    assert_eq!(
        rows.iter().map(|row| row.delay_ms).collect::<Vec<_>>(),
        [None, Some(7000), Some(1000), Some(2000)]
    );
}

#[test]
fn yahoo_names_the_client_by_its_address() {
    let lines = lines(
        "Received: from 198.51.100.7 (EHLO mta1.esp.example)\n by 10.253.233.235 with SMTPs\n \
         (version=TLS1_2 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);\n Sat, 19 Oct 2024 11:05:58 +0000\n\
         Received: from x (x [192.0.2.1]) by 10.0.0.1 with SMTP; Sat, 19 Oct 2024 11:05:50 +0000\n\n",
    );
    let client = trusted_client(&lines, &suffixes(&["yahoo.com"])).unwrap();
    assert_eq!(client.client_ip, Some("198.51.100.7".parse().unwrap()));
    assert_eq!(client.helo.as_deref(), Some("mta1.esp.example"));
    assert_eq!(client.tls.as_deref(), Some("TLSv1.2"));
}

#[test]
fn yahoo_passes_it_on_inside_by_its_address() {
    let top = "Received: from 10.253.233.235\n by atlas-production.v2-mail-prod1-gq1.omega.yahoo.com with HTTP; \
               Sat, 19 Oct 2024 11:05:58 +0000\n";
    let below = |by: &str| {
        format!(
            "{top}Received: from 198.51.100.7 (EHLO mta1.esp.example)\n by {by} with SMTPs\n (version=TLS1_3 \
             cipher=TLS_AES_128_GCM_SHA256);\n Sat, 19 Oct 2024 11:05:58 +0000\n\n"
        )
    };
    let lines_of_yahoo = lines(&below("10.253.233.235"));
    let client = trusted_client(&lines_of_yahoo, &suffixes(&["yahoo.com"])).unwrap();
    assert_eq!(client.client_ip, Some("198.51.100.7".parse().unwrap()));
    assert_eq!(client.tls.as_deref(), Some("TLSv1.3"));
    // Another address below is not the one the provider speaks of.
    let foreign = lines(&below("10.9.9.9"));
    let client = trusted_client(&foreign, &suffixes(&["yahoo.com"])).unwrap();
    assert_eq!(client.client_ip, Some("10.253.233.235".parse().unwrap()));
}

#[test]
fn microsoft_passes_it_on_inside_before_the_line_that_counts() {
    let lines = lines(
        "Received: from AM0P.eurprd01.prod.outlook.com (2603:10a6:20b:2f3::9)\n by DB9P.eurprd01.prod.outlook.com with HTTPS; \
         Sat, 19 Oct 2024 11:06:00 +0000\n\
         Received: from mta1.esp.example (198.51.100.7) by\n AM0E.mail.protection.outlook.com (10.167.16.4) with Microsoft SMTP\n \
         Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\n 15.20.8069.17 via Frontend Transport; \
         Sat, 19 Oct 2024 11:05:59 +0000\n\
         Received: from inner (10.0.0.1) by mta1.esp.example; Sat, 19 Oct 2024 11:05:58 +0000\n\n",
    );
    let client = trusted_client(&lines, &suffixes(&["outlook.com"])).unwrap();
    assert_eq!(client.client_ip, Some("198.51.100.7".parse().unwrap()));
    assert_eq!(client.with.as_deref(), Some("Microsoft SMTP Server"));
    assert_eq!(client.tls.as_deref(), Some("TLSv1.2"));
    assert_eq!(lines[0].tls, None);
}

#[test]
fn postfix_and_exim() {
    let lines = lines(
        "Received: from mail.brand.example (unknown [IPv6:2001:db8::25])\n\
         \t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n\t key-exchange X25519)\n\
         \t(No client certificate requested)\n\tby mx.seed.example (Postfix) with ESMTPS id 4ABC\n\
         \tfor <seed@seed.example>; Sat, 19 Oct 2024 11:05:59 +0000 (UTC)\n\
         Received: from [192.0.2.5] (helo=laptop)\n\tby mail.brand.example with esmtpsa (TLS1.2) tls X\n\t(Exim 4.96) \
         (envelope-from <a@brand.example>)\n\tid 1abc; Sat, 19 Oct 2024 11:05:58 +0000\n\
         Received: from a by b with ESMTPSA id c; nonsense\n\
         Received: from a by b with ESMTP id c; Sat, 19 Oct 2024 11:05:58 +0000\n\n",
    );
    let client = trusted_client(&lines, &suffixes(&["seed.example"])).unwrap();
    assert_eq!(client.client_ip, Some("2001:db8::25".parse().unwrap()));
    assert_eq!(client.tls.as_deref(), Some("TLSv1.3"));
    assert_eq!(lines[1].client_ip, Some("192.0.2.5".parse().unwrap()));
    assert_eq!(lines[1].helo.as_deref(), Some("laptop"));
    assert_eq!(lines[1].tls.as_deref(), Some("TLSv1.2"));
    assert_eq!(lines[2].tls.as_deref(), Some("TLS"));
    assert_eq!(lines[2].at, None);
    assert_eq!(lines[3].tls, None);
}

#[test]
fn tls_is_known_in_every_servers_words() {
    let tls = |line: &str| {
        lines(&format!("Received: {line}; Mon, 23 Nov 2026 10:00:00 +0000\n\n"))[0]
            .tls
            .clone()
    };
    for (line, expected) in [
        // Cisco's gateways, Exchange 2010, Mimecast, Sendmail.
        (
            "from a (HELO a) ([198.51.100.7]) by esa1.company.example with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384",
            Some("TLS"),
        ),
        (
            "from a (198.51.100.7) by ex01.company.example (10.0.0.5) with Microsoft SMTP Server (TLS) id 14.3.224.2",
            Some("TLS"),
        ),
        (
            "from a (a [198.51.100.7]) by relay.mimecast.com with ESMTP with STARTTLS (version=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384) id x",
            Some("TLSv1.3"),
        ),
        (
            "from a (a [198.51.100.7]) by b (8.14.4/8.14.4) with ESMTP id x (version=TLSv1/SSLv3 cipher=DHE-RSA-AES256-SHA bits=256 verify=NO)",
            Some("TLS"),
        ),
        // 1.0 has no second number, at Postfix and at Google.
        (
            "from a (a [198.51.100.7]) (using TLSv1 with cipher AES128-SHA (128/128 bits)) by b (Postfix) with ESMTPS id x",
            Some("TLSv1.0"),
        ),
        (
            "from a (a [198.51.100.7]) by mx.google.com with ESMTPS id x (version=TLS1 cipher=AES128-SHA bits=128/128)",
            Some("TLSv1.0"),
        ),
        (
            "from a (NO-TLS.a.example [198.51.100.7]) by b (Postfix) with ESMTP id x",
            None,
        ),
        (
            "from a (TLSA.a.example [198.51.100.7]) by b (Postfix) with ESMTP id x",
            None,
        ),
    ] {
        assert_eq!(tls(line).as_deref(), expected, "{line}");
    }
}

#[test]
fn without_a_line_of_the_provider_nothing_is_believed() {
    let lines =
        lines("Received: from a (a [192.0.2.1]) by elsewhere.example with SMTP; Sat, 19 Oct 2024 11:05:58 +0000\n\n");
    assert_eq!(trusted_client(&lines, &suffixes(&["google.com"])), None);
    // A suffix is a whole label.
    let forged = self::lines("Received: from a (a [192.0.2.1]) by mx.notgoogle.com with SMTP; x\n\n");
    assert_eq!(trusted_client(&forged, &suffixes(&["google.com"])), None);
}

proptest! {
    #[test]
    fn any_line_is_survived(value in "(?s)((from|by|with|id|;|\\(|\\)|\\[|\"|TLS|IPv6:|1\\.2\\.3\\.4|é)[^\r\n]{0,6}){0,20}") {
        let raw = format!("Received: {value}\r\n\r\n");
        let reading = Reading::new(raw.as_bytes());
        hops(reading.received());
        trusted_client(reading.received(), &suffixes(&["x"]));
    }
}

/// Delivery agents inside a provider sign with names that no DNS knows; below the line that took the message in, such names are anybody's.
#[test]
fn names_from_inside_are_passed_over_and_not_believed_further_down() {
    let fastmail = suffixes(&["messagingengine.com"]);
    let inside = "Received: from compute3.internal ([10.202.2.43])\n by sloti1d1t02 (Cyrus 3.11) with LMTPA; Mon, 23 Nov 2026 09:00:02 +0000\n\
         Received: from mailmx ([10.202.2.201])\n by compute3.internal (MEProxy); Mon, 23 Nov 2026 09:00:02 +0000\n";
    let taken = "Received: from out.brand.example (out.brand.example [203.0.113.9])\n by mx1.messagingengine.com (Postfix) with ESMTPS id 1; Mon, 23 Nov 2026 09:00:01 +0000\n";
    let forged =
        "Received: from trusted.example ([198.51.100.1])\n by gateway (Postfix); Mon, 23 Nov 2026 09:00:00 +0000\n";
    let client = |text: &str, by: &[String]| {
        let lines = lines(&format!("{text}\n"));
        let client = trusted_client(&lines, by).and_then(|line| line.client_ip);
        client.map(|ip| ip.to_string())
    };
    assert_eq!(
        client(&format!("{inside}{taken}{forged}"), &fastmail).as_deref(),
        Some("203.0.113.9")
    );
    assert_eq!(
        client(forged, &fastmail),
        None,
        "a client from outside, noted by nobody known"
    );
    let icloud = suffixes(&["icloud.com", "me.com"]);
    let gateway = "Received: from ci74p00im-qukt09081901.me.com (ci74p00im-qukt09081901.me.com [17.57.156.10])\n by p35-mailgateway-smtp-0 (mailgateway 2348B45) with SMTP id 2; Mon, 23 Nov 2026 09:00:02 +0000\n";
    let taken = taken.replace("mx1.messagingengine.com", "ci74p00im-qukt09081901.me.com");
    assert_eq!(
        client(&format!("{gateway}{taken}{forged}"), &icloud).as_deref(),
        Some("203.0.113.9")
    );
}
