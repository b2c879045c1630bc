//! A test whose name is made at run time, in a module of its program, and with a reason if it is not run.

use std::collections::BTreeMap;

use libtest_mimic::{Arguments, Conclusion, Failed};

type Test = Box<dyn FnOnce() -> Result<(), Failed> + Send>;

/// A test.
pub struct Trial {
    name: String,
    kind: String,
    ignored: Option<String>,
    test: Test,
}

impl Trial {
    pub fn test(name: impl Into<String>, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Self {
        Self { name: name.into(), kind: String::new(), ignored: None, test: Box::new(test) }
    }

    /// Stands for tests that cannot even be listed.
    pub fn missing(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::test(name, || Ok(())).ignored(Some(why))
    }

    /// A word to stand before the name.
    #[must_use]
    pub fn with_kind(self, kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), ..self }
    }

    /// Ignored, if there is a reason.
    #[must_use]
    pub fn ignored(self, why: Option<impl Into<String>>) -> Self {
        Self { ignored: why.map(Into::into), ..self }
    }

    fn named(self, name: String) -> Self {
        Self { name, ..self }
    }
}

/// The tests of a module: `module::name`, as if the compiler had named them.
pub fn module(name: &str, trials: Vec<Trial>) -> impl Iterator<Item = Trial> {
    trials.into_iter().map(move |trial| {
        let path = format!("{name}::{}", trial.name);
        trial.named(path)
    })
}

/// Runs the trials of a test program, and says aloud what is not run.
pub fn run_all(trials: impl IntoIterator<Item = Trial>) -> Conclusion {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let trials = trials.into_iter().map(|trial| {
        let ignored = trial.ignored.is_some();
        trial.ignored.into_iter().for_each(|why| *reasons.entry(why).or_default() += 1);
        libtest_mimic::Trial::test(trial.name, trial.test).with_kind(trial.kind).with_ignored_flag(ignored)
    });
    let trials = trials.collect();
    for (why, count) in reasons {
        eprintln!("{count} ignored: {why}");
    }
    libtest_mimic::run(&Arguments::from_args(), trials)
}
