//! A plan on a device: its buffers, its prepared dispatches, and the queue that is never kept waiting.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wgpu::util::{BufferInitDescriptor, DeviceExt};

use super::dispatch::{Convolver, Dispatch, Pipeline, Resource, dispatches};
use super::kernel::{Access, INVOCATIONS};
use super::packing::Packing;
use super::{Context, in_one_line, mebibytes, shader};
use crate::machine::{Execution, Jitter, MachineError, TurnTimes};
use crate::net::Weights;
use crate::plan::convolution::{FilterKey, Matrix};
use crate::plan::{Phase, PhaseId, Plan, Step, View};

/// Turns under way while the host looks at an earlier one's report.
const LAG: usize = 2;
/// How long one submission should keep the device: a desktop's watchdog kills what takes about 2 s.
const SLICE: Duration = Duration::from_millis(250);
/// Work of a submission before anything is known about the device's speed: 0.1 s at 20 GFLOP/s.
const FIRST_SLICE_FLOPS: u64 = 2_000_000_000;
/// Uniform buffer offsets are multiples of this on every device.
const UNIFORM_PITCH: usize = 256;

/// A loaded plan.
pub struct GpuExecution {
    pub(super) context: Arc<Context>,
    plan: Plan,
    slots: Vec<wgpu::Buffer>,
    jitter: wgpu::Buffer,
    pub(super) phases: Vec<Vec<Command>>,
    slice_flops: u64,
}

/// A dispatch, ready to be encoded.
pub(super) struct Command {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bindings: wgpu::BindGroup,
    pub(super) grid: [u32; 3],
    /// Which step of its phase it belongs to.
    pub(super) step: usize,
    flops: u64,
}

impl Command {
    pub(super) fn encode(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.grid[0], self.grid[1], self.grid[2]);
    }
}

impl GpuExecution {
    pub(super) fn new(context: Arc<Context>, plan: &Plan, weights: &Weights) -> Result<Self, MachineError> {
        let out_of_memory = context.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let slots: Vec<wgpu::Buffer> =
            plan.slots.iter().map(|slot| storage(&context, slot.bytes())).collect();
        let loader = Loader::new(&context, plan, &slots, weights);
        let jitter = loader.jitter.clone();
        let phases = loader.load();
        if pollster::block_on(out_of_memory.pop()).is_some() {
            return Err(MachineError::TooLarge(format!(
                "{} has no room for {} of buffers and the network's weights",
                context.title,
                mebibytes(plan.bytes())
            )));
        }
        context.healthy()?;
        let slice_flops = FIRST_SLICE_FLOPS;
        Ok(Self { context, plan: plan.clone(), slots, jitter, phases, slice_flops })
    }

    fn slot(&self, view: View) -> &wgpu::Buffer {
        &self.slots[self.plan.slot(view.buffer)]
    }

    /// Submits one turn of a phase, sliced so that no submission holds the device for long. What `tail`
    /// encodes comes last.
    fn submit(
        &self,
        phase: PhaseId,
        jitter: Jitter,
        mut tail: impl FnMut(&mut wgpu::CommandEncoder),
    ) -> wgpu::SubmissionIndex {
        let Context { device, queue, .. } = &*self.context;
        queue.write_buffer(&self.jitter, 0, bytemuck::cast_slice(&[jitter.down, jitter.right]));
        let slices = slices(&self.phases[phase.index()], self.slice_flops);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for (i, slice) in slices.iter().enumerate() {
            if i > 0 {
                let next = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                queue.submit([std::mem::replace(&mut encoder, next).finish()]);
            }
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for command in *slice {
                command.encode(&mut pass);
            }
        }
        tail(&mut encoder);
        queue.submit([encoder.finish()])
    }

    fn staging(&self, cells: usize) -> wgpu::Buffer {
        self.context.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size: 4 * cells as u64,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    fn copy_out(&self, encoder: &mut wgpu::CommandEncoder, view: View, staging: &wgpu::Buffer) {
        let bytes = 4 * view.shape.len() as u64;
        encoder.copy_buffer_to_buffer(self.slot(view), 4 * view.offset as u64, staging, 0, bytes);
    }

    /// Reads a staging buffer whose copy was part of `submission`.
    fn fetch(
        &self,
        staging: &wgpu::Buffer,
        submission: wgpu::SubmissionIndex,
    ) -> Result<Vec<f32>, MachineError> {
        // The callback has nothing to do: after the wait the range is mapped or the error is asked for here.
        staging.map_async(wgpu::MapMode::Read, .., |_| ());
        self.context.wait(submission)?;
        let range =
            staging.get_mapped_range(..).map_err(|error| MachineError::Device(in_one_line(&error)))?;
        let cells = bytemuck::pod_collect_to_vec(&range);
        drop(range);
        staging.unmap();
        Ok(cells)
    }
}

impl Execution for GpuExecution {
    fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError> {
        assert_eq!(data.len(), view.shape.len(), "as much data as the view has cells");
        self.context.queue.write_buffer(self.slot(view), 4 * view.offset as u64, bytemuck::cast_slice(data));
        self.context.healthy()
    }

    fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError> {
        let staging = self.staging(view.shape.len());
        let mut encoder =
            self.context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.copy_out(&mut encoder, view, &staging);
        let submission = self.context.queue.submit([encoder.finish()]);
        self.fetch(&staging, submission)
    }

    fn run(
        &mut self,
        phase: PhaseId,
        turns: &[Jitter],
        report: View,
        watch: &mut dyn FnMut(usize, &[f32]) -> ControlFlow<()>,
    ) -> Result<usize, MachineError> {
        let ring: Vec<wgpu::Buffer> = (0..=LAG).map(|_| self.staging(report.shape.len())).collect();
        let flops: u64 = self.phases[phase.index()].iter().map(|command| command.flops).sum();
        let mut under_way: VecDeque<(usize, wgpu::SubmissionIndex)> = VecDeque::new();
        let mut submitted = 0;
        let mut finished_at = Instant::now();
        let mut stopped = false;
        loop {
            if submitted < turns.len() && !stopped && under_way.len() <= LAG {
                let staging = &ring[submitted % ring.len()];
                let submission =
                    self.submit(phase, turns[submitted], |encoder| self.copy_out(encoder, report, staging));
                under_way.push_back((submitted, submission));
                submitted += 1;
                if under_way.len() <= LAG && submitted < turns.len() {
                    continue;
                }
            }
            let Some((turn, submission)) = under_way.pop_front() else { return Ok(submitted) };
            let cells = self.fetch(&ring[turn % ring.len()], submission)?;
            self.learn_speed(flops, finished_at.elapsed());
            finished_at = Instant::now();
            stopped |= watch(turn, &cells).is_break();
        }
    }

    fn run_once(&mut self, phase: PhaseId) -> Result<(), MachineError> {
        let submission = self.submit(phase, Jitter::default(), |_| ());
        self.context.wait(submission)
    }

    fn time(&mut self, phase: PhaseId) -> Result<TurnTimes, MachineError> {
        self.time_turn(phase)
    }
}

impl GpuExecution {
    /// Sets the work of a submission so that it takes about [`SLICE`], from how long the last turn took.
    fn learn_speed(&mut self, flops: u64, took: Duration) {
        let rate = flops as f64 / took.as_secs_f64().max(1e-6);
        self.slice_flops = ((rate * SLICE.as_secs_f64()) as u64).max(1);
    }
}

/// Cuts commands into runs of about `flops` operations, at least one command each.
fn slices(commands: &[Command], flops: u64) -> Vec<&[Command]> {
    let mut slices = Vec::new();
    let mut start = 0;
    let mut sum = 0;
    for (i, command) in commands.iter().enumerate() {
        if i > start && sum + command.flops > flops {
            slices.push(&commands[start..i]);
            (start, sum) = (i, 0);
        }
        sum += command.flops;
    }
    slices.push(&commands[start..]);
    slices
}

fn storage(context: &Context, bytes: u64) -> wgpu::Buffer {
    context.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: bytes.max(4),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    })
}

/// Everything that is made once, when a plan is loaded.
struct Loader<'a> {
    context: &'a Context,
    plan: &'a Plan,
    slots: &'a [wgpu::Buffer],
    weights: &'a Weights,
    jitter: wgpu::Buffer,
    partials: wgpu::Buffer,
    unused: [wgpu::Buffer; 2],
    pipelines: Vec<(Pipeline, wgpu::ComputePipeline)>,
    matrices: HashMap<FilterKey, Matrix>,
    packed: HashMap<Packing, wgpu::Buffer>,
    biases: HashMap<FilterKey, wgpu::Buffer>,
}

