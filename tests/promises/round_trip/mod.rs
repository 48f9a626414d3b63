//! A value that was read finds its row again, or reading it is an error.

mod declared;
mod generated;
mod ids;
mod numbers;
mod spelled;
mod spelled_keys;
mod streams;
mod truncated;
mod written;
