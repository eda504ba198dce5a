//! Event logs in zip archives.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use dualuse::evidence::ReadError;
use dualuse::timeline::load::{Options, Progress, load};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{alerts, assert_undamaged, evtx, file, read, records};

/// Packs members under these names.
fn pack(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default();
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Every file of a folder, with its name in it.
fn members(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = dualuse::evidence::discover::discover(&[folder.to_owned()]).files;
    files
        .iter()
        .map(|path| {
            let name = path.strip_prefix(folder).unwrap();
            (format!("C/{}", name.display()), fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn a_collection_tells_the_story_of_its_logs() {
    for story in ["psexec-classic", "winexe-first-run", "forwarded-two-hosts"] {
        let folder = evtx(story);
        let plain = read(folder.path());
        let mut packed = members(folder.path());
        packed.push(("notes/readme.txt".into(), b"not a log".to_vec()));
        packed.push(("__MACOSX/._Security.evtx".into(), b"Mac OS X".to_vec()));
        let (_folder, path) = file("collection.zip", pack(&packed));
        let timeline = read(&path);
        assert_undamaged(&timeline);
        assert_eq!(timeline.sources().len(), plain.sources().len());
        let first = &timeline.sources()[0];
        assert_eq!(first.kind, "evtx");
        let shown = first.path.display().to_string();
        let start = format!("{}!C/", path.display());
        assert!(shown.starts_with(&start), "{shown}");
        assert_eq!(records(&timeline), records(&plain), "{story}");
        assert_eq!(alerts(timeline), alerts(plain), "{story}");
    }
}

/// Packs members as tar does.
fn tar(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn tar_and_gzip_tell_the_story_of_the_logs_in_them() {
    for story in ["psexec-classic", "forwarded-two-hosts"] {
        let folder = evtx(story);
        let plain = read(folder.path());
        let mut packed = members(folder.path());
        packed.push(("notes/readme.txt".into(), b"not a log".to_vec()));
        let whole = tar(&packed);
        let forms = [
            ("collection.tar", whole.clone()),
            ("collection.tar.gz", gzip(&whole)),
        ];
        for (name, bytes) in forms {
            let (_folder, path) = file(name, bytes);
            let timeline = read(&path);
            assert_undamaged(&timeline);
            let shown = timeline.sources()[0].path.display().to_string();
            let start = format!("{}!C/", path.display());
            assert!(shown.starts_with(&start), "{shown}");
            assert_eq!(records(&timeline), records(&plain), "{story} in {name}");
            assert_eq!(alerts(timeline), alerts(read(folder.path())), "{name}");
        }
        let singles = TempDir::new().unwrap();
        for (name, bytes) in members(folder.path()) {
            let name = name.replace('/', "-") + ".gz";
            fs::write(singles.path().join(name), gzip(&bytes)).unwrap();
        }
        let timeline = read(singles.path());
        assert_undamaged(&timeline);
        assert_eq!(records(&timeline), records(&plain), "{story}, each in gzip");
    }
}

#[test]
fn an_archive_in_a_folder_is_found_and_hashed_by_member() {
    let folder = evtx("winexe-first-run");
    let options = Options { hash: true };
    let plain = load(&[folder.path().to_owned()], options, &Progress::default());
    let (holder, _) = file("logs.zip", pack(&members(folder.path())));
    fs::write(
        holder.path().join("office.zip"),
        pack(&[("a.xml".into(), b"<a/>".to_vec())]),
    )
    .unwrap();
    let packed = load(&[holder.path().to_owned()], options, &Progress::default());
    assert_undamaged(&packed);
    let hashes = |timeline: &dualuse::timeline::Timeline| {
        let hashes = timeline
            .sources()
            .iter()
            .map(|source| source.sha256.get().map(str::to_owned));
        hashes.map(Option::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(hashes(&packed), hashes(&plain));
}

#[test]
fn names_that_point_elsewhere_are_only_shown() {
    let folder = evtx("winexe-first-run");
    let packed: Vec<_> = members(folder.path())
        .into_iter()
        .enumerate()
        .map(|(at, (_, bytes))| (format!("../../../{at}/etc/x.evtx"), bytes))
        .collect();
    let (holder, path) = file("up.zip", pack(&packed));
    let timeline = read(&path);
    assert_undamaged(&timeline);
    assert!(!timeline.is_empty());
    assert_eq!(
        fs::read_dir(holder.path()).unwrap().count(),
        1,
        "nothing was written"
    );
}

#[test]
fn an_encrypted_member_is_said_to_be_so() {
    let folder = evtx("winexe-first-run");
    let mut bytes = pack(&members(folder.path())[..1]);
    // The lowest flag of both headers says "encrypted".
    bytes[6] |= 1;
    let central = find(&bytes, b"PK\x01\x02");
    bytes[central + 8] |= 1;
    let (_folder, path) = file("locked.zip", bytes);
    let timeline = read(&path);
    let damage = &timeline.sources()[0].damage;
    assert_eq!(damage.len(), 1);
    assert!(damage[0].reason.contains("encrypted"), "{damage:?}");
}

#[test]
fn a_broken_member_gives_what_comes_before_the_break() {
    let folder = evtx("psexec-classic");
    let whole = read(folder.path());
    let mut bytes = pack(&members(folder.path()));
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xff);
    let (_folder, path) = file("broken.zip", bytes);
    let timeline = read(&path);
    assert!(timeline.len() < whole.len());
    assert!(
        timeline
            .sources()
            .iter()
            .any(|source| !source.damage.is_empty())
    );
}

#[test]
fn an_archive_in_an_archive_is_not_passed_over_in_silence() {
    let folder = evtx("winexe-first-run");
    let inner = pack(&members(folder.path()));
    let (_folder, path) = file("outer.zip", pack(&[("host/inner.zip".into(), inner)]));
    let timeline = read(&path);
    let source = &timeline.sources()[0];
    assert!(source.path.ends_with("outer.zip!host/inner.zip"));
    assert!(
        source.damage[0].reason.ends_with("unpack it"),
        "{:?}",
        source.damage
    );
}

#[test]
fn an_archive_without_its_directory_is_damage() {
    let folder = evtx("winexe-first-run");
    let bytes = pack(&members(folder.path()));
    let (holder, _) = file("cut.zip", &bytes[..bytes.len() - 40]);
    let timeline = read(holder.path());
    let damage = &timeline.sources()[0].damage;
    assert!(damage[0].reason.contains("archive"), "{damage:?}");
}

#[test]
fn an_archive_without_logs_is_an_error_only_when_named() {
    let (holder, path) = file("x.zip", pack(&[("a.txt".into(), b"hello".to_vec())]));
    assert_eq!(read(holder.path()).sources().len(), 0);
    let opened = dualuse::evidence::open(&path);
    assert!(matches!(
        opened.as_slice(),
        [Err(ReadError::NotAnEventLog { .. })]
    ));
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|at| at == what).unwrap()
}
