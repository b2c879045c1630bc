// How closely each cell of a map aligns with a direction: d max(c, 0.1)^power, where d is the dot product and c
// the cosine, and the two factors of its gradient. One invocation per cell.

struct Params {
    x: u32,
    direction: u32,
    score: u32,
    slopes: u32,
    blocks: u32, // of channels
    cells: u32,
    power: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read> direction: array<Block>;
@group(0) @binding(3) var<storage, read_write> score: array<f32>;
@group(0) @binding(4) var<storage, read_write> slopes: array<f32>;

/// Keeps lengths away from 0.
const TINY: f32 = 1e-4;
/// The lower bound of a cosine.
const LEAST: f32 = 0.1;

fn sum_of(block: Block) -> f32 {
    let channels = channels_of(block);
    return (channels[0] + channels[1]) + (channels[2] + channels[3]);
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
    var products = Block();
    var squares = Block();
    var lengths = Block();
    for (var block = 0u; block < params.blocks; block += 1u) {
        let value = x[params.x + block * params.cells + cell];
        let along = direction[params.direction + block];
        products += value * along;
        squares += value * value;
        lengths += along * along;
    }
    let product = sum_of(products);
    let own = sqrt(sum_of(squares));
    let cosine = product / ((TINY + own) * (TINY + sqrt(sum_of(lengths))));
    let counted = max(cosine, LEAST);
    var weight = 1.0;
    for (var i = 0u; i < params.power; i += 1u) {
        weight *= counted;
    }
    var along = weight;
    var back = 0.0;
    if cosine > LEAST {
        let power = f32(params.power);
        along = (power + 1.0) * weight;
        back = -power * product * weight / ((TINY + own) * own);
    }
    score[params.score + cell] = product * weight;
    slopes[params.slopes + cell] = along;
    slopes[params.slopes + params.cells + cell] = back;
}
