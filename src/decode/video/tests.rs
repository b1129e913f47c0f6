//! Videos are put together here around a key frame: of H.265 from a HEIC file, else a JPEG.

use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::Property;

use super::*;
use crate::decode::test_boxes::boxed;

fn longs(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// How the video is built.
struct Built<'a> {
    codec: &'a [u8; 4],
    size: (u16, u16),
    /// Boxes after the sample entry's own fields.
    configuration: Vec<u8>,
    /// The samples before the key frame, all in its chunk.
    before: &'a [&'a [u8]],
    key_frame: &'a [u8],
    /// a, b, c, d of the matrix.
    matrix: [i32; 4],
}

/// The number of the track of pictures.
const TRACK: u32 = 7;

impl Built<'_> {
    fn file(&self) -> Vec<u8> {
        let start = boxed(b"ftyp", &[b"isom\0\0\0\0"]);
        let samples = [self.before, &[self.key_frame]].concat();
        let media = boxed(b"mdat", &samples);
        let sizes: Vec<u32> = samples.iter().map(|s| s.len() as u32).collect();
        let count = sizes.len() as u32;
        let tables = [
            boxed(b"stss", &[&longs(&[0, 1, count])]),
            boxed(b"stsc", &[&longs(&[0, 1, 1, count, 1])]),
            boxed(b"stsz", &[&longs(&[0, 0, count]), &longs(&sizes)]),
            boxed(b"stco", &[&longs(&[0, 1, start.len() as u32 + 8])]),
        ];
        [start, media, self.movie(&tables.concat(), &[])].concat()
    }

    /// A movie without samples of its own, before fragments.
    fn fragmented(&self, defaults: (u32, u32), fragments: &[Fragment<'_>]) -> Vec<u8> {
        let tables = [
            boxed(b"stts", &[&longs(&[0, 0])]),
            boxed(b"stsc", &[&longs(&[0, 0])]),
            boxed(b"stsz", &[&longs(&[0, 0, 0])]),
            boxed(b"stco", &[&longs(&[0, 0])]),
        ];
        let (size, flags) = defaults;
        let other = boxed(b"trex", &[&longs(&[0, TRACK + 1, 1, 0, 1, NO_KEY_FRAME])]);
        let own = boxed(b"trex", &[&longs(&[0, TRACK, 1, 0, size, flags])]);
        let extended = boxed(b"mvex", &[&other, &own]);
        let mut file = boxed(b"ftyp", &[b"iso6\0\0\0\0"]);
        file.extend(self.movie(&tables.concat(), &extended));
        for fragment in fragments {
            file.extend(fragment.at(file.len() as u32));
        }
        file
    }

    fn movie(&self, tables: &[u8], more: &[u8]) -> Vec<u8> {
        let [a, b, c, d] = self.matrix.map(|v| (v << 16) as u32);
        let matrix = longs(&[a, b, 0, c, d, 0, 0, 0, 1 << 30]);
        let header = [&[0; 12][..], &longs(&[TRACK]), &[0; 24], &matrix, &[0; 8]];
        let header = boxed(b"tkhd", &header);
        let (width, height) = (self.size.0.to_be_bytes(), self.size.1.to_be_bytes());
        let entry = boxed(
            self.codec,
            &[&[0; 24], &width, &height, &[0; 50], &self.configuration],
        );
        let described = boxed(b"stsd", &[&longs(&[0, 1]), &entry]);
        let table = boxed(b"stbl", &[&described, tables]);
        let handler = boxed(b"hdlr", &[&[0; 8], b"vide", &[0; 12]]);
        let media_header = boxed(b"mdia", &[&handler, &boxed(b"minf", &[&table])]);
        let sound = boxed(
            b"trak",
            &[&boxed(b"mdia", &[&boxed(b"hdlr", &[&[0; 8], b"soun"])])],
        );
        let track = boxed(b"trak", &[&header, &media_header]);
        boxed(b"moov", &[&sound, &track, more])
    }
}

