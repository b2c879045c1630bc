//! The GPU machine: runs a plan with wgpu on any Vulkan, Metal or DX12 device.
//!
//! [`dispatch`] turns steps into dispatches (pure data), [`kernel`] and [`params`] are the tables of the
//! WGSL side, [`layout`] decides how maps lie in memory and [`packing`] lays filters out, `texels` keeps cells in textures
//! where those are read faster, and [`execution`] owns buffers and the queue.

mod cache;
mod ceiling;
pub mod device;
pub mod dispatch;
pub mod execution;
pub mod kernel;
pub mod layout;
mod loader;
pub mod packing;
pub mod params;
mod shader;
mod texels;
pub mod tile;
pub mod tiling;
mod timing;
mod tuning;

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::machine::{Ceiling, Execution, Machine, MachineError};
use crate::net::Weights;
use crate::plan::Plan;

use cache::Cache;
use tiling::{Choice, Tiling};

pub use device::{Adapter, adapters};
pub use tile::{Convolver, TileShape};

/// What a device may remember and find out about itself. By default nothing: it computes by rule.
#[derive(Clone, Debug, Default)]
pub struct Habits {
    /// Folder for what is remembered from run to run: tiles and compiled kernels.
    pub cache: Option<PathBuf>,
    /// Whether the fastest tiles are looked for, some seconds in all, when a plan has convolutions that nothing
    /// is known of. They change speed and no bit.
    pub tune: bool,
}

/// A GPU, opened.
pub struct Gpu {
    context: Arc<Context>,
}

/// What every execution on one device shares.
pub(crate) struct Context {
    device: wgpu::Device,
    queue: wgpu::Queue,
    title: String,
    limits: wgpu::Limits,
    tiling: Mutex<Tiling>,
    /// Whether what the tiling lacks is measured.
    tunes: bool,
    cache: Option<Cache>,
    pipelines: Option<wgpu::PipelineCache>,
    /// The first thing that went wrong outside of an error scope.
    fault: Arc<Mutex<Option<String>>>,
}

impl Gpu {
    /// Opens an adapter.
    pub fn open(adapter: &Adapter, habits: &Habits) -> Result<Self, MachineError> {
        let cache = habits.cache.as_deref().map(|folder| Cache::of(folder, adapter));
        let convolver = adapter.convolver();
        let tiles = cache.as_ref().filter(|_| habits.tune).map(|cache| cache.tiles(convolver));
        let choice = if habits.tune { Choice::Measured(tiles.unwrap_or_default()) } else { Choice::Rule };
        // Without timestamps nothing can be measured.
        let tunes = habits.tune && adapter.features.contains(wgpu::Features::TIMESTAMP_QUERY);
        Self::open_as(adapter, Tiling { convolver, choice }, tunes, cache)
    }

    /// Opens an adapter to convolve in a way of one's choice: for tests and benchmarks.
    ///
    /// # Errors
    /// [`MachineError::Device`] on the first use if the adapter cannot run that kernel.
    pub fn open_with(adapter: &Adapter, tiling: Tiling) -> Result<Self, MachineError> {
        Self::open_as(adapter, tiling, false, None)
    }

    fn open_as(
        adapter: &Adapter,
        tiling: Tiling,
        tunes: bool,
        cache: Option<Cache>,
    ) -> Result<Self, MachineError> {
        // Subgroups of changing width are what a driver may choose where the feature is on: only for who needs it.
        let subgroups = match tiling.convolver {
            Convolver::Tiled => wgpu::Features::empty(),
            Convolver::Subgroup => wgpu::Features::SUBGROUP,
        };
        let wanted = wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::PIPELINE_CACHE | subgroups;
        let description = wgpu::DeviceDescriptor {
            label: Some("puppyslug"),
            required_features: adapter.features & wanted,
            required_limits: adapter.limits.clone(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        };
        let request = adapter.raw().request_device(&description);
        let (device, queue) = pollster::block_on(request).map_err(|error| {
            MachineError::NoDevice(format!("{} cannot be opened: {}", adapter.title(), in_one_line(&error)))
        })?;
        let fault = Arc::new(Mutex::new(None));
        let keep_first = |said: String, fault: &Mutex<Option<String>>| {
            fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert(said);
        };
        let of_error = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            keep_first(in_one_line(&error), &of_error);
        }));
        let of_loss = Arc::clone(&fault);
        device.set_device_lost_callback(move |_, reason| {
            keep_first(format!("it was lost: {}", in_one_line(&reason)), &of_loss);
        });
        let caches = device.features().contains(wgpu::Features::PIPELINE_CACHE);
        let pipelines = cache
            .as_ref()
            .filter(|_| caches)
            .map(|cache| shader::pipeline_cache(&device, cache.pipelines().as_deref()));
        let context = Context {
            device,
            queue,
            title: adapter.title(),
            limits: adapter.limits.clone(),
            tiling: Mutex::new(tiling),
            tunes,
            cache,
            pipelines,
            fault,
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Opens the best adapter there is, software included: for tests.
    pub fn any() -> Result<Self, MachineError> {
        Self::open(&Self::first()?, &Habits::default())
    }

    /// The same with a convolution of one's choice.
    pub fn any_with(tiling: Tiling) -> Result<Self, MachineError> {
        Self::open_with(&Self::first()?, tiling)
    }

    fn first() -> Result<Adapter, MachineError> {
        let missing = || MachineError::NoDevice("no Vulkan, Metal or DX12 adapter was found".to_owned());
        adapters().into_iter().next().ok_or_else(missing)
    }
}

