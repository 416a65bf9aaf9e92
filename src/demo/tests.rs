//! Tests of the demo with programs that are not `dvorik`: an expectation that is not met ends the scenario and names
//! its step.

use super::*;

fn options(executable: &str) -> Options {
    Options {
        scenario: Scenario::Happy,
        seed: 1,
        language: Language::En,
        port: 0,
        paints: false,
        executable: executable.into(),
    }
}

#[tokio::test]
async fn a_program_that_fails_breaks_the_first_step_and_the_directory_is_kept() {
    let mut told = Vec::new();
    let ending = play(&options("/bin/false"), |event| told.push(event)).await.unwrap();
    assert_eq!(ending, Ending::Broken);
    let [Event::Opened { .. }, Event::Step(step), Event::Ended(summary)] = told.as_slice() else {
        panic!("{told:?}");
    };
    let miss = step.outcome.as_ref().unwrap_err();
    assert_eq!((step.name, miss.expected.as_str()), ("init", "exit 0"));
    assert_eq!((summary.steps, summary.failed), (1, Some("init")));
    let kept = summary.kept.as_ref().unwrap();
    assert!(kept.is_dir());
    std::fs::remove_dir_all(kept).unwrap();
}

#[tokio::test]
async fn a_program_that_says_nothing_is_not_believed() {
    let mut failed = None;
    let options = options("/bin/true");
    let ending = play(&options, |event| {
        if let Event::Ended(summary) = event {
            failed = summary.failed;
            std::fs::remove_dir_all(summary.kept.unwrap()).unwrap();
        }
    });
    assert_eq!(ending.await.unwrap(), Ending::Broken);
    assert_eq!(failed, Some("init"));
}

#[test]
fn every_step_has_its_words_and_its_name_once() {
    let mut names: Vec<&str> = Scenario::Happy.step_names().collect();
    for name in &names {
        for language in Language::ALL {
            assert!(language.knows(&format!("demo.step.{name}.does")), "{name}");
            assert!(language.knows(&format!("demo.step.{name}.holds")), "{name}");
        }
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