/// The flags of a sample that is no key frame.
const NO_KEY_FRAME: u32 = 0x1_0000;

/// A piece of a video, with the fields of its headers behind those that each has.
#[derive(Clone)]
struct Fragment<'a> {
    track: u32,
    header: (u32, Vec<u32>),
    run: (u32, u32, Vec<u32>),
    samples: Vec<&'a [u8]>,
}

/// A fragment of the track of pictures.
fn fragment<'a>(
    header: (u32, &[u32]),
    run: (u32, u32, &[u32]),
    samples: &[&'a [u8]],
) -> Fragment<'a> {
    Fragment {
        track: TRACK,
        header: (header.0, header.1.to_vec()),
        run: (run.0, run.1, run.2.to_vec()),
        samples: samples.to_vec(),
    }
}

impl Fragment<'_> {
    fn at(&self, place: u32) -> Vec<u8> {
        let ((header, its_fields), (run, count, fields)) = (&self.header, &self.run);
        let base: &[u32] = match header & 1 {
            0 => &[],
            _ => &[0, place],
        };
        let described = |offset: u32| {
            let header = [
                longs(&[*header, self.track]),
                longs(base),
                longs(its_fields),
            ];
            let header = boxed(b"tfhd", &[&header.concat()]);
            let run = boxed(b"trun", &[&longs(&[*run, *count, offset]), &longs(fields)]);
            let number = boxed(b"mfhd", &[&[0; 8]]);
            boxed(b"moof", &[&number, &boxed(b"traf", &[&header, &run])])
        };
        let offset = described(0).len() as u32 + 8;
        [described(offset), boxed(b"mdat", &self.samples)].concat()
    }
}

fn allowed() -> Limits {
    Limits {
        videos: true,
        ..Limits::default()
    }
}

/// A HEIC file's configuration and its sample.
fn of_heic(name: &str) -> (Vec<u8>, Vec<u8>, (u32, u32)) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(root.join("tests/golden/preprocess/source").join(name)).unwrap();
    let file = HeifFile::parse(&bytes).unwrap();
    let id = file.primary_id;
    let size = file.image_size(id).unwrap().unwrap();
    let has_configuration = file
        .item_properties(id)
        .unwrap()
        .any(|p| matches!(p, Property::HevcConfig(_)));
    assert!(has_configuration);
    let at = memchr::memmem::find(&bytes, b"hvcC").unwrap();
    let length = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
    let configuration = bytes[at - 4..at - 4 + length].to_vec();
    (
        configuration,
        file.item_data(id).unwrap().into_owned(),
        size,
    )
}

#[test]
fn a_key_frame_of_h265_is_found_behind_others_and_turned() {
    let (configuration, sample, (width, height)) = of_heic("subsampled.heic");
    let built = Built {
        codec: b"hvc1",
        size: (width as u16, height as u16),
        configuration,
        before: &[b"no key frame", b"nor this"],
        key_frame: &sample,
        matrix: [1, 0, 0, 1],
    };
    let upright = decode(&built.file(), &allowed()).unwrap().pixels;
    assert_eq!((upright.width(), upright.height()), (width, height));
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let photo = root.join("tests/golden/preprocess/source/subsampled.heic");
    let photo = crate::decode::load(&photo, &Limits::default()).unwrap();
    let apart = upright
        .data()
        .iter()
        .zip(photo.data())
        .map(|(a, b)| u64::from(a.abs_diff(*b)));
    // A video says nothing of its range and its matrix, so that these are guessed.
    assert!(apart.sum::<u64>() < 20 * upright.data().len() as u64);
    let turned = Built {
        matrix: [0, 1, -1, 0],
        ..built
    };
    let turned = decode(&turned.file(), &allowed()).unwrap().pixels;
    let expected = orientation::upright(width, height, upright.into_data(), Orientation::Rotate90);
    assert!(expected.unwrap() == turned);
}

