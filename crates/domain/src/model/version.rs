//! Versions: they keep two clients that edit the same row from overwriting each other.

/// What a client believes a row to be before it changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    #[default]
    Anything,
    /// One of these versions.
    Versions(Vec<String>),
}

impl Expected {
    /// Whether a row of this version is as the client believes.
    #[must_use]
    pub fn is_met_by(&self, version: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Versions(versions) => versions.iter().any(|expected| expected == version),
        }
    }
}
