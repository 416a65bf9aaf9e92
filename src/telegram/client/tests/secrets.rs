//! Tests that errors and debug output never show the token or the proxy's password.

use super::*;

#[tokio::test]
async fn the_token_is_in_no_debug_and_no_error() {
    let (server, bot) = server_and_bot();
    server.says(400, &refusal(400, &format!("Bad Request: no such path /bot{TOKEN}/getMe")));
    let echoed = bot.get_me().await.unwrap_err();
    server.will(Reply::Reset);
    let reset = bot.get_me().await.unwrap_err();
    // A new bot: the rate limiter of the first one waits until Telegram answers a probe.
    let bot = bot_at(&server.base);
    server.will(Reply::Raw(String::from("HTTP/1.1 500 X\r\ncontent-length: 2\r\nconnection: close\r\n\r\n??")));
    let page = bot.get_me().await.unwrap_err();
    let refused = bot_at(&closed_port()).get_me().await.unwrap_err();
    for error in [echoed, reset, page, refused] {
        assert!(!error.description.is_empty());
        for text in [format!("{error:?}"), error.to_string()] {
            assert!(!text.contains("canary") && !text.contains("http://"), "{text}");
        }
    }
    let proxied = BotSettings { proxy: Some("http://u:canary@127.0.0.1:1".into()), ..settings(&server.base) };
    let bot = Bot::new(proxied.clone(), Clock::System).unwrap();
    assert!(!format!("{bot:?} {proxied:?}").contains("canary"));
}

#[test]
fn settings_no_bot_can_be_made_of_are_refused_without_secrets() {
    let good = settings("https://api.telegram.org");
    let bad = [
        BotSettings { token: String::new().into(), ..good.clone() },
        BotSettings { token: "1:canary/../x".to_owned().into(), ..good.clone() },
        BotSettings { api_base: "api.telegram.org".into(), ..good.clone() },
        BotSettings { api_base: "ftp://canary@host".into(), ..good.clone() },
        BotSettings { api_base: "http://host/?canary".into(), ..good.clone() },
        BotSettings { proxy: Some("u:canary@host:1".into()), ..good.clone() },
        BotSettings { proxy: Some("ftp://u:canary@host".into()), ..good.clone() },
    ];
    for settings in bad {
        let error = Bot::new(settings, Clock::System).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    for proxy in ["", "  ", "http://u:p@host:3128", "socks5h://host:1080"] {
        let settings = BotSettings { proxy: Some(proxy.into()), ..settings("http://127.0.0.1:8081/") };
        assert!(Bot::new(settings, Clock::System).is_ok(), "{proxy}");
    }
}
