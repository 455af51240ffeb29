# HMAC-SHA256. Sourced.
# shellcheck shell=bash

# hmac_sha256 KEY: of what comes in (RFC 2104), in hexadecimal. openssl alone would take the key as an argument, which everybody
# on this machine can see; what bash's own commands get stays inside.
hmac_sha256() {
    local key byte inner='' outer='' i
    key=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')
    if ((${#key} > 128)); then key=$(printf %s "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1); fi
    for ((i = 0; i < 128; i += 2)); do
        printf -v byte '\\x%02x' $((0x0${key:i:2} ^ 0x36)) && inner+=$byte
        printf -v byte '\\x%02x' $((0x0${key:i:2} ^ 0x5c)) && outer+=$byte
    done
    { printf %b "$inner" && cat; } | openssl dgst -sha256 -binary | { printf %b "$outer" && cat; } | openssl dgst -sha256 -r | cut -d ' ' -f 1
}
