//! Taglens's acts in a history: it looks, writes, undoes and renames, like the library.

use std::collections::BTreeSet;

use crate::keywords::model_tests::world::{Row, WORDS, World, digest, path, reading};
use crate::keywords::{
    By, Decision, Memory, Message, Named, Now, Photo, Place, Source, Way, follow, reconcile,
};

impl World {
    /// The photo for the model, and the known row of each source.
    pub(crate) fn photo(&self) -> (Photo, Vec<Option<usize>>, Vec<(usize, i64)>) {
        let mut sources = vec![Source {
            now: match &self.embedded_memory {
                Some(memory) if self.embedded_is(memory) => Now::Unseen,
                _ => Now::Read(reading(&self.embedded, &[], &Memory::default())),
            },
            memory: self.embedded_memory.clone().unwrap_or_default(),
            changed_ms: self.now_ms - 1,
            is_second: false,
        }];
        let places: Vec<(usize, i64)> = self.sidecars.keys().copied().collect();
        let known: Vec<Place<(usize, i64)>> = self
            .rows
            .iter()
            .map(|row| Place {
                at: (row.file, row.kind),
                name: row.file.to_string(),
                kind: row.kind,
                digest: row.digest.clone(),
            })
            .collect();
        let found: Vec<Place<(usize, i64)>> = places
            .iter()
            .map(|place| Place {
                at: *place,
                name: place.0.to_string(),
                kind: place.1,
                digest: digest(&self.sidecars[place]),
            })
            .collect();
        let free = |i: usize| !self.files.contains(&self.rows[i].file);
        let ways = follow(&known, free, &found);
        let mut rows = Vec::new();
        let mut taken = BTreeSet::new();
        for (place, way) in places.iter().zip(ways) {
            let sidecar = &self.sidecars[place];
            let (row, memory) = match way {
                Way::Known(i) => (Some(i), self.rows[i].memory.clone()),
                Way::Copy(i) => (None, self.rows[i].memory.clone()),
                Way::New => (None, Memory::default()),
            };
            taken.extend(row);
            let memory = match memory.is_of_another(!sidecar.notes.is_empty()) {
                true => Memory {
                    removed: memory.removed,
                    was_absent: true,
                    ..Memory::default()
                },
                false => memory,
            };
            sources.push(Source {
                now: Now::Read(reading(&sidecar.keywords, &sidecar.notes, &memory)),
                memory,
                changed_ms: sidecar.changed_ms,
                is_second: false,
            });
            rows.push(row);
        }
        for (i, (file, kind)) in places.iter().enumerate() {
            let first = self.sidecars.get(&(*file, 1));
            sources[i + 1].is_second = *kind == 2 && first.is_some_and(|s| !s.notes.is_empty());
        }
        let mut all = places.clone();
        for (i, row) in self.rows.iter().enumerate() {
            let is_replaced = places.contains(&(row.file, row.kind));
            let is_there = row.kind > 0 && !is_replaced;
            if !taken.contains(&i) && is_there {
                sources.push(Source {
                    now: Now::Absent,
                    memory: row.memory.clone(),
                    changed_ms: 0,
                    is_second: false,
                });
                rows.push(Some(i));
                all.push((row.file, row.kind));
            }
        }
        let photo = Photo {
            sources,
            is_new: self.rows.is_empty(),
            decisions: self.decisions.clone(),
            given: self.given.clone(),
        };
        (photo, rows, all)
    }

    fn embedded_is(&self, memory: &Memory) -> bool {
        let seen = memory.seen.iter().flatten().map(|n| n.path.to_string());
        seen.collect::<BTreeSet<_>>() == self.embedded.iter().cloned().collect()
    }

    pub(crate) fn index(&mut self) {
        let (photo, rows, places) = self.photo();
        let result = reconcile(&photo, &self.labels, self.now_ms);
        self.overwritten = !result.messages.is_empty();
        for Message::Overwritten { labels, .. } in &result.messages {
            assert!(!labels.is_empty());
        }
        self.decisions = result.decisions;
        self.embedded_memory = result.memories.first().cloned();
        for ((row, place), memory) in rows.iter().zip(&places).zip(&result.memories[1..]) {
            self.keep(*row, *place, memory.clone());
        }
    }

