//! Where a case lies when nobody says: in the user's data folder, named after the evidence, so
//! that the same evidence opens the same case again. Never beside evidence.

use std::path::{Path, PathBuf};

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use sha2::{Digest, Sha256};

use super::error::CaseError;
use crate::text::hex;

/// The extension of case files.
pub const EXTENSION: &str = "dualuse-case";

/// The case of some evidence: `<data folder>/cases/<folder name>-<hash of the paths>.dualuse-case`.
///
/// # Errors
/// When the user has no home folder.
pub fn default_path(evidence: &[PathBuf]) -> Result<PathBuf, CaseError> {
    let strategy = choose_app_strategy(AppStrategyArgs {
        top_level_domain: String::new(),
        author: String::new(),
        app_name: "dualuse".to_owned(),
    })
    .map_err(|error| CaseError::NoHome(error.to_string()))?;
    Ok(strategy.data_dir().join("cases").join(file_name(evidence)))
}

/// A name that a human recognises and that differs for different evidence. The order in which
/// paths are given does not count.
fn file_name(evidence: &[PathBuf]) -> String {
    let mut paths: Vec<PathBuf> = evidence.iter().map(|path| absolute(path)).collect();
    paths.sort();
    paths.dedup();
    let mut hash = Sha256::new();
    for path in &paths {
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
    }
    let hash = hex(hash.finalize().into_iter().take(4));
    format!("{}-{hash}.{EXTENSION}", readable_name(&paths))
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

fn readable_name(paths: &[PathBuf]) -> String {
    let name = paths
        .first()
        .and_then(|path| path.file_stem())
        .unwrap_or_default()
        .to_string_lossy();
    let mut readable: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    if readable.is_empty() {
        readable.push_str("case");
    }
    if paths.len() > 1 {
        readable.push_str("-and-more");
    }
    readable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_evidence_opens_the_same_case_in_any_order() {
        let (a, b) = (
            PathBuf::from("/evidence/FS01"),
            PathBuf::from("/evidence/WS17"),
        );
        assert_eq!(
            file_name(&[a.clone(), b.clone()]),
            file_name(&[b.clone(), a.clone()])
        );
        assert_ne!(
            file_name(std::slice::from_ref(&a)),
            file_name(&[a.clone(), b])
        );
        assert!(file_name(&[a]).starts_with("FS01-"));
    }

    #[test]
    fn hostile_folder_names_stay_inside_the_folder() {
        let name = file_name(&[PathBuf::from("/x/..\u{202e}; rm -rf ~\n")]);
        assert!(
            !name.contains(['/', '\\', '\n', ';', ' ', '\u{202e}']),
            "{name}"
        );
    }
}
