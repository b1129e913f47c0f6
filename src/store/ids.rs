//! Stores ids as integers in SQLite.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};

use crate::core::ids::{
    EmbeddingId, ExportId, ExportWriteId, FileId, FolderId, LabelId, ModelId, PhotoId, SourceId,
};

macro_rules! integers {
    ($($name:ident),+) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.number().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_i64().map(Self::new)
            }
        }
    )+};
}

integers!(
    EmbeddingId,
    ExportId,
    ExportWriteId,
    FileId,
    FolderId,
    LabelId,
    ModelId,
    PhotoId,
    SourceId
);
