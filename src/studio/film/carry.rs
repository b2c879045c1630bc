//! What a frame's dream begins with: what of the last frame's dream is carried into it.

use crate::picture::Picture;

/// Where the climb over a frame begins; `None` for at the frame itself. Every frame is dreamed alone so far: what the
/// dream of the last frame added to it can be carried once it is known where its places have moved to.
pub(super) fn start(_last: Option<(&Picture, &Picture)>, _source: &Picture) -> Option<Picture> {
    None
}
