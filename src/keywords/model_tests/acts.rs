//! The acts of a history, mainly in other programs.

use crate::keywords::model_tests::Act;
use crate::keywords::model_tests::world::{KINDS, Sidecar, WORDS, World, key, labels, path};

impl World {
    /// An edit of a sidecar by a program, which creates it if necessary.
    pub(crate) fn edit(&mut self, file: usize, kind: i64, change: impl FnOnce(&mut Sidecar)) {
        let old = self.sidecars.get(&(file, kind)).cloned();
        self.old.entry((file, kind)).or_default().extend(old);
        let now_ms = self.now_ms;
        let sidecar = self.sidecars.entry((file, kind)).or_default();
        change(sidecar);
        sidecar.changed_ms = now_ms;
    }

    pub(crate) fn place(&self, number: usize) -> (usize, i64) {
        let files: Vec<usize> = self.files.iter().copied().collect();
        (files[number % files.len()], KINDS[number / 7 % 2])
    }

    /// An existing sidecar.
    pub(crate) fn sidecar(&self, number: usize) -> Option<(usize, i64)> {
        let all: Vec<(usize, i64)> = self.sidecars.keys().copied().collect();
        (!all.is_empty()).then(|| all[number % all.len()])
    }

    pub(crate) fn act(&mut self, act: &Act) {
        self.now_ms += 10;
        self.know_labels();
        match act {
            Act::Index => self.index(),
            Act::Export => self.export(),
            Act::Undo => self.undo(),
            Act::Accept(word) => self.decide(*word, true),
            Act::Reject(word) => self.decide(*word, false),
            Act::Rename(_) => {
                if let Some(at) = self.names.iter().position(|n| *n == "animal|dog") {
                    self.names[at] = "animal|hound";
                    self.labels = labels(&self.names);
                    self.rename_label("dog", "hound");
                    self.know_labels();
                }
            }
            Act::Merge(_) => {
                if let Some(at) = self.names.iter().position(|n| *n == "animal|cat") {
                    self.names.remove(at);
                    let sky = self
                        .names
                        .iter()
                        .position(|n| n.starts_with("sky"))
                        .unwrap();
                    self.names[sky] = "sky=cat";
                    self.labels = labels(&self.names);
                    self.rename_label("cat", "sky");
                    self.know_labels();
                }
            }
            Act::Add(at, word) => {
                let (file, kind) = self.place(*at);
                let word = WORDS[word % WORDS.len()].to_owned();
                self.edit(file, kind, |s| {
                    if !s.keywords.iter().any(|k| key(k) == key(&word)) {
                        s.keywords.push(word);
                    }
                });
            }
            Act::Remove(at, word) => self.change_one(*at, *word, |_| None),
            Act::MoveParent(at, word) => {
                self.change_one(*at, *word, |k| Some(format!("mine|{}", path(k).leaf())))
            }
            Act::ChangeCase(at, word) => self.change_one(*at, *word, |k| Some(k.to_uppercase())),
            Act::OldCopy(at) => {
                if let Some(place) = self.sidecar(*at)
                    && let Some(old) = self.old.get(&place).and_then(|o| o.first()).cloned()
                {
                    self.edit(place.0, place.1, |s| *s = old);
                }
            }
            Act::Stale(at) => {
                if let Some(place) = self.sidecar(*at) {
                    self.edit(place.0, place.1, |s| {
                        let notes: Vec<String> = s.notes.drain(..).map(|(_, p)| p).collect();
                        s.keywords.retain(|k| !notes.contains(k));
                    });
                }
            }
            Act::Embed(word) => {
                let word = WORDS[word % WORDS.len()].to_owned();
                if !self.embedded.contains(&word) {
                    self.embedded.push(word);
                }
            }
            Act::Unembed(word) => {
                if !self.embedded.is_empty() {
                    let at = word % self.embedded.len();
                    self.embedded.remove(at);
                }
            }
            Act::Delete(at) => {
                if let Some(place) = self.sidecar(*at) {
                    self.sidecars.remove(&place);
                }
            }
            Act::Copy(at) => {
                let (file, _) = self.place(*at);
                if self.files.len() < 3 {
                    self.carry(file, self.next_file);
                    self.next_file += 1;
                }
            }
            Act::Move(at) => {
                let (file, _) = self.place(*at);
                self.carry(file, self.next_file);
                self.remove_file(file);
                self.next_file += 1;
            }
            Act::Renumber => {
                // Each file takes the name after its own, the last one first.
                for file in self.files.clone().into_iter().rev() {
                    if !self.files.contains(&(file + 1)) {
                        self.carry(file, file + 1);
                        self.remove_file(file);
                    }
                }
                self.next_file += 1;
            }
        }
    }

    pub(crate) fn carry(&mut self, from: usize, to: usize) {
        self.files.insert(to);
        for kind in KINDS {
            if let Some(sidecar) = self.sidecars.get(&(from, kind)).cloned() {
                self.sidecars.insert((to, kind), sidecar);
            }
        }
    }

    pub(crate) fn remove_file(&mut self, file: usize) {
        self.files.remove(&file);
        for kind in KINDS {
            self.sidecars.remove(&(file, kind));
        }
    }

    fn change_one(&mut self, at: usize, word: usize, change: impl Fn(&str) -> Option<String>) {
        let Some(place) = self.sidecar(at) else {
            return;
        };
        let keywords = &self.sidecars[&place].keywords;
        if keywords.is_empty() {
            return;
        }
        let i = word % keywords.len();
        let new = change(&keywords[i]);
        self.edit(place.0, place.1, |s| {
            s.keywords.remove(i);
            if let Some(new) = new.filter(|n| !s.keywords.iter().any(|k| key(k) == key(n))) {
                s.keywords.insert(i, new);
            }
        });
    }
}
