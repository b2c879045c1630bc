//! The flags of settings. A flag is generated from the setting's declaration.

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::dream::recipe::FilmMark;
use crate::dream::{Changes, Config};
use crate::net::Weights;
use crate::settings::form::Shape;
use crate::settings::{ConfigError, Setting, Settings};
use crate::studio::{Carrying, CarryingChanges};
use crate::visualize::{VisualizeChanges, VisualizeConfig};

/// This setting has no generated flag: objectives have flags of their own, which may be repeated.
const CLIMBED: &str = "objectives";

/// The changes that the flags of all settings make.
pub(crate) struct SettingArguments {
    pub(crate) changes: Changes,
}

/// The change to one setting that other commands need too: the mean subtracted from a picture.
pub(crate) struct MeanArguments {
    changes: Changes,
}

/// The changes that the flags of a visualisation make.
pub(crate) struct VisualizeArguments {
    pub(crate) changes: VisualizeChanges,
}

/// The changes that a film's flags make to how its frames become one dream.
pub(crate) struct CarryingArguments {
    changes: CarryingChanges,
}

impl CarryingArguments {
    /// The settings of a film's recipe if there is one, else the defaults, overridden by the flags.
    ///
    /// # Errors
    /// A setting is out of its range.
    pub(crate) fn carrying(&self, recipe: Option<&FilmMark>) -> Result<Carrying, ConfigError> {
        let usual = Carrying::default();
        let of = |film: &FilmMark| {
            let FilmMark { carry, per_frame, every, .. } = *film;
            Carrying { carry, per_frame, every, ..Carrying::default() }
        };
        let carrying = recipe.map_or(usual, of).changed(&self.changes);
        carrying.check_ranges().map(|()| carrying)
    }
}

impl MeanArguments {
    /// The given mean, or else that of the weights.
    pub(crate) fn or_of(&self, weights: &Weights) -> [f32; 3] {
        Config::by(weights, [&self.changes]).mean
    }
}

/// Implements clap's traits for a struct of changes, with the flags of its settings.
macro_rules! flags {
    ($arguments:ident, $config:ident, $changes:ident: $is_one:expr) => {
        impl Args for $arguments {
            fn augment_args(command: Command) -> Command {
                let settings = $config::all().iter().filter($is_one);
                command.args(settings.map(argument))
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $arguments {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                let mut arguments = Self { changes: $changes::default() };
                arguments.update_from_arg_matches(matches).map(|()| arguments)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                let settings = $config::all().iter().filter($is_one);
                let given = settings.filter_map(|setting| matches.get_one(setting.path));
                self.changes = $config::layered([&self.changes].into_iter().chain(given));
                Ok(())
            }
        }
    };
}

flags!(SettingArguments, Config, Changes: |setting| setting.path != CLIMBED);
flags!(MeanArguments, Config, Changes: |setting| setting.path == "mean");
flags!(CarryingArguments, Carrying, CarryingChanges: |_| true);
flags!(VisualizeArguments, VisualizeConfig, VisualizeChanges: |_| true);

/// The flag of a setting.
fn argument<C: Settings>(setting: &'static Setting<C>) -> Arg {
    let parser = ValueParser::from(|text: &str| setting.read(text));
    let argument = Arg::new(setting.path)
        .long(setting.flag.as_str())
        .value_name(setting.value_name.as_str())
        .value_parser(parser)
        .help_heading(setting.group);
    match setting.shape {
        Shape::Switch => {
            let alone = argument.num_args(0..=1).require_equals(true).default_missing_value("true");
            return alone.help(setting.about);
        }
        Shape::Word => argument,
        Shape::Number => argument.allow_negative_numbers(true),
        Shape::Numbers => argument.allow_hyphen_values(true),
    }
    .help(format!("{} [default: {}]", setting.about, setting.default))
}
