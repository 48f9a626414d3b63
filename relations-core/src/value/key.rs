//! Keys: values that tell rows apart.

use std::hash::Hash;
use std::marker::PhantomData;

use smallvec::SmallVec;

use crate::definition::property::ColumnType;
use crate::value::parameter::Parameter;
use crate::value::row::{Cell, Mismatch, Row};
use crate::value::type_bounds::{Impossible, Never};
use crate::value::{IntoValue, Value};

/// The type of a key.
#[derive(Debug)]
pub struct KeyType<V>(PhantomData<fn() -> V>);

impl<V> KeyType<V> {
    /// The type.
    pub const NEW: Self = Self(PhantomData);
}

/// The parts of a key on their way to the database; most keys have one.
pub(crate) type Parts = SmallVec<[Parameter; 1]>;

/// A key: one [`Value`] that can be compared exactly, or a tuple of up to twelve.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "a key needs `Eq` and `Hash`, and `{Self}` lacks one",
    note = "derive `PartialEq`, `Eq` and `Hash` for a type of your own; floats cannot be keys"
)]
pub trait Key: IntoKey<Self> + Clone + Eq + Hash + Send + Sync + 'static {
    /// The types of the parts.
    #[doc(hidden)]
    const TYPES: &'static [ColumnType];

    /// Hands each part to a function, on its way to the database.
    #[doc(hidden)]
    fn each_parameter(&self, each: impl FnMut(Parameter));

    /// The parts on their way to the database.
    #[doc(hidden)]
    fn to_parameters(&self) -> Parts {
        let mut parts = Parts::new();
        self.each_parameter(|part| parts.push(part));
        parts
    }

    /// The key that is held by as many cells as it has parts.
    #[doc(hidden)]
    fn read_key<'row>(cell: impl FnMut() -> Result<Cell<'row>, Mismatch>)
    -> Result<Self, Mismatch>;
}

/// Reads the parts of a key from the fields of a row at some positions.
pub(crate) type ReadKey = fn(&Row<'_>, &[usize]) -> Result<Parts, Mismatch>;

/// The parts of a key of that type, which a row holds at some positions.
pub(crate) fn read_key<K: Key>(row: &Row<'_>, at: &[usize]) -> Result<Parts, Mismatch> {
    let mut positions = at.iter();
    K::read_key(|| row.cell(positions.next().copied().unwrap_or(usize::MAX)))
        .map(|key| key.to_parameters())
}

#[diagnostic::do_not_recommend]
impl<V: Value + Eq + Hash> Key for V {
    const TYPES: &'static [ColumnType] = &[V::TYPE];

    fn each_parameter(&self, mut each: impl FnMut(Parameter)) {
        each(Value::to_parameter(self));
    }

    fn read_key<'row>(
        mut cell: impl FnMut() -> Result<Cell<'row>, Mismatch>,
    ) -> Result<Self, Mismatch> {
        <V as Value>::read(cell()?)
    }
}

/// A type that can stand for a key: the key, a reference to one, text for a `String`, and tuples of these.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a key of `{K}`",
    label = "expected a `{K}`",
    note = "the key of several `#[id]` properties is a tuple, in the order of the fields; an entity without \
            `#[id]` has no key, which is called `NoId`"
)]
pub trait IntoKey<K: Key> {
    /// The key.
    fn into_key(self) -> K;
}

#[diagnostic::do_not_recommend]
impl<V: Value + Eq + Hash, T: IntoValue<V>> IntoKey<V> for T {
    fn into_key(self) -> V {
        self.into_value()
    }
}

#[diagnostic::do_not_recommend]
impl<K: Key, T> IntoKey<K> for T
where
    Never<(K, T)>: Impossible,
{
    fn into_key(self) -> K {
        <Never<(K, T)>>::never()
    }
}

macro_rules! tuple_key {
    ($($value:ident $into:ident $at:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($value: Value + Eq + Hash),+> Key for ($($value,)+) {
            const TYPES: &'static [ColumnType] = &[$($value::TYPE),+];

            fn each_parameter(&self, mut each: impl FnMut(Parameter)) {
                $(each(Value::to_parameter(&self.$at));)+
            }

            fn read_key<'row>(
                mut cell: impl FnMut() -> Result<Cell<'row>, Mismatch>,
            ) -> Result<Self, Mismatch> {
                Ok(($(<$value as Value>::read(cell()?)?,)+))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($value: Value + Eq + Hash, $into: IntoValue<$value>),+> IntoKey<($($value,)+)>
            for ($($into,)+)
        {
            fn into_key(self) -> ($($value,)+) {
                ($(self.$at.into_value(),)+)
            }
        }
    };
}

tuple_key!(A IntoA 0, B IntoB 1);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5, G IntoG 6);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5, G IntoG 6, H IntoH 7);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5, G IntoG 6, H IntoH 7, I IntoI 8);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5, G IntoG 6, H IntoH 7, I IntoI 8, J IntoJ 9);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5, G IntoG 6, H IntoH 7, I IntoI 8, J IntoJ 9, K IntoK 10);

tuple_key!(A IntoA 0, B IntoB 1, C IntoC 2, D IntoD 3, E IntoE 4, F IntoF 5, G IntoG 6, H IntoH 7, I IntoI 8, J IntoJ 9, K IntoK 10, L IntoL 11);
