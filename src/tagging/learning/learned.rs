//! What a label has learned.

/// What a label has learned from decisions;
/// [`LabelModel::with_learned`](crate::tagging::LabelModel::with_learned) applies it.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// Its product with a photo is added to the photo's log-odds.
    pub(crate) change: Vec<f32>,
    /// The addition to the log-odds of every photo.
    pub(crate) shift: f32,
    /// The number of decisions it was learned from.
    pub(crate) decisions: usize,
    /// Mean loss on held-out decisions in nats, without learning and with it.
    pub(crate) held_out_loss: (f32, f32),
}
