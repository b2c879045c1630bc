//! The flags that choose a device.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::terminal::without_window_complaints;
use crate::dream::Config;
use crate::dream::recipe::DeviceMark;
use crate::machine::Machine;
use crate::picture::{ReadOptions, WantedSize};
use crate::studio::{DeviceWish, read_options};

/// Which machine to use.
#[derive(Args)]
pub(crate) struct DeviceArguments {
    /// auto, gpu, cpu, or a device's number or name from `puppyslug devices` [default: auto; to replay or
    /// resume, the same device as before, if it is there]
    #[arg(long, value_name = "DEVICE", help_heading = "Device")]
    device: Option<String>,

    /// Do not measure which convolution tiles are fastest on a GPU; choose them by rule
    #[arg(long, help_heading = "Device")]
    no_tune: bool,
}

impl DeviceArguments {
    fn wish(&self) -> DeviceWish {
        DeviceWish { name: self.device.clone(), tune: !self.no_tune }
    }

    /// How pictures are read. The memory limit applies to reading only with `--device cpu`: a GPU has memory of
    /// its own.
    pub(crate) fn read_options(&self, size: WantedSize, config: &Config) -> ReadOptions {
        let is_processor = self.device.as_deref() == Some("cpu");
        read_options(size, config.tiling.memory_limit.filter(|_| is_processor))
    }

    pub(crate) fn open(&self) -> Result<Box<dyn Machine>, Failure> {
        Ok(without_window_complaints(|| self.wish().open())?)
    }

    /// Opens the device that a recipe was dreamed on, unless the flags name another.
    pub(crate) fn open_like(&self, mark: &DeviceMark) -> Result<Box<dyn Machine>, Failure> {
        Ok(without_window_complaints(|| self.wish().open_like(mark))?)
    }
}
