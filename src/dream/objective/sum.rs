//! Several objectives in one text: `A + 0.5*B - C`.

use std::fmt;
use std::str::FromStr;

use super::suffixes::parse_weight;
use super::{Objective, ObjectiveError, forms};

/// Objectives that add up; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum(pub Vec<Objective>);

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, objective) in self.0.iter().enumerate() {
            write!(f, "{}{objective}", if number > 0 { " + " } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for Sum {
    type Err = ObjectiveError;

    /// Reads terms separated by `+` or `-` with spaces around it. Each is an objective, perhaps after
    /// `WEIGHT*`. Names of classes may contain such signs: a new term begins only where a kind of objective
    /// follows.
    fn from_str(text: &str) -> Result<Self, ObjectiveError> {
        let mut terms = Vec::new();
        let (mut rest, mut sign) = (text, 1.0);
        while let Some((term, next_sign, next)) = split(rest) {
            terms.push(read(term, sign)?);
            (rest, sign) = (next, next_sign);
        }
        terms.push(read(rest, sign)?);
        Ok(Self(terms))
    }
}

/// The first term, the sign of the next, and the text from there.
fn split(text: &str) -> Option<(&str, f32, &str)> {
    let mut signs = text.char_indices().filter(|&(_, letter)| letter == '+' || letter == '-');
    signs.find_map(|(at, sign)| {
        let term = text[..at].strip_suffix(' ')?;
        let next = text[at + 1..].strip_prefix(' ')?.trim_start();
        let begins = !term.trim().is_empty() && begins_with_a_kind(weighed(next).1);
        begins.then_some((term, if sign == '-' { -1.0 } else { 1.0 }, next))
    })
}

fn begins_with_a_kind(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, _)| forms().any(|form| form.name == kind))
}

/// The weight in front of an objective, if there is one.
fn weighed(term: &str) -> (Option<&str>, &str) {
    match term.split_once('*') {
        Some((weight, rest)) if !weight.contains(':') => (Some(weight.trim()), rest.trim_start()),
        _ => (None, term),
    }
}

fn read(term: &str, sign: f32) -> Result<Objective, ObjectiveError> {
    let term = term.trim();
    let (bare, sign) = match term.strip_prefix('-').map(str::trim_start) {
        Some(bare) if begins_with_a_kind(bare) => (bare, -sign),
        _ => (term, sign),
    };
    let (weight, spec) = weighed(bare);
    let mut objective: Objective = spec.parse()?;
    let refused = |reason| ObjectiveError::Form {
        spec: term.to_owned(),
        reason,
        accepted: "objectives with + or - between, each with WEIGHT* before it if wanted".to_owned(),
    };
    objective.weight *= sign * weight.map_or(Ok(1.0), parse_weight).map_err(refused)?;
    Ok(objective)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_told_from_names() {
        for (text, written) in [
            ("l2:conv1/7x7_s2", "l2:conv1/7x7_s2"),
            ("-l2:conv1/7x7_s2", "l2:conv1/7x7_s2*-1"),
            ("channel:a:3 + 0.5*channel:b:4", "channel:a:3 + channel:b:4*0.5"),
            ("2*channel:a:3 - 0.5*channel:b:4*2", "channel:a:3*2 + channel:b:4*-1"),
            ("-3*channel:a:3  -  channel:b:1", "channel:a:3*-3 + channel:b:1*-1"),
            ("logit:salt + pepper", "logit:salt + pepper"),
            ("logit:salt - pepper + logit:7", "logit:salt - pepper + logit:7"),
            ("logit:keycap: *", "logit:keycap: *"),
        ] {
            let sum: Sum = text.parse().expect(text);
            assert_eq!(sum.to_string(), written);
            assert_eq!(written.parse::<Sum>().expect(written), sum);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for (text, words) in [("", "no colon"), ("x*l2:a", "finite"), ("0*l2:a", "finite")] {
            let error = text.parse::<Sum>().expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_term_of_no_kind_belongs_to_the_name_before_it() {
        let error = "l2:a + l3:b".parse::<Sum>().expect_err("a layer with a colon").to_string();
        assert!(error.contains("'l2:a + l3:b'") && error.contains("number of fields"), "{error}");
        // The negative control: of a kind, it is a term.
        assert_eq!("l2:a + l2:b".parse::<Sum>().expect("two objectives").0.len(), 2);
    }
}
