// x = (x - m) t / max(d, 1e-10) + b, in place; `levels` holds m, d, b, t. One invocation per cell.

struct Params {
    x: u32,
    levels: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> levels: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

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
    let rate = levels[params.levels + 3u] / max(levels[params.levels + 1u], 1e-10);
    x[params.x + cell] = (x[params.x + cell] - levels[params.levels]) * rate + levels[params.levels + 2u];
}
