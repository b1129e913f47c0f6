//! The ids in a library. Each kind has its own type, so that a photo's id cannot pass for a file's.

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a number from the library.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number in the library.
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A photo: a content, in any file.
    PhotoId,
    /// A file: a path.
    FileId,
    /// A folder of the library.
    FolderId,
    /// A label, which keeps its id when it is renamed.
    LabelId,
    /// A model, identified by its fingerprint.
    ModelId,
    /// A source of a photo's keywords.
    SourceId,
    /// An export into sidecars.
    ExportId,
    /// One sidecar written by an export.
    ExportWriteId,
    /// An embedding of a photo by a model. Ids rise; the default is lower than all of them.
    #[derive(Default)]
    EmbeddingId,
}
