//! The models that Taglens can fetch by name, and the models folder.
//!
//! [`catalogue`] lists what can be fetched, [`ModelStore`] is the models folder, [`pull`] fetches
//! from the Hugging Face hub and [`import`] copies from disk. Both install a model completely,
//! after it was opened once, or not at all.

pub mod catalogue;
mod error;
mod files;
mod first_download;
mod hub;
mod import;
mod install;
mod manifest;
mod names;
mod options;
mod progress;
mod pull;
mod staging;
mod store;
pub(crate) mod templates;

pub use catalogue::Entry;
pub use error::ModelStoreError;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use hub::check_answer;
pub(crate) use import::{ImportOptions, import};
pub use manifest::Installed;
pub(crate) use manifest::Manifest;
pub use options::PullOptions;
pub use progress::{Progress, Watcher};
pub use pull::{look_up, pull};
pub use store::ModelStore;
