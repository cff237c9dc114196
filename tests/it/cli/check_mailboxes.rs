//! `inboxqa check`: whose mailbox a saved message comes from, who handed it over there, and whose verdict is believed, by header sections
//! as the mailboxes of this day keep them.

use super::check::{Checked, check};
use crate::probe::signing::Signer;
use serde_json::{Value, json};

const DATE: &str = "Mon, 23 Nov 2026 10:00:02 +0000";

/// A receipt that brand.example signs.
fn signed() -> String {
    let composed = "From: Brand <receipts@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order 1\r\n\
        Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@brand.example>\r\n\r\nThank you for your order.\r\n";
    let signed =
        Signer::new("brand.example", "k1", 7).sign(composed.as_bytes(), &["from", "to", "subject", "date"], "");
    String::from_utf8(signed).unwrap()
}

/// Checks a message that a mailbox put these fields on, over the zone of `check` with a record of the brand's own servers.
fn saved(fields: &str, message: &str) -> Checked {
    let folder = tempfile::tempdir().unwrap();
    let fields = fields.replace("DATE", DATE).replace('\n', "\r\n");
    std::fs::write(folder.path().join("a.eml"), format!("{fields}{message}")).unwrap();
    let mut zone = super::check::zone();
    zone["brand.example"] = json!({ "TXT": ["v=spf1 ip4:203.0.113.9 -all"] });
    zone["groups.example"] = json!({ "TXT": ["v=spf1 ip4:209.85.220.69 -all"] });
    std::fs::write(folder.path().join("zone.json"), zone.to_string()).unwrap();
    check(folder.path(), &["a.eml", "--dns-file", "zone.json"], b"")
}

fn provider_and_client(found: &Checked) -> (Value, Value) {
    let row = &found.rows()[0];
    (row["provider"].clone(), row["authentication"]["spf"]["client"].clone())
}

/// Microsoft's front doors write `by ….outlook.office365.com` between lines of `….outlook.com`.
fn microsoft(authres: &str, client: &str) -> String {
    format!(
        "Received: from AM0PR05MB1.eurprd05.prod.outlook.com (2603:10a6:20b::22) by\n AM9PR05MB2.eurprd05.prod.outlook.com with HTTPS; DATE\n\
         Received: from AM6PR10CA0050.EURPRD10.PROD.OUTLOOK.COM (2603:10a6:209:80::27) by\n AM0PR05MB1.eurprd05.prod.outlook.com (2603:10a6:208:1::22) \
         with Microsoft SMTP\n Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\n 15.20.9412.18; DATE\n\
         Received: from AMS0EPF000001A1.eurprd05.prod.outlook.com\n (2603:10a6:209:80:cafe::c4) by AM6PR10CA0050.outlook.office365.com\n \
         (2603:10a6:209:80::27) with Microsoft SMTP Server (version=TLS1_3,\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9412.18 via Frontend Transport; DATE\n\
         Authentication-Results: {authres}\n\
         Received: from {client} by\n AMS0EPF000001A1.mail.protection.outlook.com (10.167.16.102) with Microsoft SMTP\n \
         Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9412.16 via\n Frontend Transport; DATE\n"
    )
}

const PASSED: &str = "spf=pass (sender IP is 203.0.113.9)\n smtp.mailfrom=brand.example; dkim=pass (signature was verified)\n \
    header.d=brand.example;dmarc=pass action=none header.from=brand.example;compauth=pass reason=100";

#[test]
fn microsofts_front_door_is_microsofts() {
    let fields = microsoft(PASSED, "out.brand.example (203.0.113.9)") + "Return-Path: bounce@brand.example\n";
    // The stored copy is rebuilt: only Microsoft's own word tells of the signature.
    let rebuilt = signed().replace("Thank you for", "Thank  you, for");
    let tenant = saved(&fields, &rebuilt);
    assert_eq!(provider_and_client(&tenant), (json!("m365"), json!("203.0.113.9")));
    assert_eq!(tenant.code, Some(0), "{}", tenant.stdout);
    let said = &tenant.rows()[0]["authentication"]["provider"];
    assert_eq!((&said["trusted"], &said["dmarc"]), (&json!(true), &json!("pass")));
    // Outlook.com counts the fields that came.
    let counted = format!("{fields}X-IncomingHeaderCount: 9\n");
    assert_eq!(saved(&counted, &rebuilt).rows()[0]["provider"], "outlook");
}

