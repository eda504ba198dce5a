//! The rules about known activity: what each covers, who answers for it, what it took in.

use std::rc::Rc;

use super::{Data, Item, List, Memo, Section, Target, Zone};
use crate::case::{KnownRule, Standing};
use crate::tui::theme::Role;

/// The page of rules.
#[derive(Clone, Debug, Default)]
pub struct KnownPage {
    /// Cursor among the items.
    pub list: List,
    memo: Memo<(u64, Zone)>,
}

impl KnownPage {
    /// Its lines: a head for each rule, then what it covers and the alerts that fall under it.
    pub fn items(&self, data: &Data) -> Rc<[Item]> {
        self.memo.of((data.version(), data.zone.clone()), || {
            rows(data).into_iter().map(|(_, item)| item).collect()
        })
    }

    /// The rule that the cursor is on.
    pub fn rule<'d>(&self, data: &'d Data) -> Option<&'d KnownRule> {
        let (place, _) = rows(data).into_iter().nth(self.list.cursor)?;
        data.known().get(place)
    }
}

/// Lines with the place of their rule.
fn rows(data: &Data) -> Vec<(usize, Item)> {
    let rules = data.known().iter().enumerate();
    rules
        .flat_map(|(place, rule)| {
            let lines = lines(rule, data).into_iter();
            lines.map(move |item| (place, item))
        })
        .collect()
}

fn lines(known: &KnownRule, data: &Data) -> Vec<Item> {
    let rule = &known.rule;
    let (section, role, account) = match &known.standing {
        Standing::InForce => (Section::InForce, Role::Strong, known.account()),
        Standing::Revoked {
            author,
            time,
            reason,
        } => {
            let time = data.zone.seconds(*time);
            let word = format!("revoked by {author}, {time}: {reason}");
            (Section::Revoked, Role::Dim, word)
        }
    };
    let line = |label: &str, value: String| Item::new(section, label, value).depth(1);
    let mut lines = vec![
        Item::new(section, "rule", &rule.name)
            .role(role)
            .tail(account),
        line("covers", rule.scope.words()),
        line("why", rule.reason.clone()),
        line(
            "until",
            format!("{} {}", data.zone.seconds(rule.expires), data.zone.name()),
        )
        .tail(format!(
            "written by {}, {}",
            known.author,
            data.zone.seconds(known.time)
        )),
    ];
    for (flag, why) in &rule.accepted {
        lines.push(line("accepts", flag.clone()).tail(why.clone()));
    }
    for id in &known.alerts {
        let Some(alert) = data.alert(id) else {
            continue;
        };
        let matched = data.triage(id).and_then(|triage| {
            let mut matches = triage.known.iter();
            matches.find(|matched| matched.rule == known.id)
        });
        let open = matched.is_some_and(|matched| !matched.settles());
        lines.push(
            line("alert", alert.title.clone())
                .role(if open { Role::Warning } else { Role::Text })
                .tail(if open { "stays open" } else { "" })
                .to(Some(Target::Alert(id.clone()))),
        );
    }
    lines
}
