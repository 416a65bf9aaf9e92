#!/bin/sh
# Installs dvorik: the binary, its manual pages and shell completions; `--help` lists what it takes. Runs in every POSIX
# shell, also from a pipe: all of it is read before its last line starts it, so half a download does nothing.
#
# Nothing is changed until the archive matches its checksum, everything is written beside its place, and the new binary
# has run there. Then it is all renamed: a running daemon keeps its old file, and nobody sees half of a new one.
set -eu

# Where releases are, when nothing else is said. `scripts/release --url` fills it in.
default_url=

# The first of them that is set decides, as it does for the program.
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    ru*) language=ru ;;
    *) language=en ;;
esac

# Each of these three takes the English and the Russian sentence.
say() {
    case $language in
        ru) printf '%s\n' "$2" ;;
        *) printf '%s\n' "$1" ;;
    esac
}
fail() {
    printf 'install.sh: %s\n' "$(say "$1" "$2")" >&2
    exit 1
}
wrong() {
    printf 'install.sh: %s\n' "$(say "$1; install.sh --help lists what there is" \
        "$2; что есть, покажет install.sh --help")" >&2
    exit 2
}

usage() {
    case $language in
        ru) cat <<'END' ;;
Ставит dvorik: программу, страницы man и дополнение команд. Без --system не нужен root; файлы оболочки не меняются.

  install.sh                  из распакованного архива или из архива рядом, иначе с адреса выпусков
  install.sh --archive FILE   из этого архива; рядом нужен FILE.sha256
  install.sh --from-url URL   из сети: каталог с SHA256SUMS или один архив .tar.gz, рядом с ним .tar.gz.sha256
  install.sh --from-source    из этих исходников, нужен cargo

  --prefix DIR                в DIR, а не в ~/.local
  --system                    для всей машины, от root: в /usr/local; создаёт пользователя dvorik, /etc/dvorik,
                              /var/lib/dvorik и службы systemd, но ничего не запускает и не включает
  --rollback                  меняет программу местами с прежней, dvorik.prev
  --uninstall                 убирает установленное; конфигурация и данные остаются

Если архив не совпал с контрольной суммой или программа здесь не работает, ничего не меняется.
Коды выхода: 0 готово, 1 не получилось, 2 неверный вызов.
END
        *) cat <<'END' ;;
Installs dvorik: the program, its manual pages and shell completions. Without --system it needs no root; no rc file is
touched.

  install.sh                  from the unpacked archive it is in or an archive beside it, else from the releases' address
  install.sh --archive FILE   from this archive; FILE.sha256 must be beside it
  install.sh --from-url URL   from the network: a directory with SHA256SUMS, or one .tar.gz with .tar.gz.sha256 beside it
  install.sh --from-source    from this checkout, with cargo

  --prefix DIR                to DIR instead of ~/.local
  --system                    for the whole machine, as root: to /usr/local; makes the user dvorik, /etc/dvorik,
                              /var/lib/dvorik and the units of systemd, but starts and enables nothing
  --rollback                  swaps the program with the one before it, dvorik.prev
  --uninstall                 takes away what was installed; config and data stay

Nothing is changed if the archive does not match its checksum or the program does not run here.
Exit codes: 0 done, 1 failed, 2 called wrongly.
END
    esac
}

read_options() {
    mode='' source='' named='' prefix='' system=''
    while [ $# -gt 0 ]; do
        option=$1
        case $option in
            --archive | --from-url | --prefix)
                [ $# -ge 2 ] || wrong "$option wants a value" "$option требует значения"
                value=$2
                shift
                ;;
            --archive=* | --from-url=* | --prefix=*)
                value=${option#*=}
                option=${option%%=*}
                ;;
            *) value=none ;;
        esac
        [ -n "$value" ] || wrong "$option wants a value" "$option требует значения"
        case $option in
            --archive) one_source archive "$value" ;;
            --from-url) one_source url "$value" ;;
            --from-source) one_source source '' ;;
            --prefix) prefix=$value ;;
            --system) system=yes ;;
            --rollback | --uninstall)
                [ -z "$mode" ] || wrong "$mode and $option exclude each other" "$mode и $option вместе не имеют смысла"
                mode=$option
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) wrong "no such option: $option" "нет такого параметра: $option" ;;
        esac
        shift
    done
    [ -z "$mode" ] || [ -z "$source" ] ||
        wrong "$mode takes no source to install from" "$mode ничего не ставит, источник с ним не нужен"
    [ -z "$system" ] || [ -z "$prefix" ] ||
        wrong '--system installs to /usr/local, so --prefix has no place beside it' \
            '--system ставит в /usr/local, --prefix с ним не нужен'
    case $prefix in
        *'
