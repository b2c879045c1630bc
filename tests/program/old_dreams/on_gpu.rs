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

/// What is wrong with a dream on the first adapter; a layer that was asked for has to have written something.
fn faults(dream: &OldDream, layer: bool) -> Vec<String> {
    let desk = desk();
    let out = if dream.pictures.contains("--out-dir") { "" } else { "-o out.png" };
    let ran = desk.run(&format!("dream {} {out} --device 0", dream.whole()));
    let failure = if ran.code == Some(0) { None } else { Some(ran.err) };
    let said = match fs::read_to_string(desk.path(LOG)) {
        Ok(log) => complaints(&log),
        Err(error) if layer => vec![format!("the layer has written nothing ({error})")],
        Err(_) => Vec::new(),
    };
    failure.into_iter().chain(said).map(|fault| format!("{}: {fault}", dream.name)).collect()
}

#[test]
#[ignore = "tests/drivers.sh runs it, once for each driver"]
fn every_dream_is_sound_on_a_gpu() {
    let layer = env::var("VK_INSTANCE_LAYERS").is_ok_and(|layers| layers.contains("validation"));
    // One of them is enough to see whether anything is noticed.
    let only = env::var("PUPPYSLUG_TEST_DREAM").ok();
    let dreams = DREAMS.iter().filter(|dream| only.as_ref().is_none_or(|only| dream.name == only));
    let faults: Vec<String> = dreams.flat_map(|dream| faults(dream, layer)).collect();
    if !layer {
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
