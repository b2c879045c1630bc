//! `puppyslug settings`: all settings, for people and for programs.

use std::fmt::Write;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::terminal::print;
use crate::dream::presets::EMBEDDED_DEFAULT;
use crate::dream::{Config, Preset};
use crate::settings::{Setting, Settings};

#[derive(Args)]
#[command(after_help = "\
A setting has the same name in a recipe (controls.tv is \"tv\" within \"controls\"). As a flag, it
has the last part of the name, with - for _; `puppyslug dream --help` explains how to write values.")]
pub(crate) struct Arguments {
    /// Print a JSON schema (draft 2020-12) of the settings in a recipe
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

/// A table of the settings with name, default, range and description, under the headings of the help.
fn table(settings: &[Setting<Config>]) -> Result<String, Failure> {
    let longest =
        |of: fn(&Setting<Config>) -> &str| settings.iter().map(|it| of(it).len()).max().unwrap_or(0);
    let (name, default) = (longest(|setting| setting.path), longest(|setting| &setting.default));
    let mut table = format!("  {:<name$}  {:<default$}  range\n", "setting", "default");
    let mut group = "";
    for setting in settings {
        if setting.group != group {
            group = setting.group;
            writeln!(table, "\n{group}:")?;
        }
        writeln!(table, "  {:<name$}  {:<default$}  {}", setting.path, setting.default, setting.accepted)?;
        writeln!(table, "      {}", setting.about)?;
    }
    writeln!(
        table,
        "\nWith the built-in network, unless a layer, an objective or a recipe is given, the default is the preset \
         {EMBEDDED_DEFAULT}:"
    )?;
    let default = Preset::of_embedded();
    for (setting, value) in settings.iter().filter_map(|it| Some((it, it.written(&default)?))) {
        writeln!(table, "  {:<name$}  {value}", setting.path)?;
    }
    Ok(table)
}