impl Context {
    fn locked_tiling(&self) -> MutexGuard<'_, Tiling> {
        self.tiling.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// How convolutions are tiled, as far as is known by now.
    fn tiling(&self) -> Tiling {
        self.locked_tiling().clone()
    }

    fn convolver(&self) -> Convolver {
        self.locked_tiling().convolver
    }

    /// Whether a problem was measured before.
    fn knows(&self, problem: &str) -> bool {
        matches!(&self.locked_tiling().choice, Choice::Measured(tiles) if tiles.contains_key(problem))
    }

    /// Takes a measured tile into account from now on.
    fn learn(&self, problem: String, tile: TileShape) {
        if let Choice::Measured(tiles) = &mut self.locked_tiling().choice {
            tiles.insert(problem, tile);
        }
    }

    /// Writes down what was found out.
    fn remember(&self) {
        let Some(cache) = &self.cache else { return };
        if let Choice::Measured(tiles) = self.tiling().choice
            && cache.tiles(self.convolver()) != tiles
        {
            cache.keep_tiles(&tiles);
        }
        let compiled = self.pipelines.as_ref().and_then(wgpu::PipelineCache::get_data);
        if let Some(data) = compiled.filter(|data| cache.pipelines().as_ref() != Some(data)) {
            cache.keep_pipelines(&data);
        }
    }

    /// Lets `make` take memory for what is needed. What fails for want of it, and what fails in the wake of that, is told
    /// as such and not held against the device, which may be at work for others.
    fn allocate<T>(
        &self,
        need: impl Display,
        make: impl FnOnce() -> Result<T, MachineError>,
    ) -> Result<T, MachineError> {
        // What others have dropped is given back when somebody polls.
        self.poll(wgpu::PollType::Poll)?;
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let wake = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = make();
        let wake = pollster::block_on(wake.pop());
        let memory = pollster::block_on(memory.pop());
        // A device that was lost over it has room for nothing any more.
        self.healthy()?;
        if memory.is_some() {
            return Err(MachineError::TooLarge(format!("{} has no room for {need}", self.title)));
        }
        match wake {
            Some(error) => Err(MachineError::Device(in_one_line(&error))),
            None => made,
        }
    }

    /// The first error since the device was opened, as a result.
    fn healthy(&self) -> Result<(), MachineError> {
        let fault = self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match &*fault {
            None => Ok(()),
            Some(message) => Err(MachineError::Device(message.clone())),
        }
    }

    /// Waits until a submission is done.
    fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), MachineError> {
        self.healthy()?; // what was refused is never going to finish
        self.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })
    }

    fn poll(&self, how_long: wgpu::PollType) -> Result<(), MachineError> {
        // Of a device that is lost in the meantime wgpu makes a panic.
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(how_long)));
        self.healthy()?;
        match polled {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(MachineError::Device(in_one_line(&error))),
            Err(_) => Err(MachineError::Device("it was lost".to_owned())),
        }
    }
}

impl Gpu {
    /// Whether the sources of every convolution fit a texture, where they have to.
    fn check_texels(&self, plan: &Plan) -> Result<(), MachineError> {
        let needed = source_texels(self.context.convolver(), plan);
        let most = texels::most(&self.context.limits);
        if needed <= most {
            return Ok(());
        }
        let title = &self.context.title;
        Err(MachineError::TooLarge(format!(
            "{title} has textures of at most {most} texels, and a convolution needs {needed}"
        )))
    }
}

impl Machine for Gpu {
    fn name(&self) -> String {
        self.context.title.clone()
    }

