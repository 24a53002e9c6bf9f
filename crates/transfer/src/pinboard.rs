//! The JSON of Pinboard: an array of objects, of which `href`, `description` (the title), `extended` (the notes),
//! `time` and `tags` (separated by spaces) are read. There is no place for `toread` and `shared`.

use std::io::BufRead;

use serde::{Deserialize, Deserializer, de::Error};

use crate::json::{Frames, Value, parse};
use crate::source::Source;
use crate::{BadRow, Format, ImportedLink, Item, ReadError, Row, moment};

#[derive(Deserialize)]
struct Post {
    href: String,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    extended: Option<String>,
    #[serde(default, deserialize_with = "text")]
    time: Option<String>,
    #[serde(default, deserialize_with = "text")]
    tags: Option<String>,
}

/// A text that is not empty; `false` stands for none, as Pinboard sometimes writes.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::String(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        serde_json::Value::Null | serde_json::Value::Bool(false) => Ok(None),
        other => Err(D::Error::custom(format!("not a text: {other}"))),
    }
}

/// Reads the JSON of Pinboard.
#[derive(Debug)]
pub(crate) struct PinboardReader<R> {
    frames: Frames<R>,
    max_row_bytes: usize,
    started: bool,
    elements: usize,
}

impl<R: BufRead> PinboardReader<R> {
    pub(crate) fn new(source: Source<R>, max_row_bytes: usize) -> Self {
        Self { frames: Frames::new(source, max_row_bytes), max_row_bytes, started: false, elements: 0 }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        if !self.started {
            if !self.frames.next_is(b'[')? {
                let reason = "it is not a JSON array".into();
                return Err(ReadError::NotThisFormat { format: Format::Pinboard, reason });
            }
            self.started = true;
        }
        match self.frames.next_element(&mut self.elements)? {
            Some(Value::Whole(text)) => Ok(Some(link(self.elements, &text))),
            Some(Value::TooLong) => Ok(Some(Err(BadRow::too_long(self.elements, self.max_row_bytes)))),
            None => self.frames.end().map(|()| None),
        }
    }
}

fn link(place: usize, text: &[u8]) -> Row {
    let bad = |message: String| BadRow::new(place, message);
    let post: Post = parse(text).map_err(bad)?;
    let created_at = moment::from_either(post.time.as_deref().unwrap_or_default())
        .map_err(|message| bad(format!("time {message}")))?;
    Ok(Item::Link(ImportedLink {
        place,
        url: post.href,
        title: post.description,
        notes: post.extended,
        tags: post.tags.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        created_at,
        ..Default::default()
    }))
}
