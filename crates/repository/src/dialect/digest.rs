//! SHA-256 digests, in the columns that hold exactly 32 bytes.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::sql_types::Binary;

use crate::connection::MultiBackend;

/// A digest as it is read; the wrong number of bytes is corrupt data.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// The digest as the domain's type.
    pub(crate) fn get<T: From<[u8; 32]>>(self) -> T {
        self.0.into()
    }
}

impl FromSql<Binary, MultiBackend> for Digest {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, MultiBackend>>::from_sql(value)?;
        let digest = bytes.try_into().map_err(|_| "a digest does not have 32 bytes")?;
        Ok(Self(digest))
    }
}
