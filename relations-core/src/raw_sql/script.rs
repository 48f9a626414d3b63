//! Several statements in one text.

use crate::driver::transaction::retry::Transactional;
use crate::error::{Error, Result};
use crate::raw_sql::scan::{self, split::statements};
use crate::raw_sql::{Sql, sql};

impl Sql {
    /// Runs the statements of a script, such as test fixtures, one after another in a transaction, and
    /// returns their number: all of them are committed, or none.
    ///
    /// ```no_run
    /// # async fn run(db: &relations::Database) -> relations::Result<()> {
    /// let fixtures = "
    ///     INSERT INTO customers (id, name) VALUES (7, 'Ada; or Ida');
    ///     INSERT INTO orders (id, customer_id) VALUES (1, 7), (2, 7);
    /// ";
    /// relations::sql(fixtures, ()).execute_script(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Statements end with a `;`, optional at the end of the script. A `;` in a string literal, in a comment,
    /// or in the body of a trigger or a function is part of its statement. The rules of
    /// [`sql()`](crate::sql()) apply to each, so none may begin or end a transaction or change the session.
    ///
    /// # Errors
    ///
    /// There are values, or a statement would be refused alone; the error has the line where it begins, and
    /// nothing is sent ([`Error::is_invalid_request`]). Or the database rejects a statement.
    #[doc(alias = "batch")]
    #[doc(alias = "fixtures")]
    pub async fn execute_script(self, db: &impl Transactional) -> Result<usize> {
        let values = self.parameters.len();
        if values > 0 {
            return Err(Error::invalid_request(format!(
                "a script takes no values, and was given {values}; run the statement that needs \
                 them separately",
            )));
        }
        let script = self.text.as_str();
        let statements = statements(db.engine(), script);
        for statement in &statements {
            scan::check(db.engine(), statement.sql, 0, false).map_err(|error| {
                Error::invalid_request(format!("line {} of the script: {error}", statement.line))
            })?;
        }
        let statements: Vec<String> =
            statements.into_iter().map(|statement| statement.sql.to_owned()).collect();
        let (statements, unscoped, unobserved) = (&statements, self.unscoped, self.unobserved);
        db.transaction(async |tx| {
            for statement in statements {
                let statement = Sql { unscoped, unobserved, ..sql(statement.as_str(), ()) };
                statement.execute(tx).await?;
            }
            Ok(statements.len())
        })
        .await
    }
}
