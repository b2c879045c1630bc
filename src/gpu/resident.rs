//! A network's weights on a device: each filter is packed and uploaded once, however many plans are loaded there.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Convolver;
use super::convolution::packing;
use super::packing::Packing;
use super::software::texels;
use crate::plan::convolution::{FilterKey, ImplicitGemm};
use crate::plan::{Plan, Step};

/// What a binding holds, other than parameters.
#[derive(Clone)]
pub(super) enum Bound {
    Buffer(wgpu::Buffer),
    Texture(wgpu::TextureView),
}

impl Bound {
    pub(super) fn of(texture: &wgpu::Texture) -> Self {
        Self::Texture(texture.create_view(&wgpu::TextureViewDescriptor::default()))
    }

    pub(super) fn binding(&self) -> wgpu::BindingResource<'_> {
        match self {
            Self::Buffer(buffer) => buffer.as_entire_binding(),
            Self::Texture(view) => wgpu::BindingResource::TextureView(view),
        }
    }
}

/// What is on the device so far.
#[derive(Default)]
pub(super) struct Resident(Mutex<Filters>);

/// Packed filters and their biases.
#[derive(Clone, Default)]
pub(super) struct Filters {
    pub(super) matrices: HashMap<Packing, Bound>,
    pub(super) biases: HashMap<FilterKey, wgpu::Buffer>,
    /// How many matrices have been packed and uploaded in total.
    pub(super) uploads: usize,
}

impl Resident {
    fn filters(&self) -> MutexGuard<'_, Filters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is on the device, for a loader to add to.
    pub(super) fn share(&self) -> Filters {
        self.filters().clone()
    }

    /// Keeps what a loader has added, once it is known to be good: a buffer for which there was no memory is not
    /// kept.
    pub(super) fn keep(&self, filters: Filters) {
        let mut kept = self.filters();
        kept.uploads += filters.uploads.saturating_sub(kept.uploads);
        kept.matrices.extend(filters.matrices);
        kept.biases.extend(filters.biases);
    }

    /// Bytes of the filters that a plan needs and that are not on the device yet.
    pub(super) fn missing_bytes(&self, plan: &Plan, convolver: Convolver) -> u64 {
        let filters = self.filters();
        let wanted: HashMap<Packing, ImplicitGemm> =
            plan.steps().filter_map(Step::gemm).map(|gemm| (packing(&gemm, convolver), gemm)).collect();
        let missing = wanted.iter().filter(|(packing, _)| !filters.matrices.contains_key(packing));
        missing.map(|(packing, gemm)| bytes(packing, gemm, convolver)).sum()
    }
}

/// Bytes of a packed filter and its biases.
fn bytes(packing: &Packing, gemm: &ImplicitGemm, convolver: Convolver) -> u64 {
    let cells = packing.cells(gemm.rows(), gemm.window.kernel.pow(2));
    let matrix = match convolver {
        Convolver::Tiled => 4 * cells as u64,
        Convolver::Subgroup => texels::bytes(cells.div_ceil(4)),
    };
    matrix + 4 * gemm.rows().next_multiple_of(4) as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::extent::Extent;
    use crate::gpu::Gpu;
    use crate::machine::Machine;
    use crate::net::Weights;
    use crate::plan::network::{Aim, Target};
    use crate::plan::probe::plan_probe;

    fn plan(weights: &Weights, size: Extent) -> Plan {
        let layer = weights.network().find("inception_3a/output").expect("a layer");
        let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
        plan_probe(weights.network(), size, &[], &[target]).expect("large enough").plan
    }

    #[test]
    fn a_second_plan_uploads_nothing_and_the_last_handle_takes_all_away() {
        if std::env::var("PUPPYSLUG_GPU_TESTS").is_ok_and(|wish| wish == "skip") {
            eprintln!("ignored: PUPPYSLUG_GPU_TESTS=skip");
            return;
        }
        let gpu = Gpu::any().expect("an adapter (PUPPYSLUG_GPU_TESTS=skip skips this test)");
        let weights = Weights::embedded();
        let [small, large] = [Extent::new(32, 48), Extent::new(96, 80)].map(|size| plan(&weights, size));
        let needed = gpu.weight_bytes(&small, &weights);
        assert!(needed > 0);
        let first = gpu.load(&small, &weights).expect("a small plan");
        let resident = gpu.resident(&weights);
        let uploads = resident.filters().uploads;
        assert_eq!(uploads, resident.filters().matrices.len());
        // Another size, whose best tiles have a different height; and the same size on another machine of this
        // device.
        assert_eq!(gpu.weight_bytes(&large, &weights), 0);
        let second = gpu.load(&large, &weights).expect("a small plan");
        assert_eq!(resident.filters().uploads, uploads, "a second plan uploads none");
        // A different device has none of it.
        let other = Gpu::any().expect("the same adapter again");
        assert_eq!(other.weight_bytes(&small, &weights), needed);
        let alive = Arc::downgrade(&resident);
        drop((first, second, resident, weights));
        assert!(alive.upgrade().is_none(), "gone with the last handle");
    }
}
