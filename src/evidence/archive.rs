//! Members of zip and tar archives, and files that gzip packed, read as streams: nothing is unpacked to disk, and no more than a block
//! of a member is in memory at a time, whatever size it claims to have or turns out to have.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

/// How files are packed into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Zip,
    Tar,
    /// A tar archive that gzip packed. A member is found by reading what lies before it.
    TarGzip,
    /// One file that gzip packed.
    Gzip,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    packing: Packing,
    /// The archive.
    pub(super) archive: PathBuf,
    /// Place in its directory.
    pub(super) index: usize,
    /// Name with folders, as the archive spells it. It is only shown: no path is made of it.
    pub(super) name: String,
    /// Size that the archive claims for it when unpacked.
    pub(super) bytes: u64,
}

/// Bytes of a file that tell how it is packed: a tar archive names itself in its first block.
pub(super) const HEAD: u64 = 512;

/// How a file that begins like this is packed; `None` when it is no archive.
///
/// # Errors
/// When what gzip packed cannot be read.
pub(super) fn packing(path: &Path, head: &[u8]) -> io::Result<Option<Packing>> {
    let is_tar = |head: &[u8]| head.get(257..262) == Some(b"ustar");
    // The second one is an archive without members.
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Some(Packing::Zip));
    }
    if is_tar(head) {
        return Ok(Some(Packing::Tar));
    }
    if !head.starts_with(b"\x1f\x8b") {
        return Ok(None);
    }
    let mut inner = Vec::new();
    unpacked(path)?.take(HEAD).read_to_end(&mut inner)?;
    Ok(Some(if is_tar(&inner) {
        Packing::TarGzip
    } else {
        Packing::Gzip
    }))
}

/// What gzip packed into a file.
pub(super) fn unpacked(path: &Path) -> io::Result<MultiGzDecoder<BufReader<File>>> {
    Ok(MultiGzDecoder::new(BufReader::new(File::open(path)?)))
}

/// Lists the files of an archive. What macOS adds beside each file is left out.
///
/// # Errors
/// In words, when its directory is missing or broken.
pub(super) fn members(path: &Path, packing: Packing) -> Result<Vec<Member>, String> {
    match packing {
        Packing::Zip => zip_members(path),
        _ => tar_members(path, packing).map_err(|error| format!("broken archive: {error}")),
    }
}

/// Whether a member is a file of its own and nothing that macOS adds beside each.
fn is_file(name: &str) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    !base.is_empty() && !base.starts_with("._")
}

fn tar_members(path: &Path, packing: Packing) -> io::Result<Vec<Member>> {
    let mut archive = tar::Archive::new(tar_bytes(path, packing)?);
    let mut members = Vec::new();
    for (index, entry) in archive.entries()?.enumerate() {
        let entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type().is_file() && is_file(&name) {
            members.push(Member {
                packing,
                archive: path.to_owned(),
                index,
                bytes: entry.size(),
                name,
            });
        }
    }
    Ok(members)
}

fn tar_bytes(path: &Path, packing: Packing) -> io::Result<Box<dyn Read>> {
    Ok(match packing {
        Packing::TarGzip => Box::new(unpacked(path)?),
        _ => Box::new(BufReader::new(File::open(path)?)),
    })
}

fn zip_members(path: &Path) -> Result<Vec<Member>, String> {
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
        if entry.is_dir() || !is_file(&name) {
            continue;
        }
        members.push(Member {
            packing: Packing::Zip,
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
        if self.packing != Packing::Zip {
            let mut archive = tar::Archive::new(tar_bytes(&self.archive, self.packing)?);
            let entry = archive.entries()?.nth(self.index).transpose()?;
            let gone = || io::Error::other("the archive has changed");
            return Ok(work(&mut entry.ok_or_else(gone)?));
        }
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
