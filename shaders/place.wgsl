// Where a cell of a transform's output is in its input. The including kernel's Params hold the matrix: m0 to m5.

fn place(row: u32, column: u32) -> vec2<f32> {
    let cell = vec2<f32>(f32(row), f32(column));
    return vec2<f32>(
        params.m0 * cell.x + params.m1 * cell.y + params.m2,
        params.m3 * cell.x + params.m4 * cell.y + params.m5,
    );
}
