//! Takes every `stride`-th cell of a line, and puts them back. The loops are compiled together with their
//! callers, and specialised for the strides that matter.

/// Every `stride`-th cell, from the first on.
#[inline(always)]
pub(super) fn pick(stride: usize, from: &[f32], to: &mut [f32]) {
    match stride {
        1 => to.copy_from_slice(&from[..to.len()]),
        2 => {
            let chunks = from.as_chunks::<16>().0;
            let (whole, rest) = to.as_chunks_mut::<8>();
            let count = whole.len().min(chunks.len());
            // A constant size, which compiles to a handful of instructions.
            for (to, from) in whole.iter_mut().zip(chunks) {
                for (at, to) in to.iter_mut().enumerate() {
                    *to = from[2 * at];
                }
            }
            let rest = whole[count..].as_flattened_mut().iter_mut().chain(rest);
            for (to, &from) in rest.zip(from[16 * count..].iter().step_by(2)) {
                *to = from;
            }
        }
        stride => {
            for (to, &from) in to.iter_mut().zip(from.iter().step_by(stride)) {
                *to = from;
            }
        }
    }
}

/// Puts picked cells (or more) back where they came from: lane `i` begins `i` cells further on.
#[inline(always)]
pub(super) fn weave<'a>(stride: usize, lane: impl Fn(usize) -> &'a [f32], line: &mut [f32]) {
    if stride == 2 && line.len() > 1 {
        let (even, odd) = (lane(0), lane(1));
        let (pairs, last) = line.as_chunks_mut::<2>();
        for ((pair, &even), &odd) in pairs.iter_mut().zip(even).zip(odd) {
            *pair = [even, odd];
        }
        if let Some(last) = last.first_mut() {
            *last = even[pairs.len()];
        }
        return;
    }
    for column in 0..stride.min(line.len()) {
        let cells = line[column..].iter_mut().step_by(stride);
        for (to, &from) in cells.zip(lane(column)) {
            *to = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_picked_is_put_back() {
        for (stride, length) in
            (1..5usize).flat_map(|stride| (1..12usize).map(move |length| (stride, length)))
        {
            let line: Vec<f32> = (1..=length).map(|cell| cell as f32).collect();
            let lanes: Vec<Vec<f32>> = (0..stride.min(length))
                .map(|column| {
                    let mut lane = vec![0.0; (length - column).div_ceil(stride)];
                    pick(stride, &line[column..], &mut lane);
                    let expected: Vec<f32> = line[column..].iter().step_by(stride).copied().collect();
                    assert_eq!(lane, expected, "every {stride} from {column} of {length}");
                    // Lanes may all be as long as the first one.
                    lane.resize(length.div_ceil(stride), f32::NAN);
                    lane
                })
                .collect();
            let mut woven = vec![0.0; length];
            weave(stride, |column| &lanes[column], &mut woven);
            assert_eq!(woven, line, "{stride}");
        }
    }
}
