//! BinXml trees: what a template says before it has a place in a chunk.

use crate::identity::Guid;
use crate::value::{Value, ValueType};

/// A template: an XML tree with numbered holes.
#[derive(Debug)]
pub struct Template {
    guid: Guid,
    root: Element,
}

/// An element of a template.
#[derive(Debug, Clone, Default)]
pub struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, Part)>,
    pub(crate) children: Vec<Node>,
    pub(crate) depends_on: Option<u16>,
}

/// What stands between the tags of an element.
#[derive(Debug, Clone)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Text or a hole.
    Part(Part),
}

/// Fixed text or a hole.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text that is the same in every record of this template.
    Text(String),
    /// A hole that is always filled.
    Hole(u16, ValueType),
    /// A hole whose element or attribute vanishes when the value is null.
    OptionalHole(u16, ValueType),
}

/// A template with the values for its holes.
#[derive(Debug)]
pub struct Instance<'a> {
    /// The tree.
    pub template: &'a Template,
    /// One value for each hole.
    pub values: &'a [Value],
    /// The fragment in the last hole, if that hole holds one.
    pub nested: Option<&'a Instance<'a>>,
}

impl Template {
    /// Makes a template. Its GUID follows from its content, so equal trees share one definition.
    pub fn new(root: Element) -> Self {
        let mut bits = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D_u128;
        for byte in format!("{root:?}").bytes() {
            bits =
                (bits ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
        }
        Self {
            guid: Guid::from_bits(bits),
            root,
        }
    }

    /// The identity under which a chunk files this template.
    pub fn guid(&self) -> Guid {
        self.guid
    }

    /// The outermost element.
    pub fn root(&self) -> &Element {
        &self.root
    }
}

impl Element {
    /// An element without content.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: Part) -> Self {
        self.attributes.push((name.to_owned(), value));
        self
    }

    /// Adds a child element.
    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// Adds text or a hole.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.children.push(Node::Part(part));
        self
    }

    /// Lets the element vanish when the value of that hole is null.
    #[must_use]
    pub fn depending_on(mut self, hole: u16) -> Self {
        self.depends_on = Some(hole);
        self
    }

    /// An element that holds one optional hole and vanishes with it.
    pub fn optional(name: &str, hole: u16, value_type: ValueType) -> Self {
        Self::new(name)
            .part(Part::OptionalHole(hole, value_type))
            .depending_on(hole)
    }
}
