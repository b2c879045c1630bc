//! Whole networks with seeded weights: written in foreign names and layouts, they come back bit by bit.

use std::collections::HashMap;

use puppyslug::import::{Imported, Tensor, import};
use puppyslug::net::{Variant, Weights};
use testkit::Random;
use testkit::wire::{self, layer, layers};

/// Weights and bias of every layer, in our names and layout.
fn tensors(variant: Variant, classes: Option<usize>) -> Vec<[Tensor; 2]> {
    let mut random = Random::named(variant.name());
    let network = variant.network(classes);
    let mut tensors = Vec::new();
    for id in network.ids() {
        let Some(shape) = network.filter_shape(id) else { continue };
        let layer = network[id].caffe_name();
        let shape = if layer == "loss3/classifier" { &shape[..2] } else { &shape[..] };
        let mut tensor = |part: &str, shape: &[usize]| Tensor {
            name: format!("{layer}.{part}"),
            shape: shape.to_vec(),
            data: random.fill(shape.iter().product(), Random::unit),
        };
        tensors.push([tensor("weight", shape), tensor("bias", &shape[..1])]);
    }
    tensors
}

#[track_caller]
fn assert_same(imported: &Imported, expected: &[[Tensor; 2]]) {
    assert_eq!(imported.tensors.len(), 2 * expected.len());
    for (found, expected) in imported.tensors.iter().zip(expected.iter().flatten()) {
        assert_eq!((&found.name, &found.shape), (&expected.name, &expected.shape));
        assert!(found.data == expected.data, "{}", found.name);
    }
}

#[test]
fn caffe_models_come_back_with_what_their_classes_say() {
    for (classes, mean) in [
        (Some(1000), "104,116,122"),
        (Some(205), "105.417,113.753,116.047"),
        (Some(365), "104.051,112.514,116.676"),
        (None, "104,116,122"),
    ] {
        let mut whole = tensors(Variant::Bvlc, classes);
        let expected = whole.clone();
        whole.push(["weight", "bias"].map(|part| Tensor {
            name: format!("loss1/conv.{part}"),
            shape: vec![1],
            data: vec![f32::NAN],
        }));
        for bytes in [wire::caffe_v1(layers(&whole)), wire::caffe_v2(layers(&whole))] {
            let imported = import(&bytes).expect("a good file");
            assert_eq!((imported.variant, imported.classes()), (Variant::Bvlc, classes));
            assert_eq!(imported.get("mean_bgr"), Some(mean));
            assert_same(&imported, &expected);
        }
    }
}

#[test]
fn the_onnx_zoo_comes_back() {
    let expected = tensors(Variant::Bvlc, Some(1000));
    let renamed = expected.iter().flat_map(|pair| {
        let parts = pair.iter().zip(["w", "b"]);
        parts.map(|(tensor, part)| Tensor { name: format!("{}_{part}_0", layer(pair)), ..tensor.clone() })
    });
    let imported = import(&wire::onnx(&renamed.collect::<Vec<_>>())).expect("a good file");
    assert_same(&imported, &expected);
}

/// Google's names, from the graph itself.
fn google(layer: &str) -> String {
    let stems = HashMap::from([
        ("conv1/7x7_s2", "conv2d0"),
        ("conv2/3x3_reduce", "conv2d1"),
        ("conv2/3x3", "conv2d2"),
        ("loss3/classifier", "softmax2"),
    ]);
    stems.get(layer).map_or_else(
        || {
            let module = layer.replace("inception_", "mixed").replace('/', "_");
            module
                .replace("pool_proj", "pool_reduce")
                .replace("3_reduce", "3_bottleneck")
                .replace("5_reduce", "5_bottleneck")
        },
        |stem| (*stem).to_owned(),
    )
}

/// Rows, columns, inputs, outputs; colours from red to blue.
fn to_google(pair: &[Tensor; 2]) -> [Tensor; 2] {
    let [weight, bias] = pair;
    let (shape, at): (Vec<usize>, Box<dyn Fn(usize) -> usize>) = match weight.shape[..] {
        [o, i, h, w] => {
            let colour = move |input: usize| if i == 3 { 2 - input } else { input };
            let at = move |cell: usize| {
                let (output, input, tap) = (cell % o, cell / o % i, cell / o / i);
                (output * i + colour(input)) * h * w + tap
            };
            (vec![h, w, i, o], Box::new(at))
        }
        [o, i] => (vec![i, o], Box::new(move |cell| cell % o * i + cell / o)),
        _ => panic!("weights have two or four axes"),
    };
    let stem = google(layer(pair));
    let data = (0..weight.data.len()).map(|cell| weight.data[at(cell)]).collect();
    [Tensor { name: format!("{stem}_w"), shape, data }, Tensor { name: format!("{stem}_b"), ..bias.clone() }]
}

