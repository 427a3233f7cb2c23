//! The reference of scenario files: JSON Schema and a list of all keys, both generated from the types.
pub fn schema() -> serde_json::Value {
    serde_json::Value::Null
}
pub fn markdown() -> String {
    String::new()
}