#[test]
fn from_one_tenant_of_microsoft_to_another_the_border_names_the_client() {
    let outbound = "DB3PR0202CU003.outbound.protection.outlook.com\n (mail-db3pr0202cu003.outbound.protection.outlook.com [203.0.113.9])";
    let senders = "Received: from DB9PR02MB1.eurprd02.prod.outlook.com (2603:10a6:10:1::1) by\n DB9PR02MB2.eurprd02.prod.outlook.com \
        (2603:10a6:10:2::2) with Microsoft SMTP\n Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\n 15.20.9412.18; DATE\n";
    let fields = microsoft(PASSED, outbound) + "Return-Path: bounce@brand.example\n" + senders;
    let found = saved(&fields, &signed());
    assert_eq!(provider_and_client(&found), (json!("m365"), json!("203.0.113.9")));
    assert_eq!(found.code, Some(0), "{}", found.stdout);
}

#[test]
fn what_a_group_at_google_passes_on_comes_from_google() {
    let fields = "Received: by 2002:a05:6a10:1234:b0:1f2:abcd:ef01 with SMTP id x1; DATE\n\
        Return-Path: <list+bncBC@groups.example>\n\
        Received: from mail-sor-f69.google.com (mail-sor-f69.google.com. [209.85.220.69])\n        by mx.google.com with SMTPS id a1 for <seed@gmail.com>\n        \
        (Google Transport Security);\n        DATE\n\
        Authentication-Results: mx.google.com; dkim=pass header.i=@brand.example header.s=k1; spf=pass smtp.mailfrom=list+bncBC@groups.example; dmarc=pass header.from=brand.example\n\
        Received: by 2002:a05:6102:2a49:b0:5a1:1:2 with SMTP id y2; DATE\n\
        Received: from out.brand.example (out.brand.example. [203.0.113.9])\n        by mx.google.com with ESMTPS id b2 for <list@groups.example>;\n        DATE\n";
    let found = saved(fields, &signed());
    assert_eq!(provider_and_client(&found), (json!("gmail"), json!("209.85.220.69")));
    assert_eq!(found.rows()[0]["authentication"]["spf"]["result"], "pass");
}

#[test]
fn icloud_signs_with_names_that_mean_something_inside() {
    for (passed, host) in [
        ("ci74p00im-qukt09072702.me.com", "ci74p00im-qukt09072702.me.com"),
        ("p01-icloudmta-smtpin-us-east-1a-3", "p01-icloudmta-smtpin-us-east-1a-3"),
    ] {
        let fields = format!(
            "Return-path: <bounce@brand.example>\nOriginal-recipient: rfc822;seed@me.com\n\
             Received: from {passed} by p116-mailgateway-smtp-746c496c44-6mknn (mailgateway 2634B97)\n\twith SMTP id 4f24 \n\tfor <seed@me.com>; DATE\n\
             X-Apple-MoveToFolder: INBOX \n\
             Received: from out.brand.example (out.brand.example [203.0.113.9])\n\tby {host} (Postfix) with ESMTPS id 11C7\n\tfor <seed@me.com>; DATE (UTC)\n\
             X-ICL-INFO: GAtb\n\
             Authentication-Results: bimi.icloud.com; bimi=skipped reason=\"insufficient dmarc\"\n\
             X-ARC-Info: policy=fail; arc=none\n\
             Authentication-Results: arc.icloud.com; arc=none\n\
             Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=brand.example\n\
             X-DMARC-Info: pass=pass; dmarc-policy=reject; s=r0; d=r1; pdomain=brand.example\n\
             X-DMARC-Policy: v=DMARC1; p=reject\n\
             Authentication-Results: dkim-verifier.icloud.com;\n\tdkim=pass (2048-bit key) header.d=brand.example header.i=@brand.example header.b=I77\n\
             Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of bounce@brand.example designates 203.0.113.9 as permitted sender) smtp.mailfrom=bounce@brand.example\n"
        );
        let found = saved(&fields, &signed());
        assert_eq!(
            provider_and_client(&found),
            (json!("icloud"), json!("203.0.113.9")),
            "{host}"
        );
        let said = &found.rows()[0]["authentication"]["provider"];
        let words = ["dkim", "spf", "dmarc"].map(|method| said[method].clone());
        assert_eq!(words, [json!("pass"), json!("pass"), json!("pass")], "{host}");
    }
}

