//! Which channels of a layer are similar: those that fire for the same pictures.
//!
//! The measure is the correlation of two channels' mean responses to the atlas's own pictures of their layer.

/// The `most` channels that are most similar to each channel, and how similar, from -1 to 1. For each
/// picture, `responses` holds the response of every channel of the layer, averaged over places; `None` if
/// there is no picture. A channel that never fired is similar to none.
///
/// # Panics
/// If the responses do not have as many channels as there are pictures.
pub fn neighbours(responses: &[Option<Vec<f32>>], most: usize) -> Vec<Vec<(usize, f32)>> {
    let channels = responses.len();
    let seen: Vec<&Vec<f32>> = responses.iter().flatten().collect();
    let profiles: Vec<Option<Vec<f32>>> =
        (0..channels).map(|channel| profile(seen.iter().map(|response| response[channel]))).collect();
    let alike = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
    let of = |channel: usize| {
        let Some(own) = &profiles[channel] else { return Vec::new() };
        let others = profiles.iter().enumerate().filter(|&(other, _)| other != channel);
        let mut all: Vec<(usize, f32)> =
            others.filter_map(|(other, its)| Some((other, alike(own, its.as_ref()?)))).collect();
        all.sort_by(|one, other| other.1.total_cmp(&one.1));
        all.truncate(most);
        all
    };
    (0..channels).map(of).collect()
}

/// Responses minus their mean, scaled to norm 1; `None` if they are all equal.
fn profile(responses: impl Iterator<Item = f32> + Clone) -> Option<Vec<f32>> {
    let count = responses.clone().count().max(1) as f64;
    let mean = responses.clone().map(f64::from).sum::<f64>() / count;
    let centred = responses.map(|response| f64::from(response) - mean);
    let length = centred.clone().map(|value| value * value).sum::<f64>().sqrt();
    (length > 0.0).then(|| centred.map(|value| (value / length) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_that_fire_together_are_alike() {
        // One row per picture. Channel 3 never fires and has no picture. Channels 0 and 1 rise together; 2 does
        // the opposite.
        let responses = [
            Some(vec![1.0, 2.0, 5.0, 0.0]),
            Some(vec![2.0, 4.0, 3.0, 0.0]),
            Some(vec![3.0, 6.5, 1.0, 0.0]),
            None,
        ];
        let found = neighbours(&responses, 1);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1, 0]);
        assert_eq!((found[0][0].0, found[1][0].0), (1, 0));
        assert!(found[0][0].1 > 0.99 && found[2][0].1 < -0.98, "{found:?}");
        let all = neighbours(&responses, 9);
        // Exactly opposite, up to the rounding of a sum of three f32 products.
        assert!((all[0][1].1 + 1.0).abs() < 1e-6, "{all:?}");
    }
}
