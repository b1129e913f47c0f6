//! Pictures on the graphics card; the least recently shown are evicted first.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use eframe::egui::{self, ColorImage, TextureHandle, TextureOptions};

use crate::app::Picture;

/// Pictures by key.
pub(crate) struct Textures<K> {
    most: usize,
    frame: u64,
    kept: HashMap<K, (Option<TextureHandle>, u64)>,
    wanted: Vec<K>,
    asked: HashSet<K>,
}

impl<K: Clone + Eq + Hash> Textures<K> {
    /// Keeps at most `most`.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            frame: 0,
            kept: HashMap::new(),
            wanted: Vec::new(),
            asked: HashSet::new(),
        }
    }

    /// Begins a frame.
    pub(crate) fn begin(&mut self) {
        self.frame += 1;
        self.wanted.clear();
    }

    /// Returns the picture, or requests it if it is not here yet. `Err` if there is none.
    pub(crate) fn get(&mut self, key: &K) -> Result<Option<&TextureHandle>, ()> {
        match self.kept.get_mut(key) {
            Some((texture, used)) => {
                *used = self.frame;
                texture.as_ref().map(Some).ok_or(())
            }
            None => {
                if self.wanted.len() < 400 && self.wanted.last() != Some(key) {
                    self.wanted.push(key.clone());
                }
                Ok(None)
            }
        }
    }

    /// Whether the picture is here.
    pub(crate) fn has(&self, key: &K) -> bool {
        matches!(self.kept.get(key), Some((Some(_), _)))
    }

    /// The pictures that this frame lacked and that were not requested yet.
    pub(crate) fn to_ask(&self) -> Vec<K> {
        match self.wanted.iter().all(|k| self.asked.contains(k)) {
            true => Vec::new(),
            false => self.wanted.clone(),
        }
    }

    /// Replaces the set of requested pictures.
    pub(crate) fn set_asked(&mut self, keys: Vec<K>) {
        self.asked = keys.into_iter().collect();
    }

    /// Adds a picture; `None` if there is none.
    pub(crate) fn put(&mut self, ctx: &egui::Context, key: K, picture: Option<&Picture>) {
        let texture = picture.and_then(|p| {
            if p.rgb.len() != p.width * p.height * 3 {
                return None;
            }
            let image = ColorImage::from_rgb([p.width, p.height], &p.rgb);
            Some(ctx.load_texture("photo", image, TextureOptions::LINEAR))
        });
        self.kept.insert(key, (texture, self.frame));
        if self.kept.len() > self.most {
            let mut used: Vec<u64> = self.kept.values().map(|(_, used)| *used).collect();
            used.sort_unstable();
            let oldest = used.get(self.most / 4).copied().unwrap_or(0);
            let frame = self.frame;
            self.kept
                .retain(|_, (_, used)| *used > oldest || *used >= frame);
        }
    }

    /// Forgets which pictures do not exist: they may exist now.
    pub(crate) fn forget_missing(&mut self) {
        self.kept.retain(|_, (texture, _)| texture.is_some());
        self.asked.clear();
    }
}