/// What `scene` in `tests/golden/preprocess_reference.py` draws, of which the seeds are videos.
fn scene(width: u32, height: u32) -> Vec<u8> {
    let pixel = |at: u32| {
        let (u, v) = (
            f64::from(at % width) / f64::from(width - 1),
            f64::from(at / width) / f64::from(height - 1),
        );
        let rings = 0.5 + 0.5 * (14.0 * (u - 0.3).hypot(v - 0.4)).cos();
        let rgb = match u < 0.35 && v < 0.25 {
            true => [0.9, 0.1, 0.2],
            false => [u, 0.7 * rings + 0.3 * v, 1.0 - 0.8 * v * u],
        };
        rgb.map(|v| (v * 255.0).round() as u8)
    };
    (0..width * height).flat_map(pixel).collect()
}

#[test]
fn videos_of_other_programs_show_their_first_picture() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/decode");
    for name in ["h264.mp4", "h264-fragmented.mp4", "h265.mov", "mjpeg.mov"] {
        let found = crate::decode::load(&folder.join(name), &allowed()).unwrap();
        assert_eq!((found.width(), found.height()), (128, 96));
        let expected = scene(128, 96);
        let apart = found.data().iter().zip(&expected);
        let sum: u64 = apart.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = sum as f64 / expected.len() as f64;
        // Colours are stored for four pixels together.
        assert!(mean < 3.5, "{name}: {mean:.2}");
    }
}

#[test]
fn videos_are_read_only_where_they_are_wanted() {
    let mut jpeg = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
    let colour = image::ExtendedColorType::L8;
    encoder.encode(&[90; 32 * 16], 32, 16, colour).unwrap();
    let built = Built {
        codec: b"jpeg",
        size: (32, 16),
        configuration: Vec::new(),
        before: &[],
        key_frame: &jpeg,
        matrix: [0, -1, 1, 0],
    };
    let file = built.file();
    let name = std::path::Path::new("clip.mov");
    let load = |limits: &Limits| crate::decode::load::load_bytes(name, &file, limits);
    let refused = load(&Limits::default()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("a video"), "{refused}");
    let poster = load(&allowed()).unwrap().pixels;
    assert_eq!((poster.width(), poster.height()), (16, 32));
    assert!(poster.data().iter().all(|v| v.abs_diff(90) < 3));
    let unknown = Built {
        codec: b"vp09",
        ..built
    };
    let refused = decode(&unknown.file(), &allowed()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("vp09"), "{refused}");
}

#[test]
fn sizes_are_refused_before_anything_is_decoded() {
    let (configuration, sample, _) = of_heic("subsampled.heic");
    let built = |size| Built {
        codec: b"hvc1",
        size,
        configuration: configuration.clone(),
        before: &[],
        key_frame: &sample,
        matrix: [1, 0, 0, 1],
    };
    let fault = |size| {
        decode(&built(size).file(), &allowed())
            .map(|_| ())
            .unwrap_err()
    };
    assert!(matches!(fault((65_535, 65_535)), Fault::TooLarge { .. }));
    assert!(matches!(
        fault((13_000, 13_000)),
        Fault::TooMuchMemory { .. }
    ));
    assert!(matches!(fault((0, 9)), Fault::Damaged { .. }));
    // The stream has more than the container says.
    assert!(matches!(fault((16, 16)), Fault::Damaged { .. }));
}

#[test]
fn damaged_tables_do_no_harm() {
    let (configuration, sample, (width, height)) = of_heic("full.heic");
    let built = Built {
        codec: b"hvc1",
        size: (width as u16, height as u16),
        configuration,
        before: &[b"one"],
        key_frame: &sample,
        matrix: [1, 0, 0, 1],
    };
    let file = built.file();
    decode(&file, &allowed()).unwrap();
    let movie = memchr::memmem::find(&file, b"moov").unwrap();
    for at in movie..file.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut damaged = file.clone();
            damaged[at] = value;
            let _ = track::key_frames(&damaged).count();
        }
    }
    for cut in (0..file.len()).step_by(7) {
        let _ = decode(&file[..cut], &allowed());
    }
}

