//! The JSON of other services: lists of links (Pinboard, Omnivore, wallabag, Karakeep), and trees of folders (Firefox,
//! Chromium, Linkwarden). All are read alike, by the names of their members: see [`Field`].

use std::cell::Cell;
use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::stream::{self, Ended, Limit, end, give, message, parse};
use super::tree::{ROOT, Tree};
use crate::reader::Sink;
use crate::record::{Field, LeftOut, Record, says_something};
use crate::{Format, ReadError, ReadOptions, Row, RowProblem};

/// Articles that are kept with their links make values long.
const ARTICLES: usize = 4;

pub(crate) fn read(
    format: Format,
    text: impl BufRead,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), ReadError> {
    let (limit, ended) = (Limit::new(options.hard_limit().saturating_mul(ARTICLES)), Cell::new(None));
    let mut walk = Walk {
        format,
        options,
        sink,
        limit: &limit,
        ended: &ended,
        tree: Tree::new(),
        left_out: LeftOut::default(),
        rows: 0,
        links: 0,
        is_known: false,
    };
    stream::read(format, text, &limit, &ended, Top(&mut walk))?;
    if walk.links == 0 && (walk.rows > 0 || !walk.is_known) {
        let reason = "no object in it has a URL as its href, url, uri or link".into();
        return Err(ReadError::NotThisFormat { format, reason });
    }
    let Walk { tree, left_out, sink, .. } = walk;
    tree.into_links(options).try_for_each(|link| link.push(options, sink))?;
    left_out.tell(sink)
}

struct Walk<'a, 's> {
    format: Format,
    options: &'a ReadOptions,
    sink: &'a mut Sink<'s>,
    limit: &'a Limit,
    ended: &'a Cell<Ended>,
    tree: Tree,
    left_out: LeftOut,
    rows: usize,
    links: usize,
    /// Whether there was a list where links could have been.
    is_known: bool,
}

impl Walk<'_, '_> {
    /// Takes a member that is no list of others.
    fn member<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        record: &mut Record,
        map: &mut M,
    ) -> Result<(), M::Error> {
        let field = Field::named(name);
        if field == Some(Field::Technical) {
            map.next_value::<IgnoredAny>()?;
            return Ok(());
        }
        let text = self.limit.value(map)?;
        match (field, name) {
            (Some(Field::Tags), _) => tags(&text, self.format, record),
            (Some(field), _) => match plain(&text, field) {
                Some(text) => record.set(field, name, &text, self.options),
                None => record.tell(format!("{name} is not a text, and was left out")),
            },
            (None, "content") if text.get().starts_with('{') => {
                let Ok(members) = parse::<serde_json::Map<String, Value>>(&text) else { return Ok(()) };
                for name in ["url", "title", "description"] {
                    if let (Some(Value::String(text)), Some(field)) = (members.get(name), Field::named(name))
                    {
                        record.set(field, name, text, self.options);
                    }
                }
            }
            (None, "annos") => annotations(&text, record),
            (None, name) if says_something(text.get()) => self.left_out.add(name, self.rows + 1),
            (None, _) => {}
        }
        Ok(())
    }

    /// Takes what has no list in it: a link, unless it has no URL.
    fn leaf<E: Error>(&mut self, mut record: Record, folder: usize, must_be_link: bool) -> Result<(), E> {
        if record.url.is_empty() && !must_be_link {
            return Ok(());
        }
        self.rows += 1;
        record.place = self.rows;
        if record.url.is_empty() {
            return self.skip("has no URL as its href, url, uri or link");
        }
        self.links += 1;
        if folder != ROOT {
            self.tree.hold(folder, record);
            return self.check_size();
        }
        record.push(self.options, self.sink).map_err(|reason| end(self.ended, reason))
    }

    fn skip<E: Error>(&mut self, message: &str) -> Result<(), E> {
        give(Row::Skipped(RowProblem::new(self.rows, message)), self.sink, self.ended)
    }

    /// Nothing is held back without bounds.
    fn check_size<E: Error>(&mut self) -> Result<(), E> {
        if self.tree.len() <= self.options.max_rows.saturating_add(1) {
            return Ok(());
        }
        let held = std::mem::replace(&mut self.tree, Tree::new());
        let given = held.into_links(self.options).try_for_each(|link| link.push(self.options, self.sink));
        let reason = given.err().unwrap_or_else(|| ReadError::damaged(1, "it has too many folders"));
        Err(end(self.ended, reason))
    }
}

/// The tags of a link: a list of texts or of objects with a name, or a text.
fn tags(text: &RawValue, format: Format, record: &mut Record) {
    match parse(text) {
        Ok(Value::Array(tags)) => {
            for tag in &tags {
                match name_of(tag) {
                    Some(tag) => record.tag(tag),
                    None => record.tell("one of the tags is not a text, and was left out".into()),
                }
            }
        }
        Ok(Value::String(tags)) => {
            // Only Pinboard separates them with blanks.
            let separator = |c: char| if format == Format::Pinboard { c.is_whitespace() } else { c == ',' };
            let tags = tags.split(separator).map(str::trim).filter(|tag| !tag.is_empty());
            tags.for_each(|tag| record.tag(tag.to_owned()));
        }
        Ok(Value::Null | Value::Bool(false)) => {}
        _ => record.tell("tags is neither a list nor a text, and was left out".into()),
    }
}

