//! The innermost loop: a tile of a product, kept in registers while its sums accumulate.

use pulp::Simd;

/// Rows of a tile. Every channel count of GoogLeNet is a multiple of it.
pub(in crate::cpu) const ROWS: usize = 8;
/// Columns of a tile: two vectors of sixteen lanes.
pub(in crate::cpu) const COLUMNS: usize = 32;
/// Tiles that are computed together from the same columns, which are then loaded into the L1 cache once for all
/// of them.
pub(in crate::cpu) const GROUP: usize = 4;
/// Terms that are summed before they are added to the total. The columns of a tile then stay in the L1 cache, and
/// a sum of 832 terms has about the rounding error of one of 128. The value is fixed because the exact bits
/// depend on it.
const RUN: usize = 128;

/// A tile of a product.
pub(in crate::cpu) type Tile = [[f32; COLUMNS]; ROWS];

/// `tile = left x right` for at most [`GROUP`] panels `[term][row]` and the same `[term][column]`. Only `columns`
/// columns are wanted; the others are unspecified.
#[inline(always)]
pub(in crate::cpu) fn multiply<S: Simd>(
    simd: S,
    lefts: &[&[f32]],
    right: &[f32],
    columns: usize,
    tiles: &mut [Tile],
) {
    for (number, right) in right.chunks(RUN * COLUMNS).enumerate() {
        let terms = number * RUN..number * RUN + right.len() / COLUMNS;
        for (left, tile) in lefts.iter().zip(&mut *tiles) {
            let left = &left[terms.start * ROWS..terms.end * ROWS];
            if number == 0 {
                run(simd, left, right, columns, tile);
            } else {
                let mut more = [[0.0; COLUMNS]; ROWS];
                run(simd, left, right, columns, &mut more);
                add(simd, &more, tile);
            }
        }
    }
}

/// `tile += more`.
#[inline(always)]
fn add<S: Simd>(simd: S, more: &Tile, tile: &mut Tile) {
    for (sums, more) in tile.iter_mut().zip(more) {
        for (sum, &more) in S::as_mut_simd_f32s(sums).0.iter_mut().zip(S::as_simd_f32s(more).0) {
            *sum = simd.add_f32s(*sum, more);
        }
    }
}

/// Computes as much of a tile at a time as there are registers for.
#[inline(always)]
fn run<S: Simd>(simd: S, left: &[f32], right: &[f32], columns: usize, tile: &mut Tile) {
    let right = S::as_simd_f32s(right).0;
    if columns <= S::F32_LANES {
        return single(simd, left, right, (0, 0), tile);
    }
    for vector in (0..columns.div_ceil(S::F32_LANES)).step_by(2) {
        if S::REGISTER_COUNT >= 32 {
            eight(simd, left, right, (0, vector), tile);
        } else {
            four(simd, left, right, (0, vector), tile);
            four(simd, left, right, (4, vector), tile);
        }
    }
}

/// Some rows of one or two vectors, unrolled: a loop over them would keep the sums in memory.
macro_rules! sums {
    ($name:ident: $($row:literal)+; $($vector:literal)+) => {
        #[inline(always)]
        fn $name<S: Simd>(
            simd: S,
            left: &[f32],
            right: &[S::f32s],
            (first, vector): (usize, usize),
            tile: &mut Tile,
        ) {
            const ROW_COUNT: usize = [$($row),+].len();
            const COUNT: usize = [$($vector),+].len();
            let mut sums = [[simd.splat_f32s(0.0); COUNT]; ROW_COUNT];
            for (left, right) in left.chunks_exact(ROWS).zip(right.chunks_exact(COLUMNS / S::F32_LANES)) {
                let Some(left) = left[first..].first_chunk::<ROW_COUNT>() else { break };
                let Some(right) = right[vector..].first_chunk::<COUNT>() else { break };
                sums!(@rows simd left right sums; $($row)+; [$($vector)+]);
            }
            $(
                let cells = &mut S::as_mut_simd_f32s(&mut tile[first + $row]).0[vector..vector + COUNT];
                cells.copy_from_slice(&sums[$row]);
            )+
        }
    };
    (@rows $simd:ident $left:ident $right:ident $sums:ident; $($row:literal)+; $vectors:tt) => {
        $(sums!(@row $simd $left $right $sums; $row; $vectors);)+
    };
    (@row $simd:ident $left:ident $right:ident $sums:ident; $row:literal; [$($vector:literal)+]) => {
        let factor = $simd.splat_f32s($left[$row]);
        $($sums[$row][$vector] = $simd.mul_add_f32s(factor, $right[$vector], $sums[$row][$vector]);)+
    };
}
sums!(eight: 0 1 2 3 4 5 6 7; 0 1);
sums!(four: 0 1 2 3; 0 1);
sums!(single: 0 1 2 3 4 5 6 7; 0);
