//! Decodes pictures for display off the drawing thread, the visible ones first.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::app::messages::event::Event;
use crate::app::messages::picture::{Facts, Picture, Preview};
use crate::app::threads::crash;
use crate::app::threads::outbox::Outbox;
use crate::core::encoder::Preprocessing;
use crate::core::photo::{ContentHash, is_video};
use crate::decode;
use crate::decode::{Limits, Scaling, Wanted};
use crate::store::{DEFAULT_BOUND_BYTES, Thumbnails};
use crate::words::phrase;

/// The longer side of a preview, in pixels.
const PREVIEW_EDGE: u32 = 2048;
/// The longer side of the largest picture that is shown in full size; larger ones are scaled down.
const FULL_SIZE_EDGE: u32 = 12_000;

enum Request {
    /// The visible ones, most wanted first; this replaces earlier requests.
    Thumbnails(Vec<ContentHash>),
    /// Files' large pictures, most wanted first; this replaces earlier requests.
    Previews(Vec<PathBuf>),
    /// A file's picture in full size.
    FullSize(PathBuf),
}

/// Decodes on its own threads.
pub(crate) struct Thumbs {
    thumbnails: Vec<Sender<Request>>,
    preview: Sender<Request>,
    full_size: Sender<Request>,
    _threads: Vec<JoinHandle<()>>,
}

impl Thumbs {
    /// Starts the threads for the library at `library`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(library: &Path, outbox: &Outbox) -> std::io::Result<Self> {
        let mut threads = Vec::new();
        let mut thumbnails = Vec::new();
        let mut start = |name: &str| {
            // Only one request waits while another is processed: a later one then asks for what is
            // visible.
            let (sender, requests) = bounded(1);
            let worker = Worker {
                library: library.to_path_buf(),
                requests,
                outbox: outbox.clone(),
            };
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    let outbox = worker.outbox.clone();
                    crash::guarded(phrase!("part-pictures"), &outbox, || worker.run());
                })?;
            threads.push(thread);
            Ok::<_, std::io::Error>(sender)
        };
        for i in 0..2 {
            thumbnails.push(start(&format!("thumbs-{i}"))?);
        }
        let preview = start("preview")?;
        let full_size = start("full-size")?;
        Ok(Self {
            thumbnails,
            preview,
            full_size,
            _threads: threads,
        })
    }

    /// Requests the thumbnails of what is visible. Returns `false` if the last request is still
    /// waiting.
    pub(crate) fn want(&self, hashes: &[ContentHash]) -> bool {
        let count = self.thumbnails.len();
        let mut taken = true;
        for (i, sender) in self.thumbnails.iter().enumerate() {
            let mine = |h: &&ContentHash| usize::from(h.bytes()[0]) % count == i;
            let mine: Vec<ContentHash> = hashes.iter().filter(mine).copied().collect();
            if !mine.is_empty() {
                taken &= sender.try_send(Request::Thumbnails(mine)).is_ok();
            }
        }
        taken
    }

    /// Requests files' large pictures. Returns `false` if the last request is still waiting.
    pub(crate) fn previews(&self, paths: &[PathBuf]) -> bool {
        let request = Request::Previews(paths.to_vec());
        self.preview.try_send(request).is_ok()
    }

    /// Requests a file's picture in full size. Returns `false` if the last request is still
    /// waiting.
    pub(crate) fn full_size(&self, path: &Path) -> bool {
        let request = Request::FullSize(path.to_path_buf());
        self.full_size.try_send(request).is_ok()
    }
}

struct Worker {
    library: PathBuf,
    requests: Receiver<Request>,
    outbox: Outbox,
}

