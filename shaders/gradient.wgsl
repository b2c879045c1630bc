// How backward kernels leave their result: cell = mask > 0 ? value (+ cell) : 0.
// The including kernel's Params hold: dx, mask (first cells).

override ADD: bool = true;
override MASKED: bool = true;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mask: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

fn leave_gradient(cell: u32, value: f32) {
    var sum = value;
    if ADD {
        sum += dx[params.dx + cell];
    }
    if MASKED {
        sum = select(0.0, sum, mask[params.mask + cell] > 0.0);
    }
    dx[params.dx + cell] = sum;
}
