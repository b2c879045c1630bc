// Patches of the first picture in the second one. The including kernel binds them as `first` and `second`.

const PATCH: u32 = 8u;
const SHARE: f32 = 1.0 / 64.0; // the share of a cell in a patch: a power of two, so exact

/// A cell of the first picture; outside, the cell at the edge.
fn own(row: i32, column: i32) -> f32 {
    let inside = clamp(vec2<i32>(row, column), vec2<i32>(0), vec2<i32>(i32(params.height), i32(params.width)) - 1);
    return first[params.first + u32(inside.x) * params.width + u32(inside.y)];
}

/// The second picture at a position.
fn there(place: vec2<f32>) -> f32 {
    let around = corners(place, params.height, params.width);
    let cells = vec4<f32>(
        second[params.second + around.cells.x],
        second[params.second + around.cells.y],
        second[params.second + around.cells.z],
        second[params.second + around.cells.w],
    );
    return dot(around.weights, cells);
}
