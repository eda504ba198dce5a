//! Events while they are told: named values as text, before a layout puts them in order.

use crate::error::{Error, Result};
use crate::kind::Layout;
use crate::value::{Value, ValueType};

/// An event before it has a layout's order: named values as text.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) user: Option<String>,
    pub(crate) process_id: Option<u32>,
    pub(crate) record_id: Option<u64>,
    pub(crate) layout: Option<String>,
    /// Whether a field that the layout lacks is an error.
    pub(crate) strict: bool,
}

impl Draft {
    pub(crate) fn new<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self {
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn by(mut self, sid: &str) -> Self {
        self.user = Some(sid.to_owned());
        self
    }
}

/// Puts the draft's fields into the layout's order.
pub(crate) fn values(layout: &Layout, draft: &Draft) -> Result<Vec<Value>> {
    if draft.strict {
        for (name, _) in &draft.fields {
            if !layout.fields.iter().any(|field| field.name == *name) {
                let known: Vec<&str> = layout
                    .fields
                    .iter()
                    .map(|field| field.name.as_str())
                    .collect();
                let what = format!(
                    "{} has no such field; it has {}",
                    layout.kind,
                    known.join(", ")
                );
                return Err(Error::new(what).at_key(name));
            }
        }
    }
    let value = |field: &crate::kind::Field| {
        // The last word counts, so that a caller may refine what a helper filled in.
        let given = draft
            .fields
            .iter()
            .rev()
            .find(|(name, _)| *name == field.name);
        match given {
            Some((_, text)) if field.value_type == ValueType::Binary && text.is_empty() => {
                Ok(Value::Null)
            }
            Some((name, text)) => {
                Value::parse(field.value_type, text).map_err(|error| error.at_key(name))
            }
            None => field.default_value(),
        }
    };
    layout.fields.iter().map(value).collect()
}
