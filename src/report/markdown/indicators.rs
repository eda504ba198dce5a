//! The indicators as a table.

use std::io::{self, Write};

use crate::report::content::indicators;
use crate::report::model::Item;
use crate::text::markdown_cell_code;

pub(super) fn write(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    let indicators = indicators::of(items);
    if indicators.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Indicators\n\nFrom the escalated alerts, defanged.\n\n| kind | value |\n|---|---|"
    )?;
    for (kind, value) in indicators {
        writeln!(out, "| {kind} | {} |", markdown_cell_code(&value))?;
    }
    writeln!(out)
}
