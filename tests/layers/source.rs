//! The crate's source as syntax: its modules, what each names of the others, and how long things are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A module's place in the crate, without `crate`.
pub type ModulePath = Vec<String>;

/// A module in a file of its own.
pub struct Module {
    /// Below `src`.
    pub file: PathBuf,
    /// Whether it is compiled for tests only.
    pub test_only: bool,
    pub syntax: syn::File,
    lines: usize,
    /// The names that it passes on from other modules, with where they come from.
    reexports: BTreeMap<String, ModulePath>,
}

/// A function, and the lines from its signature to its closing brace.
pub struct Function {
    pub file: PathBuf,
    pub name: String,
    pub lines: usize,
}

/// What one module names: paths as they are written, from the module that they stand in.
#[derive(Default)]
struct Names {
    module: ModulePath,
    /// Whether `pub use` only passes names on, as in a `mod.rs`.
    is_facade: bool,
    paths: Vec<(ModulePath, Vec<String>)>,
}

/// All modules of the crate, without what is compiled for tests only inside them.
pub struct Source {
    pub modules: BTreeMap<ModulePath, Module>,
}

impl Source {
    /// Reads the crate from its `lib.rs`.
    pub fn read(src: &Path) -> Self {
        let mut source = Self {
            modules: BTreeMap::new(),
        };
        source.add(src, Path::new("lib.rs"), Vec::new(), false);
        let found: Vec<(ModulePath, BTreeMap<String, ModulePath>)> = source
            .modules
            .iter()
            .map(|(path, module)| (path.clone(), source.passed_on(path, &module.syntax)))
            .collect();
        for (path, reexports) in found {
            source.modules.get_mut(&path).unwrap().reexports = reexports;
        }
        source
    }

    fn add(&mut self, src: &Path, file: &Path, path: ModulePath, test_only: bool) {
        let text = fs::read_to_string(src.join(file)).unwrap();
        let syntax = syn::parse_file(&text).unwrap();
        let folder = match file.file_name().unwrap().to_str().unwrap() {
            "lib.rs" | "mod.rs" => file.parent().unwrap().to_path_buf(),
            _ => file.with_extension(""),
        };
        for item in &syntax.items {
            let syn::Item::Mod(child) = item else {
                continue;
            };
            if child.content.is_some() {
                continue;
            }
            let name = child.ident.to_string();
            let candidates = match path_attribute(&child.attrs) {
                Some(beside) => vec![file.parent().unwrap().join(beside)],
                None => vec![
                    folder.join(format!("{name}.rs")),
                    folder.join(&name).join("mod.rs"),
                ],
            };
            let child_file = candidates
                .iter()
                .find(|c| src.join(c).exists())
                .unwrap_or_else(|| panic!("no file for `mod {name}` of {}", file.display()));
            let mut child_path = path.clone();
            child_path.push(name);
            self.add(
                src,
                child_file,
                child_path,
                test_only || is_test_only(&child.attrs),
            );
        }
        let module = Module {
            file: file.to_path_buf(),
            test_only,
            lines: text.lines().count(),
            syntax,
            reexports: BTreeMap::new(),
        };
        self.modules.insert(path, module);
    }

    fn passed_on(&self, path: &ModulePath, syntax: &syn::File) -> BTreeMap<String, ModulePath> {
        let mut names = BTreeMap::new();
        for item in &syntax.items {
            let syn::Item::Use(item) = item else { continue };
            if matches!(item.vis, syn::Visibility::Inherited) {
                continue;
            }
            for (leaf, name) in use_leaves(&item.tree) {
                if let Some(absolute) = self.absolute(path, &leaf) {
                    names.insert(name, absolute);
                }
            }
        }
        names
    }

