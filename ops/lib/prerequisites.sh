# What ./run and ./test need on a machine. Sourced by both, from the root of the repository.
# shellcheck shell=bash

# Lists that may be empty stand in ${list[@]+"${list[@]}"}: macOS' bash 3.2 takes an empty one for one that was never set.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

oldest_postgres=15
oldest_redis=7

say() { printf '%s\n' "$*" >&2; }

# Checks everything, installs what may be installed, and ends the script with advice otherwise.
require_prerequisites() {
    require_sdk
    local missing=()
    has_postgres || missing+=(postgresql)
    has_redis || missing+=(redis-server)
    if ((${#missing[@]} > 0)); then
        install_packages "${missing[@]}"
        has_postgres || advise "Postgres $oldest_postgres or newer"
        has_redis || advise "Redis $oldest_redis or newer"
    fi
    probe_aspire
}

# What only the tests need: promtool, which checks the alert rules. Its package brings a server that is never started.
require_test_tools() {
    if ! command -v promtool >/dev/null; then
        install_packages prometheus
        command -v promtool >/dev/null || advise promtool
    fi
}

require_sdk() {
    if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
        say 'The .NET 10 SDK is missing. Install it from https://dotnet.microsoft.com/download/dotnet/10.0,'
        say 'or with: curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0'
        exit 1
    fi
}

has_postgres() {
    local server
    # The places in which PostgresBinaries.cs looks.
    for server in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres \
        /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres \
        /Applications/Postgres.app/Contents/Versions/*/bin/postgres; do
        # postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
        if [[ -x $server && $("$server" --version) =~ \)\ ([0-9]+) ]] && ((BASH_REMATCH[1] >= oldest_postgres)); then
            return 0
        fi
    done
    return 1
}

has_redis() {
    # Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0
    [[ $(redis-server --version 2>/dev/null || true) =~ v=([0-9]+) ]] && ((BASH_REMATCH[1] >= oldest_redis))
}

install_packages() {
    local as_root=()
    if ((EUID != 0)); then
        as_root=(sudo -n)
        sudo -n true 2>/dev/null || advise "$*"
    fi
    command -v apt-get >/dev/null || advise "$*"

    say "Installing $* ..."
    local log
    log=$(mktemp)
    if ! ${as_root[@]+"${as_root[@]}"} bash -s -- "$@" >"$log" 2>&1 <<'INSTALL'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
# The packages would start servers of their own on the usual ports; ours are private.
if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
fi
apt-get update -q </dev/null
apt-get install -q -y --no-install-recommends "$@" </dev/null
INSTALL
    then
        cat "$log" >&2
        rm -f "$log"
        advise "$*"
    fi
    rm -f "$log"
}

advise() {
    say "Missing: $1."
    say '  Debian, Ubuntu:  sudo apt-get install postgresql redis-server (for ./test also: prometheus)'
    say '  macOS:           brew install postgresql@17 redis (for ./test also: prometheus)'
    exit 1
}

# Not every package feed has Aspire, and some have parts of it. Without all of it the AppHost is left out of the build (see
# Solacore.AppHost); the answer is kept in .aspire.props, which Directory.Build.props reads. Delete that file to ask again.
probe_aspire() {
    if [[ -n ${Aspire-} || -e .aspire.props ]]; then
        return
    fi

    local version probe output answer
    version=$(sed -n 's|.*<AspireVersion>\(.*\)</AspireVersion>.*|\1|p' Directory.Packages.props)
    probe=$(mktemp -d)
    # The feed is the one that this folder is configured for.
    find . -maxdepth 1 -iname nuget.config -exec cp {} "$probe" \;
    {
        printf '<Project Sdk="Aspire.AppHost.Sdk/%s">\n' "$version"
        printf '<PropertyGroup><TargetFramework>net10.0</TargetFramework><WarningsAsErrors>NU1603</WarningsAsErrors></PropertyGroup>\n<ItemGroup>\n'
        sed -n "s|.*<PackageVersion Include=\"\(Aspire\.[^\"]*\)\".*|<PackageReference Include=\"\1\" Version=\"$version\" />|p" Directory.Packages.props
        printf '</ItemGroup></Project>\n'
    } >"$probe/probe.csproj"
    if output=$(dotnet restore "$probe/probe.csproj" 2>&1 </dev/null); then
        answer=true
    elif [[ $output != *NU1301* && $output =~ MSB4236|NU1101|NU1102|NU1103|NU1603 ]]; then
        answer=false
    else
        # The feed could not be reached: leave the AppHost out of this build and ask again next time.
        export Aspire=false
        rm -rf "$probe"
        return
    fi
    rm -rf "$probe"
    printf '<Project>\n  <PropertyGroup>\n    <Aspire>%s</Aspire>\n  </PropertyGroup>\n</Project>\n' "$answer" >.aspire.props
}

# Builds one project as it is shipped, without a word when all is well. F5 has a build of its own, for the debugger.
build() {
    local options=() log
    # Build servers that outlive the build keep a CI job waiting.
    [[ -z ${CI-} ]] || options+=(--disable-build-servers)
    log=$(mktemp)
    if ! dotnet build "$1" -c Release -v quiet -clp:NoSummary ${options[@]+"${options[@]}"} </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        exit 1
    fi
    rm -f "$log"
}
