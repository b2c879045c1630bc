use super::{Variant, Weights};
#[allow(missing_docs, clippy::allow_attributes_without_reason)]
impl Weights {
    pub fn variant(&self) -> Variant {
        Variant::Bvlc
    }
    pub fn mean(&self) -> [f32; 3] {
        [104.0, 116.0, 122.0]
    }
}
