//! Both pages of the API's document, in a browser.

use dvorik::staff::Role;
use serde_json::json;

use super::{Page, named};
use crate::api::Api;
use crate::api::matrix::{document, operations};

const TYPE: &str = "(field, text) => { Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, \
    text); field.dispatchEvent(new Event('input', { bubbles: true })) }";

#[tokio::test(flavor = "multi_thread")]
async fn swagger_shows_every_operation_and_tries_one_out_with_a_token() {
    let Some(program) = named("DVORIK_TEST_BROWSER") else { return };
    let api = Api::open().await;
    let (home, token) = (format!("{}/", api.w.http()), api.of(Role::Owner).await);
    let count = operations(&document(&api).await).len();
    let mut page = Page::open(&program).await;
    page.goes(&format!("{home}api/docs/")).await;
    page.comes_to("document.querySelectorAll('.opblock').length", json!(count)).await;
    page.is_drawn("swagger.png").await;
    page.says("document.querySelector('.btn.authorize').click()").await;
    page.comes_to("document.querySelectorAll('.auth-container input').length > 0", json!(true)).await;
    page.is_drawn("swagger-authorize.png").await;
    page.says(&format!("({TYPE})(document.querySelector('.auth-container input[type=text]'), '{token}')")).await;
    page.says("document.querySelector('.auth-container .authorize[type=submit]').click()").await;
    page.comes_to("document.querySelectorAll('.auth-container .auth-btn-wrapper .btn').length > 1", json!(true)).await;
    page.says("document.querySelector('.close-modal').click()").await;
    page.says("document.querySelector('#operations-auth-auth_me .opblock-summary-control').click()").await;
    page.comes_to("!!document.querySelector('#operations-auth-auth_me .execute')", json!(true)).await;
    // The button stands there before Swagger UI has understood the operation.
    let understood = "!!ui.getSystem().specSelectors.specResolvedSubtree(['paths', '/api/v1/auth/me', 'get'])?.size";
    page.comes_to(understood, json!(true)).await;
    page.says("document.querySelector('#operations-auth-auth_me .execute').click()").await;
    let answered = "document.querySelector('#operations-auth-auth_me .live-responses-table tbody .response-col_status') \
        ?.firstChild?.textContent?.trim()";
    page.comes_to(answered, json!("200")).await;
    page.is_drawn("swagger-tried.png").await;
    page.is_content(&home);
    api.w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reading_view_shows_every_operation_in_style_and_without_a_script() {
    let Some(program) = named("DVORIK_TEST_BROWSER") else { return };
    let api = Api::open().await;
    let home = format!("{}/", api.w.http());
    let count = operations(&document(&api).await).len();
    let mut page = Page::open(&program).await;
    page.goes(&format!("{home}api/redoc")).await;
    page.comes_to("document.querySelectorAll('section.operation').length", json!(count)).await;
    page.comes_to("getComputedStyle(document.querySelector('nav')).position", json!("sticky")).await;
    page.comes_to("document.scripts.length", json!(0)).await;
    let broken = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => \
        !document.getElementById(a.getAttribute('href').slice(1))).map(a => a.href)";
    page.comes_to(broken, json!([])).await;
    page.is_drawn("redoc.png").await;
    let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    page.call("Emulation.setDeviceMetricsOverride", phone).await;
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    page.call("Emulation.setEmulatedMedia", dark).await;
    page.comes_to("document.documentElement.scrollWidth <= innerWidth", json!(true)).await;
    page.comes_to("getComputedStyle(document.body).backgroundColor", json!("rgb(20, 24, 31)")).await;
    page.says("document.getElementById('discounts_redeem').scrollIntoView()").await;
    page.is_drawn("redoc-phone.png").await;
    page.is_content(&home);
    api.w.ends().await;
}
