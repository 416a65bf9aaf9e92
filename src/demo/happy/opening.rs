//! The shop opens: configuration and database, the daemon, the channel, a campaign, the owner at the staff bot.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::clock::{Clock, Zone};
use crate::demo::pattern;
use crate::demo::report::Miss;
use crate::demo::stage::{
    CHANNEL, CUSTOMER_BOT, CUSTOMER_TOKEN, Outcome, STAFF_BOT, STAFF_TOKEN, Stage, expect, expect_json, text_at,
};

/// `init --no-input` takes everything from the environment and keeps it in a config nobody else can read.
pub(super) async fn init(stage: &mut Stage) -> Outcome {
    let (telegram, owner) = (stage.telegram.base_url(), stage.cast.owner.id.to_string());
    let variables = [
        ("DVORIK_BOTS__CUSTOMER__TOKEN", CUSTOMER_TOKEN),
        ("DVORIK_BOTS__STAFF__TOKEN", STAFF_TOKEN),
        ("DVORIK_OWNER_TELEGRAM_ID", &owner),
        ("DVORIK_TELEGRAM__API_BASE", &telegram),
        ("DVORIK_TIMEZONE", quiet_zone()),
    ];
    stage.shell_with(&["init", "--no-input"], &variables).await?;
    let config = stage.shop.file("config.toml");
    let mode = std::fs::metadata(&config).map_err(|error| Miss::new("config.toml", error.to_string()))?.permissions();
    expect(mode.mode() & 0o777 == 0o600, "config.toml 0600", format!("config.toml {:o}", mode.mode() & 0o777))?;
    expect(stage.shop.file("dvorik.db").exists(), "dvorik.db", "—")?;
    Ok(vec!["config.toml (0600), dvorik.db".to_owned()])
}

/// «Redeemed today» is asked for at the end: midnight must not fall in between.
fn quiet_zone() -> &'static str {
    const SHOP: &str = "Asia/Vladivostok";
    const ELSEWHERE: &str = "Europe/Moscow";
    let is_late = Zone::parse(SHOP).is_some_and(|zone| zone.hour(Clock::System.now()) == 23);
    if is_late { ELSEWHERE } else { SHOP }
}

/// The daemon starts and both bots introduce themselves to Telegram.
pub(super) async fn serve(stage: &mut Stage) -> Outcome {
    stage.open_shop().await?;
    Ok(vec![format!("@{CUSTOMER_BOT} ✓  @{STAFF_BOT} ✓")])
}

/// The channel is set while the daemon runs; the owner hears of it in the staff bot, as of any change of a setting.
pub(super) async fn channel(stage: &mut Stage) -> Outcome {
    let changed = stage.shell(&["settings", "set", "telegram_channel_id", CHANNEL]).await?;
    expect_json(&changed, "/changed", &json!(true))?;
    expect_json(&changed, "/after/value", &json!(CHANNEL))?;
    let notice = stage.hears(STAFF_BOT, stage.cast.owner.id).await?;
    let known = [("setting", "telegram_channel_id"), ("before", "\u{2014}"), ("after", CHANNEL)];
    pattern::read("notice_setting", &notice.text, &known)?;
    Ok(stage.shown(&notice))
}

/// A campaign comes with the link people will press.
pub(super) async fn campaign(stage: &mut Stage) -> Outcome {
    let name = stage.say("demo.campaign");
    let made = stage.shell(&["campaign", "create", &name, "--key", "flyer"]).await?;
    let link = text_at(&made, "/after/tme_link")?;
    let expected = format!("https://t.me/{CUSTOMER_BOT}?start=ref_flyer");
    expect(link == expected, &expected, &link)?;
    stage.learn("link", &link);
    Ok(vec![link])
}

/// The owner is known to the staff bot by the id in the config.
pub(super) async fn owner_ready(stage: &mut Stage) -> Outcome {
    let owner = stage.cast.owner.id;
    stage.telegram.opens_link(STAFF_BOT, owner, None);
    let answer = stage.hears(STAFF_BOT, owner).await?;
    pattern::read("owner_ready", &answer.text, &[])?;
    Ok(stage.shown(&answer))
}
