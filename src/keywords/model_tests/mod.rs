//! Random histories over a small world of files, checked against the rules as a user would state
//! them.
//!
//! `TAGLENS_HISTORIES` sets the number of histories (2,000; 100,000 in the proof run), and
//! `TAGLENS_HISTORY_SEED` the seed of the first.

mod acts;
mod rules;
mod taglens;
mod world;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::keywords::model_tests::rules::{after_index, at_once, lost_library};
use crate::keywords::model_tests::world::World;

/// An act in a history.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    Index,
    Export,
    Undo,
    Accept(usize),
    Reject(usize),
    /// Renames the label of this number, or merges it with the next.
    Rename(usize),
    Merge(usize),
    /// Elsewhere: adds a keyword to a sidecar, or removes it.
    Add(usize, usize),
    Remove(usize, usize),
    MoveParent(usize, usize),
    ChangeCase(usize, usize),
    /// Restores a sidecar from an earlier time.
    OldCopy(usize),
    /// A program whose database has none of our keywords writes its own.
    Stale(usize),
    Embed(usize),
    Unembed(usize),
    Delete(usize),
    Copy(usize),
    Move(usize),
    Renumber,
}

fn random_act(random: &mut StdRng) -> Act {
    let (a, b) = (random.random_range(0..14), random.random_range(0..10));
    match random.random_range(0..30) {
        0..=5 => Act::Index,
        6..=9 => Act::Export,
        10 => Act::Undo,
        11 | 12 => Act::Accept(a),
        13 | 14 => Act::Reject(a),
        15 => Act::Rename(a),
        16 => Act::Merge(a),
        17 | 18 => Act::Add(a, b),
        19 | 20 => Act::Remove(a, b),
        21 => Act::MoveParent(a, b),
        22 => Act::ChangeCase(a, b),
        23 => Act::OldCopy(a),
        24 => Act::Stale(a),
        25 => Act::Embed(b),
        26 => Act::Unembed(b),
        27 => Act::Delete(a),
        28 => Act::Copy(a),
        _ => match b {
            0..=5 => Act::Move(a),
            _ => Act::Renumber,
        },
    }
}

/// Plays a history and checks the rules after each step. Returns an error for the first broken
/// rule.
fn play(history: &[Act]) -> Result<(), String> {
    let mut world = World::new();
    for (step, act) in history.iter().enumerate() {
        let wrong = |rule: &str, what: &dyn std::fmt::Debug| {
            Err(format!("step {step}, {act:?}: {rule}: {what:?}"))
        };
        if let Err((rule, what)) = at_once(&world, act) {
            return wrong(rule, &what);
        }
        let before = world.decisions.clone();
        world.act(act);
        match act {
            Act::Index => {
                if let Err((rule, what)) = after_index(&world, &before) {
                    return wrong(rule, &what);
                }
                let once = (world.decisions.clone(), format!("{:?}", world.rows));
                world.index();
                if (world.decisions.clone(), format!("{:?}", world.rows)) != once {
                    return wrong("index twice changes nothing", &once);
                }
            }
            Act::Export => {
                let once = (world.sidecars.clone(), world.journal.clone());
                world.export();
                if world.sidecars != once.0 {
                    return wrong("export twice changes nothing", &(once.0, &world.sidecars));
                }
                world.journal = once.1;
            }
            _ => {}
        }
    }
    lost_library(&mut world)
}

/// The shortest part of a history that still breaks a rule.
fn shrunk(history: &[Act]) -> Vec<Act> {
    let mut left = history.to_vec();
    let mut at = 0;
    while at < left.len() {
        let mut shorter = left.clone();
        shorter.remove(at);
        match play(&shorter) {
            Err(_) => {
                left = shorter;
                at = 0;
            }
            Ok(()) => at += 1,
        }
    }
    left
}

fn from_environment(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |v| v.parse().unwrap())
}

#[test]
fn random_histories_keep_the_rules() {
    let count = from_environment("TAGLENS_HISTORIES", 2000);
    let seed = from_environment("TAGLENS_HISTORY_SEED", 1);
    for number in seed..seed + count {
        let mut random = StdRng::seed_from_u64(number);
        let steps = random.random_range(5..=40);
        let history: Vec<Act> = (0..steps).map(|_| random_act(&mut random)).collect();
        if play(&history).is_err() {
            let history = shrunk(&history);
            panic!(
                "seed {number}: {history:?}: {}",
                play(&history).unwrap_err()
            );
        }
    }
}

