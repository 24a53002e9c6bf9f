//! The orders in which links can be listed.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::model::text::{MAX_NAME_CHARS, key_of};

/// An order of links: a field, and whether its greatest value comes first. The default is that of the oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SortOrder {
    pub field: SortField,
    pub descending: bool,
}

/// What links can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    /// When a link was created.
    #[default]
    Created,
    /// The [`title_key`] of a link.
    Title,
    /// When a link was last changed.
    Updated,
}

/// The error for a text that is not a [`SortOrder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("sort must be one of created, -created, title, -title, updated and -updated")]
pub struct InvalidSortOrder;

impl SortOrder {
    /// Reads an order: `created`, `title` or `updated`, with a `-` in front if it is to descend.
    ///
    /// # Errors
    /// If the text is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSortOrder> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let field = match name {
            "created" => SortField::Created,
            "title" => SortField::Title,
            "updated" => SortField::Updated,
            _ => return Err(InvalidSortOrder),
        };
        Ok(Self { field, descending })
    }
}

/// The key by which titles are ordered: folded as the keys of tag names are (Unicode NFC, trimmed, lower case) and cut
/// to 255 characters, compared by its bytes. A link without a title has the empty key and comes first.
#[must_use]
pub fn title_key(title: Option<&str>) -> String {
    let shown: String = title.unwrap_or_default().trim().nfc().collect();
    key_of(&shown).chars().take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_field_with_or_without_a_minus() {
        let fields =
            [("created", SortField::Created), ("title", SortField::Title), ("updated", SortField::Updated)];
        for (name, field) in fields {
            assert_eq!(SortOrder::parse(name), Ok(SortOrder { field, descending: false }));
            assert_eq!(SortOrder::parse(&format!("-{name}")), Ok(SortOrder { field, descending: true }));
        }
        assert_eq!(SortOrder::parse("created"), Ok(SortOrder::default()));
        for text in ["", "-", "--title", "+title", "Title", "title ", "url", "-created,title"] {
            assert_eq!(SortOrder::parse(text), Err(InvalidSortOrder), "{text:?}");
        }
    }

    #[test]
    fn titles_are_ordered_as_tag_names_are_compared() {
        assert_eq!(title_key(Some(" Cafe\u{301} ")), "café");
        assert_eq!(title_key(Some(&"İ".repeat(300))).chars().count(), 255);
        assert_eq!(title_key(None), "");
        assert_eq!(title_key(Some("  ")), "");
    }
}
