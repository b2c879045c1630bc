// How much of the change between two pictures a flow explains and leaves in each block. One invocation per block.

struct Params {
    flow: u32, // rows, then columns
    first: u32,
    second: u32,
    y: u32,
    height: u32,
    width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> flow: array<f32>;
@group(0) @binding(2) var<storage, read> first: array<f32>;
@group(0) @binding(3) var<storage, read> second: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

/// A quarter of the difference between two cells, summed over both pictures.
fn slope(after: u32, before: u32) -> f32 {
    let ahead = first[params.first + after] + second[params.second + after];
    return 0.25 * (ahead - first[params.first + before] - second[params.second + before]);
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = invocation_index(workgroup, workgroups, thread);
    let blocks = lines() * across();
    if number >= blocks {
        return;
    }
    let block = corners_of(number);
    let plane = params.height * params.width;
    var sums = vec2<f32>();
    for (var row = block.x; row < block.z; row += 1u) {
        let line = row * params.width;
        let below = min(row + 1u, params.height - 1u) * params.width;
        let above = (row - min(row, 1u)) * params.width;
        for (var column = block.y; column < block.w; column += 1u) {
            let at = line + column;
            let down = slope(below + column, above + column);
            let right = slope(line + min(column + 1u, params.width - 1u), line + column - min(column, 1u));
            let along = flow[params.flow + at] * down + flow[params.flow + plane + at] * right;
            let changed = first[params.first + at] - second[params.second + at];
            let left = (changed - along) * (changed - along);
            sums += vec2<f32>(changed * changed - left, left);
        }
    }
    let means = sums / count(block);
    y[params.y + number] = means.x;
    y[params.y + blocks + number] = means.y;
}