'*) wrong '--prefix wants a directory without line breaks' '--prefix требует каталог без переводов строки' ;;
    esac
}

one_source() {
    [ -z "$source" ] || wrong 'two sources are named; keep one' 'названы два источника; оставьте один'
    source=$1 named=$2
}

choose_places() {
    if [ -n "$system" ]; then
        [ "$(id -u)" = 0 ] || fail '--system needs root; run it again with sudo' '--system требует root; повторите с sudo'
        prefix=/usr/local
        umask 022
    elif [ -z "$prefix" ]; then
        [ -n "${HOME:-}" ] || fail 'HOME is not set; say where to install with --prefix DIR' \
            'переменная HOME не задана; укажите, куда ставить: --prefix DIR'
        prefix=$HOME/.local
    fi
    case $prefix in
        /*) ;;
        *) prefix=$(pwd)/$prefix ;;
    esac
    bin=$prefix/bin
    man=$prefix/share/man/man1
    man_ru=$prefix/share/man/ru/man1
    bash_dir=$prefix/share/bash-completion/completions
    zsh_dir=$prefix/share/zsh/site-functions
    fish_dir=$prefix/share/fish/vendor_completions.d
    # The units as they were installed: they tell a unit that the owner has edited from one that may be replaced.
    kept_units=$prefix/share/dvorik/systemd
    unit_dir=/etc/systemd/system

    # Where this script lies; empty when it comes from a pipe, because the current directory says nothing then.
    here=
    if [ -f "$0" ] && grep -q '^default_url=' "$0" 2>/dev/null; then
        here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
    fi
}

# The command that runs this script again with another option.
again() {
    script='sh install.sh' place=
    if [ -n "$here" ]; then script="sh '$0'"
    elif [ -n "$default_url" ]; then script="curl -fsSL $default_url/install.sh | sh -s --"; fi
    if [ -n "$system" ]; then place=' --system'
    elif [ "$prefix" != "${HOME:-}/.local" ]; then place=" --prefix '$prefix'"; fi
    printf '%s %s%s' "$script" "$1" "$place"
}

# --- what must be undone when something fails ---

start_work() {
    made='' staged=''
    work=$(mktemp -d 2>/dev/null) || fail \
        "no temporary directory can be made in ${TMPDIR:-/tmp}; free some space there, or name another place with TMPDIR" \
        "нельзя создать временный каталог в ${TMPDIR:-/tmp}; освободите там место или укажите другое в TMPDIR"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

# Takes away what was written beside its place, and the directories that were made for it.
clean_up() {
    while [ -n "$staged" ]; do
        rm -f -- "${staged%%"$line_break"*}.new"
        staged=${staged#*"$line_break"}
    done
    while [ -n "$made" ]; do
        rmdir -- "${made%%"$line_break"*}" 2>/dev/null || :
        made=${made#*"$line_break"}
    done
    rm -rf -- "$work"
}
line_break='
'

# The first line that a failed tool wrote; others only say that it gives up.
reason() { head -n 1 "$work/said" 2>/dev/null || :; }

cannot_write() {
    fail "cannot write $1 ($(reason)); nothing was changed: free space or get the right to write there, or choose another place with --prefix DIR" \
        "нельзя записать $1 ($(reason)); ничего не изменено: освободите место, получите право записи или укажите другое место: --prefix DIR"
}

make_dir() {
    [ ! -d "$1" ] || return 0
    make_dir "$(dirname -- "$1")"
    mkdir -- "$1" 2>"$work/said" || cannot_write "$1"
    made=$1$line_break$made
}

# Writes a file beside its place: from, place, mode.
stage() {
    make_dir "$(dirname -- "$2")"
    [ ! -d "$2" ] || fail "$2 is a directory; nothing was changed: move it away" \
        "$2 — это каталог; ничего не изменено: уберите его"
    staged=$2$line_break$staged
    { rm -f -- "$2.new" && cp -- "$1" "$2.new" && chmod "$3" "$2.new"; } 2>"$work/said" || cannot_write "$2"
}

# The same bytes under a second name, without writing them again where the file system allows it.
stage_link() {
    staged=$2$line_break$staged
    rm -f -- "$2.new" 2>/dev/null || :
    ln -- "$1" "$2.new" 2>/dev/null || cp -p -- "$1" "$2.new" 2>"$work/said" || cannot_write "$2"
}

# Renames all that is staged, in the order of writing. It takes no space, and a signal does not stop it halfway.
commit() {
    trap '' INT TERM HUP
    made='' order=''
    while [ -n "$staged" ]; do
        order=${staged%%"$line_break"*}$line_break$order
        staged=${staged#*"$line_break"}
    done
    while [ -n "$order" ]; do
        place=${order%%"$line_break"*}
        if ! mv -f -- "$place.new" "$place" 2>"$work/said"; then
            staged=$order
            fail "cannot rename $place.new ($(reason)); what was there before stays: get the right to write there, then run this again" \
                "нельзя переименовать $place.new ($(reason)); прежний файл остался: получите право записи и повторите"
        fi
        # `rename` leaves both names where they were one file before.
        rm -f -- "$place.new"
        order=${order#*"$line_break"}
    done
}

# --- getting the files ---

choose_machine() {
    [ "$(uname -s)" = Linux ] || fail \
        "there are builds for Linux only, this is $(uname -s); build it yourself with install.sh --from-source" \
        "сборки есть только для Linux, а здесь $(uname -s); соберите сами: install.sh --from-source"
    case $(uname -m) in
        x86_64) machine=x86_64 ;;
        aarch64 | arm64) machine=aarch64 ;;
        *) fail "there is no build for $(uname -m), only for x86_64 and aarch64; build it yourself with install.sh --from-source" \
            "нет сборки для $(uname -m), есть для x86_64 и aarch64; соберите сами: install.sh --from-source" ;;
    esac
}

sum_of() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <"$1" | cut -d ' ' -f 1
    fi
}

# Of the archives that are named on standard input, those for this machine; the static one before the one for glibc.
for_this_machine() {
    names=$(grep "^dvorik-[0-9A-Za-z.+~_-]*-$machine-[a-z-]*linux-[a-z]*\.tar\.gz$" || :)
    static=$(printf '%s\n' "$names" | grep -e '-musl\.tar\.gz$' || :)
    printf '%s' "${static:-$names}"
}

# An address is https, or http to this very machine.
check_url() {
    case $1 in
        *[!][A-Za-z0-9:/.?=_~%@+,'&'-]*) bad_url "$1" ;;
        https://?*) return 0 ;;
        http://*) ;;
        *) bad_url "$1" ;;
    esac
    host=${1#http://}
    host=${host%%[/?]*}
    case $host in
        '[::1]' | 127.0.0.1 | localhost) return 0 ;;
        '[::1]:'* | 127.0.0.1:* | localhost:*)
            case ${host##*:} in
                '' | *[!0-9]*) ;;
                *) case ${host%:*} in '[::1]' | 127.0.0.1 | localhost) return 0 ;; esac ;;
            esac
            ;;
    esac
    bad_url "$1"
}
bad_url() {
    fail "not an address to install from: $1; it must begin with https:// (http:// only for this machine itself)" \
        "с такого адреса ставить нельзя: $1; он должен начинаться с https:// (http:// — только для этой же машины)"
}

# An address, a file. A redirect may lead to https only.
download() {
    if command -v curl >/dev/null 2>&1; then
        got=$1 into=$2
        set --
        case $got in http:*) set -- --noproxy '*' ;; esac
        curl -fsSL --proto-redir =https -g --retry 2 --connect-timeout 30 --speed-limit 1 --speed-time 60 "$@" \
            -o "$into" "$got" 2>"$work/said" </dev/null || no_download "$got"
        [ -f "$into" ] || : >"$into"
    elif command -v wget >/dev/null 2>&1; then
        got=$1 into=$2 broken=
        set --
        # Some builds of BusyBox crash on -T.
        ! wget --version 2>/dev/null | grep -q 'GNU Wget' || set -- -t 3 -T 60
        case $got in http:*) unset http_proxy HTTP_PROXY all_proxy ALL_PROXY || : ;; esac
        LC_ALL=C wget -S "$@" -O "$into" "$got" 2>"$work/said" </dev/null || broken=yes
        # The one in some builds of BusyBox takes any certificate.
        if grep -qi 'certificate validation not implemented' "$work/said"; then
            fail 'the wget here does not check certificates; nothing was changed: install curl, then run this again' \
                'здешний wget не проверяет сертификаты; ничего не изменено: установите curl и повторите'
        fi
        # wget cannot be told to follow https only, but it says where it went.
        if grep -qi '^ *location: *http:' "$work/said"; then
            fail "$got leads on to an address without https; nothing was changed: ask for the right address" \
                "$got ведёт на адрес без https; ничего не изменено: узнайте верный адрес"
        fi
        [ -z "$broken" ] || no_download "$got"
    else
        fail 'neither curl nor wget is here; install one of them, or download an archive elsewhere and use --archive FILE' \
            'здесь нет ни curl, ни wget; установите один из них или скачайте архив на другой машине и укажите --archive FILE'
    fi
}
no_download() {
    why=$(grep -v '^ *$' "$work/said" | tail -n 1)
    fail "cannot download $1 ($why); nothing was changed: check the address and the network, then run this again" \
        "не удалось скачать $1 ($why); ничего не изменено: проверьте адрес и сеть, потом повторите"
}

# Sets `archive` and `expected`, its checksum.
fetch() {
    url=${1%/}
    check_url "$url"
    case $url in
        *.tar.gz)
            name=${url##*/}
            download "$url.sha256" "$work/sums"
            expected=$(head -n 1 "$work/sums" | cut -d ' ' -f 1)
            expected=${expected:-none}
            ;;
        *)
            download "$url/SHA256SUMS" "$work/sums"
            name=$(sed -n 's/^[0-9a-f]\{64\} [ *]\(dvorik-[^/ ]*\)$/\1/p' "$work/sums" | for_this_machine)
            case $name in
                '') fail "$url has no archive for $machine; nothing was changed: ask for the right address, or use --archive FILE" \
                    "по адресу $url нет архива для $machine; ничего не изменено: узнайте верный адрес или укажите --archive FILE" ;;
                *"$line_break"*) fail \
                    "$url has more than one archive for $machine; name one of them: --from-url $url/NAME.tar.gz" \
                    "по адресу $url несколько архивов для $machine; назовите один: --from-url $url/ИМЯ.tar.gz" ;;
            esac
            expected=$(while read -r sum file; do
                [ "${file#\*}" != "$name" ] || printf '%s' "$sum"
            done <"$work/sums")
            url=$url/$name
            ;;
    esac
    say "Downloading $url" "Скачиваю $url"
    archive=$work/archive.tar.gz
    download "$url" "$archive"
}

