# Recipes for https://github.com/casey/just; each is a plain command that works without it.

recorded := env("ASLX_CONFORMANCE", "../shared/conformance")

# List the recipes
default:
    @just --list

# Run the image pipeline on a photo
run photo="definitions/image-pipeline/photos/beach.jpg":
    cargo run --release -- run definitions/image-pipeline --image {{photo}}

# Run all tests
test:
    cargo test --workspace

# Run the gate, or some of its steps
ci *steps:
    bash .ci/run {{steps}}

# Play the project's own conformance cases
conformance *arguments:
    cargo run --release -p aslx-tests --bin conformance -- tests/cases --known tests/known/own.txt {{arguments}}

# Measure what must stay fast
bench:
    cargo bench -p aslx-benches
    cargo bench -p aslx-tasks

# Renew the picture of the server's page (needs Chromium, and what `bash .ci/run page` has installed)
picture:
    target/page/bin/python tests/clients/page.py target/release/aslx "$(command -v chromium)" --picture docs/images/page.png

# Take off the lists what passes by now, renew the figures in docs/compatibility.md and the picture in the README
bless:
    cargo run --release -- graph definitions/image-pipeline --output docs/images/image-pipeline.svg
    -cargo run --release -p aslx-tests --bin conformance -- tests/cases --known tests/known/own.txt --write-known tests/known/own.txt >/dev/null
    -cargo run --release -p aslx-tests --bin conformance -- {{recorded}} --known tests/known/aws.txt --write-known tests/known/aws.txt >/dev/null
    -cargo run --release -p aslx-tests --bin conformance -- {{recorded}}/jsonata --known tests/known/jsonata.txt --write-known tests/known/jsonata.txt >/dev/null
    cargo run --release -p aslx-tests --bin conformance -- {{recorded}} --known tests/known/aws.txt | bash .ci/conformance-table
    git diff --stat -- tests/known docs
