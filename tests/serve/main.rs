//! The page's server from outside: the program itself, and sockets that say whatever a test wants.

mod attacks;
mod client;
mod jobs;
mod kept;
