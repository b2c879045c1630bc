//! Folders of the user's: the weights that are kept, by name, and what a GPU remembers.
//!
//! Weights are in `<data>/weights/<name>.safetensors`, dreams of the page in `<data>/dreams`.
//!
//! `<data>` is `$PUPPYSLUG_DATA`, or a folder `puppyslug` where the system keeps its users' data:
//! `$XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%APPDATA%`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::net::{Weights, WeightsError};
use crate::remedy::{Fault, Remedy};

/// The name of the weights inside the program.
pub const EMBEDDED: &str = "embedded";
const EXTENSION: &str = "safetensors";

/// A folder of weights.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system does not say where a user's data lies.
    #[error("the system names no folder for data; set PUPPYSLUG_DATA to one")]
    NoHome,
    /// A name that would leave the folder, or is taken.
    #[error(
        "'{0}' cannot name stored weights; accepted: letters, digits, '.', '-' and '_', neither '.' nor '-' \
         first, and not 'embedded'"
    )]
    Name(String),
    /// Neither a file nor stored weights.
    #[error(
        "cannot read weights '{wish}': there is neither a file nor stored weights of that name; known: {}",
        known.join(", ")
    )]
    Unknown {
        /// What was asked for.
        wish: String,
        /// Names that would do.
        known: Vec<String>,
    },
    /// The folder could not be made.
    #[error("cannot make the folder '{}' for weights: {source}; set PUPPYSLUG_DATA to another", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Fault for StoreError {
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Unknown { .. } => Some(fetching()),
            Self::NoHome | Self::Name(_) | Self::Folder { .. } => None,
        }
    }

    fn is_usage(&self) -> bool {
        matches!(self, Self::Name(_))
    }
}

/// How to get published weights.
#[cfg(feature = "fetch")]
fn fetching() -> Remedy {
    Remedy::FetchWeights(crate::fetch::SOURCES.iter().map(|source| source.name.to_owned()).collect())
}

#[cfg(not(feature = "fetch"))]
fn fetching() -> Remedy {
    Remedy::BuildWith("fetch")
}

/// Where a GPU remembers tiles and compiled kernels: `$PUPPYSLUG_CACHE`, or the user's own folder
/// for such; nowhere if the variable is empty.
pub fn cache_folder() -> Option<PathBuf> {
    match std::env::var_os("PUPPYSLUG_CACHE") {
        Some(folder) => Some(folder.into()).filter(|folder: &PathBuf| !folder.as_os_str().is_empty()),
        None => etcetera::choose_base_strategy().ok().map(|base| base.cache_dir().join("puppyslug")),
    }
}

/// `<data>`, which need not be there yet.
///
/// # Errors
/// [`StoreError::NoHome`].
pub fn data_folder() -> Result<PathBuf, StoreError> {
    match std::env::var_os("PUPPYSLUG_DATA").filter(|folder| !folder.is_empty()) {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => {
            let home = etcetera::base_strategy::choose_native_strategy();
            Ok(home.map_err(|_| StoreError::NoHome)?.data_dir().join("puppyslug"))
        }
    }
}

/// Whether something is done for the first time; from then on it is not. Where that cannot be kept, it never is.
pub fn is_first(of: &str) -> bool {
    let Ok(folder) = data_folder() else { return false };
    fs::create_dir_all(&folder).is_ok() && fs::File::create_new(folder.join(of)).is_ok()
}

impl Store {
    /// The store of the current user.
    pub fn of_user() -> Result<Self, StoreError> {
        Ok(Self::at(data_folder()?.join("weights")))
    }

    /// A store in this folder, which need not be there yet.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the weights of that name lie, or would.
    pub fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        self.file(name, EXTENSION)
    }

    /// Where a download of that name lies until it is whole.
    pub fn part(&self, name: &str) -> Result<PathBuf, StoreError> {
        self.file(name, "part")
    }

    fn file(&self, name: &str, extension: &str) -> Result<PathBuf, StoreError> {
        if is_name(name) {
            Ok(self.folder.join(format!("{name}.{extension}")))
        } else {
            Err(StoreError::Name(name.to_owned()))
        }
    }

    /// Every name there are weights of, sorted. A folder that cannot be read holds none.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| name_of(&entry.path())).collect();
        names.sort();
        names
    }

    /// Makes the folder if it is not there.
    pub fn prepare(&self) -> Result<(), StoreError> {
        fs::create_dir_all(&self.folder)
            .map_err(|source| StoreError::Folder { folder: self.folder.clone(), source })
    }
}

/// Letters, digits and `.-_`: a name is a file's stem on every system, and never looks like a path or a flag.
fn is_name(name: &str) -> bool {
    let plain = |char: char| char.is_alphanumeric() || "._-".contains(char);
    name != EMBEDDED && !name.starts_with(['.', '-']) && !name.is_empty() && name.chars().all(plain)
}

fn name_of(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    let kept = path.extension().is_some_and(|extension| extension == EXTENSION) && is_name(stem);
    kept.then(|| stem.to_owned())
}

/// What a wish for weights means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// The weights inside the program.
    Embedded,
    /// A file.
    File(PathBuf),
}

/// Looks for weights: a file wins, then `embedded`, then what is stored under that name.
pub fn find(wish: &Path) -> Result<Located, StoreError> {
    if wish.exists() && !wish.is_dir() {
        return Ok(Located::File(wish.to_owned()));
    }
    let name = wish.to_string_lossy();
    if name == EMBEDDED {
        return Ok(Located::Embedded);
    }
    let store = Store::of_user();
    let stored = store.as_ref().ok().and_then(|store| store.path(&name).ok()).filter(|path| path.exists());
    stored.map(Located::File).ok_or_else(|| {
        let names = store.map(|store| store.names()).unwrap_or_default();
        let known = [EMBEDDED.to_owned()].into_iter().chain(names).collect();
        StoreError::Unknown { wish: name.into_owned(), known }
    })
}

impl Located {
    /// The weights themselves.
    pub fn open(&self) -> Result<Weights, WeightsError> {
        match self {
            Self::Embedded => Ok(Weights::embedded()),
            Self::File(path) => Weights::open(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_the_folder() {
        let store = Store::at("weights".into());
        for name in ["bvlc", "googlenet-1378be20", "my_net.2", "Größe"] {
            assert_eq!(
                store.path(name).expect(name),
                Path::new("weights").join(format!("{name}.safetensors"))
            );
        }
        for name in ["", ".", "..", "../bvlc", "a/b", "a\\b", "C:x", "-o", ".hidden", "a b", "a\nb", EMBEDDED]
        {
            assert!(store.path(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn only_whole_weights_are_listed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(folder.path().join("weights"));
        assert!(store.names().is_empty());
        store.prepare().expect("a folder");
        for file in ["b.safetensors", "a.safetensors", "c.part", "notes.txt", ".safetensors"] {
            fs::write(folder.path().join("weights").join(file), "").expect("a file is written");
        }
        assert_eq!(store.names(), ["a", "b"]);
    }
}
