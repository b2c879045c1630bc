//! The flags that say how the frames of a film become one dream.

use clap::Args;

use crate::dream::recipe::FilmMark;
use crate::film::Cuts;
use crate::studio::Carrying;

#[derive(Args)]
pub(crate) struct CarryingArguments {
    /// How much of what the dream added is carried into the next frame, 0 to 0.99: more is steadier, and 0
    /// dreams every frame on its own [default: 0.99]
    #[arg(long, value_name = "PART", value_parser = parse_part, help_heading = "Film", allow_negative_numbers = true)]
    carry: Option<f32>,

    /// Iterations of the largest octave in a frame that continues the one before; the other octaves have a
    /// quarter of that, and the first frame of a shot has --iterations. More make a stronger dream of what
    /// comes into view [default: 4]
    #[arg(long, value_name = "N", value_parser = parse_count, help_heading = "Film", allow_negative_numbers = true)]
    per_frame: Option<usize>,

    /// Dream one frame in N, including the first and the last of every shot, and carry the dreams into the
    /// frames between from both sides [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_every, help_heading = "Film", allow_negative_numbers = true)]
    every: Option<usize>,

    /// The cuts, over which nothing is carried: found automatically (auto), none at all (none), or at these
    /// times (12.5,1:30,2250f)
    #[arg(long, value_name = "auto|none|TIMES", default_value_t = Cuts::default(), help_heading = "Film",
          allow_hyphen_values = true)]
    pub(crate) cuts: Cuts,
}

impl CarryingArguments {
    /// As the flags say, or else as a film's recipe does.
    pub(crate) fn carrying(&self, recipe: Option<&FilmMark>) -> Carrying {
        let usual = Carrying::default();
        let of = |film: &FilmMark| {
            let FilmMark { carry, per_frame, every, .. } = *film;
            Carrying { carry, per_frame, every }
        };
        let usual = recipe.map_or(usual, of);
        Carrying {
            carry: self.carry.unwrap_or(usual.carry),
            per_frame: self.per_frame.unwrap_or(usual.per_frame),
            every: self.every.unwrap_or(usual.every),
        }
    }
}

fn parse_part(text: &str) -> Result<f32, String> {
    let part = text.parse().ok().filter(|part| (0.0..=0.99).contains(part));
    part.ok_or_else(|| "a number from 0 to 0.99 is needed, like 0.95".to_owned())
}

/// More frames than that lie too far apart to be one motion.
const FARTHEST: usize = 16;

fn parse_every(text: &str) -> Result<usize, String> {
    let every = text.parse().ok().filter(|every| (1..=FARTHEST).contains(every));
    every.ok_or_else(|| format!("a whole number from 1 to {FARTHEST} is needed, like 2"))
}

fn parse_count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "a whole number from 1 to 1000000 is needed, like 4".to_owned())
}
