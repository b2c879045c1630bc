//! Pictures that are climbed together.

use crate::net::{LayerId, Network, Shape};
use crate::plan::{Builder, View};

/// Pictures that are climbed together, and what each shows to the others at the layers where they are to
/// differ.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// How many pictures.
    count: usize,
    /// For each layer, the Gram matrices of all pictures, one after another, and for each matrix the cells by
    /// which [`Level`](crate::plan::Level) normalises it.
    shown: Vec<(LayerId, View, View)>,
}

impl Crowd {
    /// `count` pictures that are to differ at these layers. A layer that occurs twice counts once.
    pub fn new(
        builder: &mut Builder,
        network: &Network,
        layers: impl IntoIterator<Item = LayerId>,
        count: usize,
    ) -> Self {
        let mut shown: Vec<(LayerId, View, View)> = Vec::new();
        for layer in layers {
            if shown.iter().all(|&(known, ..)| known != layer) {
                let channels = network[layer].channels;
                let grams = builder.buffer("Gram matrices", Shape::new(count * channels, 1, channels));
                let levels = builder.buffer("levels of Gram matrices", Shape::new(4 * count, 1, 1));
                shown.push((layer, grams, levels));
            }
        }
        Self { count, shown }
    }

    /// One of the pictures.
    pub fn member(&self, number: usize) -> Member {
        Member { crowd: self.clone(), number }
    }
}

/// A picture of a crowd.
#[derive(Clone, Debug)]
pub struct Member {
    crowd: Crowd,
    number: usize,
}

/// What a member shows at one layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// The Gram matrices of all members.
    pub(super) grams: View,
    /// Its own number.
    pub(super) own: usize,
    /// The cells by which its own matrix is normalised.
    pub(super) levels: View,
    count: usize,
}

impl Member {
    /// The layers at which the pictures are to differ, and what this one shows at each.
    pub(super) fn shown(&self) -> impl Iterator<Item = (LayerId, Shown)> {
        let (own, count) = (self.number, self.crowd.count);
        self.crowd.shown.iter().map(move |&(layer, grams, levels)| {
            (layer, Shown { grams, own, levels: levels.channels(4 * own, 4), count })
        })
    }
}

impl Shown {
    /// The Gram matrix of one member.
    pub(super) fn gram(&self, number: usize) -> View {
        let channels = self.grams.shape.width;
        self.grams.channels(number * channels, channels)
    }

    /// The numbers of the others.
    pub(super) fn others(&self) -> impl Iterator<Item = usize> {
        let own = self.own;
        (0..self.count).filter(move |&number| number != own)
    }
}
