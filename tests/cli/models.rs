//! Models and devices.

use crate::*;

#[test]
fn models_that_cannot_be_used_end_with_one_sentence() {
    let program = Program::new();
    let garbage = program.file("garbage.safetensors", [7u8; 4096]);
    let pickle = program.file("pickle.bin", b"\x80\x02}q\x00.");
    let empty = program.file("empty.pt", "");
    let cat = samples().join("cat.jpg");
    let cat = cat.to_str().unwrap();
    for model in [garbage.as_str(), &pickle, &empty, "no-such-model"] {
        for args in [
            &["tag", cat, "--model", model][..],
            &["embed", cat, "--model", model],
            &["model", "info", model],
        ] {
            let output = program.run(args);
            let said = stderr(&output);
            assert_eq!(status(&output), 2, "{args:?}: {said}");
            assert!(said.contains(model), "{said}");
            assert_eq!(said.trim().lines().count(), 1, "{said}");
            assert!(output.stdout.is_empty());
        }
    }
    for name in ["../evil", "vit-b-32-nonsense"] {
        assert_eq!(status(&program.run(&["model", "pull", name])), 2, "{name}");
        assert_eq!(status(&program.run(&["model", "use", name])), 2, "{name}");
        assert_eq!(
            status(&program.run(&["model", "remove", name])),
            2,
            "{name}"
        );
    }
}

#[test]
fn a_model_is_imported_used_and_removed() {
    let program = Program::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    // Its table of tokens is not CLIP's, and there is no other tokenizer.
    let bare = folder.join("vit.safetensors");
    let output = program.run(&["model", "import", bare.to_str().unwrap(), "--name", "bare"]);
    assert_eq!(status(&output), 2);
    let message = stderr(&output);
    assert_eq!(
        message.matches("tokenizer.json is missing").count(),
        1,
        "{message}"
    );
    // A file alone says nothing of its activation, unless the user does.
    std::fs::create_dir(program.home.path().join("bare")).unwrap();
    let beside = program.file("bare/model.safetensors", std::fs::read(&bare).unwrap());
    let tokenizer = std::fs::read(folder.join("siglip/tokenizer.json")).unwrap();
    program.file("bare/tokenizer.json", tokenizer);
    for (option, advice) in [
        (None, true),
        (Some("--quick-gelu"), false),
        (Some("--quick-gelu=false"), false),
    ] {
        let mut args = vec!["model", "import", &beside, "--name", "bare", "--replace"];
        args.extend(option);
        let output = program.run(&args);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let said = stderr(&output);
        assert_eq!(
            said.contains("import it again with `--quick-gelu --replace`"),
            advice,
            "{said}"
        );
    }
    assert_eq!(status(&program.run(&["model", "remove", "bare"])), 0);
    let golden = folder.join("siglip");
    let golden = golden.to_str().unwrap();
    let output = program.run(&["model", "import", golden, "--name", "tiny"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let again = program.run(&["model", "import", golden, "--name", "tiny"]);
    assert_eq!(status(&again), 2, "{}", stderr(&again));
    assert_eq!(status(&program.run(&["model", "use", "tiny"])), 0);
    let cat = samples().join("cat.jpg");
    let photo = lines(&program.run(&["embed", cat.to_str().unwrap()]));
    assert_eq!(photo[0]["model"], "tiny");
    for text in ["a cat", "Straßenbahn", "東京の猫", "قطة في الحديقة"] {
        let output = program.run(&["embed", "--text", text]);
        assert_eq!(status(&output), 0, "{text}: {}", stderr(&output));
    }
    let labels = program.file("labels.txt", "Straßenbahn\n猫\nقطة\n");
    let tags = program.run(&["tag", cat.to_str().unwrap(), "--labels", &labels]);
    assert_eq!(status(&tags), 0, "{}", stderr(&tags));
    let listed = lines(&program.run(&["model", "list"]));
    let tiny = listed.iter().find(|row| row["name"] == "tiny").unwrap();
    assert_eq!(
        (&tiny["installed"], &tiny["in_use"]),
        (&true.into(), &true.into())
    );
    assert!(listed.iter().any(|row| row["installed"] == false));
    assert_eq!(status(&program.run(&["model", "use", "starter"])), 0);
    let info = lines(&program.run(&["model", "info", "starter", "--format", "json"]));
    assert_eq!(info[0]["name"], "starter");
    assert_eq!(status(&program.run(&["model", "remove", "tiny"])), 0);
    assert_eq!(status(&program.run(&["tag", golden, "--model", "tiny"])), 2);
}

#[test]
fn devices_are_listed_and_measured() {
    let program = Program::new();
    let devices = lines(&program.run(&["device", "list"]));
    assert_eq!(devices[0]["device"], "cpu");
    let args = [
        "device",
        "bench",
        "--batch",
        "2",
        "--seconds",
        "0.1",
        "--format",
        "json",
    ];
    let bench = &lines(&program.run(&args))[0];
    assert_eq!(bench["model"], "starter");
    assert_eq!(bench["batch"], 2);
    assert!(bench["images_per_second"].as_f64().unwrap() > 0.0);
    assert!(bench["text_per_second"].as_f64().unwrap() > 0.0);
    let nowhere = program.run(&["device", "bench", "--device", "cuda:77"]);
    assert_eq!(status(&nowhere), 2);
    assert!(
        stderr(&nowhere).contains("--device cpu"),
        "{}",
        stderr(&nowhere)
    );
}
