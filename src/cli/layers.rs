//! `puppyslug layers`: what can be named.

use std::fmt::Write;

use clap::Args;

use super::{Failure, WeightsArguments, print};

#[derive(Args)]
#[command(after_help = "\
A convolution's own name (inception_4c/3x3) is its value before ReLU, relu_* (inception_4c/relu_3x3) after it.
The receptive field is the square of pixels that one cell sees; the stride, the distance between neighbours.")]
pub(super) struct Arguments {
    #[command(flatten)]
    weights: WeightsArguments,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let weights = arguments.weights.open()?;
    let network = weights.network();
    let mut table = format!("{:<29} {:>8} {:>7} {:>16}\n", "layer", "channels", "stride", "receptive field");
    for id in network.ids() {
        let layer = &network[id];
        let field = network.receptive_field(id);
        let (stride, size) = match field.size {
            Some(size) => (field.stride.to_string(), size.to_string()),
            None => ("-".to_owned(), "whole picture".to_owned()),
        };
        writeln!(table, "{:<29} {:>8} {stride:>7} {size:>16}", layer.name, layer.channels)?;
    }
    print(&table)
}
