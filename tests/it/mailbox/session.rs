//! A session against servers that behave badly: every refusal, loss and lie is told as what it is.

use super::script::{Act, Ask, LIST, Server, account, leave, say};
use inboxqa::mailbox::{Failure, Proof, Refusal, Session, TlsSession, Woken, baseline, examine_login};
use inboxqa::model::profile::Dialect;
use inboxqa::model::{FolderRole, Secret};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::time::Instant;

async fn open(server: &Server) -> Result<TlsSession, Failure> {
    Ok(server.account().log_in(&server.net).await?.0)
}

async fn failure_of(script: impl Fn(&Ask) -> Option<Act> + Send + Sync + 'static) -> Failure {
    let server = Server::start(script).await;
    let mut session = match open(&server).await {
        Ok(session) => session,
        Err(failure) => return failure,
    };
    if let Err(failure) = session.list().await {
        return failure;
    }
    if let Err(failure) = session.examine("INBOX").await {
        return failure;
    }
    if let Err(failure) = session.entries(10).await {
        return failure;
    }
    session.body(10, 100).await.expect_err("every step went well")
}

const VERBS: [&str; 4] = ["CAPABILITY", "LIST", "EXAMINE", "FETCH"];

#[tokio::test]
async fn no_to_any_command_is_told_with_the_servers_words() {
    for verb in VERBS {
        let failure =
            failure_of(move |ask| (ask.verb == verb).then(|| say("{tag} NO [SERVERBUG] not today\r\n"))?).await;
        let Failure::No { command, text } = &failure else {
            panic!("{verb}: {failure:?}")
        };
        assert_eq!((*command, failure.code()), (verb, "imap-no"));
        assert_eq!(text, "[SERVERBUG] not today");
        assert!(failure.session_lives());
    }
}

#[tokio::test]
async fn bad_bye_and_a_silent_end_are_told_apart() {
    for verb in VERBS {
        let bad = failure_of(move |ask| (ask.verb == verb).then(|| say("{tag} BAD what?\r\n"))?).await;
        assert_eq!(bad.code(), "imap-bad", "{verb}: {bad:?}");
        let bye = failure_of(move |ask| (ask.verb == verb).then(|| leave("* BYE Session invalidated\r\n"))?).await;
        assert_eq!(bye, Failure::Bye("Session invalidated".to_owned()), "{verb}");
        let gone = failure_of(move |ask| (ask.verb == verb).then(|| leave(""))?).await;
        assert_eq!(gone.code(), "imap-dropped", "{verb}: {gone:?}");
    }
}

#[tokio::test]
async fn an_end_at_any_byte_of_an_answer_is_a_drop() {
    let answer = "* 3 FETCH (UID 10 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n{tag} OK done\r\n";
    for cut in 0..answer.len() - 1 {
        // Not inside the placeholder.
        let part = answer[..cut].replace("{ta", "").replace("{t", "");
        let failure = failure_of(move |ask| (ask.verb == "FETCH").then(|| leave(&part))?).await;
        assert_eq!(failure.code(), "imap-dropped", "cut at {cut}: {failure:?}");
    }
}

#[tokio::test]
async fn literals_that_lie_are_refused_or_dropped() {
    for length in ["4294967295", "400000000", "99999999999999999999"] {
        let line = format!("* 3 FETCH (UID 10 BODY[] {{{length}}}\r\nabc");
        let failure = failure_of(move |ask| (ask.verb == "FETCH").then(|| say(&line))?).await;
        assert_eq!(failure.code(), "imap-oversize", "{length}: {failure:?}");
    }
    for length in ["-1", "", "x"] {
        let line = format!("* 3 FETCH (UID 10 BODY[] {{{length}}}\r\nabc)\r\n{{tag}} OK done\r\n");
        let failure = failure_of(move |ask| (ask.verb == "FETCH").then(|| say(&line))?).await;
        assert_eq!(failure.code(), "imap-unreadable", "{length}: {failure:?}");
    }
    // Shorter than the data: what is left over is no IMAP.
    let failure = failure_of(|ask| {
        (ask.verb == "FETCH").then(|| say("* 3 FETCH (UID 10 BODY[] {3}\r\nmany more bytes)\r\n{tag} OK done\r\n"))?
    })
    .await;
    assert_eq!(failure.code(), "imap-unreadable", "{failure:?}");
    // Longer than the data: the end of the connection comes first.
    let failure =
        failure_of(|ask| (ask.verb == "FETCH").then(|| leave("* 3 FETCH (UID 10 BODY[] {500}\r\nabc)\r\n"))?).await;
    assert_eq!(failure.code(), "imap-dropped", "{failure:?}");
}

