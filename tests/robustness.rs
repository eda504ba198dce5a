//! What a case must survive: being killed at any moment, a full disk, lost permission, a torn
//! write-ahead log, two writers.
//!
//! `DUALUSE_KILLS=1000 cargo test --test robustness` kills a thousand times.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected fails"
)]

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dualuse::case::{Case, CaseError, EntryId};
use dualuse::detect::Catalog;
use dualuse::environment::Environment;
use dualuse::investigate::{Alert, Snapshot};
use dualuse::timeline::load::{Options, Progress, load};
use serde_json::Value;

const LOGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/logs/WS-1017");

fn alerts() -> Vec<Alert> {
    let timeline = load(
        &[PathBuf::from(LOGS)],
        Options::default(),
        &Progress::default(),
    );
    let snapshot = Snapshot::new(
        1,
        true,
        timeline.into(),
        &Catalog::built_in().unwrap(),
        &Environment::default(),
    );
    snapshot.alerts.to_vec()
}

/// A number below `most`, unlike from run to run.
fn random(most: u64) -> u64 {
    RandomState::new().hash_one(0) % most
}

/// Everything holds: the chain, SQLite's own check, and every one of these entries is there.
fn assert_whole(path: &Path, saved: &[String]) {
    let case = Case::open_read_only(path).unwrap();
    let found = case.verify().unwrap();
    assert!(found.is_whole(), "{found:?}");
    for id in saved {
        assert!(
            case.entry(&EntryId::from(id.clone())).is_some(),
            "{id} was reported saved and is not there"
        );
    }
}

