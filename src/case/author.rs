//! Who acts, and on which machine.

/// The author of new entries: what was asked for, else `DUALUSE_AUTHOR`, else `user@host`.
pub fn author(asked: Option<&str>) -> String {
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    asked
        .and_then(|text| given(text.to_owned()))
        .or_else(|| std::env::var("DUALUSE_AUTHOR").ok().and_then(given))
        .unwrap_or_else(|| format!("{}@{}", user(), machine()))
}

/// The name of this machine.
pub fn machine() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}
