// The peak arithmetic of an adapter: sixteen independent chains of vec4 fma per invocation, without memory
// accesses.

struct Params {
    rounds: u32,
    seed: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

fn four(a: vec4<f32>, c: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
    return fma(a, fma(a, fma(a, fma(a, c, b), b), b), b);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let b = vec4<f32>(params.seed, params.seed + 0.25, params.seed + 0.5, params.seed + 0.75);
    let a = vec4<f32>(1.0 - params.seed * f32(id.x));
    var c0 = b; var c1 = b + 1.0; var c2 = b + 2.0; var c3 = b + 3.0;
    var c4 = b + 4.0; var c5 = b + 5.0; var c6 = b + 6.0; var c7 = b + 7.0;
    var c8 = b + 8.0; var c9 = b + 9.0; var c10 = b + 10.0; var c11 = b + 11.0;
    var c12 = b + 12.0; var c13 = b + 13.0; var c14 = b + 14.0; var c15 = b + 15.0;
    for (var round = 0u; round < params.rounds; round += 1u) {
        // Four in a row: on a processor, storing a value that outlives a loop iteration costs as much as
        // computing it.
        c0 = four(a, c0, b); c1 = four(a, c1, b); c2 = four(a, c2, b); c3 = four(a, c3, b);
        c4 = four(a, c4, b); c5 = four(a, c5, b); c6 = four(a, c6, b); c7 = four(a, c7, b);
        c8 = four(a, c8, b); c9 = four(a, c9, b); c10 = four(a, c10, b); c11 = four(a, c11, b);
        c12 = four(a, c12, b); c13 = four(a, c13, b); c14 = four(a, c14, b); c15 = four(a, c15, b);
    }
    let low = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7;
    let sum = low + c8 + c9 + c10 + c11 + c12 + c13 + c14 + c15;
    y[id.x] = sum.x + sum.y + sum.z + sum.w;
}
