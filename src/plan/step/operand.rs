//! What a step works on, and what it does to it.

use crate::plan::View;

/// A view that a step works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand<V> {
    /// Which.
    pub view: V,
    /// What is done to its cells.
    pub role: Role,
    /// How it may lie in memory.
    pub arrangement: Arrangement,
}

/// What a step does to the cells of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// They are read.
    Read,
    /// They are written, whatever was there.
    Write,
    /// They are read and written.
    Change,
}

/// How the cells of a view may lie in the memory of a machine that has a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Channel by channel.
    Planar,
    /// In any way; the step takes each.
    Free,
    /// In any way that all operands of the step with this number lie in.
    Alike(u8),
}

impl<'a> Operand<&'a mut View> {
    fn new(view: &'a mut View, role: Role) -> Self {
        Self { view, role, arrangement: Arrangement::Planar }
    }

    /// A view that is read.
    pub fn read(view: &'a mut View) -> Self {
        Self::new(view, Role::Read)
    }

    /// A view that is written.
    pub fn write(view: &'a mut View) -> Self {
        Self::new(view, Role::Write)
    }

    /// A view that is changed in place.
    pub fn change(view: &'a mut View) -> Self {
        Self::new(view, Role::Change)
    }

    /// The same, lying in any way.
    pub fn free(self) -> Self {
        Self { arrangement: Arrangement::Free, ..self }
    }

    /// The same, in the same arrangement as all others of this kind.
    pub fn alike(self) -> Self {
        self.alike_in(0)
    }

    /// The same, lying like all others of this number.
    pub fn alike_in(self, group: u8) -> Self {
        Self { arrangement: Arrangement::Alike(group), ..self }
    }

    pub(super) fn copied(self) -> Operand<View> {
        Operand { view: *self.view, role: self.role, arrangement: self.arrangement }
    }
}

/// Where a backward step leaves its result: `cell = mask > 0 ? result (+ cell) : 0`.
///
/// The mask is the value of a ReLU whose gradient this is. Every gradient in a plan is therefore already
/// the gradient before that ReLU, and a ReLU needs no backward step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gradient {
    /// The gradient's cells.
    pub view: View,
    /// Value after the ReLU, of the same shape.
    pub mask: Option<View>,
    /// Whether earlier steps have left a part of the sum there.
    pub add: bool,
}

impl Gradient {
    /// All of a view, whatever was there.
    pub fn whole(view: View) -> Self {
        Self { view, mask: None, add: false }
    }

    /// Its views: the mask, then the cells.
    pub fn operands(&mut self) -> impl Iterator<Item = Operand<&mut View>> {
        let cells = if self.add { Operand::change } else { Operand::write };
        self.mask.as_mut().map(Operand::read).into_iter().chain([cells(&mut self.view)])
    }
}
