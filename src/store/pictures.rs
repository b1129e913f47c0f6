//! Photos by what they show: files whose bytes differ only in metadata are files of one photo.

use rusqlite::{OptionalExtension, Row, params};

use crate::core::ids::{FileId, PhotoId};
use crate::core::photo::{ContentHash, FileStamp, Identity, KnownFile, PictureHash, Presence};
use crate::store::{Store, StoreError, Writer, paths};

impl Store {
    /// Returns photos whose picture has no hash yet, each with one present file in an active folder
    /// that still has the bytes in which the photo was first seen: at most `most`, in the order of
    /// their ids, after the photo `after`.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn without_picture(
        &self,
        after: PhotoId,
        most: usize,
    ) -> Result<Vec<(PhotoId, KnownFile)>, StoreError> {
        let sql =
            "SELECT photos.id, files.id, min(files.path), size_bytes, modified_ns, photos.hash
                   FROM photos JOIN files ON files.photo_id = photos.id
                   JOIN folders ON folders.id = folder_id
                   WHERE photos.id > ?1 AND picture IS NULL AND presence = 0
                     AND NOT folders.paused AND files.hash IS NULL
                   GROUP BY photos.id ORDER BY photos.id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let file = |row: &Row<'_>| {
            let file = KnownFile {
                id: row.get(1)?,
                path: paths::from_bytes(row.get(2)?),
                stamp: FileStamp {
                    size_bytes: row.get::<_, i64>(3)? as u64,
                    modified_ns: row.get(4)?,
                },
                hash: Some(ContentHash::new(row.get(5)?)),
                presence: Presence::Present,
            };
            Ok((row.get(0)?, file))
        };
        let rows = statement.query_map(params![after, most as i64], file)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writer<'_> {
    /// Returns the photo with that content, and whether it is new. A photo that is known by its
    /// bytes and another that shows the same become one.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn photo(&self, identity: &Identity) -> Result<(PhotoId, bool), StoreError> {
        let sql = "SELECT id FROM photos WHERE hash = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let by_file = statement.query_row([identity.file.bytes()], |row| row.get(0));
        let by_file: Option<PhotoId> = by_file.optional()?;
        match (by_file, self.photo_showing(&identity.picture)?) {
            (Some(same), Some(photo)) => {
                self.join_photos(same, photo)?;
                Ok((photo, false))
            }
            (None, Some(photo)) => Ok((photo, false)),
            (Some(photo), None) => {
                let sql = "UPDATE photos SET picture = ?2 WHERE id = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.execute(params![photo, identity.picture.bytes()])?;
                Ok((photo, false))
            }
            (None, None) => {
                let sql = "INSERT INTO photos (hash, picture) VALUES (?1, ?2)";
                let mut statement = self.connection.prepare_cached(sql)?;
                let values = params![identity.file.bytes(), identity.picture.bytes()];
                Ok((PhotoId::new(statement.insert(values)?), true))
            }
        }
    }

    /// Returns the photo that shows this.
    fn photo_showing(&self, picture: &PictureHash) -> Result<Option<PhotoId>, StoreError> {
        let sql = "SELECT id FROM photos WHERE picture = ?1 ORDER BY id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([picture.bytes()], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Returns the photo with these bytes, or else one that shows this, for a decision from elsewhere.
    /// It need not have a file yet: when one turns up, the decision is there. What is said from
    /// elsewhere makes no two photos one.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) fn photo_known_by(
        &self,
        file: &ContentHash,
        picture: Option<PictureHash>,
    ) -> Result<PhotoId, StoreError> {
        let sql = "SELECT photo_id FROM files WHERE hash = ?1 AND photo_id IS NOT NULL
                   UNION ALL SELECT id FROM photos WHERE hash = ?1
                   UNION ALL SELECT id FROM photos WHERE picture = ?2 LIMIT 1";
        let picture = picture.map(|picture| *picture.bytes());
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![file.bytes(), picture];
        let found = statement.query_row(values, |row| row.get(0));
        if let Some(known) = found.optional()? {
            return Ok(known);
        }
        let sql = "INSERT INTO photos (hash, picture) VALUES (?1, ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = params![file.bytes(), picture];
        Ok(PhotoId::new(statement.insert(values)?))
    }

    /// Returns the photo with these bytes.
    #[cfg(test)]
    pub(crate) fn photo_of(&self, file: &ContentHash) -> Result<PhotoId, StoreError> {
        self.photo_known_by(file, None)
    }

    /// Returns the hash of the file in which a photo was first seen. Its thumbnail has that key.
    ///
    /// # Errors
    /// If the library cannot be read.
    pub(crate) fn first_hash(&self, photo: PhotoId) -> Result<ContentHash, StoreError> {
        let sql = "SELECT hash FROM photos WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(ContentHash::new(
            statement.query_row([photo], |row| row.get(0))?,
        ))
    }

    /// Makes a file one of this photo. Entries of missing files of the photo are removed, because it
    /// is here now.
    pub(super) fn connect(
        &self,
        file: FileId,
        hash: &ContentHash,
        photo: PhotoId,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE files SET photo_id = ?2, previous_id = NULL, error = NULL,
                       hash = (SELECT ?3 FROM photos WHERE id = ?2 AND hash != ?3) WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![file, photo, hash.bytes()])?;
        let sql = "DELETE FROM files WHERE photo_id = ?1 AND presence = 1 AND id != ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![photo, file])?;
        self.name_inner_source(photo, Some(file))
    }

    /// Gives the source inside a photo to its file, because the photo is to have other files too, and
    /// the metadata inside them may differ. `beside` is one of those.
    fn name_inner_source(&self, photo: PhotoId, beside: Option<FileId>) -> Result<(), StoreError> {
        let sql = "UPDATE OR IGNORE sources SET owner = f.path FROM
                       (SELECT path FROM files WHERE photo_id = ?1 AND id IS NOT ?2
                            AND presence != 1 ORDER BY path LIMIT 1) f
                   WHERE photo_id = ?1 AND kind = 0 AND owner = x''";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![photo, beside])?;
        Ok(())
    }

    /// Gives a decoded photo the size of its raw file's own picture, in place of its preview's.
    pub(super) fn resize(
        &self,
        photo: PhotoId,
        raw_size: Option<(u32, u32)>,
    ) -> Result<(), StoreError> {
        if let Some((width, height)) = raw_size {
            let sql =
                "UPDATE photos SET width = ?2, height = ?3 WHERE id = ?1 AND width IS NOT NULL";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute(params![photo, width, height])?;
        }
        Ok(())
    }

    /// Makes the files of a photo files of another that shows the same, with all that belongs to the
    /// photo. Of two decisions on the same label, the later counts. The emptied photo stays: threads
    /// may still hold its id.
    fn join_photos(&self, from: PhotoId, to: PhotoId) -> Result<(), StoreError> {
        if from == to {
            return Ok(());
        }
        self.name_inner_source(from, None)?;
        self.name_inner_source(to, None)?;
        if self.has_decisions(from)? {
            self.pass_on(from, to)?;
            let sql = "DELETE FROM decisions WHERE photo_id = ?1";
            self.connection.execute(sql, [from])?;
            self.has_decided.set(true);
            self.bump_revision()?;
        }
        for sql in [
            "UPDATE files SET photo_id = ?2, hash = coalesce(hash, (SELECT hash FROM photos WHERE id = ?1))
             WHERE photo_id = ?1",
            "UPDATE files SET previous_id = ?2 WHERE previous_id = ?1",
            "UPDATE photos SET (width, height, incomplete, error, error_version) =
                 (SELECT width, height, incomplete, error, error_version FROM photos WHERE id = ?1)
             WHERE id = ?2 AND width IS NULL",
            "INSERT OR IGNORE INTO tags (label_id, photo_id, score, confidence, accepted)
             SELECT label_id, ?2, score, confidence, accepted FROM tags WHERE photo_id = ?1
                 AND NOT EXISTS (SELECT 1 FROM embeddings WHERE photo_id = ?2)",
            "INSERT OR IGNORE INTO embeddings (model_id, photo_id, vector)
             SELECT model_id, ?2, vector FROM embeddings WHERE photo_id = ?1",
            "UPDATE OR IGNORE sources SET photo_id = ?2 WHERE photo_id = ?1",
        ] {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute([from, to])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::core::about::About;
    use crate::store::schema;
    use crate::store::{Decision, Origin, Verdict};

    fn identity(file: u8, picture: u8) -> Identity {
        Identity {
            file: ContentHash::new([file; 32]),
            picture: PictureHash::of_bytes([picture; 16]),
        }
    }

    #[test]
    fn an_older_library_keeps_its_facts_and_has_its_photos_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        schema::make_version(&path, 7);
        let raw = rusqlite::Connection::open(&path).unwrap();
        raw.execute_batch(
            "INSERT INTO folders (id, path, added_ms) VALUES (1, CAST('/p' AS BLOB), 0);
             INSERT INTO photos (id, hash, width, height) VALUES (7, zeroblob(32), 40, 30);
             INSERT INTO files (folder_id, path, size_bytes, modified_ns, photo_id)
             VALUES (1, CAST('/p/a.jpg' AS BLOB), 5, 6, 7);
             INSERT INTO about (photo_id, version, camera) VALUES (7, 2, 'NIKON D750');",
        )
        .unwrap();
        drop(raw);
        let mut store = Store::open(&path).unwrap();
        let seven = PhotoId::new(7);
        let about = |store: &Store| store.about(seven, Path::new("/p/a.jpg")).unwrap();
        assert_eq!(about(&store).0.camera.as_deref(), Some("NIKON D750"));
        assert!(
            store
                .without_about(2, PhotoId::new(0), 9)
                .unwrap()
                .is_empty()
        );
        let unread = store.without_picture(PhotoId::new(0), 9).unwrap();
        assert_eq!(unread.len(), 1);
        assert_eq!(unread[0].1.hash, Some(ContentHash::new([0; 32])));
        let photo = store.write(|w| w.photo(&identity(0, 3))).unwrap();
        assert_eq!(photo, (seven, false));
        assert!(
            store
                .without_picture(PhotoId::new(0), 9)
                .unwrap()
                .is_empty()
        );
        // Bytes never seen that show the same.
        let photo = store.write(|w| w.photo(&identity(1, 3))).unwrap();
        assert_eq!(photo, (seven, false));
    }

    #[test]
    fn decisions_from_elsewhere_find_their_photo_by_either_hash() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let yes = Decision::now(Verdict::Accepted, Origin::Person);
        let of = |identity: &Identity| (identity.file, Some(identity.picture));
        let (one, rated) = (of(&identity(1, 9)), of(&identity(2, 9)));
        store
            .write(|w| {
                let photo = w.photo_known_by(&one.0, one.1)?;
                assert_eq!(w.photo_known_by(&rated.0, rated.1)?, photo);
                // Known by its bytes alone until a file turns up.
                let later = w.photo_of(&rated.0)?;
                assert_ne!(later, photo);
                w.decide(later, w.label("dog")?, Some(yes))?;
                w.decide(photo, w.label("cat")?, Some(yes))?;
                assert_eq!(w.photo(&identity(2, 9))?, (photo, false));
                let labels = w.decisions_of(photo)?;
                let mut names: Vec<_> = labels.into_iter().map(|(_, name, _)| name).collect();
                names.sort();
                assert_eq!(names, ["cat", "dog"]);
                assert_eq!(
                    w.photo(&identity(3, 8))?.0,
                    w.photo_of(&ContentHash::new([3; 32]))?
                );
                Ok(())
            })
            .unwrap();
        let rows = store.decisions().unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| (row.hash, row.picture) == one));
    }

    #[test]
    fn a_photo_that_joins_another_is_still_marked_incomplete() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let incomplete = store
            .write(|w| {
                // Its picture had no hash yet, as in older libraries.
                let cut = w.photo_of(&ContentHash::new([1; 32]))?;
                let sql = "UPDATE photos SET width = 4, height = 3, incomplete = 1 WHERE id = ?1";
                w.connection.execute(sql, [cut])?;
                let (rated, _) = w.photo(&identity(2, 9))?;
                let (joined, _) = w.photo(&identity(1, 9))?;
                assert_eq!(joined, rated);
                let sql = "SELECT incomplete FROM photos WHERE id = ?1";
                Ok(w.connection
                    .query_row(sql, [joined], |row| row.get::<_, Option<bool>>(0))?)
            })
            .unwrap();
        assert_eq!(incomplete, Some(true));
    }

    #[test]
    fn a_raw_files_own_size_takes_the_place_of_its_previews() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let mut size = |decoded: bool, raw_size| {
            let written = store.write(|w| {
                let root = w.add_folder(Path::new("/p"))?;
                let stamp = FileStamp {
                    size_bytes: 1,
                    modified_ns: 5,
                };
                let file = w.add_file(root, Path::new("/p/a.nef"), stamp)?;
                let photo = w.photo_of(&ContentHash::new([1; 32]))?;
                let sql =
                    "UPDATE photos SET width = iif(?2, 1620, NULL), height = iif(?2, 1080, NULL)
                           WHERE id = ?1";
                w.connection.execute(sql, params![photo, decoded])?;
                let about = About {
                    raw_size,
                    ..About::default()
                };
                w.keep_about(file, photo, 1, &about)?;
                Ok(photo)
            });
            let (_, picture) = store
                .about(written.unwrap(), Path::new("/p/a.nef"))
                .unwrap();
            picture.map(|picture| picture.size)
        };
        assert_eq!(size(true, None), Some((1620, 1080)));
        assert_eq!(size(true, Some((6000, 4000))), Some((6000, 4000)));
        assert_eq!(size(false, Some((6000, 4000))), None);
    }

    #[test]
    fn files_of_one_photo_tell_their_own_facts() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("library.sqlite")).unwrap();
        let paths = ["/p/a.jpg", "/p/b.jpg", "/p/c.jpg"].map(Path::new);
        let photo = store
            .write(|w| {
                let root = w.add_folder(Path::new("/p"))?;
                let stamp = FileStamp {
                    size_bytes: 1,
                    modified_ns: 5,
                };
                let mut photos = Vec::new();
                for (path, bytes) in paths.iter().zip([1, 2, 1]) {
                    let file = w.add_file(root, path, stamp)?;
                    let identity = identity(bytes, 9);
                    let (photo, _) = w.photo(&identity)?;
                    w.connect(file, &identity.file, photo)?;
                    let about = About {
                        iso: Some(u32::from(bytes) * 100),
                        ..About::default()
                    };
                    w.keep_about(file, photo, 1, &about)?;
                    photos.push(photo);
                }
                assert!(photos.iter().all(|photo| *photo == photos[0]));
                Ok(photos[0])
            })
            .unwrap();
        let iso = paths.map(|path| store.about(photo, path).unwrap().0.iso);
        assert_eq!(iso, [Some(100), Some(200), Some(100)]);
        let known = store
            .files(crate::core::ids::FolderId::new(1), None)
            .unwrap();
        let hashes: Vec<_> = known.iter().map(|file| file.hash).collect();
        let hash = |n| Some(ContentHash::new([n; 32]));
        assert_eq!(hashes, [hash(1), hash(2), hash(1)]);
    }
}
