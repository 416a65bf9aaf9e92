//! Pages in a real browser, driven through its debugging pipe. Needs Chromium: `.ci/browser` installs it and names it in
//! `DVORIK_TEST_BROWSER`; without that nothing is tried. `DVORIK_TEST_PICTURES` keeps what the pages look like.

mod api_pages;
mod demo_page;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A browser starts slowly on a busy machine, and the broadcast of the demo takes more than a minute.
const PATIENCE: Duration = Duration::from_secs(180);

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

    /// The window has this size; `is_dark` is what the system prefers.
    async fn is_sized(&mut self, width: u32, height: u32, is_dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", features).await;
    }

    /// Clicks with the mouse in the middle of what a script finds.
    async fn clicks(&mut self, finds: &str) {
        self.comes_to(&format!("!!({finds})"), json!(true)).await;
        let place = format!(
            "(() => {{ const found = {finds}; found.scrollIntoView({{ block: 'center' }}); const at = found.getBoundingClientRect(); \
             return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        );
        let place = self.says(&place).await;
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Presses a key that is no letter.
    async fn key(&mut self, name: &str) {
        let (code, text) = match name {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            _ => (27, ""),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Moves the focus with Tab until it is on what a script finds.
    async fn tabs_to(&mut self, finds: &str) {
        self.comes_to(&format!("!!({finds})"), json!(true)).await;
        for _ in 0..300 {
            if self.says(&format!("document.activeElement === ({finds})")).await == json!(true) {
                return;
            }
            self.key("Tab").await;
        }
        panic!("Tab never comes to {finds}");
    }

    async fn types(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// The controls of the page that have no name for a screen reader.
    async fn nameless(&mut self) -> Vec<String> {
        let tree = self.call("Accessibility.getFullAXTree", json!({})).await;
        let controls = ["button", "textbox", "searchbox", "link", "switch", "tab", "option", "checkbox", "combobox"];
        let is_nameless = |node: &&Value| {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            let name = node["name"]["value"].as_str().unwrap_or_default();
            node["ignored"] == false && controls.contains(&role) && name.trim().is_empty()
        };
        tree["nodes"].as_array().unwrap().iter().filter(is_nameless).map(Value::to_string).collect()
    }
}
