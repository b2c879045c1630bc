//! What a pickle may name and mean something by. Python would import it and run it; here it is a word, and whatever else
//! a pickle names is a thing that nothing is known of.

use crate::import::floats::Float;

/// A name of the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// `collections.OrderedDict`: a dictionary.
    Dictionary,
    /// `torch._utils._rebuild_tensor_v2` and its elder: a tensor of a storage, an offset, lengths, strides.
    Tensor,
    /// `torch._utils._rebuild_parameter`: the tensor that is its first argument.
    Parameter,
    /// `torch.FloatStorage` and so on.
    Storage(Kind),
}

/// What a storage holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers that a network may be made of.
    Float(Float),
    /// Whole numbers of this many bytes, which only count things.
    Whole(usize),
}

impl Kind {
    /// Bytes of a number.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Float(float) => float.width(),
            Self::Whole(width) => width,
        }
    }
}

impl Global {
    /// The name's meaning, if it is of the list.
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::Dictionary),
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Some(Self::Tensor),
            ("torch._utils", "_rebuild_parameter") => Some(Self::Parameter),
            ("torch", name) => storage(name),
            _ => None,
        }
    }
}

fn storage(name: &str) -> Option<Global> {
    let kind = match name.strip_suffix("Storage")? {
        "Half" => Kind::Float(Float::F16),
        "BFloat16" => Kind::Float(Float::Bf16),
        "Float" => Kind::Float(Float::F32),
        "Double" => Kind::Float(Float::F64),
        "Byte" | "Char" | "Bool" => Kind::Whole(1),
        "Short" => Kind::Whole(2),
        "Int" => Kind::Whole(4),
        "Long" => Kind::Whole(8),
        _ => return None,
    };
    Some(Global::Storage(kind))
}
