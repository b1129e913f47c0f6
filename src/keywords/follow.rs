//! Matches remembered sources with the sources that a photo has now: files are moved, renamed,
//! renumbered and copied together with their sidecars.

/// The place and identity of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place<P> {
    /// The place: equal only to itself.
    pub(crate) at: P,
    /// The name of the photo's file.
    pub(crate) name: String,
    /// The kind of source; a source never changes its kind.
    pub(crate) kind: i64,
    /// Identifies its bytes; empty if unknown or absent.
    pub(crate) digest: String,
}

/// The origin of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is the remembered source with that index.
    Known(usize),
    /// It is a copy of the remembered source with that index, which is still in its place.
    Copy(usize),
    /// It is not known.
    New,
}

/// Returns the origin of each current source. `free` marks remembered sources that have lost their
/// place and may be found elsewhere.
pub(crate) fn follow<P: PartialEq>(
    known: &[Place<P>],
    free: impl Fn(usize) -> bool,
    found: &[Place<P>],
) -> Vec<Way> {
    let both = Both { known, found };
    let free: Vec<bool> = (0..known.len()).map(free).collect();
    let is_free = |i: usize| free.get(i) == Some(&true);
    let lost: Vec<bool> = known
        .iter()
        .zip(&free)
        .map(|(k, free)| *free || both.has_lost_its_place(k))
        .collect();
    let has_moved =
        |i: usize, k: &Place<P>, f: &Place<P>| lost.get(i) == Some(&true) && alike(k, f);
    type Fits<'a, P> = &'a dyn Fn(usize, &Place<P>, &Place<P>) -> bool;
    // The most certain matches first.
    let rounds: [Fits<'_, P>; 7] = [
        &|_, k, f| k.at == f.at && (f.digest.is_empty() || alike(k, f)),
        &|i, k, f| has_moved(i, k, f) && k.name == f.name && both.is_new_place(f),
        &|i, k, f| has_moved(i, k, f) && both.is_new_place(f),
        &|i, k, f| has_moved(i, k, f) && (both.is_left(f) || both.are_as_many(f, &lost)),
        &|_, k, f| k.at == f.at,
        // A copy resembles its original more than a lost source.
        &|i, k, f| is_free(i) && k.name == f.name && !both.is_copy(f),
        &|i, _, f| is_free(i) && !both.is_copy(f),
    ];
    let mut taken = vec![false; known.len()];
    let mut ways: Vec<Option<Way>> = vec![None; found.len()];
    for fits in rounds {
        for (way, f) in ways.iter_mut().zip(found) {
            if way.is_some() {
                continue;
            }
            let mut candidates = known.iter().enumerate().zip(&mut taken);
            let fitting = candidates
                .find(|((i, k), is_taken)| !**is_taken && k.kind == f.kind && fits(*i, k, f));
            if let Some(((i, _), is_taken)) = fitting {
                *way = Some(Way::Known(i));
                *is_taken = true;
            }
        }
    }
    // A copy may have another kind: a sidecar may have been renamed to the other form.
    let copied = |f: &Place<P>| known.iter().position(|k| have_same_bytes(k, f));
    let ways = ways.into_iter().zip(found);
    ways.map(|(way, f)| way.unwrap_or_else(|| copied(f).map_or(Way::New, Way::Copy)))
        .collect()
}

fn have_same_bytes<P>(one: &Place<P>, other: &Place<P>) -> bool {
    !one.digest.is_empty() && one.digest == other.digest
}

/// Whether two sources of one kind have the same bytes.
fn alike<P>(one: &Place<P>, other: &Place<P>) -> bool {
    one.kind == other.kind && have_same_bytes(one, other)
}

/// The remembered sources and the current ones.
struct Both<'a, P> {
    known: &'a [Place<P>],
    found: &'a [Place<P>],
}

