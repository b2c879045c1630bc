//! Before a dream: how much memory it needs, how much there is, and which tiles make it fit.

use super::{MosaicError, TileMode, TiledOctave, Tiling, plan};
use crate::device::host;
use crate::dream::DreamError;
use crate::extent::Extent;
use crate::files::bytes::ByteSize;
use crate::machine::{Kind, Machine, MachineError};
use crate::net::Weights;
use crate::plan::Plan;
use crate::plan::dream::{DreamPlan, DreamSettings, plan_loop};
use crate::plan::tiles::TilePlan;

/// Longest side of tiles that are chosen automatically: longer ones save hardly any work.
const LONGEST: usize = 3072;
/// Exact tiles are chosen automatically only up to this multiple of the untiled work.
const MAX_EXACT_OVERHEAD: f64 = 2.0;

/// The memory that a dream takes, in bytes, together with its [`Companions`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemoryPlan {
    /// What the network and its companions need on the device; without tiles, everything.
    pub device: u64,
    /// The weights that it loads onto the device. Weights that are already there are shared, and were counted
    /// when they were first loaded.
    pub weights: u64,
    /// Memory of the computer for whole pictures: those of the loop, of companions, and the finished dream. 0 without
    /// tiles.
    pub pictures: u64,
    /// Free memory of the device, if known, or the amount that was allowed.
    pub free: Option<u64>,
    /// The tiles, if there are any.
    pub tiles: Option<TileSize>,
}

impl MemoryPlan {
    /// The settings that give the same tiles again.
    pub(in crate::dream) fn tiling(&self) -> Option<Tiling> {
        let TileSize { side, mode, .. } = self.tiles?;
        Some(Tiling { tile: Some(side), tile_mode: Some(mode), memory_limit: None })
    }
}

/// The tiles that were chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileSize {
    /// Longest side in pixels.
    pub side: usize,
    /// What they see.
    pub mode: TileMode,
    /// The number of pixels that the network sees, as a multiple of the pixels of the pictures.
    pub work: f64,
}

/// A dream in tiles that fits.
pub(in crate::dream) struct Fit {
    pub(in crate::dream) canvas: DreamPlan,
    pub(in crate::dream) octaves: Vec<TiledOctave>,
    pub(in crate::dream) plan: TilePlan,
    pub(in crate::dream) memory: MemoryPlan,
}

/// The other dreams on a machine.
#[derive(Clone, Copy, Debug)]
pub struct Others {
    /// Bytes of its memory that they use, or soon will, without weights.
    pub bytes: u64,
    /// Bytes of the weights that they have loaded.
    pub weights: u64,
    /// Bytes that were free before the first of them was loaded, if known.
    pub room: Option<u64>,
}

impl Others {
    /// No others.
    pub fn none_on(machine: &dyn Machine) -> Self {
        Self { bytes: 0, weights: 0, room: machine.room() }
    }
}

/// Plans that whoever uses a dream loads beside it, over pictures of the same size.
#[derive(Clone, Debug, Default)]
pub struct Companions {
    /// Those on the machine of the network.
    pub device: Vec<Plan>,
    /// Those where the dream holds its whole pictures: on the same machine, or on the processor if it is in tiles.
    pub pictures: Vec<Plan>,
}

/// What is on a machine beside a dream.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// The other dreams.
    pub others: Others,
    /// What belongs to this dream, given the sizes of its octaves, smallest first.
    pub companions: fn(&[Extent]) -> Companions,
}

impl Beside {
    /// Nothing.
    pub fn nothing_on(machine: &dyn Machine) -> Self {
        Self { others: Others::none_on(machine), companions: |_| Companions::default() }
    }
}

/// The space that a dream must fit into.
pub(in crate::dream) struct Space<'a> {
    pub(in crate::dream) machine: &'a dyn Machine,
    pub(in crate::dream) weights: &'a Weights,
    pub(in crate::dream) tiling: &'a Tiling,
    pub(in crate::dream) beside: Beside,
}

