//! The places of tables: layers from left to right along foreign keys, targets first.
//!
//! An edge over several layers has a place of its own in those between, so that it crosses no table.

use std::collections::BTreeMap;

use relations::shape::TableShape;

/// The height of a row, and of the name of a table.
pub(super) const ROW: f64 = 20.0;
/// The space between layers, where edges turn.
const BETWEEN: f64 = 96.0;
/// The space between tables of a layer.
const APART: f64 = 28.0;
/// The height of an edge that passes a layer.
const PASSING: f64 = 12.0;
/// The width of a character.
const CHARACTER: f64 = 7.3;
/// The space around everything.
const MARGIN: f64 = 24.0;
/// The number of times that tables are moved to the middle of their neighbours.
const SWEEPS: usize = 12;

/// A table and its place.
pub(super) struct Placed<'a> {
    pub(super) table: &'a TableShape,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A foreign key as points from the side of its own table to the side of its target.
pub(super) struct Edge<'a> {
    pub(super) source: &'a TableShape,
    /// The number of the key in its table.
    pub(super) key: usize,
    /// Points in pairs: where the edge leaves a layer, and where it enters the next.
    pub(super) points: Vec<(f64, f64)>,
    /// The ways out of both tables: 1.0 to the right, -1.0 to the left.
    pub(super) starts: f64,
    pub(super) ends: f64,
    /// Whether both ends are at one side.
    pub(super) is_loop: bool,
}

/// The places of everything, and the size of the whole.
pub(super) struct Layout<'a> {
    pub(super) tables: Vec<Placed<'a>>,
    pub(super) edges: Vec<Edge<'a>>,
    pub(super) size: (f64, f64),
}

/// A table, or an edge that passes: each has a place in a layer.
struct Node {
    table: Option<usize>,
    layer: usize,
    width: f64,
    height: f64,
    x: f64,
    y: f64,
}

/// A foreign key, and the nodes from its table to its target.
struct Way {
    source: usize,
    key: usize,
    nodes: Vec<usize>,
}

pub(super) fn layout<'a>(tables: &[&'a TableShape]) -> Layout<'a> {
    let links = links(tables);
    let layers = layers(tables.len(), &links);
    let linked =
        |at: usize| links.iter().any(|(from, to, _)| from != to && (*from == at || *to == at));
    let mut nodes: Vec<Node> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| Node {
            table: Some(at),
            layer: layers.get(at).copied().unwrap_or_default(),
            width: width(table),
            height: ROW * (rows(table) + 1.0),
            x: 0.0,
            y: 0.0,
        })
        .collect();
    let mut ways = Vec::new();
    for (source, target, key) in &links {
        let (from, to) = (layer_of(&nodes, *source), layer_of(&nodes, *target));
        let mut way = vec![*source];
        let between: Vec<usize> =
            if from > to { (to + 1..from).rev().collect() } else { (from + 1..to).collect() };
        for layer in between {
            way.push(nodes.len());
            nodes.push(Node { table: None, layer, width: 0.0, height: PASSING, x: 0.0, y: 0.0 });
        }
        way.push(*target);
        ways.push(Way { source: *source, key: *key, nodes: way });
    }
    let alone: Vec<usize> = (0..tables.len()).filter(|at| !linked(*at)).collect();
    place(&mut nodes, &ways, &alone);
    finish(tables, &nodes, &ways)
}

/// Foreign keys between these tables: source, target, and the number of the key.
fn links(tables: &[&TableShape]) -> Vec<(usize, usize, usize)> {
    let mut links = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        for (number, key) in table.foreign_keys.iter().enumerate() {
            let is_target = |other: &&TableShape| {
                other.name == key.target_table
                    && (key.target_schema.is_none() || other.schema == key.target_schema)
            };
            if let Some(target) = tables.iter().position(is_target) {
                links.push((at, target, number));
            }
        }
    }
    links
}

