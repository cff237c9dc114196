//! The generated matrix (`matrix.py`): every algorithm, canonical form and shape of body, header field, signature and key record that
//! mail comes in, judged by us and by two others. Where one of them says otherwise, it is told here, with who is right.

use super::{Known, Message, agree, judged_by, messages, ours, perl, python, run};

fn matrix(python: &str) -> Vec<Message> {
    let made = messages(&run(python, "matrix.py", &[], ""));
    assert!(made.len() >= 700, "{} messages", made.len());
    let intact: Vec<&Message> = made.iter().filter(|message| message.intact).collect();
    assert!(intact.len() >= 250, "{} are intact", intact.len());
    for message in intact {
        let found = ours(message);
        assert!(found[0].0, "{}: {found:?}", message.name);
    }
    made
}

/// Section signs are those of RFC 6376.
const DKIMPY: &[Known] = &[
    Known {
        name: "bodies / rsa-sha1 *",
        why: "rsa-sha1 counts for nothing since RFC 8301 §3.1; dkimpy still verifies it",
    },
    Known {
        name: "bodies / * blanks * without a line break",
        why: "§3.4.4: blanks at the end of a line go also where no line break follows; dkimpy keeps them there",
    },
    Known {
        name: "bodies / * bare line feeds*",
        why: "dkimpy takes a bare line feed for a line break; on the wire it is a byte like others",
    },
    Known {
        name: "headers / * a bare line feed",
        why: "dkimpy takes a bare line feed for a line break; on the wire it is a byte like others",
    },
    Known {
        name: "headers / * form feed and vertical tab",
        why: "§2.8: white space is blanks and tabs; dkimpy takes every control character of that kind for it",
    },
    Known {
        name: "headers / * blanks before the colon",
        why: "obsolete, and allowed to receive (RFC 5322 §4.5.8); dkimpy reads no such message",
    },
    Known {
        name: "headers / * a second From above",
        why: "dkimpy asks for every From to be signed; by §5.4.2 the lowest is, and `from-identity` fails such a message",
    },
    Known {
        name: "signatures / * two semicolons at the end",
        why: "an empty tag says nothing that could be misread; dkimpy wants the grammar of §3.2 to the letter",
    },
    Known {
        name: "signatures / * in capitals",
        why: "a= and c= are literals of ABNF, which have no case (RFC 5234 §2.3); dkimpy compares them as they stand",
    },
    Known {
        name: "signatures / * an empty h=",
        why: "§3.5: h= is required and names From; dkimpy verifies a signature over nothing",
    },
    Known {
        name: "signatures / * From not signed",
        why: "§5.4: From must be signed; dkimpy does not ask",
    },
    Known {
        name: "signatures / * an unknown q= besides",
        why: "§3.5: q= is a list, and one of it is known; dkimpy knows dns/txt alone",
    },
    Known {
        name: "signatures / * t= tomorrow",
        why: "§3.5: a signature from the future may be ignored; dkimpy does, we do not",
    },
    Known {
        name: "signatures / * l= beyond the body",
        why: "§3.5: l= must not be larger than the body; dkimpy signs what there is",
    },
    Known {
        name: "keys / *k= in capitals",
        why: "k= is a literal of ABNF, which has no case; dkimpy compares it as it stands",
    },
    Known {
        name: "keys / *h= sha1",
        why: "§3.6.1: the key does not allow sha256; dkimpy does not read h=",
    },
    Known {
        name: "keys / h= unknown",
        why: "§3.6.1: the key does not allow sha256; dkimpy does not read h=",
    },
    Known {
        name: "keys / an empty h=",
        why: "§3.6.1: an empty list allows nothing; dkimpy does not read h=",
    },
    Known {
        name: "keys / s= * *",
        why: "§3.6.1: s= is a list; dkimpy compares it as a whole",
    },
    Known {
        name: "keys / t= *, i= of a subdomain",
        why: "§3.6.1: t=s forbids i= of a subdomain; dkimpy does not read it",
    },
    Known {
        name: "keys / two semicolons at the end",
        why: "an empty tag says nothing that could be misread; dkimpy wants the grammar of §3.2 to the letter",
    },
    Known {
        name: "keys / a key and a text, the text first",
        why: "§3.6.2.2: of several records the order is not defined; we take the one that is a key, dkimpy the first",
    },
];
const MAIL_DKIM: &[Known] = &[
    Known {
        name: "*ed25519*",
        why: "RFC 8463 came after the Mail::DKIM that Debian has",
    },
    Known {
        name: "signatures / two of them",
        why: "RFC 8463 came after the Mail::DKIM that Debian has",
    },
    Known {
        name: "bodies / * */simple * without a line break",
        why: "§3.4.3: a line break that is missing at the end is added; Mail::DKIM does not add it",
    },
    Known {
        name: "bodies / * */simple no line break at the end",
        why: "§3.4.3: a line break that is missing at the end is added; Mail::DKIM does not add it",
    },
    Known {
        name: "bodies / * */simple bare line feeds*",
        why: "Mail::DKIM wants a whole line break at the end, as above",
    },
    Known {
        name: "bodies / * */simple bare carriage returns",
        why: "Mail::DKIM wants a whole line break at the end, as above",
    },
    Known {
        name: "* a tag twice",
        why: "§3.2: the whole list is invalid; Mail::DKIM takes the last",
    },
    Known {
        name: "keys / p= twice",
        why: "§3.2: the whole list is invalid; Mail::DKIM takes the last",
    },
    Known {
        name: "signatures / * a part that is no tag",
        why: "Mail::DKIM lists no signature that it can not read: no verdict is no pass",
    },
    Known {
        name: "signatures / * no v=",
        why: "§3.5: v= is required; Mail::DKIM takes none for the first version",
    },
    Known {
        name: "signatures / * v= 0.5",
        why: "§3.5: v= is 1; Mail::DKIM still knows a draft",
    },
    Known {
        name: "signatures / * an empty h=",
        why: "§3.5: h= is required and names From; Mail::DKIM verifies a signature over nothing",
    },
    Known {
        name: "signatures / * From not signed",
        why: "§5.4: From must be signed; Mail::DKIM does not ask",
    },
    Known {
        name: "signatures / * x= before t=",
        why: "§3.5: x= must be later than t=; Mail::DKIM looks at the clock alone",
    },
    Known {
        name: "signatures / * t= no number",
        why: "§6.1.1: an unexpected value makes the signature count for nothing; Mail::DKIM does not read t=",
    },
    Known {
        name: "signatures / * l= 0",
        why: "§3.5: l=0 signs no body at all; Mail::DKIM takes it for no l=",
    },
    Known {
        name: "signatures / * l= beyond the body",
        why: "§3.5: l= must not be larger than the body; Mail::DKIM signs what there is",
    },
    Known {
        name: "keys / an empty [vks]=",
        why: "§3.6.1: the value is not one of those that are defined; Mail::DKIM takes it for none",
    },
    Known {
        name: "keys / k= in capitals",
        why: "k= is a literal of ABNF, which has no case; Mail::DKIM compares it as it stands",
    },
    Known {
        name: "keys / * with blanks*",
        why: "§3.6.1: blanks may stand around the colon; Mail::DKIM keeps them",
    },
    Known {
        name: "keys / an empty h=",
        why: "§3.6.1: an empty list allows nothing; Mail::DKIM takes it for none",
    },
    Known {
        name: "keys / p= as PKCS#1",
        why: "RFC 6376 §3.6.1 says RSAPublicKey, everybody publishes SubjectPublicKeyInfo, we take both; Mail::DKIM the latter alone",
    },
    Known {
        name: "keys / an empty g=",
        why: "g= went with RFC 6376 and is passed over; Mail::DKIM still reads it",
    },
    Known {
        name: "keys / g= of somebody",
        why: "g= went with RFC 6376 and is passed over; Mail::DKIM still reads it",
    },
    Known {
        name: "keys / quotation marks",
        why: "no base64, no tag; Mail::DKIM takes quotation marks away",
    },
    Known {
        name: "keys / a key and a text, the text first",
        why: "§3.6.2.2: of several records the order is not defined; we take the one that is a key, Mail::DKIM the first",
    },
    Known {
        name: "keys / 1023 bits",
        why: "RFC 8301 §3.2: below 1024; Mail::DKIM counts whole bytes",
    },
];

#[test]
fn dkimpy_on_the_matrix() {
    let Some(python) = python("referee::matrix::dkimpy_on_the_matrix") else {
        return;
    };
    let made = matrix(&python);
    let theirs = judged_by(&python, "dkimpy.py", &["verify"], &made);
    agree("dkimpy", &made, &theirs, DKIMPY, 200);
}

#[test]
fn mail_dkim_on_the_matrix() {
    let test = "referee::matrix::mail_dkim_on_the_matrix";
    let (Some(python), Some(perl)) = (python(test), perl(test)) else {
        return;
    };
    let made = matrix(&python);
    let theirs = judged_by(perl, "maildkim.pl", &[], &made);
    agree("Mail::DKIM", &made, &theirs, MAIL_DKIM, 200);
}
