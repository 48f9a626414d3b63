// A sole value is in a tuple too.

fn run() {
    let _ = relations::sql("SELECT * FROM orders WHERE quantity > $1", 5);
}

fn main() {}
