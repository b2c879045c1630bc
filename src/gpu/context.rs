//! An open device: what all executions on it share, and how its failures become errors.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cache::Cache;
use super::dispatch::Pipeline;
use super::resident::Resident;
use super::tiling::{GemmTiling, TileChoice};
use super::{Adapter, Convolver, TileShape, shader};
use crate::machine::MachineError;
use crate::net::{DeviceId, Weights};

/// What all executions on one device share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) title: String,
    pub(super) limits: wgpu::Limits,
    tiling: Mutex<GemmTiling>,
    /// Whether missing entries of the tiling are measured.
    pub(super) tunes: bool,
    cache: Option<Cache>,
    compiled: Option<wgpu::PipelineCache>,
    /// Every kernel that a plan has asked for so far, with its constants.
    pipelines: Mutex<Vec<(Pipeline, wgpu::ComputePipeline)>>,
    id: DeviceId,
    /// The first error outside of any error scope.
    fault: Arc<Mutex<Option<Fault>>>,
    /// The adapter that was opened.
    adapter: Adapter,
}

/// What went wrong with a device.
#[derive(Clone, Debug)]
struct Fault {
    said: String,
    /// Whether wgpu gave the device up because there was no memory for an upload.
    for_want_of_memory: bool,
}

impl Fault {
    fn error(said: &impl Display) -> Self {
        Self { said: in_one_line(said), for_want_of_memory: false }
    }

    fn loss(reason: &str) -> Self {
        let for_want_of_memory = reason.to_lowercase().contains("out of memory");
        Self { said: format!("it was lost: {}", in_one_line(&reason)), for_want_of_memory }
    }
}

impl Context {
    /// Opens an adapter's device.
    pub(super) fn open(
        adapter: &Adapter,
        tiling: GemmTiling,
        tunes: bool,
        cache: Option<Cache>,
    ) -> Result<Self, MachineError> {
        // With SUBGROUP enabled a driver may vary the width of subgroups, so
        // only the kernel that needs them asks for it.
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
        let keep_first = |new: Fault, fault: &Mutex<Option<Fault>>| {
            fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert(new);
        };
        let of_error = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            keep_first(Fault::error(&error), &of_error);
        }));
        let of_loss = Arc::clone(&fault);
        device.set_device_lost_callback(move |_, reason| keep_first(Fault::loss(&reason), &of_loss));
        let caches = device.features().contains(wgpu::Features::PIPELINE_CACHE);
        let compiled = cache
            .as_ref()
            .filter(|_| caches)
            .map(|cache| shader::pipeline_cache(&device, cache.pipelines().as_deref()));
        Ok(Self {
            device,
            queue,
            title: adapter.title(),
            limits: adapter.limits.clone(),
            tiling: Mutex::new(tiling),
            tunes,
            cache,
            compiled,
            pipelines: Mutex::default(),
            id: DeviceId::unique(),
            fault,
            adapter: adapter.clone(),
        })
    }

    /// Opens the same device again, with what was learnt about it.
    pub(super) fn again(&self) -> Result<Self, MachineError> {
        Self::open(&self.adapter, self.tiling(), self.tunes, self.cache.clone())
    }

    /// Whether the device was given up because there was no memory for an upload. If it is opened anew, there may
    /// be some.
    pub(super) fn is_spent(&self) -> bool {
        self.fault().is_some_and(|fault| fault.for_want_of_memory)
    }

    fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the device keeps of a network's weights.
    pub(super) fn resident(&self, weights: &Weights) -> Arc<Resident> {
        weights.resident(self.id, Resident::default)
    }

    /// The compiled kernel, which every plan on the device shares.
    pub(super) fn pipeline(&self, wanted: &Pipeline) -> wgpu::ComputePipeline {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = pipelines.iter().find(|(made, _)| made == wanted) {
            return made.clone();
        }
        let made = shader::compile(&self.device, wanted, self.compiled.as_ref());
        pipelines.push((wanted.clone(), made.clone()));
        made
    }

    fn locked_tiling(&self) -> MutexGuard<'_, GemmTiling> {
        self.tiling.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// How convolutions are tiled, as far as is known so far.
    pub(super) fn tiling(&self) -> GemmTiling {
        self.locked_tiling().clone()
    }

    pub(super) fn convolver(&self) -> Convolver {
        self.locked_tiling().convolver
    }

    /// Whether a problem has been measured before.
    pub(super) fn knows(&self, problem: &str) -> bool {
        matches!(&self.locked_tiling().choice, TileChoice::Measured(tiles) if tiles.contains_key(problem))
    }

    /// Uses a measured tile from now on.
    pub(super) fn learn(&self, problem: String, tile: TileShape) {
        if let TileChoice::Measured(tiles) = &mut self.locked_tiling().choice {
            tiles.insert(problem, tile);
        }
    }

    /// Writes what was found out to the cache.
    pub(super) fn remember(&self) {
        let Some(cache) = &self.cache else { return };
        if let TileChoice::Measured(tiles) = self.tiling().choice
            && cache.tiles(self.convolver()) != tiles
        {
            cache.keep_tiles(&tiles);
        }
        let compiled = self.compiled.as_ref().and_then(wgpu::PipelineCache::get_data);
        if let Some(data) = compiled.filter(|data| cache.pipelines().as_ref() != Some(data)) {
            cache.keep_pipelines(&data);
        }
    }

    /// Lets `make` allocate what is needed. If that fails for lack of memory, or in consequence of that, the
    /// error says so, and it does not count as a fault of the device, which may be working for others.
    pub(super) fn allocate<T>(
        &self,
        need: impl Display,
        make: impl FnOnce() -> Result<T, MachineError>,
    ) -> Result<T, MachineError> {
        // Memory that others have dropped is released at the next poll.
        self.poll(wgpu::PollType::Poll)?;
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let wake = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = make();
        let wake = pollster::block_on(wake.pop());
        let memory = pollster::block_on(memory.pop());
        if memory.is_some() || self.is_spent() {
            return Err(MachineError::TooLarge(format!("{} has no room for {need}", self.title)));
        }
        // If the device was lost in the attempt, nothing can be allocated on it any more.
        self.healthy()?;
        match wake {
            Some(error) => Err(MachineError::Device(in_one_line(&error))),
            None => made,
        }
    }

    /// The first error since the device was opened, as a result.
    pub(super) fn healthy(&self) -> Result<(), MachineError> {
        self.fault().map_or(Ok(()), |fault| Err(MachineError::Device(fault.said)))
    }

    /// Waits until a submission is done.
    pub(super) fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), MachineError> {
        self.healthy()?; // a refused submission would never finish
        self.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: None })
    }

    fn poll(&self, how_long: wgpu::PollType) -> Result<(), MachineError> {
        // wgpu panics if the device is lost while polling.
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(how_long)));
        self.healthy()?;
        match polled {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(MachineError::Device(in_one_line(&error))),
            Err(_) => Err(MachineError::Device("it was lost".to_owned())),
        }
    }
}

