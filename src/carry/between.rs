//! Frames that are not dreamed: they receive what the dreams before and after them added, carried in from both
//! sides.

use super::{Carrier, Motion};
use crate::dream::to_network;
use crate::machine::{MachineError, Reading};
use crate::picture::Picture;

impl Carrier {
    /// Returns the dream of a frame that lies between the last one kept and the current one, which has been
    /// dreamed by now, in the dream's units. `way` is its position between the two, 0 to 1; `sides` are its motions
    /// to the first and to the second.
    ///
    /// # Errors
    /// The machine's own.
    pub fn between(
        &mut self,
        source: &Picture,
        sides: &[Motion; 2],
        way: f32,
    ) -> Result<Reading, MachineError> {
        let Self { plan, execution, mean, shot, .. } = self;
        let source = to_network(source, *mean);
        if shot.is_none() {
            return Ok(Reading::Here(source));
        }
        execution.write(plan.other, &source)?;
        for (&view, motion) in plan.sides.iter().zip(sides) {
            execution.lay(view, &motion.cells)?;
        }
        execution.write(plan.way, &[way])?;
        execution.run_once(plan.between, &[])?;
        execution.request(plan.met)
    }
}
