//! `/campaigns`: links that bring customers, their figures, and their poster. A link serves both realms; its figures,
//! and the bot it leads to, belong to one realm.

use axum::body::Body as Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::bots::Bots;
use super::http::extract::{Body, Id, Listing, Plain, Query, RealmParam, given, key, line, ranged};
use super::http::problem::{Problem, renamed};
use super::http::request::{Authorized, PostReply};
#[cfg(test)]
use super::openapi::schemas;
use crate::access::Caller;
use crate::campaign::{self, Campaign, SourceKey};
use crate::catalogue::Code;
use crate::db::{Tx, View};
use crate::discount::template;
use crate::error::{Refusal, Result as ShopResult};
use crate::ids::{CampaignId, TemplateId};
use crate::qr;
use crate::realm::Realm;
use crate::shop;

/// Pairs of use-case name and API name: the use-case names the field as the command's flag.
const NAMES: &[(&str, &str)] = &[("template", "template_id")];

/// A campaign.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct CampaignBody {
    id: i64,
    name: String,
    source_key: String,
    /// The template of the code that a new customer gets by the link.
    template_id: Option<i64>,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
    /// The number of /start commands with the campaign's key, known customers included.
    clicks: i64,
    /// The number of customers whose first source is this campaign.
    registrations: i64,
    /// The campaign's link to share; null until the bot's username is known.
    #[cfg_attr(test, schema(example = "https://t.me/dvorik_bot?start=ref_leaflet"))]
    tme_link: Option<String>,
}

impl CampaignBody {
    fn of(campaign: Campaign, bot: Option<&str>) -> Self {
        Self {
            id: campaign.id.0,
            tme_link: bot.map(|bot| campaign.key.link(bot)),
            source_key: campaign.key.as_str().to_owned(),
            name: campaign.name,
            template_id: campaign.template.map(|template| template.0),
            created_at: campaign.created_at.to_string(),
            clicks: campaign.clicks,
            registrations: campaign.registrations,
        }
    }

    fn single(view: &View<'_>, realm: Realm, campaign: Campaign) -> ShopResult<Self> {
        Ok(Self::of(campaign, shop::bot_username(view, realm.customer_bot())?.as_deref()))
    }
}

/// The list of campaigns has no filters: every campaign is listed.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct All {}

/// List campaigns, newest first
#[cfg_attr(test, utoipa::path(get, path = "/campaigns", tag = "campaigns", params(schemas::PageParams, Plain),
    responses((status = 200, description = "One page", body = schemas::Page<CampaignBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<Plain>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let (found, total) = campaign::list(view, listing.realm, listing.slice)?;
        let bot = shop::bot_username(view, listing.realm.customer_bot())?;
        let items = found.into_iter().map(|campaign| CampaignBody::of(campaign, bot.as_deref())).collect();
        Ok(listing.page_of(items, total))
    })
    .await
}

/// Show a campaign
#[cfg_attr(test, utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The campaign", body = CampaignBody))))]
pub(super) async fn one(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    let realm = world.realm();
    ask.read(move |view, _| CampaignBody::single(view, realm, campaign::get(view, realm, CampaignId(id.0))?)).await
}

/// A new campaign.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignCreate {
    /// The campaign's name inside the shop.
    #[cfg_attr(test, schema(format = "line", max_length = 128, example = "Leaflets in the yard"))]
    name: String,
    /// The campaign's key in its link. It cannot be changed later, because it is printed on paper.
    #[cfg_attr(test, schema(min_length = 1, max_length = 48, pattern = "^[a-z0-9-]+$", example = "leaflet"))]
    source_key: String,
    /// The template of the code that a new customer gets by the link; not one of the events subscription and birthday.
    #[serde(default)]
    #[cfg_attr(test, schema(minimum = 1))]
    template_id: Option<i64>,
}

/// Create a campaign
#[cfg_attr(test, utoipa::path(post, path = "/campaigns", tag = "campaigns", request_body = CampaignCreate,
    responses((status = 201, description = "Created", body = CampaignBody))))]
pub(super) async fn create(ask: Authorized, body: Body<CampaignCreate>) -> Result<Response, Problem> {
    let Body { value: wanted, hash } = body;
    line("name", &wanted.name, 128)?;
    key("source_key", &wanted.source_key, 48, "-")?;
    ranged("template_id", wanted.template_id.unwrap_or(1), 1..=i64::MAX)?;
    ask.post(hash, move |tx, caller| made(tx, &wanted, caller).map(PostReply::Created)).await
}

fn made(tx: &Tx<'_>, wanted: &CampaignCreate, caller: &Caller) -> ShopResult<CampaignBody> {
    let (key, by) = (SourceKey::parse(&wanted.source_key)?, caller.manager()?);
    let template = wanted.template_id.map(|id| existing(tx, id)).transpose()?;
    let made = campaign::create(tx, &wanted.name, key, template, by.actor());
    CampaignBody::single(tx, Realm::Real, made.map_err(|error| renamed(error, NAMES))?)
}

