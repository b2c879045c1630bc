//! The picture's own pixels.

use super::Variable;
use crate::plan::{Builder, Step, View};

/// Every pixel value is a variable of its own.
#[derive(Clone, Copy, Debug)]
pub struct Pixels;

impl Variable for Pixels {
    fn cells(&self, _: &mut Builder, picture: View) -> View {
        picture
    }

    fn enter(&self, _: View, _: View) -> Vec<Step> {
        Vec::new()
    }

    fn show(&self, _: &mut Builder, _: View, _: View) -> Vec<Step> {
        Vec::new()
    }

    fn pull_back(&self, _: &mut Builder, _: View, _: View, dx: View) -> (Vec<Step>, View) {
        (Vec::new(), dx)
    }
}
