//! Seams: whether a picture shows where it was cut.

use std::ops::ControlFlow;

use libtest_mimic::Failed;
use puppyslug::cpu::Cpu;
use puppyslug::dream::tiles::{TileMode, Tiling};
use puppyslug::dream::{Config, Dream};
use puppyslug::extent::Extent;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::picture::sky::sky;
use testkit::Trial;

const SIDE: usize = 480;
const TILE: usize = 96;
/// Pixels between cells of the layer that is climbed.
const STRIDE: usize = 16;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("fast tiles leave no seams, and tiles without shifts do", seams).with_kind("cpu")]
}

/// How rough a dream is along the lines where tiles meet.
struct Seams {
    /// Over how rough it is along other lines: 1 where nothing is seen.
    score: f64,
    /// In standard deviations of the mean of as many other lines.
    deviations: f64,
}

impl Seams {
    /// A line's roughness is the mean step of what was dreamed from the last pixel before it to the first behind
    /// it. Other lines are those that lie alike in the network's strides.
    fn of(dream: &Picture, source: &Picture) -> Self {
        let dreamed: Vec<f32> = dream.rgb().iter().zip(source.rgb()).map(|(a, b)| a - b).collect();
        let at = |channel: usize, row: usize, column: usize| dreamed[(channel * SIDE + row) * SIDE + column];
        let mean = |step: &dyn Fn(usize, usize) -> f32| {
            let steps = (0..3 * SIDE).map(|cell| f64::from(step(cell / SIDE, cell % SIDE).abs()));
            steps.sum::<f64>() / (3 * SIDE) as f64
        };
        let rough = |line: usize| {
            [
                mean(&|channel, row| at(channel, row, line) - at(channel, row, line - 1)),
                mean(&|channel, column| at(channel, line, column) - at(channel, line - 1, column)),
            ]
        };
        let (cuts, others): (Vec<usize>, Vec<usize>) =
            (STRIDE..SIDE).step_by(STRIDE).partition(|line| line % TILE == 0);
        let [cuts, others] =
            [cuts, others].map(|lines| lines.into_iter().flat_map(rough).collect::<Vec<_>>());
        let average = |lines: &[f64]| lines.iter().sum::<f64>() / lines.len() as f64;
        let (across, elsewhere) = (average(&cuts), average(&others));
        let squares: Vec<f64> = others.iter().map(|line| (line - elsewhere).powi(2)).collect();
        let deviation = (average(&squares) / cuts.len() as f64).sqrt();
        Self { score: across / elsewhere, deviations: (across - elsewhere) / deviation }
    }
}

fn config(tile: Option<usize>, jitter: u32) -> Config {
    let weights = Weights::embedded();
    let tiling = Tiling { tile, tile_mode: Some(TileMode::Fast), memory_limit: None };
    let config = Config::for_weights(&weights);
    Config { octaves: 1.into(), iterations: 10.into(), jitter: jitter.into(), tiling, ..config }
}

fn dream(picture: &Picture, config: &Config) -> Result<Picture, Failed> {
    let mut dream = Dream::prepare(&Cpu::new(), &Weights::embedded(), picture.extent(), config)?;
    Ok(dream.run(picture, &mut |_| ControlFlow::Continue(()))?.picture)
}

/// Every tile dreamed as a picture of its own, side by side: what tiles are without shifts.
fn cut_hard(picture: &Picture) -> Result<Picture, Failed> {
    let mut whole = picture.clone();
    for tile in 0..(SIDE / TILE).pow(2) {
        let (top, left) = (tile / (SIDE / TILE) * TILE, tile % (SIDE / TILE) * TILE);
        let rows = (0..3 * TILE).map(|row| ((row / TILE * SIDE + top + row % TILE) * SIDE) + left);
        let cells = rows.clone().flat_map(|start| picture.rgb()[start..start + TILE].to_vec()).collect();
        let dreamed = dream(&Picture::from_rgb(Extent::square(TILE), cells)?, &config(None, 0))?;
        for (start, row) in rows.zip(dreamed.rgb().chunks_exact(TILE)) {
            whole.rgb_mut()[start..start + TILE].copy_from_slice(row);
        }
    }
    Ok(whole)
}

/// What chance makes of a line stays within three deviations, all but once in a thousand times.
fn seams() -> Result<(), Failed> {
    let picture = sky(Extent::square(SIDE), 11)?;
    let [whole, fast, hard] =
        [dream(&picture, &config(None, 32))?, dream(&picture, &config(Some(TILE), 32))?, cut_hard(&picture)?]
            .map(|dream| Seams::of(&dream, &picture));
    for (what, seams) in [("no tiles", &whole), ("fast tiles", &fast), ("tiles without shifts", &hard)] {
        println!("{what}: seam score {:.3}, {:+.1} deviations", seams.score, seams.deviations);
    }
    match whole.deviations < 3.0 && fast.deviations < 3.0 && hard.deviations > 3.0 {
        true => Ok(()),
        false => {
            Err(format!("{:.1}, {:.1}, {:.1}", whole.deviations, fast.deviations, hard.deviations).into())
        }
    }
}
