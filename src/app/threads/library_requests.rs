//! Carries out requests on the library's thread.

use std::path::Path;

use crate::app::catalogue::BUILTIN;
use crate::app::commands::choices::Learn;
use crate::app::messages::decision::{Decide, Decided};
use crate::app::messages::event::{Event, VocabularyChange};
use crate::app::messages::export::LibraryExports;
use crate::app::messages::message::Severity;
use crate::app::messages::request::Request;
use crate::app::threads::library::{Failure, Keeper};
use crate::app::threads::{models, samples};
use crate::engine::{DeviceChoice, EngineOptions, ModelIdentity};
use crate::indexer::{Control, DECODER_VERSION};
use crate::services::vocabulary_edit::Edited;
use crate::services::{builtin_labels, folder_edit, text_file, vocabulary_edit, vocabulary_file};
use crate::store::{Store, StoreError, StoredVocabulary, ToldOnce};
use crate::tagging::{Edit, Vocabulary};
use crate::words::phrase;

impl Keeper {
    /// Carries out a request.
    pub(crate) fn carry_out(
        &mut self,
        store: &mut Store,
        identity: &mut ModelIdentity,
        request: Request,
    ) -> Result<(), Failure> {
        match request {
            Request::AddFolders(folders) => {
                let folders = folders.iter().map(|f| f.as_path());
                self.add_folders(folders, store, identity);
            }
            Request::AddSamples => {
                let folder = samples::unpack(self.engines.models().data_folder())
                    .map_err(|e| phrase!("samples-failed", error = e.to_string()))?;
                self.add_folders(std::iter::once(folder.as_path()), store, identity);
            }
            Request::RemoveFolder(id) => {
                self.indexer = None;
                store.write(|w| w.remove_folder(id))?;
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::PauseFolder(id, paused) => {
                store.write(|w| w.set_folder_paused(id, paused))?;
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::Retry(paths) => {
                store.write(|w| w.forget_faults(&paths))?;
                // A running indexer knows which contents cannot be decoded.
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::ImportVocabulary(path) => self.import(store, &path)?,
            Request::ExportVocabulary(path) => self.export(store, &path)?,
            Request::Stacks(on) => {
                store.write(|w| w.set_stacks(on))?;
                self.control(Control::Retag);
                self.soon();
            }
            Request::Videos(included) => {
                store.write(|w| w.set_videos(included))?;
                self.start_indexer(store, identity);
                self.soon();
            }
            Request::Control(control) => self.control(control),
            Request::UseModel(engine) => self.use_model(engine, store, identity)?,
            Request::SaveNow => self.save_now(),
            Request::Threads(threads) => {
                self.threads = threads;
                self.start_indexer(store, identity);
            }
            Request::Devices => self.send(Event::Devices(DeviceChoice::available())),
            Request::Models => self.send(Event::Models(models::known(self.engines.models()))),
            Request::Forget(catalogue) => drop(catalogue),
            Request::Exports => self.send(Event::Exports(exports(store)?)),
            Request::MayEmbed(allowed) => {
                store.write(|w| w.set_may_embed(allowed))?;
                self.send(Event::Exports(exports(store)?));
            }
            Request::Failures => {
                let model = store.model(&identity.fingerprint)?;
                let failures = store.failures(Path::new("/"), model, DECODER_VERSION)?;
                self.send(Event::Failures(failures));
            }
            Request::Scale => self.report_scale(store, identity)?,
            Request::UndoScale(undone) => self.undo_scale(store, identity, undone)?,
            other => self.save_one(store, &other)?,
        }
        Ok(())
    }

    /// Saves what the user said.
    pub(crate) fn save_one(&mut self, store: &mut Store, request: &Request) -> Result<(), Failure> {
        match request {
            Request::Decide(decisions, note) => self.keep_decisions(store, decisions, *note)?,
            Request::Edit(edits) => self.edit(store, edits)?,
            Request::SetVocabulary {
                vocabulary,
                renamed,
                replayed,
            } => self.set_vocabulary(store, vocabulary.clone(), renamed, *replayed)?,
            Request::NameLabels(language) => {
                let before = store.vocabulary()?;
                if let Some(edited) = builtin_labels::rename(store, *language)? {
                    self.edited(before, edited);
                }
            }
            Request::UseVocabulary(name) => {
                let before = store.vocabulary()?;
                store.write(|w| w.use_vocabulary(name.as_deref()))?;
                self.vocabulary_changed(before, store.vocabulary()?, Vec::new(), false);
            }
            Request::Learn(label, learn) => self.learn(store, label, *learn)?,
            _ => {}
        }
        Ok(())
    }

    fn add_folders<'a>(
        &mut self,
        folders: impl Iterator<Item = &'a Path>,
        store: &mut Store,
        identity: &ModelIdentity,
    ) {
        let mut added = Vec::new();
        for named in folders {
            // A dropped photo stands for its folder.
            let folder = match named.is_file() {
                true => named.parent().unwrap_or(named),
                false => named,
            };
            if added.iter().any(|a| a == folder) {
                continue;
            }
            match folder_edit::add(store, folder) {
                Ok(_) => added.push(folder.to_path_buf()),
                Err(error) => self.problem(error.to_string()),
            }
        }
        if !added.is_empty() {
            self.send(Event::Added(added));
        }
        self.start_indexer(store, identity);
        self.soon();
    }

    fn keep_decisions(
        &mut self,
        store: &mut Store,
        decisions: &[Decide],
        note: bool,
    ) -> Result<(), Failure> {
        let before = store.write(|w| {
            let mut before = Vec::with_capacity(decisions.len());
            for d in decisions {
                let label = w.label(&d.label)?;
                before.push(Decided {
                    photo: d.photo,
                    label: d.label.clone(),
                    before: w.decide(d.photo, label, d.decision)?,
                });
            }
            w.bump_revision()?;
            Ok(before)
        })?;
        if note {
            self.send(Event::Decided(before));
        }
        self.control(Control::Retag);
        self.soon();
        Ok(())
    }

    fn edit(&mut self, store: &mut Store, edits: &[Edit]) -> Result<(), Failure> {
        let before = store.vocabulary()?;
        let edited = vocabulary_edit::edit(store, edits)?;
        self.edited(before, edited);
        Ok(())
    }

    /// Reports an edit.
    fn edited(&mut self, before: Option<StoredVocabulary>, edited: Edited) {
        self.vocabulary_changed(before, Some(edited.vocabulary), edited.renamed, false);
        if edited.converted {
            self.tell(Severity::Info, phrase!("labels-full-format"));
        }
    }

    fn set_vocabulary(
        &mut self,
        store: &mut Store,
        mut wanted: Option<StoredVocabulary>,
        renamed: &[(String, String)],
        replayed: bool,
    ) -> Result<(), Failure> {
        let before = store.vocabulary()?;
        if let Some(wanted) = &mut wanted {
            Vocabulary::parse(&wanted.text)?;
            wanted.name = own_name(&wanted.name);
        }
        store.write(|w| {
            w.rename_labels(renamed)?;
            match &wanted {
                Some(wanted) => w.set_vocabulary(wanted),
                None => w.use_vocabulary(None).map(drop),
            }
        })?;
        self.vocabulary_changed(before, store.vocabulary()?, renamed.to_vec(), replayed);
        Ok(())
    }

    fn import(&mut self, store: &mut Store, path: &Path) -> Result<(), Failure> {
        let name = path.file_stem().unwrap_or(path.as_os_str());
        let name = own_name(&name.to_string_lossy());
        let before = store.vocabulary()?;
        let vocabulary = vocabulary_file::import(store, path, name)?;
        self.tell(
            Severity::Info,
            phrase!("labels-imported", name = &vocabulary.name),
        );
        let after = Some(vocabulary);
        self.vocabulary_changed(before, after, Vec::new(), false);
        Ok(())
    }

    fn export(&mut self, store: &Store, path: &Path) -> Result<(), Failure> {
        let text = vocabulary_edit::text_in_use(store)?;
        text_file::write(path, |out| out.write_all(text.as_bytes())).map_err(|e| {
            phrase!(
                "labels-not-written",
                path = path.display(),
                error = e.to_string()
            )
        })?;
        let said = phrase!("labels-exported", path = path.display());
        self.tell(Severity::Info, said);
        Ok(())
    }

    fn use_model(
        &mut self,
        engine: EngineOptions,
        store: &Store,
        identity: &mut ModelIdentity,
    ) -> Result<(), Failure> {
        let new = engine.identify(self.engines.models())?;
        if engine.model != self.engine.model {
            // The next start uses it as well.
            match engine.model == crate::engine::STARTER {
                true => self.engines.models().clear_default()?,
                false => self.engines.models().set_default(&engine.model)?,
            }
        }
        if engine.templates != self.engine.templates {
            self.engines.models().set_templates(&engine.templates)?;
        }
        self.indexer = None;
        self.engine = engine;
        *identity = new;
        self.start_indexer(store, identity);
        self.soon();
        Ok(())
    }

    fn learn(&mut self, store: &mut Store, label: &str, learn: Learn) -> Result<(), Failure> {
        store.write(|w| {
            let label = w.label(label)?;
            match learn {
                Learn::Active(active) => w.switch_learning(label, active)?,
                Learn::Reset => w.reset_learning(label)?,
            }
            w.bump_revision()
        })?;
        self.control(Control::Retag);
        self.soon();
        Ok(())
    }

    /// Reports a change, and updates the tags.
    pub(crate) fn vocabulary_changed(
        &mut self,
        before: Option<StoredVocabulary>,
        after: Option<StoredVocabulary>,
        renamed: Vec<(String, String)>,
        replayed: bool,
    ) {
        if before != after {
            self.send(Event::VocabularyChanged(VocabularyChange {
                before,
                after,
                renamed,
                replayed,
            }));
        }
        self.control(Control::Retag);
        self.soon();
    }
}

fn exports(store: &Store) -> Result<LibraryExports, StoreError> {
    Ok(LibraryExports {
        past: store.exports()?,
        may_embed: store.may_embed()?,
        was_warned: store.was_told(ToldOnce::Embedding)?,
    })
}

/// The name for a vocabulary of the user's, which must differ from the built-in one's.
fn own_name(name: &str) -> String {
    match name == BUILTIN {
        true => vocabulary_edit::OWN.into(),
        false => name.to_owned(),
    }
}
