// How backward kernels store their result: block = mask > 0 ? value (+ block) : 0, channel by channel.
// The including kernel's Params hold: dx, mask (first blocks).

override ADD: bool = true;
override MASKED: bool = true;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mask: array<Block>;
@group(0) @binding(2) var<storage, read_write> dx: array<Block>;

fn leave_gradient(at: u32, value: Block) {
    var sum = value;
    if ADD {
        sum += dx[params.dx + at];
    }
    if MASKED {
        sum = select(Block(), sum, mask[params.mask + at] > Block());
    }
    dx[params.dx + at] = sum;
}
