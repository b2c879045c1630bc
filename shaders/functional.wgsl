// A functional of a map and where it looks: kinds as in plan/step.rs.

const HALF_SQUARES: u32 = 0u;
const REGION_SUM: u32 = 1u;
const MAGNITUDE: u32 = 2u;

override KIND: u32 = HALF_SQUARES;
