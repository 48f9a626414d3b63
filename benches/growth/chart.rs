//! Lines over two logarithmic axes.

use std::fmt::Write as _;

pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// The points of each line.
    pub(crate) lines: Vec<Vec<(f64, f64)>>,
    pub(crate) dashed: Vec<Vec<(f64, f64)>>,
}

const STYLE: &str = "text{font:12px ui-monospace,'DejaVu Sans Mono',monospace;fill:#24292f}\
    .title{font-weight:bold}.end{text-anchor:end}.middle{text-anchor:middle}\
    .grid{stroke:#d0d7de;stroke-width:1}.line{fill:none;stroke-width:2}\
    .dashed{fill:none;stroke-width:1.3;stroke-dasharray:4 4}";
const COLORS: [&str; 5] = ["#0b4a6f", "#0550ae", "#1a7f37", "#bf8700", "#cf222e"];
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 60.0;

/// Charts beside each other; a line is named by its place.
pub(crate) fn svg(title: &str, charts: &[Chart<'_>]) -> String {
    let mut text = String::new();
    let mut left = 0.0;
    for chart in charts {
        panel(&mut text, chart, left + LEFT);
        left += LEFT + WIDTH;
    }
    let lines = charts.first().map_or(0, |chart| chart.lines.len());
    let mut x = LEFT;
    let y = TOP + HEIGHT + 50.0;
    for (place, color) in (1..=lines).zip(COLORS) {
        let _ = writeln!(
            text,
            "<path class=\"line\" stroke=\"{color}\" d=\"M{x:.0} {:.0}h20\"/>",
            y - 4.0
        );
        let levels = if place == 1 { "level" } else { "levels" };
        let _ = writeln!(text, "<text x=\"{:.0}\" y=\"{y:.0}\">{place} {levels}</text>", x + 26.0);
        x += 120.0;
    }
    let (width, height) = (left + 30.0, y + 16.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{text}</svg>\n"
    )
}

fn panel(text: &mut String, chart: &Chart<'_>, left: f64) {
    let points = || chart.lines.iter().chain(&chart.dashed).flatten();
    let (columns, rows) = (decades(points().map(|(x, _)| *x)), decades(points().map(|(_, y)| *y)));
    let place =
        |(x, y): (f64, f64)| (left + columns.part(x) * WIDTH, TOP + (1.0 - rows.part(y)) * HEIGHT);
    let _ = writeln!(
        text,
        "<text class=\"title\" x=\"{left:.0}\" y=\"{:.0}\">{}</text>",
        TOP - 16.0,
        chart.title
    );
    for power in rows.first..=rows.last {
        let (x, y) = place((1.0, 10_f64.powi(power)));
        let _ = writeln!(text, "<path class=\"grid\" d=\"M{x:.0} {y:.1}h{WIDTH}\"/>");
        let _ = writeln!(
            text,
            "<text class=\"end\" x=\"{:.0}\" y=\"{:.1}\">{}</text>",
            x - 6.0,
            y + 4.0,
            told(power),
        );
    }
    for power in columns.first..=columns.last {
        let (x, _) = place((10_f64.powi(power), 1.0));
        let _ = writeln!(text, "<path class=\"grid\" d=\"M{x:.1} {TOP:.0}v{HEIGHT}\"/>");
        let _ = writeln!(
            text,
            "<text class=\"middle\" x=\"{x:.1}\" y=\"{:.0}\">{}</text>",
            TOP + HEIGHT + 18.0,
            told(power),
        );
    }
    for (class, lines) in [("line", &chart.lines), ("dashed", &chart.dashed)] {
        for (line, color) in lines.iter().zip(COLORS) {
            let places = line.iter().map(|point| place(*point));
            let places: Vec<_> = places.map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
            let path = places.join("L");
            let _ = writeln!(text, "<path class=\"{class}\" stroke=\"{color}\" d=\"M{path}\"/>");
        }
    }
}

/// Powers of ten, from one to another.
struct Decades {
    first: i32,
    last: i32,
}

#[allow(clippy::cast_possible_truncation, reason = "a few decades")]
fn decades(values: impl Iterator<Item = f64>) -> Decades {
    let (mut first, mut last) = (i32::MAX, i32::MIN);
    for value in values.map(f64::log10) {
        (first, last) = (first.min(value.floor() as i32), last.max(value.ceil() as i32));
    }
    Decades { first, last: last.max(first + 1) }
}

impl Decades {
    /// The part of the axis below a value.
    fn part(&self, value: f64) -> f64 {
        (value.log10() - f64::from(self.first)) / f64::from(self.last - self.first)
    }
}

/// A power of ten as it is read.
fn told(power: i32) -> String {
    match power {
        ..0 => format!("{}", 10_f64.powi(power)),
        0..3 => format!("{:.0}", 10_f64.powi(power)),
        3..6 => format!("{:.0} k", 10_f64.powi(power - 3)),
        _ => format!("{:.0} M", 10_f64.powi(power - 6)),
    }
}
