//! The folders with photos, as a tree.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::app::catalogue::folder::FolderInfo;
use crate::app::catalogue::row::Row;
use crate::core::ids::FolderId;

/// A folder of the library, or a folder with photos below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderNode {
    /// Its path.
    pub(crate) path: PathBuf,
    /// The number of folders above it, up to the library's.
    pub(crate) depth: usize,
    /// The folder of the library.
    pub(crate) root: FolderId,
    /// The rows of its photos, with those in the folders below it. They follow one another because
    /// rows are in the order of their paths.
    pub(crate) rows: Range<usize>,
    /// The place in the tree after the folders below it.
    pub(crate) end: usize,
    /// Photos that cannot be read.
    pub(crate) failed: usize,
    /// Photos that were not read yet.
    pub(crate) waiting: usize,
}

impl FolderNode {
    /// Its name in lists.
    pub(crate) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// The folders, each before those below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FolderTree(Vec<FolderNode>);

impl FolderTree {
    /// The tree of the library's folders over rows in the order of their paths.
    pub(crate) fn of(roots: &[FolderInfo], rows: &[Row]) -> Self {
        let mut tree = Self::default();
        for root in roots {
            tree.add(&root.folder.path, root.folder.id, 0, 0..rows.len(), rows);
        }
        tree
    }

    /// All folders.
    pub(crate) fn nodes(&self) -> &[FolderNode] {
        &self.0
    }

    /// The folder with that path.
    pub(crate) fn find(&self, path: &Path) -> Option<&FolderNode> {
        self.0.iter().find(|node| node.path == path)
    }

    /// Adds a folder with photos among some rows; returns where its rows end.
    fn add(
        &mut self,
        path: &Path,
        root: FolderId,
        depth: usize,
        among: Range<usize>,
        rows: &[Row],
    ) -> usize {
        let among = below(path, among, rows);
        let inside = rows.get(among.clone()).unwrap_or_default();
        let place = self.0.len();
        self.0.push(FolderNode {
            path: path.to_path_buf(),
            depth,
            root,
            rows: among.clone(),
            end: place,
            failed: inside.iter().filter(|row| row.failed).count(),
            waiting: inside
                .iter()
                .filter(|r| r.photo.is_none() && !r.failed)
                .count(),
        });
        let mut at = among.start;
        while at < among.end {
            let relative = rows
                .get(at)
                .and_then(|row| row.path.strip_prefix(path).ok());
            let mut parts = relative.into_iter().flat_map(Path::components);
            let (first, second) = (parts.next(), parts.next());
            match first.filter(|_| second.is_some()) {
                Some(name) => {
                    let path = path.join(name);
                    let end = self.add(&path, root, depth + 1, at..among.end, rows);
                    at = end.max(at + 1);
                }
                None => at += 1,
            }
        }
        let end = self.0.len();
        if let Some(node) = self.0.get_mut(place) {
            node.end = end;
        }
        among.end
    }
}

/// The rows in and below a folder, among some that follow one another.
fn below(folder: &Path, among: Range<usize>, rows: &[Row]) -> Range<usize> {
    let mut first = folder.as_os_str().as_encoded_bytes().to_vec();
    let separator = std::path::MAIN_SEPARATOR as u8;
    if first.last() != Some(&separator) {
        first.push(separator);
    }
    let rows = rows.get(among.clone()).unwrap_or_default();
    let start = rows.partition_point(|row| begin(row, first.len()) < first.as_slice());
    let end = rows.partition_point(|row| begin(row, first.len()) <= first.as_slice());
    among.start + start..among.start + end
}

/// The first bytes of a row's path.
fn begin(row: &Row, most: usize) -> &[u8] {
    let bytes = row.path.as_os_str().as_encoded_bytes();
    bytes.get(..most).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::catalogue::samples::{folder, row};

    #[test]
    fn folders_have_the_rows_in_and_below_them() {
        let mut rows: Vec<Row> = [
            "/p/a b/1.jpg",
            "/p/a.jpg",
            "/p/a/2/3.jpg",
            "/p/a/2/4.jpg",
            "/p/a/5.jpg",
            "/p/b.jpg",
            "/p/c/6.jpg",
            "/p2/7.jpg",
        ]
        .into_iter()
        .zip(1..)
        .map(|(path, i)| row(path, Some(i), 0))
        .collect();
        rows[2].photo = None;
        rows[3].failed = true;
        let tree = FolderTree::of(&[folder(1, "/p"), folder(2, "/p2"), folder(3, "/q")], &rows);
        let nodes: Vec<_> = tree
            .nodes()
            .iter()
            .map(|n| (n.path.to_str().unwrap(), n.depth, n.rows.clone(), n.end))
            .collect();
        assert_eq!(
            nodes,
            [
                ("/p", 0, 0..7, 5),
                ("/p/a b", 1, 0..1, 2),
                ("/p/a", 1, 2..5, 4),
                ("/p/a/2", 2, 2..4, 4),
                ("/p/c", 1, 6..7, 5),
                ("/p2", 0, 7..8, 6),
                ("/q", 0, 8..8, 7),
            ]
        );
        let a = tree.find(Path::new("/p/a")).unwrap();
        assert_eq!((a.waiting, a.failed), (1, 1));
        assert!(tree.find(Path::new("/p/b.jpg")).is_none());
    }
}