#[test]
fn googles_graph_comes_back() {
    let expected = tensors(Variant::Inception5h, Some(1008));
    let google: Vec<Tensor> = expected.iter().flat_map(to_google).collect();
    let mut imported = import(&wire::tensorflow(&google)).expect("a good file");
    assert_eq!(imported.variant, Variant::Inception5h);
    assert_eq!(imported.get("mean_bgr"), Some("117,117,117"));
    assert_same(&imported, &expected);
    imported.set_labels(&"name\n".repeat(1001)).expect("as many as Google names");
    assert_eq!(imported.get("labels").map(|labels| labels.lines().count()), Some(1008));
    assert!(imported.set_labels(&"name\n".repeat(1009)).is_err());
}

#[test]
fn what_is_wrong_is_said() {
    let whole = tensors(Variant::Bvlc, Some(10));
    let refusal = |spoil: &dyn Fn(&mut Vec<[Tensor; 2]>)| {
        let mut spoilt = whole.clone();
        spoil(&mut spoilt);
        import(&wire::caffe_v2(layers(&spoilt))).expect_err("refused")
    };
    for (spoil, words) in [
        (
            &(|all: &mut Vec<[Tensor; 2]>| all[0][0].shape.swap(0, 1)) as &dyn Fn(&mut Vec<[Tensor; 2]>),
            "bvlc_googlenet in Caffe's naming, but tensor 'conv1/7x7_s2.weight' has shape [3, 64, 7, 7], \
             expected [64, 3, 7, 7]",
        ),
        (&|all| drop(all.remove(5)), "'inception_3a/3x3.weight' [128, 96, 3, 3] is missing"),
        (&|all| all[2][1].data[7] = f32::NAN, "'conv2/3x3.bias' holds NaN at position 7"),
        (&|all| all[3][0].data[0] = f32::INFINITY, "'inception_3a/1x1.weight' holds inf at position 0"),
        (&|all| all.push(all[0].clone()), "two tensors are named 'conv1/7x7_s2."),
        (&|all| all.iter_mut().for_each(|pair| pair[0].name.insert(0, 'x')), "such as 'xconv1/7x7_s2."),
        (
            &|all| {
                all.truncate(1);
                all[0][0].name = "conv5_3.weight".to_owned();
            },
            "this is not a GoogLeNet: its tensor names are those of VGG",
        ),
    ] {
        let message = refusal(spoil);
        assert!(message.contains(words), "no {words:?} in: {message}");
    }
}

/// The file is read by the program itself, in both precisions.
#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for variant in Variant::ALL {
        let expected = tensors(variant, Some(10));
        let mut imported = import(&wire::caffe_v2(layers(&expected))).expect("a good file");
        assert_eq!(imported.variant, variant);
        imported.set_labels(&"name\n".repeat(10)).expect("ten names");
        for half in [false, true] {
            let path = imported.write(&folder.path().join("weights"), half).expect("it can be written");
            let bytes = std::fs::read(path).expect("the file is there");
            let weights = Weights::from_bytes("what was written", &bytes).expect("a good file");
            assert_eq!((weights.classes(), weights.labels().len()), (Some(10), 10));
            let found = safetensors::SafeTensors::deserialize(&bytes).expect("a good file");
            for tensor in expected.iter().flatten() {
                let data = found.tensor(&tensor.name).expect("a tensor of the file").data();
                let same = if half {
                    let rounded =
                        tensor.data.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes());
                    rounded.eq(data.iter().copied())
                } else {
                    bytemuck::pod_collect_to_vec::<u8, f32>(data) == tensor.data
                };
                assert!(same, "{} {half}", tensor.name);
            }
        }
    }
}

#[test]
fn too_large_for_f16_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut large = tensors(Variant::Bvlc, None);
    large[1][1].data[0] = 1e6;
    let imported = import(&wire::caffe_v2(layers(&large))).expect("a good file");
    let error =
        imported.write(&folder.path().join("weights"), true).expect_err("it does not fit").to_string();
    assert!(error.contains("'conv2/3x3_reduce.bias' holds 1000000, which is too large for f16"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder is there").count(), 0);
}
