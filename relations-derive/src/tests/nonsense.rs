//! Whatever is written, nothing panics, and every mistake is told in a sentence.

use std::time::{Duration, Instant};

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::DeriveInput;

use crate::{entity, from_row, partial, value};

/// Whatever is cut out of a full page of attributes.
#[test]
fn pages_with_a_hole() {
    let pages = [
        r#"#[entity(table = "t", schema = "s", crate = "a::b")]
        #[has_many(a::Line, name = "lines", key_from("id", x), key_to = "a")]
        #[belongs_to(B, key_from("x"), on_delete = "set null", constraint = false, index = false)]
        struct Order {
            #[id(generated)] #[column(name = "n", type = "t", default = "1")] id: Option<i64>,
            #[unique] #[belongs_to(Self, key_to = pk, constraint = "c")] r#type_id: i64,
            #[index] _x1: a::Option<B>, #[skip] __: i64,
            #[version] v: i32, #[created_at] c: T, #[updated_at] u: T,
        }"#,
        r#"#[value(rename_all = "kebab-case", crate = "a::b")]
        enum Status { #[value(rename = "new")] Open, InDelivery, r#type, _1 }"#,
        "#[value(crate = a::b)] struct Email(#[serde(skip)] String);",
        r#"#[from_row(crate = "a::b")] struct Busy {
            #[column(name = "n")] name: Option<String>, r#type: i64, #[skip] notes: Vec<C>,
        }"#,
    ];
    for page in pages {
        let letters: Vec<char> = page.chars().collect();
        for start in 0..letters.len() {
            for length in [1, 6] {
                let (before, after) = letters.split_at(start);
                let source: String = before.iter().chain(after.iter().skip(length)).collect();
                if let Ok(tokens) = source.parse() {
                    assert_sensible(tokens);
                }
            }
        }
    }
}

/// Arbitrary tokens in attributes, bodies and types: 2,500 items, or as many as
/// `RELATIONS_TEST_CASES` says. A million were tried when this was last changed, by
/// `RELATIONS_TEST_CASES=1000000 cargo test --release -p relations-derive arbitrary`.
#[test]
fn arbitrary_tokens() {
    let cases = std::env::var("RELATIONS_TEST_CASES").ok();
    let cases = cases.map_or(2_500, |cases| cases.parse().expect("a number"));
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut read, mut longest) = (0, Duration::ZERO);
    for _ in 0..cases {
        let item = dice.item();
        let begun = Instant::now();
        read += usize::from(assert_sensible(item));
        longest = longest.max(begun.elapsed());
    }
    println!("{cases} items, of which {read} were items at all; {longest:?} at most for one");
    assert!(read > cases / 3, "only {read} items were items at all");
    assert!(longest < Duration::from_secs(5), "{longest:?} for one item");
}

/// Derives from what syn takes for an item, and says whether it did.
fn assert_sensible(source: TokenStream) -> bool {
    let Ok(input) = syn::parse2::<DeriveInput>(source) else {
        return false;
    };
    let written = input.to_token_stream();
    for derived in [entity(&input), value(&input), from_row(&input), partial(&input)] {
        match derived {
            Ok(tokens) => {
                let parsed = syn::parse2::<syn::File>(tokens.clone());
                assert!(parsed.is_ok(), "{written}\n became {tokens}");
            }
            Err(rejected) => {
                for mistake in rejected.errors.clone() {
                    let message = mistake.to_string();
                    // It is syn that speaks of tokens.
                    let sentence = !message.is_empty()
                        && !message.contains("token")
                        && !message.starts_with(char::is_uppercase)
                        && !message.ends_with('.');
                    assert!(sentence, "{written}\n says {message:?}");
                }
                drop(rejected.into_tokens());
            }
        }
    }
    true
}

