//! `puppyslug bench`: every kernel of one iteration, timed on the device.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::bench::{Part, Report, Row, measure, roofline};
use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::objectives::check_objectives;
use crate::cli::flags::objectives::parse_objective;
use crate::cli::terminal::print;
use crate::cli::terminal::say;
use crate::device::host;
use crate::dream::Objective;
use crate::extent::Extent;
use crate::files::output::Output;
use crate::picture::Picture;
use crate::picture::Size;
use crate::picture::sky::sky;

/// The shape of the picture that is dreamed over.
const SKY: Extent = Extent::new(384, 512);

#[derive(Args)]
#[command(after_help = "\
One iteration of a dream is timed, after a check against the CPU if it runs on a GPU: each kernel
on the device's own clock, and the iteration as a dream runs it. `share` is a kernel's rate
relative to what this device can do at that intensity (the lower of its arithmetic and memory
ceilings, both measured in the same run).

Examples:
  puppyslug bench
  puppyslug bench --filter conv --size 224 --device gpu
  puppyslug bench --layer inception_5b/output --objective logit:hotdog
  puppyslug bench --json --plot roofline.svg > bench.json")]
pub(crate) struct Arguments {
    /// Only kernels whose description contains this text, such as conv or 3x3
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Size of the picture: exactly WxH, or N for the longest side of a 4:3 one
    #[arg(long, value_name = "WxH|N", default_value = "512x384")]
    size: Size,

    /// Maximise a layer, as in `puppyslug dream`; may be repeated
    #[arg(long, value_name = "NAME[=WEIGHT]", value_parser = Objective::parse_layer)]
    layer: Vec<Objective>,

    /// What is climbed, as in `puppyslug dream`; may be repeated; without it and --layer: l2:inception_4c/output
    #[arg(long, value_name = "SPEC", value_parser = parse_objective)]
    objective: Vec<Objective>,

    /// How often everything is timed
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    turns: u32,

    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,

    /// Draw a roofline into an SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let weights = arguments.weights.open()?;
    let mut objectives = [&arguments.layer[..], &arguments.objective[..]].concat();
    if objectives.is_empty() {
        objectives = crate::dream::Config::default().objectives;
    }
    check_objectives(&objectives, &weights)?;
    arguments.plot.as_deref().map_or(Ok(()), check_plot)?;
    let machine = arguments.device.open()?;
    let picture = picture(arguments.size)?;
    let turns = arguments.turns as usize;
    let processor = host().ok();
    let other = processor.as_deref().filter(|processor| processor.name() != machine.name());
    let mut report = measure(&*machine, other, &weights, &picture, &objectives, turns)?;
    let filter = arguments.filter.as_deref();
    if let (Some(filter), None) = (filter, wanted(&report, filter).next()) {
        let message = format!("no kernel of this iteration has '{filter}' in its description");
        return Err(Failure::because(message));
    }
    if let Some(plot) = &arguments.plot {
        let drawing = roofline(&report);
        say(Output::at(plot)?
            .fill(|file| file.write_all(drawing.as_bytes()).map_err(|error| error.to_string()))?
            .display());
    }
    report.rows.sort_by_key(|row| std::cmp::Reverse(row.median * row.count as u32));
    let text = if arguments.json { as_json(&report, filter) } else { as_table(&report, filter)? };
    print(&text)
}

/// Checks before any work that a drawing can be written.
fn check_plot(path: &Path) -> Result<(), Failure> {
    Output::at(path)?;
    match path.extension().is_some_and(|extension| extension == "svg") {
        true => Ok(()),
        false => {
            let path = path.display();
            Err(Failure::usage(format_args!("cannot write '{path}': the name must end in .svg")))
        }
    }
}

/// A sky of exactly this size, or, for a longest side alone, one with the aspect ratio of [`SKY`].
fn picture(size: Size) -> Result<Picture, Failure> {
    let extent = match size {
        Size::Box(exactly) => exactly,
        Size::Within(_) => size.fit(SKY),
    };
    Ok(sky(extent, 0)?)
}

fn wanted<'a>(report: &'a Report, filter: Option<&'a str>) -> impl Iterator<Item = &'a Row> {
    report.rows.iter().filter(move |row| filter.is_none_or(|filter| row.step.contains(filter)))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn as_table(report: &Report, filter: Option<&str>) -> Result<String, Failure> {
    let ceiling = &report.ceiling;
    let mut table = format!(
        "{}: {} over {}\nceilings: {:.1} GFLOP/s, {:.1} GB/s\n\n\
         {:<44} {:>2} {:>9} {:>9} {:>8} {:>7} {:>8} {:>6} {:>6}\n",
        report.device,
        report.objective,
        report.size,
        ceiling.flops / 1e9,
        ceiling.bytes / 1e9,
        "kernel",
        "n",
        "median ms",
        "min ms",
        "GFLOP/s",
        "GB/s",
        "flop/B",
        "share",
        "time"
    );
    for row in wanted(report, filter) {
        let time = row.median.as_secs_f64() * row.count as f64 / report.steps().as_secs_f64();
        writeln!(
            table,
            "{:<44} {:>2} {:>9.3} {:>9.3} {:>8.1} {:>7.1} {:>8.1} {:>5.0}% {:>5.1}%",
            row.step,
            row.count,
            milliseconds(row.median),
            milliseconds(row.minimum),
            row.rate() / 1e9,
            row.bandwidth() / 1e9,
            row.intensity(),
            100.0 * row.share(ceiling),
            100.0 * time
        )?;
    }
    writeln!(table)?;
    for (name, part) in [("forward", Part::Forward), ("backward", Part::Backward), ("loop", Part::Loop)] {
        writeln!(table, "{name:<12} {:>9.3} ms", milliseconds(report.part(part)))?;
    }
    writeln!(table, "{:<12} {:>9.3} ms between and around the kernels", "gaps", milliseconds(report.gaps()))?;
    writeln!(
        table,
        "{:<12} {:>9.3} ms, {:.0}% of the arithmetic ceiling",
        "iteration",
        milliseconds(report.iteration),
        100.0 * report.share()
    )?;
    writeln!(
        table,
        "{:<12} {:>9.3} ms on the host, while the device works",
        "encoding",
        milliseconds(report.encode)
    )?;
    Ok(table)
}

fn as_json(report: &Report, filter: Option<&str>) -> String {
    let row = |row: &Row| {
        json!({
            "kernel": row.step,
            "part": part_name(row.part),
            "count": row.count,
            "median_ms": milliseconds(row.median),
            "min_ms": milliseconds(row.minimum),
            "flops": row.flops,
            "bytes": row.bytes,
            "share": row.share(&report.ceiling),
        })
    };
    let value = json!({
        "device": report.device,
        "objective": report.objective,
        "width": report.size.width,
        "height": report.size.height,
        "ceiling_flops": report.ceiling.flops,
        "ceiling_bytes": report.ceiling.bytes,
        "kernels": wanted(report, filter).map(row).collect::<Vec<Value>>(),
        "forward_ms": milliseconds(report.part(Part::Forward)),
        "backward_ms": milliseconds(report.part(Part::Backward)),
        "loop_ms": milliseconds(report.part(Part::Loop)),
        "gaps_ms": milliseconds(report.gaps()),
        "iteration_ms": milliseconds(report.iteration),
        "encode_ms": milliseconds(report.encode),
        "share": report.share(),
    });
    format!("{value:#}\n")
}

fn part_name(part: Part) -> &'static str {
    match part {
        Part::Forward => "forward",
        Part::Backward => "backward",
        Part::Loop => "loop",
    }
}
