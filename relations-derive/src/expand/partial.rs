//! The implementations of a struct that holds some properties and relations of an entity.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, Index, Path};

use super::asserts::panic;
use super::columns;
use super::relations::trait_fact_of;
use super::tokens::respan;
use crate::model::{Partial, PartialField, PartialInclude};

pub(crate) fn partial(partial: &Partial) -> TokenStream {
    let Partial { ident, krate, entity, fields, includes } = partial;
    let Some(entity) = entity else { return TokenStream::new() };
    let definition = trait_fact_of(krate, entity, "DEFINITION");
    let names = fields.iter().map(|field| &field.name);
    let (types, read) = (types(partial), read(partial, &definition));
    let slots = slots(includes);
    let shapes = slots.iter().zip(includes).map(|(slot, include)| {
        let PartialInclude { ident, constant, ty, .. } = include;
        let place = ty.span();
        let relation = quote_spanned!(ident.span()=> #entity::#constant);
        let krate = respan(place, krate);
        let slot_of = quote_spanned! {place=>
            #krate::__private::slot_of(#relation, ::core::marker::PhantomData::<#ty>)
        };
        quote_spanned! {place=>
            fn #slot() -> impl #krate::__private::PartialSlot<#entity, Value = #ty> {
                #slot_of
            }
        }
    });
    let loaded = loaded(partial, entity, &slots);
    let distinct = includes.is_empty().then(|| {
        quote! {
            #[automatically_derived]
            impl #krate::query::Distinct for #ident {}
        }
    });
    let checks = fields.iter().map(|field| check(partial, entity, field));
    quote! {
        const _: () = {
            #(#shapes)*

            #[automatically_derived]
            impl #krate::query::Partial for #ident {
                type Fields = (#(#types,)*);

                const PROPERTIES: &'static [&'static #krate::__private::PropertyDefinition] =
                    &[#(#krate::__private::partial_property(#definition, #names)),*];

                fn fields(
                    row: &#krate::__private::Row<'_>,
                    plan: &#krate::__private::RowPlan,
                ) -> #krate::Result<Self::Fields> {
                    ::core::result::Result::Ok((#(#read,)*))
                }
            }

            #[automatically_derived]
            impl #krate::include::RowShape for #ident {
                fn wants() -> #krate::__private::Wants {
                    #krate::__private::Wants::of([
                        #(#krate::__private::PartialSlot::inclusions(#slots())),*
                    ])
                    .columns(<#ident as #krate::query::Partial>::PROPERTIES)
                }
            }

            #distinct
            #loaded
        };

        #(#checks)*
    }
}