#[tokio::test]
async fn endless_lines_and_floods_are_cut_off() {
    let failure = failure_of(|ask| (ask.verb == "EXAMINE").then_some(Act::Say(vec![b'A'; 1024 * 1024]))).await;
    assert_eq!(failure.code(), "imap-oversize", "{failure:?}");
    let nested = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(100_000));
    let failure = failure_of(move |ask| (ask.verb == "FETCH").then(|| say(&nested))?).await;
    assert_eq!(failure.code(), "imap-oversize", "{failure:?}");
}

#[tokio::test]
async fn unasked_data_of_any_kind_disturbs_nothing() {
    let noise = "* 4 EXISTS\r\n* 1 RECENT\r\n* 2 EXPUNGE\r\n* XYZ {4}\r\n1 OK\r\n* NAMESPACE NIL NIL NIL\r\n* ESEARCH (TAG \"Q9\") UID ALL 1\r\n\
                 * OK [ALERT]é {2000}\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 2 FLAGS ())\r\nQ999 OK a foreign tag\r\n* VANISHED 1:5\r\n";
    let server = Server::start(move |ask| match ask.verb.as_str() {
        "FETCH" if ask.rest.contains("RFC822.SIZE") => say(&format!(
            "{noise}* 3 FETCH (UID 10 RFC822.SIZE 20 INTERNALDATE \" 7-Nov-2026 10:00:00 +0000\")\r\n{noise}\
             * 2 FETCH (UID 9 RFC822.SIZE 5)\r\n{{tag}} OK done\r\n"
        )),
        "FETCH" => say(&format!(
            "{noise}* 3 FETCH (BODY[] {{20}}\r\nA: {{400000000}}\r\n\r\nhi UID 10)\r\n{noise}{{tag}} OK done\r\n"
        )),
        "LIST" => say(&format!("{noise}{LIST}{noise}{{tag}} OK done\r\n")),
        _ => None,
    })
    .await;
    let mut session = open(&server).await.unwrap();
    assert_eq!(session.list().await.unwrap().len(), 3);
    assert_eq!(session.examine("INBOX").await.unwrap().uid_next, 10);
    let entries = session.entries(10).await.unwrap();
    assert_eq!(entries.len(), 1, "the last message below the asked UID is left out");
    assert_eq!((entries[0].uid, entries[0].size), (10, 20));
    assert!(entries[0].internal_date.is_some());
    let body = session.body(10, 20).await.unwrap().unwrap();
    assert_eq!(body, b"A: {400000000}\r\n\r\nhi");
}

#[tokio::test]
async fn a_session_is_good_after_no_and_bad() {
    let server = Server::start(|ask| match ask.verb.as_str() {
        "EXAMINE" if ask.rest.contains("nope") => say("{tag} NO [NONEXISTENT] no such folder\r\n"),
        "EXAMINE" if ask.rest.contains("odd") => say("{tag} BAD odd\r\n"),
        _ => None,
    })
    .await;
    let mut session = open(&server).await.unwrap();
    assert_eq!(session.examine("nope").await.unwrap_err().code(), "imap-no");
    assert_eq!(session.examine("odd").await.unwrap_err().code(), "imap-bad");
    assert_eq!(session.examine("INBOX").await.unwrap().exists, 3);
}

