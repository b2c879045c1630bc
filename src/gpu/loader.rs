//! From a plan to commands: pipelines, parameters, packed filters and bind groups, each made once.

use std::collections::HashMap;

use super::Context;
use super::command::{Command, Slot, storage};
use super::dispatch::{Dispatch, Resource};
use super::kernel::{Access, INVOCATIONS};
use super::layout::{Layout, Layouts};
use super::packing::Packing;
use super::resident::{Bound, Filters};
use super::software::{self, FIRST_SOURCE, texels};
use super::step::{Site, dispatches};
use crate::net::Weights;
use crate::plan::convolution::{FilterKey, Matrix};
use crate::plan::{Phase, Plan, Step};

/// Uniform buffer offsets are multiples of this on every device.
const UNIFORM_PITCH: usize = 256;

/// Everything that is made once, when a plan is loaded.
pub(super) struct Loader<'a> {
    pub(super) context: &'a Context,
    pub(super) plan: &'a Plan,
    pub(super) layouts: &'a Layouts,
    slots: &'a [wgpu::Buffer],
    weights: &'a Weights,
    pub(super) jitter: wgpu::Buffer,
    partials: wgpu::Buffer,
    unused: [wgpu::Buffer; 2],
    /// Created when the first convolution asks for it: most devices do not need it.
    sources: Option<wgpu::Texture>,
    /// Collected while filters are packed.
    matrices: HashMap<FilterKey, Matrix>,
    /// The filters that are already on the device, and those that are added.
    pub(super) filters: Filters,
}