find_beside() {
    # shellcheck disable=SC2012 # names with other characters are left out, whatever `ls` makes of them
    name=$(cd "$here" && ls 2>/dev/null | for_this_machine)
    case $name in
        *"$line_break"*) fail 'more than one archive is beside this script; name one with --archive FILE' \
            'рядом несколько архивов; назовите один: --archive FILE' ;;
        ?*) archive=$here/$name ;;
    esac
}

# Checks `archive` and unpacks it; sets `from`.
unpack() {
    if [ -z "$expected" ]; then
        [ -f "$archive" ] || fail "there is no archive $archive; name one with --archive FILE" \
            "нет архива $archive; укажите его: --archive FILE"
        [ -f "$archive.sha256" ] || fail \
            "the checksum $archive.sha256 is missing; nothing was changed: download it from where the archive came from" \
            "нет контрольной суммы $archive.sha256; ничего не изменено: скачайте её оттуда же, откуда архив"
        expected=$(head -n 1 "$archive.sha256" | cut -d ' ' -f 1)
    fi
    actual=$(sum_of "$archive")
    [ -n "$actual" ] || fail 'neither sha256sum nor shasum is here to check the archive; install coreutils, then run this again' \
        'нечем проверить архив: нет ни sha256sum, ни shasum; установите coreutils и повторите'
    [ "$actual" = "$expected" ] || fail 'the archive does not match its checksum; nothing was changed: download both again' \
        'архив не совпал с контрольной суммой; ничего не изменено: скачайте заново и то и другое'
    { mkdir "$work/unpacked" && tar -xzf "$archive" -C "$work/unpacked"; } 2>"$work/said" || fail \
        "the archive cannot be unpacked in $work ($(reason)); nothing was changed: free some space there, or name another place with TMPDIR" \
        "нельзя распаковать архив в $work ($(reason)); ничего не изменено: освободите там место или укажите другое в TMPDIR"
    set -- "$work"/unpacked/dvorik-*/
    from=${1%/}
}

