//! Converts floats of four types and two byte orders, in any order of axes, to f32 in row-major order.

use half::{bf16, f16};

/// The type in which a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Float {
    F16,
    Bf16,
    F32,
    F64,
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl Float {
    /// The number of bytes that a number takes.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Decodes consecutive numbers.
    pub(super) fn decode(self, order: ByteOrder, bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(self.width()).map(|bytes| self.number(order, bytes)).collect()
    }

    /// Decodes a number from exactly its bytes.
    pub(super) fn number(self, order: ByteOrder, bytes: &[u8]) -> f32 {
        let mut padded = [0; 8];
        let number = &mut padded[..self.width()];
        number.copy_from_slice(bytes);
        if order == ByteOrder::Big {
            number.reverse();
        }
        let bits = u64::from_le_bytes(padded);
        match self {
            Self::F16 => f16::from_bits(bits as u16).to_f32(),
            Self::Bf16 => bf16::from_bits(bits as u16).to_f32(),
            Self::F32 => f32::from_bits(bits as u32),
            Self::F64 => f64::from_bits(bits) as f32,
        }
    }
}

/// The layout of an array in memory, described by the strides of its axes.
#[derive(Clone, Debug)]
pub(super) struct Strided {
    /// The lengths of the axes.
    pub(super) shape: Vec<usize>,
    /// The distance between neighbours along each axis, in numbers.
    pub(super) strides: Vec<usize>,
    /// The position of the first element, in numbers.
    pub(super) offset: usize,
}

impl Strided {
    /// Row-major order.
    pub(super) fn rows(shape: Vec<usize>) -> Self {
        let mut strides: Vec<usize> = shape.iter().rev().scan(1, steps).collect();
        strides.reverse();
        Self { shape, strides, offset: 0 }
    }

    /// Column-major order, as in Fortran.
    pub(super) fn columns(shape: Vec<usize>) -> Self {
        let strides = shape.iter().scan(1, steps).collect();
        Self { shape, strides, offset: 0 }
    }

    /// How many numbers there are; `None` if that overflows a `usize`.
    pub(super) fn count(&self) -> Option<usize> {
        self.shape.iter().try_fold(1usize, |count, &length| count.checked_mul(length))
    }

    /// How many numbers the memory must hold; `None` on overflow.
    fn reach(&self) -> Option<usize> {
        let mut axes = self.shape.iter().zip(&self.strides);
        axes.try_fold(self.offset.checked_add(1)?, |end, (&length, &stride)| {
            end.checked_add(length.checked_sub(1)?.checked_mul(stride)?)
        })
    }

    fn is_rows(&self) -> bool {
        self.strides == Self::rows(self.shape.clone()).strides
    }

    /// Copies the array in row-major order. The caller must have checked that this many numbers may be allocated.
    pub(super) fn gather(&self, float: Float, order: ByteOrder, memory: &[u8]) -> Result<Vec<f32>, String> {
        if self.count() == Some(0) {
            return Ok(Vec::new());
        }
        let width = float.width();
        let end = self.reach().and_then(|numbers| numbers.checked_mul(width)).unwrap_or(usize::MAX);
        let Some(memory) = memory.get(..end) else {
            return Err(format!(
                "its numbers would end at byte {end} of their storage, which has {}",
                memory.len()
            ));
        };
        if self.is_rows() {
            return Ok(float.decode(order, &memory[self.offset * width..]));
        }
        let one = |index| {
            let at = self.position(index) * width;
            float.number(order, &memory[at..at + width])
        };
        Ok((0..self.count().unwrap_or(0)).map(one).collect())
    }

    /// The position in memory of the number at `index` in row-major order.
    fn position(&self, index: usize) -> usize {
        let axes = self.shape.iter().zip(&self.strides).rev();
        let start = (index, self.offset);
        axes.fold(start, |(rest, at), (&length, &stride)| (rest / length, at + rest % length * stride)).1
    }
}

/// Returns the stride of an axis, and puts that of the next axis into `step`. `reach` detects an overflow.
fn steps(step: &mut usize, &length: &usize) -> Option<usize> {
    let stride = *step;
    *step = stride.saturating_mul(length);
    Some(stride)
}
