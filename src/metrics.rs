//! What the process counts about itself: the closed list of metrics, each with its labels and its help text, and the
//! one recorder that stores them. Events are counted where they happen, in the modules below the nouns and at the
//! doors. Numbers that are in the database are read when metrics are requested (`api::metrics`). Labels come from
//! closed lists: no ids, no names, no personal data.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// How often the daemon must sum up the samples of histograms; otherwise the samples would fill the memory until
/// metrics are requested.
pub const FOLD_EVERY: Duration = Duration::from_secs(5);

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricKind {
    /// A number that only grows while the process lives.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Values counted by size, in buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// A metric of the list: what Prometheus is told about it.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// The metric's name in Prometheus, such as `dvorik_uptime_seconds`.
    pub name: &'static str,
    /// The metric's kind.
    pub kind: MetricKind,
    /// The names of the metric's labels.
    pub labels: &'static [&'static str],
    /// What the metric means, as one sentence.
    pub help: &'static str,
}

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const COMMIT_SECONDS: &[f64] = &[0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];
const BATCH: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

macro_rules! list {
    ($($constant:ident $name:literal $kind:expr, [$($label:literal),*], $help:literal;)+) => {
        $(#[doc = $help] pub const $constant: &str = $name;)+

        /// Every metric, in the order in which people read them.
        pub const ALL: &[Metric] = &[$(Metric { name: $name, kind: $kind, labels: &[$($label),*], help: $help }),+];
    };
}

list! {
    BUILD_INFO "dvorik_build_info" MetricKind::Gauge, ["version"], "Always 1; the label tells which version runs.";
    UPTIME "dvorik_uptime_seconds" MetricKind::Gauge, [], "Seconds since the daemon started.";
    MEMORY "process_resident_memory_bytes" MetricKind::Gauge, [], "Memory the process holds.";
    FILES "process_open_fds" MetricKind::Gauge, [], "Files and sockets the process has open.";
    LOOP_SILENT "dvorik_loop_silent_seconds" MetricKind::Gauge, ["loop"], "Seconds since a loop of the daemon last ran; healthy loops stay below 2.";
    HTTP_REQUESTS "dvorik_http_requests_total" MetricKind::Counter, ["method", "route", "status"], "Requests answered, by the template of their route.";
    HTTP_SECONDS "dvorik_http_request_duration_seconds" MetricKind::Histogram(SECONDS), ["method", "route"], "How long answers took.";
    HTTP_LIMITED "dvorik_http_limited_total" MetricKind::Counter, ["limit"], "Requests answered 429, by the limit that was reached.";
    ATTEMPTS "dvorik_redemption_attempts_total" MetricKind::Counter, ["result"], "What became of codes at the counter since the daemon started, by bots, API and command line. Test rows are left out.";
    UPDATES "dvorik_updates_handled_total" MetricKind::Counter, ["bot", "result"], "Updates from Telegram that were handled, or could not be.";
    UPDATES_WAITING "dvorik_updates_waiting" MetricKind::Gauge, ["bot"], "Updates stored and not handled yet.";
    UPDATES_OLDEST "dvorik_updates_oldest_seconds" MetricKind::Gauge, ["bot"], "How long the oldest of them has waited.";
    UPDATES_PARKED "dvorik_updates_parked" MetricKind::Gauge, ["bot"], "Updates put aside after five failures, of the last 48 hours.";
    MESSAGES "dvorik_messages_total" MetricKind::Counter, ["bot", "lane", "class"], "Messages handed to Telegram, by lane and by what became of them.";
    LETTERS_WAITING "dvorik_letters_waiting" MetricKind::Gauge, ["bot"], "Letters of the outbox that are not delivered yet.";
    LETTERS_OLDEST "dvorik_letters_oldest_seconds" MetricKind::Gauge, ["bot"], "How long the oldest of them could have gone.";
    LETTERS_DOUBTFUL "dvorik_letters_doubtful_total" MetricKind::Counter, ["bot"], "Calls for letters for which it is unknown whether Telegram took them; each may have made a second copy.";
    LETTERS_UNDELIVERED "dvorik_letters_undelivered" MetricKind::Gauge, ["bot", "state"], "Letters of the last week that are not tried again by themselves: `unknown` were given up, `failed` were refused by Telegram.";
    GATE_CLOSED "dvorik_gate_closed_seconds" MetricKind::Gauge, ["bot", "lane"], "Seconds for which Telegram's 429 keeps a bot from sending: `all`, or `bulk` for automatic messages and broadcasts.";
    GATE_RATE "dvorik_gate_rate_per_second" MetricKind::Gauge, ["bot"], "Calls a second the gate allows now.";
    BOT_REFUSED "dvorik_bot_token_refused" MetricKind::Gauge, ["bot"], "1 when Telegram does not know the bot's token.";
    BOT_UNHEARD "dvorik_bot_unheard_seconds" MetricKind::Gauge, ["bot"], "Seconds since updates were last known to come in.";
    CONFLICTS "dvorik_poll_conflicts_total" MetricKind::Counter, ["bot"], "Times another program was found to take a bot's updates: 409s of Telegram, and webhooks that another program had changed.";
    BROADCASTS "dvorik_broadcasts" MetricKind::Gauge, ["status"], "Broadcasts that are scheduled, sending or paused.";
    RECIPIENTS "dvorik_broadcast_recipients" MetricKind::Gauge, ["outcome"], "Recipients of the broadcasts that are sending or paused, by what became of each.";
    JOB_FAILURES "dvorik_job_failures" MetricKind::Gauge, ["job"], "Failures of a job in a row.";
    JOB_LATE "dvorik_job_late_seconds" MetricKind::Gauge, ["job"], "For how long a job has been overdue.";
    JOB_ENDED "dvorik_job_last_end_timestamp_seconds" MetricKind::Gauge, ["job"], "When a job last ended.";
    HEARTBEATS "dvorik_heartbeat_total" MetricKind::Counter, ["result"], "Heartbeats to the outside watcher, by what became of each: `held` ones were not sent, because the daemon could not do its work.";
    DB_UP "dvorik_database_up" MetricKind::Gauge, [], "1 when the database could be read for this answer; what it knows is missing otherwise.";
    DB_QUEUE "dvorik_database_writes_waiting" MetricKind::Gauge, [], "Use-cases that wait for the writer or are in its hands.";
    DB_BATCH "dvorik_database_batch_size" MetricKind::Histogram(BATCH), [], "Use-cases that shared one commit.";
    DB_COMMIT "dvorik_database_commit_seconds" MetricKind::Histogram(COMMIT_SECONDS), [], "How long commits took, the disk's fsync included.";
    DB_FAILED "dvorik_database_batches_failed_total" MetricKind::Counter, [], "Batches of which nothing was kept because the storage failed.";
    DB_BYTES "dvorik_database_bytes" MetricKind::Gauge, ["file"], "Size of the database and of its log.";
    DISK_FREE "dvorik_disk_free_bytes" MetricKind::Gauge, [], "What is left on the database's disk.";
}

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// The recorder of this process; counting starts with the first call. Only the daemon calls this function, so other
/// commands count nothing.
pub fn installed() -> &'static PrometheusHandle {
    HANDLE.get_or_init(|| {
        let recorder = recorder();
        let handle = recorder.handle();
        // Only a second global recorder would be refused, and no other line sets one.
        let _ = metrics::set_global_recorder(recorder);
        describe();
        handle
    })
}

