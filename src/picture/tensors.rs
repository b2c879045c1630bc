//! A picture as tensors, exact to the last bit, as checkpoints store it.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::coding::Coding;
use super::{Depth, Picture, check_size};
use crate::extent::Extent;

/// The suffixes of the tensors for the parts of a picture, after the picture's name.
const ALPHA: &str = ".alpha";
const EXCESS: &str = ".excess";
const PROFILE: &str = ".profile";
const CODING: &str = ".coding";

/// Name, type, shape and bytes of a tensor.
pub(crate) type NamedTensor<'a> = (String, Dtype, Vec<usize>, &'a [u8]);

impl Picture {
    /// Everything but the depth, as tensors named after the picture.
    pub(crate) fn tensors(&self, name: &str) -> Vec<NamedTensor<'_>> {
        let planes = || vec![3, self.extent.height, self.extent.width];
        let of = |part: &str| format!("{name}{part}");
        let mut tensors = vec![(of(""), Dtype::F32, planes(), bytemuck::cast_slice(&self.rgb))];
        if let Some(alpha) = &self.alpha {
            let shape = vec![self.extent.height, self.extent.width];
            tensors.push((of(ALPHA), Dtype::U16, shape, bytemuck::cast_slice(alpha)));
        }
        if let Some(excess) = &self.excess {
            tensors.push((of(EXCESS), Dtype::F32, planes(), bytemuck::cast_slice(excess)));
        }
        if let Some(profile) = &self.profile {
            tensors.push((of(PROFILE), Dtype::U8, vec![profile.len()], profile));
        }
        if let Some(coding) = self.coding.as_ref().map(Coding::as_bytes) {
            tensors.push((of(CODING), Dtype::U8, vec![coding.len()], coding));
        }
        tensors
    }

    /// The picture in these tensors, or what is wrong with them.
    pub(crate) fn from_tensors(tensors: &SafeTensors<'_>, name: &str, depth: Depth) -> Result<Self, String> {
        let colours = tensors.tensor(name).map_err(|_| format!("it holds no tensor '{name}'"))?;
        let [3, height, width] = *colours.shape() else {
            let shape = colours.shape();
            return Err(format!("its tensor '{name}' is {shape:?}, expected [3, height, width]"));
        };
        let extent = Extent { height, width };
        check_size(extent).map_err(|error| error.to_string())?;
        let rgb = floats(name, &colours, 3 * extent.plane())?;
        let mut picture = Self::from_rgb(extent, rgb).map_err(|error| error.to_string())?;
        let part = |part: &str| {
            let name = format!("{name}{part}");
            tensors.tensor(&name).ok().map(|tensor| (name, tensor))
        };
        if let Some((name, alpha)) = part(ALPHA) {
            let alpha = expect(&name, &alpha, Dtype::U16, extent.plane())?;
            picture.alpha = Some(bytemuck::pod_collect_to_vec(alpha));
        }
        if let Some((name, excess)) = part(EXCESS) {
            picture.excess = Some(floats(&name, &excess, 3 * extent.plane())?);
        }
        if let Some((name, profile)) = part(PROFILE) {
            let length = profile.data().len();
            picture.profile = Some(expect(&name, &profile, Dtype::U8, length)?.to_vec());
        }
        if let Some((name, coding)) = part(CODING) {
            let coding = Coding::from_bytes(expect(&name, &coding, Dtype::U8, coding.data().len())?);
            picture.coding =
                Some(coding.ok_or_else(|| format!("its tensor '{name}' holds no chunks of a PNG"))?);
        }
        picture.depth = depth;
        Ok(picture)
    }
}

/// The values of a tensor that holds this many finite floats.
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
