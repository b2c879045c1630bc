//! Pixels whose three channels are decorrelated, unlike red, green and blue.

use super::Variable;
use crate::plan::{Builder, Step, View, step};

/// Every pixel has three numbers of its own, which [`step::Colour`] turns into a displayable colour. The host
/// writes them.
#[derive(Clone, Copy, Debug)]
pub struct Decorrelated {
    /// Blue, green, red: the mean that is subtracted from the picture.
    pub mean: [f32; 3],
}

impl Variable for Decorrelated {
    fn cells(&self, builder: &mut Builder, picture: View) -> View {
        builder.buffer("pixels", picture.shape)
    }

    fn enter(&self, _: View, _: View) -> Vec<Step> {
        Vec::new()
    }

    fn show(&self, _: &mut Builder, cells: View, picture: View) -> Vec<Step> {
        vec![step::Colour { x: cells, y: picture, mean: self.mean }.into()]
    }

    fn pull_back(&self, builder: &mut Builder, _: View, picture: View, dx: View) -> (Vec<Step>, View) {
        let gradient = builder.buffer("gradient of the pixels", picture.shape);
        let back = step::ColourGradient { y: picture, dy: dx, dx: gradient, mean: self.mean };
        (vec![back.into()], gradient)
    }
}
