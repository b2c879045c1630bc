// The circular shift of the current iteration. The host writes it before each iteration; the plan does not know
// it.

struct Jitter {
    down: i32,
    right: i32,
}

/// The cell that is shifted onto a given cell of a height x width plane.
fn shifted(cell: u32, height: u32, width: u32, down: i32, right: i32) -> u32 {
    let row = cell / width;
    let column = cell - row * width;
    return wrap(i32(row) - down, i32(height)) * width + wrap(i32(column) - right, i32(width));
}

/// Metal does not define the remainder of a negative number, so `%` is not used here.
fn wrap(at: i32, n: i32) -> u32 {
    let rest = at - at / n * n;
    return u32(select(rest, rest + n, rest < 0));
}
