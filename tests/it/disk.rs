//! The real disk: private, never through links, locked once, durable when it says so.

use qroll::host::RealDisk;
use qroll::ports::{Disk as _, LockOutcome};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path)
        .expect("metadata")
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn files_and_directories_are_private_and_appended_to() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state/runs");
    RealDisk.make_directory(&state).unwrap();
    assert_eq!(mode(&state), 0o700);
    let path = state.join("a.journal");
    let mut file = RealDisk.create(&path, 1 << 20).unwrap();
    file.append(b"one\ntwo\nto").unwrap();
    file.sync().unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(
        std::fs::metadata(&path).unwrap().len(),
        10,
        "reserved bytes do not show"
    );
    assert!(
        RealDisk.create(&path, 0).is_err(),
        "an existing file is never taken over"
    );
    RealDisk
        .reopen(&path, 8)
        .unwrap()
        .append(b"three\n")
        .unwrap();
    assert_eq!(RealDisk.read(&path).unwrap().unwrap(), b"one\ntwo\nthree\n");
    assert_eq!(RealDisk.list(&state).unwrap(), [path]);
    assert!(RealDisk.list(&state.join("none")).unwrap().is_empty());
}

#[test]
fn replacing_leaves_one_whole_file() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("plan.json");
    RealDisk.replace(&path, b"old").unwrap();
    RealDisk.replace(&path, b"new").unwrap();
    assert_eq!(RealDisk.read(&path).unwrap().unwrap(), b"new");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(RealDisk.list(home.path()).unwrap().len(), 1);
    assert_eq!(RealDisk.read(&home.path().join("none")).unwrap(), None);
}

#[test]
fn of_a_large_file_no_more_than_its_head_is_read() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("plan.json");
    std::fs::write(&path, vec![b'x'; 1 << 20]).expect("written");
    let head = RealDisk.read_head(&path, 16).expect("readable");
    assert_eq!(head, Some(vec![b'x'; 16]));
    let none = RealDisk.read_head(&home.path().join("none"), 16);
    assert_eq!(none.expect("readable"), None);
}

#[test]
fn links_and_open_directories_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("target");
    std::fs::write(&target, "x").unwrap();
    let link = home.path().join("link");
    symlink(&target, &link).unwrap();
    for refusal in [
        RealDisk.read(&link).unwrap_err(),
        RealDisk.reopen(&link, 0).map(drop).unwrap_err(),
        RealDisk.lock(&link, "me").map(drop).unwrap_err(),
    ] {
        assert!(refusal.text().contains("link"), "{refusal}");
        assert!(refusal.hints().iter().any(|hint| hint.contains("link")));
    }
    assert_eq!(
        std::fs::read(&target).unwrap(),
        b"x",
        "the target is untouched"
    );

    let open = home.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
    let refusal = RealDisk.make_directory(&open).unwrap_err();
    assert!(
        refusal
            .hints()
            .iter()
            .any(|hint| hint.starts_with("chmod 700"))
    );
    let linked = home.path().join("linked");
    symlink(home.path(), &linked).unwrap();
    assert!(RealDisk.make_directory(&linked).is_err());
}

#[test]
fn a_lock_is_held_once_names_its_owner_and_leaves_its_file() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("t.lock");
    let held = RealDisk.lock(&path, "process 7").unwrap();
    assert!(matches!(held, LockOutcome::Held(_)));
    assert!(
        matches!(RealDisk.lock(&path, "process 8").unwrap(), LockOutcome::Busy { holder, stopped: None } if holder == "process 7")
    );
    drop(held);
    assert!(path.exists(), "deleting a lock file is a race");
    assert!(matches!(
        RealDisk.lock(&path, "process 9").unwrap(),
        LockOutcome::Held(_)
    ));
}

#[test]
fn somebody_who_only_looks_keeps_nobody_from_a_lock() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("t.lock");
    drop(RealDisk.lock(&path, "process 7, long gone").unwrap());
    let over = AtomicBool::new(false);
    let busy = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                RealDisk.is_held(&path);
            }
        });
        let outcomes = (0..300).map(|_| RealDisk.lock(&path, "process 8").unwrap());
        let busy = outcomes.filter(|one| matches!(one, LockOutcome::Busy { .. }));
        let busy = busy.count();
        over.store(true, Ordering::Relaxed);
        busy
    });
    assert_eq!(busy, 0, "turned away by a look");
}

#[test]
fn a_file_that_was_deleted_under_us_is_known_to_be_gone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.journal");
    let mut file = RealDisk.create(&path, 0).unwrap();
    assert!(file.is_linked());
    std::fs::remove_file(&path).unwrap();
    file.append(b"still").unwrap();
    file.sync().unwrap();
    assert!(!file.is_linked());
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_in_memory_is_warned_of() {
    // Mounted on every machine that runs these tests; nothing is written there.
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        let caution = RealDisk.caution(&shared.join("state")).unwrap();
        assert!(caution.contains("/dev/shm/state") && caution.contains("tmpfs"));
    }
    assert_eq!(RealDisk.caution(Path::new("/proc")), None);
}