build() {
    [ -f "$here/Cargo.toml" ] || fail \
        '--from-source works in a checkout of the sources; run the install.sh that lies in it' \
        '--from-source работает в каталоге исходников; запустите install.sh, который лежит в нём'
    command -v cargo >/dev/null 2>&1 || fail 'cargo is not here; install a Rust toolchain, or use a release archive' \
        'здесь нет cargo; установите Rust или возьмите готовый архив'
    (cd "$here" && cargo build --profile dist --locked) || fail \
        'the build failed; nothing was changed: what is missing stands above' \
        'сборка не удалась; ничего не изменено: чего не хватает, сказано выше'
    from=$work/built
    mkdir "$from"
    { cp -- "${CARGO_TARGET_DIR:-$here/target}/dist/dvorik" "$from/dvorik" &&
        cp -R -- "$here/man" "$here/completions" "$here/contrib" "$from/"; } 2>"$work/said" || fail \
        "the built files cannot be copied to $work ($(reason)); nothing was changed: free some space there, or name another place with TMPDIR" \
        "нельзя скопировать собранное в $work ($(reason)); ничего не изменено: освободите там место или укажите другое в TMPDIR"
}

get_files() {
    archive='' expected='' from=''
    [ "$source" = source ] || choose_machine
    case $source in
        archive) archive=$named ;;
        url) fetch "$named" ;;
        source) build ;;
        *)
            if [ -n "$here" ] && [ -f "$here/dvorik" ]; then from=$here
            else
                [ -z "$here" ] || find_beside
                [ -n "$archive" ] || [ -z "$default_url" ] || fetch "$default_url"
                [ -n "$archive" ] || fail \
                    'there is nothing to install from; name an archive with --archive FILE, an address with --from-url URL, or use --from-source' \
                    'ставить не из чего; укажите архив --archive FILE, адрес --from-url URL или --from-source'
            fi
            ;;
    esac
    [ -n "$from" ] || unpack
    for part in dvorik man/dvorik.1 completions/dvorik.bash completions/_dvorik completions/dvorik.fish; do
        [ -f "$from/$part" ] || fail "$part is missing in what was to be installed; nothing was changed: use an archive of a release" \
            "в устанавливаемом нет файла $part; ничего не изменено: возьмите архив выпуска"
    done
}

