//! What environment variables tell about the terminal.

/// A protocol for sending pictures to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Kitty,
    Iterm,
    Sixel,
}

/// What is known of a terminal without asking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Draws(Protocol),
    /// It cannot draw, for this reason.
    DrawsNothing(&'static str),
    Unknown,
}

/// Environment variables of terminals that show pictures, with the start of their values. A terminal started from
/// within another inherits its variables; those likeliest to be inherited come last.
const DRAWING: [(&str, &str, Protocol); 10] = [
    ("TERM", "xterm-kitty", Protocol::Kitty),
    ("TERM", "xterm-ghostty", Protocol::Kitty),
    ("TERM", "foot", Protocol::Sixel),
    ("TERM", "mlterm", Protocol::Sixel),
    ("TERM_PROGRAM", "ghostty", Protocol::Kitty),
    ("TERM_PROGRAM", "iTerm.app", Protocol::Iterm),
    ("TERM_PROGRAM", "WezTerm", Protocol::Iterm),
    ("TERM_PROGRAM", "mintty", Protocol::Iterm),
    ("LC_TERMINAL", "iTerm2", Protocol::Iterm),
    ("KITTY_WINDOW_ID", "", Protocol::Kitty),
];

/// The same for programs that run between this one and the terminal, such as multiplexers, whether or not they
/// hide its name.
const BETWEEN: [(&str, &str); 5] =
    [("TMUX", ""), ("STY", ""), ("ZELLIJ", ""), ("TERM", "tmux"), ("TERM", "screen")];

/// Values of `TERM` for terminals that show only text. If it is empty, there is no telling how the terminal would
/// react to a query.
const TEXT_ONLY: [&str; 3] = ["", "dumb", "linux"];

/// What the environment tells; `variable` looks up a variable.
pub(super) fn hint(variable: impl Fn(&str) -> Option<String>) -> Hint {
    let begins = |name: &str, start: &str| variable(name).is_some_and(|value| value.starts_with(start));
    if BETWEEN.iter().any(|(name, start)| begins(name, start)) {
        return Hint::DrawsNothing("tmux, screen and zellij do not pass pictures on");
    }
    if TEXT_ONLY.contains(&variable("TERM").unwrap_or_default().as_str()) {
        return Hint::DrawsNothing("this terminal shows text only");
    }
    let known = DRAWING.iter().find(|(name, start, _)| begins(name, start));
    known.map_or(Hint::Unknown, |&(_, _, protocol)| Hint::Draws(protocol))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hint of an environment written `NAME=value NAME=value`.
    fn hint_of(environment: &str) -> Hint {
        hint(|name| {
            let mut variables = environment.split_whitespace().filter_map(|word| word.split_once('='));
            variables.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
        })
    }

    #[test]
    fn terminals_are_known_by_their_environment() {
        use Protocol::{Iterm, Kitty, Sixel};
        for (environment, protocol) in [
            ("TERM=xterm-kitty KITTY_WINDOW_ID=1", Kitty),
            ("TERM=xterm-256color KITTY_WINDOW_ID=1", Kitty),
            ("TERM=xterm-ghostty TERM_PROGRAM=ghostty", Kitty),
            ("TERM=xterm-256color TERM_PROGRAM=ghostty", Kitty),
            ("TERM=xterm-256color TERM_PROGRAM=iTerm.app LC_TERMINAL=iTerm2", Iterm),
            ("TERM=xterm-256color LC_TERMINAL=iTerm2", Iterm),
            ("TERM=xterm-256color TERM_PROGRAM=WezTerm", Iterm),
            ("TERM=xterm TERM_PROGRAM=mintty", Iterm),
            ("TERM=foot", Sixel),
            ("TERM=foot-extra", Sixel),
            ("TERM=mlterm-256color", Sixel),
            // Started from within kitty.
            ("TERM=foot KITTY_WINDOW_ID=1", Sixel),
            ("TERM=xterm-256color TERM_PROGRAM=WezTerm KITTY_WINDOW_ID=1", Iterm),
        ] {
            assert_eq!(hint_of(environment), Hint::Draws(protocol), "{environment}");
        }
    }

    #[test]
    fn what_stands_between_hides_the_terminal() {
        for environment in [
            "TERM=tmux-256color",
            "TERM=screen",
            "TERM=screen.xterm-256color STY=1",
            "TERM=xterm-kitty KITTY_WINDOW_ID=1 TMUX=socket",
            "TERM=xterm-kitty ZELLIJ=0",
        ] {
            assert!(
                matches!(hint_of(environment), Hint::DrawsNothing(why) if why.contains("tmux")),
                "{environment}"
            );
        }
    }

    #[test]
    fn the_rest_is_asked_unless_it_cannot_answer() {
        for environment in ["TERM=xterm", "TERM=xterm-256color TERM_PROGRAM=vscode", "TERM=vt340"] {
            assert_eq!(hint_of(environment), Hint::Unknown, "{environment}");
        }
        for environment in ["", "TERM=dumb", "TERM=linux", "TERM_PROGRAM=WezTerm"] {
            assert!(matches!(hint_of(environment), Hint::DrawsNothing(_)), "{environment}");
        }
    }
}
