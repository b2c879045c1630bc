//! The program as a user meets it, and what it promises of a dream.

mod any_size;
mod atlas;
mod batch;
mod cli;
mod fidelity;
mod film;
mod flow;
mod limits;
mod masks;
mod old_dreams;
mod preview;
mod recipes;
mod settings;
mod shaping;
mod steering;
mod visualize;
mod weights_cli;
mod why;
