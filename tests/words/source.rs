//! The keys and texts in Rust sources, outside their tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

/// All sources in and below a folder, without files of tests.
pub fn all(folder: &Path) -> Vec<(PathBuf, syn::File)> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(all(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !is_of_tests(&path) {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, syn::parse_file(&text).unwrap()));
        }
    }
    found
}

/// Whether a module for tests has a file of its own, as its name says.
fn is_of_tests(path: &Path) -> bool {
    let name = path.file_stem().and_then(|name| name.to_str());
    name.is_some_and(|name| name == "tests" || name.ends_with("_tests"))
}

/// The tokens without documentation, and without what is compiled for tests only.
fn product(file: &syn::File) -> TokenStream {
    let is_test = |item: &&syn::Item| {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            _ => return false,
        };
        attributes
            .iter()
            .any(|a| a.path().is_ident("cfg") && a.to_token_stream().to_string().contains("test"))
    };
    file.items
        .iter()
        .filter(|item| !is_test(item))
        .map(ToTokens::to_token_stream)
        .collect()
}

/// The key and the arguments of each `tr!` and `phrase!`.
pub fn keys(file: &syn::File) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    walk(product(file), &mut |name, inside| {
        if let ("tr" | "phrase", Some(key)) = (name, literal(inside.first())) {
            found.push((key, arguments(inside)));
        }
    });
    found
}

/// Calls `found` for each macro call, with its name and its tokens.
fn walk(tokens: TokenStream, found: &mut impl FnMut(&str, &[TokenTree])) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        if let [TokenTree::Ident(name), TokenTree::Punct(mark)] = &tokens[i.saturating_sub(2)..i]
            && mark.as_char() == '!'
        {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            found(&name.to_string(), &inside);
        }
        walk(group.stream(), found);
    }
}

/// The names before `=` at the top level: `count` in `"photos", count = n`.
fn arguments(inside: &[TokenTree]) -> BTreeSet<String> {
    let is =
        |token: &TokenTree, sign: char| matches!(token, TokenTree::Punct(p) if p.as_char() == sign);
    let names = inside.windows(3).filter_map(|three| match three {
        [before, TokenTree::Ident(name), after] if is(before, ',') && is(after, '=') => {
            Some(name.to_string())
        }
        _ => None,
    });
    names.collect()
}

fn literal(token: Option<&TokenTree>) -> Option<String> {
    let text: syn::LitStr = syn::parse2(token?.to_token_stream()).ok()?;
    Some(text.value())
}

/// The texts with their lines, without keys and documentation.
pub fn texts(file: &syn::File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    strings(product(file), &mut found);
    found
}

fn strings(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            // Documentation and other attributes.
            TokenTree::Group(_)
                if i > 0 && matches!(&tokens[i - 1], TokenTree::Punct(p) if p.as_char() == '#') => {
            }
            TokenTree::Group(group) => {
                let of_macro = match &tokens[i.saturating_sub(2)..i] {
                    [TokenTree::Ident(name), TokenTree::Punct(p)] if p.as_char() == '!' => {
                        name.to_string()
                    }
                    _ => String::new(),
                };
                // Logs are for whoever looks for a fault.
                if ["debug", "info", "warn", "error", "trace"].contains(&of_macro.as_str()) {
                    continue;
                }
                let inside = group.stream().into_iter();
                let is_words = of_macro == "tr" || of_macro == "phrase";
                strings(inside.skip(usize::from(is_words)).collect(), found);
            }
            TokenTree::Literal(one) => {
                if let Some(text) = literal(Some(token)) {
                    found.push((one.span().start().line, text));
                }
            }
            _ => {}
        }
    }
}
