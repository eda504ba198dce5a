//! Members of zip archives, read as streams: nothing is unpacked to disk, and no more than a block
//! of a member is in memory at a time, whatever size it claims to have or turns out to have.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The archive.
    pub(super) archive: PathBuf,
    /// Place in its directory.
    pub(super) index: usize,
    /// Name with folders, as the archive spells it. It is only shown: no path is made of it.
    pub(super) name: String,
    /// Size that the archive claims for it when unpacked.
    pub(super) bytes: u64,
}

/// Whether a file begins like a zip archive.
pub(super) fn is_archive(head: &[u8]) -> bool {
    // The second one is an archive without members.
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Lists the files of an archive. What macOS adds beside each file is left out.
///
/// # Errors
/// In words, when the directory at its end is missing or broken.
pub(super) fn members(path: &Path) -> Result<Vec<Member>, String> {
    let archive = open(path).map_err(|error| words(&error))?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index_data(index) else {
            continue;
        };
        let name = match entry.name() {
            Ok(name) => name.into_owned(),
            Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
        };
        let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if entry.is_dir() || base.is_empty() || base.starts_with("._") {
            continue;
        }
        members.push(Member {
            archive: path.to_owned(),
            index,
            bytes: entry.size(),
            name,
        });
    }
    Ok(members)
}

impl Member {
    /// `archive.zip!folder/member.evtx`.
    pub(super) fn path(&self) -> PathBuf {
        let mut path = self.archive.clone().into_os_string();
        path.push("!");
        path.push(&self.name);
        PathBuf::from(path)
    }

    /// Hands its content to `work`.
    ///
    /// # Errors
    /// When it is encrypted, packed in a way that is not known, or the archive is gone.
    pub(super) fn read<T>(&self, work: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
        let to_io = |error: ZipError| io::Error::other(words(&error));
        let mut archive = open(&self.archive).map_err(to_io)?;
        let mut file = archive.by_index(self.index).map_err(to_io)?;
        Ok(work(&mut file))
    }
}

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, ZipError> {
    ZipArchive::new(BufReader::new(File::open(path)?))
}

fn words(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(reason) if reason.contains("assword") => {
            "it is encrypted: unpack it with its password".to_owned()
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            format!("{error}: unpack it with another program")
        }
        other => format!("broken archive: {other}"),
    }
}
