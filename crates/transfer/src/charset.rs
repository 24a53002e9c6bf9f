//! Character sets: what a file is written in, and decoding it to UTF-8 (WHATWG Encoding Standard).

use std::io::{self, Cursor, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

use crate::ReadError;

/// The file in UTF-8, without a byte order mark. Bytes that are not of its character set become such as are not of
/// UTF-8, so that the row they are in is found to be wrong.
pub(crate) fn decoded<'a>(
    start: Vec<u8>,
    rest: impl Read + 'a,
    declared: Option<&str>,
) -> Result<Box<dyn Read + 'a>, ReadError> {
    let (encoding, mark) = of_file(&start, declared)?;
    let mut start = Cursor::new(start);
    start.set_position(u64::try_from(mark).unwrap_or_default());
    let input = start.chain(rest);
    Ok(if encoding == UTF_8 {
        Box::new(input)
    } else {
        let decoder = encoding.new_decoder_without_bom_handling();
        Box::new(Transcoder { input, decoder, decoded: Vec::new(), given: 0, ended: false })
    })
}

/// The encoding, and how long its mark is: a mark is the strongest, then what was declared beside the file, then in it.
fn of_file(start: &[u8], declared: Option<&str>) -> Result<(&'static Encoding, usize), ReadError> {
    if start.starts_with(b"\xFF\xFE\0\0") || start.starts_with(b"\0\0\xFE\xFF") {
        return Err(ReadError::Charset("UTF-32".into()));
    }
    if let Some(marked) = Encoding::for_bom(start) {
        return Ok(marked);
    }
    if let Some(label) = declared {
        return Ok((of_label(label)?, 0));
    }
    let encoding = match (start, in_file(start)) {
        ([1..=0xFF, 0, ..], _) => UTF_16LE,
        ([0, 1..=0xFF, ..], _) => UTF_16BE,
        // What says this in single bytes is not UTF-16 itself: the standard takes it for UTF-8.
        (_, Some(label)) => {
            Some(of_label(&label)?).filter(|found| found.is_ascii_compatible()).unwrap_or(UTF_8)
        }
        (_, None) => UTF_8,
    };
    Ok((encoding, 0))
}

fn of_label(label: &str) -> Result<&'static Encoding, ReadError> {
    Encoding::for_label(label.trim().as_bytes())
        .filter(|encoding| *encoding != REPLACEMENT)
        .ok_or_else(|| ReadError::Charset(label.chars().take(40).collect()))
}

/// What the head of an HTML or XML file declares, before the first list or link.
fn in_file(start: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(start.trim_ascii_start()).to_ascii_lowercase();
    let head = text.starts_with('<').then_some(text.as_str())?;
    let head =
        ["<dl", "<a "].into_iter().filter_map(|tag| head.split(tag).next()).min_by_key(|head| head.len())?;
    let tags = |name| head.split(name).skip(1).filter_map(|rest| rest.split('>').next());
    tags("<?xml")
        .find_map(|tag| label(tag, "encoding"))
        .or_else(|| tags("<meta").find_map(|tag| label(tag, "charset")))
}

fn label(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(name)?;
    let value = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ';' | '/' | '?');
    value.split(end).next().filter(|label| !label.is_empty()).map(str::to_owned)
}

struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    decoded: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    fn fill(&mut self) -> io::Result<()> {
        /// No byte of UTF-8.
        const WRONG: u8 = 0xFF;
        let mut raw = [0; 8 * 1024];
        let count = self.input.read(&mut raw)?;
        self.ended = count == 0;
        let mut raw = raw.get(..count).unwrap_or_default();
        self.decoded.clear();
        self.given = 0;
        loop {
            let length = self.decoded.len();
            let room =
                self.decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(64 * 1024);
            self.decoded.resize(length + room, 0);
            let out = self.decoded.get_mut(length..).unwrap_or_default();
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, out, self.ended);
            raw = raw.get(read..).unwrap_or_default();
            self.decoded.truncate(length + written);
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.decoded.push(WRONG),
            }
        }
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && !self.ended {
            self.fill()?;
        }
        let count = self.decoded.get(self.given..).unwrap_or_default().read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &[u8], declared: Option<&str>) -> Result<&'static str, String> {
        of_file(start, declared).map(|(encoding, _)| encoding.name()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_mark_is_stronger_than_what_is_declared_and_the_request_than_the_file() {
        let meta =
            b"<!DOCTYPE x>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=windows-1251\">";
        let cases: [(&[u8], Option<&str>, &str); 12] = [
            (b"abc", None, "UTF-8"),
            (b"\xEF\xBB\xBF<meta charset=latin1>", Some("latin1"), "UTF-8"),
            (b"\xFF\xFE<\0", Some("utf-8"), "UTF-16LE"),
            (b"\xFE\xFF\0<", None, "UTF-16BE"),
            (b"<\0!\0", None, "UTF-16LE"),
            (b"\0<\0!", None, "UTF-16BE"),
            (meta, None, "windows-1251"),
            (meta, Some("Shift_JIS"), "Shift_JIS"),
            (b"<meta charset = 'iso-8859-1' />", None, "windows-1252"),
            (b"<meta charset=utf-16>", None, "UTF-8"),
            (b"<?xml version=\"1.0\" encoding=\"EUC-KR\"?>", None, "EUC-KR"),
            (b"<DL><A HREF=x><meta charset=latin1></A>", None, "UTF-8"),
        ];
        for (start, declared, expected) in cases {
            assert_eq!(name(start, declared).as_deref(), Ok(expected), "{}", start.escape_ascii());
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_refused_by_its_name() {
        let cases: [(&[u8], Option<&str>, &str); 4] = [
            (b"abc", Some("utf-7"), "utf-7"),
            (b"<meta charset=klingon>", None, "klingon"),
            (b"<meta charset=iso-2022-kr>", None, "iso-2022-kr"),
            (b"\xFF\xFE\0\0<\0\0\0", None, "UTF-32"),
        ];
        for (start, declared, named) in cases {
            assert!(name(start, declared).unwrap_err().contains(named), "{named}");
        }
    }

    #[test]
    fn wrong_bytes_stay_wrong() {
        let read = |bytes: &'static [u8], label| {
            let mut text = Vec::new();
            decoded(Vec::new(), bytes, Some(label)).unwrap().read_to_end(&mut text).unwrap();
            text
        };
        assert_eq!(read(b"a\xFFb", "Shift_JIS"), b"a\xFFb");
        assert_eq!(read(b"\x93\xfa\x96\x7b", "Shift_JIS"), "日本".as_bytes());
        assert_eq!(read(b"a\0b", "utf-16le"), b"a\xFF", "cut off in the middle of a letter");
    }
}
