// Every convolution, and every input gradient of one, for adapters whose subgroups are eight invocations wide. It
// differs from conv.wgsl in where operands come from and in which order: all taps of four channels, then the next
// four channels.
//
// On such adapters, loads are slow and broadcasts are cheap. A subgroup owns ROWS rows x 8 COLUMNS columns of the
// output: each invocation holds all rows of COLUMNS columns, eight apart. The sources were put into a texture
// before, so that one cheap load fetches four inner cells of a column. All invocations together load the matrix's
// rows for these four cells once, one vec4 each, and broadcast them. Nothing is shared beyond the subgroup, so
// there is no workgroup memory and no barrier.
//
// In the parameters, the first source is what is in the texture: its first texel, and the channels of both
// sources, each rounded up to a multiple of four.
//
// The sums only become registers if every index into them is a constant, and compilers do not unroll loops as
// long as ROWS. So everything that goes over all rows is written out, in steps of four rows. There are seven
// columns because with eight, the loop is about as long as a processor keeps decoded: it then runs a fifth
// slower, or not, by chance.

override ROWS: u32 = 32u; // rows of the output that a subgroup owns: 8, 12, 16 or 32
override COLUMNS: u32 = 7u; // columns of an invocation, eight apart: 4 or 7

@group(0) @binding(1) var matrix: texture_storage_2d<rgba32float, read>;
@group(0) @binding(6) var patches: texture_storage_2d<rgba32float, read>;

const LANES: u32 = 8u;

var<private> sums: array<vec4<f32>, 56>; // [row / 4][column]
var<private> totals: array<vec4<f32>, 56>; // sums of the taps before, see rest()

var<private> corners: array<Corner, 7>; // of its columns
var<private> starts: array<Start, 8>; // of its rows, four at a time

/// Four inner cells of this invocation's columns.
alias Cells = array<vec4<f32>, 7>;

/// The first layer sums 147 products of grey levels before maxima choose between neighbours. If it is summed row
/// by row of its window, rounding errors grow with 7 and 7 terms instead of 49.
const RUN: u32 = 7u;

fn rest4(quad: u32) {
    for (var i = 0u; i < COLUMNS; i += 1u) {
        totals[quad * COLUMNS + i] += sums[quad * COLUMNS + i];
        sums[quad * COLUMNS + i] = vec4<f32>();
    }
}

/// totals += sums, then resets the sums.
fn rest() {
    rest4(0u);
    rest4(1u);
    if ROWS > 8u {
        rest4(2u);
    }
    if ROWS > 12u {
        rest4(3u);
    }
    if ROWS > 16u {
        rest4(4u);
        rest4(5u);
        rest4(6u);
        rest4(7u);
    }
}

/// a b for four rows and four inner cells.
fn four(a0: vec4<f32>, a1: vec4<f32>, a2: vec4<f32>, a3: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
    return fma(a3, vec4<f32>(b.w), fma(a2, vec4<f32>(b.z), fma(a1, vec4<f32>(b.y), a0 * b.x)));
}

/// sums += four rows of the matrix x four inner cells of every column. All columns are done in one go: a variable
/// that outlives a loop iteration is written through the loop's mask, which costs as much as a product.
fn mac4(quad: u32, a0: vec4<f32>, a1: vec4<f32>, a2: vec4<f32>, a3: vec4<f32>, cells: Cells) {
    let first = quad * COLUMNS;
    sums[first] += four(a0, a1, a2, a3, cells[0]);
    sums[first + 1u] += four(a0, a1, a2, a3, cells[1]);
    sums[first + 2u] += four(a0, a1, a2, a3, cells[2]);
    sums[first + 3u] += four(a0, a1, a2, a3, cells[3]);
    if COLUMNS == 7u {
        sums[first + 4u] += four(a0, a1, a2, a3, cells[4]);
        sums[first + 5u] += four(a0, a1, a2, a3, cells[5]);
        sums[first + 6u] += four(a0, a1, a2, a3, cells[6]);
    }
}

fn load_rows(at: u32) -> vec4<f32> {
    return textureLoad(matrix, place_of(at));
}

/// Four channels of the cell under a tap; `first` is where a window at the origin finds them. Cells outside are
/// read from the first texel, which is zero.
fn load_cells(first: u32, ky: u32, kx: u32, corner: Corner) -> vec4<f32> {
    let inside = (corner.y + ky < params.height) & (corner.x + kx < params.width);
    return textureLoad(patches, place_of(select(0u, first + corner.cell, inside)));
}

