//! From the tree of [`super::document`] to typed tables, finding all faults instead of the first.
//!
//! The tree is a serde deserializer whose errors carry the dotted key and the place in the file. A table that fails is
//! tried again without the key that failed, until nothing more is wrong or nothing more can be tried; every failure on
//! the way is a fault, except those that the removal itself caused.

use super::dimension::{COMMA_REMEDY, comma_in_number};
use super::document::{Entry, Item, ORIGIN, Table, Value};
use super::fault::{Fault, Origin};
use schemars::JsonSchema;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt;

/// The name by which a type asks to be told its own dotted key: it is then given `(key, value)`.
pub const WITH_KEY: &str = "$corridor::with_key";

/// Where the cursor stands below the table being decoded.
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    key: &'p str,
}

impl Path<'_> {
    fn dotted(&self) -> String {
        match self.parent {
            Some(parent) => format!("{}.{}", parent.dotted(), self.key),
            None => self.key.to_owned(),
        }
    }
}

/// Why a value could not be decoded. Hundreds of types are decoded by code made for each, all of which passes this on,
/// so it is one pointer wide and what handles it is not inlined: less code is made for each type.
#[derive(Debug)]
pub struct DecodeError(Box<Reason>);

#[derive(Debug)]
struct Reason {
    code: &'static str,
    message: String,
    remedy: String,
    origin: Option<Origin>,
    /// Keys from the value outwards.
    inwards: Vec<String>,
}

impl DecodeError {
    fn new(code: &'static str, message: String) -> Self {
        Self(Box::new(Reason {
            code,
            message,
            remedy: String::new(),
            origin: None,
            inwards: Vec::new(),
        }))
    }

    #[inline(never)]
    fn at(mut self, origin: &Origin) -> Self {
        self.0.origin.get_or_insert_with(|| origin.clone());
        self
    }

    #[inline(never)]
    fn within(mut self, key: &str) -> Self {
        self.0.inwards.push(key.to_owned());
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for DecodeError {}

/// The separator between what is wrong and what to do in messages raised inside `Deserialize` implementations.
pub const REMEDY: &str = "\u{1f}";

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        let (message, remedy) = text.split_once(REMEDY).unwrap_or((&text, ""));
        let mut error = Self::new("invalid-value", message.to_owned());
        error.0.remedy = remedy.to_owned();
        error
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found_text = match found {
            Unexpected::Str(text) => text.to_owned(),
            _ => String::new(),
        };
        let found = match found {
            Unexpected::Str(text) => format!("the text \"{text}\""),
            Unexpected::Signed(number) => format!("the number {number}"),
            Unexpected::Unsigned(number) => format!("the number {number}"),
            Unexpected::Float(number) => format!("the number {number}"),
            Unexpected::Bool(flag) => format!("{flag}"),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Map => "a table".to_owned(),
            other => other.to_string(),
        };
        let expected = match expected.to_string().as_str() {
            "u8" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
            "i64" => "a whole number".to_owned(),
            "f64" => "a number".to_owned(),
            "a boolean" => "true or false".to_owned(),
            "a string" => "a text in quotes".to_owned(),
            "a sequence" => "a list in square brackets".to_owned(),
            "a map" => "a table".to_owned(),
            other => other
                .strip_prefix("struct ")
                .map_or(other.to_owned(), |_| "a table".to_owned()),
        };
        let has_comma = expected.contains("number") && comma_in_number(&found_text);
        let mut error = Self::new("wrong-type", format!("is {found}, where {expected} is wanted"));
        error.0.remedy = if has_comma {
            COMMA_REMEDY.to_owned()
        } else {
            format!("write {expected}")
        };
        error
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let mut error = Self::invalid_type(found, expected);
        error.0.code = "invalid-value";
        error
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let mut error = Self::new("unknown-key", "is not a key that belongs here".to_owned());
        error.0.remedy = suggest(field, expected);
        error
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let mut error = Self::new("unknown-choice", format!("\"{variant}\" is not one of the choices"));
        error.0.remedy = suggest(variant, expected);
        error
    }

    fn missing_field(field: &'static str) -> Self {
        let mut error = Self::new("missing-key", format!("the key `{field}` is missing"));
        error.0.remedy = format!("add `{field} = ...`; docs/scenario-format.md says what it means");
        error
    }
}

/// The nearest of the known names, or all of them.
pub fn suggest(wrong: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .min();
    match nearest {
        Some((distance, name)) if distance <= 1 + wrong.len() / 4 && distance < name.len() => {
            format!("did you mean `{name}`?")
        }
        _ if known.is_empty() => "this table takes no keys".to_owned(),
        _ => format!("known here: {}", known.join(", ")),
    }
}

/// A place in the tree that can be deserialized from.
#[derive(Clone, Copy)]
struct Cursor<'a, 'p> {
    item: &'a Item,
    path: &'p Path<'p>,
}

