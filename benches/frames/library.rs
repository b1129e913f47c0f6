//! The library that frames are drawn from.

use std::path::{Path, PathBuf};
use std::time::Duration;

use taglens::indexer::Phase;
use taglens::model_store::ModelStore;
use taglens::store::{DEFAULT_BOUND_BYTES, Store, StoredVocabulary, Thumbnails};
use taglens::tagging::Vocabulary;

use crate::driven::Driven;
use crate::{LABELS, engine, made, photos};

/// Of so many there are thumbnails; the scrolling stays among them.
const THUMBNAILS: usize = 8_000;

/// The library, made once: photos in a folder that is not there, tagged by the worker itself.
pub fn path() -> PathBuf {
    let build = std::env::current_exe().unwrap();
    let folder = build.ancestors().nth(3).unwrap().join("bench-data");
    std::fs::create_dir_all(&folder).unwrap();
    let models = ModelStore::new(folder.join("frames-data"));
    let identity = engine().identify(&models).unwrap();
    let what = match photos() {
        100_000 => "frames-3".to_owned(),
        photos => format!("frames-3-{photos}"),
    };
    let path = folder.join(made::named(&what, &identity.fingerprint));
    if path.exists() {
        return path;
    }
    let partial = folder.join("library-frames.partial.sqlite");
    for left in [partial.clone(), Thumbnails::path(&partial)] {
        let _ = std::fs::remove_file(left);
    }
    eprintln!("making a library of {} photos", photos());
    make(&partial);
    let mut driven = Driven::start(&partial, &folder.join("frames-data"));
    driven.until("the first tagging", |app| {
        let idle = app.work.is_some_and(|w| w.now.phase == Phase::Idle);
        idle && app
            .library
            .catalogue
            .rows
            .iter()
            .any(|r| !r.tags.is_empty())
    });
    drop(driven);
    // The threads end by themselves once nobody asks them any more.
    std::thread::sleep(Duration::from_secs(2));
    std::fs::rename(Thumbnails::path(&partial), Thumbnails::path(&path)).unwrap();
    let store = Store::open(&partial).unwrap();
    drop(store);
    std::fs::rename(&partial, &path).unwrap();
    path
}

fn make(path: &Path) {
    let mut store = Store::open(path).unwrap();
    let models = ModelStore::new(path.with_file_name("frames-data"));
    let identity = engine().identify(&models).unwrap();
    let vocabulary = Vocabulary::builtin();
    let names: Vec<&str> = vocabulary
        .labels()
        .iter()
        .map(|l| l.name.as_str())
        .collect();
    let text = names
        .iter()
        .take(LABELS)
        .fold(String::new(), |text, name| text + name + "\n");
    let model = store.write(|w| {
        w.set_vocabulary(&StoredVocabulary {
            name: "frames".into(),
            text,
        })?;
        w.model(&identity.name, &identity.fingerprint)
    });
    let root = Path::new("/photos of twenty years");
    let hour_ns = 3_600_000_000_000;
    made::fill(
        &mut store,
        model.unwrap(),
        root,
        (photos(), hour_ns),
        made::mixtures(0.13),
    );
    let pictures = samples();
    let mut thumbnails = Thumbnails::open(path, DEFAULT_BOUND_BYTES).unwrap();
    for first in (0..THUMBNAILS).step_by(500) {
        let some = first..first + 500;
        let some: Vec<_> = some
            .map(|n| (made::hash(n), pictures[n % pictures.len()].clone()))
            .collect();
        thumbnails.put(&some).unwrap();
    }
}

/// The sample photos as thumbnails.
fn samples() -> Vec<Vec<u8>> {
    sample_files()
        .iter()
        .map(|path| {
            let picture = image::open(path).unwrap().thumbnail(360, 360).into_rgb8();
            let mut jpeg = std::io::Cursor::new(Vec::new());
            picture
                .write_to(&mut jpeg, image::ImageFormat::Jpeg)
                .unwrap();
            jpeg.into_inner()
        })
        .collect()
}

fn sample_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    let jpeg = |p: &PathBuf| p.extension().is_some_and(|e| e == "jpg");
    let mut files: Vec<PathBuf> = entries.filter(jpeg).collect();
    files.sort();
    files
}

/// Sample photos again and again, each with another pattern in its corner: files that show the same
/// are one photo, which would be embedded only once.
pub fn copies(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let samples = sample_files();
    let open = |path: &PathBuf| image::open(path).unwrap().thumbnail(640, 640).into_rgb8();
    let samples: Vec<image::RgbImage> = samples.iter().map(open).collect();
    for n in 0..count {
        let mut picture = samples[n % samples.len()].clone();
        for bit in 0..16_u32 {
            let shade = if n >> bit & 1 == 1 { 255 } else { 0 };
            for (x, y) in (0..8).flat_map(|x| (0..8).map(move |y| (x, y))) {
                picture.put_pixel(bit * 8 + x, y, image::Rgb([shade; 3]));
            }
        }
        picture
            .save(folder.join(format!("new {n:04}.jpg")))
            .unwrap();
    }
}
