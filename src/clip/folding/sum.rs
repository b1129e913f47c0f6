//! A sum of convolutions.

/// What a batch norm multiplies channels by and adds to them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Affine {
    pub(crate) gain: Vec<f64>,
    pub(crate) shift: Vec<f64>,
}

impl Affine {
    /// Of the opposite sign.
    pub(crate) fn negated(mut self) -> Self {
        let all = self.gain.iter_mut().chain(&mut self.shift);
        all.for_each(|v| *v = -*v);
        self
    }
}

/// The geometry of a convolution. It has as much padding as half its kernel, or none if its step is
/// its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Channels coming in.
    pub(crate) input: usize,
    /// Channels going out.
    pub(crate) output: usize,
    /// Width and height of the kernel.
    pub(crate) kernel: usize,
    /// Its step.
    pub(crate) step: usize,
    /// Whether each channel is filtered alone (then `output` is a multiple of `input`), or each output
    /// is of all inputs.
    pub(crate) depthwise: bool,
}

impl Form {
    /// A linear layer over the channels of each pixel.
    pub(crate) fn pointwise(input: usize, output: usize) -> Self {
        Self {
            input,
            output,
            kernel: 1,
            step: 1,
            depthwise: false,
        }
    }

    /// A filter for each channel.
    pub(crate) fn depthwise(width: usize, kernel: usize) -> Self {
        Self {
            input: width,
            output: width,
            kernel,
            step: 1,
            depthwise: true,
        }
    }

    /// The inputs of an output.
    pub(crate) fn inputs_each(&self) -> usize {
        if self.depthwise { 1 } else { self.input }
    }
}

/// A convolution with a bias, in f64.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    form: Form,
    /// `[output, inputs of an output, kernel, kernel]`.
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Sum {
    /// The convolution that gives zeros.
    pub(crate) fn zeros(form: Form) -> Self {
        let taps = form.kernel * form.kernel;
        Self {
            form,
            weight: vec![0.0; form.output * form.inputs_each() * taps],
            bias: vec![0.0; form.output],
        }
    }

    /// Its geometry.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Its weights, `[output, inputs of an output, kernel, kernel]`.
    pub(crate) fn weight(&self) -> impl Iterator<Item = f32> {
        self.weight.iter().map(|w| *w as f32)
    }

    /// Its bias.
    pub(crate) fn bias(&self) -> impl Iterator<Item = f32> {
        self.bias.iter().map(|b| *b as f32)
    }

    /// Adds a convolution of the same channels with its own smaller `kernel`, and `norm` after it.
    pub(crate) fn add_convolution(&mut self, kernel: usize, weight: &[f32], norm: Option<&Affine>) {
        let (own, each) = (self.form.kernel, self.form.inputs_each());
        let margin = own.saturating_sub(kernel) / 2;
        for (at, w) in weight.iter().enumerate() {
            let (row, column) = (at / kernel % kernel, at % kernel);
            let plane = at / (kernel * kernel);
            let gain = match norm {
                Some(norm) => norm.gain.get(plane / each.max(1)).copied(),
                None => Some(1.0),
            };
            let place = (plane * own + row + margin) * own + column + margin;
            if let (Some(sum), Some(gain)) = (self.weight.get_mut(place), gain) {
                *sum += f64::from(*w) * gain;
            }
        }
        if let Some(norm) = norm {
            self.add_bias(&norm.shift);
        }
    }

    /// Adds to each output its own input, after `norm` if there is one.
    pub(crate) fn add_identity(&mut self, norm: Option<&Affine>) {
        let (kernel, each) = (self.form.kernel, self.form.inputs_each());
        let middle = kernel / 2 * kernel + kernel / 2;
        for channel in 0..self.form.output {
            let plane = channel * each + if self.form.depthwise { 0 } else { channel };
            let gain = norm.map_or(Some(1.0), |norm| norm.gain.get(channel).copied());
            let sum = self.weight.get_mut(plane * kernel * kernel + middle);
            if let (Some(sum), Some(gain)) = (sum, gain) {
                *sum += gain;
            }
        }
        if let Some(norm) = norm {
            self.add_bias(&norm.shift);
        }
    }

    /// Adds to the bias.
    pub(crate) fn add_bias(&mut self, bias: &[f64]) {
        self.bias
            .iter_mut()
            .zip(bias)
            .for_each(|(sum, b)| *sum += b);
    }

    /// Adds a convolution of the same form.
    pub(crate) fn add(&mut self, other: &Self) {
        let pairs = self.weight.iter_mut().zip(&other.weight);
        pairs.for_each(|(sum, w)| *sum += w);
        self.add_bias(&other.bias);
    }

    /// Multiplies each output by its gain.
    pub(crate) fn scale(&mut self, gains: &[f64]) {
        let each = self.weight.len() / self.form.output.max(1);
        let rows = self.weight.chunks_exact_mut(each.max(1));
        for ((row, bias), gain) in rows.zip(&mut self.bias).zip(gains) {
            row.iter_mut().for_each(|w| *w *= gain);
            *bias *= gain;
        }
    }

    /// Puts a norm before a linear layer: for 1×1 kernels over all inputs only, since elsewhere the
    /// shift would be added beyond the edges too.
    pub(crate) fn after_norm(&mut self, norm: &Affine) {
        let input = self.form.input.max(1);
        let rows = self.weight.chunks_exact_mut(input);
        for (row, bias) in rows.zip(&mut self.bias) {
            for ((w, gain), shift) in row.iter_mut().zip(&norm.gain).zip(&norm.shift) {
                *bias += *w * shift;
                *w *= gain;
            }
        }
    }
}
