//! Shares one engine among all users of a model, so that its weights are in memory once.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::error::EngineError;
use crate::engine::open::Engine;
use crate::engine::options::EngineOptions;
use crate::model_store::ModelStore;

/// Opens engines, and keeps the last one for the next caller.
#[derive(Clone)]
pub struct EngineCache {
    models: ModelStore,
    opened: Arc<Mutex<Option<(EngineOptions, Engine)>>>,
}

impl EngineCache {
    /// Creates a cache for the models in a store.
    pub fn new(models: ModelStore) -> Self {
        Self {
            models,
            opened: Arc::default(),
        }
    }

    /// The models.
    pub(crate) fn models(&self) -> &ModelStore {
        &self.models
    }

    /// Returns the engine for these options. If another thread is opening one, this waits for it.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub(crate) fn get(&self, options: &EngineOptions) -> Result<Engine, EngineError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, engine)) = opened.as_ref()
            && known == options
        {
            return Ok(engine.clone());
        }
        // The old one is dropped first to make room.
        *opened = None;
        let engine = Engine::open(options, &self.models)?;
        *opened = Some((options.clone(), engine.clone()));
        Ok(engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::DeviceChoice;

    #[test]
    fn weights_are_in_memory_once() {
        let engines = EngineCache::new(ModelStore::new("/nowhere"));
        let mut options = EngineOptions {
            model: "starter".into(),
            quick_gelu: None,
            device: DeviceChoice::Cpu,
            fast: false,
            templates: Vec::new(),
        };
        let first = engines.get(&options).unwrap();
        let second = engines.clone().get(&options).unwrap();
        assert!(Arc::ptr_eq(&first.text, &second.text));
        options.fast = true;
        let other = engines.get(&options).unwrap();
        assert!(!Arc::ptr_eq(&first.text, &other.text));
        options.model = "no such model".into();
        assert!(engines.get(&options).is_err());
    }
}
