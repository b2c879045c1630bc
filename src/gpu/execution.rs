//! A plan on a device: its buffers, its prepared dispatches, and a queue that is kept busy.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Context;
use super::command::{Command, encode, storage};
use super::layout::{Layout, Layouts};
use super::loader::Loader;
use super::step::{Site, dispatches};
use crate::files::bytes::ByteSize;
use crate::machine::{Execution, MachineError, Next, Parcel, Reading, Turn, TurnTimes, Turned};
use crate::net::Weights;
use crate::plan::{PhaseId, Plan, View};

/// Turns that are in flight while the host looks at the report of an earlier one.
const LAG: usize = 2;
/// How long one submission should occupy the device: a desktop's watchdog kills what takes about 2 s.
const SLICE: Duration = Duration::from_millis(250);
/// Work of one submission before the device's speed is known: 0.1 s at 20 GFLOP/s.
const FIRST_SLICE_FLOPS: u64 = 2_000_000_000;

/// A loaded plan.
#[derive(Debug)]
pub struct GpuExecution {
    pub(super) context: Arc<Context>,
    plan: Plan,
    layouts: Layouts,
    slots: Vec<wgpu::Buffer>,
    jitter: wgpu::Buffer,
    /// The values of the dials for which the parameters on the device were made; each phase has its own.
    dials: Vec<Vec<f32>>,
    pub(super) phases: Vec<Vec<Command>>,
    slice_flops: u64,
}

/// Cells that the caller wants to see.
struct Look {
    /// The turn after which they are read.
    turn: usize,
    staging: wgpu::Buffer,
}

impl GpuExecution {
    pub(super) fn new(context: Arc<Context>, plan: &Plan, weights: &Weights) -> Result<Self, MachineError> {
        // Before anything is bound to the buffers: binding an invalid buffer fails in other ways.
        let need = format!("{} of buffers and the network's weights", ByteSize(plan.bytes()));
        let slots = context.allocate(&need, || {
            Ok(plan.slots.iter().map(|slot| storage(&context, slot.bytes())).collect::<Vec<_>>())
        })?;
        let layouts = Layouts::of(plan);
        let dials = vec![0.0; plan.dials.len()];
        let resident = context.resident(weights);
        let (jitter, phases, filters) = context.allocate(&need, || {
            let mut loader = Loader::new(&context, plan, &layouts, &slots, weights, resident.share());
            if context.tunes {
                loader.tune()?;
            }
            let phases = loader.load(&dials);
            Ok((loader.jitter.clone(), phases, loader.filters))
        })?;
        resident.keep(filters);
        context.remember();
        context.healthy()?;
        let slice_flops = FIRST_SLICE_FLOPS;
        let dials = vec![dials; phases.len()];
        Ok(Self { context, plan: plan.clone(), layouts, slots, jitter, dials, phases, slice_flops })
    }

    fn slot(&self, view: View) -> &wgpu::Buffer {
        &self.slots[self.plan.slot(view.buffer)]
    }

    /// Submits one turn of a phase, split so that no submission occupies the device for long. Whatever `tail`
    /// encodes comes last.
    fn submit(
        &mut self,
        phase: PhaseId,
        turn: Turn<'_>,
        mut tail: impl FnMut(&Self, &mut wgpu::CommandEncoder),
    ) -> wgpu::SubmissionIndex {
        self.set_dials(phase, turn.dials);
        let Context { device, queue, .. } = &*self.context;
        queue.write_buffer(&self.jitter, 0, bytemuck::cast_slice(&[turn.jitter.down, turn.jitter.right]));
        let commands = self.commands(phase, turn.dials);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for (i, slice) in self.slices(&commands).into_iter().enumerate() {
            if i > 0 {
                let next = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                queue.submit([std::mem::replace(&mut encoder, next).finish()]);
            }
            encode(slice, &mut encoder);
        }
        tail(self, &mut encoder);
        queue.submit([encoder.finish()])
    }

