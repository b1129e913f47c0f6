//! `taglens learning`.

use anyhow::Result;
use serde::Serialize;

use crate::cli::Outcome;
use crate::cli::library;
use crate::cli::options::{Common, Learning as Command};
use crate::cli::output::{Kind, Output};
use crate::cli::vocabulary_edit::known;
use crate::services::learning;
use crate::services::learning::{LabelLearning, LearningState};

#[derive(Serialize)]
struct Row {
    label: String,
    accepted: usize,
    rejected: usize,
    teaching: usize,
    state: &'static str,
    /// The addition to the log-odds of every photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss_without: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss_with: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_ms: Option<i64>,
}

/// Runs the command.
pub(crate) fn run(command: &Command, common: &Common) -> Result<Outcome> {
    let mut store = library::open(common)?;
    let (Command::Reset { label } | Command::On { label } | Command::Off { label }) = command
    else {
        return list(&learning::list(&store)?, common);
    };
    let label = known(&store, label)?;
    store.write(|w| {
        let label = w.label(&label)?;
        match command {
            Command::List => Ok(()),
            Command::Reset { .. } => w.reset_learning(label),
            Command::On { .. } => w.switch_learning(label, true),
            Command::Off { .. } => w.switch_learning(label, false),
        }
    })?;
    drop(store);
    library::retag(common)?;
    Ok(Outcome::Done)
}

fn list(all: &[LabelLearning], common: &Common) -> Result<Outcome> {
    let head = &[
        "label",
        "accepted",
        "rejected",
        "teaching",
        "state",
        "shift",
        "held-out loss",
    ];
    let mut output = Output::stdout(common.format, Kind::Items, head);
    for one in all {
        let in_force = one
            .learned
            .filter(|row| one.state() == LearningState::InForce && row.in_force);
        let row = Row {
            label: one.label.clone(),
            accepted: one.accepted,
            rejected: one.rejected,
            teaching: one.teaching,
            state: one.state().name(),
            shift: in_force.map(|l| l.shift),
            loss_without: in_force.map(|l| l.loss_without),
            loss_with: in_force.map(|l| l.loss_with),
            reset_ms: one.reset_ms,
        };
        let number = |n: Option<f32>| n.map_or(String::new(), |n| format!("{n:+.2}"));
        let losses = in_force.map(|l| format!("{:.2} → {:.2}", l.loss_without, l.loss_with));
        let cells = vec![
            row.label.clone(),
            row.accepted.to_string(),
            row.rejected.to_string(),
            row.teaching.to_string(),
            row.state.to_owned(),
            number(row.shift),
            losses.unwrap_or_default(),
        ];
        output.item(&row, cells)?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}
