//! Groups of things that need each other (Tarjan's strongly connected components).

use std::collections::{BTreeMap, BTreeSet};

/// The circles of a graph: each a sorted list of more than one node, none of which can be
/// understood without the others.
pub fn circles<N: Ord + Clone>(edges: &BTreeMap<N, BTreeSet<N>>) -> Vec<Vec<N>> {
    let mut search = Search {
        edges,
        index: BTreeMap::new(),
        low: BTreeMap::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    for node in edges.keys() {
        if !search.index.contains_key(node) {
            search.from(node);
        }
    }
    search.found.sort();
    search.found
}

struct Search<'a, N> {
    edges: &'a BTreeMap<N, BTreeSet<N>>,
    index: BTreeMap<N, usize>,
    low: BTreeMap<N, usize>,
    stack: Vec<N>,
    found: Vec<Vec<N>>,
}

impl<N: Ord + Clone> Search<'_, N> {
    fn from(&mut self, node: &N) {
        let index = self.index.len();
        self.index.insert(node.clone(), index);
        self.low.insert(node.clone(), index);
        self.stack.push(node.clone());
        for next in self.edges.get(node).into_iter().flatten() {
            let low = if !self.index.contains_key(next) {
                self.from(next);
                self.low[next]
            } else if self.stack.contains(next) {
                self.index[next]
            } else {
                continue;
            };
            let own = self.low[node];
            self.low.insert(node.clone(), own.min(low));
        }
        if self.low[node] == index {
            let start = self.stack.iter().position(|n| n == node).unwrap();
            let mut group = self.stack.split_off(start);
            if group.len() > 1 {
                group.sort();
                self.found.push(group);
            }
        }
    }
}