impl Space<'_> {
    /// Bytes on the device, including those that other dreams use.
    pub(in crate::dream) fn free(&self) -> Option<u64> {
        self.beside.others.room.into_iter().chain(self.tiling.memory_limit).min()
    }

    /// The memory of a dream in one piece, if it fits.
    pub(in crate::dream) fn fit_whole(&self, dream: &DreamPlan) -> Result<MemoryPlan, MachineError> {
        let Companions { device, pictures } = self.companions(dream);
        let more = bytes_on(self.machine, &device)? + bytes_on(self.machine, &pictures)?;
        self.check(&dream.plan, more)?;
        Ok(self.memory(&dream.plan, more, 0, None))
    }

    /// The plans that are loaded beside this dream.
    fn companions(&self, dream: &DreamPlan) -> Companions {
        let sizes: Vec<Extent> = dream.octaves.iter().map(|octave| octave.size).collect();
        (self.beside.companions)(&sizes)
    }

    /// Checks the part of a dream that is on the device besides `more` bytes.
    fn check(&self, plan: &Plan, more: u64) -> Result<(), MachineError> {
        self.machine.check(plan)?;
        let weights = self.machine.weight_bytes(plan, self.weights);
        self.check_bytes(self.machine.bytes(plan).saturating_add(more), weights)
    }

    /// The memory of a plan and of `more` bytes on the device, with these tiles, and of whole pictures in addition.
    fn memory(&self, plan: &Plan, more: u64, pictures: u64, tiles: Option<TileSize>) -> MemoryPlan {
        let (device, weights) = (self.machine.bytes(plan), self.machine.weight_bytes(plan, self.weights));
        MemoryPlan { device: device + more, weights, pictures, free: self.free(), tiles }
    }

    /// Checks the bytes of buffers against the memory limit, which excludes weights, and the sum of buffers
    /// and weights against the free memory.
    fn check_bytes(&self, buffers: u64, weights: u64) -> Result<(), MachineError> {
        let others = self.beside.others;
        let all_buffers = buffers.saturating_add(others.bytes);
        let all = all_buffers.saturating_add(weights).saturating_add(others.weights);
        let over = |needed: u64, most: Option<u64>| most.filter(|&most| needed > most);
        let (needed, most, is) = match (over(all_buffers, self.tiling.memory_limit), over(all, others.room)) {
            (Some(limit), _) => (buffers, limit, "allowed by the memory limit"),
            (None, Some(free)) => (buffers.saturating_add(weights), free, "free"),
            (None, None) => return Ok(()),
        };
        let beside = if others.bytes > 0 { " for this dream and others" } else { "" };
        let (needed, most) = (ByteSize(needed), ByteSize(most));
        Err(MachineError::TooLarge(format!("{needed} of memory are needed, and {most} are {is}{beside}")))
    }

    /// Whether whole pictures take memory that the device could use.
    fn shares_memory(&self) -> bool {
        self.machine.kind() == Kind::Cpu
    }

    fn check_pictures(&self, bytes: u64) -> Result<(), MachineError> {
        if self.shares_memory() {
            return self.check_bytes(bytes, 0);
        }
        let (host, tiling) = (host()?, &Tiling::default());
        let beside = Beside::nothing_on(&*host);
        Space { machine: &*host, tiling, beside, ..*self }.check_bytes(bytes, 0)
    }

    /// The largest tiles that fit, none longer than `longest` pixels or than requested. They are exact unless
    /// that is too expensive or impossible. Requested fast tiles are exactly as long as requested, because
    /// another length would give another dream.
    pub(in crate::dream) fn fit(
        &self,
        settings: &DreamSettings,
        iterations: &[usize],
        longest: usize,
    ) -> Result<Fit, DreamError> {
        let canvas = plan_loop(settings);
        let Companions { device, pictures: whole } = self.companions(&canvas);
        let companions = bytes_on(self.machine, &device)?;
        let pictures = pictures(&canvas) + bytes_on(&*host()?, &whole)?;
        self.check_pictures(pictures)?;
        let mut refusal: Option<DreamError> = None;
        for mode in self.tiling.tile_mode.map_or(vec![TileMode::Exact, TileMode::Fast], |mode| vec![mode]) {
            for side in self.sides(settings, longest, mode) {
                let wanted = self.tiling.tile_mode.is_some() || mode == TileMode::Fast;
                match self.try_tiles(settings, iterations, &canvas, (companions, pictures), (side, mode)) {
                    Ok((_, work)) if !wanted && work > MAX_EXACT_OVERHEAD => break, // smaller ones cost even more
                    Ok((fit, _)) => return Ok(fit),
                    Err(DreamError::Mosaic(error)) => {
                        refusal.get_or_insert(error.into());
                        break;
                    }
                    Err(error) => refusal = Some(error),
                }
            }
        }
        Err(refusal.expect("whatever is not taken was refused"))
    }

    /// Whether smaller tiles than these would still give the requested dream.
    pub(in crate::dream) fn may_shrink(&self, memory: &MemoryPlan) -> bool {
        self.tiling.tile.is_none() || memory.tiles.is_some_and(|tiles| tiles.mode == TileMode::Exact)
    }

    /// Sides of tiles to try, the largest first.
    fn sides(&self, settings: &DreamSettings, longest: usize, mode: TileMode) -> Vec<usize> {
        if let (Some(side), TileMode::Fast) = (self.tiling.tile, mode) {
            return vec![side];
        }
        let sides = settings.octaves.iter().map(|octave| octave.size.longest());
        let longest = longest.min(self.tiling.tile.unwrap_or(LONGEST));
        let first = sides.max().map(|side| side.min(longest));
        let smaller = |&side: &usize| (side > 16).then_some(side * 7 / 8);
        std::iter::successors(first, smaller).collect()
    }

    /// Cuts every octave into such tiles. The error combines those of all octaves, so that the size that it
    /// recommends works for all.
    fn cut(
        &self,
        settings: &DreamSettings,
        side: usize,
        mode: TileMode,
    ) -> Result<Vec<TiledOctave>, MosaicError> {
        let (mut octaves, mut refusal) = (Vec::new(), None::<MosaicError>);
        for octave in &settings.octaves {
            let climbs = octave.climbs.iter().map(|climb| climb.targets.clone()).collect();
            match TiledOctave::new(self.weights.network(), octave.size, climbs, side, mode) {
                Ok(octave) => octaves.push(octave),
                Err(error) => {
                    refusal = Some(match refusal {
                        None => error,
                        Some(before) => before.and(error),
                    });
                }
            }
        }
        refusal.map_or(Ok(octaves), Err)
    }

    fn try_tiles(
        &self,
        settings: &DreamSettings,
        iterations: &[usize],
        canvas: &DreamPlan,
        (companions, pictures): (u64, u64),
        (side, mode): (usize, TileMode),
    ) -> Result<(Fit, f64), DreamError> {
        let octaves = self.cut(settings, side, mode)?;
        let plan = plan(self.weights.network(), &octaves, settings.moving)?;
        self.check(&plan.plan, companions + if self.shares_memory() { pictures } else { 0 })?;
        let work = work(&octaves, iterations);
        let tiles = Some(TileSize { side, mode, work });
        let memory = self.memory(&plan.plan, companions, pictures, tiles);
        Ok((Fit { canvas: canvas.clone(), octaves, plan, memory }, work))
    }
}

/// The bytes of plans on a machine that can hold each of them.
fn bytes_on(machine: &dyn Machine, plans: &[Plan]) -> Result<u64, MachineError> {
    plans.iter().try_for_each(|plan| machine.check(plan))?;
    Ok(plans.iter().map(|plan| machine.bytes(plan)).sum())
}

/// Bytes of whole pictures: those of the loop, and the finished one.
fn pictures(canvas: &DreamPlan) -> u64 {
    canvas.plan.bytes() + 4 * canvas.output.shape.len() as u64
}

/// The number of pixels that the network sees, as a multiple of the pixels of the pictures.
fn work(octaves: &[TiledOctave], iterations: &[usize]) -> f64 {
    let pixels = |octave: &TiledOctave| octave.size.plane() as u64;
    let sum = |of: &dyn Fn(&TiledOctave) -> u64| -> u64 {
        octaves.iter().zip(iterations).map(|(octave, &iterations)| of(octave) * iterations as u64).sum()
    };
    sum(&|octave| octave.mosaic.work()) as f64 / sum(&pixels) as f64
}