/// The metrics that `note` sets, as text: for values that are computed for one request and not stored.
pub fn written(note: impl FnOnce()) -> String {
    let recorder = recorder();
    metrics::with_local_recorder(&recorder, || {
        describe();
        note();
    });
    recorder.handle().render()
}

fn recorder() -> PrometheusRecorder {
    let mut builder = PrometheusBuilder::new();
    for metric in ALL {
        if let MetricKind::Histogram(buckets) = metric.kind {
            let name = Matcher::Full(metric.name.to_owned());
            // `set_buckets_for_metric` refuses only an empty list, and no list here is empty.
            builder = builder.set_buckets_for_metric(name, buckets).unwrap_or_default();
        }
    }
    builder.build_recorder()
}

fn describe() {
    for metric in ALL {
        match metric.kind {
            MetricKind::Counter => metrics::describe_counter!(metric.name, metric.help),
            MetricKind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            MetricKind::Histogram(_) => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_stands_once_and_is_named_as_prometheus_wants() {
        let mut names: Vec<&str> = ALL.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for metric in ALL {
            assert!(metric.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", metric.name);
            assert_eq!(metric.kind == MetricKind::Counter, metric.name.ends_with("_total"), "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn what_is_noted_for_one_answer_is_in_no_other() {
        let text = written(|| ::metrics::gauge!(DB_QUEUE).set(7.0));
        assert!(
            text.contains("# HELP dvorik_database_writes_waiting ")
                && text.contains("dvorik_database_writes_waiting 7")
        );
        assert!(!written(|| {}).contains("dvorik_database_writes_waiting 7"));
    }

    #[test]
    fn a_histogram_has_its_own_buckets() {
        let text = written(|| ::metrics::histogram!(DB_BATCH).record(3.0));
        assert!(text.contains(r#"dvorik_database_batch_size_bucket{le="4"} 1"#), "{text}");
    }
}
