//! When and with what photos were taken.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{OptionalExtension, Row, params};

use crate::core::about::About;
use crate::core::capture::{CaptureTime, Captured, CapturedFrom};
use crate::core::ids::{FileId, PhotoId};
use crate::core::photo::{FileStamp, KnownFile, Presence};
use crate::store::ids::is_listed;
use crate::store::{Store, StoreError, TaggedFile, Writer, paths};

/// Reads a time from two successive columns.
pub(super) fn time(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<CaptureTime>> {
    let wall_ms: Option<i64> = row.get(first)?;
    let offset_min: Option<i64> = row.get(first + 1)?;
    Ok(wall_ms.map(|wall_ms| CaptureTime {
        wall_ms,
        offset_min: offset_min.and_then(|minutes| i16::try_from(minutes).ok()),
    }))
}

/// Reads a time from two columns and its source from the third.
pub(super) fn captured(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Captured>> {
    let from = match row.get::<_, Option<i64>>(first + 2)? {
        Some(2) => CapturedFrom::Xmp,
        _ => CapturedFrom::Exif,
    };
    Ok(time(row, first)?.map(|time| Captured { time, from }))
}

/// Reads a number; `None` if damage put it out of range.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u32>> {
    let number: Option<i64> = row.get(column)?;
    Ok(number.and_then(|n| u32::try_from(n).ok()))
}

/// SQL for the part of the key of `about` that tells files of a photo apart.
pub(super) const OF_FILE: &str = "iif(files.hash IS NULL, 0, files.id)";

/// A photo, and the hash of the bytes of its files unless they are those in which it was first seen.
pub(super) type OfBytes = (PhotoId, Option<[u8; 32]>);

fn of_sidecar(time: CaptureTime) -> Captured {
    Captured {
        time,
        from: CapturedFrom::Sidecar,
    }
}

/// The facts about a file of the library.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FileAbout {
    /// When its photo was taken; a guess if that is not recorded.
    pub(crate) captured: Captured,
    /// The facts about its photo.
    pub(crate) about: About,
    /// Its picture, if it was decoded.
    pub(crate) picture: Option<StoredPicture>,
}

/// What is known about a decoded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredPicture {
    /// Its upright width and height in pixels.
    pub(crate) size: (u32, u32),
    /// Whether the file has all of it.
    pub(crate) complete: bool,
}