/// A fixed sequence of pseudo-random numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        *things.get(self.below(things.len())).expect("a thing")
    }

    fn item(&mut self) -> TokenStream {
        let (attributes, generics) = (self.attributes(), self.rarely(Self::tokens));
        let name = self.one_of(&["Order", "r#type", "_1", "Ünde"]);
        let name = self::word(name);
        match self.below(6) {
            0..3 => {
                let fields = self.several(|dice| {
                    let (attributes, name, ty) = (dice.attributes(), dice.field(), dice.ty());
                    quote!(#attributes pub #name: #ty,)
                });
                quote!(#attributes struct #name #generics { #fields })
            }
            3 => {
                let fields = self.several(|dice| {
                    let (attributes, ty) = (dice.attributes(), dice.ty());
                    quote!(#attributes #ty,)
                });
                quote!(#attributes struct #name #generics (#fields);)
            }
            4 => {
                let variants = self.several(|dice| {
                    let (attributes, name) = (dice.attributes(), dice.field());
                    let body = dice.rarely(Self::tokens);
                    quote!(#attributes #name #body,)
                });
                quote!(#attributes enum #name #generics { #variants })
            }
            _ => {
                let body = self.tokens();
                quote!(#attributes struct #name { #body })
            }
        }
    }

    fn attributes(&mut self) -> TokenStream {
        self.several(|dice| {
            let name = word(dice.one_of(&[
                "entity",
                "has_many",
                "has_one",
                "belongs_to",
                "id",
                "unique",
                "index",
                "check",
                "column",
                "skip",
                "version",
                "created_at",
                "updated_at",
                "value",
                "from_row",
                "partial",
                "serde",
            ]));
            match dice.below(8) {
                0 => quote!(#[#name]),
                1 => {
                    let value = dice.token(1);
                    quote!(#[#name = #value])
                }
                2 => {
                    let tokens = dice.tokens();
                    quote!(#[#name(#tokens)])
                }
                _ => {
                    let target = dice.rarely(|_| quote!(B,));
                    let options = dice.several(|dice| {
                        let option = dice.option();
                        quote!(#option,)
                    });
                    quote!(#[#name(#target #options)])
                }
            }
        })
    }

    fn option(&mut self) -> TokenStream {
        let name = word(self.one_of(&[
            "table",
            "schema",
            "crate",
            "name",
            "key_from",
            "key_to",
            "on_delete",
            "on_update",
            "constraint",
            "index",
            "generated",
            "type",
            "default",
            "rename",
            "rename_all",
            "through",
        ]));
        match self.below(6) {
            0 => quote!(#name),
            1 => {
                let tokens = self.tokens();
                quote!(#name(#tokens))
            }
            2 => {
                let tokens = self.tokens();
                quote!(#name = #tokens)
            }
            _ => {
                let value = self.token(1);
                quote!(#name = #value)
            }
        }
    }

    fn field(&mut self) -> Ident {
        word(self.one_of(&["id", "b_id", "r#type", "_1", "__", "_id", "ÄÖ", "self_id", "ID"]))
    }

    fn ty(&mut self) -> TokenStream {
        match self.below(6) {
            0 => self.tokens(),
            1 => quote!(Option<i64>),
            2 => quote!((i64, &'static str)),
            3 => quote!(<A as B>::Option<'a, { 1 }>),
            _ => quote!(i64),
        }
    }

    fn rarely(&mut self, tokens: impl Fn(&mut Self) -> TokenStream) -> TokenStream {
        if self.below(6) == 0 { tokens(self) } else { TokenStream::new() }
    }

    fn several(&mut self, tokens: impl Fn(&mut Self) -> TokenStream) -> TokenStream {
        (0..self.below(4)).map(|_| tokens(self)).collect()
    }

    fn tokens(&mut self) -> TokenStream {
        (0..self.below(5)).map(|_| self.token(2)).collect()
    }

    /// A token, with groups in groups down to a depth.
    fn token(&mut self, depth: usize) -> TokenTree {
        const DELIMITERS: [Delimiter; 4] =
            [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
        match self.below(8) {
            0 if depth > 0 => {
                let delimiter = self.one_of(&DELIMITERS);
                let tokens = (0..self.below(4)).map(|_| self.token(depth - 1)).collect();
                Group::new(delimiter, tokens).into()
            }
            0..4 => word(self.one_of(&[
                "Customer", "id", "b_id", "type", "Self", "self", "crate", "_", "true", "false",
                "where", "r#fn", "key_to", "name", "break", "return", "async",
            ]))
            .into(),
            4 | 5 => self.literal().into(),
            _ => {
                let character =
                    self.one_of(&[',', ',', '=', ':', '<', '>', '&', '#', '!', '\'', '.']);
                let spacing = self.one_of(&[Spacing::Alone, Spacing::Joint]);
                Punct::new(character, spacing).into()
            }
        }
    }

    fn literal(&mut self) -> Literal {
        match self.below(8) {
            0 => Literal::i64_suffixed(-5),
            1 => Literal::f64_unsuffixed(0.5),
            2 => Literal::byte_string(b"b"),
            3 => Literal::character('c'),
            _ => Literal::string(self.one_of(&[
                "",
                "id",
                "b_id",
                "customer",
                "type",
                "self",
                "my key",
                "a::b",
                "::",
                "\0",
                "1x",
                "cascade",
                "set null",
                "kebab-case",
                "camelCase",
                "'",
                "\"",
                "r#",
                "ü",
                "/*",
                "(",
            ])),
        }
    }
}

fn word(text: &str) -> Ident {
    match text.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(text, Span::call_site()),
    }
}
