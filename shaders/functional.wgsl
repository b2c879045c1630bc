// A functional of a map: a sum over cells, whose gradient at a cell is the derivative of that cell's term. The
// host scales both, and says which kind it is and whether only a region counts.

override KIND: u32 = 0u;
override WHOLE: bool = false; // no region

struct Term {
    value: Block,
    slope: Block,
}

/// The terms of the cells of one block.
fn term_of(x: Block) -> Term {
    switch KIND {
        case 1u: { // a plain sum
            return Term(x, Block(1.0));
        }
        case 2u: { // magnitudes
            return Term(abs(x), sign(x));
        }
        default: { // half the squares
            return Term(0.5 * x * x, x);
        }
    }
}
