//! Agreement with independent implementations (dkimpy).