/// The types of the fields that are properties.
fn types(partial: &Partial) -> impl Iterator<Item = TokenStream> {
    partial.fields.iter().map(|PartialField { ty, nullable, .. }| {
        if *nullable { quote!(::core::option::Option<#ty>) } else { quote!(#ty) }
    })
}

/// The codec of a field that is a property.
fn codec(partial: &Partial, field: &PartialField) -> TokenStream {
    let codec = if field.nullable { "NULLABLE" } else { "REQUIRED" };
    columns::trait_fact(&partial.krate, &field.ty, codec)
}

/// The fields that are properties, in a row.
fn read(partial: &Partial, definition: &TokenStream) -> Vec<TokenStream> {
    let (krate, struct_name) = (&partial.krate, partial.ident.to_string());
    let field = |(at, field): (usize, &PartialField)| {
        let (name, codec) = (&field.name, codec(partial, field));
        quote! {
            #krate::__private::read_field(
                row,
                plan.field(
                    #at,
                    const { #krate::__private::partial_column(#definition, #name) },
                ),
                (#struct_name, #name, #name),
                #codec,
            )?
        }
    };
    partial.fields.iter().enumerate().map(field).collect()
}

/// The functions that stand for the relations.
fn slots(includes: &[PartialInclude]) -> Vec<Ident> {
    // The fields of the derive's own.
    (0..includes.len()).map(|at| format_ident!("slot_{at}", span = Span::call_site())).collect()
}

/// Code that reads a row of the partial and attaches its relations.
fn loaded(partial: &Partial, entity: &Path, slots: &[Ident]) -> TokenStream {
    let Partial { ident, krate, fields, includes, .. } = partial;
    let (itself, definition) =
        (trait_fact_of(krate, entity, "Itself"), trait_fact_of(krate, entity, "DEFINITION"));
    let own: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let related: Vec<_> = includes.iter().map(|include| &include.ident).collect();
    let index: Vec<_> = (0..includes.len()).map(Index::from).collect();
    let values: Vec<_> = (0..fields.len()).map(|at| format_ident!("field_{at}")).collect();
    let at: Vec<_> = includes
        .iter()
        .map(|PartialInclude { name, .. }| {
            quote!(const { #krate::__private::partial_relation(#definition, #name) })
        })
        .collect();
    let copies = fields.iter().map(|field| {
        let (name, codec) = (&field.ident, codec(partial, field));
        quote!(#name: #codec.duplicate(&self.#name))
    });
    let together = quote! {
        ::core::result::Result::Ok(
            if let (#(::core::option::Option::Some(#slots),)*) = slots {
                ::core::option::Option::Some(#ident {
                    #(#own: #values,)*
                    #(#related: #slots,)*
                })
            } else {
                ::core::option::Option::None
            },
        )
    };
    let row = quote!(#krate::__private::PartialRow<#ident>);
    let slot = quote!(#krate::__private::PartialSlot);
    // Bounds on the entity have the span of its name, so that a type which is none is reported once.
    let (place, at_krate) = (entity.span(), respan(entity.span(), krate));
    let (with, own) = (respan(place, &row), respan(place, ident));
    let types = quote_spanned! {place=>
        type Entity = #itself;
        type With = #with;
        type Own = #at_krate::__private::PartialFields<#own>;

        fn entity(&self) -> ::core::option::Option<&#itself> {
            ::core::option::Option::None
        }
    };
    quote! {
        #[automatically_derived]
        impl #krate::include::Loaded for #ident {
            #types

            fn with(self) -> #row {
                #krate::__private::PartialRow::of(self)
            }

            #[allow(irrefutable_let_patterns, unused_variables)]
            fn read(
                row: &#krate::__private::Row<'_>,
                plan: &#krate::__private::RowPlan,
            ) -> #krate::Result<::core::option::Option<#ident>> {
                let (#(#values,)*) = <#ident as #krate::query::Partial>::fields(row, plan)?;
                let slots = (#(#slot::read(#slots(), row, plan, #at)?,)*);
                #together
            }

            fn duplicate(&self) -> #ident {
                #ident {
                    #(#copies,)*
                    #(#related: #slot::duplicate(#slots(), &self.#related),)*
                }
            }

            #[allow(irrefutable_let_patterns, unused_variables)]
            fn branches(
                plan: &#krate::__private::RowPlan,
            ) -> #krate::__private::Box<dyn #krate::__private::Branches<Self>> {
                #krate::__private::branches(
                    (#(#slot::branch(#slots(), plan, #at),)*),
                    |branches, each| {
                        #(each(&mut branches.#index);)*
                    },
                    |own: #krate::__private::PartialFields<#ident>, branches| {
                        let (#(#values,)*) = own.0;
                        let slots = (#(#slot::take(#slots(), &mut branches.#index)?,)*);
                        #together
                    },
                )
            }
        }
    }
}

/// A field has the name and the type of a property.
fn check(partial: &Partial, entity: &Path, field: &PartialField) -> TokenStream {
    let PartialField { ident, name, ty, nullable } = field;
    let place = ty.span();
    // The variable is named in the place of the field, where the error about a name belongs.
    let columns = Ident::new("columns", ident.span());
    let facts = trait_fact_of(&partial.krate, entity, "COLUMNS");
    let named = quote_spanned!(entity.span()=> let #columns = #facts;);
    let krate = respan(ident.span(), &partial.krate);
    let property = quote_spanned!(ident.span()=> #krate::__private::key_part(&#columns.#ident));
    let source = columns::trait_fact(&partial.krate, ty, "SOURCE");
    let krate = respan(place, &partial.krate);
    let holds = quote_spanned!(place=> #krate::__private::holds(#property, #source););
    let never_null = (!nullable).then(|| {
        let panic = panic(place, &format!("`{name}` may be null; write an `Option`"));
        let definition = trait_fact_of(&partial.krate, entity, "DEFINITION");
        let krate = &partial.krate;
        quote! {
            if #krate::__private::partial_property(#definition, #name).nullable { #panic }
        }
    });
    quote! {
        const _: () = { #named #holds #never_null };
    }
}

/// The stub of a partial with mistakes.
pub(crate) fn fallback(input: &DeriveInput, partial: &Partial) -> TokenStream {
    let Partial { ident, krate, entity, .. } = partial;
    let Some(entity) = entity else { return TokenStream::new() };
    if !input.generics.params.is_empty() || input.generics.where_clause.is_some() {
        return TokenStream::new();
    }
    let itself = trait_fact_of(krate, entity, "Itself");
    quote! {
        #[automatically_derived]
        impl #krate::query::Partial for #ident {
            type Fields = ();

            const PROPERTIES: &'static [&'static #krate::__private::PropertyDefinition] = &[];

            fn fields(
                _: &#krate::__private::Row<'_>,
                _: &#krate::__private::RowPlan,
            ) -> #krate::Result<()> {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl #krate::include::RowShape for #ident {
            fn wants() -> #krate::__private::Wants {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl #krate::include::Loaded for #ident {
            type Entity = #itself;
            type With = #krate::__private::PartialRow<#ident>;
            type Own = #krate::__private::PartialFields<#ident>;

            fn entity(&self) -> ::core::option::Option<&#itself> {
                ::core::unreachable!()
            }

            fn with(self) -> #krate::__private::PartialRow<#ident> {
                ::core::unreachable!()
            }

            fn read(
                _: &#krate::__private::Row<'_>,
                _: &#krate::__private::RowPlan,
            ) -> #krate::Result<::core::option::Option<#ident>> {
                ::core::unreachable!()
            }

            fn duplicate(&self) -> #ident {
                ::core::unreachable!()
            }

            fn branches(
                _: &#krate::__private::RowPlan,
            ) -> #krate::__private::Box<dyn #krate::__private::Branches<Self>> {
                ::core::unreachable!()
            }
        }
    }
}
