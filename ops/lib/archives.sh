# What backup, restore and drill have in common. Sourced.
# shellcheck shell=bash

# shellcheck source-path=SCRIPTDIR source=settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*" && exit 1; }

# need_programs NAME...: of those that macOS lacks (flock) or has of another kind.
need_programs() {
    local name missing=''
    for name in "$@"; do
        case $name in
            date) date -d @0 ;;
            stat) stat -c %s / ;;
            find) find / -maxdepth 0 -printf '' ;;
            flock) command -v flock ;;
        esac &>/dev/null || missing+=", $name"
    done
    [[ -z $missing ]] || fail "Missing, of Linux' kind: ${missing#, }. Debian: coreutils, findutils, util-linux. macOS: brew install coreutils findutils flock, with the gnubin folders of the first two in front on the PATH."
}

# Settings of a file for which the environment has no value; the last line of a name counts.
load_settings() {
    local file=$1 line name
    local -A settings=()
    [[ -r $file ]] || fail "$file cannot be read."
    while IFS= read -r line; do
        name=${line%%=*}
        if [[ $name =~ ^(DATABASE|BACKUP|AWS)_ ]]; then settings[$name]=${line#*=}; fi
    done < <(settings_in "$file")
    for name in "${!settings[@]}"; do
        if [[ -z ${!name-} && -n ${settings[$name]} ]]; then export "$name=${settings[$name]}"; fi
    done
}

decode() {
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

# What every web server takes for the text itself.
encode() {
    local LC_ALL=C i
    for ((i = 0; i < ${#1}; i++)); do
        case ${1:i:1} in
            [A-Za-z0-9._~-]) printf %s "${1:i:1}" ;;
            *) printf %%%02X "'${1:i:1}" ;;
        esac
    done
}

# Takes a database address of any form that the services take, and puts it where libpq's programs look: into the
# environment, since arguments can be seen by everybody on this machine.
# shellcheck disable=SC2034 # They are exported by name at the end.
use_database() {
    local address=$1 rest parameters='' pair key value
    unset PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE PGSSLROOTCERT PGCHANNELBINDING PGSERVICE PGHOSTADDR
    export PGAPPNAME=solacore-ops PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-15}
    if [[ $address =~ ^(postgres|postgresql|postgresql\+asyncpg)://(.*)$ ]]; then
        rest=${BASH_REMATCH[2]}
        if [[ $rest == *\?* ]]; then parameters=${rest#*\?} rest=${rest%%\?*}; fi
        if [[ $rest =~ ^(([^:@/]*)(:([^@/]*))?@)?(\[[^]]+\]|[^:/]+)(:([0-9]+))?/(.+)$ ]]; then
            PGUSER=$(decode "${BASH_REMATCH[2]}") PGPASSWORD=$(decode "${BASH_REMATCH[4]}")
            PGHOST=${BASH_REMATCH[5]//[\[\]]/} PGPORT=${BASH_REMATCH[7]:-5432} PGDATABASE=$(decode "${BASH_REMATCH[8]}")
        else
            fail 'The database address is not of the form postgresql://user:password@host:5432/name.'
        fi
        while [[ -n $parameters ]]; do
            pair=${parameters%%&*}
            [[ $parameters == *\&* ]] && parameters=${parameters#*&} || parameters=''
            key=${pair%%=*} value=$(decode "${pair#*=}")
            case $key in
                sslmode | ssl) PGSSLMODE=$(ssl_mode "$value") ;;
                sslrootcert) PGSSLROOTCERT=$value ;;
                channel_binding) PGCHANNELBINDING=$value ;;
            esac
        done
    else
        # Npgsql's form: Host=…;Port=…;Username=…;Password=…;Database=…;SSL Mode=…
        while [[ -n $address ]]; do
            pair=${address%%;*}
            [[ $address == *\;* ]] && address=${address#*;} || address=''
            key=${pair%%=*} value=${pair#*=}
            key=${key// /}
            case ${key,,} in
                host | server) PGHOST=$value ;;
                port) PGPORT=$value ;;
                username | userid | user) PGUSER=$value ;;
                password) PGPASSWORD=$value ;;
                database) PGDATABASE=$value ;;
                sslmode) PGSSLMODE=$(ssl_mode "${value,,}") ;;
            esac
        done
    fi
    [[ -n ${PGHOST-} && -n ${PGDATABASE-} ]] || fail 'The database address names no host or no database.'
    local variable
    for variable in PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE PGSSLROOTCERT PGCHANNELBINDING; do
        if [[ -n ${!variable-} ]]; then export "${variable?}"; else unset "$variable"; fi
    done
}

