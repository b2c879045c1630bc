//! Every kind of step on every machine, each alone, against the oracle.

mod case;
mod derived;
mod edges;
mod inputs;
pub(crate) mod shares;
mod transpose;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use case::{Case, judge};
use libtest_mimic::Failed;
use puppyslug::cpu::{Cpu, Isa};
use puppyslug::gpu::Convolver;
use puppyslug::machine::{Kind, Machine};
use puppyslug::net::googlenet::googlenet;
use puppyslug::plan::Step;
use testkit::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    let weights = Arc::new(testkit::random_weights("GoogLeNet", googlenet(Some(17))));
    // Steps of the same geometry are the same case.
    let by_name = |case: Case| (case.name.clone(), case);
    let edges: BTreeMap<String, Case> = edges::cases().into_iter().map(by_name).collect();
    let mut cases: BTreeMap<String, Case> = derived::cases(&weights)
        .into_iter()
        .filter(|case| !edges.contains_key(&case.name))
        .map(by_name)
        .collect();
    // The network's own convolutions are many and much alike: they take turns in the tiles of a kernel. What tiles divide
    // badly is an edge.
    let convolutions = cases.values().filter(|case| is_convolution(case));
    let turns: BTreeMap<String, usize> =
        convolutions.enumerate().map(|(turn, case)| (case.name.clone(), turn)).collect();
    cases.extend(edges);
    let mut trials = controls(&cases);
    for (name, case) in cases {
        let (convolution, turn) = (is_convolution(&case), turns.get(&name).copied());
        let wanted =
            |kernel: Convolver, number| turn.is_none_or(|turn| turn % kernel.tiles().len() == number);
        let same = Arc::new(SameBits::default());
        let test = move |machine: &dyn Machine, tile_of: Option<Convolver>| {
            let (share, memory) = case.check(machine)?;
            if let Some(dialled) = case.dialled() {
                same_numbers(&memory, &dialled.check(machine)?.1)?;
            }
            shares::note(machine, case.step.name(), share);
            if machine.kind() == Kind::Cpu {
                on_every_processor(&case, &memory)?;
            }
            tile_of.map_or(Ok(()), |kernel| same.compare(kernel, &memory))
        };
        trials.extend(match convolution {
            true => testkit::on_tiles(&name, wanted, test),
            false => testkit::on_each_machine(&name, move |machine| test(machine, None)),
        });
    }
    trials.extend(transpose::trials());
    let first_tile = |_, number| number == 0;
    trials.extend(testkit::on_tiles("a convolution in pieces is whole", first_tile, in_pieces));
    trials
}

fn is_convolution(case: &Case) -> bool {
    matches!(case.step, Step::Conv(_) | Step::ConvGradient(_))
}

/// Instructions and threads are a matter of speed: whatever there is of them, the bits are the same.
fn on_every_processor(case: &Case, memory: &[Vec<f32>]) -> Result<(), Failed> {
    for isa in Isa::ALL {
        let Some(machine) = Cpu::with(isa) else { continue };
        if bits(&case.left_by(&machine)?) != bits(memory) {
            return Err(format!("other bits with the instructions of {isa:?}").into());
        }
    }
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        if bits(&pool.install(|| case.left_by(&Cpu::new()))?) != bits(memory) {
            return Err(format!("other bits on {threads} threads").into());
        }
    }
    Ok(())
}

fn bits(memory: &[Vec<f32>]) -> Vec<u32> {
    memory.iter().flatten().map(|cell| cell.to_bits()).collect()
}

/// A number that a turn brings does what one does that is planned, to the bit.
fn same_numbers(planned: &[Vec<f32>], brought: &[Vec<f32>]) -> Result<(), Failed> {
    match bits(planned) == bits(brought) {
        true => Ok(()),
        false => Err("other bits with dials than with planned numbers".into()),
    }
}

