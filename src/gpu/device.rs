//! Adapters: which ones there are, and which one a request selects.

use wgpu::{Backend, DeviceType};

use super::Gpu;
use super::tile::Convolver;
use crate::files::bytes::ByteSize;
use crate::machine::{Habits, Machine, MachineError};

/// An adapter, described for people and tests.
#[derive(Clone, Debug)]
pub struct Adapter {
    adapter: wgpu::Adapter,
    /// Name, driver, backend, kind.
    pub info: wgpu::AdapterInfo,
    /// What it can bind and dispatch at most.
    pub limits: wgpu::Limits,
    /// What else it can do.
    pub features: wgpu::Features,
}

impl Adapter {
    /// Whether it only emulates a GPU on the processor.
    pub fn is_software(&self) -> bool {
        self.info.device_type == DeviceType::Cpu
    }

    /// The convolution kernel that suits it.
    pub fn convolver(&self) -> Convolver {
        let eight_wide = self.info.subgroup_min_size == 8 && self.info.subgroup_max_size == 8;
        if self.is_software() && eight_wide && self.has_subgroups() {
            Convolver::Subgroup
        } else {
            Convolver::Tiled
        }
    }

    /// Its name and backend: `NVIDIA H200 (Vulkan)`.
    pub fn title(&self) -> String {
        format!("{} ({:?})", self.info.name, self.info.backend)
    }

    /// Whether it can measure the times of its own work (timestamps).
    pub fn has_timestamps(&self) -> bool {
        self.features.contains(wgpu::Features::TIMESTAMP_QUERY)
    }

    /// Whether the invocations of a subgroup can exchange values.
    pub fn has_subgroups(&self) -> bool {
        self.features.contains(wgpu::Features::SUBGROUP)
    }

    /// Whether it can compute with 16-bit floats.
    pub fn has_f16(&self) -> bool {
        self.features.contains(wgpu::Features::SHADER_F16)
    }

    /// What else is known about it, for people: kind and driver, limits, and features, one line each.
    pub fn particulars(&self) -> String {
        let Self { info, limits, features, .. } = self;
        let has = |feature| if features.contains(feature) { "yes" } else { "no" };
        let kind = if self.is_software() { "software".to_owned() } else { format!("{:?}", info.device_type) };
        format!(
            "type {kind}, driver {} {}\n\
             largest buffer {}, bound at once {}, workgroup memory {}\n\
             timestamps {}, subgroups {} ({} to {} wide), f16 {}",
            info.driver,
            info.driver_info,
            ByteSize(limits.max_buffer_size),
            ByteSize(limits.max_storage_buffer_binding_size),
            ByteSize(u64::from(limits.max_compute_workgroup_storage_size)),
            has(wgpu::Features::TIMESTAMP_QUERY),
            has(wgpu::Features::SUBGROUP),
            info.subgroup_min_size,
            info.subgroup_max_size,
            has(wgpu::Features::SHADER_F16)
        )
    }

    /// Opens it as a machine.
    ///
    /// # Errors
    /// If the driver refuses.
    pub fn open(&self, habits: &Habits) -> Result<Box<dyn Machine>, MachineError> {
        Ok(Box::new(Gpu::open(self, habits)?))
    }

    pub(super) fn raw(&self) -> &wgpu::Adapter {
        &self.adapter
    }
}

/// All adapters, best first: discrete before integrated before unknown before software, native backends before
/// others. The order, and thus an index into it, is the same on every call.
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        // Debug builds use the same flags as all others, so that what is tested is what people get. The debug
        // flags would also note in shaders that they come from WGSL, which Debian 12's validation layer takes for
        // an error, and then checks nothing further.
        flags: wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL,
        // Refuse what would exceed the device's memory instead of letting the driver crash. The last tenth is for
        // the small allocations that come later: wgpu gives a device up when there is no memory for an upload.
        memory_budget_thresholds: wgpu::MemoryBudgetThresholds {
            for_resource_creation: Some(90),
            for_device_loss: None,
        },
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let mut adapters: Vec<Adapter> = found
        .into_iter()
        .map(|adapter| Adapter {
            info: adapter.get_info(),
            limits: adapter.limits(),
            features: adapter.features(),
            adapter,
        })
        .collect();
    adapters.sort_by_key(|adapter| (kind_rank(adapter.info.device_type), backend_rank(adapter.info.backend)));
    adapters
}

fn kind_rank(kind: DeviceType) -> usize {
    match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

fn backend_rank(backend: Backend) -> usize {
    match backend {
        Backend::Metal | Backend::Vulkan => 0,
        Backend::Dx12 => 1,
        _ => 2,
    }
}
