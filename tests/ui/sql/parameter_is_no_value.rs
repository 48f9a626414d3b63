// The value of a placeholder has a column type.

fn run() {
    let _ = relations::sql("SELECT * FROM orders WHERE quantity > $1", ('5',));
}

fn main() {}
