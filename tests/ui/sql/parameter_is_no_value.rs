// The value of a placeholder has a column type.

fn run() {
    let _ = relations::sql("SELECT * FROM orders WHERE quantity > $1", (5_u8,));
}

fn main() {}
