//! Settings as a JSON schema, draft 2020-12.

use serde_json::{Map, Value, json};

use super::{Setting, Settings};

pub(super) fn of<C: Settings>(title: &str) -> Value {
    let defaults = shortest(&C::default());
    let mut properties = Map::new();
    for (order, setting) in C::all().iter().enumerate() {
        let default = setting.path.split('.').fold(&defaults, |value, key| &value[key]);
        let keys: Vec<&str> = setting.path.split('.').collect();
        insert(&mut properties, &keys, property(setting, default, order));
    }
    let mut schema = object(properties);
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(title));
    Value::Object(schema)
}

/// The schema of a setting, with all that a page needs to show it; `group` and `order` give its place there.
fn property<C: Settings>(setting: &Setting<C>, default: &Value, order: usize) -> Value {
    let mut property = setting.schema.clone();
    property.insert("title".to_owned(), json!(setting.words()));
    property.insert("description".to_owned(), json!(setting.about));
    property.insert("group".to_owned(), json!(setting.group));
    property.insert("order".to_owned(), json!(order));
    property.insert("default".to_owned(), default.clone());
    Value::Object(property)
}

/// Inserts a property at its path, with a nested object for each group.
fn insert(properties: &mut Map<String, Value>, path: &[&str], property: Value) {
    match path {
        [] => {}
        [key] => drop(properties.insert((*key).to_owned(), property)),
        [group, inner @ ..] => {
            let group = properties.entry(*group).or_insert_with(|| Value::Object(object(Map::new())));
            if let Some(Value::Object(properties)) = group.get_mut("properties") {
                insert(properties, inner, property);
            }
        }
    }
}

fn object(properties: Map<String, Value>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("additionalProperties".to_owned(), json!(false));
    object.insert("properties".to_owned(), Value::Object(properties));
    object
}

/// A value as JSON with every number written as briefly as possible: 0.1, not the f64 that equals the f32.
pub(super) fn shortest(value: &impl serde::Serialize) -> Value {
    let text = serde_json::to_string(value).and_then(|text| serde_json::from_str(&text));
    text.expect("settings have nothing that JSON cannot say")
}
