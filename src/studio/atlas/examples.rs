//! The crops of the user's own pictures that excite each channel most.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::AtlasEvent;
use crate::atlas::{Sheet, Tile};
use crate::dream::probe::network_input;
use crate::extent::Extent;
use crate::machine::{Execution, Machine};
use crate::net::{LayerId, Weights};
use crate::picture::{Picture, Size, WantedSize, to_byte};
use crate::plan::probe::{ProbePlan, plan_probe};
use crate::studio::batch::pictures_in;
use crate::studio::{Cancel, JobError, Opened, read_options};
use crate::visualize::VisualizeError;

/// The longest side at which pictures are examined: about twice the network's own input size.
const LONGEST: usize = 448;
/// The number of crops per channel, each from a different picture.
const CROPS: usize = 4;
/// The smallest side of a crop in pixels. What a cell of the first layers sees would be hard to recognise on its
/// own.
const CONTEXT: usize = 32;
/// The margin shown around what a cell sees is this fraction (1 / `MARGIN`) of it.
const MARGIN: usize = 8;
const FRAME: [u8; 3] = [255, 230, 0];
const GRAY: u8 = 127;

/// The place where a picture excites a channel most.
#[derive(Clone, Debug)]
struct Find {
    value: f32,
    /// The number of the picture.
    picture: usize,
    row: usize,
    column: usize,
}

/// The best finds of each channel of each layer, best first.
type Finds = Vec<Vec<Vec<Find>>>;

/// The examples of a layer: a sheet of all crops and, channel by channel, the name of each crop's file and the
/// value there.
pub(super) type Examples = (Sheet, Vec<Vec<(String, f32)>>);

/// A search for the examples of some layers.
pub(super) struct Search<'a> {
    pub(super) machine: &'a dyn Machine,
    pub(super) weights: &'a Weights,
    pub(super) layers: &'a [LayerId],
    /// The side of a crop on its sheet.
    pub(super) side: usize,
}

impl Search<'_> {
    /// Searches a folder and its subfolders, until it is cancelled. Pictures that cannot be read or are too small
    /// are reported and left out.
    pub(super) fn through(
        &self,
        folder: &Path,
        cancel: &Cancel,
        tell: &mut dyn FnMut(AtlasEvent<'_>),
    ) -> Result<Option<Vec<Examples>>, JobError> {
        let (files, refused) = pictures_in(folder);
        for (path, objection) in refused {
            tell(AtlasEvent::LeftOut { path: &path, error: &objection.into() });
        }
        let network = self.weights.network();
        let channels = |layer: &LayerId| vec![Vec::new(); network[*layer].channels];
        let mut finds: Finds = self.layers.iter().map(channels).collect();
        let mut loaded = None;
        for (number, (path, _)) in files.iter().enumerate() {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            tell(AtlasEvent::Example { done: number, of: files.len() });
            let seen = open(path).and_then(|picture| self.look(number, &picture, &mut loaded, &mut finds));
            if let Err(error) = seen {
                tell(AtlasEvent::LeftOut { path, error: &error });
            }
        }
        self.crop(&files, &finds).map(Some)
    }

    /// Runs the network on a picture, and keeps the places that excite a channel more than earlier ones.
    fn look(
        &self,
        number: usize,
        picture: &Picture,
        loaded: &mut Option<(ProbePlan, Box<dyn Execution>)>,
        finds: &mut Finds,
    ) -> Result<(), JobError> {
        let input = network_input(picture, self.weights.mean());
        if loaded.as_ref().is_none_or(|(plan, _)| plan.input.shape != input.shape) {
            let plan = plan_probe(self.weights.network(), picture.extent(), self.layers, &[])
                .map_err(VisualizeError::from)?;
            self.machine.check(&plan.plan)?;
            let execution = self.machine.load(&plan.plan, self.weights)?;
            *loaded = Some((plan, execution));
        }
        let Some((plan, execution)) = loaded else { return Ok(()) };
        execution.write(plan.input, &input.cells)?;
        execution.run_once(plan.phase, &[])?;
        for (&view, finds) in plan.values.iter().zip(finds) {
            let (cells, width) = (execution.read(view)?, view.shape.width);
            for (map, best) in cells.chunks_exact(view.shape.plane()).zip(finds) {
                let Some((at, value)) = highest(map) else { continue };
                let place = best.partition_point(|other| other.value >= value);
                best.insert(place, Find { value, picture: number, row: at / width, column: at % width });
                best.truncate(CROPS);
            }
        }
        Ok(())
    }

    /// Cuts out the finds. Each picture is opened a second time.
    fn crop(&self, files: &[(PathBuf, PathBuf)], finds: &Finds) -> Result<Vec<Examples>, JobError> {
        let mut wanted: BTreeMap<usize, Vec<(usize, usize, usize)>> = BTreeMap::new();
        for (layer, channels) in finds.iter().enumerate() {
            for (channel, best) in channels.iter().enumerate() {
                for (rank, find) in best.iter().enumerate() {
                    wanted.entry(find.picture).or_default().push((layer, channel, rank));
                }
            }
        }
        let mut tiles = BTreeMap::new();
        for (number, places) in wanted {
            let picture = open(&files[number].0)?;
            for place in places {
                let (layer, channel, rank) = place;
                tiles.insert(place, self.tile(&picture, self.layers[layer], &finds[layer][channel][rank])?);
            }
        }
        let mut tiles = tiles.into_iter().peekable();
        let mut examples = Vec::new();
        for (layer, channels) in finds.iter().enumerate() {
            let mut own: Vec<Option<Tile>> = Vec::new();
            while let Some((_, tile)) = tiles.next_if(|((of, ..), _)| *of == layer) {
                own.push(Some(tile));
            }
            let name = |find: &Find| (files[find.picture].1.to_string_lossy().into_owned(), find.value);
            let names = channels.iter().map(|best| best.iter().map(name).collect()).collect();
            examples.push((Sheet::of(&own, self.side)?, names));
        }
        Ok(examples)
    }

    /// What a cell sees of a picture, with its surroundings, and with a frame around what it sees.
    fn tile(&self, picture: &Picture, layer: LayerId, find: &Find) -> Result<Tile, JobError> {
        let network = self.weights.network();
        let Extent { height, width } = picture.extent();
        let seen = |pixels: usize, cell: usize| network.axis(pixels).seen(layer, cell..cell + 1);
        let (rows, columns) = (seen(height, find.row), seen(width, find.column));
        let (down, across) = (around(&rows, height), around(&columns, width));
        let size = Size::Within(self.side).fit(Extent::new(down.len(), across.len()));
        let small = cut(picture, &down, &across)?.resized(size)?;
        let place = |at: usize, range: &Range<usize>, side: usize| (at - range.start) * side / range.len();
        let frame = [
            place(rows.start, &down, size.height)..place(rows.end, &down, size.height),
            place(columns.start, &across, size.width)..place(columns.end, &across, size.width),
        ];
        Ok(framed(&small, &frame, self.side))
    }
}

