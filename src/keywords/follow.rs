//! Which remembered source is which of those that a photo has now: files are moved, renamed,
//! renumbered and copied together with their sidecars.

/// Where a source lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place<P> {
    /// Where: equal only to itself.
    pub(crate) at: P,
    /// The name of the photo's file.
    pub(crate) name: String,
    /// Which kind of source it is; one kind never becomes another.
    pub(crate) kind: i64,
    /// What its bytes are told by; empty where that is not known, or it is absent.
    pub(crate) digest: String,
}

/// Where a source comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is the remembered one of that index.
    Known(usize),
    /// It is a copy of the remembered one of that index, which is still where it was.
    Copy(usize),
    /// It is not known.
    New,
}

/// For each source that is there now, where it comes from. `free` tells which remembered sources
/// have lost their place, so that they may be found at another.
pub(crate) fn follow<P: PartialEq>(
    known: &[Place<P>],
    free: impl Fn(usize) -> bool,
    found: &[Place<P>],
) -> Vec<Way> {
    let mut taken = vec![false; known.len()];
    let mut ways: Vec<Option<Way>> = vec![None; found.len()];
    let same_bytes = |k: &Place<P>, f: &Place<P>| !f.digest.is_empty() && k.digest == f.digest;
    type Fits<'a, P> = &'a dyn Fn(usize, &Place<P>, &Place<P>) -> bool;
    // Another's bytes lie at its place: files were renumbered, not edited.
    let is_displaced = |i: usize, k: &Place<P>| {
        let mut at_home = found.iter().filter(|f| f.at == k.at && f.kind == k.kind);
        at_home.any(|f| {
            let mut others = known.iter().enumerate();
            !same_bytes(k, f) && others.any(|(j, o)| j != i && o.kind == f.kind && same_bytes(o, f))
        })
    };
    let is_vacant = |k: &Place<P>| !found.iter().any(|f| f.at == k.at && f.kind == k.kind);
    let has_lost_its_place = |i: usize, k: &Place<P>| free(i) || is_vacant(k) || is_displaced(i, k);
    // Where no other was known to lie, or where the other has itself gone elsewhere or was absent; one
    // that is nowhere else was edited to be like another.
    let is_new_place = |f: &Place<P>| {
        let mut home = known.iter().filter(|k| k.at == f.at && k.kind == f.kind);
        home.all(|k| k.digest.is_empty())
    };
    let is_at_home = |f: &Place<P>| {
        let mut known = known.iter();
        known.any(|k| k.at == f.at && k.kind == f.kind && same_bytes(k, f))
    };
    let is_left = |f: &Place<P>| {
        let mut home = known.iter().filter(|k| k.at == f.at && k.kind == f.kind);
        home.all(|k| {
            found
                .iter()
                .any(|o| o.at != f.at && same_bytes(k, o) && !is_at_home(o))
        })
    };
    // Those that lie elsewhere now are as many as those that have lost their place: none was edited to
    // be like them.
    let are_as_many = |f: &Place<P>| {
        let alike = |o: &&Place<P>| o.kind == f.kind && o.digest == f.digest;
        let lost = known.iter().enumerate();
        let lost = lost.filter(|(i, k)| alike(k) && has_lost_its_place(*i, k));
        let new = found.iter().filter(|o| alike(o) && !is_at_home(o));
        new.count() <= lost.count()
    };
    let is_copy = |f: &Place<P>| known.iter().any(|k| k.kind == f.kind && same_bytes(k, f));
    // The surest signs first.
    let rounds: [Fits<'_, P>; 7] = [
        &|_, k, f| k.at == f.at && (f.digest.is_empty() || same_bytes(k, f)),
        &|i, k, f| {
            same_bytes(k, f) && k.name == f.name && has_lost_its_place(i, k) && is_new_place(f)
        },
        &|i, k, f| same_bytes(k, f) && has_lost_its_place(i, k) && is_new_place(f),
        &|i, k, f| same_bytes(k, f) && has_lost_its_place(i, k) && (is_left(f) || are_as_many(f)),
        &|_, k, f| k.at == f.at,
        // A copy has more in common with its original than with one that is lost.
        &|i, k, f| free(i) && k.name == f.name && !is_copy(f),
        &|i, _, f| free(i) && !is_copy(f),
    ];
    for fits in rounds {
        for (way, f) in ways.iter_mut().zip(found) {
            if way.is_some() {
                continue;
            }
            let fitting = known.iter().enumerate().position(|(i, k)| {
                let is_taken = taken.get(i).copied().unwrap_or(true);
                !is_taken && k.kind == f.kind && fits(i, k, f)
            });
            if let Some(i) = fitting {
                *way = Some(Way::Known(i));
                if let Some(slot) = taken.get_mut(i) {
                    *slot = true;
                }
            }
        }
    }
    let copied = |f: &Place<P>| known.iter().position(|k| same_bytes(k, f));
    let ways = ways.into_iter().zip(found);
    ways.map(|(way, f)| way.unwrap_or_else(|| copied(f).map_or(Way::New, Way::Copy)))
        .collect()
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
