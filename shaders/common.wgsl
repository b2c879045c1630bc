// Shared by all kernels in which one invocation handles one cell.

const INVOCATIONS: u32 = 256u;

/// The number of this invocation in a grid that may be folded: the x dimension of a dispatch is limited to 65535.
fn invocation_index(group: vec3<u32>, groups: vec3<u32>, local: u32) -> u32 {
    return (group.z * groups.x + group.x) * INVOCATIONS + local;
}
