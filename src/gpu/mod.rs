//! The GPU machine: runs a plan with wgpu on any Vulkan, Metal or DX12 device.
//!
//! [`step`] turns each kind of step into dispatches (pure data, see [`dispatch`]) of its [`kernel`]s, [`layout`]
//! decides how maps are laid out in memory, and [`packing`] lays out filters. `software` is the path for adapters
//! that are not real GPUs, `context` is the open device, and [`execution`] owns the buffers and the queue.

mod cache;
mod ceiling;
mod command;
mod context;
mod convolution;
pub mod device;
pub mod dispatch;
pub mod execution;
mod functional;
pub mod kernel;
pub mod layout;
mod loader;
pub mod packing;
mod parcel;
mod resident;
mod shader;
mod software;
pub mod step;
pub mod tile;
pub mod tiling;
mod timing;
mod tuning;

use std::sync::{Arc, Mutex, PoisonError};

use crate::files::bytes::ByteSize;
use crate::machine::{Ceiling, Execution, Habits, Kind, Machine, MachineError};
use crate::net::Weights;
use crate::plan::Plan;

use cache::Cache;
use context::{Context, in_one_line};
use software::texels;
use tiling::{GemmTiling, TileChoice};

pub use device::{Adapter, adapters};
pub use tile::{Convolver, TileShape};

/// All kernels.
pub fn kernels() -> Vec<kernel::Kernel> {
    [&step::kernels(), software::KERNELS, ceiling::KERNELS].concat()
}

/// A GPU, opened.
#[derive(Debug)]
pub struct Gpu {
    /// The open device. It is replaced if it had to be given up for lack of memory.
    context: Mutex<Arc<Context>>,
}

impl Gpu {
    /// Opens an adapter.
    pub fn open(adapter: &Adapter, habits: &Habits) -> Result<Self, MachineError> {
        let cache = habits.cache.as_deref().map(|folder| Cache::of(folder, adapter));
        let convolver = adapter.convolver();
        let tiles = cache.as_ref().filter(|_| habits.tune).map(|cache| cache.tiles(convolver));
        let choice =
            if habits.tune { TileChoice::Measured(tiles.unwrap_or_default()) } else { TileChoice::Rule };
        // Without timestamps, nothing can be measured.
        let tunes = habits.tune && adapter.features.contains(wgpu::Features::TIMESTAMP_QUERY);
        let context = Context::open(adapter, GemmTiling { convolver, choice }, tunes, cache)?;
        Ok(Self::on(context))
    }

    /// Opens an adapter with a given way of convolving: for tests and benchmarks.
    ///
    /// # Errors
    /// [`MachineError::Device`] on the first use if the adapter cannot run that kernel.
    pub fn open_with(adapter: &Adapter, tiling: GemmTiling) -> Result<Self, MachineError> {
        Ok(Self::on(Context::open(adapter, tiling, false, None)?))
    }

    /// Opens the best adapter there is, software included: for tests.
    pub fn any() -> Result<Self, MachineError> {
        Self::open(&Self::first()?, &Habits::default())
    }

    /// The same with a given way of convolving.
    pub fn any_with(tiling: GemmTiling) -> Result<Self, MachineError> {
        Self::open_with(&Self::first()?, tiling)
    }

    fn on(context: Context) -> Self {
        Self { context: Mutex::new(Arc::new(context)) }
    }

    fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The device to load on. It is opened anew if the last upload exhausted its memory; what was loaded before
    /// is lost with the old device.
    fn fresh_context(&self) -> Result<Arc<Context>, MachineError> {
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        if context.is_spent() {
            *context = Arc::new(context.again()?);
        }
        Ok(Arc::clone(&context))
    }

    #[cfg(test)]
    fn resident(&self, weights: &Weights) -> Arc<resident::Resident> {
        self.context().resident(weights)
    }

    fn first() -> Result<Adapter, MachineError> {
        let missing = || MachineError::NoDevice("no Vulkan, Metal or DX12 adapter was found".to_owned());
        adapters().into_iter().next().ok_or_else(missing)
    }
}

impl Gpu {
    /// Checks that the sources of every convolution fit into a texture, if they have to.
    fn check_texels(&self, plan: &Plan) -> Result<(), MachineError> {
        let context = self.context();
        let needed = source_texels(context.convolver(), plan);
        let most = texels::most(&context.limits);
        if needed <= most {
            return Ok(());
        }
        let title = &context.title;
        Err(MachineError::TooLarge(format!(
            "{title} has textures of at most {most} texels, and a convolution needs {needed}"
        )))
    }
}

impl Machine for Gpu {
    fn name(&self) -> String {
        self.context().title.clone()
    }

    fn kind(&self) -> Kind {
        Kind::Gpu
    }

    fn check(&self, plan: &Plan) -> Result<(), MachineError> {
        let context = self.context();
        let limits = &context.limits;
        let limit = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
        let needed = plan.largest_buffer_bytes();
        if needed <= limit {
            return self.check_texels(plan);
        }
        let largest = plan.buffers.iter().max_by_key(|buffer| buffer.cells);
        Err(MachineError::TooLarge(format!(
            "{} binds at most {} at once, and '{}' needs {}",
            context.title,
            ByteSize(limit),
            largest.map_or("a buffer", |buffer| &buffer.label),
            ByteSize(needed)
        )))
    }

    fn weight_bytes(&self, plan: &Plan, weights: &Weights) -> u64 {
        let context = self.context();
        context.resident(weights).missing_bytes(plan, context.convolver())
    }

    fn bytes(&self, plan: &Plan) -> u64 {
        plan.bytes() + working_bytes(self.context().convolver(), plan)
    }

    // No backend says how much memory is free; a plan that does not fit is refused when it is loaded.
    fn room(&self) -> Option<u64> {
        None
    }

    fn ceiling(&self) -> Result<Ceiling, MachineError> {
        ceiling::measure(&self.context())
    }

    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
        self.check(plan)?;
        Ok(Box::new(execution::GpuExecution::new(self.fresh_context()?, plan, weights)?))
    }
}

/// Texels of the texture from which convolutions read their sources, if they do so.
fn source_texels(convolver: Convolver, plan: &Plan) -> usize {
    match convolver {
        Convolver::Tiled => 0,
        Convolver::Subgroup => software::source_texels(plan),
    }
}

/// Bytes that grow with the picture and are not part of the plan.
fn working_bytes(convolver: Convolver, plan: &Plan) -> u64 {
    texels::bytes(source_texels(convolver, plan))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use crate::net::googlenet::googlenet;
    use crate::plan::network::{Aim, Target};
    use crate::plan::probe::plan_probe;

    #[test]
    fn the_texture_of_sources_counts_where_there_is_one() {
        let network = googlenet(None);
        let layer = network.find("conv1/7x7_s2").expect("the first layer");
        let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
        let plan = plan_probe(&network, Extent::new(32, 48), &[], &[target]).expect("large enough").plan;
        assert_eq!(working_bytes(Convolver::Tiled, &plan), 0);
        // The gradient's 64 channels of 16x24 cells are 3 rows of 2048 texels of 16 bytes; before them comes a
        // row of zeros.
        assert_eq!(working_bytes(Convolver::Subgroup, &plan), 4 * 2048 * 16);
    }
}
