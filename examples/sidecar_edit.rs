//! Puts keywords into a photo's sidecar, or takes them out, without a library: for trying things
//! out and for the checks with other programs (`tests/sidecar_readers.py`).
//!
//! ```text
//! sidecar_edit PHOTO [--add a|b]... [--remove a|b]... [--stem] [--every] [--dry-run] [--bench N]
//! ```
//!
//! What was added stays in `PHOTO.record` (a library keeps that elsewhere), so that removing is
//! exact. PHOTO may be a sidecar itself, which is edited then.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use taglens::sidecar::edit;
use taglens::sidecar::plan;
use taglens::sidecar::{
    Keyword, Naming, Properties, Record, Request, Terms, plan_at, read_keywords,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut photo = PathBuf::new();
    let mut wanted: Vec<Keyword> = Vec::new();
    let mut removed: Vec<Keyword> = Vec::new();
    let mut naming = Naming::Ext;
    let mut properties = Properties::default();
    let mut dry_run = false;
    let mut bench = 0_u32;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or("a value is missing");
        match argument.as_str() {
            "--add" => wanted.push(Keyword::new(value()?.split('|'))?),
            "--remove" => removed.push(Keyword::new(value()?.split('|'))?),
            "--stem" => naming = Naming::Stem,
            "--every" => properties = Properties::EVERY,
            "--dry-run" => dry_run = true,
            "--bench" => bench = value()?.parse()?,
            path => photo = PathBuf::from(path),
        }
    }
    if bench > 0 {
        return time_edits(&photo, bench);
    }
    let mut record_name = photo.clone().into_os_string();
    record_name.push(".record");
    let record_path = PathBuf::from(record_name);
    let record: Option<Record> = match fs::read(&record_path) {
        Ok(json) => Some(serde_json::from_slice(&json)?),
        // The removed ones are Taglens's by the word of who runs this.
        Err(_) => Some(Record::claim(&removed, properties)),
    };
    let before = record.iter().flat_map(|record| record.keywords());
    wanted.extend(before.cloned());
    wanted.retain(|keyword| !removed.contains(keyword));
    let request = Request {
        wanted: &wanted,
        confidences: &vec![0.93; wanted.len()],
        previously: record.as_ref(),
        properties: &properties,
        terms: Terms::default(),
    };
    let plan = match photo
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("xmp"))
    {
        true => plan_at(&photo, &photo, &request)?,
        false => plan(&photo, &request, naming)?,
    };
    print!("{}", plan.diff());
    if dry_run {
        return Ok(());
    }
    let written = plan.commit(|_, _| Ok(()))?;
    println!("{:?} {}", written.kind, written.path.display());
    match written.record.is_empty() {
        true if record_path.exists() => fs::remove_file(&record_path)?,
        true => {}
        false => fs::write(&record_path, serde_json::to_vec(&written.record)?)?,
    }
    Ok(())
}

/// Edits made and read back a second, and sidecars written a second, each from `sidecar`.
fn time_edits(sidecar: &Path, count: u32) -> Result<()> {
    let bytes = fs::read(sidecar)?;
    let wanted = [Keyword::new(["animal", "dog"])?, Keyword::new(["beach"])?];
    let properties = Properties::default();
    let request = Request {
        wanted: &wanted,
        confidences: &[],
        previously: None,
        properties: &properties,
        terms: Terms::default(),
    };
    let start = Instant::now();
    for _ in 0..count {
        read_keywords(&edit(&bytes, &request)?.bytes)?;
    }
    let edits = f64::from(count) / start.elapsed().as_secs_f64();
    let folder = sidecar.with_extension("bench");
    fs::create_dir(&folder)?;
    let photos: Vec<PathBuf> = (0..count)
        .map(|i| folder.join(format!("{i}.jpg")))
        .collect();
    for photo in &photos {
        fs::write(photo, b"")?;
        fs::write(photo.with_extension("jpg.xmp"), &bytes)?;
    }
    let start = Instant::now();
    let listed = taglens::sidecar::Folder::read(&folder)?;
    for photo in &photos {
        taglens::sidecar::plan_in(&listed, photo, &request, Naming::Ext)?.commit(|_, _| Ok(()))?;
    }
    let writes = f64::from(count) / start.elapsed().as_secs_f64();
    fs::remove_dir_all(&folder)?;
    println!("{edits:.0} edits/s, {writes:.0} sidecars written/s");
    Ok(())
}