    /// Updates the parameters of a phase to the dials of its next turn. The queue keeps the order, so turns in
    /// flight still find their own parameters.
    pub(super) fn set_dials(&mut self, phase: PhaseId, dials: &[f32]) {
        assert_eq!(dials.len(), self.plan.dials.len(), "a turn has the dials of its plan");
        if self.dials[phase.index()] == dials {
            return;
        }
        self.dials[phase.index()] = dials.to_vec();
        let tiling = self.context.tiling();
        let site = Site { tiling: &tiling, layouts: &self.layouts, dials };
        let mut commands = &self.phases[phase.index()][..];
        for (number, step) in self.plan.phases[phase.index()].steps.iter().enumerate() {
            let own;
            (own, commands) = commands.split_at(commands.partition_point(|command| command.step <= number));
            let made = if step.has_dials() { dispatches(step, &site) } else { Vec::new() };
            for (Command { params, .. }, dispatch) in own.iter().zip(made) {
                self.context.queue.write_buffer(&params.buffer, params.offset, &dispatch.params);
            }
        }
    }

    /// The commands of a turn.
    pub(super) fn commands(&self, phase: PhaseId, dials: &[f32]) -> Vec<&Command> {
        let steps = &self.plan.phases[phase.index()];
        self.phases[phase.index()].iter().filter(|command| steps.does(command.step, dials)).collect()
    }

    /// How many steps a phase has.
    pub(super) fn steps(&self, phase: PhaseId) -> usize {
        self.plan.phases[phase.index()].steps.len()
    }

    /// Splits commands into as many at a time as one submission should hold.
    pub(super) fn slices<'c, 'e>(&self, commands: &'c [&'e Command]) -> Vec<&'c [&'e Command]> {
        slices(commands, |command| command.flops, self.slice_flops)
    }

    /// Copies a view to byte `to` of a staging buffer.
    fn copy_out(&self, encoder: &mut wgpu::CommandEncoder, view: View, staging: &wgpu::Buffer, to: u64) {
        let bytes = 4 * view.shape.len() as u64;
        encoder.copy_buffer_to_buffer(self.slot(view), 4 * view.offset as u64, staging, to, bytes);
    }
}

impl Execution for GpuExecution {
    fn write(&mut self, view: View, data: &[f32]) -> Result<(), MachineError> {
        assert_eq!(data.len(), view.shape.len(), "as much data as the view has cells");
        let cells = self.layouts.to_memory(&view, data);
        let bytes: &[u8] = bytemuck::cast_slice(&cells);
        // wgpu allocates memory for the data on its way to the device.
        self.context.allocate(format_args!("{} to upload data", ByteSize(bytes.len() as u64)), || {
            self.context.queue.write_buffer(self.slot(view), 4 * view.offset as u64, bytes);
            Ok(())
        })
    }

    fn read(&mut self, view: View) -> Result<Vec<f32>, MachineError> {
        self.request(view)?.wait()
    }

    fn request(&mut self, view: View) -> Result<Reading, MachineError> {
        let reading =
            self.context.request(self.slot(view), view.range(), self.layouts.blocked_plane(&view))?;
        Ok(Reading::Coming(Box::new(reading)))
    }

    fn lift(&mut self, view: View) -> Result<Parcel, MachineError> {
        match self.layouts.of_map(&view) {
            Layout::Planar => self.context.take(self.slot(view), view.range()),
            Layout::Blocked => self.read(view).map(Parcel::from),
        }
    }

    fn lay(&mut self, view: View, parcel: &Parcel) -> Result<(), MachineError> {
        match (self.context.held(parcel), self.layouts.of_map(&view)) {
            (Some(held), Layout::Planar) => {
                held.copy_to(self.slot(view), view.range());
                Ok(())
            }
            _ => self.write(view, &parcel.read()?),
        }
    }

