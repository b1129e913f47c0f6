//! The starter's text tower, with the texts that it looks up.

use std::sync::Arc;

use crate::clip::starter;
use crate::clip::starter::known_texts::LookupTextEncoder;
use crate::core::encoder::TextEncoder;
use crate::engine::cpu::{CpuModel, Precision};

fn cpu_starter() -> CpuModel {
    CpuModel::new(&starter::model().unwrap(), Precision::Exact).unwrap()
}

#[test]
fn known_texts_are_looked_up_and_the_others_computed() {
    let starter = Arc::new(cpu_starter());
    let known = starter::known_texts().unwrap();
    assert!(known.len() > 5000);
    let dog = known.get(" Golden_Retriever ").unwrap();
    assert_eq!(dog.dimension(), starter::anchors().unwrap()[0].dimension());
    assert!(known.get("xqzzt of the seventh kind").is_none());
    let informed = LookupTextEncoder::new(starter.clone(), known);
    let texts = [
        "xqzzt of the seventh kind",
        "golden retriever",
        "a dog, a cat, a hat",
    ];
    let all = informed.encode_texts(&texts).unwrap();
    let computed = starter.encode_texts(&texts).unwrap();
    assert_eq!(all[0], computed[0]);
    assert_eq!(all[1], dog);
    assert_eq!(all[2], computed[2]);
    assert!(informed.encode_texts(&[]).unwrap().is_empty());
}

#[test]
fn what_is_looked_up_is_what_the_encoder_learned() {
    let starter = cpu_starter();
    let known = starter::known_texts().unwrap();
    let mut texts: Vec<&str> = known.texts().collect();
    texts.sort_unstable();
    let texts: Vec<&str> = texts.into_iter().step_by(20).collect();
    let computed = starter.encode_texts(&texts).unwrap();
    let cosines = texts.iter().zip(&computed);
    let cosines = cosines.map(|(text, own)| known.get(text).unwrap().similarity(own));
    let mean = cosines.sum::<f32>() / texts.len() as f32;
    assert!(mean > 0.9, "{mean}");
}
