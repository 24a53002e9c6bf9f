//! Reads bookmark files.
//!
//! A bookmark is `<A HREF ADD_DATE LAST_MODIFIED TAGS>title</A>` and, if it follows, `<DD>notes`. Lists (`<DL>`)
//! after a heading (`<H3>`) are folders. Any HTML page with links is read so, in particular the lists of Pocket and
//! Instapaper.
//!
//! The file must be UTF-8; a bookmark that is not is a bad row. What a row counts of its limit are only the texts
//! that are kept, not icons and other attributes.

use std::io::{self, BufRead};

use html5gum::{IoReader, Tokenizer};

use super::emitter::{Newlines, PageEmitter};
use super::page::Page;
use crate::source::{Source, newlines};
use crate::{ReadError, ReadOptions, Row};

/// Reads bookmark files.
#[derive(Debug)]
pub(crate) struct HtmlReader<R: BufRead> {
    rows: Tokenizer<Input<R>, PageEmitter>,
}

impl<R: BufRead> HtmlReader<R> {
    pub(crate) fn new(source: Source<R>, options: ReadOptions) -> Self {
        let newlines = Newlines::default();
        let emitter = PageEmitter::new(Page::new(options), newlines.clone(), options.max_row_bytes);
        let input = Input { input: IoReader::new(source), newlines };
        Self { rows: Tokenizer::new_with_emitter(input, emitter) }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        match self.rows.next() {
            Some(row) => row?.map(Some),
            None => Ok(None),
        }
    }
}

/// Counts the lines on their way to the tokenizer.
#[derive(Debug)]
struct Input<R: BufRead> {
    input: IoReader<Source<R>>,
    newlines: Newlines,
}

impl<R: BufRead> html5gum::Reader for Input<R> {
    type Error = io::Error;

    fn read_byte(&mut self) -> Result<Option<u8>, io::Error> {
        let byte = self.input.read_byte()?;
        self.newlines.add(usize::from(byte == Some(b'\n')));
        Ok(byte)
    }

    fn try_read_string(&mut self, text: &[u8], case_sensitive: bool) -> Result<bool, io::Error> {
        self.input.try_read_string(text, case_sensitive)
    }

    fn read_until<'b>(
        &'b mut self,
        needle: &[u8],
        char_buf: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, io::Error> {
        let chunk = self.input.read_until(needle, char_buf)?;
        self.newlines.add(newlines(chunk.unwrap_or_default()));
        Ok(chunk)
    }
}
