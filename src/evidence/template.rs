//! Templates of an EVTX chunk, compiled into "field name → which value".
//!
//! A record's BinXML is almost always one template instance: a reference to a definition (the XML
//! with holes) and the values for the holes ([MS-EVEN6] §2.2.12). A [`Plan`] is what remains of a
//! definition when only the values matter: where each System value and each data field comes from.
//! A definition that is not of the plain kind gives no plan, and its records go to the full reader.

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Written in the definition.
    Literal(String),
    /// The value of this number.
    Value(u16),
}

/// A data field of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlanField {
    pub(super) name: String,
    pub(super) source: Source,
    /// The element is left out when one of these values is null.
    pub(super) dependencies: Vec<u16>,
}

/// A compiled definition.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) provider: Option<Source>,
    pub(super) event_id: Option<Source>,
    pub(super) time: Option<Source>,
    pub(super) record_id: Option<Source>,
    pub(super) channel: Option<Source>,
    pub(super) computer: Option<Source>,
    pub(super) user_sid: Option<Source>,
    pub(super) fields: Vec<PlanField>,
    /// Values that hold BinXML of their own: EventData or UserData.
    pub(super) nested: Vec<u16>,
    /// The whole event depends on this value.
    pub(super) root_dependency: Option<u16>,
}

/// BinXML token types ([MS-EVEN6] §2.2.12), without the "more follows" bit 0x40.
mod token {
    pub(super) const END: u8 = 0x00;
    pub(super) const OPEN_START: u8 = 0x01;
    pub(super) const CLOSE_START: u8 = 0x02;
    pub(super) const CLOSE_EMPTY: u8 = 0x03;
    pub(super) const CLOSE_ELEMENT: u8 = 0x04;
    pub(super) const VALUE: u8 = 0x05;
    pub(super) const ATTRIBUTE: u8 = 0x06;
    pub(super) const SUBSTITUTION: u8 = 0x0d;
    pub(super) const OPTIONAL_SUBSTITUTION: u8 = 0x0e;
    pub(super) const FRAGMENT: u8 = 0x0f;
    pub(super) const MORE: u8 = 0x40;
}

/// Value type of embedded BinXML.
pub(super) const BIN_XML: u8 = 0x21;
/// Value type of UTF-16 text.
const STRING: u8 = 0x01;
/// Bytes of a definition before its BinXML: next definition (4), GUID (16), size (4).
pub(super) const DEFINITION_HEADER: usize = 24;
/// Deepest nesting accepted; Windows needs five.
const MAX_DEPTH: usize = 32;

/// Reads little-endian numbers from a chunk without ever leaving it.
#[derive(Clone)]
pub(super) struct Cursor<'c> {
    chunk: &'c [u8],
    pub(super) at: usize,
}

impl<'c> Cursor<'c> {
    pub(super) fn new(chunk: &'c [u8], at: usize) -> Self {
        Cursor { chunk, at }
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'c [u8]> {
        let bytes = self.chunk.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(2)?.try_into().ok()?))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    /// Reads a name reference; the name stands in the chunk, perhaps right here.
    fn name(&mut self) -> Option<String> {
        let offset = self.u32()? as usize;
        let mut name = Cursor::new(self.chunk, offset.checked_add(6)?);
        let length = usize::from(name.u16()?);
        let text = utf16(name.bytes(length * 2)?);
        if offset == self.at {
            // Next name (4), hash (2), length (2), text, terminator (2).
            self.bytes(10 + length * 2)?;
        }
        Some(text)
    }
}

/// UTF-16LE text; unpaired surrogates become U+FFFD.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|unit| match *unit {
        [low, high] => u16::from_le_bytes([low, high]),
        _ => 0,
    });
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// An element that is open while a definition is walked.
#[derive(Default)]
struct Element {
    name: String,
    name_attribute: Option<String>,
    content: Content,
    has_children: bool,
    dependencies: Vec<u16>,
}

#[derive(Default)]
enum Content {
    #[default]
    Empty,
    One(Source),
}

/// What a value or substitution token belongs to.
enum Place {
    Content,
    Attribute(String),
}

