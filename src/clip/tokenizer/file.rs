//! Tokenizers from files beside the checkpoint, in the form of Hugging Face's `tokenizers`.

use std::path::Path;
use std::time::Duration;

use tokenizers::{Tokenizer, TruncationParams};

use crate::clip::spec::tokens::FileTokensSpec;
use crate::core::on_demand::{OnDemand, give_back};

/// A tokenizer that is read when texts come, and dropped afterwards: that of 256,000 tokens takes
/// some 200 MB and half a second.
pub(crate) struct FileTokenizer {
    spec: FileTokensSpec,
    loaded: OnDemand<Loaded>,
}

struct Loaded {
    tokenizer: Tokenizer,
    padding: Option<u32>,
}

impl FileTokenizer {
    /// Nothing is read yet.
    pub(crate) fn new(spec: &FileTokensSpec) -> Self {
        Self {
            spec: spec.clone(),
            loaded: OnDemand::empty(),
        }
    }

    /// The ids of each text, of at most `context` with the special tokens; if `pads`, of exactly as
    /// many, provided that the tokenizer names a token for padding.
    ///
    /// # Errors
    /// If the file is missing or no tokenizer.
    pub(crate) fn encode(
        &self,
        texts: &[&str],
        context: usize,
        pads: bool,
    ) -> Result<Vec<Vec<u32>>, String> {
        let loaded = self.loaded.get(|| self.load(context))?;
        let encode = |text: &&str| {
            let text = self.spec.clean.apply(text);
            let encoding = loaded.tokenizer.encode(text, true);
            let encoding = encoding.map_err(|error| error.to_string())?;
            let mut ids = encoding.get_ids().to_vec();
            if let (true, Some(padding)) = (pads, loaded.padding) {
                ids.resize(context, padding);
            }
            Ok(ids)
        };
        texts.iter().map(encode).collect()
    }

    /// Drops the tokenizer if no text came for `idle`.
    pub(crate) fn release(&self, idle: Duration) {
        self.loaded.release(idle);
    }

    fn load(&self, context: usize) -> Result<Loaded, String> {
        let path = &self.spec.path;
        let wrong = |error: tokenizers::Error| {
            format!("{} is not a usable tokenizer: {error}", path.display())
        };
        present(path)?;
        let mut tokenizer = Tokenizer::from_file(path).map_err(wrong)?;
        let own = tokenizer.get_padding().map(|padding| padding.pad_id);
        let named = self.spec.pad_token.as_deref();
        let padding = named.and_then(|token| tokenizer.token_to_id(token)).or(own);
        let truncation = TruncationParams {
            max_length: context,
            ..TruncationParams::default()
        };
        tokenizer.with_truncation(Some(truncation)).map_err(wrong)?;
        tokenizer.with_padding(None);
        // Parsing took twice as much as is left.
        give_back();
        Ok(Loaded { tokenizer, padding })
    }
}

/// Checks that the file of a tokenizer exists.
///
/// # Errors
/// If it does not.
pub(crate) fn present(path: &Path) -> Result<(), String> {
    if path.is_file() {
        return Ok(());
    }
    // Not its folder: during an import, that is a temporary one.
    let name = path.file_name().unwrap_or(path.as_os_str()).display();
    Err(format!(
        "{name} is missing beside the weights: without it the model's texts have no token ids; put \
         the {name} of its publisher into the folder of the weights, and use or import that folder"
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::clip::tokenizer::clean::Clean;

    const CONTEXT: usize = 64;

    fn tokenizer(name: &str, clean: Clean, pad_token: &str) -> FileTokenizer {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tokenizer_files");
        FileTokenizer::new(&FileTokensSpec {
            path: folder.join(name),
            clean,
            pad_token: Some(pad_token.to_owned()),
        })
    }

    #[test]
    fn ids_are_those_of_the_python_library() {
        const GOLDEN: &[u8] = include_bytes!("../../../tests/golden/tokenizer_files/ids.json.gz");
        let reader = flate2::read::GzDecoder::new(GOLDEN);
        let rows: Vec<(String, Vec<u32>, Vec<u32>)> = serde_json::from_reader(reader).unwrap();
        assert_eq!(rows.len(), 5_000);
        let texts: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        let gemma = tokenizer("bpe.json", Clean::Lower, "<pad>");
        let siglip = tokenizer("unigram.json", Clean::Canonical, "</s>");
        for (tokenizer, which) in [(gemma, 1), (siglip, 2)] {
            let found = tokenizer.encode(&texts, CONTEXT, true).unwrap();
            let mut wrong = 0;
            for (row, found) in rows.iter().zip(&found) {
                let mut expected = if which == 1 {
                    row.1.clone()
                } else {
                    row.2.clone()
                };
                // The file has only the first token of the padding.
                expected.resize(CONTEXT, *expected.last().unwrap());
                if *found != expected {
                    wrong += 1;
                    eprintln!("{:?}\n  expected {expected:?}\n  found    {found:?}", row.0);
                }
            }
            assert_eq!(wrong, 0, "of {} strings", rows.len());
        }
    }

    #[test]
    fn long_texts_are_cut_off_before_their_end_token() {
        let gemma = tokenizer("bpe.json", Clean::Lower, "<pad>");
        let long = "möwe ".repeat(100);
        let ids = &gemma.encode(&[&long], CONTEXT, true).unwrap()[0];
        assert_eq!((ids.len(), ids[CONTEXT - 1]), (CONTEXT, 1));
        let short = &gemma.encode(&["möwe"], CONTEXT, false).unwrap()[0];
        assert!(short.len() < 8 && *short.last().unwrap() == 1, "{short:?}");
        gemma.release(Duration::ZERO);
        assert_eq!(gemma.encode(&["Möwe"], CONTEXT, false).unwrap()[0], *short);
    }

    #[test]
    fn a_missing_or_damaged_file_is_named() {
        let missing = tokenizer("nothing.json", Clean::Lower, "<pad>");
        let message = missing.encode(&["a"], CONTEXT, true).unwrap_err();
        assert!(message.contains("nothing.json is missing"), "{message}");
        let damaged = tokenizer("ids.json.gz", Clean::Lower, "<pad>");
        let message = damaged.encode(&["a"], CONTEXT, true).unwrap_err();
        assert!(message.contains("ids.json.gz is not a usable"), "{message}");
    }
}
