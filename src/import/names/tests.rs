//! Tests PyTorch's naming schemes with names and shapes listed by the modules themselves, without its reader.

use super::convert::NORM;
use super::*;

/// Tensors made from a module's list of names and shapes, each tensor filled with different numbers.
fn listed(list: &str) -> Vec<Tensor> {
    let tensor = |(seed, line): (usize, &str)| {
        let (name, shape) = line.split_once(' ').expect("a name and a shape");
        let shape: Vec<usize> = shape.split(',').map(|length| length.parse().expect("a length")).collect();
        // From 1/256 to 1, so that variances are positive.
        let number = |cell: usize| ((cell + seed) * 97 % 256 + 1) as f32 / 256.0;
        let data = (0..shape.iter().product()).map(number).collect();
        Tensor { name: name.to_owned(), shape, data }
    };
    list.lines().enumerate().map(tensor).collect()
}

fn torchvision() -> Vec<Tensor> {
    listed(include_str!("../../../tests/fixtures/import/torchvision.txt"))
}

fn adopted(tensors: Vec<Tensor>) -> Result<Imported, String> {
    adopt(Raw { format: Format::Torch, tensors, metadata: Vec::new() })
}

fn find<'a>(tensors: &'a [Tensor], name: &str) -> &'a [f32] {
    &tensors.iter().find(|tensor| tensor.name == name).expect("a tensor of the list").data
}

/// The folded network computes the same from a picture as torchvision's: `gamma * (w x' - mean) / sqrt(variance +
/// 0.001) + beta` with `x' = x / 127.5 - 1`, in its own colour order.
#[test]
fn torchvision_is_folded() {
    let original = torchvision();
    let imported = adopted(original.clone()).expect("torchvision's own names and shapes");
    assert_eq!((imported.variant, imported.classes()), (Variant::Torchvision, Some(1000)));
    assert_eq!(imported.get("mean_bgr"), Some("127.5,127.5,127.5"));
    let norm = |stem: &str| NORM.map(|part| find(&original, &format!("{stem}.bn.{part}")));
    for (ours, theirs, scale, colours) in [
        ("conv1/7x7_s2", "conv1", 127.5, [2, 1, 0]),
        ("inception_4b/5x5", "inception4b.branch3.1", 1.0, [0, 1, 2]),
    ] {
        let [gamma, beta, mean, variance] = norm(theirs);
        let weights = find(&original, &format!("{theirs}.conv.weight"));
        let found = find(&imported.tensors, &format!("{ours}.weight"));
        let biases = find(&imported.tensors, &format!("{ours}.bias"));
        let terms = weights.len() / gamma.len();
        let taps = if ours == "conv1/7x7_s2" { 49 } else { 9 };
        for channel in 0..gamma.len() {
            let of = |values: &[f32]| f64::from(values[channel]);
            let factor = of(gamma) / (of(variance) + 0.001).sqrt();
            for term in 0..3 * taps {
                let from = channel * terms + colours[term / taps] * taps + term % taps;
                let expected = f64::from(weights[from]) * factor / scale;
                // Rounding to f32 once is an error of half of 2^-23; the error of the f64 operations is far
                // smaller.
                let error = (f64::from(found[channel * terms + term]) - expected).abs();
                assert!(error <= 6.0e-8 * expected.abs(), "{ours} {channel} {term}");
            }
            let expected = of(beta) - of(mean) * factor;
            let rounding = 6.0e-8 * expected.abs().max(f64::from(f32::MIN_POSITIVE));
            assert!((of(biases) - expected).abs() <= rounding, "{ours} {channel}");
        }
    }
    assert_eq!(find(&imported.tensors, "loss3/classifier.weight"), find(&original, "fc.weight"));
}

#[test]
fn a_normalisation_without_a_root_is_refused() {
    let mut tensors = torchvision();
    let variance = tensors.iter_mut().find(|tensor| tensor.name == "conv2.bn.running_var");
    variance.expect("a tensor of the list").data[3] = -1.0;
    let message = adopted(tensors).expect_err("there is no root of it");
    assert!(message.contains("'conv2/3x3_reduce.weight' holds NaN"), "{message}");
}

#[test]
fn what_a_file_says_of_itself_is_kept_if_it_can_be_true() {
    let saying = |key: &str, value: &str| {
        let metadata = vec![(key.to_owned(), value.to_owned())];
        adopt(Raw { format: Format::Torch, tensors: torchvision(), metadata })
    };
    for (key, value) in [("mean_bgr", "1,2,3"), ("license", "mine"), ("source", "elsewhere")] {
        assert_eq!(saying(key, value).expect("a good file").get(key), Some(value));
    }
    for (key, value) in [("mean_bgr", "1,2"), ("input", "RGB"), ("labels", "one\ntwo")] {
        assert!(saying(key, value).is_err(), "{key}");
    }
}

