//! Folded branches against the branches themselves, computed one by one in f64.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::*;
use crate::clip::folding::fastvit::{Step, steps};
use crate::clip::spec::fastvit::{FastVitSpec, FastVitStage, Halving, Mixer};

/// Random tensors by name.
#[derive(Default)]
struct Made(HashMap<String, Tensor>);

impl Made {
    fn add(&mut self, name: &str, shape: &[usize]) {
        let tensor = Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap();
        self.0.insert(name.to_owned(), tensor);
    }

    fn bn(&mut self, name: &str, channels: usize) {
        for part in ["weight", "bias", "running_mean"] {
            self.add(&format!("{name}.{part}"), &[channels]);
        }
        let variance = Tensor::rand(0.3f32, 2.0, channels, &Device::Cpu).unwrap();
        self.0.insert(format!("{name}.running_var"), variance);
    }

    fn normed(&mut self, name: &str, form: Form, kernel: usize) {
        let shape = [form.output, form.inputs_each(), kernel, kernel];
        self.add(&format!("{name}.conv.weight"), &shape);
        self.bn(&format!("{name}.bn"), form.output);
    }

    fn read(&self, name: &str) -> Vec<f64> {
        let values = self.0[name].flatten_all().unwrap().to_vec1::<f32>();
        values.unwrap().into_iter().map(f64::from).collect()
    }

    fn vs(&self) -> VarBuilder<'static> {
        VarBuilder::from_tensors(self.0.clone(), DType::F32, &Device::Cpu)
    }

    /// Batch norm of a map, `[channels][SIDE²]`.
    fn normalised(&self, name: &str, map: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let read = |part: &str| self.read(&format!("{name}.{part}"));
        let (weight, bias) = (read("weight"), read("bias"));
        let (mean, variance) = (read("running_mean"), read("running_var"));
        let one = |(c, line): (usize, &Vec<f64>)| {
            let scale = (variance[c] + 1e-5).sqrt();
            let of = |v: &f64| (v - mean[c]) / scale * weight[c] + bias[c];
            line.iter().map(of).collect()
        };
        map.iter().enumerate().map(one).collect()
    }

    fn branch(&self, name: &str, form: Form, kernel: usize, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let weight = self.read(&format!("{name}.conv.weight"));
        let y = convolve(Form { kernel, ..form }, &weight, x);
        self.normalised(&format!("{name}.bn"), &y)
    }
}

const SIDE: usize = 6;

fn map(channels: usize) -> Vec<Vec<f64>> {
    let values = Tensor::randn(0f64, 1.0, (channels, SIDE * SIDE), &Device::Cpu);
    values.unwrap().to_vec2().unwrap()
}

/// By definition, with padding.
fn convolve(form: Form, weight: &[f64], x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (kernel, side) = (form.kernel, SIDE.div_ceil(form.step));
    let each = form.inputs_each();
    let at = |channel: usize, y: usize, x_at: usize| {
        let inside = |v: usize| v.checked_sub(kernel / 2).filter(|v| *v < SIDE);
        match (inside(y), inside(x_at)) {
            (Some(y), Some(x_at)) => x[channel][y * SIDE + x_at],
            _ => 0.0,
        }
    };
    let one = |output: usize, y: usize, x_at: usize| {
        let mut sum = 0.0;
        for input in 0..each {
            let channel = match form.depthwise {
                true => output / (form.output / form.input),
                false => input,
            };
            for tap in 0..kernel * kernel {
                let w = weight[(output * each + input) * kernel * kernel + tap];
                let (dy, dx) = (tap / kernel, tap % kernel);
                sum += w * at(channel, y * form.step + dy, x_at * form.step + dx);
            }
        }
        sum
    };
    let line = |output| {
        (0..side * side)
            .map(|i| one(output, i / side, i % side))
            .collect()
    };
    (0..form.output).map(line).collect()
}

fn plus(a: Vec<Vec<f64>>, b: &[Vec<f64>], factor: f64) -> Vec<Vec<f64>> {
    let lines = a.iter().zip(b);
    lines
        .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + factor * b).collect())
        .collect()
}

/// The folded convolution of `x` against `expected`.
fn compare(sum: &Sum, x: &[Vec<f64>], expected: &[Vec<f64>]) {
    let weight: Vec<f64> = sum.weight().map(f64::from).collect();
    let mut found = convolve(sum.form(), &weight, x);
    for (line, bias) in found.iter_mut().zip(sum.bias()) {
        line.iter_mut().for_each(|v| *v += f64::from(bias));
    }
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len());
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 1e-5 * e.abs().max(1.0), "{f}, not {e}");
        }
    }
}

