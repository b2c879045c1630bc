//! Pictures in the terminal: the program on a pseudo-terminal that calls itself one or another.
#![cfg(unix)]

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::GenericImageView;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use testkit::Desk;

/// Two octaves, of 29x23 and 40x32. Whoever names the weights inside, is told of no others.
const QUICK: &str = "--device cpu --octaves 2 --iterations 2 --layer conv2/3x3 --weights embedded";

/// A terminal of 80x24 cells of 9x18 pixels: its own end, and the one that programs see.
fn terminal() -> (OwnedFd, OwnedFd) {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&own).expect("granted");
    unlockpt(&own).expect("unlocked");
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 720, ws_ypixel: 432 };
    tcsetwinsize(&own, size).expect("sized");
    let name = ptsname(&own, Vec::new()).expect("a name");
    let seen = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the other end");
    (own, seen)
}

/// A command in a terminal that the environment describes as `NAME=value NAME=value` and nothing else does.
fn in_terminal(mut command: Command, environment: &str) -> Command {
    for variable in ["TERM", "TERM_PROGRAM", "LC_TERMINAL", "KITTY_WINDOW_ID", "TMUX", "STY", "ZELLIJ"] {
        command.env_remove(variable);
    }
    command.envs(environment.split_whitespace().filter_map(|word| word.split_once('=')));
    command
}

/// What a dream writes to a terminal that answers questions so, and to stdout, which is a pipe.
fn dream_in(desk: &Desk, arguments: &str, environment: &str, answer: &str) -> (String, Vec<u8>) {
    let (own, seen) = terminal();
    rustix::io::write(&own, answer.as_bytes()).expect("answered beforehand");
    let mut command = in_terminal(desk.command(arguments), environment);
    let child = command.stderr(seen).stdout(Stdio::piped()).spawn().expect("the program starts");
    drop(command); // with the last handle of the other end that is not the program's
    let written = std::thread::spawn(move || {
        let mut written = Vec::new();
        // Linux ends a terminal that nobody sees any longer with an error.
        let _ = File::from(own).read_to_end(&mut written);
        String::from_utf8(written).expect("UTF-8")
    });
    let output = child.wait_with_output().expect("the program ends");
    let written = written.join().expect("no panic");
    assert!(output.status.success(), "{written}");
    (written, output.stdout)
}

/// A result is not changed for a pipe, and not obeyed by a terminal.
#[test]
fn names_in_results_are_shown_on_a_terminal() {
    let desk = Desk::new();
    desk.put("w.safetensors", testkit::WeightsFile::zeros(None).bytes());
    let evil = "\u{1b}[2J.safetensors";
    let import = || {
        let mut command = desk.command("weights import w.safetensors -o");
        command.arg(evil).stderr(Stdio::null());
        command
    };
    let piped = import().output().expect("it ends");
    assert_eq!(piped.stdout, format!("{evil}\n").into_bytes());
    let (own, seen) = terminal();
    let status = import().stdout(seen).status().expect("it ends");
    assert!(status.success());
    let mut written = [0; 100];
    let length = rustix::io::read(&own, &mut written).expect("something was written");
    assert_eq!(String::from_utf8_lossy(&written[..length]), "\\u{1b}[2J.safetensors\r\n");
}

/// Width and height of each picture that is shown by kitty's protocol.
fn kitty_pictures(written: &str) -> Vec<(u32, u32)> {
    let commands = written.split("\x1b_G").skip(1).map(|rest| rest.split_once("\x1b\\").expect("an end").0);
    let mut texts: Vec<String> = Vec::new();
    for (keys, text) in commands.map(|command| command.split_once(';').expect("a payload")) {
        if keys.starts_with("a=T,f=100,") {
            texts.push(String::new());
        }
        *texts.last_mut().expect("a first piece") += text;
    }
    texts.iter().map(|text| size_of(text)).collect()
}

/// The same for iTerm2's.
fn iterm_pictures(written: &str) -> Vec<(u32, u32)> {
    let files = written.split("\x1b]1337;File=inline=1;").skip(1);
    files
        .map(|rest| {
            size_of(rest.split_once('\x07').and_then(|(file, _)| file.split_once(':')).expect("a file").1)
        })
        .collect()
}

fn size_of(text: &str) -> (u32, u32) {
    let png = STANDARD.decode(text).expect("base64");
    image::load_from_memory(&png).expect("a picture").dimensions()
}

/// The same for sixels, by their raster attributes.
fn sixel_pictures(written: &str) -> Vec<(u32, u32)> {
    let size = |rest: &str| {
        let mut numbers = rest.split(['#', ';']).map(|number| number.parse().expect("a number"));
        (numbers.next().expect("a width"), numbers.next().expect("a height"))
    };
    written.split("\x1bP0;1q\"1;1;").skip(1).map(size).collect()
}

#[test]
fn every_octave_is_shown_by_each_protocol() {
    let desk = Desk::new();
    let show = |environment| dream_in(&desk, &format!("dream cat.png --preview {QUICK}"), environment, "").0;
    // Small ones are sent as they are, and enlarged by the terminal; sixels are the terminal's own pixels, of which
    // half of the window has 216 rows.
    assert_eq!(kitty_pictures(&show("TERM=xterm-kitty")), [(29, 23), (40, 32)]);
    assert_eq!(iterm_pictures(&show("TERM=xterm TERM_PROGRAM=iTerm.app")), [(29, 23), (40, 32)]);
    assert_eq!(sixel_pictures(&show("TERM=foot")), [(272, 216), (270, 216)]);
}