    fn absolute(&self, from: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let first = path.first()?;
        let mut base: ModulePath = match first.as_str() {
            "crate" => return Some(path[1..].to_vec()),
            "self" => from.clone(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            _ => {
                let mut child = from.clone();
                child.push(first.clone());
                self.modules.contains_key(&child).then_some(())?;
                child
            }
        };
        for segment in &path[1..] {
            match segment.as_str() {
                "super" => drop(base.pop()?),
                _ => base.push(segment.clone()),
            }
        }
        Some(base)
    }

    /// The module in which what `path` names is defined, looked at from module `from`.
    pub fn defining_module(&self, from: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let mut absolute = self.absolute(from, path)?;
        for _ in 0..16 {
            let length = (0..=absolute.len())
                .rev()
                .find(|n| self.modules.contains_key(&absolute[..*n]))?;
            let module = &absolute[..length];
            let passed_on = absolute
                .get(length)
                .and_then(|name| self.modules[module].reexports.get(name));
            match passed_on {
                Some(target) => {
                    absolute = target
                        .iter()
                        .chain(&absolute[length + 1..])
                        .cloned()
                        .collect();
                }
                None => return Some(module.to_vec()),
            }
        }
        None
    }

    /// What a module names, as it is written; test code and a facade's `pub use` left out.
    pub fn names(&self, path: &ModulePath) -> Vec<(ModulePath, Vec<String>)> {
        let module = &self.modules[path];
        let mut names = Names {
            module: path.clone(),
            is_facade: module.file.ends_with("mod.rs") || module.file.ends_with("lib.rs"),
            ..Names::default()
        };
        names.visit_file(&module.syntax);
        names.paths
    }

    /// The other modules that a module uses.
    pub fn uses(&self, path: &ModulePath) -> BTreeSet<ModulePath> {
        let names = self.names(path);
        names
            .iter()
            .filter_map(|(from, name)| self.defining_module(from, name))
            .filter(|used| used != path && !used.is_empty())
            .collect()
    }

    /// Files that are not for tests only, with their lines.
    pub fn file_lengths(&self) -> Vec<(PathBuf, usize)> {
        let product = self.modules.values().filter(|m| !m.test_only);
        product.map(|m| (m.file.clone(), m.lines)).collect()
    }

    /// All functions outside tests.
    pub fn functions(&self) -> Vec<Function> {
        let mut all = Vec::new();
        for module in self.modules.values().filter(|m| !m.test_only) {
            let mut functions = Functions::default();
            functions.visit_file(&module.syntax);
            all.extend(functions.0.into_iter().map(|(name, lines)| Function {
                file: module.file.clone(),
                name,
                lines,
            }));
        }
        all
    }

    /// All structs with named fields outside tests: file, name, number of fields.
    pub fn structs(&self) -> Vec<(PathBuf, String, usize)> {
        let mut all = Vec::new();
        for module in self.modules.values().filter(|m| !m.test_only) {
            for item in &module.syntax.items {
                if let syn::Item::Struct(item) = item
                    && !is_test_only(&item.attrs)
                {
                    all.push((
                        module.file.clone(),
                        item.ident.to_string(),
                        item.fields.len(),
                    ));
                }
            }
        }
        all
    }
}

fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|a| match &a.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

pub fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| match &a.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test"
                || condition.starts_with("all (test")
                || condition.starts_with("all(test")
        }
        syn::Meta::Path(path) => path.is_ident("test"),
        _ => false,
    })
}

/// Every path of a `use`, with the name that it is known by afterwards.
fn use_leaves(tree: &syn::UseTree) -> Vec<(Vec<String>, String)> {
    match tree {
        syn::UseTree::Path(path) => {
            let mut leaves = use_leaves(&path.tree);
            for (leaf, name) in &mut leaves {
                if leaf.last().is_some_and(|l| l == "self") && leaf.len() == 1 {
                    leaf.clear();
                    *name = path.ident.to_string();
                }
                leaf.insert(0, path.ident.to_string());
            }
            leaves
        }
        syn::UseTree::Name(name) => {
            vec![(vec![name.ident.to_string()], name.ident.to_string())]
        }
        syn::UseTree::Rename(rename) => {
            vec![(vec![rename.ident.to_string()], rename.rename.to_string())]
        }
        syn::UseTree::Glob(_) => vec![(Vec::new(), "*".to_owned())],
        syn::UseTree::Group(group) => group.items.iter().flat_map(use_leaves).collect(),
    }
}

/// The paths of a macro's input, which is not parsed.
fn paths_of_tokens(tokens: TokenStream, out: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 && !path.is_empty() {
                    out.push(std::mem::take(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                out.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                colons = 0;
                if let TokenTree::Group(group) = other {
                    paths_of_tokens(group.stream(), out);
                }
            }
        }
    }
    out.extend((!path.is_empty()).then_some(path));
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(i) => &i.attrs,
            syn::Item::Fn(i) => &i.attrs,
            syn::Item::Use(i) => &i.attrs,
            syn::Item::Impl(i) => &i.attrs,
            syn::Item::Struct(i) => &i.attrs,
            syn::Item::Const(i) => &i.attrs,
            syn::Item::Static(i) => &i.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test_only(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if self.is_facade && !matches!(item.vis, syn::Visibility::Inherited) {
            return;
        }
        for (leaf, _) in use_leaves(&item.tree) {
            self.paths.push((self.module.clone(), leaf));
        }
    }

    /// Who may see an item is no use of a module: `pub(super)` needs nothing of its parent.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.paths.push((self.module.clone(), segments));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let mut paths = Vec::new();
        paths_of_tokens(item.tokens.clone(), &mut paths);
        let module = &self.module;
        self.paths
            .extend(paths.into_iter().map(|p| (module.clone(), p)));
        visit::visit_macro(self, item);
    }
}

#[derive(Default)]
struct Functions(Vec<(String, usize)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line - signature.span().start().line + 1;
        self.0.push((signature.ident.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test_only(&item.attrs) {
            self.add(&item.sig, &item.block);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test_only(&item.attrs) {
            self.add(&item.sig, &item.block);
            visit::visit_impl_item_fn(self, item);
        }
    }
}
