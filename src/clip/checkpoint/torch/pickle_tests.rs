//! Which pickles run, and which are refused.

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
    // One long list, turned into a dict again and again.
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
