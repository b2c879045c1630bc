//! The peak performance of a GPU, measured with two kernels that do only arithmetic or only copying.

use std::time::Duration;

use wgpu::util::{BufferInitDescriptor, DeviceExt};

use super::dispatch::Pipeline;
use super::kernel::{INVOCATIONS, Kernel, Maps, Params, kernel};
use super::layout::Layout;
use super::timing::Stopwatch;
use super::{Context, shader};
use crate::machine::{Ceiling, MachineError};

/// Workgroups of 64 in the arithmetic kernel: enough to fill any GPU several times over.
const GROUPS: u32 = 4096;
/// Floating-point operations of one invocation in one round: 16 chains of four vec4 fma.
const ROUND_FLOPS: f64 = 2.0 * 4.0 * 16.0 * 4.0;
/// A measurement that took less time than this is repeated with more work.
const ENOUGH: Duration = Duration::from_millis(20);
/// Bytes that are copied: more than most caches hold, less than every device's limit.
const COPY_BYTES: usize = 64 << 20;

kernel! { "peak_fma" [] [Params, Write] PeakFmaParams { rounds: u32, seed: f32 } }

kernel! { "peak_copy" ["common"] [Params, Read, Write] PeakCopyParams { count: u32 } }

/// The kernels that do only arithmetic, or only memory accesses.
pub(super) const KERNELS: &[Kernel] = &[PeakFmaParams::KERNEL, PeakCopyParams::KERNEL];

pub(super) fn measure(context: &Context) -> Result<Ceiling, MachineError> {
    Ok(Ceiling { flops: arithmetic(context)?, bytes: memory(context)? })
}

fn arithmetic(context: &Context) -> Result<f64, MachineError> {
    let y = buffer(context, 4 * 64 * u64::from(GROUPS));
    let mut rounds = 16;
    loop {
        let params = PeakFmaParams { rounds, seed: 1e-6 };
        let time = run(context, PeakFmaParams::KERNEL, bytemuck::bytes_of(&params), &[&y], [GROUPS, 1, 1])?;
        if time > ENOUGH || rounds >= 1 << 20 {
            return Ok(ROUND_FLOPS * f64::from(rounds) * 64.0 * f64::from(GROUPS) / time.as_secs_f64());
        }
        rounds *= 4;
    }
}

fn memory(context: &Context) -> Result<f64, MachineError> {
    let [x, y] = [0, 1].map(|_| buffer(context, COPY_BYTES as u64));
    let count = COPY_BYTES / 16;
    let params = PeakCopyParams { count: count as u32 };
    let grid = [(count / INVOCATIONS) as u32, 1, 1];
    let time = run(context, PeakCopyParams::KERNEL, bytemuck::bytes_of(&params), &[&x, &y], grid)?;
    Ok(2.0 * COPY_BYTES as f64 / time.as_secs_f64())
}

/// The shortest of a few runs.
fn run(
    context: &Context,
    kernel: Kernel,
    params: &[u8],
    buffers: &[&wgpu::Buffer],
    grid: [u32; 3],
) -> Result<Duration, MachineError> {
    let pipeline = Pipeline { kernel, maps: Maps::all(Layout::Planar), constants: Vec::new() };
    let pipeline = shader::compile(&context.device, &pipeline, None);
    let mut padded = params.to_vec();
    padded.resize(params.len().next_multiple_of(16), 0);
    let usage = wgpu::BufferUsages::UNIFORM;
    let params = BufferInitDescriptor { label: None, contents: &padded, usage };
    let params = context.device.create_buffer_init(&params);
    let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
        .zip(std::iter::once(&params).chain(buffers.iter().copied()))
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    let bindings = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(kernel.label),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    let stopwatch = Stopwatch::new(context, 4)?;
    let mut encoder = context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    for turn in 0..4 {
        let mut pass = stopwatch.pass(&mut encoder, turn);
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        pass.dispatch_workgroups(grid[0], grid[1], grid[2]);
    }
    let times = stopwatch.submit(context, encoder)?;
    Ok(times.into_iter().min().unwrap_or_default().max(Duration::from_nanos(1)))
}

fn buffer(context: &Context, size: u64) -> wgpu::Buffer {
    context.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("ceiling"),
        size,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    })
}
