//! A sky to dream over if there is no picture at hand: blue, with clouds at every scale.
//!
//! The shapes of the clouds come from fractal noise in a plane that recedes to the horizon, so that distant
//! clouds are small. Light comes from the upper left and is dimmed by the cloud it passes through, as in a real
//! sky.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

use noise::{NoiseFn, Perlin};

use super::{Picture, PictureError, check_size};
use crate::extent::Extent;

type Point = [f64; 2];
type Colour = [f64; 3];

const ZENITH: Colour = [30.0, 84.0, 166.0];
const BLUE: Colour = [86.0, 148.0, 216.0];
const HORIZON: Colour = [206.0, 224.0, 238.0];
const SUNLIT: Colour = [255.0, 252.0, 245.0];
const SHADED: Colour = [104.0, 122.0, 154.0];

/// Where the plane of the clouds meets the horizon, in picture heights from the top: well below the frame.
const VANISHING: f64 = 1.5;

/// The direction of the sun in the plane of the clouds: up and to the left.
const SUNWARD: Point = [-0.5, 0.87];

/// Paints the sky of this `seed`. The clouds do not depend on the resolution: the same seed at another size shows
/// the same sky, and a wider picture shows more of it on both sides.
///
/// # Errors
/// The size errors of [`Picture::from_rgb`].
pub fn sky(extent: Extent, seed: u64) -> Result<Picture, PictureError> {
    check_size(extent)?;
    let Extent { height, width } = extent;
    let weather = Weather::new(seed);
    let plane = extent.plane();
    let mut rgb = vec![0.0; 3 * plane];
    let (red, rest) = rgb.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let rows = red.chunks_mut(width).zip(green.chunks_mut(width)).zip(blue.chunks_mut(width));
    for_each_on_all_cores(rows.enumerate(), |(y, ((red, green), blue))| {
        let down = (y as f64 + 0.5) / height as f64;
        for x in 0..width {
            let across = (x as f64 + 0.5 - width as f64 / 2.0) / height as f64;
            let colour = weather.colour(across, down);
            [red[x], green[x], blue[x]] = colour.map(|sample| sample as f32);
        }
    });
    Picture::from_rgb(extent, rgb)
}

/// Each core takes the next item as soon as it is free, because rows with clouds take longer than rows of clear
/// sky.
fn for_each_on_all_cores<T>(items: impl Iterator<Item = T> + Send, work: impl Fn(T) + Sync) {
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let take_all = || {
        while let Some(item) = next() {
            work(item);
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 1..cores {
            // If there are fewer threads, it takes longer.
            let _ = thread::Builder::new().spawn_scoped(scope, take_all);
        }
        take_all();
    });
}

struct Weather {
    noise: Perlin,
}

impl Weather {
    fn new(seed: u64) -> Self {
        // All 64 bits should matter, but the noise takes 32: multiply by the golden ratio and keep the top half.
        let folded = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        Self { noise: Perlin::new(folded as u32) }
    }

    /// The colour at `across` and `down`, both in picture heights, measured from the middle of the top edge.
    fn colour(&self, across: f64, down: f64) -> Colour {
        let air = air(down);
        let distance = VANISHING - down;
        // Scaled by distance in both directions, so that clouds shrink towards the horizon but keep their shape.
        let point = [1.3 * across / distance, 1.6 * distance.ln()];
        let veil = 0.35 * self.veil(point);
        let air = mix(air, SUNLIT, veil);
        let density = self.density(point, 7);
        let cover = smoothstep(0.0, 0.16, density);
        if cover == 0.0 {
            return air;
        }
        let haze = 0.4 * smoothstep(0.4, 1.1, down);
        let cloud = mix(self.lit(point), air, haze);
        mix(air, cloud, cover)
    }

    /// The density of cloud: negative where there is none, around 0.5 in the middle of one.
    fn density(&self, point: Point, octaves: usize) -> f64 {
        let warp = [
            self.smooth([point[0] + 5.2, point[1] + 1.3], 2),
            self.smooth([point[0] - 3.7, point[1] + 9.1], 2),
        ];
        let bent = [point[0] + 0.25 * warp[0], point[1] + 0.25 * warp[1]];
        let shape = self.smooth([0.9 * bent[0], 0.9 * bent[1]], 2);
        let puffs = self.billow([2.2 * bent[0], 2.2 * bent[1]], octaves);
        0.9 * shape + 0.9 * puffs - 0.25
    }

    /// The colour of cloud at a point. The cloud between it and the sun dims it. It is brighter where the cloud
    /// slopes towards the sun, which makes the puffs visible.
    fn lit(&self, point: Point) -> Colour {
        let sunward = |step: f64| [point[0] + step * SUNWARD[0], point[1] + step * SUNWARD[1]];
        let crossed: f64 =
            [0.06, 0.12, 0.2, 0.32].map(|step| self.density(sunward(step), 3).max(0.0)).iter().sum();
        // With fewer octaves than the outline has, or the cloud would look furry.
        let slope = self.density(point, 5) - self.density(sunward(0.03), 5);
        let light = 0.12 + 0.88 * (-0.9 * crossed).exp() + 1.7 * slope;
        mix(SHADED, SUNLIT, light.clamp(0.0, 1.0))
    }

    /// High thin cloud, 0 to 1: streaks drawn out along the wind.
    fn veil(&self, point: Point) -> f64 {
        let streak = [0.8 * point[0] + 0.5 * point[1] + 31.0, 2.6 * point[1] - 0.6 * point[0]];
        smoothstep(0.0, 0.8, self.smooth(streak, 5) + 0.1)
    }

    /// Fractal noise, about -1 to 1.
    fn smooth(&self, point: Point, octaves: usize) -> f64 {
        self.fractal(point, octaves, |noise| noise)
    }

    /// Fractal noise of round bumps with creases between them, from 0 to about 1.
    fn billow(&self, point: Point, octaves: usize) -> f64 {
        self.fractal(point, octaves, f64::abs)
    }

    fn fractal(&self, mut point: Point, octaves: usize, shape: fn(f64) -> f64) -> f64 {
        let mut sum = 0.0;
        let mut strength = 0.5;
        for _ in 0..octaves {
            sum += strength * shape(self.noise.get(point));
            strength *= 0.5;
            // Twice as fine, and rotated (3-4-5), so that the grids of the octaves never line up.
            point = [1.6 * point[0] - 1.2 * point[1] + 17.3, 1.2 * point[0] + 1.6 * point[1] - 8.9];
        }
        sum
    }
}

/// The clear sky: deep blue overhead, paler to the horizon.
fn air(down: f64) -> Colour {
    let high = mix(ZENITH, BLUE, smoothstep(0.0, 0.65, down));
    mix(high, HORIZON, smoothstep(0.3, 1.1, down))
}

fn mix(from: Colour, to: Colour, amount: f64) -> Colour {
    std::array::from_fn(|channel| from[channel] + amount * (to[channel] - from[channel]))
}

fn smoothstep(from: f64, to: f64, value: f64) -> f64 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
