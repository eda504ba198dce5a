//! What a scenario's author sees when something is wrong: the place and the remedy.

// The helpers of a test may panic as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use forge::scenario;

fn error(text: &str) -> String {
    match scenario::from_text(text) {
        Ok(scenario) => scenario.build().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_name_the_line_the_key_and_the_remedy() {
    let host = "[hosts.WS1]\n[[event]]\nhost = \"WS1\"\n";
    for (text, words) in [
        ("title = \"x\"\n[hosts.WS1]\ncolour = 1\n", ["3:", "colour"]),
        (
            "[[event]]\nhost = \"WS9\"\nkind = \"process\"\n",
            ["1:", "no host `WS9`"],
        ),
        (
            &format!("{host}kind = \"security-4623\"\n"),
            ["no event kind", "security-4624"],
        ),
        (
            &format!("{host}kind = \"scm-7045\"\nServcieName = \"x\"\n"),
            ["`Servc", "it has ServiceName"],
        ),
        (
            &format!("{host}kind = \"scm-7045\"\nServiceName = \"${{client.pid}}\"\n"),
            ["`${client.pid}`", "no process"],
        ),
        (
            &format!("{host}kind = \"logon\"\naccount = \"nobody\"\n"),
            ["`account`", "[accounts.\"nobody\"]"],
        ),
        (
            &format!("{host}kind = \"process\"\nimage = \"x\"\nlasts = \"soon\"\n"),
            ["`lasts`", "no span of time"],
        ),
        (
            &format!("{host}kind = \"psexec\"\n"),
            ["takes no such parameter", "`host`"],
        ),
        (
            &format!("{host}kind = \"sysmon-5\"\nProcessId = 70000000000\n"),
            ["ProcessId", "32 bits"],
        ),
        (
            &format!("{host}at = \"tomorrow\"\nkind = \"process\"\n"),
            ["`at`", "2026-03-10T18:02:11.250Z"],
        ),
    ] {
        let said = error(text);
        for word in words {
            assert!(said.contains(word), "{said:?} should say {word:?}");
        }
    }
}

#[test]
fn a_recipe_that_calls_itself_is_stopped() {
    let said = error(
        "[hosts.WS1]\n[recipe.loop]\n[[recipe.loop.step]]\nkind = \"loop\"\n[[event]]\nkind = \"loop\"\n",
    );
    assert!(said.contains("does `loop` call itself"), "{said}");
}

#[test]
fn a_process_acts_on_its_own_host_only() {
    let said = error(
        "[hosts.A]\nuser = \"x\"\n[hosts.B]\n[accounts.x]\n[[event]]\nhost = \"A\"\nkind = \"process\"\nimage = \"x.exe\"\nas = \"tool\"\n\
         [[event]]\nhost = \"B\"\nkind = \"process-end\"\nprocess = \"tool\"\n",
    );
    assert!(said.contains("`tool` is on A, the event is on B"), "{said}");
}
