//! A direction among the channels of a layer, read from a NumPy file.

use super::ReferenceError;
use crate::dream::objective::{Features, Objective};
use crate::files::npy::Npy;
use crate::net::Weights;

/// A number for each channel of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// The file, as objectives name it.
    pub file: String,
    /// The numbers: finite, and not all 0.
    pub cells: Vec<f32>,
}

impl Direction {
    /// Reads the bytes of a file. Objectives refer to it by the name `file`.
    ///
    /// # Errors
    /// [`ReferenceError::Direction`] says what is wrong with it.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, ReferenceError> {
        let wrong = |reason| ReferenceError::Direction { file: file.to_owned(), reason };
        let cells = numbers(bytes).map_err(wrong)?;
        if let Some((at, number)) = cells.iter().enumerate().find(|(_, number)| !number.is_finite()) {
            return Err(wrong(format!("its number {at} is {number}; finite numbers are accepted")));
        }
        if cells.iter().all(|&number| number == 0.0) {
            return Err(wrong("it is 0, and so points nowhere".to_owned()));
        }
        Ok(Self { file: file.to_owned(), cells })
    }

    /// Checks that it suits every layer of an objective that uses it.
    fn check(&self, objective: &Objective, weights: &Weights) -> Result<(), ReferenceError> {
        let layers = objective.layers(weights).unwrap_or_default();
        let unlike = |&layer: &_| weights.network()[layer].channels != self.cells.len();
        let Some(&layer) = layers.iter().find(|layer| unlike(layer)) else { return Ok(()) };
        let (layer, count) = (&weights.network()[layer], self.cells.len());
        let reason =
            format!("it has {count} numbers, but layer '{}' has {} channels", layer.name, layer.channels);
        Err(ReferenceError::Direction { file: self.file.clone(), reason })
    }
}

/// Adds the directions that objectives use to what the plan is given.
pub(super) fn add(
    directions: &[Direction],
    objectives: &[Objective],
    weights: &Weights,
    features: &mut Features,
) -> Result<(), ReferenceError> {
    for direction in directions {
        let speaking = |objective: &&Objective| objective.direction() == Some(&direction.file);
        objectives.iter().filter(speaking).try_for_each(|objective| direction.check(objective, weights))?;
        features.add_direction(&direction.file, direction.cells.clone());
    }
    Ok(())
}

fn numbers(bytes: &[u8]) -> Result<Vec<f32>, String> {
    let npy = Npy::parse(bytes).ok_or("it is not an array as numpy.save writes it (.npy)")?;
    let descr = npy.number_type().unwrap_or("several");
    let big = descr.starts_with('>');
    let cells: Vec<f32> = match descr.trim_start_matches(['<', '>', '=']) {
        "f4" => {
            of_size(
                npy.numbers,
                |bytes| if big { f32::from_be_bytes(bytes) } else { f32::from_le_bytes(bytes) },
            )?
        }
        "f8" => of_size(npy.numbers, |bytes| {
            (if big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }) as f32
        })?,
        _ => return Err(format!("its numbers are of the type {descr:?}; f4 and f8 are accepted")),
    };
    match npy.shape(8).as_deref() {
        Some(&[length]) if length == cells.len() => Ok(cells),
        Some(&[length]) => Err(format!("it holds {} numbers, but says that they are {length}", cells.len())),
        Some(shape) => Err(format!("its shape is {shape:?}; one number for each channel is accepted, [C]")),
        None => Err("its header has no shape".to_owned()),
    }
}

fn of_size<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Result<Vec<f32>, String> {
    let (numbers, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err("it ends within a number".to_owned());
    }
    Ok(numbers.iter().map(|&bytes| number(bytes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(descr: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), numbers].concat()
    }

    #[test]
    fn both_kinds_of_floats_are_read() {
        let single: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        let double: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|number| number.to_be_bytes()).collect();
        for (descr, numbers) in [("<f4", single), (">f8", double)] {
            let read = Direction::read("v.npy", &npy(descr, "(2,)", &numbers)).expect(descr);
            assert_eq!(read, Direction { file: "v.npy".to_owned(), cells: vec![1.5, -2.0] });
        }
    }

    #[test]
    fn what_is_no_direction_is_told() {
        let floats =
            |numbers: &[f32]| -> Vec<u8> { numbers.iter().flat_map(|number| number.to_le_bytes()).collect() };
        let two = floats(&[1.0, 2.0]);
        for (bytes, words) in [
            (b"not an array".to_vec(), "numpy.save"),
            (npy("<f4", "(2,)", &two)[..20].to_vec(), "numpy.save"),
            (npy("<i8", "(1,)", &two), "\"<i8\"; f4 and f8"),
            (npy("<f4", "(2, 1)", &two), "shape is [2, 1]"),
            (npy("<f4", "()", &two), "shape is []"),
            (npy("<f4", "(3,)", &two), "holds 2 numbers"),
            (npy("<f4", "(2,)", &two[..7]), "within a number"),
            (npy("<f4", "(2,)", &floats(&[1.0, f32::NAN])), "number 1 is NaN"),
            (npy("<f8", "(1,)", &1e300f64.to_le_bytes()), "number 0 is inf"),
            (npy("<f4", "(2,)", &floats(&[0.0, -0.0])), "points nowhere"),
        ] {
            let error = Direction::read("v.npy", &bytes).expect_err(words).to_string();
            assert!(error.contains(words) && error.starts_with("the direction 'v.npy': "), "{error}");
        }
    }
}