/// The layer of each table: one behind the last of its targets. A key that closes a cycle is passed
/// over.
fn layers(count: usize, links: &[(usize, usize, usize)]) -> Vec<usize> {
    fn visit(
        at: usize,
        links: &[(usize, usize, usize)],
        open: &mut Vec<usize>,
        done: &mut BTreeMap<usize, usize>,
    ) -> usize {
        if let Some(layer) = done.get(&at) {
            return *layer;
        }
        open.push(at);
        let mut layer = 0;
        for (_, target, _) in
            links.iter().filter(|(source, target, _)| *source == at && target != source)
        {
            if !open.contains(target) {
                layer = layer.max(visit(*target, links, open, done) + 1);
            }
        }
        open.pop();
        done.insert(at, layer);
        layer
    }
    let mut done = BTreeMap::new();
    (0..count).map(|at| visit(at, links, &mut Vec::new(), &mut done)).collect()
}

/// Gives each node its place: the order in a layer follows the middle of its neighbours.
fn place(nodes: &mut [Node], ways: &[Way], alone: &[usize]) {
    let last = nodes.iter().map(|node| node.layer).max().unwrap_or_default();
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for pair in ways.iter().flat_map(|way| way.nodes.windows(2)) {
        if let [one, other] = *pair {
            if let Some(of) = neighbours.get_mut(one) {
                of.push(other);
            }
            if let Some(of) = neighbours.get_mut(other) {
                of.push(one);
            }
        }
    }
    let mut layers: Vec<Vec<usize>> = (0..=last)
        .map(|layer| {
            let of = nodes
                .iter()
                .enumerate()
                .filter(|(at, node)| node.layer == layer && !alone.contains(at));
            of.map(|(at, _)| at).collect()
        })
        .collect();
    stack(nodes, &layers);
    for sweep in 0..SWEEPS {
        let order: Vec<usize> = if sweep % 2 == 0 {
            (0..layers.len()).collect()
        } else {
            (0..layers.len()).rev().collect()
        };
        for layer in order {
            let Some(of) = layers.get_mut(layer) else { continue };
            let wish = |at: &usize| {
                let around = neighbours.get(*at).map(Vec::as_slice).unwrap_or_default();
                let middles: Vec<f64> =
                    around.iter().filter_map(|other| nodes.get(*other).map(middle)).collect();
                let own = nodes.get(*at).map(middle).unwrap_or_default();
                if middles.is_empty() {
                    own
                } else {
                    middles.iter().sum::<f64>() / count(middles.len())
                }
            };
            let mut wishes: Vec<(usize, f64)> = of.iter().map(|at| (*at, wish(at))).collect();
            wishes.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            *of = wishes.iter().map(|(at, _)| *at).collect();
            settle(nodes, &wishes);
        }
    }
    columns(nodes, &layers, alone);
}

fn middle(node: &Node) -> f64 {
    node.y + node.height / 2.0
}

/// Puts the nodes of each layer below each other.
fn stack(nodes: &mut [Node], layers: &[Vec<usize>]) {
    for layer in layers {
        let mut y = 0.0;
        for at in layer {
            if let Some(node) = nodes.get_mut(*at) {
                node.y = y;
                y += node.height + APART;
            }
        }
    }
}

/// Puts the nodes of one layer as near to their wishes as they do not overlap: each pushes down those
/// below it, and all of them are then moved up by half of what they were pushed.
fn settle(nodes: &mut [Node], wishes: &[(usize, f64)]) {
    let (mut free, mut pushed) = (f64::NEG_INFINITY, 0.0);
    for (at, wish) in wishes {
        if let Some(node) = nodes.get_mut(*at) {
            let top = wish - node.height / 2.0;
            node.y = top.max(free);
            pushed += node.y - top;
            free = node.y + node.height + APART;
        }
    }
    let up = pushed / count(wishes.len().max(1));
    for (at, _) in wishes {
        if let Some(node) = nodes.get_mut(*at) {
            node.y -= up;
        }
    }
}

