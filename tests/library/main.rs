//! The library without its machines: weights of every kind of file, pictures, and shaders as text.

mod architecture;
mod archives;
mod fidelity;
mod gradients;
mod import;
mod pictures;
mod shaders;
mod weights;
mod wording;
