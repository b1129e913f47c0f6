//! Examples in the long help and the manual page.

use clap::{Command, CommandFactory};

use crate::cli::options::Options;

/// A command and its examples: what to type, and what it does.
type Examples = (&'static str, &'static [(&'static str, &'static str)]);

const EXAMPLES: &[Examples] = &[
    (
        "",
        &[
            ("taglens ~/Pictures", "Open the window and add a folder"),
            (
                "taglens tag ~/Pictures",
                "Print the tags of all photos in a folder",
            ),
            ("taglens index ~/Pictures", "Add a folder to the library"),
        ],
    ),
    (
        "tag",
        &[
            (
                "taglens tag IMG_1.jpg --top 3",
                "Print the three most likely labels of a photo",
            ),
            (
                "taglens tag ~/Pictures --labels my.txt",
                "Tag with your own labels",
            ),
            (
                "taglens tag ~/Pictures --write-xmp --dry-run",
                "Show the sidecars that would be written",
            ),
        ],
    ),
    (
        "embed",
        &[
            ("taglens embed IMG_1.jpg", "Print a photo's embedding"),
            (
                "taglens embed --text 'a dog on a beach'",
                "Print a text's, in the same space",
            ),
        ],
    ),
    (
        "index",
        &[
            (
                "taglens index ~/Pictures",
                "Add a folder, and read its photos",
            ),
            ("taglens index", "Read what has changed in all folders"),
            ("taglens index --watch", "Follow changes until interrupted"),
        ],
    ),
    (
        "status",
        &[(
            "taglens status --format json",
            "Print it as one JSON document",
        )],
    ),
    (
        "tags",
        &[
            (
                "taglens tags ~/Pictures/2024",
                "Print the tags of the photos in a folder",
            ),
            (
                "taglens tags --date 2024-05..2024-07 --sort oldest",
                "Three months, in order",
            ),
        ],
    ),
    (
        "decide",
        &[
            (
                "taglens decide accept dog IMG_1.jpg",
                "It is a dog, whatever the machine says",
            ),
            (
                "taglens decide reject dog ~/Pictures/zoo",
                "None of these is a dog",
            ),
            (
                "taglens decide clear dog IMG_1.jpg",
                "Let the machine decide again",
            ),
        ],
    ),
    (
        "decisions",
        &[
            (
                "taglens decisions export decisions.jsonl",
                "Save all decisions",
            ),
            (
                "taglens decisions import decisions.jsonl",
                "Read them into this library",
            ),
        ],
    ),
    (
        "library",
        &[
            ("taglens library check", "Is the library intact?"),
            (
                "taglens library backup /mnt/disk/taglens.sqlite",
                "Copy it while it is in use",
            ),
            ("taglens library restore", "List the backups"),
        ],
    ),
    (
        "explain",
        &[(
            "taglens explain IMG_1.jpg dog",
            "Print what speaks for and against a label",
        )],
    ),
    (
        "learning",
        &[
            ("taglens learning list", "List the labels that have learned"),
            ("taglens learning reset dog", "Make one of them forget it"),
        ],
    ),
    (
        "scale",
        &[
            (
                "taglens scale show",
                "List the tags that the last adjustment changed",
            ),
            ("taglens scale undo", "Take it back"),
        ],
    ),
    (
        "bookkeeping",
        &[
            (
                "taglens bookkeeping list",
                "List the keywords that are left alone",
            ),
            (
                "taglens bookkeeping add 'workflow|*'",
                "Leave a whole branch alone",
            ),
        ],
    ),
    (
        "search",
        &[
            (
                "taglens search 'a dog on a beach'",
                "Find photos by meaning",
            ),
            (
                "taglens search tag:dog -tag:cat folder:trip date:2024 beach",
                "Search only photos that match the filters",
            ),
            (
                "taglens search --image IMG_1.jpg --limit 5",
                "Find similar photos",
            ),
        ],
    ),
    (
        "export",
        &[
            ("taglens export --dry-run", "Show the changes as diffs"),
            (
                "taglens export ~/Pictures/2024",
                "Write the sidecars of one folder",
            ),
            ("taglens export --undo", "Take the last export back"),
        ],
    ),
    (
        "folder",
        &[
            ("taglens folder list", "List the folders of the library"),
            (
                "taglens folder pause /mnt/nas/photos",
                "Do not read one for now",
            ),
        ],
    ),
    (
        "model",
        &[
            ("taglens model list", "List installed and available models"),
            (
                "taglens model pull vit-b-32-laion2b",
                "Download one, or resume",
            ),
            ("taglens model use vit-b-32-laion2b", "Make it the default"),
            (
                "taglens model import ViT-B-32.safetensors --name mine",
                "Install a file",
            ),
        ],
    ),
    (
        "device",
        &[
            ("taglens device list", "List processors and graphics cards"),
            (
                "taglens device bench --device gpu",
                "Measure the first graphics card",
            ),
        ],
    ),
    (
        "vocabulary",
        &[
            ("taglens vocabulary import my.txt", "Use your own labels"),
            (
                "taglens vocabulary add tabby --parent cat",
                "Add one below another",
            ),
            (
                "taglens vocabulary set cat --threshold 0.6",
                "Ask for more certainty",
            ),
            (
                "taglens vocabulary check my.txt",
                "Find the errors in a file",
            ),
        ],
    ),
    (
        "doctor",
        &[("taglens doctor --format json", "Print it for a bug report")],
    ),
    (
        "completions",
        &[
            (
                "taglens completions bash > ~/.local/share/bash-completion/completions/taglens",
                "Install the completions for bash",
            ),
            (
                "taglens completions fish > ~/.config/fish/completions/taglens.fish",
                "For fish",
            ),
        ],
    ),
    ("man", &[("taglens man | man -l -", "Read the manual page")]),
];

