//! The programs for which people export: which keywords each reads, and the way that works.
//!
//! This is said once, here, for the window, the command line and `docs/keywords.md`, which names where
//! each fact comes from. What nobody has documented is left out.

use serde::{Deserialize, Serialize};

use crate::services::export::options::ExportOptions;
use crate::sidecar::Naming;

/// A program for which people export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// Adobe's Lightroom Classic.
    Lightroom,
    /// digiKam.
    DigiKam,
    /// darktable.
    Darktable,
    /// Capture One.
    CaptureOne,
    /// Immich.
    Immich,
    /// PhotoPrism.
    PhotoPrism,
    /// Photos on a Mac.
    ApplePhotos,
    /// Explorer and Photos on Windows.
    Windows,
}

/// What is known of a program, in whole sentences.
#[derive(Debug)]
pub(crate) struct ProgramFacts {
    /// Its name on the command line.
    pub(crate) key: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Where it looks for the keywords of which files.
    pub(crate) reads: &'static str,
    /// The fields from which it takes them; empty if that is not documented.
    pub(crate) fields: &'static str,
    /// The way that works.
    pub(crate) works: &'static str,
    /// What to do in the program.
    pub(crate) then: &'static str,
    /// The way that works, as options.
    pub(crate) preset: Preset,
}

/// The options that a program needs. Nothing is switched off: other programs may need it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preset {
    /// Whether it reads the keywords of common formats only inside the photo.
    pub(crate) embed: bool,
    /// The names of sidecars that it looks for.
    pub(crate) naming: Naming,
    /// Whether it takes the hierarchy from `lr:hierarchicalSubject`.
    pub(crate) hierarchical: bool,
    /// Whether it takes the hierarchy from `digiKam:TagsList`.
    pub(crate) digikam: bool,
}

/// What works for programs that read sidecars.
const BESIDE: Preset = Preset {
    embed: false,
    naming: Naming::Ext,
    hierarchical: true,
    digikam: false,
};

/// What works for programs that read only inside the photo.
const INSIDE: Preset = Preset {
    embed: true,
    hierarchical: false,
    ..BESIDE
};

/// In the order of [`Program`].
static FACTS: [ProgramFacts; 8] = [
    ProgramFacts {
        key: "lightroom",
        name: "Lightroom Classic",
        reads: "Lightroom Classic reads JPEG, TIFF, PNG and DNG only inside the file, and of raw files \
                IMG.xmp.",
        fields: "dc:subject, lr:hierarchicalSubject",
        works: "What works: keywords inside the photos, and IMG.xmp for raw files.",
        then: "Then select the photos there and choose Metadata › Read Metadata from Files.",
        preset: Preset {
            naming: Naming::Stem,
            hierarchical: true,
            ..INSIDE
        },
    },
    ProgramFacts {
        key: "digikam",
        name: "digiKam",
        reads: "digiKam reads IMG.JPG.xmp beside every file once it is told to, and inside the file.",
        fields: "digiKam:TagsList, else lr:hierarchicalSubject",
        works: "What works: sidecars named IMG.JPG.xmp. The photos can stay untouched.",
        then: "Switch on Settings › Configure digiKam › Metadata › Sidecars › Read from sidecar files, then \
               choose Item › Reread Metadata From File.",
        preset: Preset {
            digikam: true,
            ..BESIDE
        },
    },
    ProgramFacts {
        key: "darktable",
        name: "darktable",
        reads: "darktable reads IMG.JPG.xmp beside every file.",
        fields: "lr:hierarchicalSubject, else dc:subject",
        works: "What works: sidecars named IMG.JPG.xmp. The photos can stay untouched.",
        then: "Switch on Preferences › Storage › look for updated XMP files on startup, then start darktable \
               and accept the changed files.",
        preset: BESIDE,
    },
    ProgramFacts {
        key: "capture-one",
        name: "Capture One",
        reads: "Capture One reads JPEG and TIFF inside the file, and of raw files IMG.xmp.",
        fields: "",
        works: "What works: keywords inside the photos, and IMG.xmp for raw files.",
        then: "Set Preferences › Image › Auto Sync Sidecar XMP to Full Sync.",
        preset: Preset {
            naming: Naming::Stem,
            ..INSIDE
        },
    },
    ProgramFacts {
        key: "immich",
        name: "Immich",
        reads: "Immich reads IMG.JPG.xmp or IMG.xmp beside every file.",
        fields: "digiKam:TagsList, else lr:hierarchicalSubject, else IPTC keywords",
        works: "What works: sidecars named IMG.JPG.xmp. The photos can stay untouched.",
        then: "Then run its jobs for sidecars and for metadata.",
        preset: Preset {
            digikam: true,
            ..BESIDE
        },
    },
    ProgramFacts {
        key: "photoprism",
        name: "PhotoPrism",
        reads: "PhotoPrism reads keywords inside the file. Some versions take none from sidecars of other \
                programs.",
        fields: "dc:subject",
        works: "What works: keywords inside the photos, and IMG.xmp for raw files.",
        then: "Then index the library there again. It shows the keywords as Subject.",
        preset: Preset {
            naming: Naming::Stem,
            ..INSIDE
        },
    },
    ProgramFacts {
        key: "apple-photos",
        name: "Apple Photos",
        reads: "Apple Photos reads keywords inside the file, and only when it imports the photo.",
        fields: "dc:subject",
        works: "What works: keywords inside the photos, before they are imported.",
        then: "Then import the photos. It does not see keywords of photos that it already has.",
        preset: INSIDE,
    },
    ProgramFacts {
        key: "windows",
        name: "Windows Explorer",
        reads: "Windows Explorer reads keywords only inside JPEG and TIFF files.",
        fields: "dc:subject, IPTC keywords, XPKeywords",
        works: "What works: keywords inside the photos.",
        then: "The keywords are the Tags in the photo's properties.",
        preset: INSIDE,
    },
];

