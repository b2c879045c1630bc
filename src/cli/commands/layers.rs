//! `puppyslug layers`: the layers and the kinds of objectives.

use std::fmt::Write;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::terminal::print;
use crate::dream::objective::forms;
use crate::net::NamedChannel;

#[derive(Args)]
#[command(after_help = format!("{NOTES}\n\n{}", describe_objectives()))]
pub(crate) struct Arguments {
    #[command(flatten)]
    weights: WeightsArguments,
}

const NOTES: &str = "\
A convolution's own name (inception_4c/3x3) is its value before ReLU, relu_*
(inception_4c/relu_3x3) its value after it. Other GoogLeNets have names of their own; the last
column then has Caffe's, which mean the same layer. The receptive field is the square of pixels
that one cell sees, and the stride is the distance between neighbours.";

/// Describes the kinds of objectives that `dream --objective` takes, and what each maximises.
fn describe_objectives() -> String {
    let mut text = "What `puppyslug dream --objective` maximises:".to_owned();
    let longest = forms().map(|form| form.to_string().len()).max().unwrap_or(0);
    for form in forms() {
        text += &format!("\n  {:<longest$}  {}", form.to_string(), form.meaning);
    }
    text
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let weights = arguments.weights.open()?;
    let network = weights.network();
    let longest = network.ids().map(|id| network[id].name.len()).max().unwrap_or(0).max("layer".len());
    let mut table =
        format!("{:<longest$} {:>8} {:>7} {:>16}", "layer", "channels", "stride", "receptive field");
    if network.ids().any(|id| network[id].alias.is_some()) {
        table.push_str("  in Caffe");
    }
    table.push('\n');
    for id in network.ids() {
        let layer = &network[id];
        let field = network.receptive_field(id);
        let (stride, size) = match field.size {
            Some(size) => (field.stride.to_string(), size.to_string()),
            None => ("-".to_owned(), "whole picture".to_owned()),
        };
        write!(table, "{:<longest$} {:>8} {stride:>7} {size:>16}", layer.name, layer.channels)?;
        match &layer.alias {
            Some(alias) => writeln!(table, "  {alias}")?,
            None => writeln!(table)?,
        }
    }
    let mut named = weights.named_channels().peekable();
    if named.peek().is_some() {
        table.push_str(
            "\nchannels with names, given by looking; dream with one by --objective channel:LAYER:N\n",
        );
    }
    for NamedChannel { layer, channel, name } in named {
        writeln!(table, "{:<longest$} {name}", format!("{layer}:{channel}"))?;
    }
    print(&table)
}
