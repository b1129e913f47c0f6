//! States for tests.

use crate::app::catalogue::Catalogue;
use crate::app::catalogue::samples::dogs_and_cats;
use crate::app::messages::event::Event;
use crate::app::state::app_state::AppState;
use crate::app::state::effects::Effects;
use crate::app::state::settings::Settings;
use crate::engine::{DeviceChoice, EngineOptions};

/// A state without a library.
pub(crate) fn empty() -> AppState {
    let engine = EngineOptions {
        model: "starter".into(),
        quick_gelu: None,
        device: DeviceChoice::Cpu,
        fast: false,
        templates: Vec::new(),
    };
    AppState::new(engine, Settings::default())
}

/// Loads a library that includes `decided` requests.
pub(crate) fn load(state: &mut AppState, catalogue: Catalogue, decided: u64) -> Effects {
    let mut effects = Effects::default();
    let catalogue = Box::new(catalogue);
    state.take(Event::Loaded { catalogue, decided }, &mut effects);
    effects
}

/// A state with four photos of dogs and cats, and no effects.
pub(crate) fn loaded() -> (AppState, Effects) {
    let mut state = empty();
    load(&mut state, dogs_and_cats(), 0);
    (state, Effects::default())
}
