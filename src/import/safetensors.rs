//! TEMPORARY
use super::{Format, Raw, Tensor};
pub(super) fn is(bytes: &[u8]) -> bool {
    ::safetensors::SafeTensors::deserialize(bytes).is_ok()
}
pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let f = ::safetensors::SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let (_, h) = ::safetensors::SafeTensors::read_metadata(bytes).map_err(|e| e.to_string())?;
    use half::slice::HalfFloatSliceExt;
    let tensors = f
        .tensors()
        .into_iter()
        .map(|(name, v)| Tensor {
            name,
            shape: v.shape().to_vec(),
            data: match v.dtype() {
                ::safetensors::Dtype::F16 => {
                    bytemuck::pod_collect_to_vec::<u8, half::f16>(v.data()).to_f32_vec()
                }
                _ => bytemuck::pod_collect_to_vec(v.data()),
            },
        })
        .collect();
    Ok(Raw {
        format: Format::Safetensors,
        tensors,
        metadata: h.metadata().clone().unwrap_or_default().into_iter().collect(),
    })
}
