//! A roofline as SVG: each kernel's rate over its arithmetic intensity, under the two roofs of the machine.

use std::fmt::Write;

use super::{Part, Report, Row};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 600.0;
/// Left, right, top, bottom.
const MARGIN: (f64, f64, f64, f64) = (80.0, 30.0, 70.0, 60.0);

/// A decade range of one axis and the pixels it covers.
struct Axis {
    low: i32,
    high: i32,
    start: f64,
    end: f64,
}

impl Axis {
    /// The decades that hold all values.
    fn new(values: impl Iterator<Item = f64> + Clone, start: f64, end: f64) -> Self {
        let low = values.clone().fold(f64::MAX, f64::min).log10().floor() as i32;
        let high = values.fold(f64::MIN_POSITIVE, f64::max).log10().ceil() as i32;
        Self { low, high: high.max(low + 1), start, end }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        self.start + share * (self.end - self.start)
    }

    fn decades(&self) -> impl Iterator<Item = i32> + use<> {
        self.low..=self.high
    }

    fn ends(&self) -> (f64, f64) {
        (10f64.powi(self.low), 10f64.powi(self.high))
    }
}

/// Draws the report. The area of a dot is its share of the iteration.
pub fn roofline(report: &Report) -> String {
    let rows: Vec<&Row> = report.rows.iter().collect();
    let (left, right, top, bottom) = MARGIN;
    let x = Axis::new(rows.iter().map(|row| row.intensity()), left, WIDTH - right);
    let rates = rows.iter().map(|row| row.rate() / 1e9).chain([report.ceiling.flops / 1e9]);
    let y = Axis::new(rates, HEIGHT - bottom, top);
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' \
         font-family='system-ui, sans-serif' font-size='13' fill='#334'>\n\
         <rect width='{WIDTH}' height='{HEIGHT}' fill='#fcfcfa'/>\n"
    );
    // Writing to a string cannot fail.
    let _ = heading(&mut svg, report);
    let _ = grid(&mut svg, &x, &y);
    let _ = roofs(&mut svg, report, &x, &y);
    let _ = dots(&mut svg, report, &rows, &x, &y);
    svg + "</svg>\n"
}

fn heading(svg: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(
        svg,
        "<text x='80' y='30' font-size='18' font-weight='600'>{}</text>\n\
         <text x='80' y='50' fill='#778'>{} over {}: {:.2} ms an iteration, {:.0}% of the arithmetic \
         ceiling</text>",
        escape(&report.device),
        escape(&report.objective),
        report.size,
        report.iteration.as_secs_f64() * 1e3,
        100.0 * report.share()
    )
}

fn grid(svg: &mut String, x: &Axis, y: &Axis) -> std::fmt::Result {
    for decade in x.decades() {
        let (value, at) = (10f64.powi(decade), x.at(10f64.powi(decade)));
        writeln!(svg, "<path d='M{at:.1} {}V{}' stroke='#e4e4de'/>", y.start, y.end)?;
        writeln!(svg, "<text x='{at:.1}' y='{}' text-anchor='middle'>{value}</text>", y.start + 20.0)?;
    }
    for decade in y.decades() {
        let (value, at) = (10f64.powi(decade), y.at(10f64.powi(decade)));
        writeln!(svg, "<path d='M{} {at:.1}H{}' stroke='#e4e4de'/>", x.start, x.end)?;
        writeln!(svg, "<text x='{}' y='{:.1}' text-anchor='end'>{value}</text>", x.start - 8.0, at + 4.0)?;
    }
    let middle = (y.start + y.end) / 2.0;
    writeln!(
        svg,
        "<text x='{}' y='{}' text-anchor='middle'>operations a byte</text>\n\
         <text transform='translate(24 {middle}) rotate(-90)' text-anchor='middle'>GFLOP/s</text>",
        (x.start + x.end) / 2.0,
        HEIGHT - 16.0
    )
}

fn roofs(svg: &mut String, report: &Report, x: &Axis, y: &Axis) -> std::fmt::Result {
    let (flops, bytes) = (report.ceiling.flops / 1e9, report.ceiling.bytes / 1e9);
    let ((left, right), (floor, _)) = (x.ends(), y.ends());
    let ridge = (flops / bytes).clamp(left, right);
    let start = left.max(floor / bytes).min(ridge);
    writeln!(
        svg,
        "<path d='M{:.1} {:.1}L{:.1} {:.1}H{:.1}' fill='none' stroke='#334' stroke-width='2'/>\n\
         <text x='{:.1}' y='{:.1}' text-anchor='end'>{flops:.0} GFLOP/s, {bytes:.0} GB/s</text>",
        x.at(start),
        y.at((start * bytes).clamp(floor, flops)),
        x.at(ridge),
        y.at((ridge * bytes).clamp(floor, flops)),
        x.end,
        x.end,
        y.at(flops) - 8.0
    )
}

fn dots(svg: &mut String, report: &Report, rows: &[&Row], x: &Axis, y: &Axis) -> std::fmt::Result {
    for row in rows {
        let time = row.median.as_secs_f64() * row.count as f64;
        let radius = (3000.0 * time / report.steps().as_secs_f64().max(1e-9)).sqrt().clamp(2.0, 40.0);
        let colour = match row.part {
            Part::Forward => "#2a78c8",
            Part::Backward => "#d8643c",
            Part::Loop => "#7a9a3a",
        };
        writeln!(
            svg,
            "<circle cx='{:.1}' cy='{:.1}' r='{radius:.1}' fill='{colour}' fill-opacity='.55' stroke='{colour}'>\
             <title>{} x{}: {:.3} ms each, {:.0} GFLOP/s</title></circle>",
            x.at(row.intensity()),
            y.at(row.rate() / 1e9).clamp(y.end, y.start),
            escape(&row.step),
            row.count,
            row.median.as_secs_f64() * 1e3,
            row.rate() / 1e9
        )?;
    }
    for (i, (name, colour)) in
        [("forward", "#2a78c8"), ("backward", "#d8643c"), ("loop", "#7a9a3a")].iter().enumerate()
    {
        let at = x.end - 250.0 + 90.0 * i as f64;
        writeln!(
            svg,
            "<circle cx='{at}' cy='26' r='6' fill='{colour}'/><text x='{}' y='30'>{name}</text>",
            at + 12.0
        )?;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