impl<'de> Deserializer<'de> for Cursor<'de, '_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let origin = &self.item.origin;
        match &self.item.value {
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Flag(flag) => visitor.visit_bool(*flag),
            Value::List(items) => visitor.visit_seq(Elements {
                items: items.iter(),
                at: 0,
                path: self.path,
            }),
            Value::Table(table) => visitor.visit_map(Entries {
                entries: table.iter(),
                current: None,
                path: self.path,
            }),
        }
        .map_err(|error| error.at(origin))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name == WITH_KEY {
            visitor
                .visit_seq(Keyed { cursor: self, given: 0 })
                .map_err(|e: DecodeError| e.at(&self.item.origin))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let origin = &self.item.origin;
        match &self.item.value {
            Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Table(table) if table.len() == 1 => match table.iter().next() {
                Some((key, entry)) => visitor.visit_enum(Choice {
                    key,
                    entry,
                    path: self.path,
                }),
                None => Err(DecodeError::new("empty-choice", "is empty".to_owned())),
            },
            Value::Table(table) => Err(not_one_choice(table, variants)),
            _ => Err(de::Error::invalid_type(
                unexpected(&self.item.value),
                &"one of the choices",
            )),
        }
        .map_err(|error: DecodeError| error.at(origin))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// What is wrong with a table that should state one of the choices.
#[inline(never)]
fn not_one_choice(table: &Table, choices: &'static [&'static str]) -> DecodeError {
    if table.keys().any(|key| !choices.contains(&key.as_str())) {
        return foreign_key(table, choices);
    }
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    let mut error = DecodeError::new(
        "ambiguous-choice",
        format!(
            "states {} of the choices ({}), where one is wanted",
            keys.len(),
            keys.join(", ")
        ),
    );
    "keep one of them".clone_into(&mut error.0.remedy);
    error
}

/// What to say of a key that is none of the choices, although others beside it may be.
fn foreign_key(table: &Table, choices: &'static [&'static str]) -> DecodeError {
    let is_foreign = |key: &str| !choices.contains(&key);
    let Some((key, entry)) = table.iter().find(|(key, _)| is_foreign(key)) else {
        return DecodeError::new("empty-choice", "is empty".to_owned());
    };
    if !ORIGIN.contains(&key.as_str()) {
        return <DecodeError as de::Error>::unknown_field(key, choices).at(&entry.key);
    }
    let mut error = DecodeError::new("unknown-key", format!("`{key}` does not belong beside a choice"));
    let choice = table
        .keys()
        .find(|key| !is_foreign(key))
        .map_or("per_week", String::as_str);
    error.0.remedy = format!(
        "write it with the figure, `{choice} = {{ value = ..., {key} = ... }}`, or for a list of times in the table around"
    );
    error.at(&entry.key)
}

fn unexpected(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Text(text) => Unexpected::Str(text),
        Value::Integer(number) => Unexpected::Signed(*number),
        Value::Float(number) => Unexpected::Float(*number),
        Value::Flag(flag) => Unexpected::Bool(*flag),
        Value::List(_) => Unexpected::Seq,
        Value::Table(_) => Unexpected::Map,
    }
}

/// Gives a type its own key and then its value.
struct Keyed<'a, 'p> {
    cursor: Cursor<'a, 'p>,
    given: u8,
}

impl<'de> SeqAccess<'de> for Keyed<'de, '_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        self.given += 1;
        match self.given {
            1 => seed
                .deserialize(self.cursor.path.dotted().into_deserializer())
                .map(Some),
            2 => seed.deserialize(self.cursor).map(Some),
            _ => Ok(None),
        }
    }
}

#[inline(never)]
fn number(at: usize) -> String {
    at.to_string()
}

struct Elements<'a, 'p> {
    items: std::slice::Iter<'a, Item>,
    at: usize,
    path: &'p Path<'p>,
}

impl<'de> SeqAccess<'de> for Elements<'de, '_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let key = number(self.at);
        self.at += 1;
        let path = Path {
            parent: Some(self.path),
            key: &key,
        };
        match seed.deserialize(Cursor { item, path: &path }) {
            Ok(decoded) => Ok(Some(decoded)),
            Err(error) => Err(error.at(&item.origin).within(&key)),
        }
    }
}