    fn kind(&self) -> &'static str {
        "gpu"
    }

    fn check(&self, plan: &Plan) -> Result<(), MachineError> {
        let limits = &self.context.limits;
        let limit = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
        let needed = plan.largest_buffer_bytes();
        if needed <= limit {
            return self.check_texels(plan);
        }
        let largest = plan.buffers.iter().max_by_key(|buffer| buffer.cells);
        Err(MachineError::TooLarge(format!(
            "{} binds at most {} at once, and '{}' needs {}",
            self.context.title,
            mebibytes(limit),
            largest.map_or("a buffer", |buffer| &buffer.label),
            mebibytes(needed)
        )))
    }

    fn bytes(&self, plan: &Plan) -> u64 {
        plan.bytes() + working_bytes(self.context.convolver(), plan)
    }

    // No backend says how much is free; what does not fit is refused when it is loaded.
    fn room(&self) -> Option<u64> {
        None
    }

    fn ceiling(&self) -> Result<Ceiling, MachineError> {
        ceiling::measure(&self.context)
    }

    fn load(&self, plan: &Plan, weights: &Weights) -> Result<Box<dyn Execution>, MachineError> {
        self.check(plan)?;
        Ok(Box::new(execution::GpuExecution::new(Arc::clone(&self.context), plan, weights)?))
    }
}

/// Texels of the texture that convolutions read their sources from, where they do so.
fn source_texels(convolver: Convolver, plan: &Plan) -> usize {
    match convolver {
        Convolver::Tiled => 0,
        Convolver::Subgroup => loader::most_source_texels(plan),
    }
}

/// Bytes that grow with the picture and are not in the plan.
fn working_bytes(convolver: Convolver, plan: &Plan) -> u64 {
    texels::bytes(source_texels(convolver, plan))
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

/// What wgpu said, without the excerpt of a shader that it draws below its message.
fn in_one_line(said: &impl Display) -> String {
    let said = said.to_string();
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.take_while(|line| !line.starts_with(['┌', '│'])).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::googlenet::googlenet;
    use crate::plan::network::{Aim, Target};
    use crate::plan::probe::plan_probe;

    /// Makes a buffer that cannot be, and something of it: what is left of a plan that finds no memory.
    fn fail(context: &Context) {
        let buffer = execution::storage(context, 1 << 50);
        context.queue.write_buffer(&buffer, 0, &[0; 4]);
    }

    #[test]
    fn what_fails_while_memory_is_taken_is_not_held_against_the_device() {
        if std::env::var("PUPPYSLUG_GPU_TESTS").is_ok_and(|wish| wish == "skip") {
            eprintln!("ignored: PUPPYSLUG_GPU_TESTS=skip");
            return;
        }
        let context = Gpu::any().expect("an adapter (PUPPYSLUG_GPU_TESTS=skip skips this test)").context;
        let refused = context.allocate("it", || {
            fail(&context);
            Ok(())
        });
        refused.expect_err("there is no such buffer");
        context.healthy().expect("and nothing else is wrong");
        assert_eq!(context.allocate("it", || Ok(7)).expect("nothing fails here"), 7);
        // At any other time it is.
        fail(&context);
        context.healthy().expect_err("an error that nobody expects");
    }

    #[test]
    fn a_lost_device_is_an_error_and_no_panic() {
        if std::env::var("PUPPYSLUG_GPU_TESTS").is_ok_and(|wish| wish == "skip") {
            eprintln!("ignored: PUPPYSLUG_GPU_TESTS=skip");
            return;
        }
        let context = Gpu::any().expect("an adapter (PUPPYSLUG_GPU_TESTS=skip skips this test)").context;
        let submission = context.queue.submit([]);
        context.wait(submission.clone()).expect("nothing is wrong yet");
        context.device.destroy();
        let error = context.wait(submission).expect_err("it is gone").to_string();
        assert!(error.contains("lost"), "{error}");
        context.allocate("it", || Ok(7)).expect_err("and has room for nothing");
    }

    #[test]
    fn the_texture_of_sources_counts_where_there_is_one() {
        let network = googlenet(None);
        let layer = network.find("conv1/7x7_s2").expect("the first layer");
        let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
        let plan = plan_probe(&network, (32, 48), &[], &[target]).expect("large enough").plan;
        assert_eq!(working_bytes(Convolver::Tiled, &plan), 0);
        // The gradient's 64 channels of 16x24 cells are 3 rows of 2048 texels of 16 bytes; a row of zeros is before them.
        assert_eq!(working_bytes(Convolver::Subgroup, &plan), 4 * 2048 * 16);
    }

    #[test]
    fn errors_are_told_in_one_line_without_source() {
        let said = "Validation Error\n\nCaused by:\n  In Device::create_shader_module, label = 'gemm'\n\n\
                    Shader 'gemm' parsing error: no definition in scope for identifier: `x`\n\
                    \x20 ┌─ wgsl:3:9\n  │\n3 │     let y = x;\n  │             ^ unknown identifier\n";
        assert_eq!(
            in_one_line(&said),
            "Validation Error: In Device::create_shader_module, label = 'gemm': Shader 'gemm' parsing \
             error: no definition in scope for identifier: `x`"
        );
        assert_eq!(in_one_line(&"Out of Memory"), "Out of Memory");
    }
}