/// What wgpu said, without the excerpt of the shader that it draws below its message.
pub(super) fn in_one_line(said: &impl Display) -> String {
    let said = said.to_string();
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.take_while(|line| !line.starts_with(['┌', '│'])).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::Gpu;
    use crate::gpu::command::storage;

    /// An open device, unless GPU tests are to be skipped.
    fn context() -> Option<Arc<Context>> {
        if std::env::var("PUPPYSLUG_GPU_TESTS").is_ok_and(|wish| wish == "skip") {
            eprintln!("ignored: PUPPYSLUG_GPU_TESTS=skip");
            return None;
        }
        Some(Gpu::any().expect("an adapter (PUPPYSLUG_GPU_TESTS=skip skips this test)").context())
    }

    /// Makes an impossible buffer, and then something from it, as happens to a plan that finds no memory.
    fn fail(context: &Context) {
        let buffer = storage(context, 1 << 50);
        context.queue.write_buffer(&buffer, 0, &[0; 4]);
    }

    #[test]
    fn what_fails_while_memory_is_taken_is_not_held_against_the_device() {
        let Some(context) = context() else { return };
        let refused = context.allocate("it", || {
            fail(&context);
            Ok(())
        });
        refused.expect_err("there is no such buffer");
        context.healthy().expect("and nothing else is wrong");
        assert_eq!(context.allocate("it", || Ok(7)).expect("nothing fails here"), 7);
        // Outside `allocate`, the same failure is an error.
        fail(&context);
        context.healthy().expect_err("an error that nobody expects");
    }

    /// wgpu gives a device up when an upload finds no memory.
    #[test]
    fn what_is_lost_over_an_upload_is_too_large_and_the_device_is_opened_anew() {
        let Some(context) = context() else { return };
        let error = context.allocate("it", || {
            context.fault.lock().expect("no panic").get_or_insert(Fault::loss("Out of memory"));
            context.device.destroy();
            Ok(())
        });
        let error = error.expect_err("the device is gone");
        assert!(matches!(error, MachineError::TooLarge(_)), "{error}");
        assert!(context.is_spent());
        let again = context.again().expect("the adapter is still there");
        assert!(!again.is_spent());
        assert_eq!(again.allocate("it", || Ok(7)).expect("it has room"), 7);
        assert!(!Fault::loss("the driver was reset").for_want_of_memory);
    }

    #[test]
    fn a_lost_device_is_an_error_and_no_panic() {
        let Some(context) = context() else { return };
        let submission = context.queue.submit([]);
        context.wait(submission.clone()).expect("nothing is wrong yet");
        context.device.destroy();
        let error = context.wait(submission).expect_err("it is gone").to_string();
        assert!(error.contains("lost"), "{error}");
        context.allocate("it", || Ok(7)).expect_err("and has room for nothing");
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
