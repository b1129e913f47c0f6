//! What this project's authors wrote down about the classes and about everyday words: the
//! tables in `resources/starter/knowledge`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// A word and the classes that its photographs look like or contain.
pub struct Word {
    /// As a person would type it, lower case.
    pub text: String,
    /// Class index and weight, 1 to 9.
    pub classes: Vec<(usize, f32)>,
}

/// Everyday texts for one class.
#[derive(Default)]
pub struct ClassContext {
    /// Words for exactly this thing.
    pub names: Vec<String>,
    /// What else is usually in the picture.
    pub around: Vec<String>,
    /// Sentences that describe such a photograph.
    pub captions: Vec<String>,
}

/// All tables.
pub struct Knowledge {
    /// WordNet 3.0 offsets of the classes, in the classifier's order.
    pub class_offsets: Vec<u32>,
    /// Everyday texts, in the same order.
    pub contexts: Vec<ClassContext>,
    /// Words with their classes; a word of several tables occurs once, with all of them.
    pub words: Vec<Word>,
}

impl Knowledge {
    /// Reads `classes.tsv`, `contexts.tsv` and every `words-*.tsv` of the folder.
    pub fn load(folder: &Path) -> Result<Self> {
        let mut class_offsets = Vec::new();
        let mut keys = HashMap::new();
        for (number, fields) in table(&folder.join("classes.tsv"), 2)? {
            let offset = fields[0].trim_start_matches('n').parse();
            let offset = offset.with_context(|| format!("classes.tsv:{number}: no WordNet id"))?;
            keys.insert(fields[1].clone(), class_offsets.len());
            class_offsets.push(offset);
        }
        let mut contexts = Vec::new();
        contexts.resize_with(class_offsets.len(), ClassContext::default);
        for (number, fields) in table(&folder.join("contexts.tsv"), 5)? {
            let index: usize = fields[0].parse()?;
            let context = contexts
                .get_mut(index)
                .with_context(|| format!("contexts.tsv:{number}: no class {index}"))?;
            context.names = list(&fields[1]);
            context.around = list(&fields[2]);
            context.captions = fields[3..].to_vec();
        }
        let mut words: Vec<Word> = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut files: Vec<_> = std::fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        files.sort();
        for file in files {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if !name.starts_with("words-") {
                continue;
            }
            for (number, fields) in table(&file, 2)? {
                let mut classes = Vec::new();
                for part in fields[1].split(';').filter(|p| !p.trim().is_empty()) {
                    let known = part.trim().rsplit_once(':').and_then(|(key, weight)| {
                        Some((*keys.get(key)?, weight.parse::<f32>().ok()?))
                    });
                    match known {
                        Some(known) => classes.push(known),
                        None => bail!("{name}:{number}: unknown class in {part}"),
                    }
                }
                let text = fields[0].trim().to_lowercase();
                match at.get(&text) {
                    Some(i) => words[*i].classes.extend(classes),
                    None => {
                        at.insert(text.clone(), words.len());
                        words.push(Word { text, classes });
                    }
                }
            }
        }
        Ok(Self {
            class_offsets,
            contexts,
            words,
        })
    }
}

fn list(field: &str) -> Vec<String> {
    field
        .split(',')
        .map(|item| item.trim().to_lowercase())
        .filter(|item| !item.is_empty())
        .collect()
}

/// The lines of a tab-separated file with their numbers, from 1; all must have `columns` fields.
fn table(path: &Path, columns: usize) -> Result<Vec<(usize, Vec<String>)>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
            if fields.len() != columns {
                bail!("{}:{number}: {columns} columns wanted", path.display());
            }
            Ok((number, fields))
        })
        .collect()
}
