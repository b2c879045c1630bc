//! Measures which tile is fastest for each convolution of a plan, on the device and the buffers it will run with.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::Context;
use super::dispatch::convolution;
use super::execution::Command;
use super::loader::{Charged, Loader};
use super::tile::TileShape;
use super::tiling::Problem;
use super::timing::Stopwatch;
use crate::machine::MachineError;
use crate::plan::Step;
use crate::plan::convolution::ImplicitGemm;

/// How long one plan may be measured before it is loaded. What is left is decided by rule, and measured the next
/// time a plan has it.
const PATIENCE: Duration = Duration::from_secs(3);
/// Tiles that by rule cost more than this times the best one are not tried.
const HOPELESS: f64 = 2.0;
/// Runs of a candidate; the shortest counts.
const RUNS: usize = 3;

impl Loader<'_> {
    /// Finds tiles for all problems of the plan that nothing is known of, the largest first.
    pub(super) fn tune(&mut self) -> Result<(), MachineError> {
        let started = Instant::now();
        for (problem, gemm) in self.unknown() {
            if started.elapsed() > PATIENCE {
                break;
            }
            let tile = self.fastest(&gemm)?;
            self.context.learn(problem, tile);
        }
        // Every row height had its filters packed; the plan will use one of them.
        self.packed.clear();
        Ok(())
    }

    fn unknown(&self) -> Vec<(String, ImplicitGemm)> {
        let mut steps: Vec<&Step> = self.plan.steps().collect();
        steps.sort_by_key(|step| std::cmp::Reverse(step.flops()));
        let mut seen = HashSet::new();
        let gemms = steps.into_iter().filter_map(Step::gemm);
        let problems = gemms.map(|gemm| (Problem::of(&gemm).to_string(), gemm));
        problems.filter(|(problem, _)| !self.context.knows(problem) && seen.insert(problem.clone())).collect()
    }

    fn fastest(&mut self, gemm: &ImplicitGemm) -> Result<TileShape, MachineError> {
        let convolver = self.context.convolver();
        let (rows, columns) = (gemm.rows(), gemm.columns());
        let cost = |tile| convolver.cost(tile, rows, columns);
        let least = convolver.tiles().iter().map(|tile| cost(*tile)).fold(f64::INFINITY, f64::min);
        let mut best = (Duration::MAX, convolver.rule(rows, columns));
        for &tile in convolver.tiles().iter().filter(|tile| cost(**tile) <= HOPELESS * least) {
            let dispatch = convolution(gemm, convolver, tile.0, self.layouts);
            let alone = [vec![Charged { dispatch, step: 0, flops: 0 }]];
            let params = self.upload_params(&alone);
            let command = self.command(&alone[0][0], &params, 0);
            best = best.min((time(self.context, &command)?, tile.0));
        }
        Ok(best.1)
    }
}

/// The shortest of a few runs, after one that does not count.
fn time(context: &Context, command: &Command) -> Result<Duration, MachineError> {
    let device = &context.device;
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let stopwatch = Stopwatch::new(context, RUNS + 1)?;
    for run in 0..=RUNS {
        command.encode(&mut stopwatch.pass(&mut encoder, run));
    }
    let times = stopwatch.submit(context, encoder)?;
    Ok(times.into_iter().skip(1).min().unwrap_or(Duration::MAX))
}
