//! A value that was read finds its row again, or reading it is an error.
