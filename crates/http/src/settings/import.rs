//! How much can be imported at once.

use serde::Deserialize;

use super::value;

/// The settings `import.*`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportSettings {
    /// The largest file that is taken over HTTP, in bytes.
    #[serde(deserialize_with = "value::within::<_, _, 1024, 4294967296>")]
    pub max_bytes: u64,
    /// How many links a file may hold; they are stored in one transaction.
    #[serde(deserialize_with = "value::within::<_, _, 1, 10000000>")]
    pub max_rows: usize,
}
