//! Pickles, instruction by instruction.

/// A pickle under construction.
pub struct Pickle(Vec<u8>);

impl Pickle {
    pub fn begin() -> Self {
        Self(b"\x80\x02".to_vec())
    }

    pub fn then(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub fn times(mut self, count: usize, bytes: &[u8]) -> Self {
        self.0.extend(bytes.repeat(count));
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.then(b"X").then(&(text.len() as u32).to_le_bytes()).then(text.as_bytes())
    }

    pub fn int(self, number: u64) -> Self {
        self.then(b"\x8a\x08").then(&number.to_le_bytes())
    }

    pub fn ints(self, numbers: &[u64]) -> Self {
        numbers.iter().fold(self.then(b"("), |pickle, &number| pickle.int(number)).then(b"t")
    }

    /// A tensor of f32 in storage `0`, which has `count` numbers.
    pub fn tensor(self, count: u64, offset: u64, shape: &[u64], strides: &[u64]) -> Self {
        self.stored("Float", "0", count).view(offset, shape, strides)
    }

    /// A storage of `count` numbers; what [`Pickle::view`] makes a tensor of.
    pub fn stored(self, kind: &str, key: &str, count: u64) -> Self {
        let named = self.then(b"ctorch._utils\n_rebuild_tensor_v2\n((").text("storage");
        let kind = format!("ctorch\n{kind}Storage\n");
        named.then(kind.as_bytes()).text(key).text("cpu").int(count).then(b"tQ")
    }

    pub fn view(self, offset: u64, shape: &[u64], strides: &[u64]) -> Self {
        self.int(offset).ints(shape).ints(strides).then(b"\x89N").then(b"tR")
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.push(b'.');
        self.0
    }
}
