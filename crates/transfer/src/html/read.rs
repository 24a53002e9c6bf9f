//! Reads bookmark files.
//!
//! A bookmark is `<A HREF ADD_DATE LAST_MODIFIED TAGS>title</A>` and, if it follows, `<DD>notes`. Lists (`<DL>`)
//! after a heading (`<H3>`) are folders. Any HTML page with links is read so, in particular the lists of Pocket and
//! Instapaper. Nothing has to be closed or nested as it should be: each tag that begins something ends what was there
//! before. Titles and notes are what stands there, markup included: see [`super::boundary`].
//!
//! What a row counts of its limit are only the texts that are kept, not icons and other attributes.

use std::io::BufRead;

use super::bookmark::Bookmark;
use super::boundary::{LOOK, Tag, begins_line, goes_on};
use super::folders::{FolderPath, Heading};
use super::start_tag::{Attribute, StartTag};
use super::window::Window;
use crate::reader::{Sink, push};
use crate::record::LeftOut;
use crate::{Convert, Format, ReadError, ReadOptions, Row, RowProblem};

pub(crate) fn read(text: impl BufRead, options: &ReadOptions, sink: &mut Sink<'_>) -> Result<(), ReadError> {
    let mut page = Page {
        window: Window::new(text),
        options,
        sink,
        within: Within::Nothing,
        bookmark: None,
        heading: None,
        folders: FolderPath::default(),
        part: String::new(),
        left_out: LeftOut::default(),
        is_recognised: false,
        is_listed: false,
        begins_line: true,
        is_tag_open: false,
        anchors: 0,
    };
    while page.step()? {}
    page.end()
}

/// What the text between tags belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Nothing,
    Heading,
    /// The title of the page, or of a part of it.
    Part,
    Title,
    /// The notes of a bookmark.
    Notes,
    /// The description of a folder, for which there is no place.
    Description,
}

/// A bookmark file while it is read.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing about the place in the file")]
struct Page<'a, 's, R> {
    window: Window<R>,
    options: &'a ReadOptions,
    sink: &'a mut Sink<'s>,
    within: Within,
    bookmark: Option<Bookmark>,
    heading: Option<Heading>,
    folders: FolderPath,
    /// The part of the page that we are in (Pocket).
    part: String,
    left_out: LeftOut,
    /// Whether anything was there that bookmark files have.
    is_recognised: bool,
    /// Whether the last tag was one that bookmarks stand after.
    is_listed: bool,
    /// Whether nothing but blanks came before on this line.
    begins_line: bool,
    /// Whether the last `<` began a tag that is none of ours, and no `>` came since.
    is_tag_open: bool,
    /// How many `<a>` are open within the title.
    anchors: usize,
}

impl<R: BufRead> Page<'_, '_, R> {
    /// Takes a text or a tag; whether there was one.
    fn step(&mut self) -> Result<bool, ReadError> {
        let bytes = self.window.ahead(LOOK)?;
        let Some(first) = bytes.first() else { return Ok(false) };
        let begins_comment = bytes.starts_with(b"<!--") && !self.within.is_text();
        if *first != b'<' {
            let count = bytes.iter().take_while(|byte| **byte != b'<').count();
            let text = bytes.get(..count).unwrap_or_default().to_vec();
            self.window.pass(count);
            self.text(&text);
        } else if begins_comment {
            self.comment()?;
        } else {
            match Tag::at(bytes) {
                Some((tag, length)) if self.is_markup(tag)? => self.tag(tag, length)?,
                _ => self.other()?,
            }
        }
        Ok(true)
    }

    /// Whether a tag is one here, and not a part of a text.
    fn is_markup(&mut self, tag: Tag) -> Result<bool, ReadError> {
        let is_listed = self.bookmark.as_ref().is_some_and(|bookmark| bookmark.is_listed);
        let is_boundary = tag.is_boundary(self.window.ahead(LOOK)?, self.begins_line);
        Ok(match (self.within, tag) {
            (Within::Nothing, _)
            | (Within::Heading | Within::Part, Tag::HeadingEnd)
            | (Within::Notes | Within::Description, Tag::Break) => true,
            (Within::Title, Tag::AnchorEnd) if self.anchors > 0 => {
                self.anchors -= 1;
                false
            }
            (Within::Title, Tag::AnchorEnd) => !(is_listed && goes_on(self.window.ahead(LOOK)?)),
            // Without `<DT>`, only the next bookmark ends one that is not closed.
            (Within::Title | Within::Notes, Tag::Anchor) if !is_listed => true,
            (Within::Title, Tag::Anchor) => {
                self.anchors += 1;
                false
            }
            // Notes may have lists of links of their own.
            (Within::Title | Within::Heading | Within::Part, Tag::DetailsEnd)
            | (Within::Notes | Within::Description, Tag::Item) => false,
            _ => is_boundary,
        })
    }

