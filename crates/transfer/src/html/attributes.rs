//! The attributes that matter. Others are not kept: icons within the file would take most of the memory.

/// An attribute of a bookmark or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Href,
    /// When the bookmark was made; Pocket names it `time_added`.
    AddDate,
    LastModified,
    Tags,
    /// Whether the folder is the browser's own: the bar, or the one for what is in no other.
    BrowserFolder,
}

impl Attribute {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"href" => Some(Self::Href),
            b"add_date" | b"time_added" => Some(Self::AddDate),
            b"last_modified" => Some(Self::LastModified),
            b"tags" => Some(Self::Tags),
            b"personal_toolbar_folder" | b"unfiled_bookmarks_folder" => Some(Self::BrowserFolder),
            _ => None,
        }
    }
}

/// The attributes of a tag. Of two with the same name the first counts, as HTML has it.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    values: Vec<(Attribute, Vec<u8>)>,
    /// Whether what comes next belongs to the last of the values.
    open: bool,
    bytes: usize,
    too_long: bool,
}

impl Attributes {
    /// Begins an attribute; its name is in lower case.
    pub(super) fn begin(&mut self, name: &[u8]) {
        let new = Attribute::named(name).filter(|attribute| self.get(*attribute).is_none());
        self.open = new.is_some();
        self.values.extend(new.map(|attribute| (attribute, Vec::new())));
    }

    /// Appends to the value of the attribute, unless all of them have `max_bytes` then.
    pub(super) fn push(&mut self, value: &[u8], max_bytes: usize) {
        if let Some((_, last)) = self.values.last_mut().filter(|_| self.open) {
            self.bytes = self.bytes.saturating_add(value.len());
            if self.bytes > max_bytes {
                self.too_long = true;
            } else {
                last.extend_from_slice(value);
            }
        }
    }

    pub(super) fn get(&self, wanted: Attribute) -> Option<&[u8]> {
        self.values.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, value)| value.as_slice())
    }

    /// The bytes of all values.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether values were cut off.
    pub(super) fn too_long(&self) -> bool {
        self.too_long
    }
}
