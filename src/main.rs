//! dualuse
fn main() {
    let progress = dualuse::timeline::load::Progress::default();
    let paths: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let start = std::time::Instant::now();
    let timeline = dualuse::timeline::load::load(&paths, Default::default(), &progress);
    eprintln!("{} events in {:?}", timeline.len(), start.elapsed());
    let catalog = dualuse::detect::Catalog::built_in().unwrap();
    let snapshot = dualuse::investigate::Snapshot::new(
        1,
        true,
        timeline.into(),
        &catalog,
        &Default::default(),
    );
    eprintln!("{} alerts {:?}", snapshot.alerts.len(), start.elapsed());
    println!("{}", serde_json::json!({"alerts": *snapshot.alerts}));
}
