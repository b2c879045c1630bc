//! Every dream of the table on a GPU, and what the Khronos validation layer says of it. `tests/drivers.sh` puts the layer
//! in the way, and runs this once for each driver.

use std::env;
use std::fs;

use super::table::{DREAMS, OldDream};
use super::{desk, say};

/// Where the layer writes to, in the folder that a program runs in.
const LOG: &str = "validation.log";

/// What the layer complains of, a line each. Nothing of it has to stay so far.
fn complaints(log: &str) -> Vec<String> {
    let complains = |line: &&str| line.contains("Validation Error") || line.contains("Validation Warning");
    log.lines().filter(complains).map(str::to_owned).collect()
}

/// Which device, and whether the layer is in the way.
struct Way {
    device: String,
    layer: bool,
}

impl Way {
    fn of_environment() -> Self {
        let device = env::var("PUPPYSLUG_TEST_DEVICE").unwrap_or_else(|_| "0".to_owned());
        let layers = env::var("VK_INSTANCE_LAYERS").unwrap_or_default();
        Self { device, layer: layers.contains("validation") }
    }

    /// What is wrong with a dream.
    fn faults(&self, dream: &OldDream) -> Vec<String> {
        let desk = desk();
        let out = if dream.pictures.contains("--out-dir") { "" } else { "-o out.png" };
        let ran = desk.run(&format!("dream {} {out} --device {}", dream.whole(), self.device));
        let mut faults = Vec::new();
        if ran.code != Some(0) {
            faults.push(ran.err);
        }
        match fs::read_to_string(desk.path(LOG)) {
            Ok(log) => faults.extend(complaints(&log)),
            Err(error) if self.layer => faults.push(format!("the layer has written nothing ({error})")),
            Err(_) => {}
        }
        faults
    }
}

#[test]
#[ignore = "tests/drivers.sh runs it, once for each driver"]
fn every_dream_is_sound_on_a_gpu() {
    let way = Way::of_environment();
    let mut faults = Vec::new();
    // One of them is enough to see whether anything is noticed.
    let only = env::var("PUPPYSLUG_TEST_DREAM").ok();
    for dream in DREAMS.iter().filter(|dream| only.as_ref().is_none_or(|only| dream.name == only)) {
        faults.extend(way.faults(dream).into_iter().map(|fault| format!("{}: {fault}", dream.name)));
    }
    if !way.layer {
        say("the validation layer was not asked for: only whether each dream ends was looked at");
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn complaints_of_the_layer_are_noticed() {
    let hazard = "SYNC-HAZARD-READ-AFTER-WRITE(ERROR / SPEC): msgNum: -455515022 - Validation Error: [ SYNC-HAZARD-READ-AFTER-WRITE \
                  ] Object 0: handle = 0x5; | MessageID = 0xe4d96472 | vkCmdDispatch: Hazard READ_AFTER_WRITE";
    let advice = "UNASSIGNED-BestPractices-SemaphoreCount(WARN / SPEC): msgNum: 1828591781 - Validation Warning: [ \
                  UNASSIGNED-BestPractices-SemaphoreCount ] Object 0: handle = 0x5; | pWaitSemaphores is set";
    let log = format!("{hazard}\n    Objects: 1\n        [0] 0x5, type: 6, name: NULL\n{advice}\n");
    assert_eq!(complaints(&log), [hazard, advice]);
    assert_eq!(complaints("    Objects: 1\n"), [""; 0]);
}
