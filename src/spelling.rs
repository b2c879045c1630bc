//! Names that may be meant by a name that is not known.

/// The few names most like `wanted`, best first, the earlier of equals before the later: what an error
/// message offers.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let contained = !wanted.is_empty() && name.contains(&wanted);
        strsim::jaro_winkler(&wanted, &name) + if contained { 1.0 } else { 0.0 }
    };
    let mut scored: Vec<(f64, &str)> = names.map(|name| (likeness(name), name)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}