impl Store {
    /// Returns the facts about a file.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn about_file(&self, file: &TaggedFile) -> Result<FileAbout, StoreError> {
        let (about, picture) = match file.photo_id {
            Some(photo) => self.about(photo, &file.path)?,
            None => Default::default(),
        };
        let guess = || Captured::guess(&file.path, file.modified_ns);
        Ok(FileAbout {
            captured: about.captured.unwrap_or_else(guess),
            about,
            picture,
        })
    }

    /// Returns what the file at `path` says of its photo, a sidecar's words before its own, and what
    /// is known of its picture if it was decoded.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn about(
        &self,
        photo: PhotoId,
        path: &Path,
    ) -> Result<(About, Option<StoredPicture>), StoreError> {
        let sql = format!(
            "SELECT captured_ms, captured_offset_min, captured_from, camera, lens, exposure_s,
                    aperture, focal_length_mm, iso, latitude, longitude, width, height, incomplete
             FROM photos LEFT JOIN files ON files.path = ?2
             LEFT JOIN about ON about.photo_id = photos.id AND about.file_id = {OF_FILE}
             WHERE photos.id = ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let read = |row: &Row<'_>| {
            let place: (Option<f64>, Option<f64>) = (row.get(9)?, row.get(10)?);
            let about = About {
                captured: captured(row, 0)?,
                camera: row.get(3)?,
                lens: row.get(4)?,
                exposure_s: row.get(5)?,
                aperture: row.get(6)?,
                focal_length_mm: row.get(7)?,
                iso: number(row, 8)?,
                place_degrees: place.0.zip(place.1),
                raw_size: None,
            };
            let complete = !row.get::<_, bool>(13)?;
            let size = number(row, 11)?.zip(number(row, 12)?);
            Ok((about, size.map(|size| StoredPicture { size, complete })))
        };
        let path = paths::to_bytes(path);
        let found = statement.query_row(params![photo, path], read).optional()?;
        let (mut about, picture) = found.unwrap_or_default();
        // A sidecar counts for all files of the same bytes.
        let sql = "SELECT captured_ms, captured_offset_min FROM sources
                   WHERE photo_id = ?1 AND captured_ms IS NOT NULL
                     AND (SELECT hash FROM files WHERE path = owner)
                         IS (SELECT hash FROM files WHERE path = ?2)
                   ORDER BY kind, id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let sidecar = statement
            .query_row(params![photo, path], |row| time(row, 0))
            .optional()?;
        about.captured = sidecar.flatten().map(of_sidecar).or(about.captured);
        Ok((about, picture))
    }

    /// The capture times that sidecars give: to photos of a list in JSON, or to all.
    pub(super) fn captured_by_sidecars(
        &self,
        photos: Option<&str>,
    ) -> rusqlite::Result<HashMap<OfBytes, Captured>> {
        let of_photos = is_listed("photo_id", photos);
        // Of a photo's rows the last one stays: as in `about`, the first by kind and id.
        let sql = format!(
            "SELECT captured_ms, captured_offset_min, photo_id,
                    (SELECT hash FROM files WHERE path = owner)
             FROM sources WHERE captured_ms IS NOT NULL AND {of_photos} ORDER BY kind DESC, id DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let time = |row: &Row<'_>| Ok(((row.get(2)?, row.get(3)?), time(row, 0)?));
        let times = statement.query_map([photos], time)?;
        let times = times.collect::<Result<Vec<(OfBytes, _)>, _>>()?;
        let times = times.into_iter();
        Ok(times
            .filter_map(|(photo, time)| Some((photo, of_sidecar(time?))))
            .collect())
    }

    /// Returns photos whose facts were not read by reader `version`: at most `most`, in the order of
    /// their ids, after the photo `after`. Each comes with one file present in an active folder, for
    /// each kind of bytes that its files have.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn without_about(
        &self,
        version: i64,
        after: PhotoId,
        most: usize,
    ) -> Result<Vec<(PhotoId, KnownFile)>, StoreError> {
        let unread = format!(
            "FROM files JOIN folders ON folders.id = folder_id
             WHERE photo_id > ?1 AND presence = 0 AND NOT folders.paused
               AND NOT EXISTS (SELECT 1 FROM about WHERE about.photo_id = files.photo_id
                                   AND about.file_id = {OF_FILE} AND version >= ?2)"
        );
        // Photos come in the order of their index, so that the query can stop early.
        let sql = format!(
            "SELECT photo_id, files.id, files.path, size_bytes, modified_ns {unread}
                 AND photo_id IN (SELECT DISTINCT photo_id {unread} ORDER BY photo_id LIMIT ?3)
             GROUP BY photo_id, {OF_FILE} ORDER BY photo_id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let file = |row: &Row<'_>| {
            let file = KnownFile {
                id: row.get(1)?,
                path: paths::from_bytes(row.get(2)?),
                stamp: FileStamp {
                    size_bytes: row.get::<_, i64>(3)? as u64,
                    modified_ns: row.get(4)?,
                },
                hash: None,
                presence: Presence::Present,
            };
            Ok((row.get(0)?, file))
        };
        let rows = statement.query_map(params![after, version, most as i64], file)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Stores what a file says of its photo, as read by reader `version`.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn keep_about(
        &self,
        file: FileId,
        photo: PhotoId,
        version: i64,
        about: &About,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT OR REPLACE INTO about (photo_id, file_id, version, captured_ms,
                 captured_offset_min, captured_from, camera, lens, exposure_s, aperture,
                 focal_length_mm, iso, latitude, longitude)
             VALUES (?1, coalesce((SELECT {OF_FILE} FROM files WHERE id = ?14), 0), ?2, ?3, ?4, ?5,
                 ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let from = about.captured.and_then(|captured| match captured.from {
            CapturedFrom::Exif => Some(1),
            CapturedFrom::Xmp => Some(2),
            // A sidecar's time is stored with the sidecar, and guesses are not stored.
            CapturedFrom::Sidecar | CapturedFrom::Name | CapturedFrom::Modified => None,
        });
        let time = about.captured.filter(|_| from.is_some()).map(|c| c.time);
        statement.execute(params![
            photo,
            version,
            time.map(|t| t.wall_ms),
            time.and_then(|t| t.offset_min),
            from,
            about.camera,
            about.lens,
            about.exposure_s,
            about.aperture,
            about.focal_length_mm,
            about.iso,
            about.place_degrees.map(|(latitude, _)| latitude),
            about.place_degrees.map(|(_, longitude)| longitude),
            file
        ])?;
        self.resize(photo, about.raw_size)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::photo::ContentHash;
    use crate::store::schema;
    use crate::store::{SourceRow, SourceState};

    fn taken(text: &str, from: CapturedFrom) -> Option<Captured> {
        CaptureTime::parse(text).map(|time| Captured { time, from })
    }

    #[test]
    fn an_older_library_has_its_photos_and_sidecars_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        schema::make_version(&path, 6);
        let raw = rusqlite::Connection::open(&path).unwrap();
        raw.execute_batch(
            "INSERT INTO folders (id, path, added_ms) VALUES (1, CAST('/p' AS BLOB), 0);
             INSERT INTO photos (id, hash, width, height) VALUES (7, zeroblob(32), 40, 30), (9, CAST(printf('%032d', 9) AS BLOB), 4, 3);
             INSERT INTO files (folder_id, path, size_bytes, modified_ns, photo_id)
             VALUES (1, CAST('/p/IMG_20240131_170809.jpg' AS BLOB), 5, 6, 7),
                    (1, CAST('/p/copy.jpg' AS BLOB), 5, 6, 7),
                    (1, CAST('/p/b.jpg' AS BLOB), 5, 86400000000000, 9);
             INSERT INTO sources (photo_id, owner, kind, path, state, size_bytes, modified_ns, digest)
             VALUES (7, x'', 0, x'', 1, 5, 6, 'd'),
                    (7, CAST('/p/copy.jpg' AS BLOB), 1, CAST('/p/copy.jpg.xmp' AS BLOB), 1, 8, 9, 'e');",
        )
        .unwrap();
        drop(raw);
        let mut store = Store::open(&path).unwrap();
        let seven = PhotoId::new(7);
        let stamps: Vec<_> = store.sources(seven).unwrap();
        assert!(stamps[0].stamp.is_some() && stamps[1].stamp.is_none());

        // One file per photo, in batches, and each once.
        let next = |store: &Store, after| -> Vec<i64> {
            let some = store.without_about(1, PhotoId::new(after), 1).unwrap();
            some.into_iter().map(|(photo, _)| photo.number()).collect()
        };
        assert_eq!(next(&store, 0), [7]);
        assert_eq!(next(&store, 7), [9]);
        assert_eq!(next(&store, 9), [0i64; 0]);
        let mut about = About {
            captured: taken("2024-05-06T17:08:09.250-03:30", CapturedFrom::Xmp),
            camera: Some("NIKON D750".into()),
            place_degrees: Some((-33.5, 151.25)),
            iso: Some(200),
            ..About::default()
        };
        let of_seven = |w: &Writer<'_>| w.keep_about(FileId::new(1), seven, 1, &about);
        store.write(of_seven).unwrap();
        let picture = StoredPicture {
            size: (40, 30),
            complete: true,
        };
        assert_eq!(
            store.about(seven, Path::new("/p/copy.jpg")).unwrap(),
            (about.clone(), Some(picture))
        );
        assert_eq!(next(&store, 0), [9]);
        assert_eq!(
            store.without_about(2, PhotoId::new(0), 9).unwrap().len(),
            2,
            "a reading that reads more"
        );

        // A sidecar comes first; of two, the one with the full name.
        let row = |kind, time: Option<CaptureTime>| SourceRow {
            id: None,
            photo_id: seven,
            owner: "/p/copy.jpg".into(),
            kind,
            path: "/p/copy.xmp".into(),
            state: SourceState::Read,
            stamp: None,
            digest: String::new(),
            record: None,
            captured: time,
            keywords: Vec::new(),
        };
        let one = CaptureTime::parse("1965-07-04");
        let two = CaptureTime::parse("1966-07-04T00:00Z");
        store.write(|w| w.keep_source(&row(2, two))).unwrap();
        assert_eq!(
            store
                .about(seven, Path::new("/p/copy.jpg"))
                .unwrap()
                .0
                .captured,
            two.map(of_sidecar)
        );
        store.write(|w| w.keep_source(&row(1, one))).unwrap();
        about.captured = one.map(of_sidecar);
        assert_eq!(
            store.about(seven, Path::new("/p/copy.jpg")).unwrap().0,
            about
        );

        // The lists agree, and guess if nothing is known.
        let times = |store: &Store| -> Vec<(String, &str)> {
            let files = store.overview_files().unwrap();
            let told = files
                .iter()
                .map(|f| (f.captured.time.day(), f.captured.from.name()));
            told.collect()
        };
        let sidecar = ("1965-07-04".to_owned(), "sidecar");
        assert_eq!(
            times(&store),
            [sidecar.clone(), ("1970-01-02".into(), "mtime"), sidecar]
        );
    }

    #[test]
    fn a_photo_that_says_nothing_is_guessed_by_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let photo = store
            .write(|w| {
                let root = w.add_folder(Path::new("/p"))?;
                let stamp = FileStamp {
                    size_bytes: 1,
                    modified_ns: 5,
                };
                let file = w.add_file(root, Path::new("/p/IMG-20240131-WA0001.jpg"), stamp)?;
                let photo = w.photo_of(&ContentHash::new([1; 32]))?;
                w.keep_about(file, photo, 1, &About::default())?;
                Ok(photo)
            })
            .unwrap();
        assert_eq!(
            store.about(photo, Path::new("")).unwrap().0,
            About::default()
        );
        let mut told = Vec::new();
        store
            .each_file(None, |file| {
                told.push(store.about_file(&file)?.captured);
                Ok::<(), StoreError>(())
            })
            .unwrap();
        assert_eq!(told, [taken("2024-01-31", CapturedFrom::Name).unwrap()]);
    }
}