#[test]
fn the_first_key_frame_of_a_fragmented_video_is_found() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/decode");
    let whole = std::fs::read(folder.join("h264.mp4")).unwrap();
    let expected = decode(&whole, &allowed()).unwrap().pixels;
    let frame = track::key_frames(&whole).next().unwrap();
    let key = frame.sample;
    let built = Built {
        codec: &frame.codec,
        size: (frame.size.0 as u16, frame.size.1 as u16),
        configuration: boxed(b"avcC", &[frame.configuration]),
        before: &[],
        key_frame: key,
        matrix: [1, 0, 0, 1],
    };
    let size = key.len() as u32;
    let of_sound = Fragment {
        track: TRACK + 1,
        ..fragment((0x2_0010, &[4]), (1, 1, &[]), &[b"beep"])
    };
    let sizes_and_flags = [3, NO_KEY_FRAME, 4, 0x0101_0000, size, 0x0200_0000];
    let ways = [
        // The movie's defaults, and places that count from the fragment.
        ((size, 0), fragment((0x2_0000, &[]), (0x1, 1, &[]), &[key])),
        // The fragment's defaults, and a place of its own.
        (
            (9, NO_KEY_FRAME),
            fragment((0x3b, &[1, 40, size, 0]), (0x1, 1, &[]), &[key]),
        ),
        // Only the first is a key frame.
        (
            (9, NO_KEY_FRAME),
            fragment((0, &[]), (0x205, 2, &[0, size, 1]), &[key, b"b"]),
        ),
        // Each sample says what it is.
        (
            (9, 0),
            fragment(
                (0, &[]),
                (0x601, 3, &sizes_and_flags),
                &[b"two", b"more", key],
            ),
        ),
        // The first sample has no bytes.
        (
            (size, 0),
            fragment((0, &[]), (0x201, 2, &[0, size]), &[key]),
        ),
    ];
    let no_key = || fragment((0x20, &[NO_KEY_FRAME]), (0x201, 1, &[1]), &[b"a"]);
    for (number, (defaults, way)) in ways.into_iter().enumerate() {
        let file = built.fragmented(defaults, &[no_key(), of_sound.clone(), way]);
        let found = decode(&file, &allowed()).map(|loaded| loaded.pixels);
        let found = found.unwrap_or_else(|e| panic!("{number}: {e}"));
        assert!(found == expected, "{number}");
        let start = memchr::memmem::find(&file, b"mvex").unwrap();
        let end = memchr::memmem::rfind(&file, b"mdat").unwrap();
        for at in start..end {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut damaged = file.clone();
                damaged[at] = value;
                let _ = track::key_frames(&damaged).count();
            }
        }
        for cut in start..end {
            let _ = track::key_frames(&file[..cut]).count();
        }
    }
    let nothing = built.fragmented((size, 0), &[no_key()]);
    let refused = decode(&nothing, &allowed()).map(|_| ()).unwrap_err();
    assert!(matches!(refused, Fault::Damaged { .. }), "{refused}");
}

#[test]
fn a_fragment_that_claims_billions_of_samples_ends_soon() {
    let built = Built {
        codec: b"avc1",
        size: (16, 16),
        configuration: Vec::new(),
        before: &[],
        key_frame: b"",
        matrix: [1, 0, 0, 1],
    };
    let endless = vec![fragment((0, &[]), (1, u32::MAX, &[]), &[]); 2000];
    let file = built.fragmented((1, NO_KEY_FRAME), &endless);
    let started = std::time::Instant::now();
    assert_eq!(track::key_frames(&file).count(), 0);
    assert!(started.elapsed().as_secs() < 5);
}
