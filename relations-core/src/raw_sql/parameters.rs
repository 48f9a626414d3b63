//! The values that a statement of the user's own is given.

use crate::value::parameter::Parameter;
use crate::value::property::Property;

/// The values for the placeholders of [`sql`](crate::sql()): a tuple of up to twelve, `()` for
/// none, or a list of one type.
///
/// ```
/// let none = relations::sql("SELECT 1", ());
/// let one = relations::sql("SELECT * FROM orders WHERE id = $1", (7_i64,));
/// let two = relations::sql("SELECT * FROM orders WHERE note = $1 OR id = $2", ("gift", 7_i64));
/// let list = relations::sql("SELECT * FROM orders WHERE id IN ($1, $2, $3)", vec![1, 2, 3]);
/// ```
///
/// On PostgreSQL a `Vec` within a tuple is one array:
///
/// ```
/// let array = relations::sql("SELECT * FROM orders WHERE id = ANY($1)", (vec![1_i64, 2, 3],));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold the values of a statement",
    label = "expected a tuple of values",
    note = "write `()` where there are none, and `(value,)` for a sole one; a tuple holds up to \
            twelve, and each is a `Value`, an `Option` of one, or `&str`"
)]
pub trait IntoParameters {
    /// The values, that of `$1` first.
    #[doc(hidden)]
    fn into_parameters(self) -> Vec<Parameter>;
}

/// One value for a placeholder: a [`Value`](crate::Value), an `Option` of one, `&str`, `&String`
/// or `&[u8]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a placeholder",
    label = "no column type stands for `{Self}`",
    note = "give a `Value` or an `Option` of one; a reference other than `&str` is dereferenced \
            or cloned"
)]
pub trait IntoParameter {
    /// The value on its way to the database.
    #[doc(hidden)]
    fn into_placeholder(self) -> Parameter;
}

#[diagnostic::do_not_recommend]
impl<P: Property> IntoParameter for P {
    fn into_placeholder(self) -> Parameter {
        Property::into_nullable_parameter(self)
    }
}

/// A value whose type is known only at run time, made by
/// [`Value::to_parameter`](crate::Value::to_parameter).
#[diagnostic::do_not_recommend]
impl IntoParameter for Parameter {
    fn into_placeholder(self) -> Parameter {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoParameter for &str {
    fn into_placeholder(self) -> Parameter {
        Property::into_nullable_parameter(self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl IntoParameter for Option<&str> {
    fn into_placeholder(self) -> Parameter {
        Property::into_nullable_parameter(self.map(str::to_owned))
    }
}

#[diagnostic::do_not_recommend]
impl IntoParameter for &String {
    fn into_placeholder(self) -> Parameter {
        Property::into_nullable_parameter(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl IntoParameter for &[u8] {
    fn into_placeholder(self) -> Parameter {
        Property::into_nullable_parameter(self.to_vec())
    }
}

fn list(values: impl IntoIterator<Item = impl IntoParameter>) -> Vec<Parameter> {
    values.into_iter().map(IntoParameter::into_placeholder).collect()
}

impl<P: IntoParameter> IntoParameters for Vec<P> {
    fn into_parameters(self) -> Vec<Parameter> {
        list(self)
    }
}

#[diagnostic::do_not_recommend]
impl<P: IntoParameter, const COUNT: usize> IntoParameters for [P; COUNT] {
    fn into_parameters(self) -> Vec<Parameter> {
        list(self)
    }
}

#[diagnostic::do_not_recommend]
impl<P: IntoParameter + Clone> IntoParameters for &[P] {
    fn into_parameters(self) -> Vec<Parameter> {
        list(self.iter().cloned())
    }
}

#[diagnostic::do_not_recommend]
impl IntoParameters for () {
    fn into_parameters(self) -> Vec<Parameter> {
        Vec::new()
    }
}

macro_rules! tuple_parameters {
    ($($value:ident $at:tt),+) => {
        impl<$($value: IntoParameter),+> IntoParameters for ($($value,)+) {
            fn into_parameters(self) -> Vec<Parameter> {
                vec![$(IntoParameter::into_placeholder(self.$at)),+]
            }
        }
    };
}

tuple_parameters!(A 0);

tuple_parameters!(A 0, B 1);

tuple_parameters!(A 0, B 1, C 2);

tuple_parameters!(A 0, B 1, C 2, D 3);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);

tuple_parameters!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