/// The definition of the command line, with examples in the long help.
pub(crate) fn command() -> Command {
    EXAMPLES
        .iter()
        .fold(Options::command(), |command, (name, examples)| {
            let text = shown(examples);
            match name.is_empty() {
                true => {
                    let ending = command.get_after_help().map(ToString::to_string);
                    command.after_long_help(format!("{text}\n\n{}", ending.unwrap_or_default()))
                }
                false => command.mut_subcommand(name, |inner| inner.after_long_help(text)),
            }
        })
}

fn shown(examples: &[(&str, &str)]) -> String {
    let lines = examples
        .iter()
        .map(|(line, what)| format!("\n  {line}\n      {what}"));
    format!("Examples:{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line, as a shell without variables splits them. Redirections and comments are left
    /// out.
    fn words(line: &str) -> Vec<String> {
        // A comment, and what another program does.
        let end = [" # ", " > ", " | "]
            .into_iter()
            .filter_map(|mark| line.find(mark))
            .min();
        let line = &line[..end.unwrap_or(line.len())];
        line.split('\'')
            .enumerate()
            .flat_map(|(i, part)| match i % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            })
            .collect()
    }

    #[test]
    fn every_command_has_examples_that_are_understood() {
        let all: Vec<_> = command()
            .get_subcommands()
            .map(|c| c.get_name().to_owned())
            .collect();
        for name in &all {
            let (_, examples) = EXAMPLES.iter().find(|(n, _)| n == name).unwrap();
            for (line, _) in *examples {
                let words = words(line);
                assert_eq!(words[1], *name, "{line}");
            }
        }
        for (line, _) in EXAMPLES.iter().flat_map(|(_, examples)| *examples) {
            understood(line);
        }
    }

    #[test]
    fn the_handbook_shows_commands_that_exist() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let docs = std::fs::read_dir(root.join("docs")).unwrap();
        let pages = docs.map(|entry| entry.unwrap().path());
        let mut count = 0;
        for page in pages.chain([root.join("README.md")]) {
            if page.extension().is_none_or(|e| e != "md") {
                continue;
            }
            let text = std::fs::read_to_string(page).unwrap();
            let shown = text.lines().filter(|line| line.starts_with("    taglens "));
            shown.for_each(|line| {
                understood(line.trim());
                count += 1;
            });
        }
        assert!(count > 40, "{count}");
    }

    fn understood(line: &str) {
        let arguments = words(line).into_iter().map(Into::into);
        let kept = arguments.map(crate::cli::search::keep_exclusions);
        if let Err(error) = command().try_get_matches_from(kept) {
            panic!("{line}: {error}");
        }
    }
}
