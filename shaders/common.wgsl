// Shared by every kernel that treats one cell an invocation.

const INVOCATIONS: u32 = 256u;

/// Number of this invocation in a grid that may be folded: the x dimension of a dispatch ends at 65535.
fn invocation_index(group: vec3<u32>, groups: vec3<u32>, local: u32) -> u32 {
    return (group.z * groups.x + group.x) * INVOCATIONS + local;
}
