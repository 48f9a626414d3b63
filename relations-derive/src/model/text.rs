//! Expressions as text.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// An expression as it is written by hand: `Order::STATUS.eq("open")`. Only the spaces are a guess.
pub(super) fn of(expression: &TokenStream) -> String {
    let mut text = String::new();
    let mut before: Option<TokenTree> = None;
    let is_word = |token: &TokenTree| matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
    for token in expression.clone() {
        let follows_word = before.as_ref().is_some_and(is_word);
        match &token {
            TokenTree::Group(group) => {
                let inner = of(&group.stream());
                let [open, close] = match group.delimiter() {
                    Delimiter::Parenthesis => ["(", ")"],
                    Delimiter::Bracket => ["[", "]"],
                    Delimiter::Brace => ["{ ", " }"],
                    Delimiter::None => ["", ""],
                };
                text.extend([open, &inner, close]);
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => text.push_str(", "),
            TokenTree::Punct(punct) => {
                let is_operator = "+-*/%&|^=<>".contains(punct.as_char());
                let has_left = follows_word || matches!(before, Some(TokenTree::Group(_)));
                if is_operator && has_left && punct.spacing() == Spacing::Alone {
                    text.extend([" ", &punct.to_string(), " "]);
                } else {
                    text.push(punct.as_char());
                }
            }
            word => {
                if follows_word {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
        before = Some(token);
    }
    text
}
