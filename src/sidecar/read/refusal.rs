//! Why keywords are not written into a photo.

/// Why keywords are not written into a photo. Nothing was changed; a sidecar is written instead.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// A format into which Taglens never writes.
    #[error("keywords are not written into {format} files")]
    Format {
        /// Its name.
        format: &'static str,
    },
    /// The file has a signature over all its bytes.
    #[error("it is signed ({what}), and a change would break the signature")]
    Signed {
        /// The kind of signature.
        what: &'static str,
    },
    /// The container is not built as its format says.
    #[error("its structure is damaged ({what})")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// Metadata in a form that cannot be changed without a risk.
    #[error("{what}")]
    Form {
        /// A clause that says what is there.
        what: &'static str,
    },
    /// The XMP packet cannot be edited.
    #[error("its XMP: {reason}")]
    Packet {
        /// Why, as a sidecar's would be refused.
        reason: String,
    },
    /// There is no room for the keywords.
    #[error("its metadata would have {bytes} bytes, more than the {limit} that fit")]
    NoRoom {
        /// The bytes needed.
        bytes: usize,
        /// The most that fit.
        limit: usize,
    },
    /// More bytes than Taglens holds in memory for this.
    #[error("it has {bytes} bytes, more than the {limit} up to which photos are changed")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The file is marked as read-only.
    #[error("it is read-only")]
    ReadOnly,
    /// Another name of the same file would not get the change.
    #[error("it has {count} names (hard links), and only one of them would be changed")]
    HardLinks {
        /// How many.
        count: u64,
    },
    /// A link out of the photo's folder, or to nothing.
    #[error("it is a link out of its folder")]
    Link,
    /// The owner cannot be kept.
    #[error("it belongs to another user, whom a changed file would not belong to")]
    Owner,
    /// Attributes of the file system cannot be kept.
    #[error("its attribute {name} could not be kept")]
    Attribute {
        /// The attribute.
        name: String,
    },
    /// Another program has the file locked.
    #[error("another program has locked it")]
    Locked,
    /// The file is not the one that the library knows.
    #[error("it has changed since it was indexed; run `taglens index`, then export again")]
    Changed,
    /// The picture cannot be decoded, so nobody could say that it is unharmed.
    #[error("its picture cannot be decoded, so a change could not be checked ({reason})")]
    Undecodable {
        /// The decoder's reason.
        reason: String,
    },
    /// The result did not check out: a bug here, found before anything was replaced.
    #[error("the changed file did not pass its check ({reason})")]
    Unsound {
        /// What was found.
        reason: String,
    },
}

impl Refusal {
    /// Whether the photo can be written once another program is done with it, so that nothing is
    /// written in its place.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Locked)
    }

    /// Whether the reason is the format, so that it is said once for all files of it.
    pub(crate) fn format(&self) -> Option<&'static str> {
        match self {
            Self::Format { format } => Some(format),
            _ => None,
        }
    }
}

/// A damaged structure.
pub(crate) fn damaged(what: &'static str) -> Refusal {
    Refusal::Damaged { what }
}

/// A result that is not as intended.
pub(crate) fn unsound(reason: &str) -> Refusal {
    Refusal::Unsound {
        reason: reason.to_owned(),
    }
}