    fn tag(&mut self, tag: Tag, length: usize) -> Result<(), ReadError> {
        let line = self.window.line();
        self.window.pass(length);
        let attributes = StartTag::read(&mut self.window, self.options.max_row_bytes)?;
        let is_listed = std::mem::replace(&mut self.is_listed, matches!(tag, Tag::Term | Tag::Item));
        self.begins_line = false;
        self.is_tag_open = false;
        match tag {
            Tag::List => {
                self.begin(Within::Nothing)?;
                self.folders.enter(self.heading.take());
                self.is_recognised = true;
            }
            Tag::ListEnd => {
                self.begin(Within::Nothing)?;
                self.heading = None;
                self.folders.leave();
            }
            Tag::Term | Tag::Rule | Tag::Item => self.begin(Within::Nothing)?,
            Tag::Anchor => {
                // What is not closed has no title: it would be that of another.
                self.begin(if attributes.fault.is_some() { Within::Nothing } else { Within::Title })?;
                self.heading = None;
                self.anchors = 0;
                self.is_recognised |= attributes.get(Attribute::Href).is_some();
                self.bookmark = Some(Bookmark::new(line, attributes, is_listed, &self.part));
            }
            Tag::Heading if attributes.fault.is_some() => {
                self.begin(Within::Nothing)?;
                let problem = RowProblem::new(line, "the tag of the folder is not closed, so it has no name");
                push(Row::Note(problem), self.sink)?;
            }
            Tag::Heading => {
                self.begin(Within::Heading)?;
                self.heading = Some(Heading::new(attributes.get(Attribute::BrowserFolder).is_some()));
            }
            Tag::Part => {
                self.begin(Within::Part)?;
                self.heading = Some(Heading::new(false));
            }
            Tag::HeadingEnd => {
                if self.within == Within::Part {
                    self.part = self.heading.take().map(|heading| heading.name()).unwrap_or_default();
                }
                self.within = Within::Nothing;
            }
            Tag::AnchorEnd | Tag::DetailsEnd => {
                self.bookmark.iter_mut().for_each(|bookmark| bookmark.is_closed = true);
                self.within = Within::Nothing;
            }
            Tag::Details if matches!(self.within, Within::Notes | Within::Description) => self.text(b"\n"),
            Tag::Details => {
                self.within = if self.bookmark.is_some() { Within::Notes } else { Within::Description };
            }
            Tag::Break => self.text(b"\n"),
        }
        Ok(())
    }

    /// A `<` that begins nothing of ours.
    fn other(&mut self) -> Result<(), ReadError> {
        let next = self.window.ahead(2)?.get(1).copied();
        self.window.pass(1);
        self.text(b"<");
        self.is_tag_open =
            next.is_none_or(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?'));
        Ok(())
    }

    /// A comment outside of texts: bookmarks in it are reported.
    fn comment(&mut self) -> Result<(), ReadError> {
        // `<!-->` is a whole comment.
        self.window.pass("<!".len());
        loop {
            let bytes = self.window.ahead(LOOK)?;
            let Some(first) = bytes.first() else {
                return Err(ReadError::damaged(self.window.line(), "the file ends within a comment"));
            };
            let end = [b"-->".as_slice(), b"--!>"].into_iter().find(|end| bytes.starts_with(end));
            let has_link = Tag::at(bytes).is_some_and(|(tag, _)| tag == Tag::Anchor);
            let plain = bytes.iter().take_while(|byte| !matches!(byte, b'-' | b'<')).count();
            debug_assert!(plain > 0 || matches!(first, b'-' | b'<'));
            self.window.pass(end.map_or(plain.max(1), <[u8]>::len));
            if has_link {
                let problem = RowProblem::new(self.window.line(), "the bookmark is in a comment");
                push(Row::Skipped(problem), self.sink)?;
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.begins_line = begins_line(self.begins_line, text);
        self.is_tag_open &= !text.contains(&b'>');
        let limit = self.options.max_row_bytes;
        match (self.within, &mut self.bookmark, &mut self.heading) {
            (Within::Title, Some(bookmark), _) => bookmark.title.push(text, limit),
            (Within::Notes, Some(bookmark), _) => bookmark.notes.push(text, limit),
            (Within::Heading | Within::Part, _, Some(heading)) => heading.push(text),
            (Within::Nothing, ..) if !self.is_recognised => {
                let name = b"netscape-bookmark-file-1";
                self.is_recognised = text.to_ascii_lowercase().windows(name.len()).any(|part| part == name);
            }
            (Within::Description, ..) if !text.trim_ascii().is_empty() => {
                self.left_out.add("descriptions of folders", self.window.line());
            }
            _ => {}
        }
    }

    /// The end of the file.
    fn end(mut self) -> Result<(), ReadError> {
        let line = self.window.line();
        let open = match self.within {
            _ if self.is_tag_open => Some("the file ends within a tag"),
            Within::Title => Some("the file ends within the title of a bookmark"),
            Within::Heading => Some("the file ends within the name of a folder"),
            _ => None,
        };
        if !self.is_recognised {
            let reason = "it has neither bookmarks nor the mark of a bookmark file".into();
            return Err(ReadError::NotThisFormat { format: Format::Html, reason });
        }
        if let Some(reason) = open {
            return Err(ReadError::damaged(line, reason));
        }
        self.begin(Within::Nothing)?;
        if self.folders.is_within() {
            let message = "the file ends within a list (</DL> is missing): it may have been cut off";
            push(Row::Note(RowProblem::new(line, message)), self.sink)?;
        }
        self.left_out.tell(self.sink)
    }

    /// Ends the bookmark that was being read, and begins something else.
    fn begin(&mut self, within: Within) -> Result<(), ReadError> {
        self.within = within;
        let Some(bookmark) = self.bookmark.take() else { return Ok(()) };
        let folder = self.folders.path().filter(|_| self.options.folders == Convert::ToTags);
        match bookmark.record(folder, self.options, &mut self.left_out) {
            Ok(record) => record.push(self.options, self.sink),
            Err(problem) => push(Row::Skipped(problem), self.sink),
        }
    }
}

impl Within {
    /// Whether what stands here is kept as it is.
    fn is_text(self) -> bool {
        matches!(self, Self::Title | Self::Notes | Self::Heading | Self::Part)
    }
}
