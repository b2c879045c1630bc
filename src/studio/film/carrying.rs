//! How the frames of a film become one dream: settings in addition to those of each frame's dream.

use serde_json::{Map, Value};

use crate::film::Cuts;
use crate::settings::form::{Form, Refusal, Shape, real, whole};
use crate::settings::{of, settings};

/// The largest value of `every`: frames that are further apart are too far apart for one motion.
const FARTHEST: usize = 16;

settings! {
    /// How the frames of a film become one dream.
    Carrying / CarryingChanges {
        "Film" {
            /// How much of what the dream added is carried into the next frame: more is steadier, and 0 dreams every
            /// frame on its own
            carry: f32 = 0.98, of(real(0.0..=0.99).like("0.95").named("PART"));
            /// Iterations of the largest octave in a frame that continues the one before; one of the other octaves has a
            /// quarter of that, and the first frame of a shot has as many as a picture. More make a stronger dream of
            /// what comes into view
            per_frame: usize = 5, of(whole(1..=1_000_000));
            /// Dream one frame in N, including the first and the last of every shot, and carry the dreams into the
            /// frames between from both sides
            every: usize = 1, of(whole(1..=FARTHEST));
            /// The cuts, over which nothing is carried: found automatically (auto), none at all (none), or at these
            /// times (12.5,1:30,2250f)
            cuts: Cuts = Cuts::default(), of(WrittenCuts);
        }
    }
}

impl Carrying {
    /// Whether anything is carried.
    pub(super) fn is_wanted(&self) -> bool {
        self.carry > 0.0
    }
}

/// The written form of [`Cuts`].
#[derive(Debug)]
struct WrittenCuts;

impl Form for WrittenCuts {
    type Value = Cuts;

    fn name(&self) -> String {
        "auto|none|TIMES".to_owned()
    }

    fn shape(&self) -> Shape {
        Shape::Numbers
    }

    fn read(&self, text: &str) -> Result<Cuts, String> {
        text.parse().map_err(|error: crate::film::CutsError| error.to_string())
    }

    fn write(&self, value: &Cuts) -> String {
        value.to_string()
    }

    fn read_json(&self, json: &Value) -> Result<Cuts, String> {
        self.read(json.as_str().ok_or("a text is needed, like \"auto\"")?)
    }

    fn check(&self, _value: &Cuts) -> Result<(), Refusal> {
        Ok(())
    }

    fn accepted(&self) -> String {
        "auto, none, or moments".to_owned()
    }

    fn schema(&self) -> Map<String, Value> {
        Map::from_iter([("type".to_owned(), Value::from("string"))])
    }
}
