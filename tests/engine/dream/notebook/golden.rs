//! The golden dream: its files, its plan, and the oracle's way through it.

use puppyslug::extent::Extent;
use puppyslug::machine::Jitter;
use puppyslug::net::Weights;
use puppyslug::picture::Picture;
use puppyslug::plan::dream::{DreamPlan, DreamSettings, OctaveSettings, plan_dream};
use puppyslug::plan::iteration::Iteration;
use puppyslug::plan::network::{Aim, Target};
use puppyslug::plan::{PhaseId, Step, View, step};
use testkit::oracle::{self, Memory};

pub(super) const LAYER: &str = "inception_4c/output";
/// Of the octaves: each is the next one divided by 1.4.
pub(super) const SIZES: [Extent; 3] = [Extent::new(76, 102), Extent::new(107, 143), Extent::new(150, 200)];
pub(super) const ITERATIONS: usize = 5;
const STEP: f32 = 1.5;
/// B, G, R.
const MEAN: [f32; 3] = [104.0, 116.0, 122.0];

/// The golden dream and everything it was made of.
pub(super) struct Notebook {
    pub(super) weights: Weights,
    pub(super) plan: DreamPlan,
    pub(super) input: Picture,
    pub(super) output: Picture,
}

/// The picture of each octave as it was entered and after each iteration.
pub(super) struct Walk {
    pub(super) octaves: Vec<Vec<Vec<f64>>>,
}

impl Notebook {
    /// If its files are there; which is not, otherwise.
    pub(super) fn open() -> Result<Self, String> {
        let [weights, input, output] =
            ["weights/bvlc_googlenet.safetensors", "golden/dream_4c_input.png", "golden/dream_4c_output.png"]
                .map(testkit::shared);
        let weights = Weights::open(&weights?).expect("the original weights are in our format");
        let plan = plan(&weights);
        let picture = |path| Picture::open(path).expect("golden pictures are whole");
        Ok(Self { weights, plan, input: picture(input?), output: picture(output?) })
    }

    /// The whole loop by the oracle, with `after` called after every step.
    pub(super) fn walk(&self, after: impl Fn(&Step, &mut Memory)) -> Walk {
        let mut memory = Memory::shared(&self.plan.plan);
        memory.write(self.plan.input, to_network(&self.input));
        let run = |memory: &mut Memory, phase: PhaseId| {
            for step in self.steps(phase) {
                oracle::run(step, memory, &self.weights, Jitter::default());
                after(step, memory);
            }
        };
        run(&mut memory, self.plan.bases);
        let mut octaves = Vec::new();
        for octave in &self.plan.octaves {
            let picture = self.picture(octave.climb);
            run(&mut memory, octave.enter);
            let mut states = vec![memory.read(picture).to_vec()];
            for _ in 0..ITERATIONS {
                run(&mut memory, octave.climb);
                states.push(memory.read(picture).to_vec());
            }
            octaves.push(states);
            octave.leave.into_iter().for_each(|leave| run(&mut memory, leave));
        }
        Walk { octaves }
    }

    pub(super) fn steps(&self, phase: PhaseId) -> &[Step] {
        &self.plan.plan.phases[phase.index()].steps
    }

    /// What an octave climbs with.
    pub(super) fn picture(&self, climb: PhaseId) -> View {
        let picture = |step: &Step| match step {
            Step::Ascend(step::Ascend { x, .. }) => Some(*x),
            _ => None,
        };
        self.steps(climb).iter().find_map(picture).expect("a climb ascends")
    }
}

impl Walk {
    /// The finished picture, RGB.
    pub(super) fn end(&self) -> Vec<f32> {
        from_network(&self.octaves[SIZES.len() - 1][ITERATIONS])
    }
}

fn plan(weights: &Weights) -> DreamPlan {
    let layer = weights.network().find(LAYER).expect("a layer of GoogLeNet");
    let targets = vec![Target { layer, aim: Aim::HalfSquares, weight: 1.0 }];
    let settings = DreamSettings {
        octaves: SIZES.map(|size| OctaveSettings::plain(size, targets.clone(), STEP)).to_vec(),
        bounds: MEAN.map(|mean| (-mean, 255.0 - mean)),
        masks: 0,
        moving: false,
        carried: false,
        iteration: Iteration::default(),
    };
    plan_dream(weights.network(), &settings).expect("large enough")
}

/// RGB to BGR minus mean.
pub(super) fn to_network(picture: &Picture) -> Vec<f64> {
    let planes = picture.rgb().chunks_exact(picture.rgb().len() / 3).rev().zip(MEAN);
    planes.flat_map(|(plane, mean)| plane.iter().map(move |&x| f64::from(x) - f64::from(mean))).collect()
}

/// BGR minus mean to RGB.
fn from_network(cells: &[f64]) -> Vec<f32> {
    let planes = cells.chunks_exact(cells.len() / 3).zip(MEAN).rev();
    planes.flat_map(|(plane, mean)| plane.iter().map(move |x| (x + f64::from(mean)) as f32)).collect()
}

/// As `np.uint8` makes bytes.
pub(super) fn truncated(samples: &[f32]) -> Vec<f32> {
    samples.iter().map(|sample| sample.trunc()).collect()
}
