//! The binary `relations`: what needs no entities.

use std::process::ExitCode;

fn main() -> ExitCode {
    relations_tools::main_without_entities()
}
