#!/bin/sh
# Installs dvorik for one user: the binary, its manual pages and shell completions. No root, no rc file is touched.
#
#   ./install.sh                     from a release archive next to this script (or --archive FILE)
#   ./install.sh --from-source       from this checkout, with cargo
#   ./install.sh --prefix DIR        somewhere else than ~/.local
#   ./install.sh --uninstall         takes away what it put there; config and data stay
#
# An archive is dvorik-VERSION-TARGET.tar.gz with dvorik-VERSION-TARGET.tar.gz.sha256 beside it; without a matching
# checksum nothing is installed.
set -eu

prefix=${HOME:?HOME is not set}/.local
mode=archive
archive=

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,11s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
    case $1 in
        --from-source) mode=source ;;
        --uninstall) mode=uninstall ;;
        --archive) [ $# -ge 2 ] || fail '--archive wants a file'; archive=$2; shift ;;
        --archive=*) archive=${1#*=} ;;
        --prefix) [ $# -ge 2 ] || fail '--prefix wants a directory'; prefix=$2; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        -h | --help) usage; exit 0 ;;
        *) printf 'install.sh: no such option: %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
case $prefix in
    '') fail '--prefix wants a directory' ;;
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
bin=$prefix/bin
man=$prefix/share/man/man1
bash_dir=$prefix/share/bash-completion/completions
zsh_dir=$prefix/share/zsh/site-functions
fish_dir=$prefix/share/fish/vendor_completions.d

uninstall() {
    rm -f "$bin/dvorik" "$bash_dir/dvorik" "$zsh_dir/_dvorik" "$fish_dir/dvorik.fish"
    for page in "$man"/dvorik.1 "$man"/dvorik-*.1; do
        [ ! -e "$page" ] || rm -f "$page"
    done
    say "dvorik is gone from $prefix. Config, database and backups are where they were."
}

# The sum of a file, with whichever tool this system has.
sum_of() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then shasum -a 256 "$1" | cut -d ' ' -f 1
    else fail 'neither sha256sum nor shasum is here to check the archive with'; fi
}

unpack() {
    if [ -z "$archive" ]; then
        for found in "$here"/dvorik-*.tar.gz; do
            [ -e "$found" ] || fail "no release archive beside this script; use --archive FILE or --from-source"
            [ -z "$archive" ] || fail "more than one archive beside this script; name one with --archive FILE"
            archive=$found
        done
    fi
    [ -f "$archive" ] || fail "no such archive: $archive"
    [ -f "$archive.sha256" ] || fail "no checksum beside the archive: $archive.sha256"
    expected=$(cut -d ' ' -f 1 <"$archive.sha256")
    [ "$(sum_of "$archive")" = "$expected" ] || fail "the archive does not match its checksum; nothing was installed"
    tar -xzf "$archive" -C "$work"
    set -- "$work"/dvorik-*/
    from=${1%/}
    [ -f "$from/dvorik" ] || fail "the archive holds no dvorik"
}

build() {
    command -v cargo >/dev/null 2>&1 || fail 'cargo is not here; install a Rust toolchain, or use a release archive'
    (cd "$here" && cargo build --profile dist --locked)
    from=$work/built
    mkdir -p "$from"
    target=${CARGO_TARGET_DIR:-$here/target}
    cp "$target/dist/dvorik" "$from/dvorik"
    cp -R "$here/man" "$here/completions" "$from/"
}

# Written beside its place and renamed, so that a running daemon keeps its old file and nobody sees half of a new one.
put() {
    mkdir -p "$(dirname -- "$2")"
    cp "$1" "$2.new"
    chmod "$3" "$2.new"
    mv -f "$2.new" "$2"
}

install_all() {
    "$from/dvorik" --version >/dev/null 2>&1 || fail 'this binary does not run on this system'
    put "$from/dvorik" "$bin/dvorik" 755
    for page in "$from"/man/*.1; do
        put "$page" "$man/$(basename -- "$page")" 644
    done
    put "$from/completions/dvorik.bash" "$bash_dir/dvorik" 644
    put "$from/completions/_dvorik" "$zsh_dir/_dvorik" 644
    put "$from/completions/dvorik.fish" "$fish_dir/dvorik.fish" 644
    say "$("$bin/dvorik" --version) is in $bin"
    case :${PATH:-}: in
        *:"$bin":*) say 'Next: dvorik demo --headless --scenario happy' ;;
        *) say "$bin is not in PATH. Next: $bin/dvorik demo --headless --scenario happy" ;;
    esac
}

if [ "$mode" = uninstall ]; then
    uninstall
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
if [ "$mode" = source ]; then build; else unpack; fi
install_all
