//! Breaks finished files where a scenario wants them broken.

use crate::error::{Error, Result};
use crate::scenario::format::FileEntry;

const FILE_HEADER: usize = 0x1000;
const CHUNK: usize = 0x1_0000;
const TABLES: usize = 0x80;
const RECORDS: usize = 0x200;
const FREE_SPACE: usize = 0x30;
const RECORDS_CHECKSUM: usize = 0x34;
const HEADER_CHECKSUM: usize = 0x7C;

/// Does all that the entry asks for.
pub(super) fn apply(bytes: &mut Vec<u8>, entry: &FileEntry) -> Result<()> {
    for number in &entry.garble_record {
        garble(bytes, *number).map_err(|error| error.at_key("garble_record"))?;
    }
    for chunk in &entry.break_checksum_of_chunk {
        let at = FILE_HEADER + chunk * CHUNK + RECORDS_CHECKSUM;
        overwrite(bytes, at, &[0xDE, 0xAD, 0xBE, 0xEF])
            .map_err(|error| error.at_key("break_checksum_of_chunk"))?;
    }
    for chunk in &entry.break_header_of_chunk {
        overwrite(bytes, FILE_HEADER + chunk * CHUNK, b"garbage!")
            .map_err(|error| error.at_key("break_header_of_chunk"))?;
    }
    if let Some(length) = entry.truncate {
        bytes.truncate(length);
    }
    Ok(())
}

/// Overwrites the content of the n-th record. Its frame and the chunk's checksums stay right, so that only this record is lost.
fn garble(bytes: &mut [u8], number: u64) -> Result<()> {
    let mut seen = 0;
    let mut chunk = FILE_HEADER;
    while chunk + CHUNK <= bytes.len() {
        let free = chunk + word(bytes, chunk + FREE_SPACE);
        let mut record = chunk + RECORDS;
        while record < free && word(bytes, record) == 0x2A2A {
            seen += 1;
            let size = word(bytes, record + 4);
            if seen == number {
                let noise: Vec<u8> = (0_u8..=250)
                    .cycle()
                    .map(|byte| byte ^ 0xA5)
                    .take(size.saturating_sub(28))
                    .collect();
                overwrite(bytes, record + 24, &noise)?;
                return renew_checksums(bytes, chunk, free);
            }
            record += size.max(28);
        }
        chunk += CHUNK;
    }
    Err(Error::new(format!(
        "the file has {seen} records, there is no record {number}"
    )))
}

fn renew_checksums(bytes: &mut [u8], chunk: usize, free: usize) -> Result<()> {
    let part =
        |bytes: &[u8], from: usize, to: usize| bytes.get(from..to).unwrap_or_default().to_vec();
    let records = crc32fast::hash(&part(bytes, chunk + RECORDS, free));
    overwrite(bytes, chunk + RECORDS_CHECKSUM, &records.to_le_bytes())?;
    let mut header = part(bytes, chunk, chunk + 0x78);
    header.extend(part(bytes, chunk + TABLES, chunk + RECORDS));
    overwrite(
        bytes,
        chunk + HEADER_CHECKSUM,
        &crc32fast::hash(&header).to_le_bytes(),
    )
}

/// A 32-bit number of the file; 0 beyond its end.
fn word(bytes: &[u8], at: usize) -> usize {
    let four = bytes
        .get(at..at + 4)
        .and_then(|four| <[u8; 4]>::try_from(four).ok());
    four.map_or(0, |four| {
        usize::try_from(u32::from_le_bytes(four)).unwrap_or(0)
    })
}

fn overwrite(bytes: &mut [u8], at: usize, new: &[u8]) -> Result<()> {
    let length = bytes.len();
    let old = bytes.get_mut(at..at + new.len()).ok_or_else(|| {
        Error::new(format!(
            "the file has {length} bytes, there is nothing at {at}; name an earlier chunk"
        ))
    })?;
    old.copy_from_slice(new);
    Ok(())
}
