//! Passes tags and texts from the tokenizer to the page, keeping only what the page can use.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use html5gum::{Emitter, Error, State};

use super::attributes::Attributes;
use super::page::Page;
use crate::{ReadError, Row};

/// The newlines that the tokenizer has read so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Newlines(Arc<AtomicUsize>);

impl Newlines {
    pub(super) fn add(&self, count: usize) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn line(&self) -> usize {
        self.0.load(Ordering::Relaxed) + 1
    }
}

/// A name, of which only as much is kept as it takes to know that it is none of ours.
#[derive(Debug, Default)]
struct Name(Vec<u8>);

impl Name {
    const MAX_BYTES: usize = 32;

    fn push(&mut self, part: &[u8]) {
        self.0.extend(part.iter().take(Self::MAX_BYTES.saturating_sub(self.0.len())));
    }
}

#[derive(Debug)]
enum Current {
    StartTag,
    EndTag,
    Doctype,
    Comment,
}

/// Receives what the tokenizer finds. It never asks for another state of the tokenizer: a `<title>` or `<script>`
/// that is not closed would hide all bookmarks after it.
#[derive(Debug)]
pub(super) struct PageEmitter {
    page: Page,
    newlines: Newlines,
    max_row_bytes: usize,
    current: Current,
    line: usize,
    name: Name,
    attribute: Name,
    attributes: Attributes,
}

impl PageEmitter {
    pub(super) fn new(page: Page, newlines: Newlines, max_row_bytes: usize) -> Self {
        Self {
            page,
            newlines,
            max_row_bytes,
            current: Current::Comment,
            line: 1,
            name: Name::default(),
            attribute: Name::default(),
            attributes: Attributes::default(),
        }
    }

    fn init(&mut self, current: Current) {
        self.current = current;
        self.line = self.newlines.line();
        self.name = Name::default();
        self.attribute = Name::default();
        self.attributes = Attributes::default();
    }
}

impl Emitter for PageEmitter {
    type Token = Result<Row, ReadError>;

    fn set_last_start_tag(&mut self, _: Option<&[u8]>) {}

    fn emit_eof(&mut self) {
        self.page.end();
    }

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Self::Token> {
        self.page.pop()
    }

    fn emit_string(&mut self, text: &[u8]) {
        self.page.text(text);
    }

    fn init_start_tag(&mut self) {
        self.init(Current::StartTag);
    }

    fn init_end_tag(&mut self) {
        self.init(Current::EndTag);
    }

    fn init_comment(&mut self) {
        self.init(Current::Comment);
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let attributes = std::mem::take(&mut self.attributes);
        match self.current {
            Current::StartTag => self.page.start_tag(&self.name.0, attributes, self.line),
            Current::EndTag => self.page.end_tag(&self.name.0),
            Current::Doctype | Current::Comment => {}
        }
        None
    }

    fn emit_current_comment(&mut self) {}

    fn emit_current_doctype(&mut self) {
        self.page.doctype(&self.name.0);
    }

    fn set_self_closing(&mut self) {}

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, part: &[u8]) {
        self.name.push(part);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn push_doctype_name(&mut self, part: &[u8]) {
        self.name.push(part);
    }

    fn init_doctype(&mut self) {
        self.init(Current::Doctype);
    }

    fn init_attribute(&mut self) {
        self.attribute = Name::default();
    }

    fn init_attribute_value(&mut self) {
        self.attributes.begin(&self.attribute.0);
    }

    fn push_attribute_name(&mut self, part: &[u8]) {
        self.attribute.push(part);
    }

    fn push_attribute_value(&mut self, part: &[u8]) {
        self.attributes.push(part, self.max_row_bytes);
    }

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        // Asked only in states that are never entered.
        false
    }
}
