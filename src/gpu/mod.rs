//! The GPU machine: runs a plan with wgpu on any Vulkan, Metal or DX12 device.
//!
//! [`dispatch`] turns steps into dispatches (pure data), [`kernel`] and [`params`] are the tables of the
//! WGSL side, [`packing`] lays filters out for it, and [`execution`] owns buffers and the queue.

mod ceiling;
pub mod device;
pub mod dispatch;
pub mod execution;
pub mod kernel;
pub mod packing;
pub mod params;
mod shader;
mod timing;

use std::sync::{Arc, Mutex};

use crate::machine::{Ceiling, Execution, Machine, MachineError};
use crate::net::Weights;
use crate::plan::Plan;

pub use device::{Adapter, adapters};
pub use dispatch::Convolver;

/// A GPU, opened.
pub struct Gpu {
    context: Arc<Context>,
}

/// What every execution on one device shares.
pub(crate) struct Context {
    device: wgpu::Device,
    queue: wgpu::Queue,
    title: String,
    convolver: Convolver,
    limits: wgpu::Limits,
    /// The first thing that went wrong outside of an error scope.
    fault: Arc<Mutex<Option<String>>>,
}

impl Gpu {
    /// Opens an adapter.
    pub fn open(adapter: &Adapter) -> Result<Self, MachineError> {
        Self::open_with(adapter, adapter.convolver())
    }

    /// Opens an adapter to convolve with a kernel of one's choice: for tests and benchmarks.
    ///
    /// # Errors
    /// [`MachineError::Device`] on the first use if the adapter cannot run that kernel.
    pub fn open_with(adapter: &Adapter, convolver: Convolver) -> Result<Self, MachineError> {
        let description = wgpu::DeviceDescriptor {
            label: Some("puppyslug"),
            required_features: adapter.features
                & (wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::SUBGROUP),
            required_limits: adapter.limits.clone(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        };
        let request = adapter.raw().request_device(&description);
        let (device, queue) = pollster::block_on(request).map_err(|error| {
            MachineError::NoDevice(format!("{} cannot be opened: {}", adapter.title(), in_one_line(&error)))
        })?;
        let fault = Arc::new(Mutex::new(None));
        let first = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let mut fault = first.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            fault.get_or_insert_with(|| in_one_line(&error));
        }));
        let context = Context {
            device,
            queue,
            title: adapter.title(),
            convolver,
            limits: adapter.limits.clone(),
            fault,
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Opens the best adapter there is, software included: for tests.
    pub fn any() -> Result<Self, MachineError> {
        Self::open(&Self::first()?)
    }

    /// The same with a convolution of one's choice.
    pub fn any_with(convolver: Convolver) -> Result<Self, MachineError> {
        Self::open_with(&Self::first()?, convolver)
    }

    fn first() -> Result<Adapter, MachineError> {
        let missing = || MachineError::NoDevice("no Vulkan, Metal or DX12 adapter was found".to_owned());
        adapters().into_iter().next().ok_or_else(missing)
    }
}

impl Context {
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
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        self.device.poll(wait).map_err(|error| MachineError::Device(in_one_line(&error)))?;
        self.healthy()
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
            return Ok(());
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

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

/// What wgpu said, without the excerpt of a shader that it draws below its message.
fn in_one_line(said: &impl std::fmt::Display) -> String {
    let said = said.to_string();
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.take_while(|line| !line.starts_with(['┌', '│'])).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::in_one_line;

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
