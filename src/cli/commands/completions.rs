//! `puppyslug completions` and `puppyslug man`: a shell's completion script and a manual page, on stdout.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::failure::Failure;
use crate::cli::terminal::print;

#[derive(Args)]
#[command(after_help = "\
Examples:
  puppyslug completions bash > ~/.local/share/bash-completion/completions/puppyslug
  puppyslug completions zsh > ~/.zfunc/_puppyslug        (a folder in $fpath)
  puppyslug completions fish > ~/.config/fish/completions/puppyslug.fish")]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut program: Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, "puppyslug", &mut script);
    print(script)
}

/// Prints one manual page: the program's own, followed by that of each subcommand.
pub(crate) fn man(mut program: Command) -> Result<(), Failure> {
    program.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(program.clone()).render(&mut page)?;
    for subcommand in program.get_subcommands().filter(|command| command.get_name() != "help") {
        clap_mangen::Man::new(subcommand.clone()).render(&mut page)?;
    }
    print(page)
}
