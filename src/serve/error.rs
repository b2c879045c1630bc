//! Errors that keep the server from starting.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::remedy::Fault;

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is in use, or does not belong to this computer.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// An address that stands for all addresses: the server could not tell which `Host` headers to accept.
    #[error(
        "{address} means every address of this computer; name the one at which the page is to be reached"
    )]
    Unspecified {
        /// The address.
        address: SocketAddr,
    },
    /// The folder of dreams cannot be used.
    #[error("cannot keep dreams in '{}': {source}; set PUPPYSLUG_DATA to another folder", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server is using the folder.
    #[error(
        "another server keeps its dreams in '{}'; stop it, or set PUPPYSLUG_DATA to another folder",
        folder.display()
    )]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// The atlas cannot be shown.
    #[error("cannot show the channels of the atlas '{}': {reason}; make one by this network, or leave it out", path.display())]
    Atlas {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system provided no thread, no runtime or no random numbers.
    #[error("the server cannot start: {0}")]
    System(io::Error),
}

impl Fault for ServeError {
    fn is_usage(&self) -> bool {
        matches!(self, Self::Unspecified { .. })
    }
}

impl From<getrandom::Error> for ServeError {
    fn from(error: getrandom::Error) -> Self {
        Self::System(io::Error::other(error))
    }
}
