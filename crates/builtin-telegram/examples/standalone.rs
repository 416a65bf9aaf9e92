//! The built-in Telegram as a process of its own, for scripts such as `.ci/clean-machine`. Bots call its first address;
//! at the second one a script acts for the people of Telegram, with one JSON object per POST. The last argument is the
//! time now, in milliseconds since the Unix epoch:
//!
//! ```text
//! standalone 127.0.0.1:8081 127.0.0.1:8082 $(date +%s%3N)
//! curl -d '{"do": "says", "bot": "shop_bot", "person": 501, "text": "/start"}' http://127.0.0.1:8082
//! ```
//!
//! `do` is `bot` (`token`, `username`), `person` (`id`, `first_name`, optional `username`), `channel` (`id`,
//! `username`, `title`), `administers` (`channel`, `bot`), `follows` (`channel`, `person`), `starts` (`bot`, `person`,
//! optional `payload` of the link), `says` (`bot`, `person`, `text`), `presses` (`bot`, `person`, `caption`), `chat`
//! (`bot`, `person`: the messages, oldest first), `file` (`id`: its bytes in hexadecimal) or `violations` (what bots did
//! that Telegram does not allow). It answers 200 with JSON, or 400 with a sentence.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use builtin_telegram::{BuiltinTelegram, ChatMemberStatus, Person, ShownMessage};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [for_bots, for_script, now_ms] = given.as_slice() else {
        return Err("needed: an address for the bots, one for the script, and the time in milliseconds".into());
    };
    let (began_ms, began) = (now_ms.parse::<i64>()?, Instant::now());
    let now_ms = move || began_ms.saturating_add(i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX));
    let telegram = BuiltinTelegram::start(for_bots.parse()?, now_ms).await?;
    let listener = TcpListener::bind(for_script.parse::<SocketAddr>()?).await?;
    axum::serve(listener, Router::new().fallback(answer).with_state(telegram)).await?;
    Ok(())
}

async fn answer(State(telegram): State<BuiltinTelegram>, body: String) -> (StatusCode, String) {
    let request = serde_json::from_str(&body).map_err(|error| error.to_string());
    match request.and_then(|request| act(&telegram, &request)) {
        Ok(result) => (StatusCode::OK, result.to_string()),
        Err(sentence) => (StatusCode::BAD_REQUEST, sentence),
    }
}

fn act(telegram: &BuiltinTelegram, request: &Value) -> Result<Value, String> {
    let given = |field: &str| request.get(field).and_then(Value::as_str);
    let text = |field: &str| given(field).ok_or_else(|| format!("the text {field} is missing"));
    let number = |field: &str| {
        request.get(field).and_then(Value::as_i64).ok_or_else(|| format!("the number {field} is missing"))
    };
    Ok(match text("do")? {
        "bot" => json!(telegram.add_bot(text("token")?, text("username")?)),
        "person" => {
            let (id, first_name) = (number("id")?, text("first_name")?.to_owned());
            telegram.add_person(Person {
                id,
                first_name,
                last_name: None,
                username: given("username").map(str::to_owned),
            });
            Value::Null
        }
        "channel" => json!(telegram.add_channel(number("id")?, given("username"), text("title")?)),
        "administers" => json!(telegram.set_bot_is_channel_admin(text("channel")?, text("bot")?, true)),
        "follows" => json!(telegram.set_member(text("channel")?, number("person")?, ChatMemberStatus::Member)),
        "starts" => json!(telegram.opens_link(text("bot")?, number("person")?, given("payload"))),
        "says" => json!(telegram.says(text("bot")?, number("person")?, text("text")?)),
        "presses" => json!(telegram.presses_button(text("bot")?, number("person")?, text("caption")?)?),
        "chat" => telegram.chat_view(text("bot")?, number("person")?).iter().map(shown).collect(),
        "file" => json!(hexadecimal(&telegram.file_bytes(text("id")?).ok_or("there is no such file")?)),
        "violations" => json!(telegram.violations()),
        unknown => return Err(format!("nothing is called {unknown}")),
    })
}

fn shown(message: &ShownMessage) -> Value {
    let buttons = message.buttons.iter().flatten().map(|button| button.caption.as_str());
    json!({
        "id": message.message_id, "from_bot": message.from_bot, "text": message.text,
        "media": message.media, "file": message.file_id, "buttons": buttons.collect::<Vec<_>>(),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
