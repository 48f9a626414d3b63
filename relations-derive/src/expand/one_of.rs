//! Relations to one of several entities: the enum of the targets, its place, constant and accessor.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Index, Path};

use super::relations::target_name;
use crate::model::{Entity, OneOf, OneOfArm, Property, Relation};

/// All items of all of them.
pub(super) fn all(entity: &Entity) -> TokenStream {
    let all = entity.one_of.iter().filter_map(|one_of| {
        let arms = arms(entity, one_of)?;
        let items = [
            targets(entity, one_of, &arms),
            place(entity, one_of, &arms),
            accessor(entity, one_of, &arms),
            slot(entity, one_of, &arms, false),
            slot(entity, one_of, &arms, true),
            conversions(entity, one_of, &arms),
            by_kind(entity, one_of, &arms).unwrap_or_default(),
        ];
        Some(quote!(#(#items)*))
    });
    quote!(#(#all)*)
}

/// One of the relations, with the tokens that stand for it.
struct ArmTokens<'e> {
    variant: &'e Ident,
    row: &'e Ident,
    target: &'e Path,
    /// `CommentPostRelation<Post>`
    marker: TokenStream,
    /// The position among the relations.
    index: Index,
    /// The position among the arms.
    at: Index,
    /// A variable for its target.
    found: Ident,
    member: &'e str,
}

fn arms<'e>(entity: &'e Entity, one_of: &'e OneOf) -> Option<Vec<ArmTokens<'e>>> {
    let arm = |(at, arm): (usize, &'e OneOfArm)| {
        let Relation { marker, target, member, .. } = entity.relations.get(arm.at?)?;
        Some(ArmTokens {
            variant: &arm.variant,
            row: &arm.row,
            target,
            marker: quote!(#marker<#target>),
            index: Index::from(arm.at?),
            at: Index::from(at),
            found: format_ident!("arm_{at}"),
            member,
        })
    };
    one_of.arms.iter().enumerate().map(arm).collect()
}

/// The type that stands for it: `CommentSubjectOneOf<Post, Photo>`. The targets are its parameters, so that
/// it is as visible as all of them are.
pub(super) fn marker(entity: &Entity, one_of: &OneOf) -> TokenStream {
    let marker = &one_of.marker;
    let targets = one_of.relations(&entity.relations).unwrap_or_default();
    let targets = targets.into_iter().map(|relation| &relation.target);
    quote!(#marker<#(#targets),*>)
}

/// The type of the targets of a row.
fn full_type(entity: &Entity, one_of: &OneOf) -> TokenStream {
    let targets = &one_of.targets;
    let relations = one_of.relations(&entity.relations).unwrap_or_default();
    let each = relations.into_iter().map(|relation| &relation.target);
    let full = quote!(#targets<#(#each),*>);
    if one_of.optional { quote!(::core::option::Option<#full>) } else { full }
}

/// The enum of the targets.
fn targets(entity: &Entity, one_of: &OneOf, arms: &[ArmTokens<'_>]) -> TokenStream {
    let (vis, of, targets) = (&entity.vis, &entity.ident, &one_of.targets);
    let doc = format!(" The target of `{of}.{}`.", one_of.name.unraw());
    let parameters = arms.iter().map(|ArmTokens { row, target, .. }| quote!(#row = #target));
    let variants = arms.iter().map(|ArmTokens { variant, row, target, .. }| {
        let doc = format!(" The `{}`, or what a query loads of it.", target_name(target));
        quote!(#[doc = #doc] #variant(#row))
    });
    quote! {
        #[doc = #doc]
        #[derive(
            ::core::fmt::Debug,
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        #[allow(dead_code, private_interfaces, private_bounds, clippy::large_enum_variant)]
        #vis enum #targets<#(#parameters),*> {
            #(#variants),*
        }
    }
}

/// The place of an entity with its relations.
fn place(entity: &Entity, one_of: &OneOf, arms: &[ArmTokens<'_>]) -> TokenStream {
    let (krate, vis, of) = (&entity.krate, &entity.vis, &entity.ident);
    let OneOf { marker: ident, targets, .. } = one_of;
    let (marker, full_type) = (marker(entity, one_of), full_type(entity, one_of));
    let name = one_of.name.unraw().to_string();
    let rows = arms.iter().map(|arm| arm.row).collect::<Vec<_>>();
    let (markers, each): (Vec<_>, Vec<_>) =
        arms.iter().map(|arm| (&arm.marker, arm.target)).unzip();
    let (found, variants): (Vec<_>, Vec<_>) =
        arms.iter().map(|arm| (&arm.found, arm.variant)).unzip();
    let only = quote! {
        #krate::__private::only_arm::<#marker, _, _>([
            #(::core::iter::Iterator::next(&mut #found).flatten().map(#targets::#variants)),*
        ])?
    };
    let only = finished(krate, &marker, one_of.optional, &only);
    let check =
        check_kinds(krate, one_of, arms, &quote!(::core::iter::Iterator::copied(sources.iter())));
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, missing_debug_implementations, unreachable_pub)]
        #vis struct #ident<#(#rows),*>(::core::marker::PhantomData<fn() -> (#(#rows,)*)>);

        #[automatically_derived]
        impl #krate::relation::Place for #marker {
            type Source = #of;
        }

        #[automatically_derived]
        impl #krate::relation::OneOf for #marker {
            type Targets = #full_type;

            const NAME: &'static ::core::primitive::str = #name;

            fn each_inclusion(each: &mut dyn ::core::ops::FnMut(#krate::__private::Inclusion)) {
                #(each(#krate::__private::inclusion::<#markers, #each>());)*
            }

            async fn load(
                db: &impl #krate::Executor,
                sources: #krate::__private::Vec<&#of>,
            ) -> #krate::Result<#krate::__private::Vec<#full_type>> {
                #check
                #(let mut #found = #krate::__private::load_arm::<#markers>(db, &sources).await?;)*
                let mut all = #krate::__private::Vec::with_capacity(sources.len());
                for _ in sources {
                    all.push(#only);
                }
                ::core::result::Result::Ok(all)
            }
        }
    }
}

/// The target, which is there unless a row may be without.
fn finished(krate: &Path, marker: &TokenStream, optional: bool, only: &TokenStream) -> TokenStream {
    if optional {
        quote!(#only)
    } else {
        quote!(#krate::__private::required_arm::<#marker, _>(#only)?)
    }
}

/// An unknown kind is an error, not a missing target. Each relation knows all of them.
fn check_kinds(
    krate: &Path,
    one_of: &OneOf,
    arms: &[ArmTokens<'_>],
    sources: &TokenStream,
) -> Option<TokenStream> {
    let marker = &arms.first().filter(|_| one_of.kind.is_some())?.marker;
    Some(quote!(#krate::__private::check_kinds::<#marker>(#sources)?;))
}

/// `Comment::SUBJECT` and `comment.subject(&db)`
fn accessor(entity: &Entity, one_of: &OneOf, arms: &[ArmTokens<'_>]) -> TokenStream {
    let (krate, vis, of) = (&entity.krate, &entity.vis, &entity.ident);
    let OneOf { name, constant, .. } = one_of;
    let (marker, full_type) = (marker(entity, one_of), full_type(entity, one_of));
    let words: Vec<_> = arms.iter().map(|arm| format!("`{}`", target_name(arm.target))).collect();
    let doc = format!(" The {} that a `{of}` belongs to.", words.join(" or "));
    quote! {
        #[automatically_derived]
        #[allow(dead_code, private_interfaces)]
        impl #of {
            #[doc = #doc]
            #vis const #constant: #krate::relation::OneOfHandle<#marker> =
                #krate::relation::OneOfHandle::ONE_OF;

            #[doc = #doc]
            ///
            /// # Errors
            ///
            /// The database cannot be reached, or a constraint that promises a target is broken.
            #vis fn #name<'db>(
                &'db self,
                db: &'db impl #krate::Executor,
            ) -> impl ::core::marker::Send
            + 'db
            + ::core::future::Future<Output = #krate::Result<#full_type>> {
                #krate::__private::follow_one_of::<#marker>(self, db)
            }
        }
    }
}

/// The enum, or an `Option` of it, as the type in the place.
fn slot(entity: &Entity, one_of: &OneOf, arms: &[ArmTokens<'_>], optional: bool) -> TokenStream {
    let (krate, of, targets) = (&entity.krate, &entity.ident, &one_of.targets);
    let marker = marker(entity, one_of);
    let rows = arms.iter().map(|arm| arm.row).collect::<Vec<_>>();
    let itself = quote!(#targets<#(#rows),*>);
    let slot = if optional { quote!(::core::option::Option<#itself>) } else { quote!(#itself) };
    let bounds = |of: &str| {
        let of = format_ident!("{of}");
        arms.iter().map(move |ArmTokens { row, target, .. }| {
            quote!(#row: #krate::include::#of<Entity = <#target as #krate::Entity>::Itself>)
        })
    };
    let (loaded, shape) = (bounds("Loaded"), bounds("RowShape"));
    let facts: Vec<_> = arms
        .iter()
        .map(|ArmTokens { row, marker, .. }| {
            quote!(<::core::option::Option<#row> as #krate::include::Slot<#marker>>)
        })
        .collect();
    let (index, at): (Vec<_>, Vec<_>) = arms.iter().map(|arm| (&arm.index, &arm.at)).unzip();
    let (found, variants): (Vec<_>, Vec<_>) =
        arms.iter().map(|arm| (&arm.found, arm.variant)).unzip();
    let (markers, member_rows) = (arms.iter().map(|arm| &arm.marker), &rows);
    let only = quote! {
        #krate::__private::only_arm::<#marker, _, _>([
            #(#found.flatten().map(#targets::#variants)),*
        ])?
    };
    let only = finished(krate, &marker, optional, &only);
    let check = check_kinds(krate, one_of, arms, &quote!(source));
    let check_row = arms.first().filter(|_| one_of.kind.is_some()).map(|ArmTokens { marker, index, .. }| {
        quote!(#krate::__private::check_kind::<#marker>(row, plan, #index, source)?;)
    });
    let copy = quote! {
        match target { #(#targets::#variants(row) => #targets::#variants(
            #krate::include::Loaded::duplicate(row),
        )),* }
    };
    let copy = if optional {
        quote!(self.as_ref().map(|target| #copy))
    } else {
        quote! {
            let target = self;
            #copy
        }
    };
    quote! {
        #[automatically_derived]
        impl<#(#loaded),*> #krate::include::Slot<#marker> for #slot {
            type Branch = (#(#facts::Branch,)*);

            fn branch(plan: &#krate::__private::RowPlan, _: ::core::primitive::usize) -> Self::Branch {
                (#(#facts::branch(plan, #index),)*)
            }

            fn duplicate(&self) -> Self {
                #copy
            }

            fn read(
                row: &#krate::__private::Row<'_>,
                plan: &#krate::__private::RowPlan,
                _: ::core::primitive::usize,
                source: ::core::option::Option<&#of>,
            ) -> #krate::Result<::core::option::Option<Self>> {
                #check_row
                #(let #found = #facts::read(row, plan, #index, source)?;)*
                ::core::result::Result::Ok(::core::option::Option::Some(#only))
            }

            fn take(
                branch: &mut Self::Branch,
                source: ::core::option::Option<&#of>,
            ) -> #krate::Result<::core::option::Option<Self>> {
                #check
                #(let #found = #facts::take(&mut branch.#at, source)?;)*
                ::core::result::Result::Ok(::core::option::Option::Some(#only))
            }
        }

        #[automatically_derived]
        impl<#(#shape),*> #krate::include::Shaped<#marker> for #slot {
            fn inclusions() -> #krate::__private::Vec<#krate::__private::Inclusion> {
                ::core::iter::Iterator::collect(::core::iter::IntoIterator::into_iter([
                    #(#krate::__private::inclusion::<#markers, #member_rows>()),*
                ]))
            }
        }
    }
}

/// The enum with another type for one arm, and what is serialized.
fn conversions(entity: &Entity, one_of: &OneOf, arms: &[ArmTokens<'_>]) -> TokenStream {
    let (krate, targets) = (&entity.krate, &one_of.targets);
    let rows = arms.iter().map(|arm| arm.row).collect::<Vec<_>>();
    let all_send = rows.iter().map(|row| quote!(#row: ::core::marker::Send)).collect::<Vec<_>>();
    let with = arms.iter().enumerate().map(|(at, ArmTokens { marker, .. })| {
        let filled = rows
            .iter()
            .enumerate()
            .map(|(other, row)| if other == at { quote!(__Filled) } else { quote!(#row) });
        quote! {
            #[automatically_derived]
            impl<#(#all_send),*> #krate::relation::Arm<#marker> for #targets<#(#rows),*> {
                type With<__Filled: ::core::marker::Send> = #targets<#(#filled),*>;
            }
        }
    });
    let name = targets.to_string();
    let members = arms.iter().enumerate().map(|(at, arm)| {
        let ArmTokens { variant, row, member, .. } = arm;
        let at = proc_macro2::Literal::u32_unsuffixed(u32::try_from(at).unwrap_or_default());
        quote!(#variant: #row = #member at #at)
    });
    quote! {
        #(#with)*

        #[automatically_derived]
        impl<#(#rows),*> #krate::relation::NotOptional for #targets<#(#rows),*> {}

        #krate::__private::one_of_serialize! { #targets = #name { #(#members),* } }
    }
}

/// The type of the keys: `CommentSubject<i64, i64>`, or an `Option` of it where they may be null.
pub(super) fn key_type(entity: &Entity, one_of: &OneOf) -> Option<TokenStream> {
    let (_, key) = one_of.kind.as_ref()?;
    let Property { ty, nullable, .. } = entity.property(key)?;
    let targets = &one_of.targets;
    let each = one_of.arms.iter().map(|_| ty);
    let keys = quote!(#targets<#(#each),*>);
    Some(if *nullable { quote!(::core::option::Option<#keys>) } else { keys })
}

/// The kind and the key that are written for the variant of a target.
fn by_kind(entity: &Entity, one_of: &OneOf, arms: &[ArmTokens<'_>]) -> Option<TokenStream> {
    let (krate, of, targets) = (&entity.krate, &entity.ident, &one_of.targets);
    let (kind, key) = one_of.kind.as_ref()?;
    let (kind, key) = (entity.property(kind)?, entity.property(key)?);
    let (marker, key_type) = (marker(entity, one_of), key_type(entity, one_of)?);
    let words: Vec<_> = one_of
        .arms
        .iter()
        .map(|arm| Some(&entity.relations.get(arm.at?)?.attrs.of_kind.as_ref()?.word))
        .collect::<Option<_>>()?;
    let (variants, members): (Vec<_>, Vec<_>) =
        arms.iter().map(|arm| (arm.variant, arm.member)).unzip();
    let some = |value: TokenStream| quote!(::core::option::Option::Some(#value));
    let each = variants.iter().zip(&words).map(|(variant, word)| {
        let word = some(quote!(#word));
        if key.nullable {
            quote!(::core::option::Option::Some(#targets::#variant(key)) => (#word, ::core::option::Option::Some(key)))
        } else {
            quote!(#targets::#variant(key) => (#word, key))
        }
    });
    let none = key.nullable.then(|| {
        quote!(::core::option::Option::None => (::core::option::Option::None, ::core::option::Option::None))
    });
    let (kind, key) = (&kind.constant, &key.constant);
    let generic = variants.iter().map(|_| quote!(__Key));
    Some(quote! {
        #[automatically_derived]
        impl #krate::relation::OneOfByKind for #marker {
            type Key = #key_type;

            fn assignments(
                key: #key_type,
            ) -> [::core::option::Option<#krate::__private::Assignment>; 2] {
                let (kind, key) = match key { #(#each,)* #none };
                [
                    #krate::__private::kind_assignment(#of::#kind.definition(), kind),
                    #of::#key.assign(key),
                ]
            }
        }

        #krate::__private::one_of_key_deserialize! { #targets { #(#variants: #generic = #members),* } }
    })
}
