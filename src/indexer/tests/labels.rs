//! A changed label costs that label, and changes no other.

use super::*;

/// A label that some of the pictures have.
fn label(name: &str) -> String {
    format!("[[label]]\nname = \"{name}\"\nprior = 0.5\nthreshold = 0.3\n")
}

/// Labels whose texts have these lengths, which is what `Fragile` goes by.
fn labels(lengths: &[usize]) -> String {
    let names = lengths
        .iter()
        .map(|length| label(&"abcdefghijklmnopqrst"[..*length]));
    names.collect()
}

fn world(lengths: &[usize]) -> World {
    let world = World::new();
    for shade in 0..40 {
        world.picture(&format!("{shade}.png"), shade);
    }
    world.use_labels(&labels(lengths));
    world.index();
    world
}

/// As `vocabulary import` does it.
fn retag(world: &World) {
    let indexer = world.start(|options| options.tags_only = true);
    assert!(indexer.wait(PATIENCE), "it does not end");
    indexer.finish().unwrap();
}

fn texts_of(world: &World, text: &str) -> i64 {
    let raw = rusqlite::Connection::open(world.library()).unwrap();
    let sql = "SELECT count(*) FROM texts WHERE text = ?1";
    raw.query_row(sql, [text], |row| row.get(0)).unwrap()
}

#[test]
fn a_new_label_costs_that_label_in_a_program_that_has_just_started() {
    let world = world(&[2, 10]);
    let before = tags(&world, 0..40);
    assert!(before.iter().any(|tags| !tags.is_empty()), "no tags");
    // Whoever needs a label embeds its text and keeps that.
    let raw = rusqlite::Connection::open(world.library()).unwrap();
    raw.execute_batch("DELETE FROM texts").unwrap();
    drop(raw);
    world.use_labels(&labels(&[2, 10, 20]));
    retag(&world);
    let new = "abcdefghijklmnopqrst";
    assert_eq!(texts_of(&world, new), 1);
    assert_eq!(texts_of(&world, "ab"), 0, "a label that has not changed");
    let without = |mut tags: Vec<Vec<(String, f32)>>| {
        tags.iter_mut()
            .for_each(|tags| tags.retain(|(label, _)| label != new));
        tags
    };
    let now = tags(&world, 0..40);
    assert_eq!(without(now.clone()), before);
    assert_eq!(now, tags(&self::world(&[2, 10, 20]), 0..40));
}

#[test]
fn a_parent_follows_from_children_that_have_not_changed() {
    let text = |above: &str| {
        let child = |name: &str| format!("{}parent = \"{above}\"\n", label(name));
        let others = child("ab") + &child("abcdefghij");
        format!("[[label]]\nname = \"{above}\"\n{others}")
    };
    let changed = world(&[2, 10]);
    changed.use_labels(&text("things"));
    retag(&changed);
    let fresh = world(&[5]);
    fresh.use_labels(&text("things"));
    fresh.index();
    let given = tags(&changed, 0..40);
    let parents = given
        .iter()
        .flatten()
        .filter(|(label, _)| label == "things");
    assert!(parents.count() > 0);
    assert_eq!(given, tags(&fresh, 0..40));
}

#[test]
fn a_photo_that_comes_after_a_changed_label_gets_all_labels() {
    let world = world(&[2, 10]);
    let indexer = world.start(|options| {
        options.watch = true;
        options.watching.debounce = Duration::from_millis(50);
        options.settle.quiet = Duration::from_millis(100);
    });
    world.use_labels(&labels(&[2, 10, 20]));
    let scored = || world.store().scored_labels().unwrap().len();
    until("the changed label", || scored() == 3);
    world.picture("77.png", 77);
    let photo = || world.store().photo_at(&world.at("77.png")).unwrap();
    until("the new photo", || photo().is_some());
    indexer.stop();
    assert!(indexer.wait(PATIENCE));
    indexer.finish().unwrap();
    let now = tags(&world, 77..78);
    let fresh = self::world(&[2, 10, 20]);
    fresh.picture("77.png", 77);
    fresh.index();
    assert!(now[0].len() > 1, "{now:?}");
    assert_eq!(now, tags(&fresh, 77..78));
}