/// Compiles the definition at `offset` of `chunk`; `None` when it is not of the plain kind.
pub(super) fn compile(chunk: &[u8], offset: usize) -> Option<Plan> {
    let mut cursor = Cursor::new(chunk, offset.checked_add(DEFINITION_HEADER - 4)?);
    let size = cursor.u32()? as usize;
    let end = cursor.at.checked_add(size)?;
    let mut compiler = Compiler {
        plan: Plan::default(),
        open: Vec::new(),
        place: Place::Content,
        unnamed: 0,
    };
    while cursor.at < end {
        let token = cursor.u8()?;
        let more = token & token::MORE != 0;
        match token & !token::MORE {
            token::END => break,
            token::FRAGMENT => {
                cursor.bytes(3)?;
            }
            token::OPEN_START => {
                let dependency = cursor.u16()?;
                cursor.u32()?;
                let name = cursor.name()?;
                if more {
                    cursor.u32()?;
                }
                compiler.open(name, (dependency != u16::MAX).then_some(dependency))?;
            }
            token::ATTRIBUTE => compiler.place = Place::Attribute(cursor.name()?),
            token::CLOSE_START => compiler.place = Place::Content,
            token::CLOSE_EMPTY | token::CLOSE_ELEMENT => compiler.close()?,
            token::VALUE => {
                if cursor.u8()? != STRING {
                    return None;
                }
                let length = usize::from(cursor.u16()?);
                compiler.value(Source::Literal(utf16(cursor.bytes(length * 2)?)))?;
            }
            token::SUBSTITUTION | token::OPTIONAL_SUBSTITUTION => {
                let number = cursor.u16()?;
                let kind = cursor.u8()?;
                if kind == BIN_XML {
                    compiler.plan.nested.push(number);
                } else {
                    compiler.value(Source::Value(number))?;
                }
            }
            _ => return None,
        }
    }
    compiler.open.is_empty().then_some(compiler.plan)
}

struct Compiler {
    plan: Plan,
    open: Vec<Element>,
    place: Place,
    unnamed: usize,
}

impl Compiler {
    fn open(&mut self, name: String, dependency: Option<u16>) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            return None;
        }
        let mut dependencies = Vec::new();
        match self.open.last_mut() {
            None => self.plan.root_dependency = dependency,
            Some(parent) => {
                parent.has_children = true;
                dependencies.clone_from(&parent.dependencies);
                dependencies.extend(dependency);
            }
        }
        self.open.push(Element {
            name,
            dependencies,
            ..Default::default()
        });
        self.place = Place::Content;
        Some(())
    }

    fn value(&mut self, source: Source) -> Option<()> {
        let in_system = self.in_system();
        let element = self.open.last_mut()?;
        match &self.place {
            Place::Content => match element.content {
                Content::Empty => element.content = Content::One(source),
                // Text of several pieces.
                Content::One(_) => return None,
            },
            Place::Attribute(attribute) => {
                if in_system {
                    let slot = match (element.name.as_str(), attribute.as_str()) {
                        ("Provider", "Name") => &mut self.plan.provider,
                        ("TimeCreated", "SystemTime") => &mut self.plan.time,
                        ("Security", "UserID") => &mut self.plan.user_sid,
                        _ => return Some(()),
                    };
                    return slot.replace(source).is_none().then_some(());
                }
                if attribute == "Name" {
                    match source {
                        Source::Literal(name) => element.name_attribute = Some(name),
                        Source::Value(_) => return None,
                    }
                }
            }
        }
        Some(())
    }

    fn in_system(&self) -> bool {
        self.open
            .get(1)
            .is_some_and(|element| element.name == "System")
    }

    fn close(&mut self) -> Option<()> {
        let in_system = self.in_system();
        let depth = self.open.len();
        let element = self.open.pop()?;
        self.place = Place::Content;
        let source = match element.content {
            Content::One(source) => source,
            Content::Empty => Source::Literal(String::new()),
        };
        if in_system {
            let slot = match element.name.as_str() {
                "EventID" => &mut self.plan.event_id,
                "EventRecordID" => &mut self.plan.record_id,
                "Channel" => &mut self.plan.channel,
                "Computer" => &mut self.plan.computer,
                _ => return Some(()),
            };
            return slot.replace(source).is_none().then_some(());
        }
        let is_container = matches!(element.name.as_str(), "Event" | "EventData" | "UserData");
        if element.has_children || (is_container && depth <= 2) {
            return Some(());
        }
        let name = match element.name_attribute {
            Some(name) => name,
            None if element.name == "Data" => {
                self.unnamed += 1;
                format!("#{}", self.unnamed - 1)
            }
            None => element.name,
        };
        self.plan.fields.push(PlanField {
            name,
            source,
            dependencies: element.dependencies,
        });
        Some(())
    }
}
