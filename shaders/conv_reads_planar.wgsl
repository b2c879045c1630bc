// Reads the patches of a convolution from planar maps.

@group(0) @binding(6) var<storage, read> source0: array<f32>;
@group(0) @binding(7) var<storage, read> source1: array<f32>;

/// Four channels of one cell. Past the last channel, that channel is read again: the matrix is zero there.
fn gather(cursor: Cursor, cell: u32) -> vec4<f32> {
    // Everything but the cell is uniform, so scalar units can compute it.
    let groups0 = groups_of(params.channels0);
    let first = SOURCES == 1u || cursor.group < groups0;
    let channel = 4u * (cursor.group - select(groups0, 0u, first));
    let last = select(params.channels1, params.channels0, first) - 1u - channel;
    let plane = params.height * params.width;
    let at0 = select(params.source1, params.source0, first) + channel * plane;
    let at1 = at0 + min(1u, last) * plane;
    let at2 = at0 + min(2u, last) * plane;
    let at3 = at0 + min(3u, last) * plane;
    if first {
        return vec4<f32>(source0[at0 + cell], source0[at1 + cell], source0[at2 + cell], source0[at3 + cell]);
    }
    return vec4<f32>(source1[at0 + cell], source1[at1 + cell], source1[at2 + cell], source1[at3 + cell]);
}
