// Each patch takes the best of six displacements, the first one if several are equal. One invocation per patch.

struct Params {
    first: u32,
    second: u32,
    x: u32,
    start: u32,
    y: u32,
    height: u32,
    width: u32,
    stride: u32,
    reach: u32,
    across: u32, // patches in a row
    patches: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> first: array<f32>;
@group(0) @binding(2) var<storage, read> second: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> start: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

/// The displacement of a patch.
fn movement(line: u32, number: u32) -> vec2<f32> {
    let at = params.x + line * params.across + number;
    return vec2<f32>(x[at], x[at + params.patches]);
}

/// The sum of squared differences of a displaced patch after subtracting the difference of the means.
fn misfit(corner: vec2<u32>, moved: vec2<f32>) -> f32 {
    var sum = 0.0;
    var squares = 0.0;
    for (var cell = 0u; cell < PATCH * PATCH; cell += 1u) {
        let at = corner + vec2<u32>(cell / PATCH, cell % PATCH);
        let off = there(vec2<f32>(at) + moved) - own(i32(at.x), i32(at.y));
        sum += off;
        squares += off * off;
    }
    return squares - sum * sum * SHARE;
}

/// Candidate number `which` for a patch.
fn candidate(which: u32, line: u32, number: u32) -> vec2<f32> {
    let down = params.patches / params.across;
    switch which {
        case 0u: { return movement(line, number); }
        case 1u: {
            let at = params.start + line * params.across + number;
            return vec2<f32>(start[at], start[at + params.patches]);
        }
        case 2u: { return movement(line - min(params.reach, line), number); }
        case 3u: { return movement(min(line + params.reach, down - 1u), number); }
        case 4u: { return movement(line, number - min(params.reach, number)); }
        default: { return movement(line, min(number + params.reach, params.across - 1u)); }
    }
}

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
    let line = patch_index / params.across;
    let number = patch_index % params.across;
    let corner = vec2<u32>(line, number) * params.stride;
    var best = candidate(0u, line, number);
    var least = misfit(corner, best);
    for (var which = 1u; which < 6u; which += 1u) {
        let other = candidate(which, line, number);
        let found = misfit(corner, other);
        if found < least {
            least = found;
            best = other;
        }
    }
    y[params.y + patch_index] = best.x;
    y[params.y + params.patches + patch_index] = best.y;
}
