//! Decides which buffers share memory: those that are never live at the same time.

use super::dials::{Dials, Rule, Script};
use super::{Buffer, BufferId, Number, Phase, PhaseId, Plan, View};
use crate::net::Shape;

/// A piece of memory that buffers use one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its size in f32 cells.
    pub cells: usize,
}

impl Slot {
    /// Its size in bytes.
    pub fn bytes(self) -> u64 {
        4 * self.cells as u64
    }
}

/// Collects buffers and phases; [`Builder::finish`] makes the plan.
#[derive(Debug, Default)]
pub struct Builder {
    labels: Vec<String>,
    cells: Vec<usize>,
    kept: Vec<bool>,
    /// Buffers that are live throughout a phase.
    held: Vec<(BufferId, PhaseId)>,
    phases: Vec<Phase>,
    given: Vec<(usize, View)>,
    /// The numbers that each iteration supplies.
    pub(super) dials: Dials,
}

impl Builder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new buffer that holds one map.
    pub fn buffer(&mut self, label: impl Into<String>, shape: Shape) -> View {
        self.labels.push(label.into());
        self.cells.push(shape.len());
        self.kept.push(false);
        View { buffer: BufferId(self.cells.len() - 1), offset: 0, shape }
    }

    /// Gives the buffer memory of its own from beginning to end, because the host writes or reads it.
    pub fn keep(&mut self, view: View) {
        self.kept[view.buffer.index()] = true;
    }

    /// Keeps the contents of the buffer from before a phase until after it, because the host writes or reads
    /// them.
    pub fn hold(&mut self, view: View, phase: PhaseId) {
        self.held.push((view.buffer, phase));
    }

    /// The buffer that the host fills under this number: the same one in every call, and never shared.
    pub fn given(&mut self, number: usize, shape: Shape) -> View {
        if let Some(&(_, view)) = self.given.iter().find(|&&(other, _)| other == number) {
            return view;
        }
        let view = self.buffer(format!("given {number}"), shape);
        self.keep(view);
        self.given.push((number, view));
        view
    }

    /// A number that each iteration supplies.
    pub fn dial(&mut self, rule: Rule) -> Number {
        Number::Dial(self.dials.dial(rule))
    }

    /// Appends a phase. Phases run in this order; one may run any number of times before the next.
    pub fn phase(&mut self, label: impl Into<String>, script: impl Into<Script>) -> PhaseId {
        let Script { steps, guards } = script.into();
        self.phases.push(Phase { label: label.into(), steps, guards });
        PhaseId(self.phases.len() - 1)
    }

    /// Assigns memory: largest buffer first, each to the first slot whose other users are all live at other
    /// times.
    pub fn finish(self) -> Plan {
        let lifetimes = self.lifetimes();
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.sort_by_key(|&id| std::cmp::Reverse(self.cells[id]));
        let mut slots: Vec<Slot> = Vec::new();
        let mut users: Vec<Vec<usize>> = Vec::new();
        let mut home = vec![0; self.cells.len()];
        for id in order {
            let free =
                |users: &Vec<usize>| users.iter().all(|&other| !overlap(lifetimes[id], lifetimes[other]));
            let slot = users.iter().position(free).unwrap_or_else(|| {
                slots.push(Slot { cells: self.cells[id] });
                users.push(Vec::new());
                slots.len() - 1
            });
            users[slot].push(id);
            home[id] = slot;
        }
        let named = self.labels.into_iter().zip(&self.cells).zip(&home);
        let buffers = named.map(|((label, &cells), &slot)| Buffer { label, cells, slot }).collect();
        Plan { buffers, slots, phases: self.phases, given: self.given, dials: self.dials }
    }

    /// First and last step that uses each buffer, counted over all phases in order.
    ///
    /// A phase may be repeated. Whatever it reads from before (pictures, masks, moments) must still be there
    /// in its next run, and so lives until its last step. Everything else it writes before it reads.
    fn lifetimes(&self) -> Vec<(usize, usize)> {
        let mut lifetimes = vec![(usize::MAX, 0); self.cells.len()];
        let mut start = 0;
        for (number, phase) in self.phases.iter().enumerate() {
            let end = (start + phase.steps.len()).saturating_sub(1);
            for (time, step) in (start..).zip(&phase.steps) {
                for view in step.reads().into_iter().chain(step.writes()) {
                    let (first, last) = &mut lifetimes[view.buffer.index()];
                    *last = (*last).max(if *first < start { end } else { time });
                    *first = (*first).min(time);
                }
            }
            for (buffer, _) in self.held.iter().filter(|(_, held_in)| held_in.index() == number) {
                let (first, last) = &mut lifetimes[buffer.index()];
                *first = (*first).min(start);
                *last = (*last).max(end);
            }
            start += phase.steps.len();
        }
        for (lifetime, &kept) in lifetimes.iter_mut().zip(&self.kept) {
            if kept {
                *lifetime = (0, usize::MAX);
            }
        }
        lifetimes
    }
}

fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Step, step};

    fn copy(x: View, y: View) -> Step {
        step::Relu { x, y }.into()
    }

    #[test]
    fn buffers_share_memory_only_when_never_alive_together() {
        let mut builder = Builder::new();
        let [a, b, c, d] = [8, 4, 4, 2].map(|n| builder.buffer("map", Shape::new(1, 1, n)));
        builder.keep(d);
        builder.phase("all", vec![copy(a, b), copy(b, c), copy(c, d)]);
        let plan = builder.finish();
        let slot = |view: View| plan.slot(view.buffer);
        assert_ne!(slot(a), slot(b));
        assert_ne!(slot(b), slot(c));
        assert_eq!(slot(a), slot(c)); // a is dead when c becomes live
        assert!([a, b, c].iter().all(|&view| slot(view) != slot(d)));
        assert_eq!(plan.bytes(), 4 * (8 + 4 + 2));
    }

    #[test]
    fn what_a_phase_finds_from_before_stands_until_its_end() {
        let mut builder = Builder::new();
        let [a, mask, b, c] = [4; 4].map(|n| builder.buffer("map", Shape::new(1, 1, n)));
        builder.phase("before", vec![copy(a, mask)]);
        builder.phase("turns", vec![copy(mask, b), copy(b, c), copy(c, b)]);
        let plan = builder.finish();
        let slot = |view: View| plan.slot(view.buffer);
        assert!([b, c].iter().all(|&view| slot(view) != slot(mask)), "the next turn reads it again");
        assert_eq!(plan.slots.len(), 3); // `a` is dead when they become live
    }

    #[test]
    fn what_the_host_writes_for_a_phase_stands_until_its_end() {
        let layout = |held: bool| {
            let mut builder = Builder::new();
            let [a, b, c] = [4; 3].map(|n| builder.buffer("map", Shape::new(1, 1, n)));
            builder.phase("before", vec![copy(a, a)]);
            let phase = builder.phase("phase", vec![copy(a, b), copy(b, a), copy(c, a)]);
            if held {
                builder.hold(c, phase);
            }
            let after = builder.buffer("after", Shape::new(1, 1, 4));
            builder.phase("after", vec![copy(after, a)]);
            let plan = builder.finish();
            [b, c, after].map(|view| plan.slot(view.buffer))
        };
        let [b, c, _] = layout(false);
        assert_eq!(b, c); // c becomes live when b is dead
        let [b, c, after] = layout(true);
        assert_ne!(b, c);
        assert_eq!(b, after);
    }
}
