// The four cells around a position, and their weights; a position outside counts as the nearest one on the edge.

struct Corners {
    cells: vec4<u32>,
    weights: vec4<f32>,
}

/// The two cells of a row around a position, and how near the second one is.
struct Between {
    low: u32,
    high: u32,
    part: f32,
}

fn between(place: f32, size: u32) -> Between {
    let at = clamp(place, 0.0, f32(size - 1u));
    let low = min(u32(at), size - 1u);
    return Between(low, min(low + 1u, size - 1u), at - f32(low));
}

fn corners(place: vec2<f32>, height: u32, width: u32) -> Corners {
    let row = between(place.x, height);
    let column = between(place.y, width);
    let above = row.low * width;
    let below = row.high * width;
    let cells = vec4<u32>(above + column.low, above + column.high, below + column.low, below + column.high);
    let down = vec2<f32>(1.0 - row.part, row.part);
    let across = vec2<f32>(1.0 - column.part, column.part);
    return Corners(cells, down.xxyy * across.xyxy);
}