impl Program {
    /// All of them, in the order of lists.
    pub(crate) const ALL: [Self; 8] = [
        Self::Lightroom,
        Self::DigiKam,
        Self::Darktable,
        Self::CaptureOne,
        Self::Immich,
        Self::PhotoPrism,
        Self::ApplePhotos,
        Self::Windows,
    ];

    /// What is known of it.
    pub(crate) fn facts(self) -> &'static ProgramFacts {
        &FACTS[self as usize]
    }

    /// The program of a name on the command line.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.facts().key == key)
    }

    /// What the person who exports for it should know, in sentences.
    pub(crate) fn advice(self) -> Vec<String> {
        let facts = self.facts();
        let mut lines = vec![facts.reads.to_owned()];
        if !facts.fields.is_empty() {
            lines.push(format!("Fields: {}.", facts.fields));
        }
        lines.extend([facts.works.to_owned(), facts.then.to_owned()]);
        lines
    }
}

impl Preset {
    /// Gives an export the names and fields that the program needs. Whether to write into photos stays
    /// as it is: only a person says that.
    pub(crate) fn apply(self, options: &mut ExportOptions) {
        options.naming = self.naming;
        options.properties.hierarchical |= self.hierarchical;
        options.properties.digikam |= self.digikam;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::Properties;

    #[test]
    fn each_program_has_its_own_facts_and_name() {
        for program in Program::ALL {
            let facts = program.facts();
            assert_eq!(Program::of_key(facts.key), Some(program));
            // The first sentence says of whom it is.
            assert!(facts.reads.starts_with(facts.name), "{}", facts.reads);
            let inside = facts.works.contains("inside the photos");
            assert_eq!(inside, facts.preset.embed, "{}", facts.works);
            let by_stem = facts.works.contains("IMG.xmp");
            let stem = facts.preset.naming == Naming::Stem;
            assert_eq!(by_stem, stem, "{}", facts.works);
        }
        assert_eq!(Program::of_key("paint"), None);
    }

    #[test]
    fn a_preset_gives_what_the_program_reads_and_takes_nothing_away() {
        let mut options = ExportOptions {
            properties: Properties {
                hierarchical: false,
                digikam: false,
                acdsee: true,
                ..Properties::default()
            },
            ..ExportOptions::default()
        };
        Program::Lightroom.facts().preset.apply(&mut options);
        assert_eq!(options.naming, Naming::Stem);
        assert!(options.properties.hierarchical && options.properties.acdsee);
        assert!(!options.properties.digikam);
        assert!(!options.embed, "only a person says that");
        Program::Immich.facts().preset.apply(&mut options);
        assert_eq!(options.naming, Naming::Ext);
        assert!(options.properties.digikam);
    }

    #[test]
    fn the_documentation_says_the_same() {
        let text = include_str!("../../../docs/keywords.md");
        for program in Program::ALL {
            let facts = program.facts();
            let row = text.lines().find(|line| {
                line.starts_with(&format!("| {} |", facts.name)) && line.contains(facts.key)
            });
            let row = row.unwrap_or_else(|| panic!("{} has no row", facts.name));
            for field in facts.fields.split(", ") {
                let field = field.trim_start_matches("else ");
                assert!(row.contains(field), "{field} is not in {row}");
            }
            let embed = row.contains("inside the photos");
            assert_eq!(embed, facts.preset.embed, "{row}");
            let stem = row.contains("`IMG.xmp`");
            let stem_needed = facts.preset.naming == Naming::Stem;
            assert!(stem || !stem_needed, "{row}");
        }
        let text = include_str!("../../../README.md");
        for program in Program::ALL {
            let facts = program.facts();
            let mut rows = text.lines().filter(|line| line.starts_with("| "));
            let row = rows.find(|line| line.contains(facts.name)).unwrap();
            assert!(row.contains(&format!("{}`", facts.key)), "{row}");
            assert_eq!(row.contains("--embed"), facts.preset.embed, "{row}");
        }
    }
}
