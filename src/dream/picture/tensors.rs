//! A picture as tensors, to the last bit: how a checkpoint keeps it.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::{Depth, Picture, check_size};

/// The names of its tensors.
const COLOURS: &str = "picture";
const ALPHA: &str = "picture.alpha";
const EXCESS: &str = "picture.excess";
const PROFILE: &str = "picture.profile";

impl Picture {
    /// Names, types, shapes and bytes of everything but the depth.
    pub(crate) fn tensors(&self) -> Vec<(&'static str, Dtype, Vec<usize>, &[u8])> {
        let planes = || vec![3, self.height, self.width];
        let mut tensors = vec![(COLOURS, Dtype::F32, planes(), bytemuck::cast_slice(&self.rgb))];
        if let Some(alpha) = &self.alpha {
            tensors.push((ALPHA, Dtype::U16, vec![self.height, self.width], bytemuck::cast_slice(alpha)));
        }
        if let Some(excess) = &self.excess {
            tensors.push((EXCESS, Dtype::F32, planes(), bytemuck::cast_slice(excess)));
        }
        if let Some(profile) = &self.profile {
            tensors.push((PROFILE, Dtype::U8, vec![profile.len()], profile));
        }
        tensors
    }

    /// The picture of these tensors, or what is wrong with them.
    pub(crate) fn from_tensors(tensors: &SafeTensors<'_>, depth: Depth) -> Result<Self, String> {
        let colours = tensors.tensor(COLOURS).map_err(|_| format!("it holds no tensor '{COLOURS}'"))?;
        let [3, height, width] = *colours.shape() else {
            return Err(format!(
                "its tensor '{COLOURS}' is {:?}, expected [3, height, width]",
                colours.shape()
            ));
        };
        check_size(width, height).map_err(|error| error.to_string())?;
        let rgb = floats(COLOURS, &colours, 3 * width * height)?;
        let mut picture = Self::from_rgb(width, height, rgb).map_err(|error| error.to_string())?;
        if let Ok(alpha) = tensors.tensor(ALPHA) {
            let alpha = expect(ALPHA, &alpha, Dtype::U16, width * height)?;
            picture.alpha = Some(bytemuck::pod_collect_to_vec(alpha));
        }
        if let Ok(excess) = tensors.tensor(EXCESS) {
            picture.excess = Some(floats(EXCESS, &excess, 3 * width * height)?);
        }
        if let Ok(profile) = tensors.tensor(PROFILE) {
            let length = profile.data().len();
            picture.profile = Some(expect(PROFILE, &profile, Dtype::U8, length)?.to_vec());
        }
        picture.depth = depth;
        Ok(picture)
    }
}

/// The cells of a tensor that holds this many finite floats.
pub(crate) fn floats(name: &str, tensor: &TensorView<'_>, cells: usize) -> Result<Vec<f32>, String> {
    let cells: Vec<f32> = bytemuck::pod_collect_to_vec(expect(name, tensor, Dtype::F32, cells)?);
    match cells.iter().all(|cell| cell.is_finite()) {
        true => Ok(cells),
        false => Err(format!("its tensor '{name}' holds values that are not finite")),
    }
}

fn expect<'a>(name: &str, tensor: &TensorView<'a>, dtype: Dtype, cells: usize) -> Result<&'a [u8], String> {
    let found: usize = tensor.shape().iter().product();
    if (tensor.dtype(), found) == (dtype, cells) {
        return Ok(tensor.data());
    }
    let other = tensor.dtype();
    Err(format!("its tensor '{name}' has {found} cells of {other:?}, expected {cells} of {dtype:?}"))
}
