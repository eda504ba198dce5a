//! Templates of an EVTX chunk, compiled into "field name → which value".
//!
//! A record's BinXML is almost always one template instance: a reference to a definition (the XML
//! with holes) and the values for the holes ([MS-EVEN6] §2.2.12). A [`Plan`] is what remains of a
//! definition when only the values matter: where each System value and each data field comes from.
//! A definition that is not of the plain kind gives no plan, and its records go to the full reader.
//!
//! Every chunk carries its definitions anew, so [`Plans`] knows them again by what they say: the
//! tokens of a definition with its names spelled out, without the offsets that differ from chunk to
//! chunk. Two definitions share a plan when all of that is equal, whatever their GUIDs claim. What
//! was met before in the same form is known again without a walk (`again.rs`).

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::again::{Known, Reference};
use super::value::kind;

/// Number of a literal text in its [`Plans`].
pub(super) type Literal = u32;
/// Number of a plan in its [`Plans`].
pub(super) type PlanId = u32;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Written in the definition.
    Literal(Literal),
    /// The value of this number.
    Value(u16),
}

/// A data field of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlanField {
    /// Its name; `None` for a `Data` element without one.
    pub(super) name: Option<String>,
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
    /// The numbers of those [`Plan::system_texts`] that are values, in that order.
    pub(super) system_values: Vec<u16>,
    pub(super) fields: Vec<PlanField>,
    /// Values that hold BinXML of their own: EventData or UserData.
    pub(super) nested: Vec<u16>,
    /// The whole event depends on this value.
    pub(super) root_dependency: Option<u16>,
}

/// How many texts of a System are wanted.
pub(super) const SYSTEM_TEXTS: usize = 4;

impl Plan {
    /// Where the wanted texts of the System come from: provider, channel, computer, user's SID.
    pub(super) fn system_texts(&self) -> [Option<Source>; SYSTEM_TEXTS] {
        [self.provider, self.channel, self.computer, self.user_sid]
    }

    /// The plan with [`Plan::system_values`] as its texts have them.
    pub(super) fn with_system_values(mut self) -> Self {
        let values = self.system_texts().into_iter().flatten();
        self.system_values = values
            .filter_map(|source| match source {
                Source::Value(number) => Some(number),
                Source::Literal(_) => None,
            })
            .collect();
        self
    }
}

/// All definitions met so far, each compiled once.
#[derive(Default)]
pub(super) struct Plans {
    definitions: Vec<Definition>,
    by_content: HashTable<PlanId>,
    hasher: DefaultHashBuilder,
    literals: Vec<String>,
    content: Vec<u8>,
    content_bytes: usize,
    known: Known,
    references: Vec<Reference>,
}

struct Definition {
    content: Box<[u8]>,
    plan: Option<Plan>,
}

impl Plans {
    /// Begins a chunk.
    pub(super) fn begin(&mut self) {
        self.known.begin();
    }

    /// The plan of the definition at `offset` of `chunk`; `None` when it is not of the plain kind.
    /// What is looked at is taken from `budget`; when that is used up there is no plan.
    pub(super) fn find(
        &mut self,
        chunk: &[u8],
        offset: usize,
        budget: &mut usize,
    ) -> Option<PlanId> {
        if let Some((id, size)) = self.known.find(chunk, offset) {
            *budget = budget.checked_sub(size)?;
            return self.plan(id).map(|_| id);
        }
        let content = &mut self.content;
        content.clear();
        self.references.clear();
        let whole = tokens(chunk, offset, |token| {
            self.references.extend(token.reference());
            token.write(content);
            (content.len() <= *budget).then_some(())
        });
        *budget = budget.saturating_sub(content.len());
        let end = whole?;
        let (known, hasher) = (&self.definitions, &self.hasher);
        let content_of = |id: &PlanId| known.get(*id as usize).map(|known| &*known.content);
        let hash = hasher.hash_one(content.as_slice());
        let found = self
            .by_content
            .find(hash, |id| content_of(id) == Some(content.as_slice()))
            .copied();
        let id = match found {
            Some(id) => id,
            None => {
                let id = PlanId::try_from(known.len()).ok()?;
                self.by_content.insert_unique(hash, id, |id| {
                    hasher.hash_one(content_of(id).unwrap_or_default())
                });
                self.content_bytes += content.len();
                self.definitions.push(Definition {
                    content: content.as_slice().into(),
                    plan: compile(chunk, offset, &mut self.literals),
                });
                id
            }
        };
        let kept = (self.known).keep(chunk, offset..end, &self.references, id);
        self.content_bytes += kept.unwrap_or_default();
        self.plan(id).map(|_| id)
    }

