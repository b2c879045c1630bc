//! Cells on their way: from a device to the host, and from one plan to another without it.

use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

use super::command::storage;
use super::layout::in_planes;
use super::{Context, in_one_line};
use crate::files::bytes::ByteSize;
use crate::machine::{Coming, Held, MachineError, Parcel};

/// Cells in a buffer of their own.
#[derive(Debug)]
pub(super) struct GpuParcel {
    context: Arc<Context>,
    buffer: wgpu::Buffer,
    cells: usize,
}

impl Held for GpuParcel {
    fn cells(&self) -> usize {
        self.cells
    }

    fn read(&self) -> Result<Vec<f32>, MachineError> {
        Box::new(self.context.request(&self.buffer, 0..self.cells, None)?).wait()
    }
}

impl GpuParcel {
    /// Copies all of it to these cells of another buffer.
    ///
    /// # Panics
    /// If they are not as many.
    pub(super) fn copy_to(&self, buffer: &wgpu::Buffer, cells: Range<usize>) {
        assert_eq!(cells.len(), self.cells, "as many cells as the view has");
        self.context.copy((&self.buffer, 0), (buffer, cells.start), self.cells);
    }
}

/// Cells that a submission copies to where the host can read them.
#[derive(Debug)]
pub(super) struct GpuReading {
    context: Arc<Context>,
    staging: wgpu::Buffer,
    submission: wgpu::SubmissionIndex,
    /// For a map that is stored in blocks, the number of cells of a channel.
    blocked_plane: Option<usize>,
}

impl Coming for GpuReading {
    fn wait(self: Box<Self>) -> Result<Vec<f32>, MachineError> {
        let cells = self.context.fetch(&self.staging, self.submission)?;
        Ok(in_planes(self.blocked_plane, cells))
    }
}

impl Context {
    /// Begins to copy these cells of a buffer to the host.
    pub(super) fn request(
        self: &Arc<Self>,
        from: &wgpu::Buffer,
        cells: Range<usize>,
        blocked_plane: Option<usize>,
    ) -> Result<GpuReading, MachineError> {
        let staging = self.staging(cells.len())?;
        let submission = self.copy((from, cells.start), (&staging, 0), cells.len());
        Ok(GpuReading { context: Arc::clone(self), staging, submission, blocked_plane })
    }

    /// Copies these cells of a buffer into one of their own.
    pub(super) fn take(
        self: &Arc<Self>,
        from: &wgpu::Buffer,
        cells: Range<usize>,
    ) -> Result<Parcel, MachineError> {
        let (first, cells) = (cells.start, cells.len());
        let bytes = 4 * cells as u64;
        let need = format_args!("{} to hand on", ByteSize(bytes));
        let buffer = self.allocate(need, || Ok(storage(self, bytes)))?;
        self.copy((from, first), (&buffer, 0), cells);
        Ok(Parcel::Device(Arc::new(GpuParcel { context: Arc::clone(self), buffer, cells })))
    }

    /// A parcel, if it is on this device.
    pub(super) fn held<'a>(self: &Arc<Self>, parcel: &'a Parcel) -> Option<&'a GpuParcel> {
        let Parcel::Device(held) = parcel else { return None };
        let held: &dyn Any = &**held;
        held.downcast_ref::<GpuParcel>().filter(|parcel| Arc::ptr_eq(&parcel.context, self))
    }

    /// Copies cells from a place in one buffer to a place in another.
    fn copy(
        &self,
        (from, first): (&wgpu::Buffer, usize),
        (to, start): (&wgpu::Buffer, usize),
        cells: usize,
    ) -> wgpu::SubmissionIndex {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let [first, start, cells] = [first, start, cells].map(|cells| 4 * cells as u64);
        encoder.copy_buffer_to_buffer(from, first, to, start, cells);
        self.queue.submit([encoder.finish()])
    }

    /// A buffer to read so many cells through.
    pub(super) fn staging(&self, cells: usize) -> Result<wgpu::Buffer, MachineError> {
        let size = 4 * cells as u64;
        self.allocate(format_args!("{} to read results back", ByteSize(size)), || {
            Ok(self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("staging"),
                size,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }))
        })
    }

    /// Reads a staging buffer whose last copy was part of `submission`:
    /// others may keep the queue busy after it.
    pub(super) fn fetch(
        &self,
        staging: &wgpu::Buffer,
        submission: wgpu::SubmissionIndex,
    ) -> Result<Vec<f32>, MachineError> {
        // The callback has nothing to do: after the wait the range is mapped or the error is asked for here.
        staging.map_async(wgpu::MapMode::Read, .., |_| ());
        self.wait(submission)?;
        let range =
            staging.get_mapped_range(..).map_err(|error| MachineError::Device(in_one_line(&error)))?;
        let cells = bytemuck::pod_collect_to_vec(&range);
        drop(range);
        staging.unmap();
        Ok(cells)
    }
}
