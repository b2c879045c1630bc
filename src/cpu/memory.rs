//! The slots of a plan as plain vectors, and how a step borrows from them.

use std::sync::{Mutex, PoisonError};

use crate::plan::{Plan, View};

/// All buffers of a plan.
#[derive(Debug)]
pub(super) struct Memory {
    slots: Vec<Vec<f32>>,
    /// Slot of each buffer.
    homes: Vec<usize>,
}

impl Memory {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            slots: plan.slots.iter().map(|slot| vec![0.0; slot.cells]).collect(),
            homes: plan.buffers.iter().map(|buffer| buffer.slot).collect(),
        }
    }

    /// The cells of a view.
    pub(super) fn get(&self, view: View) -> &[f32] {
        &self.slots[self.homes[view.buffer.index()]][view.range()]
    }

    /// Lends the cells of a view for writing, together with all the other slots for reading.
    ///
    /// No step reads a slot that it writes, except for the very cells it writes: buffers that are alive at the
    /// same time are in different slots. The slot is taken out while it is lent, so a plan that broke this rule
    /// would panic here rather than compute nonsense.
    pub(super) fn lend<R>(&mut self, view: View, work: impl FnOnce(&mut Self, &mut [f32]) -> R) -> R {
        let home = self.homes[view.buffer.index()];
        let mut slot = std::mem::take(&mut self.slots[home]);
        let result = work(self, &mut slot[view.range()]);
        self.slots[home] = slot;
        result
    }

    /// Lends several views, each in a slot of its own.
    pub(super) fn lend_all<R>(
        &mut self,
        views: &[View],
        work: impl FnOnce(&Self, Vec<&mut [f32]>) -> R,
    ) -> R {
        let mut slots: Vec<_> =
            views.iter().map(|v| std::mem::take(&mut self.slots[self.homes[v.buffer.index()]])).collect();
        let cells = slots.iter_mut().zip(views).map(|(slot, view)| &mut slot[view.range()]).collect();
        let result = work(self, cells);
        for (slot, view) in slots.into_iter().zip(views) {
            self.slots[self.homes[view.buffer.index()]] = slot;
        }
        result
    }
}

/// Memory for intermediate results. It is handed out to whichever task asks for it, and reused.
///
/// It belongs to tasks, not threads: a thread that waits for the halves of one task may start another.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    idle: Mutex<Vec<Vec<f32>>>,
}

impl Scratch {
    /// Calls `work` with `cells` cells of unspecified content.
    pub(super) fn with<R>(&self, cells: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
        let mut memory = self.idle().pop().unwrap_or_default();
        if memory.len() < cells {
            memory.resize(cells, 0.0);
        }
        let result = work(&mut memory[..cells]);
        self.idle().push(memory);
        result
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Vec<f32>>> {
        // A panic elsewhere does not damage the list.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