    /// A plan that [`Plans::find`] gave.
    pub(super) fn plan(&self, id: PlanId) -> Option<&Plan> {
        self.definitions.get(id as usize)?.plan.as_ref()
    }

    /// A literal text of a plan.
    pub(super) fn literal(&self, literal: Literal) -> &str {
        self.literals
            .get(literal as usize)
            .map_or("", String::as_str)
    }

    /// Bytes of all definitions met, as a measure of memory.
    pub(super) fn size(&self) -> usize {
        self.content_bytes
    }
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

/// Bytes of a definition before its BinXML: next definition (4), GUID (16), size (4).
pub(super) const DEFINITION_HEADER: usize = 24;
/// Bytes of a name before its text.
const NAME_HEADER: usize = 8;
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

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.chunk.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Reads a name reference; the name stands in the chunk, perhaps right here.
    fn name(&mut self) -> Option<Name<'c>> {
        let at = self.at;
        let offset = self.u32()? as usize;
        let text = Cursor::new(self.chunk, offset).name_here()?;
        let is_here = offset == self.at;
        if is_here {
            self.bytes(NAME_HEADER + text.len() + 2)?;
        }
        let reference = Reference { at, is_here };
        Some(Name { reference, text })
    }

    /// Reads the name that stands here: a link (4), a hash (2), its length (2), its text and a NUL.
    pub(super) fn name_here(&mut self) -> Option<&'c [u8]> {
        self.bytes(NAME_HEADER - 2)?;
        let length = usize::from(self.u16()?);
        self.bytes(length * 2)
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

/// A name of an element or attribute.
struct Name<'c> {
    text: &'c [u8],
    reference: Reference,
}

/// What a definition says, piece by piece. Names and texts are UTF-16 as they lie in the chunk.
enum Token<'c> {
    /// `<name`, and the value without which the element is left out.
    Open(Option<u16>, Name<'c>),
    /// A name of an attribute; its value follows.
    Attribute(Name<'c>),
    /// `>` of a start tag.
    CloseStart,
    /// `/>` or an end tag.
    Close,
    /// Text of an attribute or element.
    Text(&'c [u8]),
    /// A hole: the number of its value, and its type.
    Hole(u16, u8),
}

impl Token<'_> {
    fn reference(&self) -> Option<Reference> {
        match self {
            Token::Open(_, name) | Token::Attribute(name) => Some(name.reference),
            _ => None,
        }
    }

    /// Writes the token so that different tokens never look the same.
    fn write(&self, content: &mut Vec<u8>) {
        let (tag, number, text): (u8, u16, &[u8]) = match *self {
            // 0xffff is what stands for no dependency in the log, too.
            Token::Open(dependency, ref name) => (1, dependency.unwrap_or(u16::MAX), name.text),
            Token::Attribute(ref name) => (2, 0, name.text),
            Token::CloseStart => return content.push(3),
            Token::Close => return content.push(4),
            Token::Text(text) => (5, 0, text),
            Token::Hole(number, kind) => {
                let [low, high] = number.to_le_bytes();
                return content.extend_from_slice(&[6, low, high, kind]);
            }
        };
        let [low, high] = number.to_le_bytes();
        let [a, b, c, _] = u32::try_from(text.len()).unwrap_or(0).to_le_bytes();
        content.extend_from_slice(&[tag, low, high, a, b, c]);
        content.extend_from_slice(text);
    }
}

/// Hands on the tokens of the definition at `offset` and answers where they end; `None` when one of
/// them is of an unusual kind or not wanted.
#[inline]
fn tokens<'c>(
    chunk: &'c [u8],
    offset: usize,
    mut each: impl FnMut(Token<'c>) -> Option<()>,
) -> Option<usize> {
    let mut cursor = Cursor::new(chunk, offset.checked_add(DEFINITION_HEADER - 4)?);
    let size = cursor.u32()? as usize;
    let end = cursor.at.checked_add(size)?;
    while cursor.at < end {
        let token = cursor.u8()?;
        let more = token & token::MORE != 0;
        let token = match token & !token::MORE {
            token::END => break,
            token::FRAGMENT => {
                cursor.bytes(3)?;
                continue;
            }
            token::OPEN_START => {
                // Dependency (2), size (4), name, and the attributes' size (4) if there are any.
                let [low, high, _, _, _, _] = cursor.array()?;
                let dependency = u16::from_le_bytes([low, high]);
                let name = cursor.name()?;
                if more {
                    cursor.bytes(4)?;
                }
                Token::Open((dependency != u16::MAX).then_some(dependency), name)
            }
            token::ATTRIBUTE => Token::Attribute(cursor.name()?),
            token::CLOSE_START => Token::CloseStart,
            token::CLOSE_EMPTY | token::CLOSE_ELEMENT => Token::Close,
            token::VALUE => {
                let [kind::STRING, low, high] = cursor.array()? else {
                    return None;
                };
                let length = usize::from(u16::from_le_bytes([low, high]));
                Token::Text(cursor.bytes(length * 2)?)
            }
            token::SUBSTITUTION | token::OPTIONAL_SUBSTITUTION => {
                let [low, high, kind] = cursor.array()?;
                Token::Hole(u16::from_le_bytes([low, high]), kind)
            }
            _ => return None,
        };
        each(token)?;
    }
    Some(cursor.at)
}

/// Compiles the definition at `offset` of `chunk`; `None` when it is not of the plain kind.
fn compile(chunk: &[u8], offset: usize, literals: &mut Vec<String>) -> Option<Plan> {
    let mut compiler = Compiler {
        plan: Plan::default(),
        open: Vec::new(),
        place: Place::Content,
        literals,
    };
    tokens(chunk, offset, |token| compiler.token(&token))?;
    let plan = compiler.plan.with_system_values();
    compiler.open.is_empty().then_some(plan)
}

/// An element that is open while a definition is walked.
#[derive(Default)]
struct Element {
    name: String,
    name_attribute: Option<String>,
    content: Option<Source>,
    has_children: bool,
    dependencies: Vec<u16>,
}

/// What a text or hole belongs to.
enum Place {
    Content,
    Attribute(String),
}

struct Compiler<'l> {
    plan: Plan,
    open: Vec<Element>,
    place: Place,
    literals: &'l mut Vec<String>,
}