#[test]
fn fastmail_passes_mail_on_inside_and_takes_it_in_from_itself_too() {
    let fields = |client: &str| {
        format!(
            "Return-Path: <bounce@brand.example>\n\
             Received: from ams-compute-02.internal (ams-compute-02.internal [10.64.2.62])\n\t by slotai03m05 (Cyrus 3.13.7-fm) with LMTPA;\n\t DATE\n\
             Received: from phl-mx-04 ([10.202.2.203])\n  by ams-compute-02.internal (LMTPProxy); DATE\n\
             Received: from phl-mx-04.messagingengine.com (localhost [127.0.0.1])\n\tby mailmx.phl.internal (Postfix) with ESMTP id A712; DATE\n\
             Received: from mailmx.phl.internal (localhost [127.0.0.1])\n    by phl-mx-04.messagingengine.com (Authentication Milter) with ESMTP\n    id 3502; DATE\n\
             Authentication-Results: phl-mx-04.messagingengine.com;\n    dkim=pass header.d=brand.example; spf=pass smtp.mailfrom=bounce@brand.example\n\
             Received: from {client}\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n\tby phl-mx-04.messagingengine.com (Postfix) with ESMTPS id 2810; DATE\n\
             Received: from phl-compute-10.internal (phl-compute-10.internal [10.202.2.50])\n\tby mailfout.phl.internal (Postfix) with ESMTP id 1; DATE\n"
        )
    };
    for client in [
        "out.brand.example (out.brand.example [203.0.113.9])",
        "fout-a1-smtp.messagingengine.com (fout-a1-smtp.messagingengine.com [203.0.113.9])",
    ] {
        let found = saved(&fields(client), &signed());
        assert_eq!(
            provider_and_client(&found),
            (json!("fastmail"), json!("203.0.113.9")),
            "{client}"
        );
        assert_eq!(found.rows()[0]["authentication"]["provider"]["spf"], "pass", "{client}");
    }
}

/// A body hash proves nothing about a copy that was made anew from what a server keeps.
#[test]
fn an_exchange_of_ones_own_and_proton_rebuild_what_they_keep() {
    let exchange = "Received: from EX01.corp.local (10.1.1.5) by EX02.corp.local (10.1.1.6) with Microsoft\n SMTP Server (version=TLS1_2) id 15.2.1544.4 via Mailbox Transport; DATE\n\
        Received: from mx.company.example (10.1.1.4) by EX01.corp.local (10.1.1.5) with Microsoft\n SMTP Server id 15.2.1544.4 via Frontend Transport; DATE\n\
        Received: from out.brand.example (out.brand.example [203.0.113.9])\n\tby mx.company.example (Postfix) with ESMTPS id 4ABC; DATE\n\
        Return-Path: <bounce@brand.example>\nX-MS-Exchange-Organization-AuthAs: Anonymous\n";
    let proton = "Return-Path: <bounce@brand.example>\nDelivered-To: seed@proton.example\n\
        Received: from out.brand.example (out.brand.example [203.0.113.9])\n\tby mailin043.protonmail.ch (Postfix) with ESMTPS id 1; DATE\n";
    let rebuilt = signed().replace("Thank you for", "Thank  you, for");
    for fields in [exchange, proton] {
        let found = saved(fields, &rebuilt);
        assert_eq!(provider_and_client(&found), (json!("unknown"), json!("203.0.113.9")));
        let ill = found.ill(0);
        assert!(ill.contains(&"dkim-signature.blind"), "{ill:?}");
        assert!(!ill.contains(&"from-alignment.not-aligned"), "{ill:?}");
    }
}

