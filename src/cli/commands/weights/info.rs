//! `puppyslug weights info`: describes a file of weights, and checks it for damage.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use safetensors::SafeTensors;
use serde_json::{Value, json};

use super::foreign::{format_name, read_file};
use super::import::adopt;
use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::terminal::in_one_line;
use crate::cli::terminal::print;
use crate::dream::alive::{Pulse, pulse};
use crate::files::bytes::ByteSize;
use crate::files::digest::sha256;
use crate::import::doctor::{Finding, Measured, examine, measure};
use crate::import::{Imported, Tensor};
use crate::net::{Op, Weights};
use crate::store::{self, Located};

/// The largest share of its channels that a trained network leaves silent; BVLC's leaves far fewer.
const MOSTLY_SILENT: f64 = 0.5;

#[derive(Args)]
#[command(after_help = "\
It takes any file that `weights import` reads. It looks for numbers that are not finite, for
tensors that are zero throughout or scrambled, and at the order of colours; then it shows the
network a painted sky. The exit code is 1 if something is wrong.

Examples:
  puppyslug weights info embedded
  puppyslug weights info bvlc_googlenet.caffemodel
  puppyslug weights info bvlc --json")]
pub(crate) struct Arguments {
    /// A file of weights in any format, or a name from `puppyslug weights list`
    #[arg(value_name = "FILE|NAME")]
    weights: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    device: DeviceArguments,
}

/// Everything that is reported.
struct Report {
    file: String,
    bytes: usize,
    sha256: String,
    /// The float types of the numbers in the file, if its format tells.
    stored_as: Option<String>,
    imported: Imported,
    mean: [f32; 3],
    /// The names of the classes: the file's own, or else those assumed.
    labels: Vec<String>,
    layers: usize,
    measured: Vec<Measured>,
    findings: Vec<Finding>,
    pulse: Vec<Pulse>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let report = examine_file(arguments)?;
    print(&if arguments.json { format!("{:#}\n", report.json()) } else { report.text()? })?;
    match report.troubles().count() {
        0 => Ok(()),
        1 => Err(Failure::because("the doctor found a problem")),
        troubles => Err(Failure::because(format_args!("the doctor found {troubles} problems"))),
    }
}

fn examine_file(arguments: &Arguments) -> Result<Report, Failure> {
    let (file, bytes) = match store::find(&arguments.weights)? {
        Located::Embedded => ("(inside the program)".to_owned(), Weights::embedded_bytes().to_vec()),
        Located::File(path) => (path.display().to_string(), read_file(&path)?),
    };
    let (length, sha256, stored_as) = (bytes.len(), sha256(&bytes), stored_as(&bytes));
    let refused = |reason| Failure::because(format_args!("'{file}' is not a file of weights: {reason}"));
    let imported = adopt(bytes).map_err(refused)?;
    let mut findings = examine(&imported.tensors);
    let measured = imported.tensors.iter().map(measure).collect();
    let weights = build(&imported, &file)?;
    let machine = arguments.device.open()?;
    let pulse = pulse(&*machine, &weights)?;
    findings.extend(judge(&pulse));
    let network = weights.network();
    Ok(Report {
        file,
        bytes: length,
        sha256,
        stored_as,
        mean: weights.mean(),
        labels: weights.labels().to_vec(),
        layers: network.ids().filter(|&id| matches!(network[id].op, Op::Conv { .. })).count(),
        imported,
        measured,
        findings,
        pulse,
    })
}

fn stored_as(bytes: &[u8]) -> Option<String> {
    let file = SafeTensors::deserialize(bytes).ok()?;
    let types: BTreeSet<String> =
        file.tensors().iter().map(|(_, view)| format!("{:?}", view.dtype())).collect();
    Some(types.into_iter().collect::<Vec<_>>().join(", "))
}

/// Loads the network, through the file that an import would write.
fn build(imported: &Imported, name: &str) -> Result<Weights, Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("weights.safetensors");
    imported.write(&path, false)?;
    Ok(Weights::from_bytes(&format!("'{name}'"), &std::fs::read(path)?)?)
}

fn judge(pulse: &[Pulse]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Pulse { layer, channels, silent, largest } in pulse {
        if !largest.is_finite() {
            findings
                .push(Finding::Trouble(format!("activations of {layer} are not finite for a painted sky")));
        } else if silent == channels {
            findings
                .push(Finding::Trouble(format!("{layer} is silent for a painted sky: nothing gets through")));
        }
    }
    let (silent, channels) = silence(pulse);
    if findings.is_empty() && silent as f64 > MOSTLY_SILENT * channels as f64 {
        let text =
            format!("{silent} of {channels} channels are silent for a painted sky, more than is usual");
        findings.push(Finding::Hint(text));
    }
    findings
}

