//! Reads the zip archive that `torch.save` has written since version 1.6.

use super::pickle::Pickle;
use super::state::Tensors;
use crate::import::Raw;
use crate::import::floats::ByteOrder;
use crate::import::quote::quoted;
use crate::import::zip::Zip;

const PICKLE: &str = "data.pkl";
/// A member that only a TorchScript program has: its constants.
const PROGRAM: &str = "constants.pkl";
const BYTE_ORDER: &str = "byteorder";

pub(super) fn is(bytes: &[u8]) -> bool {
    Zip::open(bytes).is_ok_and(|zip| prefix(&zip).is_some())
}

pub(super) fn read(bytes: &[u8]) -> Result<Raw, String> {
    let mut zip = Zip::open(bytes)?;
    let prefix = prefix(&zip).ok_or("the zip archive has no data.pkl")?;
    if zip.has(&format!("{prefix}{PROGRAM}")) {
        return Err("it is a TorchScript program, and programs are not run: in PyTorch, \
                    torch.save(torch.jit.load(FILE).state_dict(), OUT) writes its weights alone"
            .to_owned());
    }
    let order = byte_order(&mut zip, prefix)?;
    let pickle = zip.read(&format!("{prefix}{PICKLE}"))?;
    let pickle = Pickle::read(&pickle, bytes.len())?;
    Tensors::of(&pickle, bytes.len())?.read(order, |storage| {
        let memory = zip.read(&format!("{prefix}data/{}", storage.key))?;
        let declared = storage.count.checked_mul(storage.kind.width());
        match declared == Some(memory.len()) {
            true => Ok(memory),
            false => {
                Err(format!("storage {} does not have as many bytes as the file says", quoted(storage.key)))
            }
        }
    })
}

/// The folder that contains all members, named after the file.
fn prefix<'a>(zip: &Zip<'a>) -> Option<&'a str> {
    let folder = |name: &'a str| name.strip_suffix(PICKLE).filter(|prefix| prefix.ends_with('/'));
    zip.names().find_map(folder)
}

fn byte_order(zip: &mut Zip, prefix: &str) -> Result<ByteOrder, String> {
    let name = format!("{prefix}{BYTE_ORDER}");
    // Files before version 2.1 have none.
    if !zip.has(&name) {
        return Ok(ByteOrder::Little);
    }
    match zip.read(&name)?.as_ref() {
        b"little" => Ok(ByteOrder::Little),
        b"big" => Ok(ByteOrder::Big),
        _ => Err("its byte order is neither 'little' nor 'big'".to_owned()),
    }
}
