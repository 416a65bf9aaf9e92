//! Telegram is not reached: what, why, and what helps, in people's words; never the system's.

use crate::harness::World;

/// A port nobody listens on.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_meets_a_silent_telegram_is_told_of_the_proxy() {
    let mut w = World::closed().await;
    let base = w.tg.base_url();
    w.reconfigures(&[(&base, &closed_port())]);
    for args in [["doctor"].as_slice(), &["bot", "sync"], &["webhook", "info"]] {
        let ran = w.ran(args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(ran.code != 0, "{args:?}: {said}");
        assert!(said.contains("соединение отклонено") && said.contains("[telegram] proxy"), "{args:?}: {said}");
        assert!(!said.contains("os error") && !said.contains("not_connected"), "{args:?}: {said}");
    }
    w.runs();
    w.waits_for_log("set a proxy in the config: [telegram] proxy").await;
    assert!(!w.log().contains("os error"), "{}", w.log());
    assert_eq!(w.terminates().await, Some(0));
}
