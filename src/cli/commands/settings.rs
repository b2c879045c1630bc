//! `puppyslug settings`: what may be set, for people and for programs.

use std::fmt::Write;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::terminal::print;
use crate::dream::Config;
use crate::settings::{Setting, Settings};

#[derive(Args)]
#[command(after_help = "\
A setting has the same name in a recipe (controls.tv is \"tv\" within \"controls\"). As a flag it has the last part,
with - in place of _; `puppyslug dream --help` says how its values are written.")]
pub(crate) struct Arguments {
    /// As a JSON schema (draft 2020-12) of the settings in a recipe
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.json {
        let schema = Config::schema("Settings of a dream");
        return print(format!("{schema:#}\n"));
    }
    print(table(Config::all())?)
}

/// A line for each setting, under the headings of the help.
fn table(settings: &[Setting<Config>]) -> Result<String, Failure> {
    let columns: [fn(&Setting<Config>) -> &str; 3] =
        [|setting| setting.path, |setting| &setting.default, |setting| &setting.accepted];
    let [path, default, range] = columns.map(|of| settings.iter().map(|it| of(it).len()).max().unwrap_or(0));
    let mut table =
        format!("{:<path$}  {:<default$}  {:<range$}  what it does\n", "setting", "default", "range");
    let mut group = "";
    for setting in settings {
        if setting.group != group {
            group = setting.group;
            writeln!(table, "\n{group}:")?;
        }
        let [a, b, c] = columns.map(|of| of(setting));
        writeln!(table, "{a:<path$}  {b:<default$}  {c:<range$}  {}", setting.about)?;
    }
    Ok(table)
}