/// Adds a `MobileOneBlock` with two convolutions, and returns what it makes of `x`.
fn mobile_one(made: &mut Made, prefix: &str, form: Form, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut expected = convolve(form, &vec![0.0; form.output * form.inputs_each() * 81], x);
    let mut names = vec![(format!("{prefix}conv_kxk.0"), form.kernel)];
    names.push((format!("{prefix}conv_kxk.1"), form.kernel));
    if form.kernel > 1 {
        names.push((format!("{prefix}conv_scale"), 1));
    }
    for (name, kernel) in names {
        made.normed(&name, form, kernel);
        expected = plus(expected, &made.branch(&name, form, kernel, x), 1.0);
    }
    if form.input == form.output && form.step == 1 {
        let name = format!("{prefix}identity");
        made.bn(&name, form.output);
        expected = plus(expected, &made.normalised(&name, x), 1.0);
    }
    expected
}

#[test]
fn branches_of_a_mobile_one_block() {
    let full = Form {
        input: 3,
        output: 4,
        kernel: 3,
        step: 2,
        depthwise: false,
    };
    let doubled = Form {
        output: 8,
        ..Form::depthwise(4, 3)
    };
    let halved = Form {
        step: 2,
        ..Form::depthwise(4, 3)
    };
    for form in [
        full,
        doubled,
        halved,
        Form::depthwise(4, 3),
        Form::pointwise(4, 4),
    ] {
        let (mut made, x) = (Made::default(), map(form.input));
        let expected = mobile_one(&mut made, "", form, &x);
        let branches = Branches::MobileOne { scale: true };
        compare(&fold(branches, form, &made.vs()).unwrap(), &x, &expected);
        // The same without its 1×1 branch, as in the stems of the larger towers.
        if form.kernel > 1 {
            let scale = made.branch("conv_scale", form, 1, &x);
            let without = plus(expected, &scale, -1.0);
            let branches = Branches::MobileOne { scale: false };
            compare(&fold(branches, form, &made.vs()).unwrap(), &x, &without);
        }
    }
}

#[test]
fn a_large_kernel_with_a_small_one() {
    let form = Form {
        output: 8,
        step: 2,
        ..Form::depthwise(4, 7)
    };
    let (mut made, x) = (Made::default(), map(4));
    made.normed("large_conv", form, 7);
    made.normed("small_conv", form, 3);
    let large = made.branch("large_conv", form, 7, &x);
    let expected = plus(large, &made.branch("small_conv", form, 3, &x), 1.0);
    let sum = fold(Branches::LargeKernel, form, &made.vs()).unwrap();
    compare(&sum, &x, &expected);
}

#[test]
fn a_mixer_with_its_layer_scale() {
    let form = Form::depthwise(4, 3);
    let (mut made, x) = (Made::default(), map(4));
    let mixed = mobile_one(&mut made, "mixer.", form, &x);
    made.bn("norm.identity", 4);
    made.add("layer_scale.gamma", &[4, 1, 1]);
    let difference = plus(mixed, &made.normalised("norm.identity", &x), -1.0);
    let gamma = made.read("layer_scale.gamma");
    let scaled: Vec<Vec<f64>> = difference
        .iter()
        .zip(&gamma)
        .map(|(line, gamma)| line.iter().map(|v| v * gamma).collect())
        .collect();
    let expected = plus(x.clone(), &scaled, 1.0);
    let sum = fold(Branches::RepMixer, form, &made.vs()).unwrap();
    compare(&sum, &x, &expected);
}

#[test]
fn positions_and_a_single_convolution() {
    let form = Form::depthwise(4, 7);
    let (mut made, x) = (Made::default(), map(4));
    made.add("pos_enc.weight", &[4, 1, 7, 7]);
    made.add("pos_enc.bias", &[4]);
    let mut expected = plus(
        x.clone(),
        &convolve(form, &made.read("pos_enc.weight"), &x),
        1.0,
    );
    for (line, bias) in expected.iter_mut().zip(made.read("pos_enc.bias")) {
        line.iter_mut().for_each(|v| *v += bias);
    }
    let sum = fold(Branches::Positions, form, &made.vs()).unwrap();
    compare(&sum, &x, &expected);

    let mut made = Made::default();
    made.normed("own", form, 7);
    let sum = fold(Branches::Single, form, &made.vs().pp("own")).unwrap();
    compare(&sum, &x, &made.branch("own", form, 7, &x));
}

#[test]
fn a_folded_convolution_is_taken_as_it_is() {
    let form = Form::depthwise(4, 3);
    let (mut made, x) = (Made::default(), map(4));
    made.add("reparam_conv.weight", &[4, 1, 3, 3]);
    made.add("reparam_conv.bias", &[4]);
    let mut expected = convolve(form, &made.read("reparam_conv.weight"), &x);
    for (line, bias) in expected.iter_mut().zip(made.read("reparam_conv.bias")) {
        line.iter_mut().for_each(|v| *v += bias);
    }
    for branches in [
        Branches::MobileOne { scale: true },
        Branches::LargeKernel,
        Branches::RepMixer,
        Branches::Positions,
    ] {
        compare(&fold(branches, form, &made.vs()).unwrap(), &x, &expected);
    }
}

