//! Measures which tile is fastest for each convolution of a plan, on the device and with the buffers that it will
//! run with.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::Context;
use super::command::Command;
use super::loader::{Charged, Loader};
use super::step::conv::convolution;
use super::tile::TileShape;
use super::tiling::Problem;
use super::timing::Stopwatch;
use crate::machine::MachineError;
use crate::plan::Step;
use crate::plan::convolution::ImplicitGemm;

/// How long measurements for one plan may take before it is loaded, not counting the run that is then in
/// progress. What is left is decided by rule, and measured the next time a plan needs it.
const PATIENCE: Duration = Duration::from_secs(3);
/// Tiles that by rule cost more than this times the best one's cost are not tried.
const HOPELESS: f64 = 2.0;
/// Runs of a candidate; the shortest counts.
const RUNS: usize = 3;

impl Loader<'_> {
    /// Finds tiles for all problems of the plan that have not been measured yet, the largest first.
    pub(super) fn tune(&mut self) -> Result<(), MachineError> {
        let deadline = Instant::now() + PATIENCE;
        for (problem, gemm) in self.unknown() {
            let Some(tile) = self.fastest(&gemm, deadline)? else { break };
            self.context.learn(problem, tile);
        }
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

    /// The fastest tile, or `None` if not all could be tried before the deadline.
    fn fastest(&mut self, gemm: &ImplicitGemm, deadline: Instant) -> Result<Option<TileShape>, MachineError> {
        let convolver = self.context.convolver();
        let (rows, columns) = (gemm.rows(), gemm.columns());
        let cost = |tile| convolver.cost(tile, rows, columns);
        let least = convolver.tiles().iter().map(|tile| cost(*tile)).fold(f64::INFINITY, f64::min);
        let mut best = (Duration::MAX, convolver.rule(rows, columns));
        for &tile in convolver.tiles().iter().filter(|tile| cost(**tile) <= HOPELESS * least) {
            let pieces = convolution(gemm, convolver, tile.0, self.layouts).into_iter();
            let pieces = pieces.map(|dispatch| Charged { dispatch, step: 0, flops: 0 }).collect();
            let commands: Vec<Command> = self.commands(&[pieces]).into_iter().flatten().collect();
            let Some(time) = time(self.context, &commands, deadline)? else { return Ok(None) };
            best = best.min((time, tile.0));
        }
        Ok(Some(best.1))
    }
}

/// The shortest of a few runs of a product, after one that does not count. Each piece is a submission of its own,
/// short enough for a desktop's watchdog. `None` if the deadline comes first.
fn time(
    context: &Context,
    commands: &[Command],
    deadline: Instant,
) -> Result<Option<Duration>, MachineError> {
    let stopwatch = Stopwatch::new(context, 1)?;
    let mut shortest = Duration::MAX;
    for run in 0..=RUNS {
        let mut took = Duration::ZERO;
        for command in commands {
            if Instant::now() > deadline {
                return Ok(None);
            }
            let mut encoder =
                context.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            command.encode(&mut stopwatch.pass(&mut encoder, 0));
            took += stopwatch.submit(context, encoder)?[0];
        }
        if run > 0 {
            shortest = shortest.min(took);
        }
    }
    Ok(Some(shortest))
}