    pub(crate) fn keep(
        &mut self,
        row: Option<usize>,
        (file, kind): (usize, i64),
        memory: Memory,
    ) -> usize {
        let now = self.sidecars.get(&(file, kind));
        let new = Row {
            file,
            kind,
            memory,
            digest: now.map_or(String::new(), digest),
        };
        // Like in the library, there is one at each place; none ever has this kind.
        for (i, other) in self.rows.iter_mut().enumerate() {
            if row != Some(i) && (other.file, other.kind) == (file, kind) {
                other.kind = -1;
            }
        }
        match row {
            Some(i) => {
                self.rows[i] = new;
                i
            }
            None => {
                self.rows.push(new);
                self.rows.len() - 1
            }
        }
    }

    /// Writes the sidecar of each file: the one that exists, `IMG.JPG.xmp` first.
    pub(crate) fn export(&mut self) {
        self.journal.clear();
        let decisions = self.decisions.clone();
        // Moved, new and copied sources are stored before others change.
        let (photo, rows, places) = self.photo();
        for ((row, place), source) in rows.iter().zip(&places).zip(&photo.sources[1..]) {
            let is_news = row.is_none_or(|i| (self.rows[i].file, self.rows[i].kind) != *place);
            if is_news {
                let before = row.map(|i| self.rows[i].digest.clone());
                let at = self.keep(*row, *place, source.memory.clone());
                // Its bytes were not read.
                if let Some(before) = before {
                    self.rows[at].digest = before;
                }
            }
        }
        for file in self.files.clone() {
            let kind = match (self.sidecars.get(&(file, 1)), self.sidecars.get(&(file, 2))) {
                (None, Some(_)) => 2,
                _ => 1,
            };
            let (mut photo, mut rows, mut places) = self.photo();
            let at = places
                .iter()
                .position(|p| *p == (file, kind))
                .unwrap_or_else(|| {
                    photo.sources.push(Source {
                        now: Now::Absent,
                        memory: Memory::default(),
                        changed_ms: 0,
                        is_second: false,
                    });
                    rows.push(None);
                    places.push((file, kind));
                    places.len() - 1
                });
            let result = reconcile(&photo, &self.labels, self.now_ms);
            let source = &photo.sources[at + 1];
            let wanted = &result.wanted[at + 1];
            let before = self.sidecars.get(&(file, kind)).cloned();
            let ours: Vec<String> = source
                .memory
                .written
                .iter()
                .map(|n| n.path.to_string())
                .collect();
            let undecided = &result.undecided[at + 1];
            let moved = &result.moved[at + 1];
            let decided = moved
                .iter()
                .filter(|w| decisions.contains_key(&w.named.label));
            let is_undecided = |n: &Named| undecided.iter().any(|u| u.named == *n);
            let found = result.memories[at + 1].written.iter();
            let found = found.filter(|n| !is_undecided(n));
            let claimed: Vec<String> = found.map(|n| n.path.to_string()).collect();
            let mut next = before.clone().unwrap_or_default();
            let wants = |k: &String| wanted.iter().any(|w| w.named.path.to_string() == *k);
            next.keywords
                .retain(|k| wants(k) || !(ours.contains(k) || claimed.contains(k)));
            for w in wanted {
                let text = w.named.path.to_string();
                if !next.keywords.contains(&text) {
                    next.keywords.push(text);
                }
            }
            next.notes = wanted
                .iter()
                .chain(undecided)
                .chain(moved)
                .map(|w| (w.by, w.named.path.to_string()))
                .collect();
            // Notes have no order.
            next.notes.sort();
            let refused = &result.refused;
            for keyword in &next.keywords {
                let is_new = before
                    .as_ref()
                    .is_none_or(|b| !b.keywords.contains(keyword));
                assert!(
                    !(is_new && refused.contains(&path(keyword))),
                    "{keyword} is rejected"
                );
            }
            let memory = Memory {
                written: wanted.iter().map(|w| w.named.clone()).collect(),
                marked: wanted
                    .iter()
                    .chain(decided)
                    .map(|w| w.named.clone())
                    .collect(),
                ..result.before_writing(&photo, at + 1).unwrap()
            };
            let old = source.memory.clone();
            if before
                .as_ref()
                .is_none_or(|b| b.keywords != next.keywords || b.notes != next.notes)
            {
                if next.keywords.is_empty() && before.is_none() {
                    continue;
                }
                next.changed_ms = self.now_ms;
                self.sidecars.insert((file, kind), next.clone());
                let row = self.keep(rows[at], (file, kind), memory);
                self.journal.push((row, before, next, old));
            } else if source.memory != memory {
                self.keep(rows[at], (file, kind), memory);
            }
        }
        // Writing decides nothing.
        assert_eq!(self.decisions, decisions);
    }