impl<'a> Loader<'a> {
    fn new(context: &'a Context, plan: &'a Plan, slots: &'a [wgpu::Buffer], weights: &'a Weights) -> Self {
        let jitter = context.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("jitter"),
            size: 8,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            context,
            plan,
            slots,
            weights,
            jitter,
            partials: storage(context, 4 * INVOCATIONS as u64),
            unused: [storage(context, 16), storage(context, 16)],
            pipelines: Vec::new(),
            matrices: HashMap::new(),
            packed: HashMap::new(),
            biases: HashMap::new(),
        }
    }

    fn load(mut self) -> Vec<Vec<Command>> {
        let convolver = self.context.convolver;
        let charged = |phase: &Phase| -> Vec<Charged> {
            let steps = phase.steps.iter().enumerate();
            steps.flat_map(|(number, step)| charge(number, step, convolver)).collect()
        };
        let dispatches: Vec<Vec<Charged>> = self.plan.phases.iter().map(charged).collect();
        let params = self.upload_params(&dispatches);
        let mut number = 0;
        let mut phases = Vec::new();
        for phase in &dispatches {
            let mut commands = Vec::new();
            for charged in phase {
                let offset = (UNIFORM_PITCH * number) as u64;
                commands.push(self.command(charged, &params, offset));
                number += 1;
            }
            phases.push(commands);
        }
        phases
    }

    /// The parameters of all dispatches in one uniform buffer.
    fn upload_params(&self, dispatches: &[Vec<Charged>]) -> wgpu::Buffer {
        let mut bytes = Vec::new();
        for Charged { dispatch, .. } in dispatches.iter().flatten() {
            assert!(dispatch.params.len() <= UNIFORM_PITCH, "parameters fit one slot");
            bytes.extend_from_slice(&dispatch.params);
            bytes.resize(bytes.len().next_multiple_of(UNIFORM_PITCH), 0);
        }
        bytes.resize(bytes.len().max(UNIFORM_PITCH), 0);
        self.initialised(&bytes, wgpu::BufferUsages::UNIFORM)
    }

    fn initialised(&self, contents: &[u8], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.context.device.create_buffer_init(&BufferInitDescriptor { label: None, contents, usage })
    }

    fn command(&mut self, charged: &Charged, params: &wgpu::Buffer, offset: u64) -> Command {
        let &Charged { ref dispatch, step, flops } = charged;
        let pipeline = self.pipeline(&dispatch.pipeline);
        let mut resources =
            dispatch.resources.iter().map(|resource| self.resource(resource)).collect::<Vec<_>>();
        resources.reverse();
        let accesses = dispatch.pipeline.kernel.bindings();
        let buffers: Vec<Option<wgpu::Buffer>> = accesses
            .iter()
            .map(|access| match access {
                Access::Params => None,
                Access::Jitter => Some(self.jitter.clone()),
                Access::Read | Access::Write => Some(resources.pop().expect("a resource for each binding")),
            })
            .collect();
        let own_params = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: params,
            offset,
            size: std::num::NonZeroU64::new(dispatch.params.len().next_multiple_of(16) as u64),
        });
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(&buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: match buffer {
                    None => own_params.clone(),
                    Some(buffer) => buffer.as_entire_binding(),
                },
            })
            .collect();
        let bindings = self.context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(dispatch.pipeline.kernel.label()),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Command { pipeline, bindings, grid: dispatch.grid, step, flops }
    }

    fn pipeline(&mut self, wanted: &Pipeline) -> wgpu::ComputePipeline {
        if let Some((_, made)) = self.pipelines.iter().find(|(made, _)| made == wanted) {
            return made.clone();
        }
        let made = shader::compile(&self.context.device, wanted);
        self.pipelines.push((wanted.clone(), made.clone()));
        made
    }

    fn resource(&mut self, resource: &Resource) -> wgpu::Buffer {
        match resource {
            Resource::Buffer(buffer) => self.slots[self.plan.slot(*buffer)].clone(),
            Resource::Matrix(packing) => self.packed_matrix(packing),
            Resource::Bias(filter) => self.bias(filter),
            Resource::Partials => self.partials.clone(),
            Resource::UnusedRead => self.unused[0].clone(),
            Resource::UnusedWrite => self.unused[1].clone(),
        }
    }

    fn packed_matrix(&mut self, packing: &Packing) -> wgpu::Buffer {
        if let Some(buffer) = self.packed.get(packing) {
            return buffer.clone();
        }
        let packed = packing.pack(self.matrix(&packing.filter));
        let buffer = self.initialised(bytemuck::cast_slice(&packed), wgpu::BufferUsages::STORAGE);
        self.packed.insert(packing.clone(), buffer.clone());
        buffer
    }

    fn bias(&mut self, filter: &FilterKey) -> wgpu::Buffer {
        if let Some(buffer) = self.biases.get(filter) {
            return buffer.clone();
        }
        let bias = self.matrix(filter).bias.clone();
        let buffer = self.initialised(bytemuck::cast_slice(&bias), wgpu::BufferUsages::STORAGE);
        self.biases.insert(filter.clone(), buffer.clone());
        buffer
    }

    fn matrix(&mut self, filter: &FilterKey) -> &Matrix {
        self.matrices.entry(filter.clone()).or_insert_with(|| filter.matrix(self.weights))
    }
}

/// A dispatch, the step it belongs to, and the operations it is charged with.
struct Charged {
    dispatch: Dispatch,
    step: usize,
    flops: u64,
}

/// A step's dispatches; its operations are charged to the first.
fn charge(number: usize, step: &Step, convolver: Convolver) -> impl Iterator<Item = Charged> {
    let mut flops = step.flops();
    dispatches(step, convolver).into_iter().map(move |dispatch| Charged {
        dispatch,
        step: number,
        flops: std::mem::take(&mut flops),
    })
}
