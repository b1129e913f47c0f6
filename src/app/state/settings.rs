//! The user's settings, kept between starts.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::catalogue::order::{Grouping, Order};
use crate::app::catalogue::quick_filter::QuickFilter;
use crate::app::commands::choices::{NamingChoice, ThemeChoice};
use crate::engine::DeviceChoice;
use crate::services::export::Program;
use crate::services::text_file;
use crate::sidecar::{Naming, Properties};
use crate::words::Language;

/// The number of folders to remember.
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
    /// Whether only tags that the user has confirmed are written.
    pub(crate) confirmed_only: bool,
    /// Whether sidecars are written automatically when tags change.
    pub(crate) auto_export: bool,
    /// The program to export for.
    pub(crate) program: Option<Program>,
}

impl Default for SidecarSettings {
    fn default() -> Self {
        Self {
            naming: NamingChoice::Full,
            properties: Properties::default(),
            synonyms: false,
            confirmed_only: false,
            auto_export: false,
            program: None,
        }
    }
}

impl SidecarSettings {
    /// Chooses the program to export for, and gives it the names and fields that it reads.
    pub(crate) fn choose(&mut self, program: Option<Program>) {
        self.program = program;
        let Some(preset) = program.map(|program| program.facts().preset) else {
            return;
        };
        self.naming = match preset.naming {
            Naming::Ext => NamingChoice::Full,
            Naming::Stem => NamingChoice::Stem,
        };
        self.properties.hierarchical |= preset.hierarchical;
        self.properties.digikam |= preset.digikam;
    }
}

/// The filters of a saved search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SavedSearch {
    /// Its name.
    pub(crate) name: String,
    /// The text of the search box.
    pub(crate) query: String,
    /// The folder.
    pub(crate) folder: Option<PathBuf>,
    /// The label.
    pub(crate) label: Option<String>,
    /// The filters with one click.
    pub(crate) quick: QuickFilter,
}

/// Settings for decoding and the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ComputingSettings {
    /// The number of decoding threads; 0 for one per core.
    pub(crate) threads: usize,
    /// The device, as for `--device`.
    pub(crate) device: String,
    /// Whether to use fewer bits where that is faster.
    pub(crate) fast: bool,
}

impl ComputingSettings {
    /// The device.
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

/// Settings for text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TextSettings {
    /// The size; 1.0 is normal.
    pub(crate) text_scale: f32,
    /// The language; `None` for the system's.
    pub(crate) language: Option<Language>,
}

impl Default for TextSettings {
    fn default() -> Self {
        Self {
            text_scale: 1.0,
            language: None,
        }
    }
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: ThemeChoice,
    /// The language and the size of text.
    #[serde(flatten)]
    pub(crate) text: TextSettings,
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
    /// Settings for decoding and the model.
    #[serde(flatten)]
    pub(crate) computing: ComputingSettings,
    /// Whether the inspector shows similar photos.
    pub(crate) similar: bool,
    /// The most recently opened folders, latest first.
    pub(crate) recent: Vec<PathBuf>,
    /// The saved searches.
    pub(crate) searches: Vec<SavedSearch>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            text: TextSettings::default(),
            tile: 190.0,
            order: Order::Name,
            grouping: Grouping::None,
            inspector: true,
            sidebar: true,
            sidecars: SidecarSettings::default(),
            computing: ComputingSettings::default(),
            similar: false,
            recent: Vec::new(),
            searches: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings at `path`; missing or invalid ones get their defaults.
    pub(crate) fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut settings: Self = serde_json::from_str(&text).unwrap_or_default();
        settings.text.text_scale = settings.text.text_scale.clamp(0.7, 2.5);
        settings.tile = settings.tile.clamp(90.0, 400.0);
        settings
    }

    /// Writes the settings to `path`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::other)?;
        text_file::write(path, |out| out.write_all(text.as_bytes()))
    }

    /// Records folders that were opened.
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
            text: TextSettings {
                text_scale: 1.4,
                language: Some(Language::Chinese),
            },
            recent: vec![PathBuf::from("/photos/été")],
            ..Settings::default()
        };
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
        std::fs::write(&path, r#"{"tile": 1e9, "unknown": []}"#).unwrap();
        assert!(Settings::load(&path).tile <= 400.0);
        // The file is flat, like those of earlier versions.
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