    pub(crate) fn undo(&mut self) {
        for (row, before, after, memory) in std::mem::take(&mut self.journal) {
            let place = (self.rows[row].file, self.rows[row].kind);
            if self.sidecars.get(&place) != Some(&after) {
                continue;
            }
            self.rows[row].digest = before.as_ref().map_or(String::new(), digest);
            match before {
                Some(before) => self.sidecars.insert(place, before),
                None => self.sidecars.remove(&place),
            };
            self.rows[row].memory.written.clone_from(&memory.written);
            self.rows[row].memory.marked = memory.written;
        }
    }

    pub(crate) fn decide(&mut self, word: usize, accepted: bool) {
        let label = self.labels.label(&path(WORDS[word % WORDS.len()]));
        let decision = Decision {
            accepted,
            by: By::Person,
            decided_ms: self.now_ms,
        };
        self.decisions.insert(label, decision);
    }

    /// Renames a label like the library.
    pub(crate) fn rename_label(&mut self, from: &str, into: &str) {
        if let Some(decision) = self.decisions.remove(from) {
            let said = |d: &Decision| d.accepted || d.by != By::Source;
            let stays = self.decisions.get(into).is_some_and(|d| {
                let of_a_kind = said(d) == said(&decision);
                if of_a_kind {
                    d.decided_ms >= decision.decided_ms
                } else {
                    said(d)
                }
            });
            if !stays {
                self.decisions.insert(into.to_owned(), decision);
            }
        }
        if self.given.remove(from) {
            self.given.insert(into.to_owned());
        }
        let former = &mut self.former;
        former
            .iter_mut()
            .filter(|(_, l)| l == from)
            .for_each(|(_, l)| *l = into.to_owned());
        let mut rename = |list: &mut Vec<Named>| {
            for named in list.iter_mut().filter(|n| n.label == from) {
                former.push((named.path.clone(), into.to_owned()));
                named.label = into.to_owned();
            }
        };
        let rows = self.rows.iter_mut().map(|r| &mut r.memory);
        for memory in rows.chain(&mut self.embedded_memory) {
            for list in [
                &mut memory.written,
                &mut memory.moved,
                &mut memory.removed,
                &mut memory.marked,
            ] {
                rename(list);
            }
            memory.seen.iter_mut().for_each(&mut rename);
        }
        for (_, _, _, memory) in &mut self.journal {
            rename(&mut memory.written);
        }
    }

    /// Like the library, knows each label that was ever decided on, seen or written, and the
    /// keywords that stood for a label's former names.
    pub(crate) fn know_labels(&mut self) {
        let memories = self.rows.iter().map(|row| &row.memory);
        for memory in memories.chain(&self.embedded_memory) {
            let seen = memory.seen.iter().flatten().chain(&memory.written);
            for named in seen.chain(&memory.moved).chain(&memory.removed) {
                self.labels.know(named.label.clone());
            }
        }
        for label in self.decisions.keys() {
            self.labels.know(label.clone());
        }
        for (path, label) in &self.former {
            self.labels.know_former(path, label.clone());
        }
    }
}
