//! What is done with known activity in an open case.

use std::sync::Arc;

use super::decision::Fault;
use super::entry::{Act, Entry, EntryId};
use super::known_activity::{KnownActivity, KnownRule, Standing, toml_file};
use super::subject::Subject;
use super::transition::Disposition;
use super::{Case, CaseError};
use crate::investigate::Alert;

impl Case {
    /// Makes a rule from the verdict of an alert, which must say that it was authorised, and which
    /// the rule must cover.
    ///
    /// # Errors
    /// [`CaseError::KnownRefused`] with all that is wrong, or why it could not be saved.
    pub fn know(&mut self, alert: &Alert, rule: KnownActivity) -> Result<Arc<Entry>, CaseError> {
        let mut faults = Vec::new();
        let verdict = self.triage(alert).disposition;
        let authorised = [Disposition::AdminAttributed, Disposition::AuthorisedTest];
        if !verdict.is_some_and(|verdict| authorised.contains(&verdict)) {
            faults.push(Fault {
                field: "alert".to_owned(),
                what: "a rule is made from a verdict; close the alert as admin-attributed or authorised-test first".to_owned(),
            });
        }
        if !rule.scope.covers(alert) {
            faults.push(Fault {
                field: "alert".to_owned(),
                what: format!("the rule ({}) does not cover it", rule.scope.words()),
            });
        }
        if alert.first_time >= rule.expires {
            faults.push(Fault {
                field: "expires".to_owned(),
                what: "lies before the activity itself".to_owned(),
            });
        }
        if !faults.is_empty() {
            return Err(CaseError::KnownRefused { faults });
        }
        let subject = Some(Subject::of(alert));
        self.append_rule(subject, rule, None)
    }

    /// Replaces the text of a rule; the earlier one stays in the log.
    ///
    /// # Errors
    /// [`CaseError::NoSuchRule`], or why it could not be saved.
    pub fn edit_known(
        &mut self,
        id: &EntryId,
        rule: KnownActivity,
    ) -> Result<Arc<Entry>, CaseError> {
        self.append_rule(None, rule, Some(id.clone()))
    }

    /// Takes a rule out of force; the alerts under it are open again.
    ///
    /// # Errors
    /// [`CaseError::NoSuchRule`], or why it could not be saved.
    pub fn revoke_known(&mut self, id: &EntryId, reason: &str) -> Result<Arc<Entry>, CaseError> {
        let act = Act::RevokeKnown {
            of: id.clone(),
            reason: reason.trim().to_owned(),
        };
        let mut saved = self.append(|journal, _| {
            in_force(&journal.rules(), id)?;
            Ok(vec![(None, act)])
        })?;
        saved.pop().ok_or_else(|| self.lost())
    }

    /// The rules, oldest first, with what they took in of these alerts; revoked ones at the end.
    pub fn known_activity(&self, alerts: &[Alert]) -> Vec<KnownRule> {
        let mut rules = self.journal.rules();
        for alert in alerts {
            for known in self.triage(alert).known {
                if let Some(rule) = rules.iter_mut().find(|rule| rule.id == known.rule) {
                    rule.alerts.push(alert.id.clone());
                    rule.with_red_flags += usize::from(!known.red_flags.is_empty());
                    rule.expired += usize::from(known.is_expired);
                }
            }
        }
        rules.sort_by_key(|rule| rule.standing != Standing::InForce);
        rules
    }

    /// The rules in force as a TOML file.
    ///
    /// # Errors
    /// Never in practice: every rule can be written.
    pub fn export_known(&self) -> Result<String, CaseError> {
        let rules = self.journal.rules();
        let in_force = rules
            .iter()
            .filter(|rule| rule.standing == Standing::InForce)
            .map(|rule| &rule.rule);
        toml_file::write(in_force).map_err(|reason| CaseError::KnownFile {
            faults: vec![reason],
        })
    }

    /// Takes in the rules of a TOML file, all or none; those that are there already are left out.
    /// `origin` says where they come from. The author of the case answers for them here.
    ///
    /// # Errors
    /// [`CaseError::KnownFile`] with all that is wrong, or why it could not be saved.
    pub fn import_known(&mut self, toml: &str, origin: &str) -> Result<Vec<Arc<Entry>>, CaseError> {
        let rules = toml_file::read(toml).map_err(|faults| CaseError::KnownFile { faults })?;
        self.append(|journal, _| {
            let there = journal.rules();
            let is_there = |rule: &KnownActivity| {
                there.iter().any(|known| {
                    known.standing == Standing::InForce
                        && KnownActivity {
                            origin: None,
                            ..known.rule.clone()
                        } == *rule
                })
            };
            let news = rules.into_iter().filter(|rule| !is_there(rule));
            let drafts = news.map(|rule| {
                let act = Act::Known {
                    rule: Box::new(KnownActivity {
                        origin: Some(origin.to_owned()),
                        ..rule
                    }),
                    replaces: None,
                };
                (None, act)
            });
            Ok(drafts.collect())
        })
    }

    fn append_rule(
        &mut self,
        subject: Option<Subject>,
        rule: KnownActivity,
        replaces: Option<EntryId>,
    ) -> Result<Arc<Entry>, CaseError> {
        let mut saved = self.append(|journal, _| {
            if let Some(id) = &replaces {
                in_force(&journal.rules(), id)?;
            }
            let act = Act::Known {
                rule: Box::new(rule),
                replaces,
            };
            Ok(vec![(subject, act)])
        })?;
        saved.pop().ok_or_else(|| self.lost())
    }
}

fn in_force(rules: &[KnownRule], id: &EntryId) -> Result<(), CaseError> {
    let is_meant = |rule: &&KnownRule| rule.id == *id && rule.standing == Standing::InForce;
    match rules.iter().find(is_meant) {
        Some(_) => Ok(()),
        None => Err(CaseError::NoSuchRule),
    }
}