struct Entries<'a, 'p> {
    entries: std::collections::btree_map::Iter<'a, String, Entry>,
    current: Option<(&'a str, &'a Item)>,
    path: &'p Path<'p>,
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some((key, entry)) = self.entries.next() else {
            return Ok(None);
        };
        self.current = Some((key, &entry.item));
        seed.deserialize(key.as_str().into_deserializer())
            .map(Some)
            .map_err(|error: DecodeError| error.at(&entry.key).within(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let Some((key, item)) = self.current.take() else {
            return Err(de::Error::custom("value asked for before its key"));
        };
        let path = Path {
            parent: Some(self.path),
            key,
        };
        seed.deserialize(Cursor { item, path: &path })
            .map_err(|error| error.at(&item.origin).within(key))
    }
}

struct Choice<'a, 'p> {
    key: &'a str,
    entry: &'a Entry,
    path: &'p Path<'p>,
}

impl<'de, 'p> EnumAccess<'de> for Choice<'de, 'p> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        let variant = seed
            .deserialize(self.key.into_deserializer())
            .map_err(|error: DecodeError| error.at(&self.entry.key).within(self.key))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'de, '_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        let path = Path {
            parent: Some(self.path),
            key: self.key,
        };
        seed.deserialize(Cursor {
            item: &self.entry.item,
            path: &path,
        })
        .map_err(|error| error.within(self.key))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.struct_variant(&[], visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let path = Path {
            parent: Some(self.path),
            key: self.key,
        };
        Cursor {
            item: &self.entry.item,
            path: &path,
        }
        .deserialize_any(visitor)
        .map_err(|error| error.within(self.key))
    }
}

/// Decodes the table `item`, which stands at the dotted `key`, adding every fault found to `faults`. What could be
/// decoded without the keys at fault is returned, so that the rest can be checked as well.
pub fn decode<T: DeserializeOwned + JsonSchema>(item: &Item, key: &str, faults: &mut Vec<Fault>) -> Option<T> {
    let mut work = item.clone();
    let mut removed: Vec<Vec<String>> = Vec::new();
    loop {
        let path = Path { parent: None, key };
        let error = match T::deserialize(Cursor {
            item: &work,
            path: &path,
        }) {
            Ok(decoded) => return Some(decoded),
            Err(error) => error,
        };
        let mut path = error.0.inwards.clone();
        path.reverse();
        let caused_by_removal = removed.iter().any(|gone| gone.starts_with(&path));
        if error.0.code == "missing-key" && path.is_empty() {
            if !caused_by_removal {
                report_missing::<T>(item, key, faults);
            }
            return None;
        }
        if !caused_by_removal {
            faults.push(to_fault(&error, key, &path));
        }
        if path.is_empty() || !remove(&mut work, &path) {
            return None;
        }
        removed.push(path);
    }
}

/// Reports every required key that the table lacks, by the type's own schema.
fn report_missing<T: JsonSchema>(item: &Item, key: &str, faults: &mut Vec<Fault>) {
    let schema = schemars::schema_for!(T);
    let required = schema.get("required").and_then(|list| list.as_array());
    for field in required.into_iter().flatten().filter_map(|field| field.as_str()) {
        if item.table().is_some_and(|table| !table.contains_key(field)) {
            faults.push(
                Fault::error("missing-key", format!("{key}.{field}"), "this key is missing")
                    .at(Some(item.origin.clone()), "this table needs it")
                    .remedy(format!(
                        "add `{field} = ...`; docs/scenario-format.md says what it means"
                    )),
            );
        }
    }
}

fn to_fault(error: &DecodeError, key: &str, path: &[String]) -> Fault {
    let full = std::iter::once(key)
        .chain(path.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(".");
    Fault::error(error.0.code, full, error.0.message.clone())
        .at(error.0.origin.clone(), "here")
        .remedy(error.0.remedy.clone())
}

/// Removes what stands at `path`; false when nothing does.
fn remove(item: &mut Item, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    match &mut item.value {
        Value::Table(table) if rest.is_empty() => table.remove(first).is_some(),
        Value::Table(table) => table.get_mut(first).is_some_and(|entry| remove(&mut entry.item, rest)),
        Value::List(items) => match first.parse::<usize>() {
            Ok(index) if rest.is_empty() && index < items.len() => {
                items.remove(index);
                true
            }
            Ok(index) => items.get_mut(index).is_some_and(|item| remove(item, rest)),
            Err(_) => false,
        },
        _ => false,
    }
}

/// Decodes every named table of the section `name`, such as all of `[node.*]`.
pub fn decode_section<T: DeserializeOwned + JsonSchema>(
    document: &Table,
    name: &str,
    faults: &mut Vec<Fault>,
) -> std::collections::BTreeMap<String, T> {
    let mut decoded = std::collections::BTreeMap::new();
    let Some(entry) = document.get(name) else {
        return decoded;
    };
    let Some(section) = entry.item.table() else {
        faults.push(
            Fault::error(
                "wrong-type",
                name,
                format!("is {}, where tables are wanted", entry.item.kind()),
            )
            .at(Some(entry.item.origin.clone()), "here")
            .remedy(format!("write `[{name}.some-name]` with the keys below it")),
        );
        return decoded;
    };
    for (id, entry) in section {
        let key = format!("{name}.{id}");
        if entry.item.table().is_none() {
            faults.push(
                Fault::error(
                    "wrong-type",
                    &key,
                    format!("is {}, where a table is wanted", entry.item.kind()),
                )
                .at(Some(entry.item.origin.clone()), "here")
                .remedy(format!("write `[{key}]` with its keys below it")),
            );
        } else if let Some(value) = decode(&entry.item, &key, faults) {
            decoded.insert(id.clone(), value);
        }
    }
    decoded
}
