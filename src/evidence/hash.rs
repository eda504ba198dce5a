//! SHA-256 of evidence, so that it can be shown later which bytes a decision rests on.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::SourceReport;
use crate::text::hex;

/// The SHA-256 of a source: unknown until somebody computes it, then known to all who share the
/// report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(OnceLock<String>);

impl Fingerprint {
    /// In hex; `None` while nobody has computed it.
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl From<String> for Fingerprint {
    fn from(hex: String) -> Self {
        Fingerprint(OnceLock::from(hex))
    }
}

impl SourceReport {
    /// Computes the SHA-256 unless it is known. `go_on` is told of every block how many bytes it
    /// has, and answers whether to go on; where it does not, the hash stays unknown.
    ///
    /// # Errors
    /// When the source cannot be read, or is no longer as long as it was when it was read.
    pub fn hash(&self, go_on: &mut dyn FnMut(u64) -> bool) -> io::Result<()> {
        if self.sha256.get().is_some() {
            return Ok(());
        }
        let mut bytes = 0;
        let mut counted = |block: u64| {
            bytes += block;
            go_on(block)
        };
        let hex = match &self.stream {
            Some(stream) => stream.raw(|reader| sha256(reader, &mut counted))?,
            None => File::open(&self.path).and_then(|mut file| sha256(&mut file, &mut counted)),
        }?;
        let Some(hex) = hex else {
            return Ok(());
        };
        if self.stream.is_none() && bytes != self.bytes {
            let what = format!(
                "it had {} bytes when it was read and has {bytes} now",
                self.bytes
            );
            return Err(io::Error::other(what));
        }
        // Whoever was faster computed the same.
        let _ = self.sha256.0.set(hex);
        Ok(())
    }
}

/// The SHA-256 of a file in hex.
///
/// # Errors
/// What the system says.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    let hex = sha256(&mut File::open(path)?, &mut |_| true)?;
    Ok(hex.unwrap_or_default())
}

/// `None` when `go_on` said to stop.
fn sha256(reader: &mut dyn Read, go_on: &mut dyn FnMut(u64) -> bool) -> io::Result<Option<String>> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut block)?;
        let part = block.get(..read).unwrap_or_default();
        if part.is_empty() {
            break;
        }
        hasher.update(part);
        if !go_on(part.len() as u64) {
            return Ok(None);
        }
    }
    Ok(Some(hex(hasher.finalize())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(path: &Path, bytes: u64) -> SourceReport {
        SourceReport {
            path: path.to_owned(),
            bytes,
            ..SourceReport::default()
        }
    }

    #[test]
    fn a_hash_is_computed_once_and_shared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let source = report(&path, 3);
        source.hash(&mut |_| false).unwrap();
        assert_eq!(source.sha256.get(), None, "it was told to stop");
        source.hash(&mut |_| true).unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(source.sha256.get(), Some(known));
        assert_eq!(sha256_of(&path).unwrap(), known);
        std::fs::remove_file(&path).unwrap();
        source.hash(&mut |_| true).unwrap();
    }

    #[test]
    fn a_file_that_grew_since_it_was_read_gets_no_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abcd").unwrap();
        let source = report(&path, 3);
        assert!(source.hash(&mut |_| true).is_err());
        assert_eq!(source.sha256.get(), None);
    }
}
