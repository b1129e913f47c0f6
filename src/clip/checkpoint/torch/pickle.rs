//! A reader of the pickles in PyTorch's checkpoints, and of nothing else.
//!
//! A pickle is a program for a stack machine. This one runs only the instructions that PyTorch
//! writes for a dict of tensors, and knows only the globals that such a dict needs. Values are
//! small handles to lists that only grow: nothing is ever copied out of the memo, nothing recurses,
//! and each instruction costs a bounded amount of memory.
//!
//! Source: the table of instructions in CPython's `Lib/pickletools.py`.

use std::time::{Duration, Instant};

use candle_core::DType;

/// A dict of a thousand tensors takes 40,000 instructions; with an optimizer's state three times that.
const MAX_INSTRUCTIONS: usize = 1 << 20;
/// Places in all lists, tuples and dicts together.
const MAX_ITEMS: usize = 1 << 20;
const MAX_DEPTH: usize = 64;
const MAX_DIMENSIONS: usize = 8;
const MAX_TIME: Duration = Duration::from_secs(5);

/// Why a pickle is refused, as the rest of a sentence about its file.
pub(super) type Result<T> = std::result::Result<T, String>;

/// A handle to something in a [`Graph`], or something small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `None`, a float, bytes: nothing that weights are found by.
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

/// A row of values somewhere in the file, shared by tensors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Storage<'a> {
    pub(super) key: &'a str,
    pub(super) dtype: DType,
    /// How many values it has.
    pub(super) count: usize,
}

/// How a tensor lies in its storage, in values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TensorLayout {
    pub(super) storage: usize,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

/// All that a pickle builds. Handles are places in these lists.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) sequences: Vec<Vec<Value<'a>>>,
    pub(super) dicts: Vec<Vec<(Value<'a>, Value<'a>)>>,
    pub(super) storages: Vec<Storage<'a>>,
    pub(super) tensors: Vec<TensorLayout>,
}

