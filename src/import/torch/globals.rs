//! What a pickle may name. Python would import it and run it; here it is a word with a meaning.

use crate::import::floats::Float;
use crate::import::quote::quoted;

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
    /// The name's meaning, or the message that refuses it.
    pub(super) fn named(module: &str, name: &str) -> Result<Self, String> {
        match (module, name) {
            ("collections", "OrderedDict") => Ok(Self::Dictionary),
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Ok(Self::Tensor),
            ("torch._utils", "_rebuild_parameter") => Ok(Self::Parameter),
            ("torch", name) if let Some(global) = storage(name) => Ok(global),
            _ => Err(format!(
                "the file asks to run {}; it was not run. Only a state_dict is read: in PyTorch, \
                 torch.save(model.state_dict(), FILE) writes one",
                quoted(&format!("{module}.{name}"))
            )),
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
