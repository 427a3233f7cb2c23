# Shortcuts; `just --list` names them. Nothing here is needed: README.md has the two commands that matter.

# Run the default scenario and write its report.
run *arguments:
    cargo run --release -- {{arguments}}

# Everything that is checked before a change lands.
ci:
    .ci/run

# Write generated documents and snapshots anew, then show what changed.
update:
    UPDATE_DOCS=1 INSTA_UPDATE=always cargo test
    git diff --stat

# Measure.
bench:
    cargo bench
