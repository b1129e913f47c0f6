use std::fs;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::*;

fn install(store: &ModelStore, name: &str, bytes: &[u8]) -> Result<Installed, ModelStoreError> {
    install_as(store, name, bytes, false, &|_| Ok(()))
}

fn install_as(
    store: &ModelStore,
    name: &str,
    bytes: &[u8],
    replace: bool,
    validate: Validate,
) -> Result<Installed, ModelStoreError> {
    let scratch = tempfile::tempdir().unwrap();
    let what = installation(scratch.path(), name, bytes, replace);
    store.install(what, validate, &mut |_| ControlFlow::Continue(()))
}

fn installation(scratch: &Path, name: &str, bytes: &[u8], replace: bool) -> Installation {
    let from = scratch.join("weights");
    fs::write(&from, bytes).unwrap();
    let part = Part {
        from,
        name: "model.safetensors".to_owned(),
        shareable: true,
        sha256: None,
    };
    Installation {
        name: name.to_owned(),
        source: "a test".to_owned(),
        parts: vec![part],
        entry: None,
        quick_gelu: Some(true),
        licence: None,
        replace,
    }
}

fn names(store: &ModelStore) -> Vec<String> {
    let list = store.list().unwrap();
    list.into_iter().map(|m| m.unwrap().manifest.name).collect()
}

fn leftovers(data: &Path) -> usize {
    let dotted = |e: &fs::DirEntry| e.file_name().to_string_lossy().starts_with('.');
    let listing = fs::read_dir(data.join("models")).unwrap();
    listing.map(Result::unwrap).filter(dotted).count()
}

#[test]
fn a_model_is_installed_listed_used_and_removed() {
    let data = tempfile::tempdir().unwrap();
    let store = ModelStore::new(data.path());
    assert!(store.list().unwrap().is_empty());
    assert_eq!(store.default_model().unwrap(), None);

    let installed = install(&store, "b", b"weights").unwrap();
    install(&store, "a", b"other").unwrap();
    assert_eq!(names(&store), ["a", "b"]);
    assert_eq!(store.info("b").unwrap(), installed);
    assert_eq!(installed.size_bytes(), 7);
    assert_eq!(fs::read(installed.weights()).unwrap(), b"weights");
    assert_eq!(installed.manifest.quick_gelu, Some(true));

    store.set_default("b").unwrap();
    assert_eq!(store.default_model().unwrap().as_deref(), Some("b"));
    assert!(matches!(
        store.set_default("c"),
        Err(ModelStoreError::NotInstalled { .. })
    ));
    store.remove("b").unwrap();
    assert_eq!(store.default_model().unwrap(), None);
    assert_eq!(names(&store), ["a"]);
    assert!(matches!(
        store.remove("b"),
        Err(ModelStoreError::NotInstalled { .. })
    ));
    assert_eq!(leftovers(data.path()), 0);
}

#[test]
fn an_unusable_model_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let store = ModelStore::new(data.path());
    fn refuse(folder: &Path) -> Result<(), String> {
        assert!(folder.join(MANIFEST).is_file());
        Err("no tensor `text_projection`".to_owned())
    }
    let error = install_as(&store, "m", b"x", false, &refuse).unwrap_err();
    assert!(error.to_string().contains("text_projection"), "{error}");
    assert!(names(&store).is_empty());
    assert_eq!(leftovers(data.path()), 0);
}

#[test]
fn a_model_is_replaced_only_on_demand() {
    let data = tempfile::tempdir().unwrap();
    let store = ModelStore::new(data.path());
    install(&store, "m", b"old").unwrap();
    assert!(matches!(
        install(&store, "m", b"new"),
        Err(ModelStoreError::Exists { .. })
    ));
    let read = || fs::read(store.info("m").unwrap().weights()).unwrap();
    assert_eq!(read(), b"old");
    let refused = install_as(&store, "m", b"new", true, &|_| Err("bad".to_owned()));
    assert!(refused.is_err());
    assert_eq!(read(), b"old");
    install_as(&store, "m", b"new", true, &|_| Ok(())).unwrap();
    assert_eq!(read(), b"new");
    assert_eq!(leftovers(data.path()), 0);
}

#[test]
fn names_that_could_leave_the_folder_reach_nothing() {
    let store = ModelStore::new("nowhere");
    for name in ["..", "../x", "a/b", "/x", "C:x"] {
        let refused = |error| matches!(error, ModelStoreError::Name { .. });
        assert!(store.info(name).is_err_and(refused), "{name:?}");
        assert!(store.remove(name).is_err_and(refused), "{name:?}");
    }
}

#[test]
fn leftovers_of_killed_installations_are_removed_and_those_under_way_stay() {
    let data = tempfile::tempdir().unwrap();
    let store = ModelStore::new(data.path());
    let models = data.path().join("models");
    let killed = models.join(".staging-m-999999-0");
    fs::create_dir_all(&killed).unwrap();
    fs::write(killed.join("model.bin"), b"half").unwrap();
    fs::write(models.join(".staging-m-999999-0.lock"), b"").unwrap();
    let under_way = Staging::new(&models, "n").unwrap();
    assert!(store.list().unwrap().is_empty());
    assert!(!killed.exists());
    assert!(under_way.folder().is_dir());
    drop(under_way);
    assert_eq!(leftovers(data.path()), 0);
}

#[test]
fn an_interrupted_installation_leaves_nothing() {
    fn slow(_: &Path) -> Result<(), String> {
        std::thread::sleep(Duration::from_secs(3));
        Ok(())
    }
    let data = tempfile::tempdir().unwrap();
    let store = ModelStore::new(data.path());
    let started = Instant::now();
    let what = installation(data.path(), "m", b"x", false);
    let mut asked = 0;
    let error = store.install(what, &slow, &mut |_| {
        asked += 1;
        match asked {
            1 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    });
    assert!(matches!(error, Err(ModelStoreError::Cancelled { .. })));
    assert!(started.elapsed() < Duration::from_secs(2));
    std::thread::sleep(Duration::from_secs(4));
    assert!(names(&store).is_empty(), "it goes on in secret");
    assert_eq!(leftovers(data.path()), 0);
}

#[test]
fn a_damaged_manifest_is_named_and_can_be_removed() {
    let data = tempfile::tempdir().unwrap();
    let store = ModelStore::new(data.path());
    for (name, text) in [
        ("broken", "{".to_owned()),
        ("escaping", {
            let m = install(&store, "fine", b"x").unwrap().manifest;
            serde_json::to_string(&Manifest {
                weights: "../../x".to_owned(),
                ..m
            })
            .unwrap()
        }),
    ] {
        let folder = data.path().join("models").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(MANIFEST), text).unwrap();
        let error = store.info(name).unwrap_err();
        assert!(matches!(error, ModelStoreError::Manifest { .. }), "{error}");
        assert!(store.list().unwrap().iter().any(Result::is_err));
        store.remove(name).unwrap();
    }
    assert_eq!(names(&store), ["fine"]);
}
