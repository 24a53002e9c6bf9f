//! Patterns of tag names: one tag, or one with all tags below it.

use crate::model::{InvalidTagName, TagName};

/// One tag, or a tag and everything below it where a `/` in names stands for a step down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TagPattern {
    /// The tag with this key.
    Exact(TagKey),
    /// The tag with this key and those whose keys begin with it and a `/`.
    Tree(TagKey),
}

/// The key of a [`TagName`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagKey(String);

impl TagKey {
    /// The key as it is stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TagPattern {
    /// Reads the name of a tag, or `name/*` for the tag and everything below it.
    ///
    /// # Errors
    /// If the name is not valid, see [`TagName::parse`].
    pub fn parse(text: &str) -> Result<Self, InvalidTagName> {
        let tree = text.trim().strip_suffix("/*");
        let name = TagName::parse(tree.unwrap_or(text).to_owned())?;
        let key = TagKey(name.key().to_owned());
        Ok(if tree.is_some() { Self::Tree(key) } else { Self::Exact(key) })
    }

    /// Whether the pattern matches the tag with this key.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        match self {
            Self::Exact(exact) => key == exact.as_str(),
            Self::Tree(root) => key
                .strip_prefix(root.as_str())
                .is_some_and(|below| below.is_empty() || below.starts_with('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> TagPattern {
        TagPattern::parse(text).unwrap()
    }

    #[test]
    fn a_tree_is_its_root_and_everything_below() {
        let tree = parse(" Dev/* ");
        assert_eq!(tree, TagPattern::Tree(TagKey("dev".into())));
        for key in ["dev", "dev/rust", "dev/rust/async", "dev/"] {
            assert!(tree.matches(key), "{key}");
        }
        for key in ["devops", "de", "a/dev", "dev rust", ""] {
            assert!(!tree.matches(key), "{key}");
        }
    }

    #[test]
    fn other_stars_are_part_of_the_name() {
        for text in ["*", "dev*", "dev/*/rust", "/dev", "dev/"] {
            assert!(parse(text).matches(text), "{text}");
            assert!(!parse(text).matches("dev"), "{text}");
        }
    }

    #[test]
    fn a_tree_needs_a_root() {
        assert_eq!(TagPattern::parse("/*"), Err(InvalidTagName::Length));
        assert_eq!(TagPattern::parse(" /*"), Err(InvalidTagName::Length));
        assert_eq!(TagPattern::parse(""), Err(InvalidTagName::Length));
        assert_eq!(TagPattern::parse("a\0/*"), Err(InvalidTagName::Control));
    }

    proptest! {
        #[test]
        fn a_child_is_below_its_parent(parent in "\\PC{0,9}[^\\pZ\\pC]", child in "\\PC{1,9}") {
            let child = TagName::parse(format!("{parent}/{child}"));
            if let (Ok(tree), Ok(child)) = (TagPattern::parse(&format!("{parent}/*")), child) {
                prop_assert!(tree.matches(child.key()));
            }
        }
    }
}
