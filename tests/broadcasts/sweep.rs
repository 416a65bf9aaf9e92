//! What is done to many rows of a ledger goes on in steps, for exactly as long as it may. No daemon runs; the steps are
//! taken here.

use dvorik::broadcast::{self, Amendment, Batch, BroadcastId, BulkAction, BulkProgress, Status};
use dvorik::error::Result;
use dvorik::ids::AdminId;
use dvorik::realm::Realm;

use super::{acts, counted, crowd, draft, sends};
use crate::harness::{PATIENCE, World, becomes_true};

const OWNER: AdminId = AdminId(1);

fn sweeps(w: &World, id: BroadcastId, wanted: BulkAction) -> Result<BulkProgress> {
    acts(&w.db(), move |tx| broadcast::begin_bulk(tx, id, &wanted, OWNER))
}

/// One step, as the sender takes it.
fn goes_on(w: &World) -> bool {
    acts(&w.db(), |tx| broadcast::continue_bulk(tx, Realm::Real)).unwrap()
}

fn kept(w: &World) -> Vec<String> {
    w.texts("SELECT kind || ' ' || classes FROM broadcast_sweeps ORDER BY id")
}

/// A confirmed broadcast that is over, 2,500 of whose rows are in `state`; every fifth failed in another way.
async fn over(state: &str) -> (World, BroadcastId) {
    let w = World::closed().await;
    crowd(&w, 2500);
    let id = sends(&w.db(), draft("Ярмарка"));
    w.changes(format!(
        "INSERT INTO deliveries (broadcast_id, user_id, state, class, message_id, settled_ms)
         SELECT {id}, id, '{state}', iif('{state}' = 'failed', iif(id % 5, 'rejected', 'gone'), NULL), 7, unixepoch() * 1000
           FROM users"
    ));
    w.changes(format!(
        "UPDATE broadcasts SET status = 'sent', frozen = 1, finished_at = created_at, {state} = 2500,
            blocked = iif('{state}' = 'failed', 500, 0) WHERE id = {id}"
    ));
    (w, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_in_question_is_taken_once_and_the_others_stay() {
    let (w, id) = over("failed").await;
    let first = sweeps(&w, id, BulkAction::RetryFailed(vec!["rejected".into()])).unwrap();
    assert_eq!((first.rows, first.is_whole, first.broadcast.status), (800, false, Status::Scheduled));
    assert_eq!(w.count("SELECT count(*) FROM audit_log WHERE action = 'requeue_broadcast' AND actor = 'admin:1'"), 1);
    assert!(goes_on(&w) && goes_on(&w) && !goes_on(&w), "two more steps of 1,000");
    let counts = counted(&w, id);
    assert_eq!((counts.queued, counts.failed, counts.blocked), (2000, 500, 500));
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_wanted_before_stay_wanted_when_it_begins_anew() {
    let (w, id) = over("failed").await;
    sweeps(&w, id, BulkAction::RetryFailed(vec!["rejected".into()])).unwrap();
    sweeps(&w, id, BulkAction::RetryFailed(vec!["gone".into()])).unwrap();
    assert_eq!(kept(&w), [r#"retry_failed ["gone","rejected"]"#]);
    while goes_on(&w) {}
    assert_eq!(counted(&w, id).queued, 2500);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_while_its_broadcast_is_held_and_is_dropped_when_that_is_given_up() {
    let (w, id) = over("unknown").await;
    sweeps(&w, id, BulkAction::ResendUnknown).unwrap();
    acts(&w.db(), |tx| broadcast::tick(tx, Realm::Real, &Batch::default())).unwrap();
    acts(&w.db(), move |tx| broadcast::pause(tx, id, &super::by())).unwrap();
    assert!(!goes_on(&w));
    assert_eq!((kept(&w).len(), counted(&w, id).unknown), (1, 1500));
    acts(&w.db(), move |tx| broadcast::cancel(tx, id, &super::by())).unwrap();
    assert!(goes_on(&w));
    assert_eq!((kept(&w).len(), counted(&w, id).unknown), (0, 1500), "nobody is queued in what is given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_is_not_over_while_rows_are_still_being_queued() {
    let (w, id) = over("unknown").await;
    sweeps(&w, id, BulkAction::ResendUnknown).unwrap();
    w.change("UPDATE deliveries SET state = 'sent' WHERE state = 'queued'");
    w.change("UPDATE broadcasts SET sent = queued, queued = 0");
    let status = || {
        acts(&w.db(), |tx| broadcast::tick(tx, Realm::Real, &Batch::default())).unwrap();
        acts(&w.db(), move |tx| broadcast::get(tx, id)).unwrap().status
    };
    assert_eq!((status(), status()), (Status::Sending, Status::Sending));
    while goes_on(&w) {}
    assert_eq!(counted(&w, id).queued, 1500);
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_messages_are_all_marked_and_a_restored_shop_goes_on_with_nothing() {
    let (w, id) = over("sent").await;
    assert_eq!(sweeps(&w, id, BulkAction::Amend(Amendment::Recall)).unwrap().rows, 1000);
    assert_eq!(w.ran(&["backup", "--json"]).code, 0);
    while goes_on(&w) {}
    assert_eq!(w.count("SELECT count(*) FROM deliveries WHERE wish = 'recall'"), 2500);
    assert_eq!(w.ran(&["backup", "restore", "last", "--yes"]).code, 0);
    assert_eq!(kept(&w), [""; 0]);
    assert_eq!(w.count("SELECT count(*) FROM deliveries WHERE wish = 'recall'"), 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_broadcast_is_canceled_at_once_and_the_sender_marks_the_rest() {
    let (mut w, id) = over("queued").await;
    w.change("UPDATE broadcasts SET status = 'paused', pause_reason = 'admin', finished_at = NULL");
    let ran = w.ran(&["broadcast", "cancel", &id.to_string(), "--yes", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(counted(&w, id).queued, 1500, "one step");
    w.runs();
    assert!(
        becomes_true(PATIENCE, async || w.count("SELECT count(*) FROM deliveries WHERE state = 'queued'") == 0).await
    );
    w.is_killed().await;
    assert_eq!(counted(&w, id).queued, 0);
}
