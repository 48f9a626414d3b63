//! One include sees one snapshot, whatever the strategy and whoever writes meanwhile.
