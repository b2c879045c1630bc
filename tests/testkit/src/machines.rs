//! The machines under test, and what happens where one is missing.

use std::sync::OnceLock;

use libtest_mimic::Failed;
use puppyslug::cpu::Cpu;
use puppyslug::gpu::tiling::{GemmTiling, TileChoice};
use puppyslug::gpu::{Convolver, Gpu, adapters};
use puppyslug::machine::{Machine, MachineError};

use crate::Trial;

/// A machine that is made when the first test wants it.
struct Candidate {
    name: &'static str,
    open: fn() -> Result<Box<dyn Machine>, MachineError>,
    made: OnceLock<Result<Box<dyn Machine>, String>>,
}

impl Candidate {
    const fn new(name: &'static str, open: fn() -> Result<Box<dyn Machine>, MachineError>) -> Self {
        Self { name, open, made: OnceLock::new() }
    }

    fn machine(&self) -> Result<&dyn Machine, Failed> {
        let made = self.made.get_or_init(|| (self.open)().map_err(|error| error.to_string()));
        made.as_deref().map_err(|error| {
            format!("no {} to test on: {error} (PUPPYSLUG_GPU_TESTS=skip skips these tests)", self.name)
                .into()
        })
    }

    /// Only on request, and never in silence: see [`run_all`](crate::run_all).
    fn skipped(&self) -> Option<&'static str> {
        gpu_skipped().filter(|_| self.name == GPU)
    }
}

/// Why tests on the GPU are not run, if they are not.
pub fn gpu_skipped() -> Option<&'static str> {
    let skip = std::env::var_os("PUPPYSLUG_GPU_TESTS").is_some_and(|wish| wish == "skip");
    skip.then_some("tests on the GPU are skipped: PUPPYSLUG_GPU_TESTS=skip")
}

const GPU: &str = "gpu";
const NOT_EIGHT_WIDE: &str = "this GPU would not run the kernel: its subgroups are not eight wide";

/// Everything that claims to be a machine.
static CANDIDATES: [Candidate; 2] =
    [Candidate::new("cpu", || Ok(Box::new(Cpu::new()))), Candidate::new(GPU, || Ok(Box::new(Gpu::any()?)))];

/// The GPU with the convolution that is for every device, where it would choose another.
static TILED: Candidate =
    Candidate::new(GPU, || Ok(Box::new(Gpu::any_with(GemmTiling::rule(Convolver::Tiled))?)));

/// The GPU with every tile of every convolution kernel, whatever it would choose.
static TILES: [Candidate; 9] = [
    Candidate::new(GPU, || in_tiles(Convolver::Tiled, 0)),
    Candidate::new(GPU, || in_tiles(Convolver::Tiled, 1)),
    Candidate::new(GPU, || in_tiles(Convolver::Tiled, 2)),
    Candidate::new(GPU, || in_tiles(Convolver::Subgroup, 0)),
    Candidate::new(GPU, || in_tiles(Convolver::Subgroup, 1)),
    Candidate::new(GPU, || in_tiles(Convolver::Subgroup, 2)),
    Candidate::new(GPU, || in_tiles(Convolver::Subgroup, 3)),
    Candidate::new(GPU, || in_tiles(Convolver::Subgroup, 4)),
    Candidate::new(GPU, || in_tiles(Convolver::Subgroup, 5)),
];

fn in_tiles(convolver: Convolver, number: usize) -> Result<Box<dyn Machine>, MachineError> {
    let choice = TileChoice::Always(convolver.tiles()[number].0);
    Ok(Box::new(Gpu::any_with(GemmTiling { convolver, choice })?))
}

/// The same test once for each machine, and on a GPU once for each tile that it can convolve in and that is wanted, by its
/// number among those of its kernel; those are told which kernel it is a tile of.
pub fn on_tiles<F>(name: &str, wanted: impl Fn(Convolver, usize) -> bool, test: F) -> Vec<Trial>
where
    F: Fn(&dyn Machine, Option<Convolver>) -> Result<(), Failed> + Clone + Send + 'static,
{
    static EIGHT_WIDE: OnceLock<bool> = OnceLock::new();
    let eight_wide = *EIGHT_WIDE
        .get_or_init(|| adapters().first().is_some_and(|adapter| adapter.convolver() == Convolver::Subgroup));
    let kernels = [Convolver::Tiled, Convolver::Subgroup];
    let tiles =
        kernels.into_iter().flat_map(|kernel| (0..kernel.tiles().len()).map(move |number| (kernel, number)));
    assert_eq!(tiles.clone().count(), TILES.len(), "a candidate for each tile");
    let trial = |(candidate, (kernel, number)): (&'static Candidate, (Convolver, usize))| {
        let (test, tile) = (test.clone(), kernel.tiles()[number].0);
        let unfit = (kernel == Convolver::Subgroup && !eight_wide).then_some(NOT_EIGHT_WIDE);
        Trial::test(format!("{name}, {kernel:?} {tile}"), move || test(candidate.machine()?, Some(kernel)))
            .with_kind(GPU)
            .ignored(candidate.skipped().or(unfit))
    };
    let by_rule = test.clone();
    let mut trials = on_each_machine(name, move |machine| by_rule(machine, None));
    let chosen = TILES.iter().zip(tiles).filter(|(_, (kernel, number))| wanted(*kernel, *number));
    trials.extend(chosen.map(trial));
    trials
}

/// The same test once for each machine, and once for the tiled convolution.
pub fn on_each_kernel<F>(name: &str, test: F) -> Vec<Trial>
where
    F: Fn(&dyn Machine) -> Result<(), Failed> + Clone + Send + 'static,
{
    let tiled = test.clone();
    let mut trials = on_each_machine(name, test);
    trials.push(
        Trial::test(format!("{name}, tiled"), move || tiled(TILED.machine()?))
            .with_kind(GPU)
            .ignored(TILED.skipped()),
    );
    trials
}

/// The same test once for each machine.
pub fn on_each_machine<F>(name: &str, test: F) -> Vec<Trial>
where
    F: Fn(&dyn Machine) -> Result<(), Failed> + Clone + Send + 'static,
{
    let trial = |candidate: &'static Candidate| {
        let test = test.clone();
        Trial::test(name, move || test(candidate.machine()?))
            .with_kind(candidate.name)
            .ignored(candidate.skipped())
    };
    CANDIDATES.iter().map(trial).collect()
}

/// A test that needs all machines at once.
pub fn across_machines<F>(name: &str, test: F) -> Trial
where
    F: Fn(&[&dyn Machine]) -> Result<(), Failed> + Send + 'static,
{
    let all = move || test(&CANDIDATES.iter().map(Candidate::machine).collect::<Result<Vec<_>, _>>()?);
    Trial::test(name, all).with_kind(GPU).ignored(CANDIDATES.iter().find_map(Candidate::skipped))
}