impl<'a> Loader<'a> {
    pub(super) fn new(
        context: &'a Context,
        plan: &'a Plan,
        layouts: &'a Layouts,
        slots: &'a [wgpu::Buffer],
        weights: &'a Weights,
        filters: Filters,
    ) -> Self {
        let jitter = context.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("jitter"),
            size: 8,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            context,
            plan,
            layouts,
            slots,
            weights,
            jitter,
            partials: storage(context, 4 * INVOCATIONS as u64),
            unused: [storage(context, 16), storage(context, 16)],
            sources: None,
            matrices: HashMap::new(),
            filters,
        }
    }

    pub(super) fn load(&mut self, dials: &[f32]) -> Vec<Vec<Command>> {
        let tiling = self.context.tiling();
        let site = Site { tiling: &tiling, layouts: self.layouts, dials };
        let charged = |phase: &Phase| -> Vec<Charged> {
            let steps = phase.steps.iter().enumerate();
            steps.flat_map(|(number, step)| charge(number, step, &site)).collect()
        };
        let dispatches: Vec<Vec<Charged>> = self.plan.phases.iter().map(charged).collect();
        self.commands(&dispatches)
    }

    /// The commands of rows of dispatches.
    pub(super) fn commands(&mut self, dispatches: &[Vec<Charged>]) -> Vec<Vec<Command>> {
        let params = self.upload_params(dispatches);
        let mut offset = 0;
        let mut command = |charged| {
            let command = self.command(charged, &params, offset);
            offset += UNIFORM_PITCH as u64;
            command
        };
        dispatches.iter().map(|row| row.iter().map(&mut command).collect()).collect()
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

    pub(super) fn initialised(&self, contents: &[u8], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let Context { device, queue, .. } = self.context;
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: contents.len() as u64,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            // A buffer for which there is no memory cannot be mapped, and wgpu would panic; writing to it only
            // gives an error.
            mapped_at_creation: false,
        });
        queue.write_buffer(&buffer, 0, contents);
        buffer
    }

    fn command(&mut self, charged: &Charged, params: &wgpu::Buffer, offset: u64) -> Command {
        let &Charged { ref dispatch, step, flops } = charged;
        let pipeline = self.context.pipeline(&dispatch.pipeline);
        let mut resources =
            dispatch.resources.iter().map(|resource| self.resource(resource)).collect::<Vec<_>>();
        resources.reverse();
        let accesses = dispatch.pipeline.kernel.bindings;
        let bound: Vec<Option<Bound>> = accesses
            .iter()
            .map(|access| match access {
                Access::Params => None,
                Access::Jitter => Some(Bound::Buffer(self.jitter.clone())),
                _ => Some(resources.pop().expect("a resource for each binding")),
            })
            .collect();
        let own_params = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: params,
            offset,
            size: std::num::NonZeroU64::new(dispatch.params.len().next_multiple_of(16) as u64),
        });
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(&bound)
            .map(|(binding, bound)| wgpu::BindGroupEntry {
                binding,
                resource: bound.as_ref().map_or(own_params.clone(), Bound::binding),
            })
            .collect();
        let bindings = self.context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(dispatch.pipeline.kernel.label),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let (copies, grid) = (self.copies(dispatch), dispatch.grid);
        let params = Slot { buffer: params.clone(), offset };
        Command { copies, pipeline, bindings, params, grid, step, flops }
    }

    fn resource(&mut self, resource: &Resource) -> Bound {
        match resource {
            Resource::Buffer(buffer) => Bound::Buffer(self.slots[self.plan.slot(*buffer)].clone()),
            Resource::Matrix(packing) => self.packed_matrix(packing, |loader, cells| {
                let bytes = bytemuck::cast_slice(cells);
                Bound::Buffer(loader.initialised(bytes, wgpu::BufferUsages::STORAGE))
            }),
            Resource::MatrixTexels(packing) => {
                self.packed_matrix(packing, |loader, cells| Bound::of(&texels::filled(loader.context, cells)))
            }
            Resource::Sources => Bound::of(self.sources()),
            Resource::Bias(filter) => Bound::Buffer(self.bias(filter)),
            Resource::Partials => Bound::Buffer(self.partials.clone()),
            Resource::UnusedRead => Bound::Buffer(self.unused[0].clone()),
            Resource::UnusedWrite => Bound::Buffer(self.unused[1].clone()),
        }
    }

    fn sources(&mut self) -> &wgpu::Texture {
        self.sources.get_or_insert_with(|| texels::texture(self.context, software::source_texels(self.plan)))
    }

    /// What a dispatch needs copied into the texture of sources.
    fn copies(&mut self, dispatch: &Dispatch) -> Vec<texels::Copy> {
        let mut first = FIRST_SOURCE;
        let mut copies = Vec::new();
        for view in &dispatch.copied {
            let buffer = self.slots[self.plan.slot(view.buffer)].clone();
            let end = first + view.shape.len() / Layout::Blocked.block();
            copies.extend(texels::Copy::run(&buffer, 4 * view.offset as u64, self.sources(), first..end));
            first = end;
        }
        copies
    }

    fn packed_matrix(&mut self, packing: &Packing, upload: impl FnOnce(&Self, &[f32]) -> Bound) -> Bound {
        if let Some(bound) = self.filters.matrices.get(packing) {
            return bound.clone();
        }
        let packed = packing.pack(self.matrix(&packing.filter));
        let bound = upload(self, &packed);
        self.filters.matrices.insert(packing.clone(), bound.clone());
        self.filters.uploads += 1;
        bound
    }

    fn bias(&mut self, filter: &FilterKey) -> wgpu::Buffer {
        if let Some(buffer) = self.filters.biases.get(filter) {
            return buffer.clone();
        }
        let mut bias = self.matrix(filter).bias.clone();
        bias.resize(bias.len().next_multiple_of(4), 0.0); // kernels read four at a time
        let buffer = self.initialised(bytemuck::cast_slice(&bias), wgpu::BufferUsages::STORAGE);
        self.filters.biases.insert(filter.clone(), buffer.clone());
        buffer
    }

    fn matrix(&mut self, filter: &FilterKey) -> &Matrix {
        self.matrices.entry(filter.clone()).or_insert_with(|| filter.matrix(self.weights))
    }
}

/// A dispatch, the step it belongs to, and the operations it is charged with.
pub(super) struct Charged {
    pub(super) dispatch: Dispatch,
    pub(super) step: usize,
    pub(super) flops: u64,
}

/// A step's dispatches; each is charged with operations by its workgroups.
fn charge(number: usize, step: &Step, site: &Site<'_>) -> impl Iterator<Item = Charged> + use<> {
    let dispatches = dispatches(step, site);
    let groups = |dispatch: &Dispatch| dispatch.grid.iter().map(|&n| u64::from(n)).product::<u64>();
    let all = dispatches.iter().map(groups).sum::<u64>().max(1);
    let flops = step.flops();
    dispatches.into_iter().map(move |dispatch| {
        let flops = (u128::from(flops) * u128::from(groups(&dispatch)) / u128::from(all)) as u64;
        Charged { dispatch, step: number, flops }
    })
}