/// Where vec4 `index` of a step's [inner cell][row / 4] is in the matrix, which is packed as [row / 4][inner
/// cell] whatever the tile. Past the last rows, these are read again, but the results are not written.
fn place_of_rows(index: u32, first_row: u32, pitch: u32) -> u32 {
    let quad = min(first_row / 4u + index % (ROWS / 4u), (params.rows - 1u) / 4u);
    return quad * pitch + index / (ROWS / 4u);
}

/// sums += the matrix's rows x four inner cells. Every load fetches eight vec4: the first load at `at`, and for
/// twelve rows the second one at `upper`.
fn multiply(at: u32, upper: u32, cells: Cells) {
    let a = load_rows(at);
    if ROWS == 8u {
        mac4(
            0u, subgroupBroadcast(a, 0u), subgroupBroadcast(a, 2u),
            subgroupBroadcast(a, 4u), subgroupBroadcast(a, 6u), cells,
        );
        mac4(
            1u, subgroupBroadcast(a, 1u), subgroupBroadcast(a, 3u),
            subgroupBroadcast(a, 5u), subgroupBroadcast(a, 7u), cells,
        );
        return;
    }
    if ROWS == 12u {
        let b = load_rows(upper); // the last four of twelve are its upper lanes
        mac4(
            0u, subgroupBroadcast(a, 0u), subgroupBroadcast(a, 3u),
            subgroupBroadcast(a, 6u), subgroupBroadcast(b, 5u), cells,
        );
        mac4(
            1u, subgroupBroadcast(a, 1u), subgroupBroadcast(a, 4u),
            subgroupBroadcast(a, 7u), subgroupBroadcast(b, 6u), cells,
        );
        mac4(
            2u, subgroupBroadcast(a, 2u), subgroupBroadcast(a, 5u),
            subgroupBroadcast(b, 4u), subgroupBroadcast(b, 7u), cells,
        );
        return;
    }
    if ROWS == 16u {
        let b = load_rows(at + 2u);
        mac4(
            0u, subgroupBroadcast(a, 0u), subgroupBroadcast(a, 4u),
            subgroupBroadcast(b, 0u), subgroupBroadcast(b, 4u), cells,
        );
        mac4(
            1u, subgroupBroadcast(a, 1u), subgroupBroadcast(a, 5u),
            subgroupBroadcast(b, 1u), subgroupBroadcast(b, 5u), cells,
        );
        mac4(
            2u, subgroupBroadcast(a, 2u), subgroupBroadcast(a, 6u),
            subgroupBroadcast(b, 2u), subgroupBroadcast(b, 6u), cells,
        );
        mac4(
            3u, subgroupBroadcast(a, 3u), subgroupBroadcast(a, 7u),
            subgroupBroadcast(b, 3u), subgroupBroadcast(b, 7u), cells,
        );
        return;
    }
    let b = load_rows(at + 1u);
    let c = load_rows(at + 2u);
    let d = load_rows(at + 3u);
    mac4(
        0u, subgroupBroadcast(a, 0u), subgroupBroadcast(b, 0u),
        subgroupBroadcast(c, 0u), subgroupBroadcast(d, 0u), cells,
    );
    mac4(
        1u, subgroupBroadcast(a, 1u), subgroupBroadcast(b, 1u),
        subgroupBroadcast(c, 1u), subgroupBroadcast(d, 1u), cells,
    );
    mac4(
        2u, subgroupBroadcast(a, 2u), subgroupBroadcast(b, 2u),
        subgroupBroadcast(c, 2u), subgroupBroadcast(d, 2u), cells,
    );
    mac4(
        3u, subgroupBroadcast(a, 3u), subgroupBroadcast(b, 3u),
        subgroupBroadcast(c, 3u), subgroupBroadcast(d, 3u), cells,
    );
    mac4(
        4u, subgroupBroadcast(a, 4u), subgroupBroadcast(b, 4u),
        subgroupBroadcast(c, 4u), subgroupBroadcast(d, 4u), cells,
    );
    mac4(
        5u, subgroupBroadcast(a, 5u), subgroupBroadcast(b, 5u),
        subgroupBroadcast(c, 5u), subgroupBroadcast(d, 5u), cells,
    );
    mac4(
        6u, subgroupBroadcast(a, 6u), subgroupBroadcast(b, 6u),
        subgroupBroadcast(c, 6u), subgroupBroadcast(d, 6u), cells,
    );
    mac4(
        7u, subgroupBroadcast(a, 7u), subgroupBroadcast(b, 7u),
        subgroupBroadcast(c, 7u), subgroupBroadcast(d, 7u), cells,
    );
}

