//! Tests against servers we did not write (Postfix, Dovecot, OpenDKIM).
