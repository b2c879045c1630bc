//! How a recipe is marked in each format, so that no other text is taken for one.

/// The keyword in PNG.
pub(super) const KEYWORD: &str = "puppyslug";

/// The name of the attribute in OpenEXR.
pub(super) const ATTRIBUTE: &str = "puppyslug";

/// What tells a recipe from any other JPEG comment or TIFF description.
pub(super) const MARK: &str = "puppyslug:";

/// The longest recipe, in bytes, written or believed.
pub(super) const MAX_RECIPE: usize = 16 << 20;

/// The element in XMP, which is what WebP has for texts.
pub(super) const ELEMENT: [&str; 2] = ["<puppyslug:recipe>", "</puppyslug:recipe>"];
