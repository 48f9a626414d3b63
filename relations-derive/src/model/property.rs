//! The meaning of a field.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

use super::{Deferrable, name};
use crate::attr::{Case, Choice, PropertyAttrs, Stamp, Text};

/// A field of an entity that is stored in a column.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Property {
    /// The field; may be raw, as in `r#type`.
    pub(crate) ident: Ident,
    /// The field's name, never raw.
    pub(crate) name: String,
    /// `QUANTITY`, with the span of the field.
    pub(crate) constant: Ident,
    pub(crate) column: String,
    /// The type without its `Option`.
    pub(crate) ty: Type,
    /// The type as written.
    pub(crate) full_type: Type,
    pub(crate) nullable: bool,
    pub(crate) key: PropertyKey,
    /// Whether it is unique by itself, which a part of a composite key may be as well.
    pub(crate) unique: bool,
    /// Whether it is unique among deleted rows as well.
    pub(crate) with_deleted: bool,
    /// The name of the unique constraint, if one is given.
    pub(crate) unique_name: Option<String>,
    pub(crate) deferrable: Option<Deferrable>,
    pub(crate) indexed: bool,
    pub(crate) sql_type: Option<String>,
    pub(crate) default: Option<String>,
    /// The expression of a generated column.
    pub(crate) generated_as: Option<String>,
    /// The tokens to underline.
    pub(crate) attrs: PropertyAttrs,
}

/// The way in which this property finds a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PropertyKey {
    None,
    Unique,
    Id { generated: bool },
}

impl Property {
    pub(crate) fn build(attrs: PropertyAttrs, case: Option<&Choice<Case>>) -> Self {
        let ident = attrs.field.clone();
        let name = ident.unraw().to_string();
        let optional = inside("Option", &attrs.ty);
        let unique = attrs.unique.as_ref().map(|unique| &unique.options);
        Self {
            constant: name::constant(&ident),
            column: text(attrs.column.name.as_ref()).unwrap_or_else(|| match case {
                Some(case) => name::cased(case.choice, &ident),
                None => name.clone(),
            }),
            ty: optional.cloned().unwrap_or_else(|| attrs.ty.clone()),
            full_type: attrs.ty.clone(),
            nullable: optional.is_some(),
            key: key(&attrs),
            unique: attrs.unique.is_some(),
            with_deleted: unique.is_some_and(|one| one.with_deleted.is_some()),
            unique_name: unique.and_then(|one| text(one.name.as_ref())),
            deferrable: unique.and_then(|one| {
                Deferrable::of(one.deferrable.as_ref(), one.initially_deferred.as_ref())
            }),
            indexed: attrs.index.as_ref().is_some_and(|index| index.options.is_none()),
            sql_type: text(attrs.column.sql_type.as_ref()),
            default: text(attrs.column.default.as_ref()),
            generated_as: text(attrs.column.generated.as_ref()),
            ident,
            name,
            attrs,
        }
    }

    /// Its role, if every update sets it.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        self.attrs.stamps.first().map(|(stamp, _)| *stamp)
    }

    /// Whether a new row may leave it out: it has a default, or is the tenant of an executor.
    pub(crate) fn may_be_left_out(&self) -> bool {
        self.default.is_some() || self.is_tenant()
    }

    /// Whether it holds the tenant of a row.
    pub(crate) fn is_tenant(&self) -> bool {
        self.attrs.tenant.is_some()
    }

    /// Whether the database sets it with each update of the row, so that the entity is refreshed.
    pub(crate) fn is_refreshed(&self) -> bool {
        self.stamp().is_some() || self.generated_as.is_some()
    }

    pub(crate) fn is_id(&self) -> bool {
        matches!(self.key, PropertyKey::Id { .. })
    }

    /// Whether its type is a well-known one, which has one column type alone.
    pub(crate) fn is_plain(&self) -> bool {
        const PLAIN: [&str; 7] = ["bool", "i16", "i32", "i64", "f32", "f64", "String"];
        self.ty.to_token_stream().into_iter().count() == 1
            && last_segment(&self.ty)
                .is_some_and(|name| PLAIN.iter().any(|plain| name.ident == plain))
    }

    /// Whether it is an array of arrays, as far as tokens show it.
    pub(crate) fn is_array_of_arrays(&self) -> bool {
        is_array_of_arrays(&self.ty)
    }

    /// The last word of the type's path: `i64` of `i64`, `Uuid` of `uuid::Uuid`.
    pub(crate) fn type_name(&self) -> Option<&Ident> {
        last_segment(&self.full_type).map(|segment| &segment.ident)
    }
}

/// The feature of `relations` that a type needs if it is the one of another crate that is called so.
pub(crate) fn feature_of(ty: &Type) -> Option<&'static str> {
    let ty = inside("Vec", ty).unwrap_or(ty);
    let crate_of = match ty {
        Type::Path(path) if path.path.segments.len() > 1 => path.path.segments.first(),
        _ => None,
    };
    let name = last_segment(ty)?.ident.to_string();
    let by_crate = crate_of.and_then(|of| match of.ident.to_string().as_str() {
        "uuid" => Some("uuid"),
        "chrono" => Some("chrono"),
        "time" => Some("time"),
        "rust_decimal" => Some("rust_decimal"),
        "serde_json" => Some("json"),
        _ => None,
    });
    by_crate.or(match name.as_str() {
        "Uuid" => Some("uuid"),
        "NaiveDate" | "NaiveTime" | "NaiveDateTime" | "DateTime" => Some("chrono"),
        "OffsetDateTime" | "PrimitiveDateTime" | "Date" | "Time" => Some("time"),
        "Decimal" => Some("rust_decimal"),
        _ => None,
    })
}

/// Whether a type is an array of arrays, as far as tokens show it. A `Vec<u8>` is not an array.
pub(super) fn is_array_of_arrays(ty: &Type) -> bool {
    let element = inside("Vec", ty).and_then(|array| inside("Vec", array));
    let byte = |ty| last_segment(ty).is_some_and(|segment| segment.ident == "u8");
    element.is_some_and(|element| !byte(element))
}

fn text(written: Option<&Text>) -> Option<String> {
    written.map(|text| text.0.value())
}

fn key(attrs: &PropertyAttrs) -> PropertyKey {
    match (&attrs.id, &attrs.unique) {
        (Some(id), _) => PropertyKey::Id { generated: id.generated.is_some() },
        (None, Some(_)) => PropertyKey::Unique,
        (None, None) => PropertyKey::None,
    }
}

/// The `T` of `Option<T>`, with any path.
pub(super) fn inside<'ty>(name: &str, ty: &'ty Type) -> Option<&'ty Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(inside)) => Some(inside),
            _ => None,
        },
        _ => None,
    }
}

/// The part of a type that threads cannot share, as far as can be seen: a `RefCell<…>` wherever it is.
pub(super) fn unshared(ty: &Type) -> Option<&Type> {
    const KNOWN: [&str; 6] = ["RefCell", "Cell", "Rc", "OnceCell", "LazyCell", "UnsafeCell"];
    let segment = last_segment(ty)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    // A type of the user's own that is a property has no parameters.
    if KNOWN.iter().any(|known| segment.ident == known) {
        return Some(ty);
    }
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(inside) => Some(inside),
        _ => None,
    });
    // A `Mutex<Cell<…>>` is shared.
    let is_shared = ["Mutex"].iter().any(|known| segment.ident == known);
    if is_shared { None } else { types.find_map(unshared) }
}

/// Types that come out of a macro are wrapped in a group.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}
