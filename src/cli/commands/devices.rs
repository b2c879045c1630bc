//! `puppyslug devices`: what there is to compute with.

use std::fmt::Write;

use crate::cli::failure::Failure;
use crate::cli::terminal::print;
use crate::cpu::Cpu;
use crate::device::{Choice, choose};
use crate::files::bytes::ByteSize;
use crate::gpu::{Adapter, adapters};
use crate::machine::Machine;

pub(crate) fn run() -> Result<(), Failure> {
    let found = adapters();
    let mut text = String::new();
    for (index, adapter) in found.iter().enumerate() {
        describe(&mut text, index, adapter)?;
    }
    writeln!(text, "cpu  {}", Cpu::new().name())?;
    writeln!(text)?;
    text += &match choose("auto", || found)? {
        Choice::Gpu(adapter) => format!("auto takes {}: the first GPU of the list\n", adapter.title()),
        Choice::Cpu => {
            "auto takes cpu: there is no GPU, and a software driver is slower than cpu\n".to_owned()
        }
    };
    print(&text)
}

fn describe(text: &mut String, index: usize, adapter: &Adapter) -> std::fmt::Result {
    let Adapter { info, limits, .. } = adapter;
    let word = |has: bool| if has { "yes" } else { "no" };
    let kind = if adapter.is_software() { "software".to_owned() } else { format!("{:?}", info.device_type) };
    writeln!(text, "{index}    {}", adapter.title())?;
    writeln!(text, "     type {kind}, driver {} {}", info.driver, info.driver_info)?;
    writeln!(
        text,
        "     largest buffer {}, bound at once {}, workgroup memory {}",
        ByteSize(limits.max_buffer_size),
        ByteSize(u64::from(limits.max_storage_buffer_binding_size)),
        ByteSize(u64::from(limits.max_compute_workgroup_storage_size))
    )?;
    writeln!(
        text,
        "     timestamps {}, subgroups {} ({} to {} wide), f16 {}",
        word(adapter.has_timestamps()),
        word(adapter.has_subgroups()),
        info.subgroup_min_size,
        info.subgroup_max_size,
        word(adapter.has_f16())
    )
}