/// A script that decides about one alert for as long as it lives.
fn script(case: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_dualuse"))
        .args(["triage", "decide", LOGS, "--json", "-", "--case"])
        .arg(case)
        .env("DUALUSE_AUTHOR", "script")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets the script save some decisions, kills it at some moment, and answers what it said it saved.
fn kill_at_a_random_moment(case: &Path, alert: &str) -> Vec<String> {
    let mut child = script(case);
    let mut input = child.stdin.take().unwrap();
    let order = format!(r#"{{"alert":"{alert}","transition":"in-progress"}}"#);
    let feeding = std::thread::spawn(move || while writeln!(input, "{order}").is_ok() {});
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut saved = Vec::new();
    let mut read = |saved: &mut Vec<String>| {
        let mut line = String::new();
        // A line cut off by the kill was not said.
        if output.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            return false;
        }
        let answer: Value = serde_json::from_str(&line).unwrap();
        saved.push(answer["saved"].as_str().unwrap().to_owned());
        true
    };
    for _ in 0..random(8) {
        assert!(read(&mut saved), "the script ended by itself");
    }
    std::thread::sleep(Duration::from_micros(random(20_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    while read(&mut saved) {}
    feeding.join().unwrap();
    saved
}

#[test]
fn what_was_reported_saved_survives_kill_9_at_any_moment() {
    let kills = std::env::var("DUALUSE_KILLS").map_or(12, |kills| kills.parse().unwrap());
    let alert = alerts()[0].id.clone();
    let folder = tempfile::tempdir().unwrap();
    let mut saved = Vec::new();
    let mut path = PathBuf::new();
    for number in 0..kills {
        // A new case now and then, so that beginning one is killed too.
        if number % 25 == 0 {
            path = folder.path().join(format!("{number}.dualuse-case"));
            saved.clear();
        }
        saved.extend(kill_at_a_random_moment(&path, &alert));
        if path.exists() {
            assert_whole(&path, &saved);
        } else {
            assert!(saved.is_empty());
        }
    }
}

#[test]
fn a_write_ahead_log_torn_anywhere_leaves_whole_entries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let alert = alerts().swap_remove(0);
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    // A reader keeps the log from being moved into the main file.
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM entry;")
        .unwrap();
    reader
        .query_row("SELECT count(*) FROM entry", [], |_| Ok(()))
        .unwrap();
    for number in 0..6 {
        case.note(&alert, &format!("note {number}")).unwrap();
    }
    let wal = folder.path().join("a-wal");
    let (main, log) = (fs::read(&path).unwrap(), fs::read(&wal).unwrap());
    assert!(log.len() > 4096, "nothing is in the write-ahead log");
    let whole: Vec<EntryId> = case.log().iter().map(|entry| entry.id.clone()).collect();
    let mut lengths = std::collections::BTreeSet::new();
    for round in 0..40 {
        let torn = folder.path().join(format!("torn-{round}"));
        fs::write(&torn, &main).unwrap();
        let cut = usize::try_from(random(log.len() as u64 + 1)).unwrap();
        fs::write(folder.path().join(format!("torn-{round}-wal")), &log[..cut]).unwrap();
        let case = Case::open(&torn, "bo").unwrap();
        let found = case.verify().unwrap();
        assert!(found.is_whole(), "cut at {cut}: {found:?}");
        let ids: Vec<EntryId> = case.log().iter().map(|entry| entry.id.clone()).collect();
        assert_eq!(ids, whole[..ids.len()], "cut at {cut}");
        lengths.insert(ids.len());
    }
    assert!(lengths.len() > 2, "the cuts hit nothing: {lengths:?}");
}

/// A small file system of its own; gone when dropped. `None` where that is not allowed.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(SmallDisk(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_loses_nothing_and_is_said() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("skipped: mounting a small disk is not allowed here");
        return;
    };
    let path = disk.0.path().join("a");
    let alert = alerts().swap_remove(0);
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    let mut saved = Vec::new();
    let refused = loop {
        match case.note(&alert, &"a long note ".repeat(500)) {
            Ok(entry) => saved.push(entry.id.to_string()),
            Err(error) => break error,
        }
        assert!(saved.len() < 1000, "the disk never fills");
    };
    assert!(matches!(refused, CaseError::DiskFull { .. }), "{refused}");
    assert!(!saved.is_empty());
    drop(case);
    assert_whole(&path, &saved);
    // A new case does not fit either, and no half of one is left.
    fs::write(disk.0.path().join("filler"), vec![0; 1 << 18]).unwrap_err();
    let second = disk.0.path().join("b");
    let error = Case::open_or_create(&second, "ana").unwrap_err();
    assert!(matches!(error, CaseError::DiskFull { .. }), "{error}");
    assert!(!second.exists());
    // Whoever opens it now can read it all, and is told why nothing can be written.
    let _ = fs::remove_file(disk.0.path().join("a-shm"));
    assert_whole(&path, &saved);
    let refused = Case::open(&path, "bo").and_then(|mut case| case.note(&alert, "more"));
    assert!(
        matches!(refused, Err(CaseError::DiskFull { .. })),
        "{refused:?}"
    );
    // With room again, work goes on.
    fs::remove_file(disk.0.path().join("filler")).unwrap();
    fs::remove_file(disk.0.path().join("b")).unwrap_err();
}

#[test]
fn what_waits_in_the_log_of_a_full_disk_is_read() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("skipped: mounting a small disk is not allowed here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let alert = alerts().swap_remove(0);
    let path = folder.path().join("a");
    let mut case = Case::open_or_create(&path, "ana").unwrap();
    // whoever reads keeps the log from being emptied
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let tables = "SELECT count(*) FROM sqlite_schema";
    reader.query_row(tables, [], |_| Ok(())).unwrap();
    let saved = vec![case.note(&alert, "seen before").unwrap().id.to_string()];
    for file in ["a", "a-wal"] {
        fs::copy(folder.path().join(file), disk.0.path().join(file)).unwrap();
    }
    assert!(fs::metadata(disk.0.path().join("a-wal")).unwrap().len() > 0);
    fs::write(disk.0.path().join("filler"), vec![0; 1 << 20]).unwrap_err();
    assert_whole(&disk.0.path().join("a"), &saved);
}

/// A user who may not do everything, with a program, evidence and a folder for cases within reach:
/// nothing can be forbidden to root.
#[cfg(unix)]
struct CommonUser(tempfile::TempDir);

#[cfg(unix)]
impl CommonUser {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        set_mode(home.path(), 0o755);
        fs::copy(env!("CARGO_BIN_EXE_dualuse"), home.path().join("dualuse")).unwrap();
        for folder in ["logs", "case"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        set_mode(&home.path().join("case"), 0o777);
        for log in fs::read_dir(LOGS).unwrap() {
            let log = log.unwrap();
            fs::copy(log.path(), home.path().join("logs").join(log.file_name())).unwrap();
        }
        CommonUser(home)
    }

    fn case(&self) -> PathBuf {
        self.0.path().join("case/a")
    }

    /// Decisions from standard input.
    fn script(&self) -> Child {
        use std::os::unix::process::CommandExt;
        const NOBODY: u32 = 65_534;
        let mut command = Command::new(self.0.path().join("dualuse"));
        command
            .args(["triage", "decide"])
            .arg(self.0.path().join("logs"))
            .args(["--json", "-", "--case"])
            .arg(self.case())
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("DUALUSE_AUTHOR", "script")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let probe = self.0.path().join("probe");
        fs::write(&probe, "").unwrap();
        set_mode(&probe, 0o444);
        if fs::File::options().append(true).open(&probe).is_ok() {
            command.uid(NOBODY).gid(NOBODY);
        }
        fs::remove_file(&probe).unwrap();
        command.spawn().unwrap()
    }

    /// Takes the right to write the case, or gives it back.
    fn may_write(&self, may: bool) {
        let (file, folder) = if may { (0o666, 0o777) } else { (0o444, 0o555) };
        let of_case = self.0.path().join("case");
        for entry in fs::read_dir(&of_case).unwrap() {
            set_mode(&entry.unwrap().path(), file);
        }
        set_mode(&of_case, folder);
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_permission_lost_while_deciding_is_said_and_loses_nothing() {
    let user = CommonUser::new();
    let order = format!(
        r#"{{"alert":"{}","transition":"in-progress"}}"#,
        alerts()[0].id
    );
    let mut child = user.script();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut saved = Vec::new();
    for number in 0..10 {
        let mut line = String::new();
        // It may go on with the file that it holds open, or end and say why.
        let went_on =
            writeln!(input, "{order}").is_ok() && output.read_line(&mut line).unwrap() > 0;
        if went_on {
            let answer: Value = serde_json::from_str(&line).unwrap();
            saved.push(answer["saved"].as_str().unwrap().to_owned());
        }
        assert!(went_on || number > 3, "it ended before it lost anything");
        if number == 3 {
            user.may_write(false);
        }
    }
    drop((input, output));
    child.wait().unwrap();
    assert_whole(&user.case(), &saved);

    // Whoever comes next is told, and what is there stays.
    let mut next = user.script();
    // It may have ended before it reads.
    let _ = writeln!(next.stdin.take().unwrap(), "{order}");
    let refused = next.wait_with_output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains(&*user.case().to_string_lossy()), "{said}");
    assert!(said.contains("write-protected"), "{said}");
    assert_whole(&user.case(), &saved);

    // With the right given back, work goes on.
    user.may_write(true);
    let mut again = user.script();
    writeln!(again.stdin.take().unwrap(), "{order}").unwrap();
    let done = again.wait_with_output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert_whole(&user.case(), &saved);
}

#[test]
fn two_processes_begin_and_write_one_case_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let alert = alerts()[0].id.clone();
    let order = format!(r#"{{"alert":"{alert}","transition":"in-progress"}}"#);
    let scripts: Vec<Child> = (0..2)
        .map(|_| {
            let mut child = script(&path);
            let mut input = child.stdin.take().unwrap();
            for _ in 0..10 {
                writeln!(input, "{order}").unwrap();
            }
            child
        })
        .collect();
    let mut saved = Vec::new();
    for child in scripts {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        for line in output.stdout.split(|byte| *byte == b'\n') {
            if let Ok(answer) = serde_json::from_slice::<Value>(line) {
                saved.push(answer["saved"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(saved.len(), 20);
    assert_whole(&path, &saved);
}
