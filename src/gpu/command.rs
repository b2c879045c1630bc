//! A dispatch with everything that it binds, and how it is encoded.

use super::Context;
use super::software::texels;

/// Where the parameters of a dispatch are.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) buffer: wgpu::Buffer,
    /// Their size in bytes.
    pub(super) offset: u64,
}

/// A dispatch, ready to be encoded.
#[derive(Debug)]
pub(super) struct Command {
    /// What has to be copied before the dispatch.
    pub(super) copies: Vec<texels::Copy>,
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bindings: wgpu::BindGroup,
    pub(super) params: Slot,
    pub(super) grid: [u32; 3],
    /// The number of the step of its phase that it belongs to.
    pub(super) step: usize,
    pub(super) flops: u64,
}

/// Encodes commands into as few passes as possible: a pass ends only where something has to be copied in between.
pub(super) fn encode(commands: &[&Command], encoder: &mut wgpu::CommandEncoder) {
    for run in commands.chunk_by(|_, next| next.copies.is_empty()) {
        run[0].encode_copies(encoder);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for command in run {
            command.encode(&mut pass);
        }
    }
}

impl Command {
    pub(super) fn encode_copies(&self, encoder: &mut wgpu::CommandEncoder) {
        for copy in &self.copies {
            copy.encode(encoder);
        }
    }

    /// Encodes everything but the copies.
    pub(super) fn encode(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.grid[0], self.grid[1], self.grid[2]);
    }
}

/// A buffer for maps.
pub(super) fn storage(context: &Context, bytes: u64) -> wgpu::Buffer {
    context.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: bytes.max(4),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    })
}
