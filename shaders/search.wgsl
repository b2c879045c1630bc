// One Gauss-Newton step of the inverse search. One invocation per patch.

struct Params {
    first: u32,
    second: u32,
    x: u32,
    y: u32,
    height: u32,
    width: u32,
    stride: u32,
    across: u32, // patches in a row
    patches: u32,
    damping: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> first: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let patch_index = invocation_index(workgroup, workgroups, thread);
    if patch_index >= params.patches {
        return;
    }
    let moved = vec2<f32>(x[params.x + patch_index], x[params.x + params.patches + patch_index]);
    let corner = vec2<u32>(patch_index / params.across, patch_index % params.across) * params.stride;
    // Sums of the gradient, of the differences, and of their products: rr, rc, cc, and each component times the
    // difference.
    var gradients = vec2<f32>();
    var offs = 0.0;
    var products = vec3<f32>();
    var with_off = vec2<f32>();
    for (var cell = 0u; cell < PATCH * PATCH; cell += 1u) {
        let at = corner + vec2<u32>(cell / PATCH, cell % PATCH);
        let row = i32(at.x);
        let column = i32(at.y);
        let down = 0.5 * (own(row + 1, column) - own(row - 1, column));
        let right = 0.5 * (own(row, column + 1) - own(row, column - 1));
        let off = there(vec2<f32>(at) + moved) - own(row, column);
        gradients += vec2<f32>(down, right);
        offs += off;
        products += vec3<f32>(down * down, down * right, right * right);
        with_off += off * vec2<f32>(down, right);
    }
    let matrix = products - gradients.xxy * gradients.xyy * SHARE + vec3<f32>(params.damping, 0.0, params.damping);
    let side = with_off - offs * gradients * SHARE;
    let determinant = matrix.x * matrix.z - matrix.y * matrix.y;
    let solved = vec2<f32>(matrix.z * side.x - matrix.y * side.y, matrix.x * side.y - matrix.y * side.x) / determinant;
    y[params.y + patch_index] = moved.x - solved.x;
    y[params.y + params.patches + patch_index] = moved.y - solved.y;
}
