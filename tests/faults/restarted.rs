//! The server stops and crashes while others write.

use std::time::Duration;

use crate::server::Server;
use crate::tally::tried;
use crate::writers::Writers;

/// The pool has fewer connections than there are writers, so that some always wait for one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_outlive_the_server() {
    tried(60, async |tally| {
        let Some(server) = Server::start().await else { return };
        let db = server.pool(6).await;
        let writers = Writers::start(&[db], 8, &tally).await;
        for crashes in [false, true, false, true] {
            writers.write(30).await;
            writers.calm(false);
            if crashes {
                server.crash().await;
            } else {
                server.stop().await;
            }
            tally.injected.add(1);
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.start_again().await;
            writers.calm(true);
        }
        writers.write(30).await;
        writers.finish().await;
    })
    .await;
}
