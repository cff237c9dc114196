//! Tells a process that died from one that is still at work on the same store: each opened store holds a lock on a file of
//! its own, and the system lets go of it however the process ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static OPENED: AtomicU64 = AtomicU64::new(0);

/// This opened store, as its journal rows name it.
#[derive(Debug)]
pub(super) struct Owner {
    id: String,
    path: PathBuf,
    /// Holds the lock as long as it is open.
    _lock: File,
}

impl Owner {
    /// Enters the world beside the database file `database`, and clears away the locks of the dead.
    pub(super) fn enter(database: &Path) -> io::Result<Owner> {
        sweep(database);
        let nanos = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
        let count = OPENED.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{nanos}-{count}", std::process::id());
        // Locked before it gets its name: no other process can see it unlocked while we live.
        let unnamed = lock_path(database, &format!("{id}.new"));
        let lock = File::options().write(true).create_new(true).open(&unnamed)?;
        lock.lock()?;
        let path = lock_path(database, &id);
        fs::rename(&unnamed, &path)?;
        Ok(Owner { id, path, _lock: lock })
    }

    /// The name under which rows are written.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Is the owner of that name still at work? Where it can not be told (no permission), it counts as alive.
pub(super) fn alive(database: &Path, id: &str) -> bool {
    match File::open(lock_path(database, id)) {
        Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn lock_path(database: &Path, id: &str) -> PathBuf {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    database.with_file_name(format!("{name}-owner-{id}"))
}

fn sweep(database: &Path) {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!("{name}-owner-");
    let entries = database.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        let file = entry.file_name();
        let id = file.to_string_lossy().strip_prefix(&prefix).map(str::to_owned);
        // A name that still ends in `.new` may belong to one that is just entering.
        if id.is_some_and(|id| !id.ends_with(".new") && !alive(database, &id)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
