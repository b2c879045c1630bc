//! Networks that are mistaken for a GoogLeNet, and the tensor names by which they are recognised.

/// Parts of tensor names that no GoogLeNet has, and the network that has them. The first match is reported.
const MARKS: [(&str, &str); 16] = [
    ("_quantized", "a network rounded to int8; take the float model it was made from"),
    ("_int8", "a network rounded to int8; take the float model it was made from"),
    ("InceptionV1/", "TF-slim's Inception v1, another network with batch normalisation"),
    ("Mixed_7", "Inception v3 or v4"),
    ("mixed_10", "Inception v3"),
    ("InceptionV3/", "Inception v3"),
    ("inception_3c", "BN-Inception (Inception v2)"),
    ("layer4.", "a ResNet"),
    ("res5", "a ResNet"),
    ("conv5_3", "VGG"),
    ("features.28.", "VGG"),
    ("features.10.", "AlexNet or VGG"),
    ("fc6", "AlexNet or VGG"),
    ("fire9", "SqueezeNet"),
    ("denseblock4", "a DenseNet"),
    ("model.diffusion_model", "a diffusion model"),
];

/// What the network is, if its names reveal it.
pub(super) fn unmask<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    MARKS.iter().find(|(mark, _)| names.clone().any(|name| name.contains(mark))).map(|&(_, what)| what)
}
