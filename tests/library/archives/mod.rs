//! PyTorch's and NumPy's archives: what their own libraries wrote is read bit for bit, in all the layouts
//! they have; nothing that a pickle asks for is run. `tests/fixtures/pickles/make.py` made the files.

mod networks;

use puppyslug::import::{Format, Raw, Tensor, read};
use testkit::fixture;
use testkit::pickle::Pickle;
use testkit::zip::zip;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(fixture("pickles").join(name)).expect("a file of the project")
}

fn raw(name: &str) -> Raw {
    read(&file(name)).unwrap_or_else(|reason| panic!("{name}: {reason}"))
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    read(bytes).err().unwrap_or_else(|| panic!("{name} was read"))
}

/// Number `index` of a tensor of `make.py`.
fn number(index: usize) -> f32 {
    (index % 255) as f32 / 64.0 - 2.0
}

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(number).collect()
}

fn tensor(name: &str, shape: &[usize], data: Vec<f32>) -> Tensor {
    Tensor { name: name.to_owned(), shape: shape.to_vec(), data }
}

fn rows(name: &str, shape: &[usize]) -> Tensor {
    tensor(name, shape, numbers(shape.iter().product()))
}

/// What the `state_dict` of `make.py` holds, apart from its whole numbers.
fn state_dict() -> Vec<Tensor> {
    vec![
        rows("bn.weight", &[3]),
        tensor("bn.bias", &[3], vec![0.0; 3]),
        tensor("bn.running_mean", &[3], vec![0.0; 3]),
        tensor("bn.running_var", &[3], vec![1.0; 3]),
        rows("f32", &[2, 3, 2, 2]),
        rows("f16", &[2, 3]),
        rows("bf16", &[5]),
        rows("f64", &[3, 2]),
        rows("transposed", &[3, 4]),
        rows("reversed_axes", &[2, 3, 4]),
        tensor("expanded", &[2, 3], vec![-2.0; 6]),
        rows("shared_begin", &[2, 3]),
        tensor("shared_end", &[23], (1..24).map(number).collect()),
        rows("scalar", &[]),
        rows("empty", &[0, 3]),
        rows("parameter", &[4]),
    ]
}

#[track_caller]
fn same(found: &[Tensor], expected: &[Tensor]) {
    let names = |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.shape, expected.shape, "{}", found.name);
        let bits = |tensor: &Tensor| tensor.data.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found), bits(expected), "{}", found.name);
    }
}

#[test]
fn what_torch_save_wrote_is_read_bit_for_bit() {
    for name in ["archive.pth", "stream.pth", "protocol4.pth", "stream4.pth", "checkpoint.pth"] {
        let raw = raw(name);
        assert_eq!(raw.format, Format::Torch, "{name}");
        same(&raw.tensors, &state_dict());
    }
    same(&raw("twice_wrapped.pth").tensors, &[rows("f32", &[2, 3, 2, 2])]);
}

#[test]
fn what_numpy_saved_is_read_bit_for_bit() {
    let expected = [
        rows("f2", &[2, 3]),
        rows("f4", &[2, 3, 2, 2]),
        rows("f8", &[3, 2]),
        rows("big2", &[4]),
        rows("big4", &[2, 2]),
        rows("big8", &[3]),
        rows("fortran", &[2, 3, 4]),
        rows("scalar", &[]),
        rows("empty", &[0, 3]),
    ];
    for name in ["stored.npz", "deflated.npz"] {
        let raw = raw(name);
        assert_eq!(raw.format, Format::Npz, "{name}");
        same(&raw.tensors, &expected);
    }
    same(&raw("bf16.npz").tensors, &[rows("bf16", &[5])]);
}

#[test]
fn foreign_safetensors_are_read_with_their_metadata() {
    let raw = raw("foreign.safetensors");
    assert_eq!(raw.format, Format::Safetensors);
    assert_eq!(raw.metadata, [("format".to_owned(), "pt".to_owned())]);
    let mut expected = state_dict();
    expected.retain(|tensor| ["bf16", "f16", "f32", "f64", "scalar"].contains(&tensor.name.as_str()));
    expected.sort_by(|one, other| one.name.cmp(&other.name));
    same(&raw.tensors, &expected);
}

/// A pickle whose last tensor was changed must not compare equal: the comparison above can fail.
#[test]
#[should_panic(expected = "f32")]
fn another_number_is_noticed() {
    let mut tensors = raw("archive.pth").tensors;
    tensors[4].data[0] = -0.0;
    same(&tensors, &state_dict());
}

#[test]
fn what_is_no_state_dict_is_refused_with_the_remedy() {
    for (name, words) in [
        ("module.pth", "asks to run '__main__.Doubling'; it was not run"),
        ("module_stream.pth", "asks to run '__main__.Doubling'; it was not run"),
        ("program.pt", "TorchScript program"),
        ("list.pth", "holds no state_dict"),
    ] {
        let reason = refusal(name, &file(name));
        assert!(reason.contains(words), "{name}: {reason}");
        assert!(reason.contains("state_dict()"), "{name}: {reason}");
    }
    for (name, words) in
        [("quantised.npz", "'conv1.conv.weight_int8' is quantised"), ("objects.npz", "Python objects")]
    {
        let reason = refusal(name, &file(name));
        assert!(reason.contains(words), "{name}: {reason}");
    }
}