impl Worker {
    fn run(self) {
        let mut store = None;
        let mut next = self.requests.recv().ok();
        while let Some(request) = next.take() {
            match request {
                Request::Thumbnails(hashes) => {
                    let mut seen = Vec::new();
                    for hash in hashes {
                        if store.is_none() {
                            store = Thumbnails::open(&self.library, DEFAULT_BOUND_BYTES).ok();
                        }
                        let jpeg = store.as_ref().and_then(|s| s.get(&hash).ok().flatten());
                        if jpeg.is_some() {
                            seen.push(hash);
                        }
                        let picture = jpeg.and_then(|jpeg| decode_jpeg(&jpeg));
                        if !self.outbox.send(Event::Thumbnail(hash, picture)) {
                            return;
                        }
                        if let Ok(newer) = self.requests.try_recv() {
                            next = Some(newer);
                            break;
                        }
                    }
                    // Thumbnails that nobody looks at are evicted first. If the library cannot be
                    // written, only this record is lost.
                    let touched = store.as_mut().map(|s: &mut Thumbnails| s.touch(&seen));
                    drop(touched);
                }
                Request::Previews(paths) => {
                    for path in paths {
                        let picture = preview(&path, PREVIEW_EDGE);
                        if !self.outbox.send(Event::Preview(path, picture)) {
                            return;
                        }
                        if let Ok(newer) = self.requests.try_recv() {
                            next = Some(newer);
                            break;
                        }
                    }
                }
                Request::FullSize(path) => {
                    let picture = preview(&path, FULL_SIZE_EDGE).ok().map(|p| p.picture);
                    if !self.outbox.send(Event::FullSize(path, picture)) {
                        return;
                    }
                }
            }
            if next.is_none() {
                next = self.requests.recv().ok();
            }
        }
    }
}

fn decode_jpeg(jpeg: &[u8]) -> Option<Picture> {
    let image = image::load_from_memory_with_format(jpeg, image::ImageFormat::Jpeg).ok()?;
    let rgb = image.into_rgb8();
    Some(Picture {
        width: rgb.width() as usize,
        height: rgb.height() as usize,
        rgb: rgb.into_raw(),
    })
}

fn preview(path: &Path, edge: u32) -> Result<Preview, String> {
    let limits = Limits {
        // Only where they are wanted does a library have them.
        videos: is_video(path),
        ..Limits::default()
    };
    // The smallest square possible, because only the thumbnail is needed.
    let preprocessing = Preprocessing::clip(32);
    let wanted = Wanted {
        preprocessing: &preprocessing,
        thumbnail_edge: Some(edge),
        scaling: Scaling::Allowed,
    };
    let bytes = decode::read_file(path, &limits).map_err(|e| e.to_string())?;
    let prepared =
        decode::prepare_photo(path, &bytes, &wanted, &limits).map_err(|e| e.to_string())?;
    let pixels = prepared
        .thumbnail
        .ok_or_else(|| format!("{} has no picture", path.display()))?;
    let about = decode::read_about(&bytes).0;
    let (width, height) = about.raw_size.unwrap_or((prepared.width, prepared.height));
    Ok(Preview {
        picture: Picture {
            width: pixels.width() as usize,
            height: pixels.height() as usize,
            rgb: pixels.into_data(),
        },
        facts: Facts {
            width,
            height,
            incomplete: !prepared.complete,
            about,
            video: video(path),
        },
    })
}

/// The video that a phone has made with the photo.
fn video(photo: &Path) -> Option<PathBuf> {
    let mut named = ["MOV", "mov", "MP4", "mp4"]
        .iter()
        .map(|extension| photo.with_extension(extension));
    named.find(|video| video.is_file())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_thumbnail_that_was_looked_at_outlives_one_that_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library.sqlite");
        let hash = |i: u8| ContentHash::new([i; 32]);
        let mut store = Thumbnails::open(&library, 250).unwrap();
        store.put(&[(hash(1), vec![0; 100])]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        store.put(&[(hash(2), vec![0; 100])]).unwrap();
        let (events, told) = bounded(8);
        let (sender, requests) = bounded(1);
        sender.send(Request::Thumbnails(vec![hash(1)])).unwrap();
        drop(sender);
        std::thread::sleep(std::time::Duration::from_millis(5));
        let outbox = Outbox::new(events, Arc::new(|| ()));
        Worker {
            library,
            requests,
            outbox,
        }
        .run();
        assert_eq!(told.len(), 1);
        store.put(&[(hash(3), vec![0; 100])]).unwrap();
        let kept = [1, 2, 3].map(|i| store.get(&hash(i)).unwrap().is_some());
        assert_eq!(kept, [true, false, true]);
    }
}
