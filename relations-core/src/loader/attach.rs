//! Traits that `OrderWith` implements if its parts do.

#[cfg(feature = "serde")]
pub use members::{Member, MemberValue, Members, serialize_with};

/// Implements `Deref`, `into_parts` and the shape of an entity with its relations, and the traits that its
/// parts have: `Debug`, `Clone`, `PartialEq` and `Serialize`.
///
/// The bound on the entity itself is for any lifetime, which it has none of: a plain one would be
/// refused where it does not hold, rather than lead to nothing.
#[doc(hidden)]
#[macro_export]
macro_rules! __with {
    ($with:ident of $of:ident in $inner:ident {
        $($name:ident: $slot:ident = $member:literal as $marker:ty),*
    } $([$($relation:literal),*])?) => {
        #[automatically_derived]
        impl<$($slot),*> ::core::ops::Deref for $with<$($slot),*> {
            type Target = $of;

            fn deref(&self) -> &$of {
                &self.$inner
            }
        }

        #[automatically_derived]
        impl<$($slot),*> ::core::ops::DerefMut for $with<$($slot),*> {
            fn deref_mut(&mut self) -> &mut $of {
                &mut self.$inner
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<$of> for $with {
            fn from(inner: $of) -> Self {
                $with { $inner: inner, $($name: $crate::NotIncluded),* }
            }
        }

        #[automatically_derived]
        impl<$($slot: $crate::include::Shaped<$marker>),*> $crate::include::RowShape
            for $with<$($slot),*>
        {
            fn wants() -> $crate::codegen::Wants {
                $crate::codegen::Wants::of([
                    $(<$slot as $crate::include::Shaped<$marker>>::inclusions()),*
                ])
            }
        }

        #[automatically_derived]
        impl<$($slot: ::core::fmt::Debug),*> ::core::fmt::Debug for $with<$($slot),*>
        where
            for<'any> $of: ::core::fmt::Debug,
        {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Formatter::debug_struct(formatter, ::core::stringify!($with))
                    .field(::core::stringify!($inner), &self.$inner)
                    $(.field(::core::stringify!($name), &self.$name))*
                    .finish()
            }
        }

        #[automatically_derived]
        impl<$($slot: ::core::clone::Clone),*> ::core::clone::Clone for $with<$($slot),*>
        where
            for<'any> $of: ::core::clone::Clone,
        {
            fn clone(&self) -> Self {
                $with {
                    $inner: ::core::clone::Clone::clone(&self.$inner),
                    $($name: ::core::clone::Clone::clone(&self.$name)),*
                }
            }
        }

        #[automatically_derived]
        impl<$($slot: ::core::cmp::PartialEq),*> ::core::cmp::PartialEq for $with<$($slot),*>
        where
            for<'any> $of: ::core::cmp::PartialEq,
        {
            fn eq(&self, other: &Self) -> ::core::primitive::bool {
                self.$inner == other.$inner $(&& self.$name == other.$name)*
            }
        }

        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl<$($slot),*> $with<$($slot),*> {
            /// The entity, and then each relation in the order of the type's parameters; those that were
            /// not included are `NotIncluded`. Leave out the last ones with `..`.
            #[allow(unreachable_pub)]
            pub fn into_parts(self) -> ($of, $($slot),*) {
                (self.$inner, $(self.$name),*)
            }
        }

        $crate::__with_serialize! {
            $with of $of in $inner { $($name: $slot = $member),* } $([$($relation),*])?
        }
    };
}

#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_serialize {
    ($($tokens:tt)*) => {};
}

/// The names of all relations as members, which are more than the places where some share one.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __names {
    ([$($member:literal),*]) => { &[$($member),*] };
    ([$($member:literal),*] [$($relation:literal),*]) => { &[$($relation),*] };
}

/// Serializes one of several as its variant.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __one_of_serialize {
    ($one_of:ident = $name:literal { $($variant:ident: $row:ident = $member:literal at $at:literal),* }) => {
        #[automatically_derived]
        impl<$($row: $crate::codegen::serde::Serialize),*> $crate::codegen::serde::Serialize
            for $one_of<$($row),*>
        {
            fn serialize<S: $crate::codegen::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match self {
                    $($one_of::$variant(target) => $crate::codegen::serde::Serializer::serialize_newtype_variant(
                        serializer, $name, $at, $member, target,
                    ),)*
                }
            }
        }

        #[automatically_derived]
        impl<$($row: $crate::codegen::serde::Serialize),*> $crate::codegen::MemberValue
            for $one_of<$($row),*>
        {}
    };
}