/// The highest value of a map and its position, if any value is above 0; the first one if several are equal.
fn highest(map: &[f32]) -> Option<(usize, f32)> {
    let higher = |best: (usize, f32), next: (usize, f32)| if next.1 > best.1 { next } else { best };
    map.iter().copied().enumerate().reduce(higher).filter(|&(_, value)| value > 0.0)
}

/// Opens a picture, reduced in size if it is large.
fn open(path: &Path) -> Result<Picture, JobError> {
    let whole = WantedSize::Fit(Size::Within(LONGEST));
    Ok(Opened::file(path, &read_options(whole, None))?.picture)
}

/// A range with a margin on both sides, clipped to the picture.
fn around(seen: &Range<usize>, pixels: usize) -> Range<usize> {
    let margin = (seen.len() / MARGIN).max(CONTEXT.saturating_sub(seen.len()) / 2);
    seen.start.saturating_sub(margin)..(seen.end + margin).min(pixels)
}

fn cut(picture: &Picture, rows: &Range<usize>, columns: &Range<usize>) -> Result<Picture, JobError> {
    let Extent { height, width } = picture.extent();
    let planes = picture.rgb().chunks_exact(height * width);
    let cells = planes
        .flat_map(|plane| rows.clone().flat_map(move |row| &plane[row * width..][columns.clone()]).copied());
    Ok(Picture::from_rgb(Extent::new(rows.len(), columns.len()), cells.collect())?)
}

/// A picture in the middle of a gray square, with a frame one pixel wide drawn into it.
fn framed(picture: &Picture, [rows, columns]: &[Range<usize>; 2], side: usize) -> Tile {
    let Extent { height, width } = picture.extent();
    let corner = ((side - height) / 2, (side - width) / 2);
    let mut tile = vec![GRAY; 3 * side * side];
    for row in 0..height {
        for column in 0..width {
            let inside = rows.contains(&row) && columns.contains(&column);
            let edge = row == rows.start
                || row + 1 == rows.end
                || column == columns.start
                || column + 1 == columns.end;
            let sample =
                |channel: usize| to_byte(picture.rgb()[channel * height * width + row * width + column]);
            let colours = if inside && edge { FRAME } else { [0, 1, 2].map(sample) };
            let at = 3 * ((corner.0 + row) * side + corner.1 + column);
            tile[at..at + 3].copy_from_slice(&colours);
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_is_the_first_of_equals_and_above_nothing() {
        assert_eq!(highest(&[0.0, 2.0, 3.0, 3.0]), Some((2, 3.0)));
        assert_eq!(highest(&[0.0, 0.0]), None);
        assert_eq!(highest(&[-1.0]), None);
    }

    #[test]
    fn a_margin_ends_where_the_picture_does() {
        assert_eq!(around(&(40..47), 100), 28..59);
        assert_eq!(around(&(0..7), 100), 0..19);
        assert_eq!(around(&(100..300), 448), 75..325);
        assert_eq!(around(&(0..448), 448), 0..448);
    }

    #[test]
    fn a_frame_stands_around_what_is_seen() {
        let picture = Picture::from_rgb(Extent::new(4, 8), vec![9.0; 96]).expect("a picture");
        let tile = framed(&picture, &[1..4, 2..6], 8);
        let at = |row: usize, column: usize| &tile[3 * (8 * row + column)..][..3];
        // The picture occupies rows 2 to 5 of the tile.
        assert_eq!((at(1, 3), at(2, 3), at(6, 3)), (&[GRAY; 3][..], &[9; 3][..], &[GRAY; 3][..]));
        assert_eq!((at(3, 2), at(3, 5), at(5, 4)), (&FRAME[..], &FRAME[..], &FRAME[..]));
        assert_eq!((at(4, 3), at(4, 1), at(4, 6)), (&[9; 3][..], &[9; 3][..], &[9; 3][..]));
    }
}
