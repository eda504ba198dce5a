//! Version resources and hashes of programs, as Sysmon reports them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::random::Random;

/// The version resource of a program. A program that is not listed has none.
#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
struct Resource {
    original: String,
    description: String,
    product: String,
    company: String,
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Images {
    image: BTreeMap<String, Resource>,
}

/// What a scenario may say itself: parameter and the field that it fills.
pub(crate) const PARAMETERS: [(&str, &str); 6] = [
    ("original", "OriginalFileName"),
    ("description", "Description"),
    ("product", "Product"),
    ("company", "Company"),
    ("version", "FileVersion"),
    ("hashes", "Hashes"),
];

/// The fields of Sysmon 1 for a program; what the scenario says counts more than the list.
pub(crate) fn fields(
    image: &str,
    said: &BTreeMap<String, String>,
) -> Result<Vec<(&'static str, String)>> {
    let base = image.rsplit('\\').next().unwrap_or(image).to_lowercase();
    let known = images()?.get(&base).cloned().unwrap_or_default();
    let mut values: BTreeMap<&str, String> = BTreeMap::from([
        ("original", known.original),
        ("description", known.description),
        ("product", known.product),
        ("company", known.company),
        ("version", known.version),
    ]);
    values.extend(
        said.iter()
            .map(|(key, value)| (key.as_str(), value.clone())),
    );
    let part = |key: &str| values.get(key).cloned().unwrap_or_default();
    // A renamed copy has the hash of the original.
    let original = Some(part("original").to_lowercase()).filter(|name| !name.is_empty());
    let hashes = hashes(&original.unwrap_or(base), &part("version"));
    values.entry("hashes").or_insert(hashes);
    let field = |(key, field): (&str, &'static str)| {
        let value = values.remove(key).filter(|value| !value.is_empty());
        (field, value.unwrap_or_else(|| "-".to_owned()))
    };
    Ok(PARAMETERS.into_iter().map(field).collect())
}

fn images() -> Result<&'static BTreeMap<String, Resource>> {
    static IMAGES: OnceLock<std::result::Result<BTreeMap<String, Resource>, String>> =
        OnceLock::new();
    let read = IMAGES.get_or_init(|| {
        let read: std::result::Result<Images, _> =
            toml::from_str(include_str!("../../kinds/images.toml"));
        read.map(|images| images.image)
            .map_err(|error| error.to_string())
    });
    read.as_ref()
        .map_err(|error| Error::new(format!("kinds/images.toml: {error}")))
}

/// Digits that follow from name and version: made up, but the same wherever the same program runs.
fn hashes(name: &str, version: &str) -> String {
    const DIGITS: &str = "0123456789ABCDEF";
    let mut random = Random::new(0, &format!("{name} {version}"));
    let md5 = random.text(DIGITS, 32);
    let sha256 = random.text(DIGITS, 64);
    format!(
        "MD5={md5},SHA256={sha256},IMPHASH={}",
        random.text(DIGITS, 32)
    )
}