/// Shrunk histories that once broke a rule.
#[test]
fn histories_that_broke_a_rule_once_keep_them() {
    use Act::*;
    let histories: [&[Act]; 26] = [
        &[Export, Reject(2), Delete(0), Index, Add(0, 2)],
        &[Export, Delete(5), Add(0, 6), Index, Delete(8), Add(1, 6)],
        &[Add(1, 6), Index, Embed(6), Merge(1), Delete(9), Export],
        &[
            Add(3, 6),
            Copy(10),
            Index,
            Merge(10),
            Move(1),
            Delete(3),
            Remove(7, 2),
            Index,
            Embed(1),
            Index,
        ],
        &[
            Accept(10),
            Add(9, 7),
            Add(13, 9),
            Export,
            Copy(12),
            Remove(2, 3),
            Copy(4),
            Add(2, 3),
            Accept(0),
            Index,
            Export,
            Add(11, 2),
        ],
        &[
            Copy(12),
            Export,
            Merge(1),
            Copy(8),
            ChangeCase(4, 7),
            Index,
            MoveParent(4, 5),
            Export,
        ],
        &[
            Export,
            Add(12, 1),
            Copy(10),
            Index,
            Delete(9),
            Merge(12),
            Move(6),
            MoveParent(13, 9),
            Index,
            OldCopy(10),
            Index,
        ],
        &[
            Export,
            Copy(0),
            ChangeCase(9, 4),
            Index,
            Delete(11),
            Merge(6),
            Add(10, 1),
            Export,
        ],
        &[
            Add(1, 1),
            Index,
            Merge(6),
            Move(7),
            Delete(8),
            Export,
            Embed(1),
            Remove(4, 5),
            Index,
        ],
        &[
            Add(3, 1),
            Copy(4),
            Delete(7),
            Add(7, 9),
            Export,
            Delete(2),
            Add(5, 8),
        ],
        &[
            Add(8, 3),
            Add(8, 9),
            Export,
            Remove(8, 7),
            Index,
            Move(6),
            Accept(7),
            Add(2, 3),
            Add(8, 4),
            Export,
            OldCopy(11),
        ],
        &[
            Export,
            MoveParent(1, 4),
            Merge(6),
            Index,
            OldCopy(11),
            Index,
            Embed(6),
            Delete(1),
            Export,
        ],
        &[
            Add(7, 0),
            Export,
            Remove(10, 5),
            Add(2, 5),
            Copy(10),
            Index,
            Add(7, 7),
        ],
        &[
            Add(2, 5),
            Index,
            Delete(9),
            Renumber,
            Rename(1),
            Export,
            Copy(9),
            Export,
        ],
        &[
            Export,
            Copy(5),
            ChangeCase(1, 4),
            Index,
            Export,
            OldCopy(7),
            Export,
        ],
        &[
            Add(6, 4),
            Add(7, 7),
            Delete(2),
            MoveParent(0, 4),
            Export,
            Add(0, 8),
            Copy(9),
            Remove(11, 7),
            Export,
        ],
        &[
            Accept(1),
            Export,
            Copy(8),
            Copy(0),
            Undo,
            Remove(9, 0),
            Merge(2),
            Export,
        ],
        &[
            Add(7, 8),
            Export,
            Add(0, 8),
            Export,
            Copy(13),
            Add(3, 4),
            Remove(3, 1),
            Export,
        ],
        &[Accept(3), Export, MoveParent(9, 6)],
        &[Export, Remove(9, 3), Copy(7), Export, Delete(8), Renumber],
        &[
            Export,
            Copy(9),
            Remove(9, 4),
            Index,
            Move(9),
            Delete(5),
            Export,
            Remove(10, 4),
        ],
        &[
            Copy(2),
            Export,
            MoveParent(10, 0),
            Export,
            Delete(4),
            Renumber,
        ],
        &[Copy(7), Export, Remove(5, 8), Index, Delete(7), Renumber],
        &[
            Copy(6),
            Export,
            Delete(12),
            MoveParent(2, 6),
            Index,
            Delete(8),
            Move(5),
            Export,
            Renumber,
        ],
        &[
            Add(6, 3),
            Copy(1),
            Index,
            Delete(3),
            MoveParent(9, 2),
            Move(1),
            Index,
            Add(5, 3),
            Index,
        ],
        &[
            Export,
            ChangeCase(13, 6),
            Merge(12),
            Index,
            OldCopy(3),
            Stale(4),
            Export,
        ],
    ];
    for history in histories {
        assert_eq!(play(history), Ok(()), "{history:?}");
    }
}
