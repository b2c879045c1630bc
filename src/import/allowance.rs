//! Limits the memory that a file may make us allocate, in proportion to its size.

/// The factor allowed. Legitimate files need at most 4 times their size (half floats shared by two tensors).
const TIMES: usize = 8;
/// Bytes allowed in addition, for small files of constant numbers, which compress well.
const BESIDES: usize = 1 << 20;
/// The bytes that a tensor costs apart from its numbers and its name.
pub(super) const TENSOR: usize = 128;

/// The bytes that may still be allocated for a file.
#[derive(Debug)]
pub(super) struct Allowance {
    left: usize,
}

impl Allowance {
    /// The allowance of a file of this many bytes.
    pub(super) fn of_file(bytes: usize) -> Self {
        Self { left: bytes.saturating_mul(TIMES).saturating_add(BESIDES) }
    }

    /// Claims memory before it is allocated.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), String> {
        let refused = || {
            format!("its contents would be more than {TIMES} times its own size: not an honest weights file")
        };
        self.left = self.left.checked_sub(bytes).ok_or_else(refused)?;
        Ok(())
    }

    /// Claims memory for a tensor: `count` numbers as f32, and its name.
    pub(super) fn take_tensor(&mut self, name: &str, count: usize) -> Result<(), String> {
        self.take(count.saturating_mul(size_of::<f32>()).saturating_add(name.len()).saturating_add(TENSOR))
    }
}