# --- the system ---

make_user() {
    ! id -u dvorik >/dev/null 2>&1 || return 0
    shell=/bin/false
    for candidate in /sbin/nologin /usr/sbin/nologin; do [ ! -x "$candidate" ] || shell=$candidate; done
    if command -v systemd-sysusers >/dev/null 2>&1; then
        for rule in "$from"/contrib/systemd/sysusers.d "$from"/contrib/systemd/sysusers.d/*.conf; do
            [ ! -f "$rule" ] || systemd-sysusers "$rule" 2>"$work/said" || :
        done
    fi
    id -u dvorik >/dev/null 2>&1 || if command -v useradd >/dev/null 2>&1; then
        group=--user-group
        ! grep -q '^dvorik:' /etc/group || group='--gid=dvorik'
        useradd --system "$group" --home-dir /var/lib/dvorik --no-create-home --shell "$shell" dvorik 2>"$work/said" || :
    elif command -v adduser >/dev/null 2>&1; then
        grep -q '^dvorik:' /etc/group || addgroup -S dvorik 2>"$work/said" || :
        adduser -S -D -H -h /var/lib/dvorik -s "$shell" -G dvorik dvorik 2>"$work/said" || :
    fi
    id -u dvorik >/dev/null 2>&1 || fail \
        "the user dvorik cannot be made ($(reason)); nothing was changed: make a system user dvorik with a group dvorik, then run this again" \
        "не удалось создать пользователя dvorik ($(reason)); ничего не изменено: создайте системного пользователя и группу dvorik и повторите"
}

# Without a tool that makes sums no two files are taken for the same.
same() {
    [ -f "$1" ] && [ -f "$2" ] && sum=$(sum_of "$1") && [ -n "$sum" ] && [ "$sum" = "$(sum_of "$2")" ]
}

# A unit that the owner has edited stays; the new one lies in share/dvorik/systemd.
stage_units() {
    edited=
    for unit in "$from"/contrib/systemd/*.service; do
        [ -f "$unit" ] || continue
        name=$(basename -- "$unit")
        if [ -e "$unit_dir/$name" ] && ! same "$unit_dir/$name" "$unit" &&
            ! same "$unit_dir/$name" "$kept_units/$name"; then
            edited="$edited $unit_dir/$name"
        else
            stage "$unit" "$unit_dir/$name" 644
        fi
        stage "$unit" "$kept_units/$name" 644
    done
}

prepare_system() {
    make_dir /etc/dvorik
    make_dir /var/lib/dvorik
    stage_units
    make_user
    { chown dvorik:dvorik /etc/dvorik /var/lib/dvorik && chmod 750 /etc/dvorik && chmod 700 /var/lib/dvorik; } \
        2>"$work/said" || fail \
        "cannot give /etc/dvorik and /var/lib/dvorik to the user dvorik ($(reason)); nothing was installed: get the right to change them, then run this again" \
        "нельзя отдать /etc/dvorik и /var/lib/dvorik пользователю dvorik ($(reason)); ничего не установлено: получите право их менять и повторите"
}

# --- the three things it does ---

# Sets `version`, what this binary says of itself. A shell takes a program of another machine for a script and would run
# it line by line, so its head is read before.
try() {
    head=$(od -An -tx1 -N 20 "$1" 2>/dev/null | tr -d ' \n')
    case $(uname -m):$head in
        x86_64:7f454c46*3e00 | aarch64:7f454c46*b700 | arm64:7f454c46*b700) ;;
        x86_64:7f454c46* | aarch64:7f454c46* | arm64:7f454c46*)
            printf 'built for another machine\n' >"$work/said"
            return 1
            ;;
        *:7f454c46* | *:2321* | *:) ;;
        *)
            printf 'not a program\n' >"$work/said"
            return 1
            ;;
    esac
    version=$("$1" --version 2>"$work/said" </dev/null)
}

install_all() {
    start_work
    get_files
    replaced=
    if [ -f "$bin/dvorik" ] && ! same "$bin/dvorik" "$from/dvorik"; then
        replaced=yes
        # Renamed before the new one: at every moment there is a dvorik, and the old one has a name.
        stage_link "$bin/dvorik" "$bin/dvorik.prev"
    fi
    stage "$from/dvorik" "$bin/dvorik" 755
    try "$bin/dvorik.new" || fail \
        "this binary does not run here ($(reason)); nothing was changed: take the archive for $(uname -m), or use --from-source" \
        "эта программа здесь не работает ($(reason)); ничего не изменено: возьмите архив для $(uname -m) или соберите: --from-source"
    for page in "$from"/man/*.1; do
        stage "$page" "$man/$(basename -- "$page")" 644
    done
    for page in "$from"/man/ru/*.1; do
        # An archive of an older release has no Russian pages.
        [ ! -f "$page" ] || stage "$page" "$man_ru/$(basename -- "$page")" 644
    done
    stage "$from/completions/dvorik.bash" "$bash_dir/dvorik" 644
    stage "$from/completions/_dvorik" "$zsh_dir/_dvorik" 644
    stage "$from/completions/dvorik.fish" "$fish_dir/dvorik.fish" 644
    [ -z "$system" ] || prepare_system
    commit

    say "$version is in $bin" "$version установлен в $bin"
    command=$bin/dvorik
    case :${PATH:-}: in
        *:"$bin":*) command=dvorik ;;
        *) say "$bin is not in PATH." "Каталога $bin нет в PATH." ;;
    esac
    if [ -n "$system" ]; then
        for unit in $edited; do
            say "$unit was edited and stays; the new one is $kept_units/${unit##*/}" \
                "$unit изменён вами и оставлен; новый лежит в $kept_units/${unit##*/}"
        done
    fi
    if [ -n "$replaced" ]; then
        say "The one before it is kept. Back to it: $(again --rollback)" \
            "Прежняя программа сохранена. Вернуться к ней: $(again --rollback)"
        after_swap
    elif [ -n "$system" ]; then
        next='init'
        ! "$bin/dvorik" init --help 2>/dev/null </dev/null | grep -q -e --systemd || next='init --systemd'
        say "Nothing was started. Next: $command $next" "Ничего не запущено. Дальше: $command $next"
    else
        say "Next: $command demo" "Дальше: $command demo"
    fi
}