/// Gives each layer its place from left to right, and tables without keys a row below.
fn columns(nodes: &mut [Node], layers: &[Vec<usize>], alone: &[usize]) {
    let top = layers.iter().flatten().filter_map(|at| nodes.get(*at)).map(|node| node.y);
    let top = top.fold(f64::INFINITY, f64::min);
    let (mut x, mut bottom) = (MARGIN, MARGIN);
    for layer in layers {
        let width = layer.iter().filter_map(|at| nodes.get(*at)).map(|node| node.width);
        let width = width.fold(0.0, f64::max);
        for at in layer {
            if let Some(node) = nodes.get_mut(*at) {
                node.x = x;
                node.y += MARGIN - top;
                // An edge passes the whole width.
                node.width = if node.table.is_some() { node.width } else { width };
                bottom = f64::max(bottom, node.y + node.height + APART * 2.0);
            }
        }
        if !layer.is_empty() {
            x += width + BETWEEN;
        }
    }
    let right = x.max(900.0);
    let (mut x, mut tallest) = (MARGIN, 0.0);
    for at in alone {
        if let Some(node) = nodes.get_mut(*at) {
            if x > MARGIN && x + node.width > right {
                (x, bottom, tallest) = (MARGIN, bottom + tallest + APART, 0.0);
            }
            (node.x, node.y) = (x, bottom);
            x += node.width + APART;
            tallest = f64::max(tallest, node.height);
        }
    }
}

fn finish<'a>(tables: &[&'a TableShape], nodes: &[Node], ways: &[Way]) -> Layout<'a> {
    let placed: Vec<_> = nodes
        .iter()
        .filter_map(|node| {
            let table = tables.get(node.table?)?;
            Some(Placed { table, x: node.x, y: node.y, width: node.width, height: node.height })
        })
        .collect();
    let edges = ways.iter().filter_map(|way| edge(tables, nodes, way)).collect();
    let right = placed.iter().map(|one| one.x + one.width).fold(0.0, f64::max);
    let bottom = nodes.iter().map(|one| one.y + one.height).fold(0.0, f64::max);
    Layout { tables: placed, edges, size: (right + MARGIN * 2.0, bottom + MARGIN) }
}

fn edge<'a>(tables: &[&'a TableShape], nodes: &[Node], way: &Way) -> Option<Edge<'a>> {
    let source = tables.get(way.source)?;
    let key = source.foreign_keys.get(way.key)?;
    let (first, last) = (nodes.get(*way.nodes.first()?)?, nodes.get(*way.nodes.last()?)?);
    let target = tables.get(last.table?)?;
    let row = |node: &Node, table: &TableShape, column: Option<&String>| {
        let at = table.columns.iter().position(|one| Some(&one.name) == column);
        node.y + ROW * (count(at.unwrap_or_default()) + 1.5)
    };
    let from = row(first, source, key.columns.first());
    let to = row(last, target, key.target_columns.first());
    let is_loop = way.nodes.first() == way.nodes.last();
    let leftwards = first.layer > last.layer;
    let mut points = Vec::new();
    points.push((if leftwards { first.x } else { first.x + first.width }, from));
    for at in way.nodes.get(1..way.nodes.len() - 1).unwrap_or_default() {
        let node = nodes.get(*at)?;
        let (left, right) = ((node.x, middle(node)), (node.x + node.width, middle(node)));
        points.extend(if leftwards { [right, left] } else { [left, right] });
    }
    // A table of the same layer is entered from the side that the edge left.
    let at_right = leftwards || is_loop || first.layer == last.layer;
    points.push((if at_right { last.x + last.width } else { last.x }, to));
    let outwards = |to_the_right: bool| if to_the_right { 1.0 } else { -1.0 };
    Some(Edge {
        source,
        key: way.key,
        points,
        starts: outwards(!leftwards),
        ends: outwards(at_right),
        is_loop: is_loop || first.layer == last.layer,
    })
}

fn layer_of(nodes: &[Node], at: usize) -> usize {
    nodes.get(at).map(|node| node.layer).unwrap_or_default()
}

/// The width of a table: of its name, or of its widest column with its type.
fn width(table: &TableShape) -> f64 {
    let columns = table
        .columns
        .iter()
        .map(|column| column.name.chars().count() + column.sql_type.chars().count() + 7);
    let widest = columns.chain([table.name.chars().count() + 4]).max().unwrap_or_default();
    count(widest) * CHARACTER
}

fn rows(table: &TableShape) -> f64 {
    count(table.columns.len())
}

#[allow(clippy::cast_precision_loss, reason = "there are few of them")]
fn count(number: usize) -> f64 {
    number as f64
}
