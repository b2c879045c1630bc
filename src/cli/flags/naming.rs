//! The flags for how a picture is shown to the network to be classified, and how the result is printed.

use clap::Args;

use super::device::DeviceArguments;
use super::network::WeightsArguments;
use super::settings::MeanArguments;
use crate::dream::classify::Framing;

#[derive(Args)]
pub(crate) struct NamingArguments {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Show the network the whole picture at its own size
    #[arg(long)]
    whole: bool,

    #[command(flatten)]
    pub(crate) mean: MeanArguments,
    #[command(flatten)]
    pub(crate) weights: WeightsArguments,
    #[command(flatten)]
    pub(crate) device: DeviceArguments,
}

impl NamingArguments {
    /// The part of the picture that the network sees.
    pub(crate) fn framing(&self) -> Framing {
        if self.whole { Framing::Whole } else { Framing::Centre }
    }
}
