//! One pipeline on one family, in numbers: made by a child, read by its parent, printed as a row.

use std::fmt::{self, Display};
use std::str::FromStr;

use puppyslug::gpu::dispatch::Pipeline;

use super::assembly::{Mix, hottest_loop};
use super::radv::Compiled;
use super::variants::Variant;

/// What is known about a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// The kernel's name.
    pub(crate) kernel: String,
    /// Its constants: initials and value of each.
    pub(crate) constants: String,
    /// Part of the classic's operations.
    pub(crate) work: f64,
    /// Vector registers of a lane.
    pub(crate) vgprs: u32,
    /// Registers that did not fit, scalar and vector.
    pub(crate) spilled: u32,
    /// Bytes of workgroup memory.
    pub(crate) lds: u32,
    /// Waves that fit a SIMD at once.
    pub(crate) waves: u32,
    /// Bytes of code.
    pub(crate) code: u32,
    /// The hottest loop.
    pub(crate) mix: Mix,
}

/// The columns of [`Report`] as it is displayed.
pub(crate) const HEADING: &str = concat!(
    "                                                    |                                  ",
    "| instructions of the hottest loop       | share\n",
    "kernel             constants                   work | VGPRs spilled   LDS waves   code ",
    "|  FMA vector LDS memory scalar wait     | of FMA",
);

impl Report {
    pub(super) fn new(variant: &Variant, compiled: &Compiled) -> Self {
        Self {
            kernel: variant.pipeline.kernel.label.to_owned(),
            constants: constants(&variant.pipeline),
            work: variant.work,
            vgprs: compiled.statistic("VGPRs"),
            spilled: compiled.statistic("Spilled SGPRs") + compiled.statistic("Spilled VGPRs"),
            lds: compiled.statistic("LDS size"),
            waves: compiled.statistic("Subgroups per SIMD"),
            code: compiled.statistic("Code size"),
            mix: hottest_loop(&compiled.assembly),
        }
    }

    /// For [`str::parse`].
    pub(super) fn to_line(&self) -> String {
        let Self { kernel, constants, work, vgprs, spilled, lds, waves, code, mix } = self;
        let Mix { fma, vector, lds: shared, memory, scalar, wait } = mix;
        format!(
            "{kernel}\t{constants}\t{work}\t{vgprs}\t{spilled}\t{lds}\t{waves}\t{code}\
             \t{fma}\t{vector}\t{shared}\t{memory}\t{scalar}\t{wait}"
        )
    }
}

impl FromStr for Report {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let bad = || format!("not a report: {line}");
        let fields: Vec<&str> = line.split('\t').collect();
        let [kernel, constants, work, numbers @ ..] = &fields[..] else { return Err(bad()) };
        let numbers: Vec<u32> =
            numbers.iter().map(|number| number.parse().map_err(|_| bad())).collect::<Result<_, _>>()?;
        let [vgprs, spilled, lds, waves, code, fma, vector, shared, memory, scalar, wait] = numbers[..]
        else {
            return Err(bad());
        };
        Ok(Self {
            kernel: (*kernel).to_owned(),
            constants: (*constants).to_owned(),
            work: work.parse().map_err(|_| bad())?,
            vgprs,
            spilled,
            lds,
            waves,
            code,
            mix: Mix { fma, vector, lds: shared, memory, scalar, wait },
        })
    }
}

impl Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, constants, vgprs, spilled, lds, waves, code, mix, .. } = self;
        let Mix { fma, vector, lds: shared, memory, scalar, wait } = mix;
        let (work, share) = (100.0 * self.work, 100.0 * mix.fma_share());
        write!(to, "{kernel:<18} {constants:<26} {work:>3.0} % | ")?;
        write!(to, "{vgprs:>5} {spilled:>7} {lds:>5} {waves:>5} {code:>6} | ")?;
        write!(to, "{fma:>4} {vector:>6} {shared:>3} {memory:>6} {scalar:>6} {wait:>4}     | {share:>4.1} %")
    }
}

/// `K3 S1 RT8`: KERNEL is 3, STRIDE is 1, ROW_THREADS is 8.
fn constants(pipeline: &Pipeline) -> String {
    let initials = |name: &str| name.split('_').filter_map(|word| word.chars().next()).collect::<String>();
    let constants = pipeline.constants.iter().map(|(name, value)| format!("{}{value}", initials(name)));
    constants.collect::<Vec<_>>().join(" ")
}
