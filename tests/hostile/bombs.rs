//! Small files that would become large, deep or slow.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use libtest_mimic::Failed;

use super::target;
use testkit::pickle::Pickle;
use testkit::zip::zip;

/// A way to make a file.
type Bomb = fn() -> Vec<u8>;

const MILLION: usize = 1_000_000;
const TOO_MUCH: &str = "more than 8 times its own size";
const TOO_LONG: &str = "far longer than the tensors";
const CUT_SHORT: &str = "its pickle is cut short";
const BEYOND: &str = "tensor 'x': its numbers would end at byte";

/// Each with words of its refusal.
pub(crate) fn all() -> Vec<(&'static str, Bomb, &'static str)> {
    vec![
        ("marks", || Pickle::begin().times(MILLION, b"(").end(), TOO_LONG),
        ("nested lists", || Pickle::begin().times(MILLION, b"]").times(MILLION, b"a").end(), TOO_LONG),
        ("nested tuples", || Pickle::begin().then(b")").times(MILLION, b"\x85").end(), TOO_LONG),
        ("a list in itself", || archive(Pickle::begin().then(b"]q\0h\0a").end(), &[]), "no state_dict"),
        ("a dictionary in itself", || archive(in_itself(), &[]), "no state_dict"),
        ("memos", || Pickle::begin().then(b"N").times(MILLION, b"\x94").end(), TOO_LONG),
        ("copies of a list", copies, TOO_LONG),
        ("a long integer", || Pickle::begin().then(b"\x8b\xff\xff\xff\x7f").end(), CUT_SHORT),
        ("a negative length", || Pickle::begin().then(b"\x8b\xff\xff\xff\xff").end(), CUT_SHORT),
        ("a long text", || Pickle::begin().then(b"X\xff\xff\xff\xff").end(), CUT_SHORT),
        ("a longer text", || Pickle::begin().then(b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f").end(), CUT_SHORT),
        ("the longest text", || Pickle::begin().then(b"\x8d").times(8, b"\xff").end(), CUT_SHORT),
        (
            "a storage that is not there",
            || archive(one(4, 0, &[4], &[1]), &[0; 12]),
            "does not have as many bytes",
        ),
        ("past the end", || archive(one(4, 1, &[4], &[1]), &[0; 16]), BEYOND),
        ("far past the end", || archive(one(4, u64::MAX >> 1, &[4], &[1]), &[0; 16]), BEYOND),
        ("strides past the end", || archive(one(4, 0, &[2, 2], &[u64::MAX >> 1, 1]), &[0; 16]), BEYOND),
        ("a negative stride", || archive(one(4, 3, &[4], &[u64::MAX]), &[0; 16]), "its pickle is damaged"),
        ("a size that overflows", || archive(one(4, 0, &[1 << 40, 1 << 40], &[0, 0]), &[0; 16]), TOO_MUCH),
        ("one number many times", || archive(one(1, 0, &[1 << 30], &[0]), &[0; 4]), TOO_MUCH),
        ("one storage many times", views, TOO_MUCH),
        ("one name many times", names, TOO_MUCH),
        ("too many axes", || archive(one(1, 0, &[1; 9], &[1; 9]), &[0; 4]), "at most 8"),
        ("zeros in a zip", || npz_of_zeros(64 << 20), TOO_MUCH),
        ("a header that lies", lying_header, "bytes of numbers, but its shape"),
        ("one layer with many blobs", blobs, "more than 8 blobs"),
        ("one member many times", one_member_many_times, TOO_MUCH),
    ]
}

/// Must be refused with these words, within the bounds.
pub(crate) fn refused(bomb: &[u8], words: &str) -> Result<(), Failed> {
    // A pickle by itself is read as the first of a stream.
    target::run("bomb", bomb);
    match puppyslug::import::read(bomb) {
        Err(reason) if reason.contains(words) => Ok(()),
        Err(reason) => Err(format!("refused because {reason}").into()),
        Ok(_) => Err("it was read".into()),
    }
}

fn archive(pickle: Vec<u8>, storage: &[u8]) -> Vec<u8> {
    zip([("x/data.pkl", &pickle[..]), ("x/data/0", storage)].into_iter())
}

fn one(count: u64, offset: u64, shape: &[u64], strides: &[u64]) -> Vec<u8> {
    Pickle::begin().then(b"}").text("x").tensor(count, offset, shape, strides).then(b"s").end()
}

fn in_itself() -> Vec<u8> {
    Pickle::begin().then(b"}q\0").text("state_dict").then(b"h\0s").end()
}

/// `OrderedDict(list)` again and again, of one list of a thousand pairs.
fn copies() -> Vec<u8> {
    let list = Pickle::begin().then(b"]q\0NN\x86q\x01").then(b"0h\0(").times(1000, b"h\x01").then(b"e0");
    list.then(b"(").times(MILLION, b"ccollections\nOrderedDict\nh\0\x85R").then(b"t").end()
}

/// A thousand tensors that are all of one storage.
fn views() -> Vec<u8> {
    const NUMBERS: u64 = 1 << 16;
    let tensor = Pickle::begin().then(b"}").text("0").tensor(NUMBERS, 0, &[NUMBERS], &[1]).then(b"q\0s(");
    let again = |pickle: Pickle, index: u32| pickle.text(&index.to_string()).then(b"h\0");
    archive((1..1000).fold(tensor, again).then(b"u").end(), &[0; 4 * NUMBERS as usize])
}

/// A long name that the memo repeats.
fn names() -> Vec<u8> {
    let named = Pickle::begin().then(b"}").text(&"x".repeat(1 << 16)).then(b"q\0");
    archive(
        named.tensor(1, 0, &[1], &[1]).then(b"q\x01s(").times(2000, b"h\0h\x01").then(b"u").end(),
        &[0; 4],
    )
}

/// A Caffe layer of a long name, which each of its blobs would repeat.
fn blobs() -> Vec<u8> {
    let layer =
        [b"\x22\x80\x80\x04", &[b'x'; 1 << 16][..], &b"\x32\x06\x2a\x04\0\0\0\0".repeat(4000)].concat();
    [b"\x12", &varint(layer.len())[..], &layer].concat()
}

/// As protobuf writes lengths.
fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn npy(shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), numbers].concat()
}

fn lying_header() -> Vec<u8> {
    zip([("x.npy", &npy("1000", &[0; 4])[..])].into_iter())
}

/// A deflated array of zeros: a thousandth of what it unpacks to.
fn npz_of_zeros(bytes: usize) -> Vec<u8> {
    let array = npy(&(bytes / 4).to_string(), &vec![0; bytes]);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&array).expect("memory takes everything");
    let packed = encoder.finish().expect("memory takes everything");
    let mut file = zip([("x.npy", &packed[..])].into_iter());
    let directory = file.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a directory");
    file[directory + 10] = 8;
    file[directory + 16..directory + 20].copy_from_slice(&crc32fast::hash(&array).to_le_bytes());
    file[directory + 24..directory + 28].copy_from_slice(&(array.len() as u32).to_le_bytes());
    file
}

/// A directory of ten thousand entries for the same bytes.
fn one_member_many_times() -> Vec<u8> {
    let array = npy("16384", &[0; 4 << 14]);
    let one = zip([("x.npy", &array[..])].into_iter());
    let at = one.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a directory");
    let end = one.len() - 22;
    let (entries, count) = (one[at..end].repeat(10_000), 10_000u16.to_le_bytes());
    let mut many = [&one[..at], &entries, &one[end..]].concat();
    let end = many.len() - 22;
    many[end + 10..end + 12].copy_from_slice(&count);
    many
}
