//! Both pages in a real browser, driven through its debugging pipe. Needs Chromium: `.ci/browser` installs it and names it
//! in `DVORIK_TEST_BROWSER`; without that nothing is tried. `DVORIK_TEST_PICTURES` keeps what the pages look like.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use dvorik::staff::Role;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::Api;
use super::matrix::{document, operations};

/// A browser starts slowly on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[expect(clippy::disallowed_methods, reason = "which browser a test uses is no configuration of the shop")]
fn named(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// A page in a browser, and everything it complained of or asked for.
struct Page {
    _browser: Child,
    _profile: TempDir,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
    session: Option<String>,
    asked_for: Vec<String>,
    complaints: Vec<String>,
}

impl Page {
    async fn open(program: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let flags = "--headless=new --no-sandbox --disable-gpu --no-proxy-server --no-first-run --disable-extensions \
             --disable-background-networking --disable-component-update --hide-scrollbars --window-size=1280,1600";
        let line = format!(
            "exec '{program}' {flags} --user-data-dir='{}' --remote-debugging-pipe about:blank 3<&0 4>&1 >/dev/null 2>&1",
            profile.path().display()
        );
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(line).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut browser = shell.spawn().unwrap();
        let (to, from) = (browser.stdin.take().unwrap(), BufReader::new(browser.stdout.take().unwrap()));
        let (asked_for, complaints) = (Vec::new(), Vec::new());
        let mut page =
            Self { _browser: browser, _profile: profile, to, from, next: 1, session: None, asked_for, complaints };
        let target = page.call("Target.createTarget", json!({ "url": "about:blank" })).await["targetId"].clone();
        let attached = page.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true })).await;
        page.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Network", "Runtime", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).await.unwrap();
        loop {
            let heard = self.hear().await;
            if heard["id"] == id {
                assert!(heard["error"].is_null(), "{method}: {heard}");
                return heard["result"].clone();
            }
        }
    }

    async fn hear(&mut self) -> Value {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.from.read_until(0, &mut bytes)).await;
        assert!(read.expect("a browser that answers").unwrap() > 0, "the browser has gone");
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        let about = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                self.asked_for.push(about["request"]["url"].as_str().unwrap().to_owned());
            }
            "Log.entryAdded" if about["entry"]["level"] == "error" => {
                self.complaints.push(about["entry"]["text"].to_string())
            }
            "Runtime.consoleAPICalled" if about["type"] == "error" => self.complaints.push(about["args"].to_string()),
            "Runtime.exceptionThrown" => self.complaints.push(about["exceptionDetails"].to_string()),
            _ => {}
        }
        message
    }

    async fn goes(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url })).await;
    }

    async fn says(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let said = self.call("Runtime.evaluate", params).await;
        assert!(said["exceptionDetails"].is_null(), "{script}: {said}");
        said["result"]["value"].clone()
    }

    /// Waits until a script says what is expected.
    async fn comes_to(&mut self, script: &str, expected: Value) {
        let begun = std::time::Instant::now();
        loop {
            let said = self.says(script).await;
            if said == expected {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{script}: {said}, not {expected}: {:?}", self.complaints);
            self.says("new Promise(done => requestAnimationFrame(done))").await;
        }
    }

    async fn is_drawn(&mut self, name: &str) {
        let Some(folder) = named("DVORIK_TEST_PICTURES") else { return };
        let drawn = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        let letters = drawn["data"].as_str().unwrap().to_owned();
        let mut decoder = std::process::Command::new("base64");
        decoder.arg("-d").stdin(Stdio::piped()).stdout(std::fs::File::create(Path::new(&folder).join(name)).unwrap());
        let mut running = decoder.spawn().unwrap();
        std::io::Write::write_all(&mut running.stdin.take().unwrap(), letters.as_bytes()).unwrap();
        running.wait().unwrap();
    }

    fn is_content(&self, home: &str) {
        assert_eq!(self.complaints, Vec::<String>::new());
        let strangers: Vec<&String> =
            self.asked_for.iter().filter(|url| !url.starts_with(home) && !url.starts_with("data:")).collect();
        assert_eq!(strangers, Vec::<&String>::new(), "asked for somewhere else");
    }
}

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
