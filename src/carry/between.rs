//! Frames that are not dreamed: they receive what the dreams before and after them added, carried in from both
//! sides.

use super::{Carrier, Motion};
use crate::dream::{to_network, to_rgb};
use crate::machine::MachineError;
use crate::picture::Picture;

impl Carrier {
    /// Returns the dream of a frame that lies between the last one kept and the current one, which has been
    /// dreamed by now. `way` is its position between the two, 0 to 1; `sides` are its motions to the first and to
    /// the second.
    ///
    /// # Errors
    /// The machine's own.
    pub fn between(
        &mut self,
        source: &Picture,
        sides: &[Motion; 2],
        way: f32,
    ) -> Result<Picture, MachineError> {
        let mut between = source.clone();
        if self.shot.is_none() {
            return Ok(between);
        }
        let Self { plan, execution, mean, .. } = self;
        execution.write(plan.other, &to_network(source, *mean))?;
        for (&view, motion) in plan.sides.iter().zip(sides) {
            execution.lay(view, &motion.cells)?;
        }
        execution.write(plan.way, &[way])?;
        execution.run_once(plan.between, &[])?;
        let met = execution.read(plan.met)?;
        between.rgb_mut().iter_mut().zip(to_rgb(&met, *mean)).for_each(|(cell, met)| *cell = met);
        Ok(between)
    }
}
