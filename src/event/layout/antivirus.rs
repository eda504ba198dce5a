//! Antivirus products: what each writes into the event log (catalogue B1). Names of verdicts differ
//! from product to product; the path is what all have.

use super::{Layout, Reader};
use crate::event::fact::Antivirus;

layout!(DEFENDER: Antivirus {
    threat: text("Threat Name"), path: text("Path"), process: text("Process Name"),
    account: text("Detection User"), severity: text("Severity Name"), category: text("Category Name"),
    action: text("Action Name"),
});
layout!(
    /// Attack surface reduction (1121 blocked, 1122 audited): `ID` is the rule's GUID.
    ASR_BLOCKED: Antivirus {
    threat: text("ID"), path: text("Path"), process: text("Process Name"), account: text("User"),
} then |fact, reader| asr_rule(fact, reader, "blocked"));
layout!(ASR_AUDITED: Antivirus {
    threat: text("ID"), path: text("Path"), process: text("Process Name"), account: text("User"),
} then |fact, reader| asr_rule(fact, reader, "audited"));
layout!(
    /// Microsoft Security Essentials: Defender's fields by position.
    SECURITY_ESSENTIALS: Antivirus {
    threat: text("#7"), severity: text("#9"), category: text("#11"), process: text("#18"),
    account: text("#19"), path: text("#21"), action: text("#28"),
});
layout!(
    /// F-Secure: one field with JSON that holds path, verdict and hash.
    F_SECURE: Antivirus { path: text("rv"), });
layout!(
    /// Products that write unnamed text: the first items are joined into one line.
    ANTIVIRUS_TEXT: Antivirus {
    path: text("#0"), threat: text("#1"), process: text("#2"), severity: text("#3"),
    category: text("#4"), action: text("#5"), account: text("#6"),
} then |fact, reader| {
    let items = [
        fact.path, fact.threat, fact.process, fact.severity, fact.category, fact.action, fact.account,
    ];
    let texts: Vec<&str> = items.iter().filter_map(|item| reader.strings.get(*item)).collect();
    let line = texts.join(" | ");
    *fact = Antivirus { path: reader.strings.intern(&line), ..Default::default() };
});

/// `ASR` with the rule's GUID in lower case and what was done.
fn asr_rule(fact: &mut Antivirus, reader: &mut Reader<'_>, action: &str) {
    let rule = reader.strings.text(fact.threat).to_ascii_lowercase();
    let rule = rule.trim_start_matches('{').trim_end_matches('}');
    let threat = format!("ASR {rule} {action}");
    fact.threat = reader.strings.intern(&threat);
    fact.action = reader.strings.intern(action);
}

/// How the providers of products begin that write text: their names grow with each edition.
const PRODUCTS: [&str; 17] = [
    "Symantec AntiVirus",
    "Symantec Endpoint Protection",
    "McLogEvent",
    "McAfee",
    "Trellix",
    "Sophos",
    "Trend Micro",
    "OfficeScan",
    "Kaspersky",
    "ESET",
    "Bitdefender",
    "Webroot",
    "CSFalcon",
    "Deep Security",
    "HitmanPro",
    "Malwarebytes",
    "Avira",
];

/// The layout of a product's event.
pub(super) fn layout(provider: &str, event_id: u32) -> Option<&'static Layout> {
    Some(match (provider, event_id) {
        ("Microsoft-Windows-Windows Defender", 1006 | 1007 | 1015 | 1116..=1119) => &DEFENDER,
        ("Microsoft-Windows-Windows Defender", 1121) => &ASR_BLOCKED,
        ("Microsoft-Windows-Windows Defender", 1122) => &ASR_AUDITED,
        ("Microsoft Antimalware", 1006 | 1007 | 1015 | 1116..=1119) => &SECURITY_ESSENTIALS,
        ("F-Secure Ultralight SDK", _) => &F_SECURE,
        ("avp" | "Real-time file protection", _) => &ANTIVIRUS_TEXT,
        (name, _) if PRODUCTS.iter().any(|product| name.starts_with(product)) => &ANTIVIRUS_TEXT,
        _ => return None,
    })
}