    fn run(
        &mut self,
        phase: PhaseId,
        turns: &[Turn<'_>],
        report: View,
        look: View,
        watch: &mut dyn FnMut(Turned) -> Next,
    ) -> Result<Vec<Vec<f32>>, MachineError> {
        let cells = report.shape.len();
        let reports = self.context.staging(cells * turns.len().max(1))?;
        let flops: u64 = self.phases[phase.index()].iter().map(|command| command.flops).sum();
        let mut under_way: VecDeque<wgpu::SubmissionIndex> = VecDeque::with_capacity(LAG + 1);
        let (mut submitted, mut finished, mut next) = (0, 0, Next::Go);
        let mut looking: Option<Look> = None;
        let mut finished_at = Instant::now();
        let mut last = None;
        loop {
            while submitted < turns.len() && next != Next::Stop && under_way.len() <= LAG {
                if next == Next::Look && looking.is_none() {
                    looking =
                        Some(Look { turn: submitted, staging: self.context.staging(look.shape.len())? });
                }
                let looked = looking.as_ref().filter(|look| look.turn == submitted);
                let to = 4 * (cells * submitted) as u64;
                let tail = |execution: &Self, encoder: &mut _| {
                    execution.copy_out(encoder, report, &reports, to);
                    looked.inspect(|looked| execution.copy_out(encoder, look, &looked.staging, 0));
                };
                under_way.push_back(self.submit(phase, turns[submitted], tail));
                submitted += 1;
            }
            let Some(submission) = under_way.pop_front() else { break };
            self.context.wait(submission.clone())?;
            self.learn_speed(flops, finished_at.elapsed());
            finished_at = Instant::now();
            // The turn is done, and the turns behind it keep the device busy in the meantime.
            let looked = looking.take_if(|looking| looking.turn == finished);
            let seen =
                looked.map(|looked| self.context.fetch(&looked.staging, submission.clone())).transpose()?;
            let seen = seen.map(|cells| self.layouts.from_memory(&look, cells));
            last = Some(submission);
            let said = watch(Turned { turn: finished, seen });
            next = if next == Next::Stop { Next::Stop } else { said };
            finished += 1;
        }
        let Some(last) = last else { return Ok(Vec::new()) };
        let reports = self.context.fetch(&reports, last)?;
        Ok(reports.chunks_exact(cells).take(submitted).map(<[f32]>::to_vec).collect())
    }

    fn run_once(&mut self, phase: PhaseId, dials: &[f32]) -> Result<(), MachineError> {
        let submission = self.submit(phase, Turn { dials, ..Turn::default() }, |_, _| ());
        self.context.wait(submission)
    }

    fn time(&mut self, phase: PhaseId, dials: &[f32]) -> Result<TurnTimes, MachineError> {
        self.time_turn(phase, dials)
    }
}

impl GpuExecution {
    /// Adjusts the work of a submission so that it takes about [`SLICE`], based on how long the last turn took.
    fn learn_speed(&mut self, flops: u64, took: Duration) {
        self.slice_flops = slice_after(self.slice_flops, flops, took);
    }
}

/// Work of the next submissions after a turn of this many operations. It grows at most by a factor of two: turns
/// that finished while the host was held up seem to have taken no time.
fn slice_after(slice_flops: u64, flops: u64, took: Duration) -> u64 {
    let rate = flops as f64 / took.as_secs_f64().max(1e-6);
    ((rate * SLICE.as_secs_f64()) as u64).clamp(1, slice_flops.saturating_mul(2))
}

/// Cuts a row of items into runs of at most so much work, or of one item each.
pub(super) fn slices<T>(things: &[T], work: impl Fn(&T) -> u64, most: u64) -> Vec<&[T]> {
    let mut slices = Vec::new();
    let mut start = 0;
    let mut sum = 0;
    for (i, thing) in things.iter().enumerate() {
        if i > start && sum + work(thing) > most {
            slices.push(&things[start..i]);
            (start, sum) = (i, 0);
        }
        sum += work(thing);
    }
    slices.push(&things[start..]);
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_hold_as_much_as_they_may_and_one_thing_at_least() {
        let cut = |work: &[u64], most| -> Vec<Vec<u64>> {
            slices(work, |&work| work, most).into_iter().map(<[u64]>::to_vec).collect()
        };
        assert_eq!(cut(&[1, 2, 3, 4], 6), [vec![1, 2, 3], vec![4]]);
        assert_eq!(cut(&[1, 9, 1, 1], 2), [vec![1], vec![9], vec![1, 1]]);
        assert_eq!(cut(&[9, 0, 0], 2), [vec![9], vec![0, 0]]);
        assert_eq!(cut(&[5], 10), [vec![5]]);
        assert_eq!(cut(&[], 10), [Vec::<u64>::new()]);
    }

    #[test]
    fn submissions_follow_the_speed_but_never_grow_fast() {
        let second = Duration::from_secs(1);
        // 8 operations per second are 2 in a quarter of a second.
        assert_eq!(slice_after(100, 8, second), 2);
        assert_eq!(slice_after(2, 80, second), 4);
        assert_eq!(slice_after(1000, 1_000_000, Duration::ZERO), 2000);
        assert_eq!(slice_after(1000, 0, second), 1);
    }
}
