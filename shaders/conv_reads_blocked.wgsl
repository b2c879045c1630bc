// Reads the patches of a convolution from maps in blocks of four channels. One block is one group.

@group(0) @binding(6) var<storage, read> source0: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> source1: array<vec4<f32>>;

/// Four channels of one cell.
fn gather(cursor: Cursor, cell: u32) -> vec4<f32> {
    // Everything but the cell is uniform, so scalar units can compute it.
    let groups0 = params.channels0 / 4u;
    let first = SOURCES == 1u || cursor.group < groups0;
    let group = cursor.group - select(groups0, 0u, first);
    let at = select(params.source1, params.source0, first) + group * (params.height * params.width);
    if first {
        return source0[at + cell];
    }
    return source1[at + cell];
}
