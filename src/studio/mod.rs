//! A dream as a job, for the command line, a server or a film: a request is turned into events, on its own thread.
//!
//! A [`Request`] says what to dream over, with which network and settings, and what to do with the result. A
//! [`Job`] carries it out in a [`Room`], the memory of one device, shared by any number of jobs. Nothing here
//! prints, exits or knows about flags.
//!
//! ```
//! use puppyslug::extent::Extent;
//! use puppyslug::dream::Config;
//! use puppyslug::studio::{Delivery, Event, Job, Network, Request, Room, Subject};
//!
//! let room = Room::on(puppyslug::device::open("cpu", &Default::default())?);
//! let network = Network::embedded();
//! let config = Config { octaves: 2.into(), iterations: 1.into(), ..Config::for_weights(&network.weights) };
//! let sky = Subject::Sky { seed: 7 };
//! let request = Request::new(network, sky, Extent::new(64, 96), config, Delivery::nowhere());
//! for event in Job::start(request, &room) {
//!     match event {
//!         Event::Iteration(now) => println!("octave {} iteration {}", now.octave, now.iteration),
//!         Event::Done(product) => assert_eq!(product.picture.width(), 96),
//!         Event::Failed(error) => return Err(error.into()),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atlas;
pub mod batch;
mod delivery;
mod directions;
mod error;
mod events;
mod film;
mod input_role;
mod job;
mod keeping;
mod kept;
mod moving_mask;
mod network;
mod objection;
mod opened;
mod readers;
pub mod recipe_file;
mod references;
pub mod replay;
mod request;
mod resume;
mod room;
mod visualize;
mod wish;

pub use crate::dream::{Cancel, checkpoint};
pub use atlas::{AtlasEnding, AtlasEvent, AtlasRequest, Quality};
pub use delivery::{Delivery, Destination, Previews, file_under, keep_inputs};
pub use directions::{GivenDirection, open_directions};
pub use error::JobError;
pub use events::{Ending, Event, Part, Planned, Product};
pub use film::{
    BegunFilm, Carrying, CarryingChanges, FilmEnding, FilmEvent, FilmInputs, FilmPlanned, FilmReplay,
    FilmRequest, FilmVerdict, Stage, Start, Survey,
};
pub use input_role::InputRole;
pub use job::Job;
pub use kept::KeptDream;
pub use moving_mask::{MovingMask, open_mask};
pub use network::{DeviceWish, Network};
pub use objection::Objection;
pub use opened::{Opened, read_options};
pub use readers::Readers;
pub use references::{GivenMask, GivenPictures, MarkedReferences};
pub use replay::Replay;
pub use request::{Request, Subject, check_settings};
pub use resume::Resume;
pub use room::{Room, Seat};
pub use visualize::{VisualizeEvent, VisualizeProduct, VisualizeReplay, VisualizeRequest, VisualizeStart};
pub use wish::Wish;
