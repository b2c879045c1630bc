//! Machine code of every pipeline for two AMD families, without their GPUs: no kernel gets worse unnoticed.
//!
//! `cargo bench --bench isa` prints the numbers. Where Mesa's RADV is not installed, the tests count as
//! ignored and say so.

#[path = "../benches/isa/mod.rs"]
mod isa;

use std::process::ExitCode;

use isa::assembly::{Mix, hottest_loop};
use isa::{FAMILIES, Missing, Report, in_parent, measure};
use libtest_mimic::{Arguments, Failed, Trial};

/// What is least expected of a convolution whose constants begin and contain these.
struct Floor {
    window: &'static str,
    tile: &'static str,
    waves: u32,
    fma_share: f64,
}

/// As measured with Mesa 22.3, or a little below; memory instructions count here. The first that fits counts.
/// Where columns have two sources, the loads from both stand in the loop, and one of them runs.
#[rustfmt::skip]
const FLOORS: [Floor; 9] = [
    Floor { window: "K1 S1 S2", tile: "RT8", waves: 8, fma_share: 0.90 },
    Floor { window: "K1 S1 S2", tile: "RT4", waves: 8, fma_share: 0.89 },
    Floor { window: "K1 S1 S2", tile: "RT2", waves: 8, fma_share: 0.86 },
    Floor { window: "K1 ",      tile: "RT8", waves: 8, fma_share: 0.91 },
    Floor { window: "K7 ",      tile: "RT8", waves: 8, fma_share: 0.85 },
    Floor { window: "K",        tile: "RT8", waves: 8, fma_share: 0.91 },
    Floor { window: "K1 ",      tile: "RT4", waves: 8, fma_share: 0.90 },
    Floor { window: "K",        tile: "RT4", waves: 8, fma_share: 0.90 },
    Floor { window: "K",        tile: "RT2", waves: 8, fma_share: 0.88 },
];

/// What every convolution of the classic reaches, of what vector units and workgroup memory do.
const GOAL: f64 = 0.85;

/// What every kernel must reach: enough waves to hide the latency of memory.
const WAVES: u32 = 6;

fn main() -> ExitCode {
    in_parent(|| {
        let mut trials = controls();
        trials.extend(FAMILIES.into_iter().flat_map(family));
        libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
    })
}

fn family(family: &'static str) -> Vec<Trial> {
    let trial = |report: Report| {
        let name = format!("{} {}", report.kernel, report.constants);
        Trial::test(name.trim_end(), move || judge(&report)).with_kind(family)
    };
    match measure(family) {
        Ok(reports) => reports.into_iter().map(trial).collect(),
        Err(Missing::Driver(reason)) => {
            eprintln!("the machine code for {family} is not looked at: {reason}");
            vec![Trial::test("every pipeline", || Ok(())).with_kind(family).with_ignored_flag(true)]
        }
        Err(Missing::Result(reason)) => {
            vec![Trial::test("every pipeline", || Err(reason.into())).with_kind(family)]
        }
    }
}

fn judge(report: &Report) -> Result<(), Failed> {
    let floor =
        |floor: &&Floor| report.constants.starts_with(floor.window) && report.constants.contains(floor.tile);
    let floor = FLOORS.iter().find(floor).filter(|_| report.kernel == "conv");
    if report.kernel == "conv" && floor.is_none() {
        return Err("no floor is set for this convolution".into());
    }
    let (waves, fma_share) = floor.map_or((WAVES, 0.0), |floor| (floor.waves, floor.fma_share));
    let goal = if report.kernel == "conv" && report.work > 0.0 { GOAL } else { 0.0 };
    let Mix { fma, vector, lds, .. } = report.mix;
    let reached = f64::from(fma) >= goal * f64::from(fma + vector + lds);
    if reached && report.spilled == 0 && report.waves >= waves && report.mix.fma_share() >= fma_share {
        return Ok(());
    }
    let wanted = format!("0 spilled, {waves} waves, FMA share {fma_share}, without memory {goal}");
    Err(format!("below {wanted}:\n{}\n{report}", isa::HEADING).into())
}

/// What must be so for the others to mean anything.
fn controls() -> Vec<Trial> {
    vec![
        Trial::test("the hottest loop is found", the_hottest_loop_is_found),
        Trial::test("a program without a loop counts as a whole", a_program_without_a_loop),
        Trial::test("a worse kernel is noticed", a_worse_kernel_is_noticed),
    ]
}

fn check<T: PartialEq + std::fmt::Debug>(is: T, should_be: T) -> Result<(), Failed> {
    if is == should_be { Ok(()) } else { Err(format!("{is:?} instead of {should_be:?}").into()) }
}

const LOOPS: &str = "\
BB0:
	s_mov_b32 s0, s3                  ; be800303
BB1:
	v_mul_f32_e32 v1, v2, v3          ; 10020702
BB2:
	ds_read_b128 v[4:7], v0           ; dbfc0000
	v_fmac_f32_e32 v1, v2, v3         ; 56020702
	v_dual_fmac_f32 v1, v2, v3 :: v_dual_add_f32 v4, v5, v6
	s_waitcnt lgkmcnt(0)              ; bf8cc07f
	s_cbranch_scc1 BB2                ; bf85fff0
	buffer_load_dword v1, v0, s[0:3], 0 offen
	s_cbranch_scc1 BB1                ; bf85fff0
BB3:
	v_add_f32_e32 v1, v2, v3
	s_branch BB3
	s_cbranch_execz BB4
BB4:
	s_endpgm                          ; bf810000
";

fn the_hottest_loop_is_found() -> Result<(), Failed> {
    check(hottest_loop(LOOPS), Mix { fma: 2, vector: 1, lds: 1, memory: 0, scalar: 1, wait: 1 })
}

fn a_program_without_a_loop() -> Result<(), Failed> {
    let straight = "BB0:\n\tv_fma_f32 v0, v1, v2, v3\n\tglobal_load_b32 v0, v1, off\n\ts_endpgm\n";
    check(hottest_loop(straight), Mix { fma: 1, vector: 0, lds: 0, memory: 1, scalar: 1, wait: 0 })
}

fn a_worse_kernel_is_noticed() -> Result<(), Failed> {
    let mix = Mix { fma: 512, vector: 8, lds: 36, memory: 4, scalar: 0, wait: 0 };
    let good = Report {
        kernel: "conv".to_owned(),
        constants: "K1 S1 RT8".to_owned(),
        work: 1.0,
        vgprs: 112,
        spilled: 0,
        lds: 4096,
        waves: 8,
        code: 8192,
        mix,
    };
    judge(&good)?;
    for worse in [
        Report { spilled: 1, ..good.clone() },
        Report { waves: 7, ..good.clone() },
        Report { mix: Mix { vector: 60, ..mix }, ..good.clone() },
        Report {
            constants: "K1 S1 S1 RT2".to_owned(),
            mix: Mix { vector: 60, memory: 0, ..mix },
            ..good.clone()
        },
        Report { constants: "K1 S1 RT16".to_owned(), ..good.clone() },
        Report { kernel: "relu".to_owned(), waves: 5, ..good },
    ] {
        check(judge(&worse).is_err(), true)?;
    }
    Ok(())
}
