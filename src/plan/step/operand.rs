//! What a step works on, and how it uses it.

use crate::plan::View;

/// A view that a step works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand<V> {
    /// The view.
    pub view: V,
    /// What the step does to its cells.
    pub role: Role,
    /// How its cells may be arranged in memory.
    pub arrangement: Arrangement,
}

/// What a step does to the cells of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// They are read.
    Read,
    /// They are written, regardless of what they held.
    Write,
    /// They are read and written.
    Change,
}

/// How the cells of a view may be arranged in the memory of a machine that has a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Channel by channel.
    Planar,
    /// In any arrangement: the step handles all of them.
    Free,
    /// In any arrangement, as long as it is the same for all operands of the step with this group number.
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

    /// The same view, in any arrangement.
    pub fn free(self) -> Self {
        Self { arrangement: Arrangement::Free, ..self }
    }

    /// The same view, in the same arrangement as all others that are marked like this.
    pub fn alike(self) -> Self {
        self.alike_in(0)
    }

    /// The same view, in the same arrangement as all others of this group.
    pub fn alike_in(self, group: u8) -> Self {
        Self { arrangement: Arrangement::Alike(group), ..self }
    }

    pub(super) fn copied(self) -> Operand<View> {
        Operand { view: *self.view, role: self.role, arrangement: self.arrangement }
    }
}

/// Where a backward step writes its result: `cell = mask > 0 ? result (+ cell) : 0`.
///
/// The mask is the value of a ReLU. Every gradient in a plan is therefore already the gradient before that
/// ReLU, and a ReLU needs no backward step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gradient {
    /// The gradient's cells.
    pub view: View,
    /// Value after the ReLU, of the same shape.
    pub mask: Option<View>,
    /// Whether earlier steps have already written part of the sum there.
    pub add: bool,
}

impl Gradient {
    /// The whole of a view, regardless of what it held.
    pub fn whole(view: View) -> Self {
        Self { view, mask: None, add: false }
    }

    /// Its views: the mask, then the cells.
    pub fn operands(&mut self) -> impl Iterator<Item = Operand<&mut View>> {
        let cells = if self.add { Operand::change } else { Operand::write };
        self.mask.as_mut().map(Operand::read).into_iter().chain([cells(&mut self.view)])
    }
}
