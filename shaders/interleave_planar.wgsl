// A map that lies channel by channel.

@group(0) @binding(1) var<storage, read> x: array<f32>;

/// Four channels of a cell. Past the last channel comes that channel again: the matrix is zero there.
fn group(number: u32, cell: u32) -> vec4<f32> {
    let plane = params.height * params.width;
    let at = params.x + 4u * number * plane + cell;
    let last = params.channels - 1u - 4u * number;
    let step = vec3<u32>(min(1u, last), min(2u, last), min(3u, last)) * plane;
    return vec4<f32>(x[at], x[at + step.x], x[at + step.y], x[at + step.z]);
}
