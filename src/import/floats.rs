//! Floats of four widths and two byte orders, in any order of axes, become f32 in rows.

use half::{bf16, f16};

/// How a number is stored.
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
    /// Bytes of a number.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The numbers that lie in these bytes, one after the other.
    pub(super) fn decode(self, order: ByteOrder, bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(self.width()).map(|bytes| self.number(order, bytes)).collect()
    }

    /// The number in as many bytes as it takes.
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

/// An array as it lies in memory, by the strides of its axes.
#[derive(Clone, Debug)]
pub(super) struct Strided {
    /// Lengths of the axes.
    pub(super) shape: Vec<usize>,
    /// How many numbers further the next one along each axis is.
    pub(super) strides: Vec<usize>,
    /// Where the first number is, counted in numbers.
    pub(super) offset: usize,
}

impl Strided {
    /// Row after row.
    pub(super) fn rows(shape: Vec<usize>) -> Self {
        let mut strides: Vec<usize> = shape.iter().rev().scan(1, steps).collect();
        strides.reverse();
        Self { shape, strides, offset: 0 }
    }

    /// Column after column, as Fortran does.
    pub(super) fn columns(shape: Vec<usize>) -> Self {
        let strides = shape.iter().scan(1, steps).collect();
        Self { shape, strides, offset: 0 }
    }

    /// How many numbers there are; `None` if that is more than a computer could count.
    pub(super) fn count(&self) -> Option<usize> {
        self.shape.iter().try_fold(1usize, |count, &length| count.checked_mul(length))
    }

    /// How many numbers the memory must hold.
    fn reach(&self) -> Option<usize> {
        let mut axes = self.shape.iter().zip(&self.strides);
        axes.try_fold(self.offset.checked_add(1)?, |end, (&length, &stride)| {
            end.checked_add(length.checked_sub(1)?.checked_mul(stride)?)
        })
    }

    fn is_rows(&self) -> bool {
        self.strides == Self::rows(self.shape.clone()).strides
    }

    /// The array row after row. The caller has made sure that there may be so many numbers.
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

    /// Where the number is that comes at `index` row after row.
    fn position(&self, index: usize) -> usize {
        let axes = self.shape.iter().zip(&self.strides).rev();
        let start = (index, self.offset);
        axes.fold(start, |(rest, at), (&length, &stride)| (rest / length, at + rest % length * stride)).1
    }
}

/// The stride of an axis, and of the next one in `step`. One that overflows is found by `reach`.
fn steps(step: &mut usize, &length: &usize) -> Option<usize> {
    let stride = *step;
    *step = stride.saturating_mul(length);
    Some(stride)
}
