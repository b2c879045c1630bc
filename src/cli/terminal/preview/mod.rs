//! Previews in the terminal: the current state of a dream, above its progress line.

#[cfg(unix)]
mod ask;
#[cfg(not(unix))]
mod ask {
    /// Never asks: on this system, waiting for the answer could not be limited in time.
    pub(crate) fn draws_sixels() -> bool {
        false
    }
}
mod iterm;
mod kitty;
mod live;
mod screen;
mod sixel;
mod terminal;

use std::io::{self, IsTerminal, Write};

use crate::picture::Picture;
use crate::picture::{Format, PictureError, SaveOptions};
pub(crate) use live::Live;
use screen::{Frame, Screen};
use terminal::{Hint, Protocol};

/// The name of a preview in errors.
const NAME: &str = "the preview";

/// A terminal that shows pictures.
pub(crate) struct Preview {
    protocol: Protocol,
}

impl Preview {
    /// Opens the terminal on stderr.
    ///
    /// # Errors
    /// Says why it cannot show pictures.
    pub(crate) fn open() -> Result<Self, &'static str> {
        if !io::stderr().is_terminal() {
            return Err("stderr is not a terminal");
        }
        let protocol = match terminal::hint(|name| std::env::var(name).ok()) {
            Hint::Draws(protocol) => protocol,
            Hint::DrawsNothing(reason) => return Err(reason),
            Hint::Unknown if ask::draws_sixels() => Protocol::Sixel,
            Hint::Unknown => {
                return Err(
                    "this terminal cannot show pictures: it supports neither kitty's nor iTerm2's protocol, nor sixels",
                );
            }
        };
        Ok(Self { protocol })
    }

    /// Encodes the picture for the terminal, in a size that fits the current window.
    pub(crate) fn encode(&self, picture: &Picture) -> Result<Vec<u8>, PictureError> {
        let frame = Screen::of_stderr().frame(picture.extent());
        self.framed(picture, frame)
    }

    fn framed(&self, picture: &Picture, frame: Frame) -> Result<Vec<u8>, PictureError> {
        match self.protocol {
            Protocol::Kitty => Ok(kitty::encode(&png(picture, frame)?, frame)),
            Protocol::Iterm => Ok(iterm::encode(&png(picture, frame)?, frame)),
            Protocol::Sixel => Ok(sixel::encode(&picture.resized(frame.size)?)),
        }
    }
}

/// The picture as a PNG file, no larger than it is shown: terminals can enlarge it themselves.
fn png(picture: &Picture, frame: Frame) -> Result<Vec<u8>, PictureError> {
    let options = SaveOptions { format: Some(Format::Png), ..SaveOptions::default() };
    if frame.size.width < picture.width() {
        picture.resized(frame.size)?.encode(NAME, &options)
    } else {
        picture.encode(NAME, &options)
    }
}

/// Prints an encoded picture on the terminal and moves the cursor below it. A closed terminal does not stop the
/// dream.
pub(crate) fn show(encoded: &[u8]) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(encoded).and_then(|()| stderr.write_all(b"\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extent::Extent;

    #[test]
    fn large_pictures_are_sent_as_small_as_they_are_shown_and_small_ones_as_they_are() {
        let frame = Frame { size: Extent::new(40, 60), columns: 6, rows: 2 };
        let sent = |size: Extent| {
            let picture = Picture::from_rgb(size, vec![90.0; 3 * size.plane()]).expect("a picture");
            let sent = Picture::decode(&png(&picture, frame).expect("a PNG"), "sent").expect("a picture");
            sent.extent()
        };
        assert_eq!(sent(Extent::new(400, 600)), Extent::new(40, 60));
        assert_eq!(sent(Extent::new(20, 30)), Extent::new(20, 30));
    }
}
