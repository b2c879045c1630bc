//! Diagnoses weights from their numbers alone.

use super::Tensor;

/// Statistics of a tensor's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The square root of the sum of squares.
    pub norm: f64,
    /// The smallest number.
    pub min: f32,
    /// The largest number.
    pub max: f32,
    /// The fraction that is exactly zero.
    pub zeros: f64,
    /// How many are infinite or NaN; only the others are measured.
    pub broken: usize,
}

/// A finding about the weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The weights will not work as they are.
    Trouble(String),
    /// What the numbers suggest, and how certain that is.
    Hint(String),
}

/// Measures a tensor.
pub fn measure(tensor: &Tensor) -> Measured {
    let mut measured =
        Measured { norm: 0.0, min: f32::INFINITY, max: f32::NEG_INFINITY, zeros: 0.0, broken: 0 };
    let mut zeros = 0;
    for &value in &tensor.data {
        if !value.is_finite() {
            measured.broken += 1;
            continue;
        }
        measured.norm += f64::from(value).powi(2);
        measured.min = measured.min.min(value);
        measured.max = measured.max.max(value);
        zeros += usize::from(value == 0.0);
    }
    measured.norm = measured.norm.sqrt();
    measured.zeros = zeros as f64 / tensor.data.len().max(1) as f64;
    measured
}

/// Examines all tensors for problems.
pub fn examine(tensors: &[Tensor]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for tensor in tensors {
        let name = &tensor.name;
        let Measured { broken, zeros, .. } = measure(tensor);
        if broken > 0 {
            findings.push(Finding::Trouble(format!("{name} holds {broken} values that are not finite")));
        } else if name.ends_with(".weight") && zeros == 1.0 {
            findings.push(Finding::Trouble(format!("{name} is zero throughout")));
        } else if let Some(order) = suspected_order(tensor) {
            findings.push(Finding::Trouble(format!(
                "{name} looks scrambled: its filters are smoother with its numbers read in the order {order} (or its \
                 mirror) than as OIHW"
            )));
        }
    }
    if let Some(conv1) = tensors.iter().find(|tensor| tensor.name == "conv1/7x7_s2.weight") {
        findings.extend(look_at_first_layer(conv1));
    }
    findings
}

/// The roughness from which filters count as noise. Independent numbers have 1; the filters of trained networks
/// have 0.06 to 0.94 (BVLC's and the embedded one's).
const NOISE: f64 = 0.97;
/// The ratio of roughness below which another order counts as smoother. The roughness of n independent numbers is
/// uncertain by about 1/sqrt(n), which is 1% for the smallest tensors examined; true orders were 6% to 90%
/// smoother than wrong ones.
const SMOOTHER: f64 = 0.96;
/// The least numbers that a tensor must have to be judged: fewer tell nothing.
const ENOUGH: usize = 9000;

/// The order of a tensor's axes, slowest first, if its numbers seem to be stored in another order than the shape
/// says: as TensorFlow stores them, or from an array that was transposed without being copied. Orders that differ
/// only in which of O and I, or of H and W, comes first have the same neighbours.
fn suspected_order(tensor: &Tensor) -> Option<&'static str> {
    let shape = filters_of(tensor)?;
    let found = roughness(&tensor.data, shape, "OIHW");
    let rough = |order| roughness(&tensor.data, shape, order);
    let orders = ["HWIO", "OHWI", "IHWO"].map(|order| (rough(order), order));
    let (smoothest, order) = orders.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    (smoothest < SMOOTHER * found).then_some(order)
}

/// The shape of a tensor of spatial filters that is large enough to be judged.
fn filters_of(tensor: &Tensor) -> Option<[usize; 4]> {
    let shape: [usize; 4] = tensor.shape[..].try_into().ok()?;
    let product = shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
    let spatial = shape[2] > 1 && shape[3] > 1;
    (spatial && product == Some(tensor.data.len()) && tensor.data.len() >= ENOUGH).then_some(shape)
}

/// The mean square of the differences between neighbouring taps, relative to that of independent numbers. `order`
/// names the axes of `data`, slowest first; `shape` is OIHW.
fn roughness(data: &[f32], shape: [usize; 4], order: &str) -> f64 {
    let mut strides = [0; 4];
    let mut stride = 1;
    for axis in order.bytes().rev() {
        let axis = "OIHW".bytes().position(|known| known == axis).expect("an order of O, I, H and W");
        strides[axis] = stride;
        stride *= shape[axis];
    }
    let [outputs, inputs, height, width] = shape;
    let tap = |o, i, y, x| f64::from(data[o * strides[0] + i * strides[1] + y * strides[2] + x * strides[3]]);
    let (mut differences, mut pairs, mut squares) = (0.0, 0usize, 0.0);
    for o in 0..outputs {
        for i in 0..inputs {
            for y in 0..height {
                for x in 0..width {
                    let here: f64 = tap(o, i, y, x);
                    squares += here * here;
                    if x + 1 < width {
                        differences += (here - tap(o, i, y, x + 1)).powi(2);
                        pairs += 1;
                    }
                    if y + 1 < height {
                        differences += (here - tap(o, i, y + 1, x)).powi(2);
                        pairs += 1;
                    }
                }
            }
        }
    }
    let mean_square = squares / data.len() as f64;
    if mean_square > 0.0 { differences / pairs as f64 / (2.0 * mean_square) } else { 0.0 }
}

