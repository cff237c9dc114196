//! The lab's seed mailboxes: an IMAP4rev1 server (RFC 3501) over TLS that plays the dialects of the big providers,
//! closely enough that a client which would misread the real ones misreads this one too.
