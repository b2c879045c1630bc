//! The dreams, by name: flags that together hold every setting there is.

/// A dream, as flags in four parts.
pub(crate) struct OldDream {
    pub(crate) name: &'static str,
    /// What is dreamed over and after: a recipe only names it.
    pub(crate) pictures: &'static str,
    /// What is climbed, where that is of no interest.
    layer: &'static str,
    /// How it is dreamed, whatever the octaves are.
    settings: &'static str,
    /// Octaves, iterations, and all that speaks of octaves by number.
    octaves: &'static str,
}

impl OldDream {
    /// The flags of all of it.
    pub(crate) fn whole(&self) -> String {
        format!("{} {}", self.in_any_octaves(), self.octaves)
    }

    /// The flags of its first steps, in which roundings have no time to grow.
    pub(crate) fn brief(&self) -> String {
        format!("{} --octaves 1 --iterations 2", self.in_any_octaves())
    }

    fn in_any_octaves(&self) -> String {
        format!("{} {} {}", self.pictures, self.layer, self.settings)
    }
}

const SOURCE: &str = "source.png";
/// A layer that still has cells in the smaller of two octaves.
const LAYER: &str = "--layer inception_3a/output";
/// What the network inside climbed by default.
const FIRST_DEFAULT: &str = "--layer inception_4b/output";
const TWO: &str = "--octaves 2 --iterations 3";
/// Those of a preset, of a recipe or of the defaults.
const OWN: &str = "";

const fn dream(
    name: &'static str,
    pictures: &'static str,
    settings: &'static str,
    octaves: &'static str,
) -> OldDream {
    OldDream { name, pictures, layer: "", settings, octaves }
}

/// The plain dream with a setting more.
const fn with(name: &'static str, setting: &'static str) -> OldDream {
    OldDream { name, pictures: SOURCE, layer: LAYER, settings: setting, octaves: TWO }
}

/// The plain dream in other octaves.
const fn through(name: &'static str, octaves: &'static str) -> OldDream {
    OldDream { name, pictures: SOURCE, layer: LAYER, settings: "", octaves }
}

/// The plain dream of something else.
const fn climbing(name: &'static str, objectives: &'static str) -> OldDream {
    dream(name, SOURCE, objectives, TWO)
}

/// The dream of a preset.
const fn preset(name: &'static str, flag: &'static str) -> OldDream {
    dream(name, SOURCE, flag, OWN)
}

