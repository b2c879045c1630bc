//! The engine on every machine: kernels alone, whole passes, dreams.

mod attribution;
mod carry;
mod channels;
mod dials;
mod direction;
mod diversity;
mod dream;
mod film;
mod flow;
mod golden;
mod iteration;
mod kernels;
mod machines;
mod published;
mod request;
mod tiles;
mod variants;
mod visualize;

use testkit::{module, run_all};

fn main() {
    let trials = module("published", published::trials())
        .chain(module("golden", golden::trials()))
        .chain(module("variants", variants::trials()))
        .chain(module("dream", dream::trials()))
        .chain(module("tiles", tiles::trials()))
        .chain(module("dials", dials::trials()))
        .chain(module("iteration", iteration::trials()))
        .chain(module("machines", machines::trials()))
        .chain(module("request", request::trials()))
        .chain(module("flow", flow::trials()))
        .chain(module("carry", carry::trials()))
        .chain(module("film", film::trials()))
        .chain(module("attribution", attribution::trials()))
        .chain(module("direction", direction::trials()))
        .chain(module("diversity", diversity::trials()))
        .chain(module("visualize", visualize::trials()))
        .chain(module("channels", channels::trials()))
        .chain(module("kernels", kernels::trials()));
    let conclusion = run_all(trials);
    kernels::shares::tell();
    conclusion.exit()
}
