//! Values within JSON.

use crate::ast::call::{Call, Function};
use crate::ast::term::{Operand, Term};
use crate::column::Column;
use crate::definition::property::ColumnType;
use crate::entity::Entity;
use crate::expression::{Expression, RowValue};
use crate::relation::path::Path;
use crate::value::Value;
use crate::value::parameter::{NUL, Parameter, has_nul};
use crate::value::property::Property;
use crate::value::types::json::Json;

/// A type that is stored as JSON: `serde_json::Value`, or [`Json<T>`].
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` does not hold JSON",
    label = "expected a column of `Json<…>` or `serde_json::Value`"
)]
pub trait JsonValue: Value {}

impl JsonValue for serde_json::Value {}

impl<T> JsonValue for Json<T> where Self: Value {}

/// A step into JSON: the name of a member, or the position of an element.
pub trait JsonKey {
    /// The step as a text.
    fn into_key(self) -> String;
}

impl JsonKey for &str {
    fn into_key(self) -> String {
        self.to_owned()
    }
}

impl JsonKey for String {
    fn into_key(self) -> String {
        self
    }
}

impl JsonKey for i32 {
    fn into_key(self) -> String {
        self.to_string()
    }
}

macro_rules! steps {
    ($type:ty, [$($parameters:tt)*]) => {
        impl<$($parameters)*> $type {
            /// The value of a member by its name, or of an array element by its position from 0, or from
            /// the end if it is negative; null if there is none.
            ///
            /// ```
            /// # use relations::Json;
            /// # use relations::prelude::*;
            /// # #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
            /// # struct Address { city: String }
            /// # #[derive(Entity)]
            /// # struct Customer { #[id] id: i64, address: Json<Address>, settings: serde_json::Value }
            /// let here = Customer::ADDRESS.at("city").as_text().eq("Oslo");
            /// let large = Customer::SETTINGS.at("font").at("size").as_integer().gt(12);
            /// let query = Customer::find().filter(here.and(large));
            /// ```
            #[doc(alias = "->")]
            pub fn at(self, key: impl JsonKey) -> Expression<E, Option<serde_json::Value>>
            where
                T::Value: JsonValue,
            {
                step(self.into_term(), key.into_key())
            }
        }
    };
}

steps!(Column<E, T, P>, [E: Entity, T: Property, P: Path]);

steps!(Expression<E, T>, [E, T: Property]);

/// # Values within JSON
impl<E> Expression<E, Option<serde_json::Value>> {
    /// The value as text: a string without its quotes, anything else as JSON; null if there is no value or a
    /// `null`.
    #[doc(alias = "->>")]
    pub fn as_text(self) -> Expression<E, Option<String>> {
        read_as(self.term)
    }

    /// The value if it is an integer; otherwise null.
    pub fn as_integer(self) -> Expression<E, Option<i64>> {
        read_as(self.term)
    }

    /// The value if it is a number; otherwise null.
    pub fn as_number(self) -> Expression<E, Option<f64>> {
        read_as(self.term)
    }

    /// The value if it is `true` or `false`; otherwise null.
    pub fn as_boolean(self) -> Expression<E, Option<bool>> {
        read_as(self.term)
    }
}

/// The JSON and the path of a value within it: a step follows others in one path.
fn json_and_path(term: Term) -> (Operand, Vec<String>) {
    if let Term::Call(call) = &term
        && let Call { function: Function::Json, result: ColumnType::Json, arguments, .. } = &**call
        && let [json, Operand::Parameter(path)] = arguments.as_slice()
    {
        return (json.clone(), path.texts().into_iter().map(ToOwned::to_owned).collect());
    }
    (term.into(), Vec::new())
}

fn path_of(path: &[String]) -> Operand {
    let texts = path.iter().map(|key| Parameter::text(key)).collect();
    Operand::Parameter(Parameter::array(ColumnType::Text, texts))
}

fn step<E>(term: Term, key: String) -> Expression<E, Option<serde_json::Value>> {
    if has_nul(&key) {
        return Expression::invalid(NUL);
    }
    let (json, mut path) = json_and_path(term);
    path.push(key);
    Expression::call(Function::Json, vec![json, path_of(&path)])
}

fn read_as<E, T: Property>(term: Term) -> Expression<E, T> {
    let (json, path) = json_and_path(term);
    Expression::call(Function::Json, vec![json, path_of(&path)])
}
