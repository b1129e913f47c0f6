//! What a person has set, kept between starts.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::catalogue::order::{Grouping, Order};
use crate::app::commands::choices::{NamingChoice, ThemeChoice};
use crate::engine::DeviceChoice;
use crate::sidecar::{Naming, Properties};

/// Folders that are remembered.
const RECENT: usize = 8;

/// How sidecars are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SidecarSettings {
    /// How new sidecars are named.
    pub(crate) naming: NamingChoice,
    /// Where keywords go.
    #[serde(flatten)]
    pub(crate) properties: Properties,
    /// Whether the synonyms of labels are written too.
    pub(crate) synonyms: bool,
    /// Whether sidecars are written by themselves when tags change.
    pub(crate) auto_export: bool,
}

impl Default for SidecarSettings {
    fn default() -> Self {
        Self {
            naming: NamingChoice::Full,
            properties: Properties::default(),
            synonyms: false,
            auto_export: false,
        }
    }
}

/// How photos are computed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ComputingSettings {
    /// Threads that decode; 0 for as many as there are cores.
    pub(crate) threads: usize,
    /// Where to compute, as `--device` has it.
    pub(crate) device: String,
    /// Whether fewer bits may be computed with where that is faster.
    pub(crate) fast: bool,
}

impl ComputingSettings {
    /// Where to compute.
    pub(crate) fn device(&self) -> DeviceChoice {
        self.device.parse().unwrap_or_default()
    }
}

impl Default for ComputingSettings {
    fn default() -> Self {
        Self {
            threads: 0,
            device: DeviceChoice::Auto.to_string(),
            fast: false,
        }
    }
}

/// Everything that is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// The size of text, 1.0 as usual.
    pub(crate) text_scale: f32,
    /// The longer side of a tile, in points.
    pub(crate) tile: f32,
    /// The order of photos.
    pub order: Order,
    /// How photos are put together.
    pub(crate) grouping: Grouping,
    /// Whether the inspector is shown.
    pub(crate) inspector: bool,
    /// Whether the side bar is shown.
    pub(crate) sidebar: bool,
    /// How sidecars are written.
    #[serde(flatten)]
    pub(crate) sidecars: SidecarSettings,
    /// How photos are computed with.
    #[serde(flatten)]
    pub(crate) computing: ComputingSettings,
    /// Whether the inspector shows similar photos.
    pub(crate) similar: bool,
    /// Folders that were opened, the latest first.
    pub(crate) recent: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            text_scale: 1.0,
            tile: 190.0,
            order: Order::Name,
            grouping: Grouping::None,
            inspector: true,
            sidebar: true,
            sidecars: SidecarSettings::default(),
            computing: ComputingSettings::default(),
            similar: false,
            recent: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings at `path`; what is not there or not understood is as usual.
    pub(crate) fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut settings: Self = serde_json::from_str(&text).unwrap_or_default();
        settings.text_scale = settings.text_scale.clamp(0.7, 2.5);
        settings.tile = settings.tile.clamp(90.0, 400.0);
        settings
    }

    /// Keeps the settings at `path`.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::other)?;
        let part = path.with_extension("json.part");
        std::fs::write(&part, text)?;
        std::fs::rename(&part, path)
    }

    /// Notes folders that were opened.
    pub(crate) fn note_recent(&mut self, folders: Vec<PathBuf>) {
        for folder in folders {
            self.recent.retain(|r| *r != folder);
            self.recent.insert(0, folder);
        }
        self.recent.truncate(RECENT);
    }

    /// How sidecars are named.
    pub(crate) fn naming(&self) -> Naming {
        match self.sidecars.naming {
            NamingChoice::Full => Naming::Ext,
            NamingChoice::Stem => Naming::Stem,
        }
    }

    /// Where keywords go; into `dc:subject` always.
    pub(crate) fn properties(&self) -> Properties {
        Properties {
            subject: true,
            ..self.sidecars.properties
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_nonsense_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/window.json");
        assert_eq!(Settings::load(&path), Settings::default());
        let settings = Settings {
            theme: ThemeChoice::Light,
            sidecars: SidecarSettings {
                auto_export: true,
                ..SidecarSettings::default()
            },
            recent: vec![PathBuf::from("/photos/été")],
            ..Settings::default()
        };
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
        std::fs::write(&path, r#"{"tile": 1e9, "unknown": []}"#).unwrap();
        assert!(Settings::load(&path).tile <= 400.0);
        // The file is flat, as earlier versions wrote it.
        let earlier = r#"{"device": "cpu", "digikam": false}"#;
        std::fs::write(&path, earlier).unwrap();
        let settings = Settings::load(&path);
        assert_eq!(settings.computing.device(), DeviceChoice::Cpu);
        let properties = settings.properties();
        assert!(!properties.digikam && properties.hierarchical && properties.state);
        // No setting stops keywords altogether.
        std::fs::write(&path, r#"{"subject": false, "parents": true}"#).unwrap();
        let properties = Settings::load(&path).properties();
        assert!(properties.subject && properties.parents);
        std::fs::write(&path, "half of it").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
    }
}
