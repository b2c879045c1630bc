//! Files that are not part of the project: golden values and the weights they were made with.

use std::path::PathBuf;

use safetensors::SafeTensors;

/// The folder of the project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of `tests/fixtures`, or a folder of them.
pub fn fixture(name: &str) -> PathBuf {
    project().join("tests/fixtures").join(name)
}

/// A file of the shared folder, which lies beside the project unless `PUPPYSLUG_SHARED` names another, or what to say
/// of the tests that cannot do without it.
pub fn shared(file: &str) -> Result<PathBuf, String> {
    let folder =
        std::env::var_os("PUPPYSLUG_SHARED").map_or_else(|| project().join("../shared"), PathBuf::from);
    let path = folder.join(file);
    match path.exists() {
        true => Ok(path),
        false => Err(format!("not found: {} (PUPPYSLUG_SHARED names the folder)", path.display())),
    }
}

/// A safetensors file of f32 maps.
pub struct Golden {
    bytes: Vec<u8>,
}

impl Golden {
    pub fn open(path: &std::path::Path) -> Self {
        Self { bytes: std::fs::read(path).expect("the file is there") }
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).expect("golden files are whole")
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<String> {
        let tensors = self.tensors();
        let mut names: Vec<String> = tensors.names().into_iter().map(str::to_owned).collect();
        names.sort();
        names
    }

    /// The numbers of a map.
    pub fn values(&self, name: &str) -> Vec<f32> {
        bytemuck::pod_collect_to_vec(self.tensors().tensor(name).expect("a name of the file").data())
    }

    /// Its sides.
    pub fn shape(&self, name: &str) -> Vec<usize> {
        self.tensors().tensor(name).expect("a name of the file").shape().to_vec()
    }
}