/// A dispatch has at most 65535 workgroups in a row, and here are more tiles than that. Where maps lie in blocks of eight
/// channels, a larger picture could not be bound at once.
fn in_pieces(machine: &dyn Machine, kernel: Option<Convolver>) -> Result<(), Failed> {
    let side = match kernel {
        Some(Convolver::Tiled) => 2048,
        Some(Convolver::Subgroup) | None => 1920,
    };
    if let Some(kernel) = kernel {
        assert!(side * side > 65535 * kernel.tiles()[0].0.columns, "one dispatch is enough");
    }
    edges::conv::wide(side).check(machine)?;
    Ok(())
}

/// What the first tile of each kernel left in memory, bit by bit: the others leave the same.
#[derive(Default)]
struct SameBits {
    first: Mutex<Vec<(Convolver, u64)>>,
}

impl SameBits {
    fn compare(&self, kernel: Convolver, memory: &[Vec<f32>]) -> Result<(), Failed> {
        let mut hasher = DefaultHasher::new();
        memory.iter().flatten().for_each(|cell| cell.to_bits().hash(&mut hasher));
        let bits = hasher.finish();
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.iter().find(|(other, _)| *other == kernel) {
            None => first.push((kernel, bits)),
            Some((_, others)) if *others == bits => {}
            Some(_) => return Err("another tile of the same kernel made other bits of it".into()),
        }
        Ok(())
    }
}

/// What must be so for the others to mean anything.
fn controls(cases: &BTreeMap<String, Case>) -> Vec<Trial> {
    let kinds: BTreeSet<&str> = cases.values().map(|case| case.step.name()).collect();
    let subjects: Vec<Case> = kinds
        .iter()
        .map(|kind| cases.values().find(|case| case.step.name() == *kind).expect("named by a case").clone())
        .collect();
    let without: Vec<&str> = Step::NAMES.iter().copied().filter(|name| !kinds.contains(name)).collect();
    vec![
        Trial::test("every kind of step has a case", move || match without[..] {
            [] => Ok(()),
            _ => Err(format!("no case of {}", without.join(", ")).into()),
        }),
        Trial::test("every kind of wrong result is noticed", move || {
            subjects.iter().try_for_each(every_fault_is_noticed)
        }),
        Trial::test("other numbers are noticed", || {
            same_numbers(&[vec![1.0]], &[vec![1.0]])?;
            match same_numbers(&[vec![0.0]], &[vec![-0.0]]) {
                Ok(()) => Err("one bit is another".into()),
                Err(_) => Ok(()),
            }
        }),
        Trial::test("other bits are noticed", || {
            let same = SameBits::default();
            same.compare(Convolver::Tiled, &[vec![1.0, 2.0]])?;
            same.compare(Convolver::Tiled, &[vec![1.0, 2.0]])?;
            same.compare(Convolver::Subgroup, &[vec![3.0]])?;
            match same.compare(Convolver::Tiled, &[vec![1.0, 2.0f32.next_up()]]) {
                Ok(()) => Err("one bit is another".into()),
                Err(_) => Ok(()),
            }
        }),
    ]
}

/// The oracle's own result passes; with any one cell wrong it does not.
fn every_fault_is_noticed(case: &Case) -> Result<(), Failed> {
    let before = case.prepare();
    let written = case.expect(&before);
    let mut right = before.clone();
    for output in written {
        let cells = &mut right[output.view.buffer.index()][output.view.range()];
        for (to, cell) in cells.iter_mut().zip(&output.cells) {
            *to = cell.value as f32;
        }
    }
    judge(&before, &right, written).map_err(|error| format!("{}: {error}", case.name))?;

    let output = &written[0];
    let buffer = output.view.buffer.index();
    let last = output.view.range().end - 1;
    let cell = output.cells[output.cells.len() - 1];
    let nudge = (10.0 * cell.tolerance).max(1e-6 * cell.value.abs()).max(1e-30);
    for (fault, index, value) in [
        ("a cell a little off", last, (cell.value + nudge) as f32),
        ("a cell not written", last, f32::NAN),
        ("an infinite cell", last, f32::INFINITY),
        ("a cell written behind the end", last + 1, 0.0),
    ] {
        let mut wrong = right.clone();
        wrong[buffer][index] = value;
        if judge(&before, &wrong, written).is_ok() {
            return Err(format!("{}: {fault} was not noticed", case.name).into());
        }
    }
    Ok(())
}