impl<'a, P: PartialEq> Both<'a, P> {
    /// The remembered sources at the place of `f`.
    fn known_at(&self, f: &'a Place<P>) -> impl Iterator<Item = &'a Place<P>> {
        let known = self.known.iter();
        known.filter(move |k| k.at == f.at && k.kind == f.kind)
    }

    /// The current sources at the place of `k`.
    fn found_at(&self, k: &'a Place<P>) -> impl Iterator<Item = &'a Place<P>> {
        let found = self.found.iter();
        found.filter(move |f| f.at == k.at && f.kind == k.kind)
    }

    fn is_copy(&self, f: &Place<P>) -> bool {
        self.known.iter().any(|k| alike(k, f))
    }

    /// Whether its place is empty or holds another source's bytes: then files were renumbered, not
    /// edited.
    fn has_lost_its_place(&self, k: &'a Place<P>) -> bool {
        let is_others =
            |f: &Place<P>| !alike(k, f) && self.known.iter().any(|o| alike(o, f) && o.at != k.at);
        self.found_at(k).next().is_none() || self.found_at(k).any(is_others)
    }

    /// Whether no other source was known at this place.
    fn is_new_place(&self, f: &'a Place<P>) -> bool {
        self.known_at(f).all(|k| k.digest.is_empty())
    }

    fn is_at_home(&self, f: &'a Place<P>) -> bool {
        self.known_at(f).any(|k| alike(k, f))
    }

    /// Whether the source that was here has itself moved or was absent. One that is nowhere else
    /// was edited to match another.
    fn is_left(&self, f: &'a Place<P>) -> bool {
        self.known_at(f).all(|k| {
            let mut found = self.found.iter();
            found.any(|o| o.at != f.at && have_same_bytes(k, o) && !self.is_at_home(o))
        })
    }

    /// Whether no more sources have appeared elsewhere than have lost their place: then none was
    /// edited to match them.
    fn are_as_many(&self, f: &'a Place<P>, lost: &[bool]) -> bool {
        let known = self.known.iter().zip(lost);
        let lost = known.filter(|(k, lost)| **lost && alike(k, f)).count();
        let found = self.found.iter();
        found.filter(|o| alike(o, f) && !self.is_at_home(o)).count() <= lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: u32, name: &str, kind: i64, digest: &str) -> Place<u32> {
        Place {
            at,
            name: name.to_owned(),
            kind,
            digest: digest.to_owned(),
        }
    }

    #[test]
    fn what_has_lost_its_place_is_found_by_its_bytes_then_its_name() {
        let known = [
            place(1, "a", 1, "x"),
            place(2, "b", 1, "y"),
            place(3, "c", 2, "z"),
        ];
        let all = |_| true;
        let moved = [place(8, "b", 1, "x"), place(9, "a", 1, "y")];
        assert_eq!(follow(&known, all, &moved), [Way::Known(0), Way::Known(1)]);
        let edited = [place(8, "b", 1, "p"), place(9, "a", 1, "q")];
        assert_eq!(follow(&known, all, &edited), [Way::Known(1), Way::Known(0)]);
        let other_kind = [place(9, "a", 2, "x")];
        assert_eq!(follow(&known, all, &other_kind), [Way::Known(2)]);
    }

    #[test]
    fn copies_that_were_renumbered_without_a_look_in_between_keep_their_own() {
        let known = [place(1, "a", 1, "x"), place(2, "b", 1, "y")];
        let swapped = [place(1, "a", 1, "y"), place(2, "b", 1, "x")];
        let ways = follow(&known, |_| false, &swapped);
        assert_eq!(ways, [Way::Known(1), Way::Known(0)]);
        let shifted = [place(2, "b", 1, "x"), place(3, "c", 1, "y")];
        let ways = follow(&known, |i| i == 0, &shifted);
        assert_eq!(ways, [Way::Known(0), Way::Known(1)]);
        let overwritten = [place(1, "a", 1, "y"), place(2, "b", 1, "y")];
        let ways = follow(&known, |_| false, &overwritten);
        assert_eq!(ways, [Way::Known(0), Way::Known(1)]);
    }

    #[test]
    fn what_was_edited_to_be_like_another_keeps_its_place() {
        let known = [place(1, "a", 1, "x"), place(2, "b", 1, "y")];
        let found = [place(1, "a", 1, "y"), place(3, "c", 1, "y")];
        let ways = follow(&known, |i| i == 1, &found);
        assert_eq!(ways, [Way::Known(0), Way::Known(1)]);
    }

    #[test]
    fn a_copy_leaves_its_original_where_it_is() {
        let known = [place(1, "a", 1, "x")];
        let found = [
            place(1, "a", 1, "p"),
            place(2, "a", 1, "x"),
            place(3, "a", 1, "q"),
        ];
        let ways = follow(&known, |_| false, &found);
        assert_eq!(ways, [Way::Known(0), Way::Copy(0), Way::New]);
    }

    #[test]
    fn a_copy_is_not_taken_for_one_that_is_lost() {
        let known = [place(1, "a", 1, "x"), place(2, "b", 1, "y")];
        let found = [place(1, "a", 1, "x"), place(3, "c", 1, "x")];
        let ways = follow(&known, |i| i == 1, &found);
        assert_eq!(ways, [Way::Known(0), Way::Copy(0)]);
    }

    #[test]
    fn what_is_renumbered_onto_an_absent_one_keeps_its_own() {
        let known = [place(1, "a", 1, "x"), place(2, "b", 1, "")];
        for is_free in [true, false] {
            let ways = follow(&known, |_| is_free, &[place(2, "b", 1, "x")]);
            assert_eq!(ways, [Way::Known(0)]);
        }
    }

    #[test]
    fn those_alike_have_all_moved_where_they_are_as_many() {
        let known = [
            place(1, "a", 1, "x"),
            place(2, "b", 1, "old"),
            place(3, "c", 1, "x"),
        ];
        let found = [place(2, "b", 1, "x"), place(4, "d", 1, "x")];
        let ways = follow(&known, |i| i != 1, &found);
        assert_eq!(ways, [Way::Known(2), Way::Known(0)]);
    }
}
