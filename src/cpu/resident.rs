//! A network's weights in the processor's form: each filter is prepared once, however many plans are loaded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::filter::Filter;
use crate::net::Weights;
use crate::plan::convolution::{FilterKey, ImplicitGemm};
use crate::plan::{Plan, Step};

/// What has been prepared so far.
#[derive(Default)]
pub(super) struct Resident(Mutex<HashMap<FilterKey, Arc<Filter>>>);

impl Resident {
    fn filters(&self) -> MutexGuard<'_, HashMap<FilterKey, Arc<Filter>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The filters of a plan; missing ones are prepared.
    pub(super) fn of(&self, plan: &Plan, weights: &Weights) -> HashMap<FilterKey, Arc<Filter>> {
        let missing = self.missing(plan);
        // Not under the lock: a thread that waits for others may start another load in the meantime.
        let prepare = |(key, gemm): (FilterKey, ImplicitGemm)| {
            let filter = Filter::new(&gemm, gemm.filter.matrix(weights));
            (key, Arc::new(filter))
        };
        let prepared: Vec<_> = missing.into_par_iter().map(prepare).collect();
        let mut filters = self.filters();
        for (key, filter) in prepared {
            filters.entry(key).or_insert(filter);
        }
        let wanted = plan.steps().filter_map(Step::gemm).map(|gemm| gemm.filter);
        wanted.map(|key| (key.clone(), Arc::clone(&filters[&key]))).collect()
    }

    /// Bytes of the filters that a plan needs and that have not been prepared yet.
    pub(super) fn missing_bytes(&self, plan: &Plan) -> u64 {
        self.missing(plan).values().map(Filter::bytes).sum()
    }

    fn missing(&self, plan: &Plan) -> HashMap<FilterKey, ImplicitGemm> {
        let filters = self.filters();
        let gemms = plan.steps().filter_map(Step::gemm).filter(|gemm| !filters.contains_key(&gemm.filter));
        gemms.map(|gemm| (gemm.filter.clone(), gemm)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;
    use crate::plan::network::{Aim, Target};
    use crate::plan::probe::plan_probe;

    #[test]
    fn a_second_plan_prepares_nothing_and_the_last_handle_takes_all_away() {
        let weights = Weights::embedded();
        let layer = weights.network().find("inception_3a/output").expect("a layer");
        let target = Target { layer, aim: Aim::HalfSquares, weight: 1.0 };
        let plan = |size| plan_probe(weights.network(), size, &[], &[target]).expect("large enough").plan;
        let resident = crate::cpu::resident(&weights);
        assert!(resident.missing_bytes(&plan(Extent::new(32, 48))) > 0);
        let first = resident.of(&plan(Extent::new(32, 48)), &weights);
        assert_eq!(resident.missing_bytes(&plan(Extent::new(96, 80))), 0);
        let second = resident.of(&plan(Extent::new(96, 80)), &weights);
        let same = |(key, filter): (&FilterKey, &Arc<Filter>)| Arc::ptr_eq(filter, &second[key]);
        assert!(first.len() > 10 && first.iter().all(same), "the very same filters");
        let alive = Arc::downgrade(&resident);
        drop((first, second, resident, weights));
        assert!(alive.upgrade().is_none(), "gone with the last handle");
    }
}
