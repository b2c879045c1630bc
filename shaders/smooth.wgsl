// The mean of three Gaussians with nine taps per side, mirrored at the edges. One invocation per cell; CHW.

struct Params {
    x: u32,
    y: u32,
    age: u32,
    height: u32,
    width: u32,
    cells: u32,
    sigma: f32,
    growth: f32, // growth of sigma per iteration
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> age: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn mirrored(at: i32, size: i32) -> u32 {
    let last = u32(size - 1);
    let period = max(2u * last, 1u);
    let place = u32(abs(at)) % period;
    return min(min(place, period - place), last);
}

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
    let sigma = (params.sigma + params.growth * age[params.age]) * vec3<f32>(0.5, 1.0, 2.0);
    var bells: array<vec3<f32>, 9>;
    var sum = vec3<f32>(0.0);
    for (var i = 0; i < 9; i++) {
        let place = f32(i - 4) / sigma;
        bells[i] = exp(-0.5 * place * place);
        sum += bells[i];
    }
    for (var i = 0; i < 9; i++) {
        bells[i] /= sum;
    }
    let height = i32(params.height);
    let width = i32(params.width);
    let plane = cell / (params.height * params.width) * (params.height * params.width);
    let row = i32(cell % (params.height * params.width) / params.width);
    let column = i32(cell % params.width);
    var total = 0.0;
    for (var i = 0; i < 9; i++) {
        let line = params.x + plane + mirrored(row + i - 4, height) * params.width;
        for (var j = 0; j < 9; j++) {
            total += dot(bells[i], bells[j]) * x[line + mirrored(column + j - 4, width)];
        }
    }
    y[params.y + cell] = total / 3.0;
}