/// Examines the first layer. It sees colours and its filters are pictures, so it is the only part of the network
/// that can be judged by eye.
fn look_at_first_layer(conv1: &Tensor) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(shape) = filters_of(conv1).filter(|shape| shape[1] == 3) else { return findings };
    if roughness(&conv1.data, shape, "OIHW") > NOISE && suspected_order(conv1).is_none() {
        findings.push(Finding::Hint(
            "the filters of conv1 are as rough as noise: they are untrained, or scrambled in no order that is \
             known here"
                .to_owned(),
        ));
        return findings;
    }
    let plane = shape[2] * shape[3];
    let norm = |colour: usize| {
        let planes = conv1.data.chunks_exact(plane).skip(colour).step_by(3);
        planes.flatten().map(|&tap| f64::from(tap).powi(2)).sum::<f64>().sqrt()
    };
    let ratio = norm(0) / norm(2);
    let order = match ratio {
        ratio if ratio < 0.95 => "BGR, as is right here",
        ratio if ratio > 1.0 / 0.95 => "RGB, which would be wrong here",
        _ => "neither order",
    };
    findings.push(Finding::Hint(format!(
        "conv1 weighs its first colour {ratio:.2} times as much as its third; blue tends to weigh least, so this \
         suggests {order}. That rule was seen in two networks only"
    )));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Weights;

    /// The spatial filters of the embedded network.
    fn trained() -> Vec<Tensor> {
        let weights = Weights::embedded();
        let network = weights.network();
        let spatial = network.ids().filter_map(|id| Some((id, network.filter_shape(id)?)));
        let tensor = |(id, shape): (_, [usize; 4])| Tensor {
            name: format!("{}.weight", network[id].name),
            shape: shape.to_vec(),
            data: weights.filter(id).weight.clone(),
        };
        spatial.map(tensor).filter(|tensor| filters_of(tensor).is_some()).collect()
    }

    /// The same numbers in the order of other axes, but still with the shape of OIHW: the result of a forgotten
    /// copy.
    fn scrambled(tensor: &Tensor, order: [usize; 4]) -> Tensor {
        let shape = filters_of(tensor).expect("filters");
        let mut data = Vec::with_capacity(tensor.data.len());
        let sides = order.map(|axis| shape[axis]);
        for index in 0..tensor.data.len() {
            let mut rest = index;
            let mut at = [0; 4];
            for place in (0..4).rev() {
                at[order[place]] = rest % sides[place];
                rest /= sides[place];
            }
            data.push(tensor.data[((at[0] * shape[1] + at[1]) * shape[2] + at[2]) * shape[3] + at[3]]);
        }
        Tensor { data, ..tensor.clone() }
    }

    fn troubles(tensors: &[Tensor]) -> Vec<String> {
        let trouble = |finding| if let Finding::Trouble(text) = finding { Some(text) } else { None };
        examine(tensors).into_iter().filter_map(trouble).collect()
    }

    #[test]
    fn a_trained_network_is_well() {
        assert_eq!(trained().len(), 20);
        assert_eq!(troubles(&trained()), Vec::<String>::new());
    }

    #[test]
    fn every_scrambled_tensor_is_told_with_its_order() {
        for tensor in trained() {
            for (order, name) in [
                ([2, 3, 1, 0], "HWIO"),
                ([3, 2, 1, 0], "HWIO"),
                ([0, 2, 3, 1], "OHWI"),
                ([1, 2, 3, 0], "IHWO"),
            ] {
                let found = troubles(&[scrambled(&tensor, order)]);
                assert_eq!(found.len(), 1, "{} {name}", tensor.name);
                assert!(found[0].contains(name), "{name}: {}", found[0]);
            }
        }
    }

    #[test]
    fn holes_are_found() {
        let tensor =
            |data: &[f32]| Tensor { name: "a.weight".into(), shape: vec![data.len()], data: data.to_vec() };
        assert_eq!(
            troubles(&[tensor(&[1.0, f32::NAN, f32::INFINITY])]),
            ["a.weight holds 2 values that are not finite"]
        );
        assert_eq!(troubles(&[tensor(&[0.0, 0.0])]), ["a.weight is zero throughout"]);
        assert!(troubles(&[tensor(&[0.0, 1.0])]).is_empty());
        let measured = measure(&tensor(&[3.0, 0.0, -4.0, 0.0, f32::NAN]));
        assert_eq!((measured.norm, measured.min, measured.max), (5.0, -4.0, 3.0));
        assert_eq!((measured.zeros, measured.broken), (0.4, 1));
    }

    #[test]
    fn swapped_colours_change_the_hint() {
        let conv1 = trained().swap_remove(0);
        let swapped = scrambled_colours(&conv1);
        let hint = |tensor: &Tensor| format!("{:?}", look_at_first_layer(tensor));
        assert!(hint(&conv1).contains("BGR"), "{}", hint(&conv1));
        assert!(hint(&swapped).contains("RGB, which would be wrong"), "{}", hint(&swapped));
    }

    fn scrambled_colours(conv1: &Tensor) -> Tensor {
        let mut data = Vec::new();
        for filter in conv1.data.chunks_exact(3 * 49) {
            data.extend(filter.chunks_exact(49).rev().flatten());
        }
        Tensor { data, ..conv1.clone() }
    }
}
