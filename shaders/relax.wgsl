// Half a sweep of red-black over-relaxation of a flow. One invocation per cell.

struct Params {
    x: u32,
    system: u32,
    y: u32,
    height: u32,
    width: u32,
    odd: u32,
    omega: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> system: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const ALONE: f32 = 1e-6; // the smoothness weight that is assumed for a cell without neighbours

fn flow(at: u32) -> vec2<f32> {
    return vec2<f32>(x[params.x + at], x[params.x + params.height * params.width + at]);
}

/// One number of a cell's equations.
fn equation(channel: u32, at: u32) -> f32 {
    return system[params.system + channel * params.height * params.width + at];
}

/// A weight, and what a neighbour with that weight adds to the right-hand side.
fn meet(weight: f32, at: u32) -> vec3<f32> {
    return vec3<f32>(weight, weight * flow(at));
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let cell = invocation_index(workgroup, workgroups, thread);
    let plane = params.height * params.width;
    if cell >= plane {
        return;
    }
    let row = cell / params.width;
    let column = cell % params.width;
    var to = flow(cell);
    if (row + column) % 2u == params.odd {
        var sum = vec3<f32>(ALONE, equation(3u, cell), equation(4u, cell));
        if row > 0u {
            sum += meet(equation(6u, cell - params.width), cell - params.width);
        }
        if row + 1u < params.height {
            sum += meet(equation(6u, cell), cell + params.width);
        }
        if column > 0u {
            sum += meet(equation(5u, cell - 1u), cell - 1u);
        }
        if column + 1u < params.width {
            sum += meet(equation(5u, cell), cell + 1u);
        }
        let rr = equation(0u, cell) + sum.x;
        let rc = equation(1u, cell);
        let cc = equation(2u, cell) + sum.x;
        let solved = vec2<f32>(cc * sum.y - rc * sum.z, rr * sum.z - rc * sum.y) / (rr * cc - rc * rc);
        to += params.omega * (solved - to);
    }
    y[params.y + cell] = to.x;
    y[params.y + plane + cell] = to.y;
}
