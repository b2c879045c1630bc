//! `puppyslug probe`: activations and gradients of one pass, for people who study networks.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use crate::cli::failure::Failure;
use crate::cli::flags::device::DeviceArguments;
use crate::cli::flags::network::WeightsArguments;
use crate::cli::flags::objectives::{check_objectives, parse_objective};
use crate::cli::flags::output::mind;
use crate::cli::flags::settings::MeanArguments;
use crate::cli::terminal::say;
use crate::dream::Objective;
use crate::dream::probe::{Map, Probed, network_input, probe};
use crate::extent::Extent;
use crate::files::input::read_whole;
use crate::files::output::Output;
use crate::net::{Shape, Weights};
use crate::picture::{MAX_PIXELS, Picture, WantedSize, check_size};
use crate::studio::{keep_inputs, read_options};

/// The largest input accepted, in bytes: room for the largest picture, and for a header.
const LARGEST_INPUT: u64 = 12 * MAX_PIXELS as u64 + (1 << 20);

#[derive(Args)]
#[command(after_help = "\
The file holds, all f32:
  activation/NAME  [C,H,W]  for each layer
  gradient         [3,H,W]  of the sum of the objectives, if any, with respect to the input (BGR)
  value            [1]      of that sum

Examples:
  puppyslug probe cat.jpg -o cat.safetensors --layer conv2/norm2 --layer inception_4c/3x3
  puppyslug probe input.safetensors -o out.safetensors --objective channel:inception_4d/output:139")]
pub(crate) struct Arguments {
    /// A picture, or a safetensors file whose tensor `input` ([3,H,W], f32, BGR minus mean) is used as it is
    input: PathBuf,

    /// The safetensors file to write
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,

    /// A layer to write; may be repeated
    #[arg(long, value_name = "NAME")]
    layer: Vec<String>,

    /// An objective whose gradient to write; several add up
    #[arg(long, value_name = "SPEC", value_parser = parse_objective)]
    objective: Vec<Objective>,

    #[command(flatten)]
    mean: MeanArguments,
    #[command(flatten)]
    weights: WeightsArguments,
    #[command(flatten)]
    device: DeviceArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.layer.is_empty() && arguments.objective.is_empty() {
        return Err(Failure::usage("nothing to probe: give a --layer or an --objective"));
    }
    let weights = arguments.weights.open()?;
    for name in &arguments.layer {
        weights.find_layer(name)?;
    }
    check_objectives(&arguments.objective, &weights)?;
    check_output(&arguments.out)?;
    keep_inputs([&arguments.input].into_iter().chain(&arguments.weights.file()), &arguments.out)?;
    let input = read_input(arguments, &weights)?;
    let machine = arguments.device.open()?;
    let probed = probe(&*machine, &weights, &input, &arguments.layer, &arguments.objective)?;
    write(&arguments.out, &probed)?;
    say(format_args!("{}", arguments.out.display()));
    Ok(())
}

fn read_input(arguments: &Arguments, weights: &Weights) -> Result<Map, Failure> {
    let path = &arguments.input;
    if path.extension().is_some_and(|extension| extension == "safetensors") {
        let wrong = |reason: String| Failure::because(format_args!("input '{}': {reason}", path.display()));
        let bytes = read_whole(path, LARGEST_INPUT).map_err(|error| wrong(error.to_string()))?;
        return parse_input(&bytes).map_err(wrong);
    }
    let (picture, _) = Picture::open_as(path, &read_options(WantedSize::Own, None))?;
    mind(path, &picture);
    Ok(network_input(&picture, arguments.mean.or_of(weights)))
}

fn parse_input(bytes: &[u8]) -> Result<Map, String> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|error| format!("not a safetensors file ({error})"))?;
    let input = file.tensor("input").map_err(|_| "it holds no tensor 'input'".to_owned())?;
    let (dtype, shape) = (input.dtype(), input.shape());
    let [3, height, width] = *shape else {
        return Err(format!("its tensor 'input' is {shape:?}, expected [3, height, width]"));
    };
    check_size(Extent { height, width }).map_err(|error| error.to_string())?;
    if dtype != Dtype::F32 {
        return Err(format!("its tensor 'input' is {dtype:?}, expected F32"));
    }
    let cells: Vec<f32> = bytemuck::pod_collect_to_vec(input.data());
    if !cells.iter().all(|cell| cell.is_finite()) {
        return Err("its tensor 'input' holds values that are not finite".to_owned());
    }
    Ok(Map { shape: Shape::new(3, height, width), cells })
}

/// Checks before any work that the result can be written.
fn check_output(path: &Path) -> Result<(), Failure> {
    Output::at(path)?;
    if path.extension().is_some_and(|extension| extension == "safetensors") {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::usage(format_args!("cannot write '{path}': the name must end in .safetensors")))
}

fn write(path: &Path, probed: &Probed) -> Result<(), Failure> {
    let mut tensors = Vec::new();
    for (name, map) in &probed.activations {
        tensors.push((format!("activation/{name}"), shape_of(map.shape), &map.cells[..]));
    }
    if let Some(gradient) = &probed.gradient {
        tensors.push(("gradient".to_owned(), shape_of(gradient.shape), &gradient.cells[..]));
    }
    if let Some(value) = &probed.value {
        tensors.push(("value".to_owned(), vec![1], std::slice::from_ref(value)));
    }
    let views: Result<HashMap<String, TensorView<'_>>, _> = tensors
        .into_iter()
        .map(|(name, shape, cells)| {
            Ok((name, TensorView::new(Dtype::F32, shape, bytemuck::cast_slice(cells))?))
        })
        .collect();
    let bytes = serialize(views.map_err(|error: safetensors::SafeTensorError| error)?, None)?;
    Output::at(path)?.fill(|file| file.write_all(&bytes).map_err(|error| error.to_string()))?;
    Ok(())
}

fn shape_of(shape: Shape) -> Vec<usize> {
    vec![shape.channels, shape.height, shape.width]
}