#[tokio::test]
async fn a_message_that_vanished_is_nothing_not_an_error() {
    let server = Server::start(|_| None).await;
    let mut session = open(&server).await.unwrap();
    session.examine("INBOX").await.unwrap();
    assert_eq!(session.body(10, 100).await.unwrap(), None);
    assert!(session.headers(&[10, 11]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_name_can_not_carry_a_command() {
    let server = Server::start(|ask| {
        assert_ne!(ask.verb, "DELETE");
        None
    })
    .await;
    let mut session = open(&server).await.unwrap();
    let failure = session.examine("INBOX\"\r\nA1 DELETE x").await.unwrap_err();
    assert_eq!(failure.code(), "imap-unreadable");
    // Quotes and backslashes go through as what they are.
    session.examine("a\"b\\c {4}").await.unwrap();
}

#[tokio::test]
async fn greetings_that_are_none() {
    let bye =
        failure_of(|ask| (ask.verb == "GREETING").then(|| leave("* BYE Too many simultaneous connections\r\n"))?).await;
    assert_eq!(bye.code(), "imap-bye");
    assert!(bye.detail().contains("close some of them"), "{}", bye.detail());
    assert!(bye.stay_away().is_some());
    let no = failure_of(|ask| (ask.verb == "GREETING").then(|| say("* NO go away\r\n"))?).await;
    assert_eq!(no.code(), "imap-greeting");
    let http = failure_of(|ask| (ask.verb == "GREETING").then(|| leave("HTTP/1.1 400 Bad Request\r\n\r\n"))?).await;
    assert_eq!(http.code(), "imap-unreadable");
    let closed = failure_of(|ask| (ask.verb == "GREETING").then(|| leave(""))?).await;
    assert_eq!(closed.code(), "imap-dropped");
}

#[tokio::test]
async fn preauth_needs_no_login() {
    let server = Server::start(|ask| {
        assert_ne!(ask.verb, "LOGIN");
        (ask.verb == "GREETING").then(|| say("* PREAUTH welcome back\r\n"))?
    })
    .await;
    assert_eq!(open(&server).await.unwrap().method(), "preauth");
}

#[tokio::test]
async fn a_login_is_quoted_and_its_refusal_has_a_remedy_and_no_secret() {
    let server = Server::start(|ask| match ask.verb.as_str() {
        "LOGIN" => {
            assert_eq!(ask.rest, r#""seed@mail.example" "pass\"wo\\rd""#);
            say("{tag} NO [ALERT] Application-specific password required: https://help.example/185833 pass\"wo\\rd or \"pass\\\"wo\\\\rd\" (Failure)\r\n")
        }
        _ => None,
    })
    .await;
    let failure = open(&server).await.unwrap_err();
    assert_eq!(failure.code(), "imap-login-refused");
    assert!(failure.hopeless());
    let words = failure.detail();
    assert!(
        words.contains("use an app password") && words.contains("[ALERT]"),
        "{words}"
    );
    assert!(!words.contains("\\rd"), "{words}");
}

#[tokio::test]
async fn plain_is_used_where_login_is_off_or_can_not_carry_the_password() {
    for (capabilities, password, answers) in [
        ("IMAP4rev1 LOGINDISABLED AUTH=PLAIN", "secret", true),
        ("IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR", "secret", false),
        ("IMAP4rev1 AUTH=PLAIN", "pässword", true),
    ] {
        let server = Server::start(move |ask| match ask.verb.as_str() {
            "GREETING" => say(&format!("* OK [CAPABILITY {capabilities}] hello\r\n")),
            "LOGIN" => panic!("LOGIN must not be used"),
            "AUTHENTICATE" if answers => {
                assert_eq!(ask.rest, "PLAIN");
                say("+ \r\n")
            }
            "ANSWER" => say("{tag} OK in\r\n"),
            _ => None,
        })
        .await;
        let mut account = server.account();
        account.password = Some(Secret::new(password));
        assert_eq!(account.log_in(&server.net).await.unwrap().0.method(), "plain");
    }
}

#[tokio::test]
async fn a_server_without_password_login_gets_no_password() {
    let server = Server::start(|ask| match ask.verb.as_str() {
        "GREETING" => say("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2] hello\r\n"),
        "LOGIN" | "AUTHENTICATE" => panic!("a password was sent"),
        _ => None,
    })
    .await;
    let failure = open(&server).await.unwrap_err();
    assert!(
        failure.hopeless() && failure.detail().contains("AUTH=XOAUTH2"),
        "{}",
        failure.detail()
    );
}

#[tokio::test]
async fn id_may_be_refused() {
    let server = Server::start(|ask| (ask.verb == "ID").then(|| say("{tag} BAD never heard of it\r\n"))?).await;
    assert!(open(&server).await.is_ok());
}

#[tokio::test]
async fn an_untrusted_certificate_is_no_connection() {
    let server = Server::start(|_| None).await;
    let stranger = Server::start(|_| None).await;
    let failure = server.account().log_in(&stranger.net).await.unwrap_err();
    assert_eq!(failure.code(), "imap-tls");
    let mut nowhere = server.account();
    nowhere.seed.profile.port = 1;
    assert_eq!(nowhere.log_in(&server.net).await.unwrap_err().code(), "imap-connect");
}

#[tokio::test]
async fn idle_ends_with_news_by_the_clock_and_by_a_call() {
    let server = Server::start(|ask| match (ask.connection, ask.verb.as_str()) {
        (0, "IDLE") => say("+ idling\r\n* OK Still here\r\n* 4 EXISTS\r\n"),
        (1, "IDLE") => say("* 4 EXISTS\r\n+ idling\r\n"),
        (2 | 3, "IDLE") => say("+ idling\r\n* OK Still here\r\n"),
        (4, "IDLE") => say("{tag} NO not here\r\n"),
        (5, "IDLE") => leave("+ idling\r\n* BYE restart\r\n"),
        (6, "IDLE") => leave("+ idling\r\n"),
        (_, "ANSWER") => say("{tag} OK woken\r\n"),
        _ => None,
    })
    .await;
    let far = || Instant::now() + Duration::from_secs(60);
    for connection in 0..=6 {
        let mut session = open(&server).await.unwrap();
        session.examine("INBOX").await.unwrap();
        let woken = match connection {
            2 => {
                session
                    .idle(Instant::now() + Duration::from_millis(20), std::future::pending())
                    .await
            }
            3 => session.idle(far(), std::future::ready(())).await,
            _ => session.idle(far(), std::future::pending()).await,
        };
        match connection {
            0 | 1 => assert_eq!(woken, Ok(Woken::News)),
            2 | 3 => assert_eq!(woken, Ok(Woken::Rested)),
            4 => assert_eq!(woken, Ok(Woken::Declined)),
            5 => assert_eq!(woken, Err(Failure::Bye("restart".to_owned()))),
            _ => assert_eq!(woken.unwrap_err().code(), "imap-dropped"),
        }
        if connection < 5 {
            assert!(
                session.examine("INBOX").await.is_ok(),
                "connection {connection} is usable after IDLE"
            );
        }
    }
}

/// In memory and with the clock stopped: time passes when nothing else can happen.
#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout_at_every_step() {
    for answers in 0..6 {
        let (ours, theirs) = tokio::io::duplex(4096);
        tokio::spawn(silent_after(theirs, answers));
        let failure = silent_step(ours).await.expect_err("the server fell silent");
        assert_eq!(failure.code(), "imap-timeout", "after {answers} answers: {failure:?}");
    }
}

async fn silent_after(stream: tokio::io::DuplexStream, answers: usize) {
    let mut stream = tokio::io::BufReader::new(stream);
    let mut tag = String::new();
    let mut line = String::new();
    for answer in [
        "* OK [CAPABILITY IMAP4rev1] hello\r\n",
        "{tag} OK in\r\n",
        "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n",
        "{tag} OK done\r\n",
        "* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 10] n\r\n{tag} OK done\r\n",
    ]
    .into_iter()
    .take(answers)
    {
        stream
            .write_all(answer.replace("{tag}", &tag).as_bytes())
            .await
            .unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        tag = line.split(' ').next().unwrap_or_default().to_owned();
    }
    // Half an answer and no more, with the connection left open.
    stream.write_all(b"* 1 FETCH (UID").await.unwrap();
    std::future::pending::<()>().await;
}

async fn silent_step(stream: tokio::io::DuplexStream) -> Result<(), Failure> {
    let mut session = Session::open(stream, "localhost", "seed", &Proof::Password(Secret::new("secret"))).await?;
    session.list().await?;
    session.examine("INBOX").await?;
    session.entries(1).await?;
    Ok(())
}

#[tokio::test]
async fn a_passing_trouble_does_not_cost_the_baseline() {
    let server = Server::start(|ask| match (ask.connection, ask.verb.as_str()) {
        (0, "LIST") => leave(""),
        (1, "EXAMINE") => say("{tag} NO [UNAVAILABLE] in a minute\r\n"),
        _ => None,
    })
    .await;
    let marks = baseline(&server.account(), &server.net).await.unwrap();
    let names: Vec<&str> = marks.iter().map(|mark| mark.folder.as_str()).collect();
    assert_eq!(names, ["INBOX", "Junk"], "a folder that can not be opened has no mark");
    assert_eq!((marks[0].uid_validity, marks[0].uid_next), (7, 10));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let server =
        Server::start(|ask| (ask.verb == "LOGIN").then(|| say("{tag} NO [AUTHENTICATIONFAILED] Invalid\r\n"))?).await;
    let why = baseline(&server.account(), &server.net).await.unwrap_err();
    assert_eq!(why.code, "imap-login-refused");
    assert_eq!(server.connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_folder_that_is_not_ours_has_no_mark() {
    let server = Server::start(|ask| match ask.verb.as_str() {
        "LIST" => say("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Shared\r\n{tag} OK done\r\n"),
        "EXAMINE" if ask.rest.contains("Shared") => say("{tag} NO [NOPERM] not yours\r\n"),
        _ => None,
    })
    .await;
    let marks = baseline(&server.account(), &server.net).await.unwrap();
    assert_eq!(marks.len(), 1);
}

#[tokio::test]
async fn uidnext_is_asked_for_where_examine_does_not_tell_it() {
    let server = Server::start(|ask| match ask.verb.as_str() {
        "EXAMINE" => say("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK done\r\n"),
        "FETCH" => {
            assert_eq!(ask.rest, "* (UID)");
            say("* 3 FETCH (UID 41)\r\n{tag} OK done\r\n")
        }
        _ => None,
    })
    .await;
    assert_eq!(
        open(&server).await.unwrap().examine("INBOX").await.unwrap().uid_next,
        42
    );
    let without = failure_of(|ask| (ask.verb == "EXAMINE").then(|| say("* 3 EXISTS\r\n{tag} OK done\r\n"))?).await;
    assert!(without.detail().contains("UIDVALIDITY"), "{without:?}");
}

#[tokio::test]
async fn a_hidden_junk_folder_is_said() {
    let server = Server::start(|ask| {
        (ask.verb == "LIST")
            .then(|| say("* LIST () \"/\" INBOX\r\n* LIST (\\All) \"/\" \"[Gmail]/All Mail\"\r\n{tag} OK done\r\n"))?
    })
    .await;
    let report = examine_login(&account(server.port, Dialect::Gmail), &server.net)
        .await
        .unwrap();
    assert_eq!(report.warnings.len(), 1, "{:?}", report.warnings);
    assert!(report.warnings[0].contains("Show in IMAP") && report.warnings[0].contains("[Gmail]/All Mail"));
    assert_eq!(report.folders[1].role, FolderRole::All);
    assert_eq!(report.method, "login");
    assert!(report.capabilities.contains(&"IDLE".to_owned()));
}

#[test]
fn the_known_refusals_have_their_remedies() {
    for (text, part, last) in [
        (
            "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
            "app password",
            true,
        ),
        (
            "[WEBALERT https://accounts.example/x] Web login required.",
            "browser",
            true,
        ),
        (
            "[ALERT] Too many simultaneous connections. (Failure)",
            "close some",
            false,
        ),
        (
            "[OVERQUOTA] Account exceeded command or bandwidth limits.",
            "a day",
            false,
        ),
        (
            "[AUTHENTICATIONFAILED] (#AUTH901) The provided OAuth2 access token is invalid",
            "token",
            true,
        ),
        ("[LIMIT] LOGIN Rate limit hit.", "wait", false),
        (
            "[SERVERBUG] LOGIN Server error - Please try again later",
            "of its own",
            false,
        ),
        ("AUTHENTICATE failed.", "Microsoft", true),
        ("User is authenticated but not connected.", "IMAP is switched on", true),
        ("Server Unavailable. 15", "not available", false),
        (
            "[UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
            "close some",
            false,
        ),
    ] {
        let refusal = Refusal::of_login(text);
        assert!(
            refusal.remedy.is_some_and(|remedy| remedy.contains(part)),
            "{text}: {refusal:?}"
        );
        assert_eq!(refusal.final_, last, "{text}");
        assert_eq!(refusal.stay_away.is_some(), !last, "{text}");
    }
    let throttled = Refusal::of("Request is throttled. Suggested Backoff Time: 92415 milliseconds");
    assert_eq!(throttled.stay_away, Some(Duration::from_millis(92_415)));
    let endless = Refusal::of("Suggested Backoff Time: 99999999999999 milliseconds");
    assert_eq!(endless.stay_away, Some(Duration::from_secs(300)));
}