/// The text of a value, or its name.
fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(members) => ["name", "label", "tag", "title"]
            .into_iter()
            .find_map(|name| members.get(name).and_then(Value::as_str).map(str::to_owned)),
        _ => None,
    }
}

/// A value that a field can hold. `false` stands for no text, as Pinboard writes.
fn plain(text: &RawValue, field: Field) -> Option<String> {
    match parse(text).ok()? {
        Value::Null => Some(String::new()),
        Value::Bool(false)
            if matches!(field, Field::Title | Field::Notes | Field::Description | Field::Url) =>
        {
            Some(String::new())
        }
        Value::Bool(value) => Some(value.to_string()),
        value => name_of(&value),
    }
}

/// Where Firefox has kept descriptions.
fn annotations(text: &RawValue, record: &mut Record) {
    for annotation in parse::<Vec<Value>>(text).unwrap_or_default() {
        let member = |name: &str| annotation.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if member("name") == "bookmarkProperties/description" {
            record.notes.push(member("value"));
        }
    }
}

/// The file itself.
struct Top<'w, 'a, 's>(&'w mut Walk<'a, 's>);

impl<'de> DeserializeSeed<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, file: D) -> Result<(), D::Error> {
        file.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of links, or an object that holds one")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, list: S) -> Result<(), S::Error> {
        Node { walk: self.0, folder: ROOT, kind: Kind::Links }.visit_seq(list)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<(), M::Error> {
        Node { walk: self.0, folder: ROOT, kind: Kind::Own }.visit_map(map)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A list whose elements must be links.
    Links,
    /// A list of links and folders.
    Children,
    /// A folder that the program itself has made, or an object of such.
    Own,
    /// A folder or a link.
    Child,
}

/// An object or a list, in a folder.
struct Node<'w, 'a, 's> {
    walk: &'w mut Walk<'a, 's>,
    folder: usize,
    kind: Kind,
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, node: D) -> Result<(), D::Error> {
        match self.kind {
            Kind::Links | Kind::Children => node.deserialize_seq(self),
            Kind::Own | Kind::Child => node.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Node<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object of links or folders")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let Self { walk, folder, kind } = self;
        walk.is_known = true;
        if kind == Kind::Children {
            while list.next_element_seed(Node { walk, folder, kind: Kind::Child })?.is_some() {}
            return Ok(());
        }
        // Each by itself, so that one that is wrong does not hide the others.
        while let Some(text) = walk.limit.element(&mut list)? {
            let rows = walk.rows;
            let link = Link { walk, folder };
            let read = link.deserialize(&mut serde_json::Deserializer::from_str(text.get()));
            if let Err(error) = read {
                if let Some(reason) = walk.ended.take() {
                    return Err(end(walk.ended, reason));
                }
                walk.rows = rows + 1;
                walk.skip(&message(&error))?;
            }
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Self { walk, folder, kind } = self;
        let (mut record, mut inner, mut is_own) = (Record::default(), None, kind == Kind::Own);
        while let Some(name) = map.next_key::<String>()? {
            let list = match name.as_str() {
                "children" | "collections" => Kind::Children,
                "links" | "bookmarks" => Kind::Links,
                "roots" => Kind::Own,
                "bookmark_bar" | "other" | "synced" | "mobile" if is_own => Kind::Own,
                _ => {
                    is_own |= name == "root";
                    if kind == Kind::Own {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    walk.member(&name, &mut record, &mut map)?;
                    continue;
                }
            };
            // The links of a file that is a list of them are in no folder.
            let is_flat = kind == Kind::Own && list == Kind::Links;
            let folder = if is_flat { folder } else { *inner.get_or_insert_with(|| walk.tree.enter(folder)) };
            walk.check_size()?;
            map.next_value_seed(Node { walk: &mut *walk, folder, kind: list })?;
        }
        match inner {
            Some(inner) if !is_own && !matches!(record.title.as_str(), "Unorganized") => {
                walk.tree.name(inner, &record.title);
                Ok(())
            }
            None if kind == Kind::Child => walk.leaf(record, folder, false),
            _ => Ok(()),
        }
    }
}

/// An object that must be a link.
struct Link<'w, 'a, 's> {
    walk: &'w mut Walk<'a, 's>,
    folder: usize,
}

impl<'de> DeserializeSeed<'de> for Link<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, link: D) -> Result<(), D::Error> {
        link.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Link<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a URL")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut record = Record::default();
        while let Some(name) = map.next_key::<String>()? {
            self.walk.member(&name, &mut record, &mut map)?;
        }
        self.walk.leaf(record, self.folder, true)
    }
}