/// All of them. No two are alike, apart from [`TWINS`].
pub(crate) const DREAMS: &[OldDream] = &[
    // The default of then.
    dream("default", SOURCE, FIRST_DEFAULT, OWN),
    dream("plain", SOURCE, LAYER, TWO),
    // What is dreamed over.
    dream("sky", "", "--size 48x36 --seed 7 --layer inception_3a/output", TWO),
    dream("clear", "clear.png", LAYER, TWO),
    dream("gray", "gray.png", LAYER, TWO),
    dream("bright", "bright.hdr", "--size 24 --layer conv2/3x3", TWO),
    with("size", "--size 36"),
    // What is climbed.
    preset("preset-animals", "--preset animals"),
    preset("preset-puppyslug", "--preset puppyslug"),
    preset("preset-arches", "--preset arches"),
    preset("preset-brush", "--preset brush"),
    preset("preset-eyes", "--preset eyes"),
    preset("preset-classic", "--preset classic"),
    preset("preset-hallucination-machine", "--preset hallucination-machine"),
    dream("preset-changed", SOURCE, "--preset arches --layer conv2/norm2", "--octaves 3 --iterations 2"),
    climbing("convolution", "--layer inception_3b/3x3"),
    climbing("relu", "--layer inception_3b/relu_3x3"),
    climbing("pool", "--layer pool3/3x3_s2"),
    climbing("data", "--layer data"),
    climbing("deep", "--layer inception_5b/output"),
    climbing("probability", "--layer prob"),
    climbing("layers", "--layer conv2/3x3 --layer inception_3a/output=-0.5"),
    climbing("pattern", "--layer inception_3?/output=2"),
    climbing("l2-down", "--objective l2:conv2/norm2*-0.5"),
    climbing("channel", "--objective channel:inception_3a/output:17"),
    climbing("channels", "--objective channel:inception_4*/output:3,17,42-45*2"),
    climbing("neuron", "--objective neuron:inception_3a/3x3:12"),
    climbing("neuron-at", "--objective neuron:inception_3a/1x1:12:1,2*3"),
    climbing("logit-number", "--objective logit:12"),
    climbing("logit-name", "--objective logit:sunflower*2"),
    climbing("logit-in-full", "--objective logit:loss3/classifier:281"),
    climbing(
        "several",
        "--layer conv2/3x3=0.01 --objective logit:peacock --objective channel:pool1/norm1:5*-1",
    ),
    dream("guide-alone", "source.png --guide guide.png", "", TWO),
    dream("guide", "source.png --guide guide.png", "--objective guide:inception_3a/output", TWO),
    dream("like-alone", "source.png --like like.png", "", TWO),
    dream("like", "source.png --like like.png", "--objective like:inception_3a/output*2", TWO),
    dream("like-box", "source.png --like like.png", "--objective like:conv2/3x3 --like-box 4,6,12,16", TWO),
    dream("guide-and-like", "source.png --guide guide.png --like like.png", "", TWO),
    // How it is climbed.
    through("auto", "--octaves auto --iterations 2"),
    through("min-edge", "--octaves 4 --min-edge 20 --iterations 2"),
    through("scale", "--octaves 3 --octave-scale 1.2 --iterations 2"),
    through("lists", "--octaves 3 --octave-scale 1.3 --iterations 3,2,1 --step 2,1,0.5 --jitter 8,4,2"),
    through("long", "--octaves 1 --iterations 19"),
    dream(
        "octaves-apart",
        SOURCE,
        "",
        "--octaves 4 --octave-scale 1.3 --iterations 2 --layer pool1/*@1 --layer conv2/3x3@2-3 \
         --layer inception_3a/output@4- --objective channel:pool1/norm1:5*2@2",
    ),
    with("step", "--step 0.7"),
    with("step-down", "--step -1"),
    with("jitter", "--jitter 5"),
    with("still", "--jitter 0"),
    with("seed", "--seed 9007199254740993"),
    with("mean", "--mean 104,116,122"),
    with("weights", "--weights embedded"),
    // How it is shaped.
    with("std", "--normalize std"),
    with("rms", "--normalize rms"),
    with("smooth", "--smooth"),
    with("laplacian", "--laplacian 3"),
    with("adam", "--optimizer adam"),
    with("shaped", "--normalize rms --smooth --laplacian 2 --optimizer adam"),
    // What holds it back.
    with("tv", "--tv 2"),
    with("tv-edges", "--tv 2,1.5"),
    with("l2", "--l2 2"),
    with("keep", "--keep 0.05"),
    with("keep-apart", "--keep 0.02,0.2"),
    with("guard", "--guard"),
    // How it is laid over its source.
    with("color", "--color keep"),
    with("contrast", "--contrast 1,99"),
    with("strength", "--strength 0.5"),
    with("strength-over", "--strength 1.5"),
    dream("mask", "source.png --mask left.png", "--layer inception_3a/output", TWO),
    dream("mask-alpha", "clear.png --mask alpha", "--layer inception_3a/output", TWO),
    dream(
        "masks",
        "source.png --mask left.png --mask right.png",
        "--layer inception_3a/output#1 --objective logit:octopus#2",
        TWO,
    ),
    dream(
        "mask-unnamed",
        "clear.png --mask alpha --mask left.png",
        "--layer inception_3a/output=0.5#2 --objective channel:conv2/3x3:5",
        TWO,
    ),
    dream(
        "mask-and-all",
        "source.png --mask left.png",
        "--layer inception_3a/output#1 --layer conv2/3x3",
        TWO,
    ),
    dream(
        "everything",
        "clear.png --guide guide.png --like like.png --mask left.png --mask alpha",
        "--objective guide:conv2/3x3#1 --objective like:pool1/norm1*0.5#2 --like-box 4,6,12,16 --normalize std \
         --smooth --laplacian 2 --optimizer adam --tv 1,1.5 --l2 0.5 --keep 0.02,0.1 --guard --color keep \
         --contrast 1,99 --strength 0.8 --mean 104,116,122 --seed 11",
        "--octaves 3 --octave-scale 1.3 --min-edge 20 --iterations 3,2 --step 2,1 --jitter 8,4",
    ),
    // In pieces.
    dream("untiled", "", "--size 96x72 --layer conv2/3x3", TWO),
    dream("tiles-exact", "", "--size 96x72 --layer conv2/3x3 --tile 48 --tile-mode exact", TWO),
    dream(
        "tiles-by-memory",
        "",
        "--size 96x72 --layer conv2/3x3 --memory-limit 1060K --tile-mode exact",
        TWO,
    ),
    dream("tiles-fast", SOURCE, "--layer conv2/3x3 --tile 24 --tile-mode fast", TWO),
    dream("tiles", SOURCE, "--layer conv2/3x3 --tile 32", TWO),
    dream("tiles-logit", "", "--size 64x48 --objective logit:3 --tile 48 --tile-mode fast", TWO),
    // Otherwise.
    with("depth", "--depth 16"),
    // Most dreams round alike to 8 bits whatever the kernel is; these show almost any other rounding.
    dream("fine", SOURCE, "--depth 16 --layer inception_4b/output", OWN),
    dream(
        "fine-shaped",
        SOURCE,
        "--depth 16 --layer inception_4b/output --normalize rms --smooth --laplacian 2 --optimizer adam --tv 1 --l2 0.5 --keep 0.02",
        OWN,
    ),
    dream("from-recipe", "source.png --recipe settings.json", "--step 2 --contrast 2,98", OWN),
    dream("batch", "source.png clear.png --out-dir dreams", LAYER, TWO),
    dream("augment", "source.png --out-dir dreams --augment 2", "", OWN),
    dream(
        "augment-fixed",
        "source.png --out-dir dreams --augment 2",
        "--layer conv2/3x3 --step 1 --seed 2",
        TWO,
    ),
];

/// Dreams that are the same as another to the last bit: what they set must change nothing.
pub(crate) const TWINS: [(&str, &str); 3] =
    [("weights", "plain"), ("tiles-exact", "untiled"), ("tiles-by-memory", "untiled")];

/// Flags that came later: no old dream has them, and left away they change nothing.
pub(crate) const NEWER: [&str; 1] = ["grain"];

/// Flags that no dream needs: they say where the dream is made and what becomes of it, and change no sample of a
/// file that keeps all of them.
pub(crate) const CHANGE_NOTHING: [&str; 13] = [
    "out",
    "skip-existing",
    "jobs",
    "checkpoint",
    "steps-out",
    "preview",
    "format",
    "quality",
    "device",
    "no-tune",
    "verbose",
    "help",
    "version",
];

/// The dream of that name.
pub(crate) fn find(name: &str) -> &'static OldDream {
    DREAMS.iter().find(|dream| dream.name == name).unwrap_or_else(|| panic!("no dream is called '{name}'"))
}

/// The dream whose digest stands for this one's too.
pub(crate) fn elder(name: &str) -> &str {
    TWINS.iter().find(|(twin, _)| *twin == name).map_or(name, |(_, elder)| elder)
}
