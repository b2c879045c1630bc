// A Gaussian blur in one direction; beyond an edge, the edge's cell is repeated. One invocation per cell.

struct Params {
    x: u32,
    y: u32,
    size: u32, // cells in this direction
    pitch: u32, // distance in memory from one of them to the next
    cells: u32,
    reach: u32,
    sharpness: f32, // factor of the squared distance in the exponent
    low: f32,
    high: f32,
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
    let place = cell / params.pitch % params.size;
    let start = params.x + cell - place * params.pitch;
    var sum = x[params.x + cell];
    var total = 1.0;
    for (var by = 1u; by <= params.reach; by += 1u) {
        let weight = exp(params.sharpness * f32(by * by));
        let before = x[start + (place - min(by, place)) * params.pitch];
        let behind = x[start + min(place + by, params.size - 1u) * params.pitch];
        sum += weight * (before + behind);
        total += 2.0 * weight;
    }
    y[params.y + cell] = clamp(sum / total, params.low, params.high);
}