/// One step along the inner dimension: four channels of one tap. All taps of a group of channels follow each other,
/// so that the cells that they share are still cached.
fn multiply_step(step: u32, at: u32, upper: u32) {
    let group = step / (KERNEL * KERNEL);
    let tap = step % (KERNEL * KERNEL);
    let ky = tap / KERNEL;
    let kx = tap % KERNEL;
    let first = params.source0 + (group * params.height + ky) * params.width + kx;
    var cells: Cells;
    cells[0] = load_cells(first, ky, kx, corners[0]);
    cells[1] = load_cells(first, ky, kx, corners[1]);
    cells[2] = load_cells(first, ky, kx, corners[2]);
    cells[3] = load_cells(first, ky, kx, corners[3]);
    if COLUMNS == 7u {
        cells[4] = load_cells(first, ky, kx, corners[4]);
        cells[5] = load_cells(first, ky, kx, corners[5]);
        cells[6] = load_cells(first, ky, kx, corners[6]);
    }
    multiply(at + 4u * step, upper + 4u * step, cells);
}

/// Adds the biases of four rows, and looks up where they go.
fn ready4(quad: u32, first_row: u32) {
    let row = first_row + 4u * quad;
    starts[quad] = start_of(row);
    let bias = bias_of(row);
    for (var i = 0u; i < COLUMNS; i += 1u) {
        sums[quad * COLUMNS + i] += bias;
    }
}

/// Finishes four rows of the first column, then moves the following columns forward by one.
fn finish4(quad: u32, first_row: u32, column: u32) {
    let first = quad * COLUMNS;
    if column < params.columns {
        finish(first_row + 4u * quad, starts[quad], column, sums[first]);
    }
    for (var next = first; next + 1u < first + COLUMNS; next += 1u) {
        sums[next] = sums[next + 1u];
    }
}

@compute @workgroup_size(8)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let first_column = (params.first_group + workgroup.x) * LANES * COLUMNS + lane;
    for (var i = 0u; i < COLUMNS; i += 1u) {
        corners[i] = corner(first_column + LANES * i);
    }
    let first_row = workgroup.y * ROWS;
    let steps = KERNEL * KERNEL * groups_of(params.channels0);
    // The host pads to an even number of groups.
    let pitch = (steps + 1u) / 2u * 8u;
    let at = place_of_rows(lane, first_row, pitch);
    let upper = place_of_rows(lane + 4u, first_row, pitch);
    // Nested loops and conditions are avoided where possible: such an adapter also executes what a condition
    // rules out, with masked writes, and thus one more iteration of every loop.
    if KERNEL == 7u {
        for (var run = 0u; run < steps; run += RUN) {
            for (var step = run; step < min(run + RUN, steps); step += 1u) {
                multiply_step(step, at, upper);
            }
            rest();
        }
        sums = totals;
    } else {
        for (var step = 0u; step < steps; step += 1u) {
            multiply_step(step, at, upper);
        }
    }
    ready4(0u, first_row);
    ready4(1u, first_row);
    if ROWS > 8u {
        ready4(2u, first_row);
    }
    if ROWS > 12u {
        ready4(3u, first_row);
    }
    if ROWS > 16u {
        ready4(4u, first_row);
        ready4(5u, first_row);
        ready4(6u, first_row);
        ready4(7u, first_row);
    }
    // Each column in turn is the first, so that the code for one column exists once instead of COLUMNS times.
    for (var i = 0u; i < COLUMNS; i += 1u) {
        let column = first_column + LANES * i;
        finish4(0u, first_row, column);
        finish4(1u, first_row, column);
        if ROWS > 8u {
            finish4(2u, first_row, column);
        }
        if ROWS > 12u {
            finish4(3u, first_row, column);
        }
        if ROWS > 16u {
            finish4(4u, first_row, column);
            finish4(5u, first_row, column);
            finish4(6u, first_row, column);
            finish4(7u, first_row, column);
        }
    }
}
