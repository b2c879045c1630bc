//! Pictures that are climbed together.

use crate::net::{LayerId, Network, Shape};
use crate::plan::{Builder, View};

/// Pictures that are climbed together, and what each shows the others of the layers at which they are to differ.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// How many.
    count: usize,
    /// Of each layer the Gram matrices, one behind the other, and for each what [`Level`](crate::plan::Level) divides it by.
    shown: Vec<(LayerId, View, View)>,
}

impl Crowd {
    /// So many pictures that are to differ at these layers; one that comes again counts once.
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

    /// One of them.
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

/// What a member has of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// The matrices of all.
    pub(super) grams: View,
    /// Its own number.
    pub(super) own: usize,
    /// What its own is divided by.
    pub(super) levels: View,
    count: usize,
}

impl Member {
    /// The layers at which it is to differ, and what it has of each.
    pub(super) fn shown(&self) -> impl Iterator<Item = (LayerId, Shown)> {
        let (own, count) = (self.number, self.crowd.count);
        self.crowd.shown.iter().map(move |&(layer, grams, levels)| {
            (layer, Shown { grams, own, levels: levels.channels(4 * own, 4), count })
        })
    }
}

impl Shown {
    /// The matrix of one of the crowd.
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
