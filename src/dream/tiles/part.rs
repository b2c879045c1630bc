//! Which cells of a target's map belong to a tile.

use std::ops::Range;

use super::TiledOctave;
use super::mosaic::{Mosaic, Span};
use crate::machine::{Execution, MachineError};
use crate::net::{Network, Shape};
use crate::plan::network::{Aim, Part, Target};

/// A target's map in the whole picture and in a tile.
#[derive(Debug)]
pub(super) struct PartMap {
    part: Part,
    /// Pixels between neighbouring cells; `None` if every cell sees its whole tile.
    stride: Option<usize>,
    whole: Shape,
    tile: Shape,
    /// Row and column of a neuron in the whole map.
    neuron: Option<(usize, usize)>,
}

impl PartMap {
    pub(super) fn new(network: &Network, octave: &TiledOctave, target: &Target, part: &Part) -> Self {
        let map = |size| network.shapes(size)[target.layer.index()].with_channels(1);
        let (whole, tile) = (map(octave.size), map(octave.mosaic.window()));
        let stride = network.is_local(target.layer).then(|| network.receptive_field(target.layer).stride);
        let neuron = match target.aim {
            Aim::Neuron(_, at) => stride.map(|_| at.unwrap_or((whole.height / 2, whole.width / 2))),
            _ => None,
        };
        Self { part: *part, stride, whole, tile, neuron }
    }

    /// Whether a tile contributes to the target.
    pub(super) fn reaches(&self, rows: &Span, columns: &Span) -> bool {
        self.neuron.is_none_or(|at| self.in_tile(at, rows, columns).is_some())
    }

    /// Tells the machine which cells of a tile's map count.
    pub(super) fn write(
        &self,
        execution: &mut dyn Execution,
        mosaic: &Mosaic,
        rows: &Span,
        columns: &Span,
    ) -> Result<(), MachineError> {
        let mut own = self.own(mosaic, rows, columns);
        if let (Some(view), Some(at)) = (self.part.neuron, self.neuron) {
            let mut neuron = vec![0.0; self.tile.len()];
            if let Some(cell) = self.in_tile(at, rows, columns) {
                neuron[cell] = 1.0;
            }
            own.iter_mut().zip(&neuron).for_each(|(own, neuron)| *own *= neuron);
            execution.write(view, &neuron)?;
        }
        execution.write(self.part.own, &own)
    }

    /// 1 for every cell that counts in this tile and in no other.
    fn own(&self, mosaic: &Mosaic, rows: &Span, columns: &Span) -> Vec<f32> {
        let Some(stride) = self.stride else { return vec![1.0; self.tile.len()] };
        let last = |span: &Span, spans: &[Span]| spans.last() == Some(span);
        let rows = local(rows, last(rows, &mosaic.rows.spans), stride, self.whole.height);
        let columns = local(columns, last(columns, &mosaic.columns.spans), stride, self.whole.width);
        let cells =
            (0..self.tile.height).flat_map(|row| (0..self.tile.width).map(move |column| (row, column)));
        cells
            .map(|(row, column)| f32::from(u8::from(rows.contains(&row) && columns.contains(&column))))
            .collect()
    }

    /// The index, within a tile, of a cell of the whole map.
    fn in_tile(&self, (row, column): (usize, usize), rows: &Span, columns: &Span) -> Option<usize> {
        let stride = self.stride?;
        let row = row.checked_sub(rows.start / stride).filter(|&row| row < self.tile.height)?;
        let column = column.checked_sub(columns.start / stride).filter(|&column| column < self.tile.width)?;
        Some(row * self.tile.width + column)
    }
}

/// The cells that begin in the core of a tile, counted from its window. Those of the last tile extend to the
/// end of the map.
fn local(span: &Span, last: bool, stride: usize, cells: usize) -> Range<usize> {
    let first = span.start / stride;
    let end = if last { cells } else { span.core.end / stride };
    span.core.start / stride - first..end.saturating_sub(first)
}
