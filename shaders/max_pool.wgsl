// Maximum over windows clipped to the map; the first maximum in row-major order wins and is recorded as its
// place in the unclipped window. One invocation, one output cell; CHW.

override KERNEL: u32 = 3u;
override STRIDE: u32 = 2u;

struct Params {
    x: u32,
    y: u32,
    choice: u32,
    recorded: u32,
    height: u32,
    width: u32,
    out_height: u32,
    out_width: u32,
    pad_rows: u32,
    pad_columns: u32,
    cells: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> choice: array<f32>;

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
    let row = (cell / params.out_width) % params.out_height;
    let column = cell % params.out_width;
    let plane = params.x + cell / (params.out_width * params.out_height) * (params.height * params.width);
    var best = 0.0;
    var winner = KERNEL * KERNEL; // none yet
    for (var i = 0u; i < KERNEL * KERNEL; i += 1u) {
        let r = row * STRIDE + i / KERNEL - params.pad_rows; // wraps below 0: too large
        let c = column * STRIDE + i % KERNEL - params.pad_columns;
        if r < params.height && c < params.width {
            let value = x[plane + r * params.width + c];
            if winner == KERNEL * KERNEL || value > best {
                best = value;
                winner = i;
            }
        }
    }
    y[params.y + cell] = best;
    if params.recorded != 0u {
        choice[params.choice + cell] = f32(winner);
    }
}
