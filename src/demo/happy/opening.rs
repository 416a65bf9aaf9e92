//! The shop opens: configuration and database, the daemon, the channel, a campaign, the owner at the staff bot.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::demo::fixture::{ActOutcome, CHANNEL, CUSTOMER_BOT, Fixture, STAFF_BOT, expect, expect_json, text_at};
use crate::demo::report::Miss;

/// `init --no-input` takes everything from the environment and writes it to a config that only its owner can read.
pub(super) async fn init(fixture: &mut Fixture) -> ActOutcome {
    fixture.found().await?;
    let config = fixture.shop.file("config.toml");
    let mode = std::fs::metadata(&config).map_err(|error| Miss::new("config.toml", error.to_string()))?.permissions();
    expect(mode.mode() & 0o777 == 0o600, "config.toml 0600", format!("config.toml {:o}", mode.mode() & 0o777))?;
    expect(fixture.shop.file("dvorik.db").exists(), "dvorik.db", "—")?;
    Ok(vec!["config.toml (0600), dvorik.db".to_owned()])
}

/// The daemon starts and both bots introduce themselves to Telegram.
pub(super) async fn serve(fixture: &mut Fixture) -> ActOutcome {
    fixture.open_shop().await?;
    Ok(vec![format!("@{CUSTOMER_BOT} ✓  @{STAFF_BOT} ✓")])
}

/// The channel is set while the daemon runs. The staff bot tells the owner, as after any change of a setting.
pub(super) async fn channel(fixture: &mut Fixture) -> ActOutcome {
    let changed = fixture.shell(&["settings", "set", "telegram_channel_id", CHANNEL]).await?;
    expect_json(&changed, "/changed", &json!(true))?;
    expect_json(&changed, "/after/value", &json!(CHANNEL))?;
    let notice = fixture.hears(STAFF_BOT, fixture.roles.owner.id).await?;
    let known = [("setting", "telegram_channel_id"), ("before", "\u{2014}"), ("after", CHANNEL)];
    fixture.read("notice_setting", &notice.text, &known)?;
    Ok(fixture.shown(&notice))
}

/// A campaign is created; it has the link that people will press.
pub(super) async fn campaign(fixture: &mut Fixture) -> ActOutcome {
    let name = fixture.say("demo.campaign");
    let made = fixture.shell(&["campaign", "create", &name, "--key", "flyer"]).await?;
    let link = text_at(&made, "/after/tme_link")?;
    let expected = format!("https://t.me/{CUSTOMER_BOT}?start=ref_flyer");
    expect(link == expected, &expected, &link)?;
    fixture.learn("link", &link);
    Ok(vec![link])
}

/// The staff bot recognises the owner by the Telegram id in the config.
pub(super) async fn owner_ready(fixture: &mut Fixture) -> ActOutcome {
    let owner = fixture.roles.owner.id;
    fixture.telegram.opens_link(STAFF_BOT, owner, None);
    let answer = fixture.hears(STAFF_BOT, owner).await?;
    fixture.read("owner_ready", &answer.text, &[])?;
    Ok(fixture.shown(&answer))
}
