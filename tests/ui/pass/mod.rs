//! Code that keeps compiling.

mod across_modules;
mod asking;
mod columns;
mod composite;
mod composite_unique_key;
mod conditions;
mod cycles;
mod distribution;
mod executors;
mod from_row;
mod generic;
mod in_a_function;
mod includes;
mod keys;
mod keywords;
mod optional;
mod stamps;
mod through;
mod types;
mod values;
