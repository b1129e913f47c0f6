//! Finds sizes written as numbers in drawing code.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::source::is_test_only;

/// Floats that are not sizes: nothing, a half, a hairline, twice.
const PLAIN: [f64; 4] = [0.0, 0.5, 1.0, 2.0];

/// Calls that take sizes in whole points, by the last part of their name.
const WHOLE: [&str; 11] = [
    "CornerRadius",
    "Margin",
    "corner_radius",
    "inner_margin",
    "outer_margin",
    "rect",
    "rect_filled",
    "rect_stroke",
    "same",
    "symmetric",
    "Shadow",
];

/// Returns the sizes that a file writes as numbers, with their lines. It refuses
///
/// - floats other than 0, 0.5, 1 and 2, in constants too. Floats with an exponent pass, because
///   they convert units: `bytes as f64 / 1e6`;
/// - whole numbers other than 0 in calls of [`WHOLE`]: `Margin::same(12)`.
///
/// It skips tests and macro arguments, such as those of `format!`.
pub fn written(file: &syn::File) -> Vec<(usize, String)> {
    let mut numbers = Numbers::default();
    numbers.visit_file(file);
    numbers.found
}

#[derive(Default)]
struct Numbers {
    /// The nesting depth in calls of [`WHOLE`].
    whole: usize,
    found: Vec<(usize, String)>,
}

impl Numbers {
    fn add(&mut self, literal: &impl Spanned, text: String) {
        self.found.push((literal.span().start().line, text));
    }

    /// Visits the arguments of a call to `name`.
    fn inside(&mut self, name: Option<&syn::Ident>, visit: impl FnOnce(&mut Self)) {
        let is_whole = name.is_some_and(|name| WHOLE.iter().any(|w| name == w));
        self.whole += usize::from(is_whole);
        visit(self);
        self.whole -= usize::from(is_whole);
    }
}

fn last(path: &syn::Path) -> Option<&syn::Ident> {
    path.segments.last().map(|s| &s.ident)
}

impl<'ast> Visit<'ast> for Numbers {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_lit(&mut self, literal: &'ast syn::Lit) {
        match literal {
            syn::Lit::Float(float) => {
                let is_plain = PLAIN.contains(&float.base10_parse().unwrap());
                if !is_plain && !float.base10_digits().contains('e') {
                    self.add(float, float.to_string());
                }
            }
            syn::Lit::Int(int) if self.whole > 0 && int.base10_digits() != "0" => {
                self.add(int, int.to_string());
            }
            _ => {}
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let name = match &*call.func {
            syn::Expr::Path(path) => last(&path.path),
            _ => None,
        };
        self.inside(name, |visitor| visit::visit_expr_call(visitor, call));
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        self.inside(Some(&call.method), |visitor| {
            call.args.iter().for_each(|arg| visitor.visit_expr(arg));
        });
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        self.inside(last(&made.path), |visitor| {
            visit::visit_expr_struct(visitor, made);
        });
    }
}
