// Every convolution, and every input gradient of one, through workgroup memory and registers.
//
// A workgroup of 64 invocations owns TILE_ROWS x TILE_COLUMNS outputs; an invocation owns 8 x 8 of them in
// registers. Both sides pass through workgroup memory, tap by tap, two groups (eight inner cells) at a time:
//
//   matrix_tile[inner][row / 4]        vec4 over rows     from the packed [row / 4][inner], whatever the tile
//   patch_tile[group][column]          vec4 over channels gathered by the invocation that owns the column
//
// so for every four inner cells an invocation loads 16 vec4 and does 256 multiply-adds. The columns of one
// invocation are COLUMN_THREADS apart, so that neighbouring invocations write neighbouring cells.

override SOURCES: u32 = 2u;
override ROW_THREADS: u32 = 8u;
override COLUMN_THREADS: u32 = 8u;
override MATRIX_TILE: u32 = 128u; // 2 groups x 4 inner cells x TILE_ROWS / 4
override PATCH_TILE: u32 = 128u; // 2 groups x TILE_COLUMNS
override PAIRED: u32 = 0u; // 1 if every source has whole pairs of groups: a pair is then of one tap

const THREADS: u32 = 64u;
const PAIR: u32 = 8u; // inner cells of two groups

@group(0) @binding(1) var<storage, read> matrix: array<vec4<f32>>;

var<workgroup> matrix_tile: array<vec4<f32>, MATRIX_TILE>;
var<workgroup> patch_tile: array<vec4<f32>, PATCH_TILE>;

/// c + a b for four rows and four inner cells.
fn mac(a0: vec4<f32>, a1: vec4<f32>, a2: vec4<f32>, a3: vec4<f32>, b: vec4<f32>, c: vec4<f32>) -> vec4<f32> {
    return fma(a3, vec4<f32>(b.w), fma(a2, vec4<f32>(b.z), fma(a1, vec4<f32>(b.y), fma(a0, vec4<f32>(b.x), c))));
}

/// The position in the window and the group of channels that are gathered next.
struct Cursor {
    ky: u32,
    kx: u32,
    group: u32,
}

/// The same position, or the next tap if the last group of a tap has been passed.
fn carry(cursor: Cursor) -> Cursor {
    if cursor.group < groups_of(params.channels0) + groups_of(params.channels1) {
        return cursor;
    }
    let row_ends = cursor.kx + 1u == KERNEL;
    return Cursor(cursor.ky + select(0u, 1u, row_ends), select(cursor.kx + 1u, 0u, row_ends), 0u);
}

/// Where a column finds a tap.
struct Place {
    inside: bool,
    cell: u32,
}

/// The cell under a tap, or some cell of the map if the tap is outside.
fn place(cursor: Cursor, corner: Corner) -> Place {
    let inside = corner.y + cursor.ky < params.height && corner.x + cursor.kx < params.width;
    return Place(inside, select(0u, corner.cell + cursor.ky * params.width + cursor.kx, inside));
}

/// A window of one cell is inside for all channels or for none, so main checks it once, after its loops.
fn known_inside() -> bool {
    return KERNEL == 1u;
}

