// Means over blocks, each over several maps together. One invocation per block.

struct Params {
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    group: u32, // input maps for each output map
    squared: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    if cell >= params.cells {
        return;
    }
    let blocks = lines() * across();
    let block = corners_of(cell % blocks);
    let plane = params.height * params.width;
    var sum = 0.0;
    for (var map = 0u; map < params.group; map += 1u) {
        let start = params.x + (cell / blocks * params.group + map) * plane;
        for (var row = block.x; row < block.z; row += 1u) {
            for (var column = block.y; column < block.w; column += 1u) {
                let level = x[start + row * params.width + column];
                sum += select(level, level * level, params.squared != 0u);
            }
        }
    }
    y[params.y + cell] = sum / (f32(params.group) * count(block));
}
