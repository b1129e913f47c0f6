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

/// Photos as an argument of a statement, which reads it by `json_each`.
pub(super) fn json_list(photos: &[PhotoId]) -> String {
    let numbers: Vec<i64> = photos.iter().map(|photo| photo.number()).collect();
    format!("{numbers:?}")
}

/// SQL for whether the photo in `column` is in a list of that form, the statement's first argument.
/// Without a list, which is NULL, all are.
pub(super) fn is_listed(column: &str, photos: Option<&str>) -> String {
    match photos {
        Some(_) => format!("{column} IN (SELECT value FROM json_each(?1))"),
        None => "?1 IS NULL".to_owned(),
    }
}