/// A name without dots may take mail in from outside too: below its line everything is the sender's.
#[test]
fn a_name_from_inside_that_took_the_message_in_ends_what_is_believed() {
    let fields = "Received: from mx.google.com (evil.example [203.0.113.66])\n\tby mailhost (Postfix) with ESMTP id 1; DATE\n\
        Received: from out.brand.example ([203.0.113.9])\n\tby mx.google.com with ESMTPS id b2; DATE\n\
        Authentication-Results: mx.google.com; dkim=pass header.d=brand.example; dmarc=pass header.from=brand.example\n\
        Return-Path: <bounce@brand.example>\n";
    let found = saved(fields, &signed());
    assert_eq!(provider_and_client(&found), (json!("unknown"), json!("203.0.113.66")));
    assert_ne!(found.rows()[0]["authentication"]["provider"]["trusted"], true);
}

/// A mailing list and a bounce have no offers to make: what is asked of campaigns is not asked of them.
#[test]
fn what_is_no_campaign_is_not_taken_for_one() {
    let list = "Precedence: list\nList-Id: Developers <dev.lists.brand.example>\nList-Post: <mailto:dev@lists.brand.example>\nList-Unsubscribe: <mailto:dev-leave@lists.brand.example>\n";
    let reply = "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n";
    let jira = "Precedence: bulk\nAuto-Submitted: auto-generated\n";
    for fields in [list, reply, jira] {
        let found = saved(&fields.replace('\n', "\r\n"), &signed());
        assert_eq!(found.rows()[0]["category"], "transactional", "{fields}");
        let ill = found.ill(0);
        let of_campaigns =
            |reason: &&&str| reason.starts_with("list-unsubscribe") || reason.starts_with("unsubscribe-link");
        assert_eq!(ill.iter().find(of_campaigns), None, "{fields}");
    }
    // A page of settings is no offer either.
    let receipt = signed().replace(
        "Thank you for your order.",
        "Manage your preferences: https://shop.brand.example/settings",
    );
    assert_eq!(saved("", &receipt).rows()[0]["category"], "transactional");
    let campaign = "List-Unsubscribe: <https://news.brand.example/u/8f3a>\r\n";
    let found = saved(campaign, &signed());
    assert_eq!(found.rows()[0]["category"], "marketing");
    let taken = "taken as    marketing mail; --category says it otherwise";
    assert!(found.stdout.contains(taken), "{}", found.stdout);
}

#[test]
fn a_bounce_is_asked_for_its_helo_name_and_for_nothing_of_bulk_mail() {
    let fields = "Return-Path: <>\nReceived: from mail.company.example (mail.company.example [203.0.113.8])\n\tby mx.brand.example (Postfix) with ESMTPS id 7; DATE\n";
    let bounce = "From: MAILER-DAEMON@mail.company.example (Mail Delivery System)\r\nTo: max@brand.example\r\nSubject: Undelivered\r\n\
        Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <2@mail.company.example>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
        --b\r\n\r\nUser unknown\r\n--b--\r\n";
    let found = saved(fields, bounce);
    let findings = found.rows()[0]["findings"].as_array().unwrap();
    let of = |check: &str| findings.iter().find(|finding| finding["check"] == check).unwrap();
    assert_eq!(of("spf")["reason"], "spf.none");
    for (field, words) in [("expected", "HELO name"), ("help", "HELO name")] {
        assert!(of("spf")[field].as_str().unwrap().contains(words), "{}", of("spf"));
    }
    for check in ["bulk-sender-gmail", "bulk-sender-yahoo", "bulk-sender-microsoft"] {
        assert_eq!(of(check)["reason"], format!("{check}.no-bulk"));
    }
}