#[test]
fn a_norm_before_a_linear_layer() {
    let form = Form::pointwise(4, 6);
    let (mut made, x) = (Made::default(), map(4));
    made.add("weight", &[6, 4]);
    made.bn("norm", 4);
    let expected = convolve(form, &made.read("weight"), &made.normalised("norm", &x));
    let mut sum = Sum::zeros(form);
    let weight: Vec<f32> = made.read("weight").iter().map(|w| *w as f32).collect();
    sum.add_convolution(1, &weight, None);
    sum.after_norm(&norm(4, &made.vs().pp("norm")).unwrap());
    compare(&sum, &x, &expected);
}

#[test]
fn a_missing_branch_is_named() {
    let form = Form::depthwise(4, 3);
    let mut made = Made::default();
    mobile_one(&mut made, "", form, &map(4));
    made.0.remove("identity.running_var");
    let branches = Branches::MobileOne { scale: true };
    let error = fold(branches, form, &made.vs()).unwrap_err().to_string();
    assert!(error.contains("identity.running_var"), "{error}");
}

#[test]
fn channels_with_several_outputs_keep_their_meaning() {
    // A gate and a head after a convolution with two outputs a channel: the order of its outputs is
    // ours, and all that read them follow it.
    let spec = FastVitSpec {
        stages: vec![FastVitStage {
            width: 4,
            hidden: 6,
            blocks: 0,
            mixer: Mixer::Convolution,
            halving: Some(Halving {
                kernel: 7,
                squeezed: Some(2),
            }),
            positions: None,
        }],
        features: 8,
        squeezed: 3,
    };
    let mut made = Made::default();
    for (name, shape) in [
        ("stem.0", [4, 3, 3, 3]),
        ("stem.1", [4, 1, 3, 3]),
        ("stem.2", [4, 4, 1, 1]),
        ("stages.0.downsample.proj.0", [4, 1, 7, 7]),
        ("stages.0.downsample.proj.1", [4, 4, 1, 1]),
        ("final_conv", [8, 1, 3, 3]),
    ] {
        made.add(&format!("{name}.reparam_conv.weight"), &shape);
        made.add(&format!("{name}.reparam_conv.bias"), &shape[..1]);
    }
    for (name, width, hidden) in [
        ("stages.0.downsample.proj.0.se", 4, 2),
        ("final_conv.se", 8, 3),
    ] {
        made.add(&format!("{name}.fc1.weight"), &[hidden, width, 1, 1]);
        made.add(&format!("{name}.fc1.bias"), &[hidden]);
        made.add(&format!("{name}.fc2.weight"), &[width, hidden, 1, 1]);
        made.add(&format!("{name}.fc2.bias"), &[width]);
    }
    made.add("head.fc.weight", &[5, 8]);
    made.add("head.fc.bias", &[5]);
    let mut found = Vec::new();
    steps(&spec, 5, &made.vs(), |step| {
        found.push(step);
        Ok::<_, candle_core::Error>(())
    })
    .unwrap();
    let [
        ..,
        Step::Filter { filter, .. },
        Step::Gate(gate),
        Step::Head(head),
    ] = found.as_slice()
    else {
        panic!("{found:?}");
    };
    // Our output 1 is the file's output 2, the first of channel 1.
    let files: [usize; 8] = [0, 2, 4, 6, 1, 3, 5, 7];
    let as_f32 = |name: &str| -> Vec<f32> { made.read(name).iter().map(|v| *v as f32).collect() };
    let (weight, bias) = (
        as_f32("final_conv.reparam_conv.weight"),
        as_f32("final_conv.reparam_conv.bias"),
    );
    let (reduce, expand) = (
        as_f32("final_conv.se.fc1.weight"),
        as_f32("final_conv.se.fc2.weight"),
    );
    let gate_bias = as_f32("final_conv.se.fc2.bias");
    let last = as_f32("head.fc.weight");
    for (own, file) in files.into_iter().enumerate() {
        assert_eq!(filter.bias[own], bias[file]);
        assert_eq!(gate.expand.bias[own], gate_bias[file]);
        for tap in 0..9 {
            assert_eq!(filter.weight[tap * 8 + own], weight[file * 9 + tap]);
        }
        for hidden in 0..3 {
            assert_eq!(
                gate.reduce.weight[hidden * 8 + own],
                reduce[hidden * 8 + file]
            );
            assert_eq!(
                gate.expand.weight[own * 3 + hidden],
                expand[file * 3 + hidden]
            );
        }
        for output in 0..5 {
            assert_eq!(head.weight[output * 8 + own], last[output * 8 + file]);
        }
    }
}
