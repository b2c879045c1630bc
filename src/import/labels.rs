//! Class names that come beside weights: a file with one a line.

use super::Imported;
use crate::net::Variant;

const CLASSES: &str = "loss3/classifier.bias";
const KEY: &str = "labels";

impl Imported {
    /// How many classes the weights tell apart; `None` without a classifier.
    pub fn classes(&self) -> Option<usize> {
        self.tensors.iter().find(|tensor| tensor.name == CLASSES).map(|tensor| tensor.data.len())
    }

    /// What the metadata says under `key`.
    pub fn says(&self, key: &str) -> Option<&str> {
        self.metadata.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    /// Sets the metadata under `key`.
    pub fn set(&mut self, key: &str, value: &str) {
        self.metadata.retain(|(found, _)| found != key);
        self.metadata.push((key.to_owned(), value.to_owned()));
    }

    /// Names the classes: one a line, in the classifier's order.
    pub fn name_classes(&mut self, text: &str) -> Result<(), String> {
        let mut labels: Vec<&str> = text.lines().map(str::trim_end).collect();
        while labels.last().is_some_and(|label| label.is_empty()) {
            labels.pop();
        }
        let classes = self.classes().ok_or("there are no classes to name: the weights have no classifier")?;
        if let Some(line) = labels.iter().position(|label| label.is_empty()) {
            return Err(format!("line {} of the labels is empty", line + 1));
        }
        // Google's network has 1008 outputs, and its list of names ends before.
        let unused: Vec<String> = (labels.len()..classes).map(|class| format!("unused {class}")).collect();
        if self.variant == Variant::Inception5h && labels.len() >= classes.saturating_sub(8) {
            labels.extend(unused.iter().map(String::as_str));
        }
        if labels.len() != classes {
            return Err(format!(
                "there are {} labels, one a line, and the weights have {classes} classes",
                labels.len()
            ));
        }
        self.set(KEY, &labels.join("\n"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Format, Tensor};

    fn imported(variant: Variant, classes: usize) -> Imported {
        let bias = Tensor { name: CLASSES.into(), shape: vec![classes], data: vec![0.0; classes] };
        Imported { format: Format::Caffe, variant, tensors: vec![bias], metadata: Vec::new() }
    }

    #[test]
    fn every_class_gets_one_name() {
        let mut weights = imported(Variant::Bvlc, 2);
        weights.name_classes("cat\r\ndog\n\n").expect("two names");
        weights.name_classes("lynx\nwolf").expect("two others");
        assert_eq!(weights.metadata, [("labels".to_owned(), "lynx\nwolf".to_owned())]);
        for (text, words) in [("cat", "there are 1 labels"), ("a\nb\nc", "3 labels"), ("\na", "line 1")] {
            let error = weights.name_classes(text).expect_err(text);
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn outputs_that_google_left_over_are_unused() {
        let mut weights = imported(Variant::Inception5h, 10);
        weights.name_classes("a\nb\nc").expect("seven are left over");
        assert!(weights.says("labels").is_some_and(|labels| {
            labels.ends_with("c\nunused 3\nunused 4\nunused 5\nunused 6\nunused 7\nunused 8\nunused 9")
        }));
        assert!(weights.name_classes("a").is_err());
    }
}
