//! What is asked for without waiting is as it was at that moment, whatever is done afterwards.

use libtest_mimic::Failed;
use puppyslug::machine::{Kind, Machine};
use puppyslug::net::{Shape, Weights};
use puppyslug::plan::{Builder, step};
use testkit::{Trial, on_each_machine};

pub(crate) fn trials() -> Vec<Trial> {
    on_each_machine("what is asked for is as it was when it was asked for", as_it_was_when_asked_for)
}

/// A picture, and a map of whole blocks, in which a GPU stores it.
fn as_it_was_when_asked_for(machine: &dyn Machine) -> Result<(), Failed> {
    as_it_was(machine, Shape::new(3, 4, 5), false)?;
    as_it_was(machine, Shape::new(8, 3, 5), machine.kind() == Kind::Gpu)
}

fn as_it_was(machine: &dyn Machine, shape: Shape, stored_in_blocks: bool) -> Result<(), Failed> {
    let mut builder = Builder::new();
    let map = builder.buffer("map", shape);
    builder.keep(map);
    builder.phase("relu", vec![step::Relu { x: map, y: map }.into()]);
    let mut execution = machine.load(&builder.finish(), &Weights::none())?;
    let cells: Vec<f32> = (0..shape.len()).map(|cell| cell as f32).collect();
    execution.write(map, &cells)?;
    let in_blocks = execution.read(map.row(0, shape.len()))? != cells;
    ensure(in_blocks == stored_in_blocks, format!("{shape} is not stored as it should be"))?;
    let asked = execution.request(map)?;
    execution.write(map, &vec![0.5; cells.len()])?;
    let again = execution.request(map)?;
    ensure(asked.wait()? == cells, format!("{shape} is not as it was"))?;
    // The negative control: what it was overwritten with.
    ensure(again.wait()? == vec![0.5; cells.len()], format!("{shape} was not overwritten"))
}

fn ensure(holds: bool, complaint: String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(complaint.into()) }
}