after_swap() {
    if [ -n "$system" ] && command -v systemctl >/dev/null 2>&1; then
        say 'A running shop keeps the old one until: systemctl daemon-reload && systemctl restart dvorik' \
            'Работающий магазин остаётся на старой, пока не выполнить: systemctl daemon-reload && systemctl restart dvorik'
    else
        say 'A running dvorik serve keeps the old one until it is started again.' \
            'Запущенный dvorik serve остаётся на старой, пока его не запустят снова.'
    fi
}

rollback() {
    start_work
    for name in dvorik dvorik.prev; do
        [ -f "$bin/$name" ] || fail \
            "there is no $bin/$name to swap; install the version you want with --archive FILE" \
            "нет $bin/$name, менять нечего; поставьте нужную версию: --archive FILE"
    done
    try "$bin/dvorik.prev" || fail \
        "$bin/dvorik.prev does not run here ($(reason)); nothing was changed: install the version you want with --archive FILE" \
        "$bin/dvorik.prev здесь не работает ($(reason)); ничего не изменено: поставьте нужную версию: --archive FILE"
    stage_link "$bin/dvorik.prev" "$bin/dvorik"
    stage_link "$bin/dvorik" "$bin/dvorik.prev"
    commit
    say "$version is in $bin again; the same command swaps them back." \
        "В $bin снова $version; та же команда поменяет их обратно."
    after_swap
}

