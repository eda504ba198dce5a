//! One 64 KiB chunk of a log: records, the name table and the template table.

use std::collections::HashMap;

use crc32fast::Hasher;

use crate::binxml::{Element, Instance, Node, Part, Template};
use crate::error::{Error, Result};
use crate::identity::{Guid, name_hash};
use crate::time::Time;

/// The size of a chunk.
pub const CHUNK_SIZE: usize = 0x1_0000;
const HEADER_SIZE: usize = 0x200;
const NAME_TABLE: usize = 0x80;
const TEMPLATE_TABLE: usize = 0x180;
const FRAGMENT_HEADER: [u8; 4] = [0x0F, 0x01, 0x01, 0x00];
const NO_DEPENDENCY: u16 = 0xFFFF;

/// One event as it goes into a chunk.
#[derive(Debug)]
pub struct Record<'a> {
    /// The number in the record's header, counted within the file.
    pub number: u64,
    /// When it was written.
    pub time: Time,
    /// The `Event` element.
    pub event: Instance<'a>,
}

/// A chunk under construction.
#[derive(Debug)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    names: HashMap<String, u32>,
    name_heads: [u32; 64],
    new_names: Vec<String>,
    templates: HashMap<Guid, u32>,
    template_heads: [u32; 32],
    new_templates: Vec<Guid>,
    numbers: Option<(u64, u64)>,
    last_record: u32,
}

impl Chunk {
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::with_capacity(CHUNK_SIZE + 0x1000);
        bytes.resize(HEADER_SIZE, 0);
        Self {
            bytes,
            names: HashMap::new(),
            name_heads: [0; 64],
            new_names: Vec::new(),
            templates: HashMap::new(),
            template_heads: [0; 32],
            new_templates: Vec::new(),
            numbers: None,
            last_record: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_none()
    }

    /// Adds the record, or changes nothing and says `false` when there is no room left.
    pub(crate) fn push(&mut self, record: &Record<'_>) -> Result<bool> {
        let (start, name_heads, template_heads) =
            (self.bytes.len(), self.name_heads, self.template_heads);
        self.new_names.clear();
        self.new_templates.clear();
        let written = self.record(record);
        // Windows never fills a chunk to its last byte, and libevtx drops the last record of a chunk that is full.
        if written.is_ok() && self.bytes.len() < CHUNK_SIZE {
            let first = self.numbers.map_or(record.number, |(first, _)| first);
            self.numbers = Some((first, record.number));
            self.last_record = offset(start);
            return Ok(true);
        }
        self.bytes.truncate(start);
        self.name_heads = name_heads;
        self.template_heads = template_heads;
        for name in self.new_names.drain(..) {
            self.names.remove(&name);
        }
        for guid in self.new_templates.drain(..) {
            self.templates.remove(&guid);
        }
        written.map(|()| false)
    }