fn existing(view: &View<'_>, id: i64) -> ShopResult<TemplateId> {
    let missing = || Refusal::TemplateNotFound { name: id.to_string(), known: Vec::new() };
    Ok(template::find(view, TemplateId(id))?.ok_or_else(missing)?.id)
}

/// The fields of a campaign to change; an absent field keeps its value, null clears it. The key cannot be changed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignEdit {
    #[serde(default)]
    #[cfg_attr(test, schema(format = "line", max_length = 128))]
    name: Option<String>,
    /// The template of the code that a new customer gets by the link.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schema(value_type = Option<i64>, minimum = 1))]
    template_id: Option<Option<i64>>,
}

/// Change a campaign
#[cfg_attr(test, utoipa::path(patch, path = "/campaigns/{id}", tag = "campaigns", request_body = CampaignEdit,
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1)),
    responses((status = 200, description = "Campaign changed", body = CampaignBody))))]
pub(super) async fn edit(ask: Authorized, id: Id, body: Body<CampaignEdit>) -> Result<Response, Problem> {
    let wanted = body.value;
    wanted.name.as_ref().map_or(Ok(()), |name| line("name", name, 128))?;
    ranged("template_id", wanted.template_id.flatten().unwrap_or(1), 1..=i64::MAX)?;
    ask.write(move |tx, caller| {
        let (by, was) = (caller.manager()?, campaign::get(tx, Realm::Real, CampaignId(id.0))?);
        let template = match wanted.template_id {
            Some(id) => id.map(|id| existing(tx, id)).transpose()?,
            None => was.template,
        };
        let name = wanted.name.unwrap_or_else(|| was.name.clone());
        let edited = campaign::edit(tx, was, &name, template, by.actor());
        CampaignBody::single(tx, Realm::Real, edited.map_err(|error| renamed(error, NAMES))?.1)
    })
    .await
}

/// The figures of a campaign. Its codes are those of customers whose first source is this campaign.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct CampaignStats {
    /// The number of /start commands with the campaign's key, known customers included.
    clicks: i64,
    /// The number of distinct customers among the clicks.
    visitors: i64,
    /// The number of customers whose first source is this campaign.
    registrations: i64,
    discounts_issued: i64,
    discounts_redeemed: i64,
    /// Redemptions divided by registrations; above 1 when customers redeem more than one code; null without
    /// registrations.
    conversion: Option<f64>,
}

/// Show the figures of a campaign
#[cfg_attr(test, utoipa::path(get, path = "/campaigns/{id}/stats", tag = "campaigns",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), RealmParam),
    responses((status = 200, description = "The figures", body = CampaignStats))))]
pub(super) async fn stats(ask: Authorized, id: Id, Query(world): Query<RealmParam>) -> Result<Response, Problem> {
    ask.read(move |view, _| {
        let found = campaign::get(view, world.realm(), CampaignId(id.0))?;
        let stats = campaign::stats(view, found.id, world.realm())?;
        Ok(CampaignStats {
            clicks: stats.clicks,
            visitors: stats.visitors,
            registrations: stats.registrations,
            discounts_issued: stats.issued,
            discounts_redeemed: stats.redeemed,
            conversion: stats.conversion(),
        })
    })
    .await
}

/// The format of the campaign's QR code: a picture, or a page to print.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Poster {
    #[default]
    Svg,
    Png,
    Pdf,
}

impl Poster {
    fn draw(self, link: &str) -> (&'static str, Option<Vec<u8>>) {
        match self {
            Self::Svg => ("image/svg+xml", qr::svg(link).map(String::into_bytes)),
            Self::Png => ("image/png", qr::png(link)),
            Self::Pdf => ("application/pdf", qr::poster(link)),
        }
    }
}

/// The format and the realm of the campaign's QR code.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(utoipa::IntoParams))]
#[cfg_attr(test, into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub(super) struct PosterParams {
    /// The format of the QR code; `svg` if absent.
    #[cfg_attr(test, param(inline))]
    format: Poster,
    /// Whether the QR code has the link of the test bot instead of the real one.
    #[cfg_attr(test, param(default = false, example = false))]
    is_test: bool,
}

/// Show the campaign's link as a QR code or a page to print
#[cfg_attr(test, utoipa::path(get, path = "/campaigns/{id}/qr", tag = "campaigns",
    params(("id" = i64, Path, minimum = 1, description = "Row id", example = 1), PosterParams),
    responses((status = 200, description = "The picture",
        content((String = "image/svg+xml"), (inline(schemas::Binary) = "image/png"), (inline(schemas::Binary) = "application/pdf"))))))]
pub(super) async fn qr(
    ask: Authorized,
    id: Id,
    Query(params): Query<PosterParams>,
    State(bots): State<Bots>,
) -> Result<Response, Problem> {
    let realm = Realm::from_is_test(params.is_test);
    let found =
        ask.look(move |view, _| CampaignBody::single(view, realm, campaign::get(view, realm, CampaignId(id.0))?));
    let link = found.await?.tme_link.ok_or_else(|| bots.nameless(realm.customer_bot()))?;
    let (kind, drawn) = params.format.draw(&link);
    let mut response = Response::new(Bytes::from(drawn.ok_or_else(|| Problem::of(Code::Internal))?));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