impl Compiler<'_> {
    fn token(&mut self, token: &Token<'_>) -> Option<()> {
        match *token {
            Token::Open(dependency, ref name) => self.open(utf16(name.text), dependency),
            Token::Attribute(ref name) => {
                self.place = Place::Attribute(utf16(name.text));
                Some(())
            }
            Token::CloseStart => {
                self.place = Place::Content;
                Some(())
            }
            Token::Close => self.close(),
            Token::Text(text) => {
                let source = self.literal(utf16(text))?;
                self.value(source)
            }
            Token::Hole(number, kind::BIN_XML) => {
                self.plan.nested.push(number);
                Some(())
            }
            Token::Hole(number, _) => self.value(Source::Value(number)),
        }
    }

    fn literal(&mut self, text: String) -> Option<Source> {
        let number = Literal::try_from(self.literals.len()).ok()?;
        self.literals.push(text);
        Some(Source::Literal(number))
    }

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
            // Text of several pieces is none of ours.
            Place::Content => element.content.replace(source).is_none().then_some(()),
            Place::Attribute(attribute) if in_system => {
                let slot = match (element.name.as_str(), attribute.as_str()) {
                    ("Provider", "Name") => &mut self.plan.provider,
                    ("TimeCreated", "SystemTime") => &mut self.plan.time,
                    ("Security", "UserID") => &mut self.plan.user_sid,
                    _ => return Some(()),
                };
                slot.replace(source).is_none().then_some(())
            }
            Place::Attribute(attribute) if attribute == "Name" => match source {
                Source::Literal(name) => {
                    element.name_attribute = self.literals.get(name as usize).cloned();
                    Some(())
                }
                Source::Value(_) => None,
            },
            Place::Attribute(_) => Some(()),
        }
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
            Some(source) => source,
            None => self.literal(String::new())?,
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
            Some(name) => Some(name),
            None if element.name == "Data" => None,
            None => Some(element.name),
        };
        self.plan.fields.push(PlanField {
            name,
            source,
            dependencies: element.dependencies,
        });
        Some(())
    }
}