uninstall() {
    start_work
    [ -z "$system" ] || refuse_used_units
    rm -f -- "$bin/dvorik" "$bin/dvorik.prev" 2>"$work/said" || cannot_remove "$bin/dvorik"
    for unit in "$kept_units"/*.service; do
        if [ -z "$system" ] || [ ! -f "$unit" ]; then continue; fi
        name=$(basename -- "$unit")
        if same "$unit" "$unit_dir/$name"; then
            rm -f -- "$unit_dir/$name" 2>"$work/said" || cannot_remove "$unit_dir/$name"
        elif [ -e "$unit_dir/$name" ]; then
            say "$unit_dir/$name was edited and stays." "$unit_dir/$name изменён вами и оставлен."
        fi
        rm -f -- "$unit" 2>"$work/said" || cannot_remove "$unit"
    done
    rmdir -- "$kept_units" "${kept_units%/*}" 2>/dev/null || :
    for page in "$man"/dvorik.1 "$man"/dvorik-*.1 "$man_ru"/dvorik.1 "$man_ru"/dvorik-*.1 "$bash_dir/dvorik" "$zsh_dir/_dvorik" "$fish_dir/dvorik.fish"; do
        rm -f -- "$page" 2>"$work/said" || cannot_remove "$page"
    done
    say "dvorik is gone from $prefix. Config, database and backups are where they were." \
        "dvorik убран из $prefix. Конфигурация, база данных и резервные копии на прежнем месте."
    [ -z "$system" ] || say 'The user dvorik, /etc/dvorik and /var/lib/dvorik stay, too.' \
        'Пользователь dvorik, /etc/dvorik и /var/lib/dvorik тоже остались.'
}
cannot_remove() {
    fail "cannot remove $1 ($(reason)); get the right to write there, then run this again" \
        "нельзя удалить $1 ($(reason)); получите право записи и повторите"
}

# A unit that starts at boot or runs now would be left without its program.
refuse_used_units() {
    for unit in "$kept_units"/*.service; do
        [ -f "$unit" ] || continue
        name=$(basename -- "$unit" .service)
        case $name in *@) name=$name'*' ;; esac
        # shellcheck disable=SC2086,SC2231 # of a template all its instances
        for link in "$unit_dir"/*.wants/$name.service; do
            [ ! -h "$link" ] || still_used "${link##*/}"
        done
        if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
            systemctl list-units --plain --no-legend --state=active "$name.service" >"$work/active" 2>/dev/null || :
            while read -r active _; do
                still_used "$active"
            done <"$work/active"
        fi
    done
}
still_used() {
    fail "$1 is running or starts at boot; nothing was changed: first systemctl disable --now $1" \
        "$1 работает или запускается вместе с машиной; ничего не изменено: сначала systemctl disable --now $1"
}

main() {
    read_options "$@"
    choose_places
    case $mode in
        --rollback) rollback ;;
        --uninstall) uninstall ;;
        *) install_all ;;
    esac
}

main "$@"
