//! The numbers by which a library knows things. Each kind has a type of its own, so that a photo's
//! number is never taken for a file's.

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// The thing that the library gave this number.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The library's number of it.
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
    /// A photo: a content, wherever it lies.
    PhotoId,
    /// A file: a path.
    FileId,
    /// A folder of the library.
    FolderId,
    /// A label, which keeps its number when it is renamed.
    LabelId,
    /// A model, told by its fingerprint.
    ModelId,
    /// A place where a photo has keywords.
    SourceId,
    /// An export into sidecars.
    ExportId,
    /// What an export wrote into one sidecar.
    ExportWriteId,
    /// An embedding of a photo by a model: later ones have higher numbers. The default comes before
    /// all.
    #[derive(Default)]
    EmbeddingId,
}
