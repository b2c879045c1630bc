//! The names in a pickle that have a meaning here. Python would import and call what they name; here they are only
//! labels. Anything else that a pickle names is treated as an unknown object.

use crate::import::floats::Float;

/// A name from the closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// `collections.OrderedDict`: a dictionary.
    Dictionary,
    /// `torch._utils._rebuild_tensor_v2` and its predecessor: a tensor from a storage, an offset, lengths and
    /// strides.
    Tensor,
    /// `torch._utils._rebuild_parameter`: stands for its first argument, a tensor.
    Parameter,
    /// `torch.FloatStorage` and so on.
    Storage(Kind),
}

/// The type of the numbers in a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Floats, which weights consist of.
    Float(Float),
    /// Whole numbers of this many bytes, used only for counters and the like.
    Whole(usize),
}

impl Kind {
    /// The number of bytes that a number takes.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Float(float) => float.width(),
            Self::Whole(width) => width,
        }
    }
}

impl Global {
    /// The meaning of a name, if it is on the list.
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
