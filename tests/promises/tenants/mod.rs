//! An executor of one tenant sees and writes the rows of that tenant, at each place of each statement.

mod composite;
mod mistakes;
mod places;
mod random;
mod reads;
mod row_level;
mod types;
mod world;
mod writes;
