// For each cell of a map, the column of a guide that it is most similar to: the first of those with the largest
// dot product over the channels. NaN counts as larger than any number, so that it shows. One workgroup per 32
// cells; it goes through the guide 64 columns at a time. Each thread handles two cells and four columns, and 16
// threads share a pair of cells.

struct Params {
    x: u32,
    guide: u32,
    choice: u32,
    score: u32,
    blocks: u32, // of channels
    cells: u32,
    columns: u32,
    first_group: u32, // a large match is dispatched in pieces
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Block>;
@group(0) @binding(2) var<storage, read> guide: array<Block>;
@group(0) @binding(3) var<storage, read_write> choice: array<f32>;
@group(0) @binding(4) var<storage, read_write> score: array<f32>;

const CELLS: u32 = 32u;
const COLUMNS: u32 = 64u;
const INNER: u32 = 16u;
const LANES: u32 = 16u;

var<workgroup> left: array<f32, 512>; // INNER x CELLS
var<workgroup> right: array<f32, 1024>; // INNER x COLUMNS
var<workgroup> scores: array<f32, 512>; // CELLS x LANES
var<workgroup> winners: array<u32, 512>;

struct Best {
    score: f32,
    column: u32,
}

/// The state before any column; no column has this number.
fn none() -> Best {
    return Best(0.0, params.columns);
}

/// Tested by its bits, because compilers may assume that there are no NaNs.
fn is_nan(score: f32) -> bool {
    return (bitcast<u32>(score) & 0x7fffffffu) > 0x7f800000u;
}

fn is_larger(a: f32, b: f32) -> bool {
    return !is_nan(b) && (is_nan(a) || a > b);
}

/// Later columns must be strictly better.
fn better(best: Best, score: f32, column: u32) -> Best {
    if column < params.columns && (best.column == params.columns || is_larger(score, best.score)) {
        return Best(score, column);
    }
    return best;
}

/// The better of two, either of which may have the earlier column.
fn best_of_two(a: Best, b: Best) -> Best {
    if a.column < b.column {
        return better(a, b.score, b.column);
    }
    return better(b, a.score, a.column);
}

fn best_of(best: Best, sums: vec4<f32>, column: u32) -> Best {
    var next = better(best, sums.x, column);
    next = better(next, sums.y, column + LANES);
    next = better(next, sums.z, column + 2u * LANES);
    return better(next, sums.w, column + 3u * LANES);
}

/// Loads some channels of the workgroup's cells and of some columns; zeros where there are none.
fn load(first_cell: u32, first_column: u32, first_block: u32, thread: u32) {
    for (var i = thread; i < INNER / BLOCK * CELLS; i += INVOCATIONS) {
        let block = first_block + i / CELLS;
        let cell = first_cell + i % CELLS;
        var value = Block();
        if block < params.blocks && cell < params.cells {
            value = x[params.x + block * params.cells + cell];
        }
        let channels = channels_of(value);
        for (var j = 0u; j < BLOCK; j++) {
            left[(i / CELLS * BLOCK + j) * CELLS + i % CELLS] = channels[j];
        }
    }
    for (var i = thread; i < INNER / BLOCK * COLUMNS; i += INVOCATIONS) {
        let block = first_block + i / COLUMNS;
        let column = first_column + i % COLUMNS;
        var value = Block();
        if block < params.blocks && column < params.columns {
            value = guide[params.guide + block * params.columns + column];
        }
        let channels = channels_of(value);
        for (var j = 0u; j < BLOCK; j++) {
            right[(i / COLUMNS * BLOCK + j) * COLUMNS + i % COLUMNS] = channels[j];
        }
    }
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first_cell = (params.first_group + workgroup.x) * CELLS;
    let pair = 2u * (thread / LANES);
    let lane = thread % LANES;
    var best0 = none();
    var best1 = none();
    for (var first_column = 0u; first_column < params.columns; first_column += COLUMNS) {
        var sums0 = vec4<f32>();
        var sums1 = vec4<f32>();
        for (var first_block = 0u; first_block < params.blocks; first_block += INNER / BLOCK) {
            load(first_cell, first_column, first_block, thread);
            workgroupBarrier();
            for (var inner = 0u; inner < INNER; inner++) {
                let at = inner * COLUMNS + lane;
                let columns = vec4(right[at], right[at + LANES], right[at + 2u * LANES], right[at + 3u * LANES]);
                sums0 += left[inner * CELLS + pair] * columns;
                sums1 += left[inner * CELLS + pair + 1u] * columns;
            }
            workgroupBarrier();
        }
        best0 = best_of(best0, sums0, first_column + lane);
        best1 = best_of(best1, sums1, first_column + lane);
    }
    scores[pair * LANES + lane] = best0.score;
    winners[pair * LANES + lane] = best0.column;
    scores[(pair + 1u) * LANES + lane] = best1.score;
    winners[(pair + 1u) * LANES + lane] = best1.column;
    workgroupBarrier();

    let cell = first_cell + thread;
    if thread >= CELLS || cell >= params.cells {
        return;
    }
    var best = none();
    for (var i = thread * LANES; i < (thread + 1u) * LANES; i++) {
        best = best_of_two(best, Best(scores[i], winners[i]));
    }
    choice[params.choice + cell] = f32(best.column);
    score[params.score + cell] = best.score;
}
