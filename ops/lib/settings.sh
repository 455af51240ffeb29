# Files of settings. Sourced.
# shellcheck shell=bash

# settings_in FILE: its settings as NAME=value, one a line, read as EnvironmentLine.cs does: names in any case (here in capitals),
# optional quotes, export and comments.
settings_in() {
    local line name value
    while IFS= read -r line || [[ -n $line ]]; do
        [[ $line =~ ^[[:space:]]*(export )?[[:space:]]*([A-Za-z0-9_]+)[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
        name=${BASH_REMATCH[2]^^} value=${BASH_REMATCH[3]}
        if [[ $value =~ ^\"([^\"]*)\"[[:space:]]*(#.*)?$ || $value =~ ^\'([^\']*)\'[[:space:]]*(#.*)?$ ]]; then
            value=${BASH_REMATCH[1]}
        else
            if [[ $value == '#'* ]]; then value=''; fi
            value=${value%% #*}
            value=${value%"${value##*[![:space:]]}"}
        fi
        printf '%s\n' "$name=$value"
    done <"$1"
}

# secret_of NAME FILE...: of the environment, else of the first file that has it. While a secret is rolled there are two; either will do.
secret_of() {
    local name=$1 file value=${!1-}
    shift
    for file in "$@"; do
        if [[ -z $value && -r $file ]]; then value=$(settings_in "$file" | sed -n "s/^$name=//p" | tail -n 1); fi
    done
    value=${value%%,*}
    echo "${value%"${value##*[![:space:]]}"}"
}