#[test]
fn the_line_of_progress_is_taken_away_and_put_back() {
    let desk = Desk::new();
    let (written, _) = dream_in(&desk, &format!("dream cat.png --preview {QUICK}"), "TERM=xterm-kitty", "");
    let parts: Vec<&str> = written.split("\x1b_Ga=T").collect();
    assert_eq!(parts.len(), 3, "{written:?}");
    let [before, between, after] = parts[..] else { unreachable!() };
    assert!(before.contains("octave 1/2 (29x23)") && before.ends_with("\x1b[2K"), "{before:?}");
    let between = between.rsplit_once("\x1b\\").expect("an end").1;
    assert!(between.starts_with("\r\n"), "{between:?}");
    assert!(
        between.contains("octave 2/2 (40x32), iteration 2/2") && between.ends_with("\x1b[2K"),
        "{between:?}"
    );
    assert!(after.ends_with("cat-dream.png\r\n"), "{after:?}");
}

#[test]
fn a_terminal_that_nobody_knows_is_asked() {
    let desk = Desk::new();
    let ask = |answer| {
        dream_in(&desk, &format!("dream cat.png --preview {QUICK}"), "TERM=xterm-256color", answer).0
    };
    let written = ask("\x1b[?62;4;22c");
    assert!(written.contains("\x1b[c"), "{written:?}");
    assert_eq!(sixel_pictures(&written).len(), 2);
    let written = ask("\x1b[?62;22c");
    assert!(written.contains("no preview: this terminal cannot show pictures"), "{written:?}");
    assert_eq!(sixel_pictures(&written).len(), 0);
}

#[test]
fn terminals_without_pictures_are_told_so_in_one_line() {
    let desk = Desk::new();
    for environment in ["TERM=dumb", "TERM=tmux-256color", "TERM=xterm-kitty TMUX=socket"] {
        let (written, _) = dream_in(&desk, &format!("dream cat.png --preview {QUICK}"), environment, "");
        assert_eq!(written.matches("no preview: ").count(), 1, "{environment}: {written:?}");
        assert_eq!(kitty_pictures(&written).len(), 0, "{environment}");
        assert!(written.ends_with("cat-dream.png\r\n"), "{environment}: {written:?}");
    }
}

#[test]
fn results_are_the_same_and_pipes_get_no_pictures() {
    let desk = Desk::new();
    let kitty = "TERM=xterm-kitty KITTY_WINDOW_ID=1";
    let plain = desk.succeed(&format!("dream cat.png -o - {QUICK}")).out;
    let (written, shown) = dream_in(&desk, &format!("dream cat.png -o - --preview {QUICK}"), kitty, "");
    assert_eq!(kitty_pictures(&written).len(), 2);
    assert!(shown == plain, "the picture on stdout is another one");
    let mut command = in_terminal(desk.command(&format!("dream cat.png -o - --preview {QUICK}")), kitty);
    let piped = command.output().expect("the program starts");
    assert!(piped.stdout == plain, "the picture on stdout is another one");
    assert_eq!(String::from_utf8_lossy(&piped.stderr), "no preview: stderr is not a terminal\n");
}

#[test]
fn without_the_flag_nothing_is_shown_or_asked() {
    let desk = Desk::new();
    for environment in ["TERM=xterm-kitty", "TERM=xterm"] {
        let (written, _) = dream_in(&desk, &format!("dream cat.png {QUICK}"), environment, "");
        assert!(!written.contains("\x1b_G") && !written.contains("\x1b[c"), "{written:?}");
    }
}

#[test]
fn a_dream_that_is_taken_up_again_is_shown_from_there() {
    let desk = Desk::new();
    desk.succeed(&format!("dream cat.png --checkpoint half.safetensors {QUICK}"));
    let (written, _) =
        dream_in(&desk, "resume half.safetensors --preview --device cpu", "TERM=xterm-kitty", "");
    assert_eq!(kitty_pictures(&written), [(40, 32)]);
}

/// The first frame is shown in any case, and the film is the same.
#[test]
fn of_a_film_frames_are_shown() {
    let desk = Desk::new();
    for number in 0..3 {
        desk.paint(&format!("film/{number}.png"), 40, 32);
    }
    let film = format!("video film -o dream/ --preview {QUICK}");
    let (written, _) = dream_in(&desk, &film, "TERM=xterm-kitty", "");
    let shown = kitty_pictures(&written);
    assert!(!shown.is_empty() && shown.iter().all(|&size| size == (40, 32)), "{shown:?}");
    assert!(written.ends_with("dream/\r\n"), "{written:?}");
    desk.succeed(&format!("video film -o plain/ {QUICK}"));
    assert_eq!(desk.read("plain/000003.png"), desk.read("dream/000003.png"));
}

#[test]
fn a_batch_has_no_preview() {
    Desk::new().refuse("dream cat.png --out-dir out --preview", 2, &["cannot be used with"]);
}

/// Once to a person; never to a pipe, for which it stays unsaid, nor where that it was said cannot be kept.
#[test]
fn other_networks_are_mentioned_once() {
    let desk = Desk::new();
    let dream = "dream cat.png --device cpu --octaves 1 --iterations 1 --layer conv2/3x3";
    let is_mentioned = |desk: &Desk, arguments: &str| {
        dream_in(desk, arguments, "TERM=xterm", "").0.contains("`puppyslug weights fetch bvlc`")
    };
    assert!(!desk.succeed(dream).err.contains("fetch bvlc"));
    assert!(!is_mentioned(&desk, &format!("{dream} --weights embedded")));
    assert!(is_mentioned(&desk, dream));
    assert!(!is_mentioned(&desk, dream));
    let full = Desk::new();
    full.put("data", "not a folder");
    assert!(!is_mentioned(&full, dream));
}