/// How many pairs of groups, from here on, find their columns in the same cells.
fn run_length(cursor: Cursor) -> u32 {
    if PAIRED == 0u {
        return 1u;
    }
    let first = SOURCES == 1u || cursor.group == 0u;
    return select(params.channels1, params.channels0, first) / 8u;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let tile_rows = 8u * ROW_THREADS;
    let tile_columns = 8u * COLUMN_THREADS;
    let first_column = (params.first_group + workgroup.x) * tile_columns;
    let thread_row = thread / COLUMN_THREADS;
    let thread_column = thread % COLUMN_THREADS;

    let groups = KERNEL * KERNEL * (groups_of(params.channels0) + groups_of(params.channels1));
    // Four rows are stored together, whichever tile reads them; the host pads to whole pairs of groups. Past the
    // last rows, these are read again, but the results are not written.
    let quads = tile_rows / 4u;
    let quad = min(workgroup.y * quads + thread % quads, (params.rows - 1u) / 4u);
    var matrix_at = quad * ((groups + 1u) / 2u) * PAIR + thread / quads;
    var corners: array<Corner, 4>;
    var near: array<Place, 4>;
    var far: array<Place, 4>;
    var patches: array<vec4<f32>, 8>;
    for (var i = 0u; i < tile_columns / THREADS; i += 1u) {
        corners[i] = corner(first_column + i * THREADS + thread);
    }

    var l0 = vec4<f32>(); var h0 = vec4<f32>();
    var l1 = vec4<f32>(); var h1 = vec4<f32>();
    var l2 = vec4<f32>(); var h2 = vec4<f32>();
    var l3 = vec4<f32>(); var h3 = vec4<f32>();
    var l4 = vec4<f32>(); var h4 = vec4<f32>();
    var l5 = vec4<f32>(); var h5 = vec4<f32>();
    var l6 = vec4<f32>(); var h6 = vec4<f32>();
    var l7 = vec4<f32>(); var h7 = vec4<f32>();

    for (var cursor = Cursor(0u, 0u, 0u); cursor.ky < KERNEL; cursor = carry(cursor)) {
        var second = Cursor(cursor.ky, cursor.kx, cursor.group + 1u);
        if PAIRED == 0u {
            second = carry(second);
        }
        // Columns outside stay zero as long as the tap is the same.
        for (var i = 0u; i < tile_columns / THREADS; i += 1u) {
            near[i] = place(cursor, corners[i]);
            far[i] = place(second, corners[i]);
            if !known_inside() && !near[i].inside {
                patch_tile[i * THREADS + thread] = vec4<f32>();
            }
            if !known_inside() && !far[i].inside {
                patch_tile[tile_columns + i * THREADS + thread] = vec4<f32>();
            }
        }
        for (var run = run_length(cursor); run > 0u; run -= 1u) {
            // All loads from the buffers are issued before anything waits for them.
            for (var i = 0u; i < tile_columns / THREADS; i += 1u) {
                patches[2u * i] = gather(cursor, near[i].cell);
                patches[2u * i + 1u] = gather(second, far[i].cell);
            }
            for (var i = 0u; i < (MATRIX_TILE + THREADS - 1u) / THREADS; i += 1u) {
                let at = i * THREADS + thread;
                if MATRIX_TILE >= THREADS || at < MATRIX_TILE {
                    matrix_tile[at] = matrix[matrix_at + i * (THREADS / quads)];
                }
            }
            for (var i = 0u; i < tile_columns / THREADS; i += 1u) {
                let at = i * THREADS + thread;
                if known_inside() || near[i].inside {
                    patch_tile[at] = patches[2u * i];
                }
                if known_inside() || far[i].inside {
                    patch_tile[tile_columns + at] = patches[2u * i + 1u];
                }
            }
            matrix_at += PAIR;
            cursor.group += 2u;
            second.group += 2u;
            workgroupBarrier();

            for (var group = 0u; group < 2u; group += 1u) {
                // Two vec4 per inner cell: this invocation's eight rows, for each of four inner cells.
                let a = group * tile_rows + 2u * thread_row;
                let a0 = matrix_tile[a];
                let a1 = matrix_tile[a + quads];
                let a2 = matrix_tile[a + 2u * quads];
                let a3 = matrix_tile[a + 3u * quads];
                let e0 = matrix_tile[a + 1u];
                let e1 = matrix_tile[a + quads + 1u];
                let e2 = matrix_tile[a + 2u * quads + 1u];
                let e3 = matrix_tile[a + 3u * quads + 1u];
                let b = group * tile_columns + thread_column;
                let b0 = patch_tile[b];
                l0 = mac(a0, a1, a2, a3, b0, l0);
                h0 = mac(e0, e1, e2, e3, b0, h0);
                let b1 = patch_tile[b + COLUMN_THREADS];
                l1 = mac(a0, a1, a2, a3, b1, l1);
                h1 = mac(e0, e1, e2, e3, b1, h1);
                let b2 = patch_tile[b + 2u * COLUMN_THREADS];
                l2 = mac(a0, a1, a2, a3, b2, l2);
                h2 = mac(e0, e1, e2, e3, b2, h2);
                let b3 = patch_tile[b + 3u * COLUMN_THREADS];
                l3 = mac(a0, a1, a2, a3, b3, l3);
                h3 = mac(e0, e1, e2, e3, b3, h3);
                let b4 = patch_tile[b + 4u * COLUMN_THREADS];
                l4 = mac(a0, a1, a2, a3, b4, l4);
                h4 = mac(e0, e1, e2, e3, b4, h4);
                let b5 = patch_tile[b + 5u * COLUMN_THREADS];
                l5 = mac(a0, a1, a2, a3, b5, l5);
                h5 = mac(e0, e1, e2, e3, b5, h5);
                let b6 = patch_tile[b + 6u * COLUMN_THREADS];
                l6 = mac(a0, a1, a2, a3, b6, l6);
                h6 = mac(e0, e1, e2, e3, b6, h6);
                let b7 = patch_tile[b + 7u * COLUMN_THREADS];
                l7 = mac(a0, a1, a2, a3, b7, l7);
                h7 = mac(e0, e1, e2, e3, b7, h7);
            }
            workgroupBarrier();
        }
        if PAIRED == 0u {
            cursor = Cursor(second.ky, second.kx, second.group - 1u);
        }
    }

    // Each column in turn moves to l0 and h0, so that the code below exists once instead of eight times.
    let row = workgroup.y * tile_rows + 8u * thread_row;
    let low_bias = bias_of(row);
    let high_bias = bias_of(row + 4u);
    let low_start = start_of(row);
    let high_start = start_of(row + 4u);
    for (var i = 0u; i < 8u; i += 1u) {
        let column = first_column + thread_column + i * COLUMN_THREADS;
        if column < params.columns {
            if known_inside() && !place(Cursor(0u, 0u, 0u), corner(column)).inside {
                l0 = vec4<f32>();
                h0 = vec4<f32>();
            }
            finish(row, low_start, column, l0 + low_bias);
            finish(row + 4u, high_start, column, h0 + high_bias);
        }
        l0 = l1; l1 = l2; l2 = l3; l3 = l4; l4 = l5; l5 = l6; l6 = l7;
        h0 = h1; h1 = h2; h2 = h3; h3 = h4; h4 = h5; h5 = h6; h6 = h7;
    }
}