ssl_mode() {
    case $1 in
        true | no-verify) echo require ;;
        false) echo disable ;;
        verifyca) echo verify-ca ;;
        verifyfull) echo verify-full ;;
        *) echo "$1" ;;
    esac
}

# A program of Postgres: on the PATH, else of the newest installation. It must not be older than the server.
pg() {
    local program=$1 found
    shift
    found=$(command -v "$program" || true)
    if [[ -z $found || ! -x $found ]]; then
        found=$(find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/ -path "*/bin/$program" 2>/dev/null | sort -V | tail -n 1 || true)
    fi
    [[ -n $found ]] || fail "$program is missing: install postgresql-client of the server's version or newer."
    "$found" "$@"
}

sql() { pg psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

# How many rows every table of the application has, and a checksum of what is in them, one line per table.
fingerprint_sql() {
    cat <<'SQL'
set timezone = 'UTC';
select format('select %L || %L || count(*) || %L || coalesce(md5(string_agg(md5(t::text), %L order by md5(t::text))), %L) from %I.%I t',
              table_name, ' ', ' ', '', 'empty', table_schema, table_name)
from information_schema.tables
where table_type = 'BASE TABLE' and table_schema = 'public'
order by table_name
\gexec
SQL
}

sha256_of() { openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1; }

# ---- an S3-compatible store, when BACKUP_S3_BUCKET names one

s3_wanted() { [[ -n ${BACKUP_S3_BUCKET-} ]]; }

# s3 KEY-OR-QUERY CURL-OPTION…; the credentials go through a file, not through arguments.
s3() {
    local target=$1 region=${BACKUP_S3_REGION:-us-east-1}
    shift
    local endpoint=${BACKUP_S3_ENDPOINT:-https://s3.$region.amazonaws.com}
    : "${AWS_ACCESS_KEY_ID:?is needed with BACKUP_S3_BUCKET}" "${AWS_SECRET_ACCESS_KEY:?is needed with BACKUP_S3_BUCKET}"
    curl -sS --fail-with-body --retry 3 --connect-timeout 15 --speed-limit 1000 --speed-time 60 \
        --aws-sigv4 "aws:amz:$region:s3" --config <(s3_credentials) \
        "$@" "${endpoint%/}/$BACKUP_S3_BUCKET$target"
}

s3_credentials() {
    printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
    if [[ -n ${AWS_SESSION_TOKEN-} ]]; then printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"; fi
}

s3_key() { echo "/${BACKUP_S3_PREFIX:-solacore}/$1"; }

s3_put() { s3 "$(s3_key "$2")" -T "$1" -H "x-amz-content-sha256: $(sha256_of "$1")" >/dev/null; }

# Names below the prefix, oldest first: all of them or none, since the newest stand on the last page.
s3_names() {
    local prefix=${BACKUP_S3_PREFIX:-solacore} from='' page names='' pages
    for ((pages = 0; pages < 100; pages++)); do
        page=$(s3 "/?${from}list-type=2&prefix=$(encode "$prefix/")") || return
        names+=$(grep -o '<Key>[^<]*</Key>' <<<"$page" || true)$'\n'
        from=$(sed -nE 's|.*<NextContinuationToken>([^<]*)<.*|\1|p' <<<"$page")
        if [[ -z $from ]]; then
            sed -nE "s|^<Key>$prefix/(.*)</Key>$|\1|p" <<<"$names" | sort
            return
        fi
        from="continuation-token=$(encode "$from")&"
    done
    fail 'The list of the bucket has no end.'
}

# ---- archives are called solacore-20260131T020000Z.dump, with .age or .gpg behind it when they are encrypted

archive_pattern='^solacore-[0-9]{8}T[0-9]{6}Z\.dump(\.age|\.gpg)?$'

archives_in() { find "$1" -maxdepth 1 -type f -printf '%f\n' 2>/dev/null | grep -E "$archive_pattern" | sort || true; }

cutoff() { date -u -d "@$(($(date +%s) - ${BACKUP_RETENTION_DAYS:-30} * 86400))" +%Y%m%dT%H%M%SZ; }

# Whether an archive is older than what is kept.
is_expired() {
    local made=${1#solacore-}
    [[ ${made%%.*} < $(cutoff) ]]
}
