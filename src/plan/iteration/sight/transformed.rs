//! The picture moved, rotated and scaled at random.

use super::Sight;
use crate::extent::Extent;
use crate::net::Shape;
use crate::plan::dials::Rule;
use crate::plan::{Builder, Number, Step, View, step};

/// A transform into a canvas of fixed size, different in every iteration. Around the picture, the canvas is
/// gray.
#[derive(Clone, Copy, Debug)]
pub struct Transformed {
    /// The size of the canvas.
    pub canvas: Extent,
    /// Blue, green, red: the mean that is subtracted from the picture.
    pub mean: [f32; 3],
}

/// Half way between black and white.
const GRAY: f32 = 127.5;

/// The matrix that each iteration supplies.
fn matrix(builder: &mut Builder) -> [Number; 6] {
    [0, 1, 2, 3, 4, 5].map(|number| builder.dial(Rule::Place(number)))
}

impl Sight for Transformed {
    fn see(&self, builder: &mut Builder, picture: View) -> (Vec<Step>, View) {
        let seen = builder.buffer("transformed picture", Shape::of(3, self.canvas));
        let outside = self.mean.map(|mean| GRAY - mean);
        (vec![step::Transform { x: picture, y: seen, matrix: matrix(builder), outside }.into()], seen)
    }

    fn look_back(
        &self,
        builder: &mut Builder,
        picture: View,
        _seen: View,
        dy: View,
    ) -> (Vec<Step>, View, View) {
        let dx = builder.buffer("gradient of the picture", picture.shape);
        (vec![step::TransformGradient { dy, dx, matrix: matrix(builder) }.into()], dx, picture)
    }
}
