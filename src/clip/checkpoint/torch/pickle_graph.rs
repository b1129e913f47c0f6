//! The objects that the pickles of PyTorch's checkpoints build.

use candle_core::DType;

/// The most items in all lists, tuples and dicts together.
pub(super) const MAX_ITEMS: usize = 1 << 20;
const MAX_DIMENSIONS: usize = 8;

/// Why a pickle is refused, as the rest of a sentence about its file.
pub(super) type Result<T> = std::result::Result<T, String>;

/// A handle to something in a [`Graph`], or a small value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `None`, a float, bytes: values that weights do not need.
    Other,
    Bool(bool),
    Integer(i64),
    Text(&'a str),
    Sequence(usize),
    Dict(usize),
    Global(Global),
    Storage(usize),
    Tensor(usize),
}

/// The globals that a dict of tensors needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage(DType),
}

/// A sequence of values in the file, shared by tensors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Storage<'a> {
    pub(super) key: &'a str,
    pub(super) dtype: DType,
    /// The number of values.
    pub(super) count: usize,
}

/// The layout of a tensor in its storage, in values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TensorLayout {
    pub(super) storage: usize,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

/// Everything that a pickle builds. Handles are indices into these lists.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) sequences: Vec<Vec<Value<'a>>>,
    pub(super) dicts: Vec<Vec<(Value<'a>, Value<'a>)>>,
    pub(super) storages: Vec<Storage<'a>>,
    pub(super) tensors: Vec<TensorLayout>,
}

impl Global {
    /// Recognises a global. Any of Python's globals could run arbitrary code, so none is looked up,
    /// and only these are known.
    pub(super) fn known(module: &str, name: &str) -> Result<Self> {
        let storage = |dtype| Ok(Self::Storage(dtype));
        match (module, name) {
            ("collections", "OrderedDict") => Ok(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Ok(Self::RebuildTensor),
            ("torch._utils", "_rebuild_parameter") => Ok(Self::RebuildParameter),
            ("torch", "FloatStorage") => storage(DType::F32),
            ("torch", "HalfStorage") => storage(DType::F16),
            ("torch", "BFloat16Storage") => storage(DType::BF16),
            ("torch", "DoubleStorage") => storage(DType::F64),
            ("torch", "LongStorage") => storage(DType::I64),
            ("torch", "IntStorage") => storage(DType::I32),
            ("torch", "ShortStorage") => storage(DType::I16),
            // Masks of these types are never read: any type of one byte will do.
            ("torch", "ByteStorage" | "CharStorage" | "BoolStorage") => storage(DType::U8),
            _ => {
                let name: String = format!("{module}.{name}").chars().take(100).collect();
                Err(format!(
                    "it needs `{}`, which no state dict of weights does: save the model's state_dict \
                     alone, or take safetensors",
                    name.escape_debug()
                ))
            }
        }
    }
}

impl<'a> Graph<'a> {
    /// Returns alternating keys and values from a list of pairs, if `spent` items are already used.
    pub(super) fn pairs(&self, list: usize, spent: usize) -> Result<Vec<Value<'a>>> {
        let list = self.sequences.get(list).ok_or_else(empty)?;
        if spent + 2 * list.len() > MAX_ITEMS {
            return Err(too_large());
        }
        let mut flat = Vec::with_capacity(2 * list.len());
        for pair in list {
            let pair = match pair {
                Value::Sequence(pair) => self.sequences.get(*pair),
                _ => None,
            };
            match pair.map(Vec::as_slice) {
                Some([key, value]) => flat.extend([*key, *value]),
                _ => return Err("it makes a dict of something that is no pair".into()),
            }
        }
        Ok(flat)
    }

    pub(super) fn numbers(&self, list: usize) -> Result<Vec<usize>> {
        let list = self.sequences.get(list).ok_or_else(empty)?;
        if list.len() > MAX_DIMENSIONS {
            return Err(format!("it holds a tensor of {} dimensions", list.len()));
        }
        let number = |value: &Value| match value {
            Value::Integer(n) => usize::try_from(*n).map_err(|_| negative()),
            _ => Err("it holds a tensor whose shape or strides are no numbers".into()),
        };
        list.iter().map(number).collect()
    }
}

impl Value<'_> {
    /// A long integer, little-endian; one longer than weights need becomes [`Value::Other`].
    pub(super) fn long(bytes: &[u8]) -> Self {
        if bytes.len() > size_of::<i64>() {
            return Self::Other;
        }
        let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
        let fill = if negative { -1 } else { 0 };
        Self::Integer(bytes.iter().rev().fold(fill, |n, b| n << 8 | i64::from(*b)))
    }
}

pub(super) fn empty() -> String {
    "its pickle takes more than it has put down".into()
}

pub(super) fn negative() -> String {
    "it holds a tensor of negative size or place".into()
}

pub(super) fn too_large() -> String {
    format!("its pickle builds more than {MAX_ITEMS} values")
}