    /// Closes the chunk: header, tables and checksums.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let free = self.bytes.len();
        let mut crc = Hasher::new();
        crc.update(self.bytes.get(HEADER_SIZE..).unwrap_or_default());
        self.bytes.resize(CHUNK_SIZE, 0);
        let (first, last) = self.numbers.unwrap_or((0, 0));
        let mut head = b"ElfChnk\0".to_vec();
        for number in [first, last, first, last] {
            head.extend(number.to_le_bytes());
        }
        for number in [0x80, self.last_record, offset(free), crc.finalize()] {
            head.extend(number.to_le_bytes());
        }
        self.patch(0, &head);
        let tables: Vec<u8> = self
            .name_heads
            .iter()
            .chain(&self.template_heads)
            .flat_map(|o| o.to_le_bytes())
            .collect();
        self.patch(NAME_TABLE, &tables);
        self.patch(0x78, &1_u32.to_le_bytes());
        let mut crc = Hasher::new();
        crc.update(self.bytes.get(..0x78).unwrap_or_default());
        crc.update(
            self.bytes
                .get(NAME_TABLE..TEMPLATE_TABLE + 0x80)
                .unwrap_or_default(),
        );
        self.patch(0x7C, &crc.finalize().to_le_bytes());
        self.bytes
    }

    fn record(&mut self, record: &Record<'_>) -> Result<()> {
        let start = self.bytes.len();
        self.bytes.extend(*b"**\0\0");
        self.u32(0);
        self.bytes.extend(record.number.to_le_bytes());
        self.bytes.extend(record.time.filetime().to_le_bytes());
        self.bytes.extend(FRAGMENT_HEADER);
        self.instance(&record.event)?;
        self.bytes.push(0x00);
        // Windows aligns records to eight bytes; the size stands once more at the end.
        let padded = (self.bytes.len() - start + 4).next_multiple_of(8) + start - 4;
        self.bytes.resize(padded, 0);
        let size = padded + 4 - start;
        if size > CHUNK_SIZE - HEADER_SIZE {
            return Err(Error::new(format!(
                "the record needs {size} bytes, a chunk holds at most {}; shorten its fields",
                CHUNK_SIZE - HEADER_SIZE
            )));
        }
        self.u32(offset(size));
        self.patch(start + 4, &offset(size).to_le_bytes());
        Ok(())
    }

    fn instance(&mut self, instance: &Instance<'_>) -> Result<()> {
        let template = instance.template;
        self.bytes.extend([0x0C, 0x01]);
        self.u32(template.guid().first_part());
        match self.templates.get(&template.guid()) {
            Some(known) => self.u32(*known),
            None => self.definition(template),
        }
        let count = instance.values.len() + usize::from(instance.nested.is_some());
        self.u32(offset(count));
        let sizes = self.bytes.len();
        self.bytes.resize(sizes + 4 * count, 0);
        for (position, value) in instance.values.iter().enumerate() {
            let start = self.bytes.len();
            value.write(&mut self.bytes);
            self.descriptor(sizes + 4 * position, start, value.stored_code())?;
        }
        if let Some(nested) = instance.nested {
            let start = self.bytes.len();
            self.bytes.extend(FRAGMENT_HEADER);
            self.instance(nested)?;
            self.bytes.push(0x00);
            self.descriptor(sizes + 4 * instance.values.len(), start, 0x21)?;
        }
        Ok(())
    }

    fn descriptor(&mut self, at: usize, start: usize, code: u8) -> Result<()> {
        let size = self.bytes.len() - start;
        let short = u16::try_from(size).map_err(|_| {
            Error::new(format!(
                "a value needs {size} bytes, the format allows 65535; shorten the field"
            ))
        })?;
        let [low, high] = short.to_le_bytes();
        self.patch(at, &[low, high, code, 0]);
        Ok(())
    }

    fn definition(&mut self, template: &Template) {
        let here = offset(self.bytes.len() + 4);
        self.u32(here);
        let head = self
            .template_heads
            .get_mut(template.guid().bucket())
            .map_or(0, |head| std::mem::replace(head, here));
        self.templates.insert(template.guid(), here);
        self.new_templates.push(template.guid());
        self.u32(head);
        self.bytes.extend(template.guid().as_bytes());
        let size_at = self.reserve();
        self.bytes.extend(FRAGMENT_HEADER);
        self.element(template.root());
        self.bytes.push(0x00);
        self.close(size_at);
    }

    fn element(&mut self, element: &Element) {
        let with_attributes = if element.attributes.is_empty() {
            0x00
        } else {
            0x40
        };
        self.bytes.push(0x01 | with_attributes);
        self.bytes
            .extend(element.depends_on.unwrap_or(NO_DEPENDENCY).to_le_bytes());
        let size_at = self.reserve();
        self.name(&element.name);
        if let Some((last, others)) = element.attributes.split_last() {
            let list_at = self.reserve();
            for (more, (name, part)) in others.iter().map(|a| (0x40, a)).chain([(0x00, last)]) {
                self.bytes.push(0x06 | more);
                self.name(name);
                self.part(part);
            }
            self.close(list_at);
        }
        if element.children.is_empty() {
            self.bytes.push(0x03);
        } else {
            self.bytes.push(0x02);
            for child in &element.children {
                match child {
                    Node::Element(child) => self.element(child),
                    Node::Part(part) => self.part(part),
                }
            }
            self.bytes.push(0x04);
        }
        self.close(size_at);
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Text(text) => {
                self.bytes.extend([0x05, 0x01]);
                self.counted_text(text);
            }
            Part::Hole(index, value_type) => {
                self.hole(0x0D, *index, value_type.declared_code());
            }
            Part::OptionalHole(index, value_type) => {
                self.hole(0x0E, *index, value_type.declared_code());
            }
        }
    }

    fn hole(&mut self, token: u8, index: u16, code: u8) {
        self.bytes.push(token);
        self.bytes.extend(index.to_le_bytes());
        self.bytes.push(code);
    }

    fn name(&mut self, name: &str) {
        if let Some(known) = self.names.get(name) {
            self.u32(*known);
            return;
        }
        let here = offset(self.bytes.len() + 4);
        self.u32(here);
        let hash = name_hash(name.encode_utf16());
        let head = self
            .name_heads
            .get_mut(usize::from(hash) % 64)
            .map_or(0, |head| std::mem::replace(head, here));
        self.names.insert(name.to_owned(), here);
        self.new_names.push(name.to_owned());
        self.u32(head);
        self.bytes.extend(hash.to_le_bytes());
        self.counted_text(name);
        self.bytes.extend([0, 0]);
    }

    /// Fixed text is short by construction: names, provider, channel and computer, checked when the template is made.
    fn counted_text(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().take(usize::from(u16::MAX)).collect();
        self.bytes
            .extend(u16::try_from(units.len()).unwrap_or(u16::MAX).to_le_bytes());
        self.bytes
            .extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }

    fn u32(&mut self, number: u32) {
        self.bytes.extend(number.to_le_bytes());
    }

    /// Leaves room for a size that [`Self::close`] fills in.
    fn reserve(&mut self) -> usize {
        self.u32(0);
        self.bytes.len()
    }

    fn close(&mut self, start: usize) {
        let size = offset(self.bytes.len() - start);
        self.patch(start - 4, &size.to_le_bytes());
    }

    fn patch(&mut self, at: usize, new: &[u8]) {
        if let Some(old) = self.bytes.get_mut(at..at + new.len()) {
            old.copy_from_slice(new);
        }
    }
}

/// Offsets and sizes within a chunk fit 32 bits by far.
fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