fn silence(pulse: &[Pulse]) -> (usize, usize) {
    let count = |part: fn(&Pulse) -> usize| pulse.iter().map(part).sum();
    (count(|pulse| pulse.silent), count(|pulse| pulse.channels))
}

impl Report {
    fn troubles(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| matches!(finding, Finding::Trouble(_)))
    }

    fn parameters(&self) -> usize {
        self.imported.tensors.iter().map(|tensor| tensor.data.len()).sum()
    }

    fn text(&self) -> Result<String, Failure> {
        let imported = &self.imported;
        let said = |key| imported.get(key).unwrap_or("not stated in the file");
        let [blue, green, red] = self.mean;
        let stored_as = self.stored_as.as_ref().map_or(String::new(), |types| format!(", {types}"));
        let mut text = String::new();
        let mut line = |name: &str, value: String| writeln!(text, "{name:<11} {}", in_one_line(&value));
        line("file", self.file.clone())?;
        line("size", ByteSize(self.bytes as u64).to_string())?;
        line("SHA-256", self.sha256.clone())?;
        line("format", format!("{}{stored_as}", format_name(imported.format)))?;
        line("network", imported.variant.name().to_owned())?;
        line("layers", format!("{} convolutions, {} parameters", self.layers, self.parameters()))?;
        line("classes", self.classes_in_words())?;
        line("input", format!("BGR, 0 to 255, minus {blue},{green},{red}"))?;
        line("licence", said("license").to_owned())?;
        line("source", said("source").to_owned())?;
        self.describe_tensors(&mut text)?;
        self.describe_health(&mut text)?;
        Ok(text)
    }

    fn classes_in_words(&self) -> String {
        let Some(classes) = self.imported.classes() else { return "none".to_owned() };
        if self.labels.is_empty() {
            return format!("{classes}, without names");
        }
        let taken = if self.imported.get("labels").is_some() { "" } else { " (taken for ImageNet's)" };
        format!("{classes}{taken}: {}, ...", self.labels[..self.labels.len().min(5)].join(", "))
    }

    fn describe_tensors(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "\n{:<36} {:<16} {:>10} {:>10} {:>10} {:>6}",
            "tensor", "shape", "L2 norm", "min", "max", "zeros"
        )?;
        for (Tensor { name, shape, .. }, measured) in self.imported.tensors.iter().zip(&self.measured) {
            let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
            let Measured { norm, min, max, zeros, .. } = measured;
            let (shape, zeros) = (shape.join("x"), 100.0 * zeros);
            writeln!(text, "{name:<36} {shape:<16} {norm:>10.4} {min:>10.4} {max:>10.4} {zeros:>5.1}%")?;
        }
        Ok(())
    }

    fn describe_health(&self, text: &mut String) -> std::fmt::Result {
        let (silent, channels) = silence(&self.pulse);
        writeln!(text, "\ndoctor")?;
        for finding in &self.findings {
            let (kind, finding) = words(finding);
            writeln!(text, "  {kind}: {finding}")?;
        }
        if self.troubles().next().is_none() {
            writeln!(text, "  no trouble found")?;
        }
        let share = 100.0 * silent as f64 / channels.max(1) as f64;
        writeln!(
            text,
            "  shown a painted sky, {silent} of {channels} channels after ReLU are silent ({share:.1}%)"
        )
    }

    fn json(&self) -> Value {
        let imported = &self.imported;
        let tensors = imported.tensors.iter().zip(&self.measured).map(|(tensor, measured)| {
            json!({
                "name": tensor.name, "shape": tensor.shape, "l2": measured.norm, "min": measured.min,
                "max": measured.max, "zeros": measured.zeros, "not_finite": measured.broken,
            })
        });
        let findings = self.findings.iter().map(|finding| {
            let (kind, text) = words(finding);
            json!({ "kind": kind, "text": text })
        });
        let pulse = self.pulse.iter().map(|pulse| {
            json!({
                "layer": pulse.layer, "channels": pulse.channels, "silent": pulse.silent,
                "largest": pulse.largest,
            })
        });
        json!({
            "file": self.file, "bytes": self.bytes, "sha256": self.sha256,
            "format": format_name(imported.format), "stored_as": self.stored_as,
            "network": imported.variant.name(), "convolutions": self.layers, "parameters": self.parameters(),
            "classes": imported.classes(), "labels": self.labels,
            "labels_in_file": imported.get("labels").is_some(), "mean_bgr": self.mean,
            "license": imported.get("license"), "source": imported.get("source"),
            "tensors": tensors.collect::<Vec<_>>(), "findings": findings.collect::<Vec<_>>(),
            "painted_sky": pulse.collect::<Vec<_>>(),
        })
    }
}

fn words(finding: &Finding) -> (&'static str, &str) {
    match finding {
        Finding::Trouble(text) => ("trouble", text),
        Finding::Hint(text) => ("hint", text),
    }
}
