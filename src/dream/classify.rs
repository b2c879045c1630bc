//! What the network sees in a picture: the classes it finds most likely.

use super::DreamError;
use super::probe::{Map, network_input};
use crate::extent::Extent;
use crate::machine::{Execution, Machine};
use crate::net::Weights;
use crate::picture::Picture;
use crate::plan::probe::{ProbePlan, plan_probe};

/// Caffe's recipe: the picture is squeezed into a square of this side...
const SQUARE: usize = 256;
/// ...and cropped to its middle of this side.
const CROP: usize = 224;

/// How much of a picture the network is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// The middle, as in training and in Caffe's examples: 224x224 of the picture squeezed to 256x256.
    Centre,
    /// All of it at its own size; the network's last pool averages maps of any size.
    Whole,
}

impl Framing {
    /// What the network is shown of a picture, with `mean` (blue, green, red) subtracted.
    pub(super) fn input(self, picture: &Picture, mean: [f32; 3]) -> Result<Map, DreamError> {
        Ok(match self {
            Self::Centre => network_input(&centre(picture)?, mean),
            Self::Whole => network_input(picture, mean),
        })
    }

    /// The size of what the network is shown.
    pub(super) fn shown(self, picture: Extent) -> Extent {
        match self {
            Self::Centre => Extent::square(CROP),
            Self::Whole => picture,
        }
    }

    /// The position of the middle of a pixel of the picture, on the axis of what the network is shown, where
    /// the middles of pixels are integers. `pixels` is the picture's number of pixels along this axis.
    pub(super) fn place(self, pixel: usize, pixels: usize) -> f64 {
        match self {
            Self::Centre => {
                (pixel as f64 + 0.5) * SQUARE as f64 / pixels as f64 - 0.5 - ((SQUARE - CROP) / 2) as f64
            }
            Self::Whole => pixel as f64,
        }
    }
}

/// A class and how likely it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// Its number, from 0.
    pub class: usize,
    /// From 0 to 1; those of all classes add up to 1.
    pub probability: f32,
}

/// A network that is ready to classify pictures. Further pictures of the same size need no preparation.
#[derive(Debug)]
pub struct Classifier<'a> {
    machine: &'a dyn Machine,
    weights: &'a Weights,
    mean: [f32; 3],
    loaded: Option<Ready>,
}

#[derive(Debug)]
struct Ready {
    size: Extent,
    plan: ProbePlan,
    execution: Box<dyn Execution>,
}

impl<'a> Classifier<'a> {
    /// A classifier for pictures from which `mean` (blue, green, red) is subtracted. `None` if the weights
    /// have no classes.
    pub fn new(machine: &'a dyn Machine, weights: &'a Weights, mean: [f32; 3]) -> Option<Self> {
        weights.classes()?;
        Some(Self { machine, weights, mean, loaded: None })
    }

    /// The likeliest `top` classes, best first.
    pub fn classify(
        &mut self,
        picture: &Picture,
        framing: Framing,
        top: usize,
    ) -> Result<Vec<Guess>, DreamError> {
        let input = framing.input(picture, self.mean)?;
        let Ready { plan, execution, .. } = self.load(input.shape.extent())?;
        execution.write(plan.input, &input.cells)?;
        execution.run_once(plan.phase, &[])?;
        let probabilities = execution.read(plan.values[0])?;
        Ok(best(&probabilities, top))
    }

    fn load(&mut self, size: Extent) -> Result<&mut Ready, DreamError> {
        let loaded = match self.loaded.take().filter(|loaded| loaded.size == size) {
            Some(loaded) => loaded,
            None => {
                let network = self.weights.network();
                // The classifier is the end of the network: the values of its last layer are the
                // probabilities.
                let last = network.ids().next_back().unwrap_or(network.input());
                let plan = plan_probe(network, size, &[last], &[])?;
                let execution = self.machine.load(&plan.plan, self.weights)?;
                Ready { size, plan, execution }
            }
        };
        Ok(self.loaded.insert(loaded))
    }
}

fn centre(picture: &Picture) -> Result<Picture, DreamError> {
    let square = picture.resized(Extent::square(SQUARE))?;
    let edge = (SQUARE - CROP) / 2;
    let mut cropped = Vec::with_capacity(3 * CROP * CROP);
    for plane in square.rgb().chunks_exact(SQUARE * SQUARE) {
        for row in plane.chunks_exact(SQUARE).skip(edge).take(CROP) {
            cropped.extend(&row[edge..edge + CROP]);
        }
    }
    Ok(Picture::from_rgb(Extent::square(CROP), cropped)?)
}

/// Equal probabilities keep the order of their classes, so that every device gives the same list.
fn best(probabilities: &[f32], top: usize) -> Vec<Guess> {
    let guess = |(class, &probability)| Guess { class, probability };
    let mut guesses: Vec<Guess> = probabilities.iter().enumerate().map(guess).collect();
    guesses.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    guesses.truncate(top);
    guesses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_is_the_middle_of_the_square() {
        let side = SQUARE;
        let rgb = (0..3 * side * side).map(|index| (index % side % 200) as f32).collect();
        let middle =
            centre(&Picture::from_rgb(Extent::square(side), rgb).expect("a picture")).expect("a crop");
        assert_eq!((middle.width(), middle.height()), (CROP, CROP));
        assert_eq!(middle.rgb()[..2], [16.0, 17.0]);
        assert_eq!(middle.rgb().last(), Some(&((side - 17) as f32 - 200.0)));
    }

    #[test]
    fn the_best_come_first_and_equals_in_order() {
        let guesses = best(&[0.1, 0.3, 0.3, 0.2], 3);
        assert_eq!(guesses.iter().map(|guess| guess.class).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(best(&[1.0], 5).len(), 1);
    }
}
