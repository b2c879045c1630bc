//! How pictures that are climbed together see each other and come to differ: lucid's objective `diversity`.

use super::seeding::Aimed;
use super::{Lowering, Member};
use crate::net::Shape;
use crate::plan::dials::Share;
use crate::plan::shaping::fill;
use crate::plan::{Functional, View, step};

impl Lowering<'_> {
    /// Computes the Gram matrix of each layer at which the pictures are to differ, divided by its length, for
    /// the others to read.
    pub(super) fn show(&mut self, member: &Member) {
        for (layer, shown) in member.shown() {
            let (x, y, levels) = (self.value(layer), shown.gram(shown.own), shown.levels);
            self.push(step::Gram { x, y });
            for (cell, value) in [(0, 0.0), (2, 0.0), (3, 1.0)] {
                self.push(fill(levels.channels(cell, 1), value));
            }
            self.push(measured(y, Functional::Root, levels.channels(1, 1), false));
            self.push(step::Level { x: y, levels });
        }
    }

    /// Measures the distances to all other pictures, and seeds the gradient of the distances summed over all
    /// pictures. Its factor is 2 times 2: each distance is also a distance of the other picture, and a Gram
    /// matrix is a product of the map with itself.
    pub(super) fn seed_diversity(&mut self, aimed: &Aimed<'_>) {
        let layer = aimed.target.layer;
        let mut shown = aimed.member.into_iter().flat_map(Member::shown);
        let (_, shown) = shown.find(|&(other, _)| other == layer).expect("others to differ from");
        let x = self.value(layer);
        let dx = self.flow(layer);
        let own = shown.gram(shown.own);
        let score = self.builder.buffer("score", Shape::new(1, 1, 1));
        let [apart, slope] = ["difference", "slope"].map(|label| self.builder.buffer(label, own.shape));
        self.push(fill(score, 0.0));
        for other in shown.others() {
            self.push(step::Difference { a: own, b: shown.gram(other), y: apart });
            self.push(measured(apart, Functional::HalfSquares, score, true));
        }
        let (grams, length) = (shown.grams, shown.levels.channels(1, 1));
        self.push(step::Contrast { grams, own: shown.own, length, score, y: slope });
        let scale = self.factor(aimed, Share { times: 4.0, ..Share::WHOLE });
        self.push(step::GramGradient { x, slope, scale, dx });
        let scale = self.factor(aimed, Share::WHOLE);
        self.measure_scores(aimed, score, scale);
    }
}

fn measured(x: View, functional: Functional, total: View, add: bool) -> step::Measure {
    step::Measure { x, functional, scale: 1.0.into(), total, add }
}
