//! A picture of tables and their foreign keys.

use std::fmt::Write as _;

use relations::shape::Shape;

use super::layout::{Edge, Placed, ROW, layout};
use super::{Extent, is_foreign, is_optional, is_primary, is_sole, tables};

const STYLE: &str = "text{font:12px ui-monospace,'DejaVu Sans Mono',monospace;fill:#24292f}\
    .name{font-weight:bold;fill:#fff}.type{fill:#6e7781}.key{fill:#0550ae;font-weight:bold}\
    .box{fill:#fff;stroke:#57606a}.head{fill:#0b4a6f}.edge,.end{fill:none;stroke:#57606a;stroke-width:1.3}\
    .none{fill:#fff;stroke:#57606a;stroke-width:1.3}";

/// The length of a crow's foot.
const FOOT: f64 = 20.0;

/// The tables of a shape and their foreign keys as an SVG: layers from left to right, targets first,
/// with crow's feet at the rows of the keys.
///
/// ```
/// use relations::prelude::*;
/// use relations::{Engine, schema};
/// use relations_tools::{Extent, svg};
///
/// #[derive(Entity)]
/// struct Customer {
///     #[id]
///     id: i64,
/// }
///
/// let shape = schema![Customer].shape(Engine::Postgres)?;
/// assert!(svg(&shape, &Extent::Whole).starts_with("<svg "));
/// # Ok::<(), relations::Error>(())
/// ```
#[must_use]
pub fn svg(shape: &Shape, extent: &Extent) -> String {
    let layout = layout(&tables(shape, extent));
    let (width, height) = layout.size;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>Tables and their foreign keys</title>\n\
         <style>{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for edge in &layout.edges {
        self::edge(&mut text, edge);
    }
    for placed in &layout.tables {
        table(&mut text, placed);
    }
    text.push_str("</svg>\n");
    text
}

fn edge(text: &mut String, edge: &Edge<'_>) {
    let Some(key) = edge.source.foreign_keys.get(edge.key) else { return };
    let Some(((x, y), rest)) = edge.points.split_first() else { return };
    // A crow's foot stands on a straight line.
    let mut path = format!("M{x:.1} {y:.1}H{:.1}", x + FOOT * edge.starts);
    let mut last = (x + FOOT * edge.starts, *y);
    for (at, (x, y)) in rest.iter().enumerate() {
        let is_last = at + 1 == rest.len();
        let (x, y) = (if is_last { x + FOOT * edge.ends } else { *x }, y);
        if edge.is_loop {
            let out = last.0.max(x) + 34.0;
            let _ = write!(path, "C{out:.1} {:.1} {out:.1} {y:.1} {x:.1} {y:.1}", last.1);
        } else if at % 2 == 0 {
            // Between two layers it turns; through a layer it goes straight.
            let half = f64::midpoint(last.0, x);
            let _ = write!(path, "C{half:.1} {:.1} {half:.1} {y:.1} {x:.1} {y:.1}", last.1);
        } else {
            let _ = write!(path, "L{x:.1} {y:.1}");
        }
        last = (x, *y);
    }
    let target = (last.0 - FOOT * edge.ends, last.1);
    let _ = write!(path, "H{:.1}", target.0);
    let _ = writeln!(
        text,
        "<path class=\"edge\" d=\"{path}\"><title>{}.{} to {}</title></path>",
        escaped(&edge.source.name),
        escaped(&key.columns.join(", ")),
        escaped(&key.target_table),
    );
    let held = if is_sole(edge.source, key) { End::OneOrNone } else { End::Many };
    let kept = if is_optional(edge.source, key) { End::OneOrNone } else { End::One };
    held.draw(text, (*x, *y), edge.starts);
    kept.draw(text, target, edge.ends);
}

/// The number of rows at an end of an edge, as a crow's foot shows it.
#[derive(Clone, Copy)]
enum End {
    One,
    OneOrNone,
    Many,
}

impl End {
    /// Draws it at the side of a table, on the way out of it: 1.0 to the right, -1.0 to the left.
    fn draw(self, text: &mut String, (x, y): (f64, f64), way: f64) {
        let at = |distance: f64| x + distance * way;
        let bar = |distance: f64| format!("M{:.1} {:.1}V{:.1}", at(distance), y - 6.0, y + 6.0);
        let none = !matches!(self, Self::One);
        let path = match self {
            Self::One => bar(8.0) + &bar(13.0),
            Self::OneOrNone => bar(8.0),
            Self::Many => format!(
                "M{:.1} {y:.1}L{x:.1} {:.1}M{:.1} {y:.1}L{x:.1} {:.1}",
                at(11.0),
                y - 6.0,
                at(11.0),
                y + 6.0
            ),
        };
        let _ = write!(text, "<path class=\"end\" d=\"{path}\"/>");
        if none {
            let _ = write!(
                text,
                "<circle class=\"none\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4\"/>",
                at(15.0)
            );
        }
        text.push('\n');
    }
}

fn table(text: &mut String, placed: &Placed<'_>) {
    let Placed { table, x, y, width, height } = placed;
    let _ = writeln!(
        text,
        "<g transform=\"translate({x:.1} {y:.1})\"><rect class=\"box\" width=\"{width:.1}\" \
         height=\"{height:.1}\" rx=\"3\"/><rect class=\"head\" width=\"{width:.1}\" height=\"{ROW}\" \
         rx=\"3\"/><text class=\"name\" x=\"8\" y=\"14\">{}</text>",
        escaped(&table.name),
    );
    let mut y = ROW;
    for column in &table.columns {
        let (primary, foreign) = (is_primary(table, &column.name), is_foreign(table, &column.name));
        let class = if primary { " class=\"key\"" } else { "" };
        let marks = match (primary, foreign) {
            (true, true) => "PF",
            (true, false) => "P",
            (false, true) => "F",
            (false, false) => "",
        };
        let null = if column.nullable { "?" } else { "" };
        let _ = writeln!(
            text,
            "<text class=\"type\" x=\"6\" y=\"{:.1}\">{marks}</text><text{class} x=\"28\" y=\"{:.1}\">{}\
             </text><text class=\"type\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}{null}</text>",
            y + 14.0,
            y + 14.0,
            escaped(&column.name),
            width - 6.0,
            y + 14.0,
            escaped(&column.sql_type),
        );
        y += ROW;
    }
    text.push_str("</g>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
