//! What a program does where it spends its time, read from the text of its code.

use std::cmp::Reverse;

/// Instructions by what executes them. Both halves of a `v_dual_...` count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mix {
    /// Multiply-adds of the vector unit.
    pub(crate) fma: u32,
    /// Everything else that the vector unit does.
    pub(crate) vector: u32,
    /// Workgroup memory.
    pub(crate) lds: u32,
    /// Buffers, and scratch memory.
    pub(crate) memory: u32,
    /// The scalar unit, branches included.
    pub(crate) scalar: u32,
    /// Waits, barriers and hints.
    pub(crate) wait: u32,
}

impl Mix {
    /// Part of the multiply-adds in everything that lanes take part in.
    pub(crate) fn fma_share(self) -> f64 {
        f64::from(self.fma) / f64::from((self.fma + self.vector + self.lds + self.memory).max(1))
    }

    fn total(self) -> u32 {
        self.fma + self.vector + self.lds + self.memory + self.scalar + self.wait
    }

    /// The count that an instruction belongs to.
    fn count(&mut self, instruction: &str) -> &mut u32 {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| instruction.starts_with(prefix));
        if starts(&["v_fma", "v_pk_fma", "v_dual_fma"]) {
            &mut self.fma
        } else if starts(&["v_"]) {
            &mut self.vector
        } else if starts(&["ds_"]) {
            &mut self.lds
        } else if starts(&["buffer_", "global_", "flat_", "scratch_"]) {
            &mut self.memory
        } else if starts(&["s_wait", "s_barrier", "s_nop", "s_clause", "s_delay", "s_inst_prefetch"]) {
            &mut self.wait
        } else {
            &mut self.scalar
        }
    }
}

/// The smallest loop with the most multiply-adds, branches not taken and loops inside it counted once; the
/// whole program if it has no loop.
pub(crate) fn hottest_loop(assembly: &str) -> Mix {
    let lines: Vec<&str> =
        assembly.lines().map(|line| line.split(';').next().unwrap_or_default().trim()).collect();
    let loops = loops(&lines).into_iter().map(|(first, last)| mix(&lines[first..=last]));
    loops.max_by_key(|mix| (mix.fma, Reverse(mix.total()))).unwrap_or_else(|| mix(&lines))
}

/// First and last line of every loop: from a label to a branch back to it.
fn loops(lines: &[&str]) -> Vec<(usize, usize)> {
    let label = |name: &str| lines.iter().position(|line| line.strip_suffix(':') == Some(name));
    let backwards = |(at, line): (usize, &&str)| {
        let (instruction, target) = line.split_once(' ')?;
        let branches = instruction.starts_with("s_branch") || instruction.starts_with("s_cbranch");
        let start = branches.then(|| label(target.trim()))??;
        (start < at).then_some((start, at))
    };
    lines.iter().enumerate().filter_map(backwards).collect()
}

fn mix(lines: &[&str]) -> Mix {
    let mut sum = Mix::default();
    let instructions = lines.iter().filter(|line| !line.ends_with(':')).flat_map(|line| line.split("::"));
    for instruction in instructions.filter_map(|text| text.split_whitespace().next()) {
        *sum.count(instruction) += 1;
    }
    sum
}
