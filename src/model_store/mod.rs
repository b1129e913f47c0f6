//! The models that Taglens can fetch by name, and the folder where models are kept.
//!
//! [`catalogue`] is the catalogue, [`store`] the models folder, [`pull`] fetches from the Hugging
//! Face hub and [`import`] takes what is on disk already. Pull and import end in the same place:
//! a model is installed whole, after it was read once, or not at all.

pub mod catalogue;
mod error;
mod fetch;
pub mod import;
pub mod pull;
pub mod store;
pub mod templates;

pub use catalogue::Entry;
pub use error::{ByHand, ZooError};
pub use import::{ImportOptions, import};
pub use pull::{Progress, PullOptions, Watcher, pull};
pub use store::{Installed, Manifest, ModelStore};

/// Reads a model's folder before it is installed; an error says in one sentence what is wrong.
///
/// The folder holds what [`store::ModelStore`] describes: the weights under the manifest's name
/// for them, configuration files and the manifest.
pub type Validate<'a> = &'a dyn Fn(&std::path::Path) -> Result<(), String>;
