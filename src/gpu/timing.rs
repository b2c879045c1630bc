//! How long each step takes on the device's own clock.

use std::time::{Duration, Instant};

use super::Context;
use super::command::{Command, encode};
use super::execution::GpuExecution;
use crate::machine::{MachineError, TurnTimes};
use crate::plan::PhaseId;

/// Timestamps taken by the device, two for each interval.
pub(super) struct Stopwatch {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
}

/// Maximum number of intervals of one stopwatch: a query set has room for 4096 timestamps on any device.
const MOST_INTERVALS: usize = 2048;

impl Stopwatch {
    pub(super) fn new(context: &Context, intervals: usize) -> Result<Self, MachineError> {
        let device = &context.device;
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return Err(MachineError::Device(format!("{} does not support timestamps", context.title)));
        }
        assert!(intervals <= MOST_INTERVALS, "at most {MOST_INTERVALS} intervals at a time");
        let size = 16 * intervals as u64;
        let buffer = |usage| {
            let label = Some("timestamps");
            device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false })
        };
        Ok(Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("timestamps"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * intervals as u32,
            }),
            resolved: buffer(wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            staging: buffer(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST),
        })
    }

    /// A pass whose beginning and end are those of an interval.
    pub(super) fn pass<'e>(
        &self,
        encoder: &'e mut wgpu::CommandEncoder,
        interval: usize,
    ) -> wgpu::ComputePass<'e> {
        let at = 2 * interval as u32;
        self.pass_between(encoder, Some(at), Some(at + 1))
    }

    /// Begins an interval that ends with a [`Stopwatch::last_pass`].
    fn start(&self, encoder: &mut wgpu::CommandEncoder, interval: usize) {
        drop(self.pass_between(encoder, Some(2 * interval as u32), None));
    }

    /// A pass whose end is the end of an interval that has already begun.
    fn last_pass<'e>(&self, encoder: &'e mut wgpu::CommandEncoder, interval: usize) -> wgpu::ComputePass<'e> {
        self.pass_between(encoder, None, Some(2 * interval as u32 + 1))
    }

    fn pass_between<'e>(
        &self,
        encoder: &'e mut wgpu::CommandEncoder,
        beginning_of_pass_write_index: Option<u32>,
        end_of_pass_write_index: Option<u32>,
    ) -> wgpu::ComputePass<'e> {
        encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: None,
            timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                query_set: &self.queries,
                beginning_of_pass_write_index,
                end_of_pass_write_index,
            }),
        })
    }

    /// Submits what was encoded, and reads the intervals.
    pub(super) fn submit(
        &self,
        context: &Context,
        mut encoder: wgpu::CommandEncoder,
    ) -> Result<Vec<Duration>, MachineError> {
        encoder.resolve_query_set(&self.queries, 0..self.queries.count(), &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.staging, 0, self.resolved.size());
        let submission = context.queue.submit([encoder.finish()]);
        self.staging.map_async(wgpu::MapMode::Read, .., |_| ());
        context.wait(submission)?;
        let failed = |error: wgpu::MapRangeError| MachineError::Device(super::in_one_line(&error));
        let range = self.staging.get_mapped_range(..).map_err(failed)?;
        let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&range);
        drop(range);
        self.staging.unmap();
        let period = f64::from(context.queue.get_timestamp_period());
        let interval =
            |pair: &[u64]| Duration::from_nanos((pair[1].saturating_sub(pair[0]) as f64 * period) as u64);
        Ok(ticks.chunks_exact(2).map(interval).collect())
    }
}

impl GpuExecution {
    pub(super) fn time_turn(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError> {
        self.set_dials(phase, dials);
        let commands = self.commands(phase, dials);
        let mut intervals = Vec::new();
        for slice in self.slices(&commands) {
            for commands in slice.chunks(MOST_INTERVALS) {
                intervals.extend(time_commands(&self.context, commands)?);
            }
        }
        let mut steps = vec![Duration::ZERO; self.steps(phase)];
        for (command, interval) in commands.iter().zip(intervals) {
            steps[command.step] += interval;
        }
        Ok(TurnTimes { steps, encode: encode_time(&self.context.device, &commands) })
    }
}

/// How long each command takes, in one submission.
fn time_commands(context: &Context, commands: &[&Command]) -> Result<Vec<Duration>, MachineError> {
    let stopwatch = Stopwatch::new(context, commands.len())?;
    let mut encoder = context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    for (number, command) in commands.iter().enumerate() {
        if !command.copies.is_empty() {
            stopwatch.start(&mut encoder, number);
            command.encode_copies(&mut encoder);
            command.encode(&mut stopwatch.last_pass(&mut encoder, number));
        } else {
            command.encode(&mut stopwatch.pass(&mut encoder, number));
        }
    }
    stopwatch.submit(context, encoder)
}

/// What it costs the host to encode a turn that is not timed.
fn encode_time(device: &wgpu::Device, commands: &[&Command]) -> Duration {
    let start = Instant::now();
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encode(commands, &mut encoder);
    drop(encoder.finish());
    start.elapsed()
}