/// A network is found whatever prefix a training wrapper adds to its names, even if the file also holds a copy of
/// it, or other tensors that were trained.
#[test]
fn a_network_is_found_in_its_wrappings() {
    let renamed = |prefix: &str| {
        let rename = |tensor: Tensor| Tensor { name: format!("{prefix}{}", tensor.name), ..tensor };
        torchvision().into_iter().map(rename).collect::<Vec<_>>()
    };
    let plain = adopted(torchvision()).expect("good").tensors;
    for prefix in ["module.", "_orig_mod.", "model.", "net.", "module._orig_mod.", "a.b.c."] {
        let mut tensors = renamed(prefix);
        tensors.push(Tensor { name: "loss.weight".to_owned(), shape: vec![1], data: vec![1.0] });
        let mut copy = renamed("ema_model.wrapped.in.much.");
        copy.iter_mut().for_each(|tensor| tensor.data.fill(0.5));
        tensors.extend(copy);
        assert!(adopted(tensors).expect(prefix).tensors == plain, "{prefix}");
    }
    let mut cut = renamed("module.");
    cut.retain(|tensor| tensor.name != "module.inception4c.branch1.bn.bias");
    let message = adopted(cut).expect_err("a tensor is missing");
    assert!(message.contains("'module.inception4c.branch1.bn.bias' [128] is missing"), "{message}");
    assert!(adopted(renamed("module")).is_err(), "a prefix ends in a dot");
}

/// PyTorch's exporter folds batch normalisation and names the results by numbers; only the classifier keeps its
/// name.
#[test]
fn an_onnx_export_that_has_lost_its_names_says_so() {
    let mut number = 497;
    let lost = |mut tensor: Tensor| {
        if !tensor.name.starts_with("fc.") {
            number += 3;
            tensor.name = format!("onnx::Conv_{number}");
        }
        tensor
    };
    let message =
        adopted(torchvision().into_iter().map(lost).collect()).expect_err("nobody knows which is which");
    assert!(message.contains("'onnx::Conv_1001'"), "{message}");
    assert!(message.contains("have lost their names") && message.contains("state_dict"), "{message}");
}

/// A layer of each kind, with the names found in real files.
#[test]
fn other_namings_of_pytorch_are_known() {
    let namings = [
        (
            "conv2d0_pre_relu_conv mixed3a_3x3_bottleneck_pre_relu_conv mixed5b_pool_reduce_pre_relu_conv \
          softmax2_pre_activation_matmul",
            Variant::Inception5h,
            4,
        ),
        ("conv1 mixed3a.conv_3x3_reduce mixed5b.pool_proj fc", Variant::Inception5h, 5),
        ("conv1_7x7_s2 inception_3a_3x3_reduce inception_5b_pool_proj loss3_classifier", Variant::Bvlc, 2),
    ];
    for (names, variant, family) in namings {
        let stem = |layer: &str| stem_of(family, layer);
        let layers = ["conv1/7x7_s2", "inception_3a/3x3_reduce", "inception_5b/pool_proj", CLASSIFIER];
        assert_eq!(layers.map(stem).join(" "), names);
        let network = variant.network(Some(7));
        let mut tensors = Vec::new();
        for id in network.ids() {
            let Some(shape) = network.filter_shape(id) else { continue };
            let layer = network[id].caffe_name();
            let shape = if layer == CLASSIFIER { &shape[..2] } else { &shape[..] };
            for (part, shape) in [("weight", shape), ("bias", &shape[..1])] {
                let data = (0..shape.iter().product()).map(|cell: usize| cell as f32).collect();
                tensors.push(Tensor { name: format!("{}.{part}", stem(layer)), shape: shape.to_vec(), data });
            }
        }
        let original = find(&tensors, &format!("{}.weight", stem("conv1/7x7_s2"))).to_vec();
        let imported = adopted(tensors).expect("a good file");
        assert_eq!(imported.variant, variant);
        // Google's network takes red first.
        let first = if variant == Variant::Bvlc { &original[..49] } else { &original[98..147] };
        assert_eq!(&find(&imported.tensors, "conv1/7x7_s2.weight")[..49], first);
        assert_eq!(find(&imported.tensors, "inception_3a/1x1.weight")[5], 5.0);
    }
}

/// The name of a layer's weights without its ending, in a naming scheme that stores filters with a bias.
fn stem_of(family: usize, layer: &str) -> String {
    match (FAMILIES[family].parts)(layer) {
        Parts::Biased { weight, .. } => weight.strip_suffix(".weight").expect("PyTorch's suffix").to_owned(),
        Parts::Normalised { norm, .. } => norm,
    }
}
