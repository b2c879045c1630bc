//! How objectives are written and read. What is specific to a kind is in its file, in [`super::kinds`].

use std::fmt;
use std::str::FromStr;

use super::kinds::{Form, KINDS, Row};
use super::suffixes::Suffixes;
use super::{Objective, ObjectiveError, Role};

/// How each kind of objective is written, and what it climbs.
pub fn forms() -> impl Iterator<Item = &'static Form> {
    KINDS.iter().map(|row| &row.form)
}

/// Everything that may be written, in one line.
pub fn accepted() -> String {
    format!("{}, each with *WEIGHT, @OCTAVES and #MASK if wanted", written(forms()))
}

/// What may be written for a picture of this role.
pub fn accepted_after(role: Role) -> String {
    written(forms().filter(|form| form.needs == Some(role)))
}

fn written<'a>(forms: impl Iterator<Item = &'a Form>) -> String {
    forms.map(Form::to_string).collect::<Vec<_>>().join(", ")
}

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(spec: &str) -> Result<Self, ObjectiveError> {
        let form = |reason| ObjectiveError::Form { spec: spec.to_owned(), reason, accepted: accepted() };
        parse(spec).map_err(form)
    }
}

fn parse(spec: &str) -> Result<Objective, String> {
    let (name, rest) = spec.split_once(':').ok_or("it has no colon")?;
    let row = KINDS.iter().find(|row| row.form.name == name);
    let Row { form, parse } = row.ok_or_else(|| format!("no kind of objective is called '{name}'"))?;
    let (operands, suffixes) = Suffixes::split(rest, form.free_text)?;
    if operands.is_empty() || operands.starts_with(':') {
        return Err("nothing follows the colon".to_owned());
    }
    let Suffixes { weight, octaves, mask } = suffixes;
    Ok(Objective { what: parse(operands)?, weight: weight.unwrap_or(1.0), octaves, mask })
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if self.weight != 1.0 {
            write!(f, "*{}", self.weight)?;
        }
        if let Some(octaves) = self.octaves {
            write!(f, "@{octaves}")?;
        }
        match self.mask {
            Some(mask) => write!(f, "#{mask}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_reads_what_it_writes() {
        for spec in [
            "l2:inception_4c/output",
            "l2:inception_4*/output",
            "l2:*/output*0.5@1-2",
            "l2:inception_3b/output@3-",
            "channel:inception_4d/output:139",
            "channel:inception_4d/output:3,17,42-45*-2",
            "neuron:inception_4a/output:97",
            "neuron:inception_4a/output:97:3,5*-2",
            "guide:inception_3b/output*0.5",
            "like:inception_4?/output",
            "direction:inception_4c/output:my direction.npy",
            "direction:inception_4c/output:C:\\v^1.npy^0*2",
            "direction:inception_4?/output:v.npy^2*-1@2#1",
            "logit:208",
            "logit:dog face*0.5",
            "logit:keycap: *",
            "logit:keycap: #",
            "logit:keycap: ##2",
            "l2:inception_4c/output*0.5@2-3#1",
            "logit:at@home@2",
        ] {
            assert_eq!(spec.parse::<Objective>().expect(spec).to_string(), spec);
        }
        for (spec, canonical) in [
            ("logit:dog face#1*2", "logit:dog face*2#1"),
            ("l2:inception_4*/output#2@3-*0.5", "l2:inception_4*/output*0.5@3-#2"),
        ] {
            assert_eq!(spec.parse::<Objective>().expect(spec).to_string(), canonical);
        }
        let long: Objective = "logit:loss3/classifier:7".parse().expect("the long form");
        assert_eq!(long.to_string(), "logit:7");
    }

    #[test]
    fn the_documentation_lists_every_kind() {
        let page = include_str!("../../../docs/steering.md");
        let row = |form: &Form| {
            let written = format!("`{form}`").replace(" or ", "` or `");
            format!("| {written} | {} |", form.meaning)
        };
        for form in forms() {
            assert!(page.lines().any(|line| line == row(form)), "add to docs/steering.md: {}", row(form));
        }
        let unlisted = Form { name: "l3", ..*forms().next().expect("a kind") };
        assert!(!page.contains(&row(&unlisted)));
    }

    #[test]
    fn nonsense_is_refused_with_the_reason() {
        for (spec, reason) in [
            ("inception_4c/output", "no colon"),
            ("l1:conv1/7x7_s2", "no kind"),
            ("l2:", "nothing follows the colon"),
            ("channel:conv1/7x7_s2", "number of fields"),
            ("channel:conv1/7x7_s2:-1", "not a channel number"),
            ("channel:conv1/7x7_s2:7-3", "not a channel number"),
            ("channel:conv1/7x7_s2:1,,2", "not a channel number"),
            ("neuron:conv1/7x7_s2:1:5", "row and a column"),
            ("direction:conv1/7x7_s2", "number of fields"),
            ("direction:conv1/7x7_s2:", "a file"),
            ("direction:conv1/7x7_s2:v.npy^17", "0 to 16"),
            ("direction:conv1/7x7_s2:v.npy^-1", "0 to 16"),
            ("l2:conv1/7x7_s2*nan", "finite"),
            ("l2:conv1/7x7_s2*0", "finite"),
            ("l2:conv1/7x7_s2@0", "not a range of octaves"),
            ("l2:conv1/7x7_s2@3-2", "not a range of octaves"),
            ("l2:conv1/7x7_s2@", "not a range of octaves"),
            ("l2:conv1/7x7_s2#0", "number of a mask"),
            ("l2:conv1/7x7_s2#one", "number of a mask"),
        ] {
            let error = spec.parse::<Objective>().expect_err(spec).to_string();
            assert!(error.contains(reason), "{spec}: {error}");
        }
    }
}