#[test]
fn a_pickle_runs_nothing() {
    let refused_name = |module: &str, name: &str| format!("asks to run '{module}.{name}'; it was not run");
    for (pickle, module, name) in [
        ("cposix\nsystem\nX\x04\0\0\0true\u{85}R.", "posix", "system"),
        ("cbuiltins\neval\nX\x01\0\0\0x\u{85}R.", "builtins", "eval"),
        ("ctorch.storage\n_load_from_bytes\nC\x01x\u{85}R.", "torch.storage", "_load_from_bytes"),
        ("\u{8c}\x08builtins\u{8c}\x04exec\u{93}.", "builtins", "exec"),
        ("(X\x01\0\0\0xios\nsystem\n.", "os", "system"),
        ("ctorch\nQInt8Storage\n.", "torch", "QInt8Storage"),
        ("ccollections\nOrderedDict.fromkeys\n.", "collections", "OrderedDict.fromkeys"),
    ] {
        // Each char is a byte.
        let pickle: Vec<u8> = "\u{80}\x02".chars().chain(pickle.chars()).map(|byte| byte as u8).collect();
        let reason = refusal(name, &pickle);
        assert!(reason.contains(&refused_name(module, name)), "{reason}");
    }
    // Names of files and terminals' commands are shown, cut and harmless.
    let long = format!("\u{80}\x02c{}\n\x1b[2J\n.", "a".repeat(1000));
    let reason = refusal("long", &long.chars().map(|byte| byte as u8).collect::<Vec<_>>());
    assert!(reason.contains("aaa...'") && reason.len() < 400, "{reason}");
    assert!(!refusal("terminal", b"\x80\x02c\x1b[2J\nx\n.").contains('\x1b'));
}

/// What a training script keeps beside the tensors: its arguments, an object of any class, sets, an optimiser's tensors.
/// None of it is made, and the tensors are read.
#[test]
fn what_lies_beside_the_tensors_is_skipped_unread() {
    let namespace = |pickle: Pickle| {
        let made = pickle.then(b"cargparse\nNamespace\n)\x81}").text("lr").then(b"G");
        made.then(&0.1f64.to_be_bytes()).then(b"sb")
    };
    let beside: [(&str, &dyn Fn(Pickle) -> Pickle); 8] = [
        ("an object", &namespace),
        ("a call", &|it| it.then(b"cos\nsystem\n").text("true").then(b"\x85R")),
        ("keyword arguments", &|it| it.then(b"cx\ny\n)}\x92")),
        ("a dictionary of a class", &|it| {
            it.then(b"ccollections\ndefaultdict\n)R(").text("a").then(b"K\x01u")
        }),
        ("a list of a class", &|it| it.then(b"cx\ny\n)R(K\x01K\x02e")),
        ("a set", &|it| it.then(b"\x8f(K\x01K\x02\x90")),
        ("a frozen set", &|it| it.then(b"(K\x01K\x02\x91")),
        ("numbers of another type", &|it| it.stored("QInt8", "7", 3).view(0, &[3], &[1])),
    ];
    for wrapper in ["state_dict", "net", "model", "weights of mine"] {
        for (what, beside) in &beside {
            let pickle = Pickle::begin().then(b"}(").text("epoch").int(3);
            let pickle = pickle.text("best").tensor(4, 0, &[], &[]);
            let pickle = beside(pickle.text("beside"));
            let pickle = pickle.text(wrapper).then(b"}(");
            let pickle =
                pickle.text("a").tensor(4, 0, &[4], &[1]).text("b").tensor(4, 2, &[2], &[1]).then(b"u");
            let pickle = pickle.text("copy").then(b"}(").text("c").tensor(4, 0, &[4], &[1]).then(b"u");
            let bytes: Vec<u8> = (0..4).map(number).flat_map(f32::to_le_bytes).collect();
            let file =
                zip([("x/data.pkl", &pickle.then(b"u").end()[..]), ("x/data/0", &bytes[..])].into_iter());
            let raw = read(&file).unwrap_or_else(|reason| panic!("{wrapper}, {what}: {reason}"));
            same(&raw.tensors, &[rows("a", &[4]), tensor("b", &[2], vec![number(2), number(3)])]);
        }
    }
}

#[test]
fn other_instructions_are_refused() {
    for instruction in [0x82, 0x83, 0x84, b'o', b'P', b'F', b'I', 0x97] {
        let reason = refusal("instruction", &[0x80, 2, b')', b')', instruction, b'.']);
        assert!(reason.contains(&format!("instruction 0x{instruction:02x}")), "{reason}");
    }
}
