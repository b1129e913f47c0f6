//! The catalogue of models: descriptions, sources and uses.

mod base;
mod entries;
mod entry;
mod mobile_clip;
mod pe_core;
mod pin;
mod pins;
mod recommended;
mod tiny_clip;

pub use entries::ENTRIES;
pub use entry::{Beside, Entry, Figures, Files, Normalisation, Reading};
pub use pin::{Pin, PinnedFile};
pub use recommended::RECOMMENDED;

impl Entry {
    /// The entry of that name, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        ENTRIES.iter().find(|e| e.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_store::names::{check_name, is_hexadecimal};

    #[test]
    fn the_catalogue_is_complete_and_consistent() {
        assert_eq!(ENTRIES.len(), 40);
        let openai = ENTRIES.iter().filter(|e| e.name.ends_with("-openai"));
        assert_eq!(openai.clone().count(), 9);
        assert!(openai.clone().all(|e| e.licence == "MIT"));
        for entry in ENTRIES {
            let name = entry.name;
            assert_eq!(check_name(name).ok(), Some(()), "{name}");
            assert_eq!(name, name.to_lowercase());
            assert_eq!(
                ENTRIES.iter().filter(|e| e.name == name).count(),
                1,
                "{name}"
            );
            let place = |e: &&Entry| e.repository == entry.repository;
            assert_eq!(ENTRIES.iter().filter(place).count(), 1, "{name}");
            assert_eq!(entry.repository.split('/').count(), 2, "{name}");
            assert!((300..5_000).contains(&entry.size_mb), "{name}");
            let top1 = entry.figures.imagenet_top1_percent;
            assert!(top1.is_none_or(|p| (59.0..84.0).contains(&p)), "{name}");
            let coco = entry.figures.coco_recall_percent;
            let plausible = |[pictures, texts]: [f32; 2]| 28.0 < pictures && pictures < texts;
            assert!(coco.is_none_or(plausible), "{name}");
            let work = entry.figures.work();
            assert!(work.is_none_or(|w| (1.0..61.0).contains(&w)), "{name}");
            for text in [entry.good_for, entry.architecture, entry.trained_on] {
                assert!(!text.is_empty(), "{name}");
            }
            // What the table does not say comes in a file.
            let comes = |name: &str| {
                let mut beside = entry.files.beside.iter();
                beside.any(|file| file.name == name && file.required)
            };
            let described = comes(Beside::CONFIG.name) || comes(Beside::HUGGING_FACE.name);
            assert_eq!(entry.reading.is_none(), described, "{name}");
            let Some(pin) = entry.pin else { continue };
            assert!(is_hexadecimal(pin.commit, 160), "{name}");
            assert!(entry.files.weights.contains(&pin.files[0].name), "{name}");
            let sound = |file: &PinnedFile| is_hexadecimal(file.sha256, 256) && file.size_bytes > 0;
            assert!(pin.files.iter().all(sound), "{name}");
        }
    }

    #[test]
    fn quick_gelu_is_as_open_clip_has_it() {
        let quick = |name: &str| Entry::find(name)?.reading.map(|r| r.quick_gelu);
        assert_eq!(quick("ViT-B-32-OpenAI"), Some(true));
        assert_eq!(quick("vit-b-16-dfn2b"), Some(true));
        assert_eq!(quick("vit-b-32-metaclip"), Some(true));
        assert_eq!(quick("vit-b-32-datacomp"), Some(false));
        assert_eq!(quick("vit-l-14-laion2b"), Some(false));
        assert_eq!(quick("vit-h-14"), None);
        // Its configuration says more than yes or no.
        assert_eq!(quick("siglip2-b-16-224"), None);
    }

    #[test]
    fn restricted_licences_are_said() {
        let notice = |name: &str| Entry::find(name).unwrap().licence_notice();
        assert!(notice("vit-l-14-dfn2b").unwrap().contains("research only"));
        for entry in ENTRIES.iter().filter(|e| e.name.starts_with("mobileclip")) {
            assert!(notice(entry.name).unwrap().contains("research only"));
        }
        assert!(notice("vit-b-32-metaclip").unwrap().contains("commercial"));
        assert_eq!(notice("vit-b-32-openai"), None);
        assert_eq!(notice("tinyclip-40m-32"), None);
        assert_eq!(notice("siglip2-b-16-224"), None);
    }

    #[test]
    fn labels_in_other_languages_need_another_tokenizer() {
        for entry in ENTRIES {
            let mut beside = entry.files.beside.iter();
            let tokenizer = beside.any(|file| file.name == Beside::TOKENIZER.name);
            assert_eq!(tokenizer, entry.languages != "English", "{}", entry.name);
        }
    }
}