/// Runs the pickle at the start of `bytes`: what it builds, its result, and how long it is.
pub(super) fn run(bytes: &[u8]) -> Result<(Graph<'_>, Value<'_>, usize)> {
    let mut machine = Machine {
        bytes,
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        items: 0,
        graph: Graph::default(),
    };
    let started = Instant::now();
    for instruction in 0..MAX_INSTRUCTIONS {
        if instruction % 1024 == 0 && started.elapsed() > MAX_TIME {
            return Err("its pickle takes too long".into());
        }
        let code = machine.byte()?;
        if code == b'.' {
            let result = machine.pop()?;
            return Ok((machine.graph, result, machine.at));
        }
        machine.step(code)?;
    }
    Err(format!(
        "its pickle has more than {MAX_INSTRUCTIONS} instructions"
    ))
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value<'a>>,
    /// Where on the stack unfinished lists, tuples and dicts begin.
    marks: Vec<usize>,
    memo: Vec<Option<Value<'a>>>,
    /// How much of [`MAX_ITEMS`] has been used.
    items: usize,
    graph: Graph<'a>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<()> {
        match code {
            // The protocol, and the length of what follows in protocol 4: both tell nothing new.
            0x80 => self.take(1).map(drop),
            0x95 => self.take(8).map(drop),
            b'(' => self.mark(),
            b'0' => self.drop_top(),
            b'1' => self.pop_mark().map(drop),
            b'2' => self.top().map(|top| self.stack.push(top)),
            b'q' | b'r' | 0x94 | b'h' | b'j' => self.memo(code),
            b']' | b')' | b't' | b'l' | 0x85..=0x87 | b'a' | b'e' => self.sequence(code),
            b'}' | b'd' | b's' | b'u' => self.dict(code),
            b'c' | 0x93 => self.global(code),
            b'R' => self.reduce(),
            // The attributes of an OrderedDict: versions of modules, which nothing here needs.
            b'b' => match (self.pop()?, self.top()?) {
                (_, Value::Dict(_)) => Ok(()),
                _ => Err("its pickle sets attributes of something that is no dict".into()),
            },
            b'Q' => self.persistent(),
            _ => {
                let value = self.scalar(code)?;
                self.stack.push(value);
                Ok(())
            }
        }
    }

    fn scalar(&mut self, code: u8) -> Result<Value<'a>> {
        Ok(match code {
            b'N' => Value::Other,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'K' => Value::Integer(self.number(1)? as i64),
            b'M' => Value::Integer(self.number(2)? as i64),
            b'J' => Value::Integer(i64::from(self.number(4)? as u32 as i32)),
            0x8a => {
                let length = self.length(1)?;
                long(self.take(length)?)
            }
            b'G' => {
                self.take(8)?;
                Value::Other
            }
            b'X' => self.text(4)?,
            0x8c | b'U' => self.text(1)?,
            b'T' => self.text(4)?,
            0x8d => self.text(8)?,
            b'C' => self.skip(1)?,
            b'B' => self.skip(4)?,
            0x8e => self.skip(8)?,
            _ => {
                let reason = "its pickle has an instruction that no state dict needs";
                return Err(format!("{reason} ({code:#04x})"));
            }
        })
    }

    fn memo(&mut self, code: u8) -> Result<()> {
        let place = match code {
            b'q' | b'h' => self.length(1)?,
            b'r' | b'j' => self.length(4)?,
            _ => self.memo.len(),
        };
        if matches!(code, b'h' | b'j') {
            let value = self.memo.get(place).copied().flatten();
            self.stack
                .push(value.ok_or("its pickle recalls what it never kept")?);
            return Ok(());
        }
        // PyTorch numbers what it keeps from 0 up, so that a list serves.
        if place > self.memo.len() {
            return Err("its pickle keeps values out of order".into());
        }
        let top = Some(self.top()?);
        match self.memo.get_mut(place) {
            Some(kept) => *kept = top,
            None => self.memo.push(top),
        }
        Ok(())
    }

    fn sequence(&mut self, code: u8) -> Result<()> {
        let items = match code {
            b']' | b')' => Vec::new(),
            0x85..=0x87 => {
                let count = usize::from(code - 0x84);
                let start = self.stack.len().checked_sub(count).ok_or_else(empty)?;
                self.cut(start)?
            }
            b'a' => vec![self.pop()?],
            _ => self.pop_mark()?,
        };
        self.spend(items.len() + 1)?;
        if matches!(code, b'a' | b'e') {
            let Value::Sequence(list) = self.top()? else {
                return Err("its pickle appends to something that is no list".into());
            };
            let list = self.graph.sequences.get_mut(list).ok_or_else(empty)?;
            list.extend(items);
        } else {
            self.graph.sequences.push(items);
            let list = Value::Sequence(self.graph.sequences.len() - 1);
            self.stack.push(list);
        }
        Ok(())
    }

    fn dict(&mut self, code: u8) -> Result<()> {
        let items = match code {
            b'}' => Vec::new(),
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.pop_mark()?,
        };
        if matches!(code, b'}' | b'd') {
            self.push_dict()?;
        }
        let Value::Dict(dict) = self.top()? else {
            return Err("its pickle sets entries of something that is no dict".into());
        };
        self.extend_dict(dict, &items)
    }

    fn push_dict(&mut self) -> Result<()> {
        self.spend(1)?;
        self.graph.dicts.push(Vec::new());
        self.stack.push(Value::Dict(self.graph.dicts.len() - 1));
        Ok(())
    }

    fn extend_dict(&mut self, dict: usize, items: &[Value<'a>]) -> Result<()> {
        self.spend(items.len())?;
        let dict = self.graph.dicts.get_mut(dict).ok_or_else(empty)?;
        let (pairs, rest) = items.as_chunks::<2>();
        dict.extend(pairs.iter().map(|[key, value]| (*key, *value)));
        match rest {
            [] => Ok(()),
            _ => Err("its pickle has a key without a value".into()),
        }
    }

    fn global(&mut self, code: u8) -> Result<()> {
        let (module, name) = if code == b'c' {
            (self.line()?, self.line()?)
        } else {
            match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => (module, name),
                _ => return Err("its pickle names a global without a name".into()),
            }
        };
        self.stack.push(Value::Global(known(module, name)?));
        Ok(())
    }

    /// Calls a global.
    fn reduce(&mut self) -> Result<()> {
        let arguments = match self.pop()? {
            Value::Sequence(list) => self.graph.sequences.get(list).ok_or_else(empty)?,
            _ => return Err("its pickle calls without arguments".into()),
        };
        match self.stack.pop().ok_or_else(empty)? {
            Value::Global(Global::RebuildTensor) => {
                let tensor = self.tensor(arguments)?;
                self.spend(2 * tensor.shape.len() + 1)?;
                self.graph.tensors.push(tensor);
                let tensor = Value::Tensor(self.graph.tensors.len() - 1);
                self.stack.push(tensor);
                Ok(())
            }
            Value::Global(Global::RebuildParameter) => match arguments.first() {
                Some(tensor @ Value::Tensor(_)) => {
                    self.stack.push(*tensor);
                    Ok(())
                }
                _ => Err("it holds a parameter that is no tensor".into()),
            },
            Value::Global(Global::OrderedDict) => {
                let pairs = match *arguments.as_slice() {
                    [] => Vec::new(),
                    [Value::Sequence(list)] => self.pairs(list)?,
                    _ => return Err("it makes a dict of something that is no list".into()),
                };
                self.push_dict()?;
                self.extend_dict(self.graph.dicts.len() - 1, &pairs)
            }
            _ => Err("its pickle calls something that cannot be called".into()),
        }
    }

    /// Keys and values by turns, from a list of pairs.
    fn pairs(&self, list: usize) -> Result<Vec<Value<'a>>> {
        let list = self.graph.sequences.get(list).ok_or_else(empty)?;
        if self.items + 2 * list.len() > MAX_ITEMS {
            return Err(too_large());
        }
        let mut flat = Vec::with_capacity(2 * list.len());
        for pair in list {
            let pair = match pair {
                Value::Sequence(pair) => self.graph.sequences.get(*pair),
                _ => None,
            };
            match pair.map(Vec::as_slice) {
                Some([key, value]) => flat.extend([*key, *value]),
                _ => return Err("it makes a dict of something that is no pair".into()),
            }
        }
        Ok(flat)
    }

    /// `_rebuild_tensor_v2(storage, offset, shape, strides, …)`.
    fn tensor(&self, arguments: &[Value<'a>]) -> Result<TensorLayout> {
        let [
            Value::Storage(storage),
            Value::Integer(offset),
            Value::Sequence(shape),
            Value::Sequence(strides),
            ..,
        ] = *arguments
        else {
            return Err("it holds a tensor without storage, offset, shape or strides".into());
        };
        Ok(TensorLayout {
            storage,
            offset: usize::try_from(offset).map_err(|_| negative())?,
            shape: self.numbers(shape)?,
            strides: self.numbers(strides)?,
        })
    }

    fn numbers(&self, list: usize) -> Result<Vec<usize>> {
        let list = self.graph.sequences.get(list).ok_or_else(empty)?;
        if list.len() > MAX_DIMENSIONS {
            return Err(format!("it holds a tensor of {} dimensions", list.len()));
        }
        let number = |value: &Value| match value {
            Value::Integer(n) => usize::try_from(*n).map_err(|_| negative()),
            _ => Err("it holds a tensor whose shape or strides are no numbers".into()),
        };
        list.iter().map(number).collect()
    }

    /// `("storage", type, key, device, count)`.
    fn persistent(&mut self) -> Result<()> {
        let wrong = || "it refers to something that is no storage of a tensor".to_owned();
        let Value::Sequence(list) = self.pop()? else {
            return Err(wrong());
        };
        let list = self.graph.sequences.get(list).ok_or_else(empty)?;
        let storage = match *list.as_slice() {
            [
                Value::Text("storage"),
                Value::Global(Global::Storage(dtype)),
                Value::Text(key),
                _,
                Value::Integer(count),
            ]
            // Only the form before 1.6 has a view, and only for storages within storages.
            | [
                Value::Text("storage"),
                Value::Global(Global::Storage(dtype)),
                Value::Text(key),
                _,
                Value::Integer(count),
                Value::Other,
            ] => {
                let count = usize::try_from(count).map_err(|_| negative())?;
                Storage { key, dtype, count }
            }
            _ => return Err(wrong()),
        };
        self.spend(1)?;
        self.graph.storages.push(storage);
        let storage = Value::Storage(self.graph.storages.len() - 1);
        self.stack.push(storage);
        Ok(())
    }

    fn mark(&mut self) -> Result<()> {
        if self.marks.len() >= MAX_DEPTH {
            return Err(format!("its pickle is nested more than {MAX_DEPTH} deep"));
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn pop_mark(&mut self) -> Result<Vec<Value<'a>>> {
        let mark = self.marks.pop().ok_or_else(empty)?;
        self.cut(mark)
    }

    /// Takes off what lies on the stack from `start` on.
    fn cut(&mut self, start: usize) -> Result<Vec<Value<'a>>> {
        // What began before the last mark is not finished yet.
        if start > self.stack.len() || self.marks.last().is_some_and(|mark| *mark > start) {
            return Err(empty());
        }
        Ok(self.stack.split_off(start))
    }

    fn drop_top(&mut self) -> Result<()> {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    fn pop(&mut self) -> Result<Value<'a>> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn top(&self) -> Result<Value<'a>> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.last() {
            Some(top) if self.stack.len() > floor => Ok(*top),
            _ => Err(empty()),
        }
    }

    fn spend(&mut self, items: usize) -> Result<()> {
        self.items += items;
        match self.items > MAX_ITEMS {
            true => Err(too_large()),
            false => Ok(()),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let taken = rest.get(..length).ok_or("its pickle ends too early")?;
        self.at += length;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take(1).map(|b| b.first().copied().unwrap_or(0))
    }

    /// An unsigned number of `width` bytes, the lowest first.
    fn number(&mut self, width: usize) -> Result<u64> {
        let bytes = self.take(width)?;
        Ok(bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    fn length(&mut self, width: usize) -> Result<usize> {
        let length = self.number(width)?;
        usize::try_from(length).map_err(|_| "its pickle ends too early".into())
    }

    fn text(&mut self, width: usize) -> Result<Value<'a>> {
        let length = self.length(width)?;
        let text = std::str::from_utf8(self.take(length)?);
        text.map(Value::Text)
            .map_err(|_| "its pickle has a text that is not UTF-8".into())
    }

    fn skip(&mut self, width: usize) -> Result<Value<'a>> {
        let length = self.length(width)?;
        self.take(length).map(|_| Value::Other)
    }

    fn line(&mut self) -> Result<&'a str> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let end = memchr::memchr(b'\n', rest).ok_or("its pickle ends too early")?;
        let line = self.take(end)?;
        self.take(1)?;
        std::str::from_utf8(line).map_err(|_| "its pickle has a name that is not UTF-8".into())
    }
}

