//! Reads only the pickles in PyTorch's checkpoints.
//!
//! A pickle is a program for a stack machine. This one runs only the instructions that PyTorch
//! writes for a dict of tensors, and knows only the globals that such a dict needs. Values are
//! small handles to lists that only grow: nothing is copied out of the memo, nothing recurses, and
//! each instruction costs a bounded amount of memory.
//!
//! Source: the table of instructions in CPython's `Lib/pickletools.py`.

use std::time::{Duration, Instant};

use crate::clip::checkpoint::torch::pickle_bytes::Input;
use crate::clip::checkpoint::torch::pickle_graph::{
    Global, Graph, MAX_ITEMS, Result, Storage, TensorLayout, Value, empty, negative, too_large,
};

/// A dict of a thousand tensors takes 40,000 instructions; with an optimizer's state three times as
/// many.
const MAX_INSTRUCTIONS: usize = 1 << 20;
const MAX_DEPTH: usize = 64;
const MAX_TIME: Duration = Duration::from_secs(5);

/// Runs the pickle at the start of `bytes`. Returns the graph that it builds, its result, and its
/// length.
pub(super) fn run(bytes: &[u8]) -> Result<(Graph<'_>, Value<'_>, usize)> {
    let mut machine = Machine {
        input: Input { bytes, at: 0 },
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
        let code = machine.input.byte()?;
        if code == b'.' {
            let result = machine.pop()?;
            return Ok((machine.graph, result, machine.input.at));
        }
        machine.step(code)?;
    }
    Err(format!(
        "its pickle has more than {MAX_INSTRUCTIONS} instructions"
    ))
}

struct Machine<'a> {
    input: Input<'a>,
    stack: Vec<Value<'a>>,
    /// The starts of unfinished lists, tuples and dicts on the stack.
    marks: Vec<usize>,
    memo: Vec<Option<Value<'a>>>,
    /// The part of [`MAX_ITEMS`] used so far.
    items: usize,
    graph: Graph<'a>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<()> {
        match code {
            // The protocol, and the length of a frame in protocol 4: neither is needed.
            0x80 => self.input.take(1).map(drop),
            0x95 => self.input.take(8).map(drop),
            b'(' => self.mark(),
            b'0' => self.drop_top(),
            b'1' => self.pop_mark().map(drop),
            b'2' => self.top().map(|top| self.stack.push(top)),
            b'q' | b'r' | 0x94 | b'h' | b'j' => self.memo(code),
            b']' | b')' | b't' | b'l' | 0x85..=0x87 | b'a' | b'e' => self.sequence(code),
            b'}' | b'd' | b's' | b'u' => self.dict(code),
            b'c' | 0x93 => self.global(code),
            b'R' => self.reduce(),
            // The attributes of an OrderedDict: versions of modules, which are not needed.
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
            b'K' => Value::Integer(self.input.number(1)? as i64),
            b'M' => Value::Integer(self.input.number(2)? as i64),
            b'J' => Value::Integer(i64::from(self.input.number(4)? as u32 as i32)),
            0x8a => {
                let length = self.input.length(1)?;
                Value::long(self.input.take(length)?)
            }
            b'G' => {
                self.input.take(8)?;
                Value::Other
            }
            b'X' => Value::Text(self.input.text(4)?),
            0x8c | b'U' => Value::Text(self.input.text(1)?),
            b'T' => Value::Text(self.input.text(4)?),
            0x8d => Value::Text(self.input.text(8)?),
            b'C' => self.input.skip(1).map(|()| Value::Other)?,
            b'B' => self.input.skip(4).map(|()| Value::Other)?,
            0x8e => self.input.skip(8).map(|()| Value::Other)?,
            _ => {
                let reason = "its pickle has an instruction that no state dict needs";
                return Err(format!("{reason} ({code:#04x})"));
            }
        })
    }

    fn memo(&mut self, code: u8) -> Result<()> {
        let place = match code {
            b'q' | b'h' => self.input.length(1)?,
            b'r' | b'j' => self.input.length(4)?,
            _ => self.memo.len(),
        };
        if matches!(code, b'h' | b'j') {
            let value = self.memo.get(place).copied().flatten();
            self.stack
                .push(value.ok_or("its pickle recalls what it never kept")?);
            return Ok(());
        }
        // PyTorch numbers the memo from 0 up, so a list is enough.
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
            (self.input.line()?, self.input.line()?)
        } else {
            match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => (module, name),
                _ => return Err("its pickle names a global without a name".into()),
            }
        };
        self.stack.push(Value::Global(Global::known(module, name)?));
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
                    [Value::Sequence(list)] => self.graph.pairs(list, self.items)?,
                    _ => return Err("it makes a dict of something that is no list".into()),
                };
                self.push_dict()?;
                self.extend_dict(self.graph.dicts.len() - 1, &pairs)
            }
            _ => Err("its pickle calls something that cannot be called".into()),
        }
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
            shape: self.graph.numbers(shape)?,
            strides: self.graph.numbers(strides)?,
        })
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
            // Only the format before 1.6 has a view, and only for storages within storages.
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

    /// Removes everything on the stack from `start` on.
    fn cut(&mut self, start: usize) -> Result<Vec<Value<'a>>> {
        // Whatever began before the last mark is not finished yet.
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
}

#[cfg(test)]
#[path = "pickle_tests.rs"]
mod tests;
