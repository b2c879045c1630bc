//! How a recipe is marked in each format, so that no other text is mistaken for one.

/// The keyword in PNG.
pub(super) const KEYWORD: &str = "puppyslug";

/// The name of the attribute in OpenEXR.
pub(super) const ATTRIBUTE: &str = "puppyslug";

/// The prefix that distinguishes a recipe from any other JPEG comment or TIFF description.
pub(super) const MARK: &str = "puppyslug:";

/// The maximum length of a recipe, in bytes, for writing and reading.
pub(super) const MAX_RECIPE: usize = 16 << 20;

/// The element in XMP, which is where WebP stores text.
pub(super) const ELEMENT: [&str; 2] = ["<puppyslug:recipe>", "</puppyslug:recipe>"];
