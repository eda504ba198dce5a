//! A JSON text as a tree that keeps the order of members and borrows what it can: records are
//! shown in the order in which their source wrote them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'t> {
    Null,
    Bool(bool),
    Integer(i64),
    /// An integer beyond [`i64::MAX`].
    Large(u64),
    Float(f64),
    Text(Cow<'t, str>),
    Array(Vec<Json<'t>>),
    /// Members in order; a name may occur twice.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

impl<'t> Json<'t> {
    /// Reads one JSON value; nothing but blanks may follow.
    pub(super) fn parse(text: &'t str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The members of an object, none for any other value.
    pub(super) fn members(&self) -> &[(Cow<'t, str>, Json<'t>)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The first member of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Json<'t>> {
        self.members()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The member of that name if it is an object.
    pub(super) fn object(&self, name: &str) -> Option<&Json<'t>> {
        self.get(name).filter(|value| value.is_object())
    }

    /// Whether it is an object.
    pub(super) fn is_object(&self) -> bool {
        matches!(self, Json::Object(_))
    }

    /// The text, if it is text.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A plain value as an event log would spell it, an array of one as its item; `None` for
    /// objects, longer arrays and null. Whole numbers written as `4624.0` lose their fraction.
    pub(super) fn plain(&self) -> Option<Cow<'_, str>> {
        match self {
            Json::Null | Json::Object(_) => None,
            Json::Bool(value) => Some(Cow::from(if *value { "true" } else { "false" })),
            Json::Integer(value) => Some(Cow::from(value.to_string())),
            Json::Large(value) => Some(Cow::from(value.to_string())),
            Json::Float(value) => Some(Cow::from(value.to_string())),
            Json::Text(text) => Some(Cow::from(text.as_ref())),
            Json::Array(items) => match items.as_slice() {
                [only] => only.plain(),
                _ => None,
            },
        }
    }
}

/// The value as JSON text, for values that a log holds in a place where text is expected.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Json::Null => f.write_str("null"),
            Json::Text(text) => f.write_str(&quoted(text)),
            Json::Array(items) => {
                f.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if place > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (place, (name, value)) in members.iter().enumerate() {
                    let comma = if place > 0 { "," } else { "" };
                    write!(f, "{comma}{}:{value}", quoted(name))?;
                }
                f.write_str("}")
            }
            plain => f.write_str(&plain.plain().unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Json::Large(value), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

/// A member's name, borrowed where it holds no escapes.
struct Name<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeated_names_are_kept() {
        let text = r#"{"b":1,"a":[true,null,"x\ny"],"b":18446744073709551615}"#;
        let json = Json::parse(text).unwrap();
        let names: Vec<_> = json.members().iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a", "b"]);
        assert_eq!(json.to_string(), text);
    }

    #[test]
    fn plain_values_are_spelt_as_in_an_event_log() {
        let json = Json::parse(r#"["0x3e7",4624.0,4624,true,null,["one"],["a","b"]]"#).unwrap();
        let Json::Array(items) = &json else { panic!() };
        let spelt: Vec<_> = items.iter().map(Json::plain).collect();
        let words = ["0x3e7", "4624", "4624", "true"].map(|word| Some(Cow::from(word)));
        assert_eq!(spelt[..4], words);
        assert_eq!(spelt[4..], [None, Some(Cow::from("one")), None]);
    }
}