/// What a global stands for. Each of Python's could run code of anybody's choice: none is looked
/// up, and only these are known.
fn known(module: &str, name: &str) -> Result<Global> {
    let storage = |dtype| Ok(Global::Storage(dtype));
    match (module, name) {
        ("collections", "OrderedDict") => Ok(Global::OrderedDict),
        ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Ok(Global::RebuildTensor),
        ("torch._utils", "_rebuild_parameter") => Ok(Global::RebuildParameter),
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

fn long(bytes: &[u8]) -> Value<'static> {
    if bytes.len() > size_of::<i64>() {
        return Value::Other;
    }
    let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
    let fill = if negative { -1 } else { 0 };
    Value::Integer(bytes.iter().rev().fold(fill, |n, b| n << 8 | i64::from(*b)))
}

fn empty() -> String {
    "its pickle takes more than it has put down".into()
}

fn negative() -> String {
    "it holds a tensor of negative size or place".into()
}

fn too_large() -> String {
    format!("its pickle builds more than {MAX_ITEMS} values")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        match run(bytes) {
            Ok((_, value, _)) => panic!("{value:?}"),
            Err(reason) => reason,
        }
    }

    #[test]
    fn values_are_built_as_python_builds_them() {
        let pickle = b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x05X\x01\x00\x00\x00b\x8a\x01\xffu.rest";
        let (graph, value, length) = run(pickle).unwrap();
        assert_eq!(value, Value::Dict(0));
        let entry = |key, value| (Value::Text(key), Value::Integer(value));
        assert_eq!(graph.dicts, [vec![entry("a", 5), entry("b", -1)]]);
        assert_eq!(length, pickle.len() - b"rest".len());
        let pickle = b"ccollections\nOrderedDict\n](U\x01aK\x07\x86e\x85R}b.";
        let (graph, value, _) = run(pickle).unwrap();
        assert_eq!(value, Value::Dict(0));
        assert_eq!(graph.dicts[0], [entry("a", 7)]);
    }

    #[test]
    fn other_globals_are_named() {
        let text = refusal(b"cos\nsystem\n(X\x02\x00\x00\x00lstR.");
        assert!(text.contains("`os.system`"), "{text}");
        let text = refusal(b"\x8c\x08builtins\x8c\x04eval\x93.");
        assert!(text.contains("`builtins.eval`"), "{text}");
    }

    #[test]
    fn a_memo_that_doubles_costs_what_its_instructions_cost() {
        let mut bytes = b"\x80\x02K\x00q\x00".to_vec();
        for i in 0..200u8 {
            bytes.extend([b'h', i, b'h', i, 0x86, b'q', i + 1]);
        }
        bytes.push(b'.');
        let (graph, value, _) = run(&bytes).unwrap();
        assert_eq!(value, Value::Sequence(199));
        assert_eq!(graph.sequences.iter().map(Vec::len).sum::<usize>(), 400);
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        assert!(refusal(&b"]".repeat(MAX_INSTRUCTIONS + 1)).contains("instructions"));
        assert!(refusal(&b"N".repeat(MAX_INSTRUCTIONS + 1)).contains("instructions"));
        assert!(refusal(&b"(".repeat(MAX_DEPTH + 1)).contains("deep"));
        // One long list, made a dict again and again.
        let mut list = b"](".to_vec();
        for _ in 0..1000 {
            list.extend(b"NN\x86");
        }
        list.extend(b"e\x85q\x00");
        for _ in 0..1000 {
            list.extend(b"ccollections\nOrderedDict\nh\x00R");
        }
        assert!(refusal(&list).contains("values"));
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic() {
        for bytes in [
            &b""[..],
            b".",
            b"0.",
            b"(t",
            b"(0.",
            b"1",
            b"a",
            b"Na",
            b"NNs",
            b"}Nu",
            b"}(Nu.",
            b"N(\x85",
            b"h\x00",
            b"Nq\x05",
            b"NQ",
            b"NNR",
            b"\x8a\xff",
            b"X\xff\xff\xff\xff",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xff",
            b"ccollections",
            b"Nb",
        ] {
            assert!(run(bytes).is_err(), "{bytes:?}");
        }
    }
}
