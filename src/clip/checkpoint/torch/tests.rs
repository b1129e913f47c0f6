use std::fs;

use super::*;
use crate::clip::checkpoint::read_tensors;

/// `torch.save({"a": torch.tensor([[1., 2.], [3., 4.]]), "b": …}, …, _use_new_zipfile_serialization=False)`
/// of torch 2.15, in hexadecimal.
const LEGACY: &str = include_str!("../../../../tests/golden/torch_legacy.hex");
const ZIP: &[u8] = include_bytes!("../../../../tests/golden/pytorch.bin");

fn legacy() -> Vec<u8> {
    let digits: Vec<u8> = LEGACY.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn read(bytes: &[u8]) -> Result<HashMap<String, Tensor>, ModelError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.pt");
    fs::write(&path, bytes).unwrap();
    read_tensors(&path)
}

#[test]
fn reads_what_torch_saved_before_1_6() {
    let tensors = read(&legacy()).unwrap();
    assert_eq!(
        tensors["a"].to_vec2::<f32>().unwrap(),
        [[1.0, 2.0], [3.0, 4.0]]
    );
    assert_eq!(
        tensors["b"].to_vec2::<f32>().unwrap(),
        [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    );
}

#[test]
fn every_truncation_is_an_error() {
    let saved = legacy();
    for end in 0..saved.len() {
        assert!(read(&saved[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_flipped_bit_in_an_archive_is_found() {
    let whole = read(ZIP).unwrap();
    let mut unnoticed = 0;
    for at in (0..ZIP.len()).step_by(ZIP.len() / 200) {
        let mut broken = ZIP.to_vec();
        broken[at] ^= 4;
        if let Ok(tensors) = read(&broken) {
            let value = |t: &Tensor| format!("{t}");
            let same = tensors
                .iter()
                .all(|(name, t)| value(t) == value(&whole[name]));
            unnoticed += usize::from(!same);
        }
    }
    assert_eq!(unnoticed, 0);
}

/// A pickle in the format before 1.6, without storages.
fn with_pickle(pickle: &[u8]) -> Vec<u8> {
    let mut bytes = legacy()[..15 + 6].to_vec();
    bytes.extend(b"\x80\x02}.");
    bytes.extend(pickle);
    bytes.extend(b"\x80\x02].");
    bytes
}

#[test]
fn the_memo_is_never_copied() {
    // Forty pairs, each of the previous pair twice: copying would take 2⁴⁰ values.
    let mut pickle = b"\x80\x02K\x00q\x00".to_vec();
    for i in 0..40u8 {
        pickle.extend([b'h', i, b'h', i, 0x86, b'q', i + 1]);
    }
    pickle.extend(b"0}X\x01\x00\x00\x00ah\x28s.");
    let error = read(&with_pickle(&pickle)).unwrap_err().to_string();
    assert!(error.contains("saved.pt"), "{error}");
    assert!(error.contains("without a state dict"), "{error}");
}

#[test]
fn tensors_outside_their_storage_and_foreign_globals_are_named() {
    let tensor = |count: u8, offset: u8, stride: u8| {
        let mut pickle =
            b"\x80\x02}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n((".to_vec();
        pickle.extend(b"U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK");
        pickle.extend([
            count, b't', b'Q', b'K', offset, b'K', 3, 0x85, b'K', stride, 0x85,
        ]);
        pickle.extend(b"\x89}tRs.");
        read(&with_pickle(&pickle)).unwrap_err().to_string()
    };
    for (count, offset, stride) in [(2, 0, 1), (3, 1, 1), (3, 0, 2)] {
        let error = tensor(count, offset, stride);
        assert!(error.contains("`a` lies outside"), "{error}");
    }
    // A valid tensor only lacks its storage, because there are none.
    assert!(tensor(3, 0, 1).contains("`a` has no storage"));
    let error = read(&with_pickle(b"cposix\nsystem\n(U\x02lstR.")).unwrap_err();
    assert!(error.to_string().contains("`posix.system`"), "{error}");
}

#[test]
fn a_file_that_is_cut_short_while_it_is_open_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("zip.bin", ZIP.to_vec()),
        ("legacy.pt", legacy()),
        (
            "model.safetensors",
            include_bytes!("../../../../tests/golden/vit.safetensors").to_vec(),
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let checkpoint = crate::clip::checkpoint::Checkpoint::open(&path).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(10).unwrap();
        for (tensor, info) in checkpoint.tensors() {
            assert!(checkpoint.read(tensor).is_err(), "{tensor}");
            let mut out = vec![0.0; info.shape.iter().product()];
            let read = checkpoint.read_to(tensor, &mut out);
            assert!(!read.is_ok_and(|read| read), "{tensor}");
        }
    }
}
