//! Where rounding takes another path: a value within rounding of zero passes its ReLU on one side and not on
//! the other, and of two almost equal values either may be the maximum. The values hardly change; the
//! gradient flows elsewhere.
//!
//! So a machine whose gradient is far from the golden one is judged on the path it took: its branches must
//! be those of the oracle, except at near ties, and along them its gradient must be the oracle's.

use libtest_mimic::Failed;
use puppyslug::machine::{Execution, Jitter};
use puppyslug::net::Weights;
use puppyslug::plan::{Conv, Plan, Slot, Step, View, step};

use crate::ACTIVATION;
use crate::oracle::{self, Memory};

/// How near is near, relative to the largest value of the map: what activations as a whole may be off.
const TIE: f64 = ACTIVATION;

/// Runs steps by the oracle along the branches of a machine that has run them already, its plan
/// [`unshared`]. Returns at how many cells they fork.
pub fn run_along_branches<'a>(
    steps: impl IntoIterator<Item = &'a Step>,
    memory: &mut Memory,
    weights: &Weights,
    jitter: Jitter,
    execution: &mut dyn Execution,
) -> Result<usize, Failed> {
    let mut forks = 0;
    for step in steps {
        oracle::run(step, memory, weights, jitter);
        forks += follow(step, memory, execution)?;
    }
    Ok(forks)
}

/// The plan with memory for every buffer of its own, so that all of them can be read in the end.
pub fn unshared(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.slots = plan.buffers.iter().map(|buffer| Slot { cells: buffer.cells }).collect();
    plan.buffers.iter_mut().enumerate().for_each(|(index, buffer)| buffer.slot = index);
    plan
}

/// Where the machine took another branch at this step, and might, so does the oracle.
fn follow(step: &Step, memory: &mut Memory, execution: &mut dyn Execution) -> Result<usize, Failed> {
    match step {
        Step::Conv(Conv { relu: true, y, .. }) => y.iter().map(|&y| follow_signs(y, memory, execution)).sum(),
        &Step::Relu(step::Relu { y, .. }) => follow_signs(y, memory, execution),
        Step::MaxPool(step::MaxPool { x, choice: Some(choice), .. }) => {
            follow_choices(step, *x, *choice, memory, execution)
        }
        _ => Ok(0),
    }
}

fn follow_signs(y: View, memory: &mut Memory, execution: &mut dyn Execution) -> Result<usize, Failed> {
    let machine = execution.read(y)?;
    let mut values = memory.read(y).to_vec();
    let near = TIE * largest(&values);
    let mut forks = 0;
    for (value, &machine) in values.iter_mut().zip(&machine) {
        let machine = f64::from(machine);
        if (*value > 0.0) != (machine > 0.0) {
            tie(*value, machine, near)?;
            *value = machine;
            forks += 1;
        }
    }
    memory.write(y, values);
    Ok(forks)
}

/// Chooses as the machine did, if the cell it chose is as good as the best.
fn follow_choices(
    step: &Step,
    x: View,
    choice: View,
    memory: &mut Memory,
    execution: &mut dyn Execution,
) -> Result<usize, Failed> {
    let Step::MaxPool(step::MaxPool { y, window, .. }) = step else { unreachable!("only pools choose") };
    let machine = execution.read(choice)?;
    let mut choices = memory.read(choice).to_vec();
    let near = TIE * largest(memory.read(x));
    let (map, best) = (memory.map(x), memory.map(*y));
    let plane = choice.shape.plane();
    let mut forks = 0;
    for (index, (choice, &machine)) in choices.iter_mut().zip(&machine).enumerate() {
        if *choice != f64::from(machine) {
            let (channel, row, column) =
                (index / plane, index % plane / y.shape.width, index % y.shape.width);
            let place =
                |at: usize, tap: usize, pad: usize| (at * window.stride + tap) as isize - pad as isize;
            let tap = machine as usize;
            let at = (
                place(row, tap / window.kernel, window.pad.0),
                place(column, tap % window.kernel, window.pad.1),
            );
            let chosen = map.get(channel, at.0, at.1).ok_or("a choice outside the map")?;
            tie(best.at(channel, row, column), chosen, near)?;
            *choice = f64::from(machine);
            forks += 1;
        }
    }
    memory.write(choice, choices);
    Ok(forks)
}

fn tie(a: f64, b: f64, near: f64) -> Result<(), Failed> {
    if (a - b).abs() <= near {
        return Ok(());
    }
    Err(format!("a branch that rounding does not explain: {a:e} and {b:e} are not within {near:e}").into())
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}
