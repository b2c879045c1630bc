//! `puppyslug devices`: the devices that can compute.

use std::fmt::Write;

use crate::cli::failure::{Failure, explain};
use crate::cli::terminal::{print, without_window_complaints};
use crate::device::{Adapter, Choice, adapters, choose, host};

pub(crate) fn run() -> Result<(), Failure> {
    let found = without_window_complaints(adapters);
    let mut text = String::new();
    for (index, adapter) in found.iter().enumerate() {
        describe(&mut text, index, adapter)?;
    }
    if let Ok(processor) = host() {
        writeln!(text, "cpu  {}", processor.name())?;
    }
    writeln!(text)?;
    text += &match choose("auto", || found) {
        Ok(Choice::Gpu(adapter)) => format!("auto takes {}: the first GPU of the list\n", adapter.title()),
        Ok(Choice::Cpu) => {
            "auto takes cpu: there is no GPU, and a software driver is slower than cpu\n".to_owned()
        }
        Err(error) => format!("auto takes nothing: {}\n", explain(&error)),
    };
    print(&text)
}

fn describe(text: &mut String, index: usize, adapter: &Adapter) -> std::fmt::Result {
    writeln!(text, "{index}    {}", adapter.title())?;
    adapter.particulars().lines().try_for_each(|line| writeln!(text, "     {line}"))
}
