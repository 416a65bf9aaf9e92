//! The page of `dvorik demo`: its whole tour, with the mouse, on the screen of a phone, and by keyboard alone.

use serde_json::json;

use super::{Page, named};
use crate::demo_page::Page as Demo;

/// The input device with which the page is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hand {
    Mouse,
    Keyboard,
}

/// A window on the demo's page, and what its words are.
struct Visitor {
    page: Page,
    hand: Hand,
    /// Whether the screen shows one pane at a time.
    is_narrow: bool,
    words: [&'static str; 3],
}

/// The check of the subscription, the button that redeems, and the help command's answer.
const RUSSIAN: [&str; 3] = ["Проверить подписку", "Погасить", "Мои скидки"];
const ENGLISH: [&str; 3] = ["Check subscription", "Redeem", "My discounts"];

impl Visitor {
    async fn comes(
        program: &str,
        demo: &Demo,
        hand: Hand,
        (width, is_dark): (u32, bool),
        words: [&'static str; 3],
    ) -> Self {
        let mut page = Page::open(program).await;
        page.call("Accessibility.enable", json!({})).await;
        page.is_sized(width, if width < 700 { 844 } else { 800 }, is_dark).await;
        page.goes(&demo.url()).await;
        page.comes_to("document.querySelector('#opening')?.hidden ?? false", json!(true)).await;
        Self { page, hand, is_narrow: width < 700, words }
    }

    /// Uses the control that `finds` names, in this pane.
    async fn uses(&mut self, pane: &str, finds: &str) {
        self.shows(pane).await;
        self.acts(finds).await;
    }

    async fn acts(&mut self, finds: &str) {
        match self.hand {
            Hand::Mouse => self.page.clicks(finds).await,
            Hand::Keyboard => {
                self.page.tabs_to(finds).await;
                self.page.key("Enter").await;
            }
        }
    }

    /// On a narrow screen, brings the pane to the front.
    async fn shows(&mut self, pane: &str) {
        if self.is_narrow {
            self.acts(&format!("document.querySelector('#tabs [data-pane={pane}]')")).await;
        }
    }

    /// The button with these words among those of `scope`; the last one, if there are several.
    fn button(scope: &str, words: &str) -> String {
        format!("[...document.querySelectorAll('{scope}')].filter(it => it.textContent.includes('{words}')).pop()")
    }

    async fn writes(&mut self, pane: &str, field: &str, text: &str) {
        self.shows(pane).await;
        let finds = format!("document.querySelector('{field}')");
        match self.hand {
            Hand::Mouse => self.page.clicks(&finds).await,
            Hand::Keyboard => self.page.tabs_to(&finds).await,
        }
        self.page.types(text).await;
        self.page.key("Enter").await;
    }

    async fn ticks(&mut self, step: &str) {
        self.page
            .comes_to(&format!("document.querySelector('[data-step={step}]').matches('.done')"), json!(true))
            .await;
    }

    async fn plays_the_tour(&mut self, name: &str) {
        let [_, redeem, discounts] = self.words;
        self.gets_a_code().await;
        self.page.is_drawn(&format!("{name}-code.png")).await;
        self.uses("cashier", "document.querySelector('#cashier .scan')").await;
        self.uses("cashier", &Self::button("#cashier .inline.press", redeem)).await;
        self.ticks("redeem").await;
        self.uses("cashier", "document.querySelector('#cashier .scan')").await;
        self.ticks("refuse").await;
        self.uses("strip", "document.querySelector('#fault-kill')").await;
        self.writes("customer", "#customer .text", discounts).await;
        self.ticks("crash").await;
        self.uses("strip", "document.querySelector('#fault-rate')").await;
        self.uses("owner", "document.querySelector('#ready [data-line=\"dvorik broadcast send last\"]')").await;
        let asks = "/\\((\\d+)\\):\\s*$/.test(document.querySelector('#output').textContent)";
        self.page.comes_to(asks, json!(true)).await;
        let people =
            self.page.says("/\\((\\d+)\\):\\s*$/.exec(document.querySelector('#output').textContent)[1]").await;
        self.writes("owner", "#line", people.as_str().unwrap()).await;
        self.ticks("send").await;
        self.page.is_drawn(&format!("{name}-sent.png")).await;
        self.acts("document.querySelector('#day')").await;
        self.ticks("birthday").await;
        self.page.comes_to("!document.querySelector('#tour-end').hidden", json!(true)).await;
        self.shows("strip").await;
        self.page.is_drawn(&format!("{name}-end.png")).await;
    }

    /// No complaint, no request elsewhere, every control has a name, and nothing is wider than a small screen.
    async fn ends_content(mut self, demo: &Demo) {
        assert_eq!(self.page.nameless().await, Vec::<String>::new());
        self.page.is_sized(320, 700, false).await;
        for pane in ["customer", "cashier", "owner", "strip"] {
            self.page.says(&format!("document.querySelector('#tabs [data-pane={pane}]').click()")).await;
            self.page.comes_to("document.documentElement.scrollWidth <= innerWidth", json!(true)).await;
        }
        self.page.is_content(&demo.url());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_is_played_with_the_mouse() {
    let Some(program) = named("DVORIK_TEST_BROWSER") else { return };
    let demo = Demo::opens(&[]);
    let mut visitor = Visitor::comes(&program, &demo, Hand::Mouse, (1280, false), RUSSIAN).await;
    visitor.plays_the_tour("demo-mouse").await;
    visitor.ends_content(&demo).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_is_played_in_english_on_the_screen_of_a_phone_in_the_dark() {
    let Some(program) = named("DVORIK_TEST_BROWSER") else { return };
    let demo = Demo::opens(&["--lang", "en"]);
    let mut visitor = Visitor::comes(&program, &demo, Hand::Mouse, (390, true), ENGLISH).await;
    visitor.plays_the_tour("demo-phone").await;
    visitor.ends_content(&demo).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_is_played_by_keyboard_alone() {
    let Some(program) = named("DVORIK_TEST_BROWSER") else { return };
    let demo = Demo::opens(&[]);
    let mut visitor = Visitor::comes(&program, &demo, Hand::Keyboard, (1280, true), RUSSIAN).await;
    visitor.plays_the_tour("demo-keyboard").await;
    visitor.ends_content(&demo).await;
}

/// Not a test: makes the frames from which `.ci/pictures` makes the pictures of the README.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures; .ci/pictures runs it"]
async fn the_pictures_of_the_readme_are_made() {
    let program = named("DVORIK_TEST_BROWSER").expect("DVORIK_TEST_BROWSER names Chromium");
    let start = ["--seed", "1", "--at", "2026-11-28 14:05"];
    let demo = Demo::opens(&start);
    let mut visitor = Visitor::comes(&program, &demo, Hand::Mouse, (1280, false), RUSSIAN).await;
    visitor.is_filmed().await;
    drop(demo);
    let demo = Demo::opens(&[&start[..], &["--lang", "en"]].concat());
    let mut visitor = Visitor::comes(&program, &demo, Hand::Mouse, (1280, true), ENGLISH).await;
    visitor.gets_a_code().await;
    visitor.runs("dvorik stats").await;
    visitor.page.is_drawn("demo-dark.png").await;
    drop(demo);
    let demo = Demo::opens(&start);
    let mut visitor = Visitor::comes(&program, &demo, Hand::Mouse, (390, false), RUSSIAN).await;
    visitor.gets_a_code().await;
    visitor.shows("customer").await;
    visitor.page.is_drawn("demo-phone.png").await;
}

impl Visitor {
    /// The way of the newcomer to the code on the phone.
    async fn gets_a_code(&mut self) {
        let [check, ..] = self.words;
        self.uses("customer", "document.querySelector('#customer .camera')").await;
        self.ticks("come").await;
        self.uses("strip", "document.querySelector('#fault-channel')").await;
        self.ticks("join").await;
        self.uses("customer", &Self::button("#customer .reply button", check)).await;
        self.ticks("code").await;
        self.page.comes_to("!!document.querySelector('#customer .chat img')?.complete", json!(true)).await;
    }

    /// Runs a command in the terminal and waits for its end.
    async fn runs(&mut self, line: &str) {
        self.uses("owner", &format!("document.querySelector('#ready [data-line=\"{line}\"]')")).await;
        let has_ended = format!(
            "document.querySelector('#output').textContent.includes('$ {line}') && \
             document.querySelector('#stop').offsetParent === null"
        );
        self.page.comes_to(&has_ended, json!(true)).await;
    }

    /// Plays the tour and draws a frame after each step: `frame-NUMBER-MILLISECONDS.png` is shown for so long.
    async fn is_filmed(&mut self) {
        let mut film = Film { number: 0 };
        film.takes(&mut self.page, 2500).await;
        self.uses("customer", "document.querySelector('#customer .camera')").await;
        self.ticks("come").await;
        film.takes(&mut self.page, 2000).await;
        self.uses("strip", "document.querySelector('#fault-channel')").await;
        self.ticks("join").await;
        film.takes(&mut self.page, 1500).await;
        self.uses("customer", &Self::button("#customer .reply button", RUSSIAN[0])).await;
        self.ticks("code").await;
        self.page.comes_to("!!document.querySelector('#customer .chat img')?.complete", json!(true)).await;
        film.takes(&mut self.page, 2500).await;
        self.uses("cashier", "document.querySelector('#cashier .scan')").await;
        self.page.comes_to(&format!("!!({})", Self::button("#cashier .inline.press", RUSSIAN[1])), json!(true)).await;
        film.takes(&mut self.page, 2000).await;
        self.uses("cashier", &Self::button("#cashier .inline.press", RUSSIAN[1])).await;
        self.ticks("redeem").await;
        film.takes(&mut self.page, 2500).await;
        self.uses("cashier", "document.querySelector('#cashier .scan')").await;
        self.ticks("refuse").await;
        film.takes(&mut self.page, 2500).await;
        self.runs("dvorik stats").await;
        film.takes(&mut self.page, 2500).await;
        self.page.is_drawn("demo.png").await;
        self.uses("strip", "document.querySelector('#fault-rate')").await;
        self.uses("owner", "document.querySelector('#ready [data-line=\"dvorik broadcast send last\"]')").await;
        self.page
            .comes_to("/\\((\\d+)\\):\\s*$/.test(document.querySelector('#output').textContent)", json!(true))
            .await;
        film.takes(&mut self.page, 2000).await;
        let people =
            self.page.says("/\\((\\d+)\\):\\s*$/.exec(document.querySelector('#output').textContent)[1]").await;
        self.writes("owner", "#line", people.as_str().unwrap()).await;
        self.page
            .comes_to("/\\d/.test(document.querySelector('#fault-rate').textContent.replace('429', ''))", json!(true))
            .await;
        film.takes(&mut self.page, 1200).await;
        self.page.is_drawn("demo-broadcast.png").await;
        for part in 1..=5 {
            let sent = format!(
                "(+(/(\\d+) %/.exec(document.querySelector('#output').textContent.slice(-300))?.[1])) >= {}",
                part * 18
            );
            self.page.comes_to(&sent, json!(true)).await;
            film.takes(&mut self.page, 900).await;
        }
        self.ticks("send").await;
        film.takes(&mut self.page, 2000).await;
        self.uses("strip", "document.querySelector('#fault-kill')").await;
        film.takes(&mut self.page, 1500).await;
        self.writes("customer", "#customer .text", RUSSIAN[2]).await;
        self.ticks("crash").await;
        self.page.comes_to("document.querySelector('#fault-report').textContent !== ''", json!(true)).await;
        film.takes(&mut self.page, 3000).await;
        self.acts("document.querySelector('#day')").await;
        self.ticks("birthday").await;
        self.page.comes_to("!document.querySelector('#tour-end').hidden", json!(true)).await;
        film.takes(&mut self.page, 4000).await;
    }
}

/// The frames of a film, counted.
struct Film {
    number: u32,
}

impl Film {
    /// Draws the page as the next frame.
    async fn takes(&mut self, page: &mut Page, ms: u32) {
        // Two frames of the browser: what has just been written is painted then.
        page.says("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
        self.number += 1;
        page.is_drawn(&format!("frame-{:02}-{ms}.png", self.number)).await;
    }
}