#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __one_of_serialize {
    ($($tokens:tt)*) => {};
}

/// Reads a key of one of several entities from the member of its variant.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __one_of_key_deserialize {
    ($one_of:ident { $($variant:ident: $key:ident = $member:literal),* }) => {
        #[automatically_derived]
        impl<'de, __Key: $crate::codegen::serde::Deserialize<'de>> $crate::codegen::serde::Deserialize<'de>
            for $one_of<$($key),*>
        {
            fn deserialize<D: $crate::codegen::serde::Deserializer<'de>>(
                from: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let (member, key) = $crate::codegen::only_member::<__Key, D>(from, &[$($member),*])?;
                ::core::result::Result::Ok(match member {
                    $($member => $one_of::$variant(key),)*
                    other => {
                        let error = <D::Error as $crate::codegen::serde::de::Error>::unknown_variant;
                        return ::core::result::Result::Err(error(other, &[$($member),*]));
                    }
                })
            }
        }
    };
}

#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __one_of_key_deserialize {
    ($($tokens:tt)*) => {};
}

/// Included relations are members beside the entity's own; those not included are not there.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_serialize {
    ($with:ident of $of:ident in $inner:ident {
        $($name:ident: $slot:ident = $member:literal),*
    } $([$($relation:literal),*])?) => {
        #[automatically_derived]
        impl<$($slot: $crate::codegen::Member),*> $crate::codegen::Members for $with<$($slot),*> {
            const NAMES: &'static [&'static ::core::primitive::str] =
                $crate::__names!([$($member),*] $([$($relation),*])?);

            fn members<M: $crate::codegen::serde::ser::SerializeMap>(
                &self,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                $($crate::codegen::Member::member(&self.$name, $member, map)?;)*
                ::core::result::Result::Ok(())
            }
        }

        #[automatically_derived]
        impl<$($slot: $crate::codegen::Member),*> $crate::codegen::serde::Serialize
            for $with<$($slot),*>
        where
            for<'any> $of: $crate::codegen::serde::Serialize,
        {
            fn serialize<S: $crate::codegen::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::codegen::serialize_with(&self.$inner, self, serializer)
            }
        }
    };
}

#[cfg(feature = "serde")]
mod members {
    use serde::ser::SerializeMap;
    use serde::{Serialize, Serializer};

    use crate::include::NotIncluded;
    use crate::loader::loaded::Loaded;
    use crate::loader::maybe::Maybe;
    use crate::loader::total::WithTotal;

    /// The value of a relation, as a member beside the entity's own.
    pub trait Member {
        #[doc(hidden)]
        fn member<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error>;
    }

    impl Member for NotIncluded {
        fn member<M: SerializeMap>(&self, _: &'static str, _: &mut M) -> Result<(), M::Error> {
            Ok(())
        }
    }

    macro_rules! member {
        ([$($bounds:tt)*] $type:ty) => {
            impl<$($bounds)*> Member for $type {
                fn member<M: SerializeMap>(
                    &self,
                    name: &'static str,
                    map: &mut M,
                ) -> Result<(), M::Error> {
                    map.serialize_entry(name, self)
                }
            }
        };
    }

    /// The value of a relation that is serialized as it is.
    pub trait MemberValue: Serialize {}

    impl<T: Loaded + Serialize> MemberValue for T {}

    member!([T: MemberValue] T);
    member!([T: MemberValue] Option<T>);
    member!([T: MemberValue] Vec<T>);
    member!([T: MemberValue] WithTotal<T>);
    member!([] i64);

    impl<T: Member> Member for Maybe<T> {
        fn member<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
            self.as_option().map_or(Ok(()), |loaded| loaded.member(name, map))
        }
    }

    /// The relations of an entity as members.
    pub trait Members {
        /// The names of the relations as members, in their order.
        #[doc(hidden)]
        const NAMES: &'static [&'static str] = &[];

        #[doc(hidden)]
        fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
    }

    struct AsMap<'with, W>(&'with W);

    impl<W: Members> Serialize for AsMap<'_, W> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            self.0.members(&mut map)?;
            map.end()
        }
    }

    #[derive(Serialize)]
    struct Flat<'with, E, R> {
        #[serde(flatten)]
        entity: &'with E,
        #[serde(flatten)]
        relations: R,
    }

    /// An entity's own members and its relations, in one map.
    pub fn serialize_with<E: Serialize, S: Serializer>(
        entity: &E,
        with: &impl Members,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Flat { entity, relations: AsMap(with) }.serialize(serializer)
    }
}
