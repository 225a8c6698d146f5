# Sourced by bash in a simulated guest (BASH_ENV): `date` and `sleep` live in Azure time, like the guest itself.
# GUEST_EPOCH_US: microseconds since 1970 at which both clocks agreed; GUEST_SPEED_MILLI: a thousand times the speed.

_azure_us() {
  local wall=${EPOCHREALTIME:-}
  if [[ -n $wall ]]; then wall=${wall/[.,]/}; else wall=$(command date +%s)000000; fi
  azure_us=$((GUEST_EPOCH_US + (wall - GUEST_EPOCH_US) * GUEST_SPEED_MILLI / 1000))
}

date() {
  local azure_us
  _azure_us
  if [[ $# -eq 1 && $1 == +%s ]]; then
    printf '%d\n' "$((azure_us / 1000000))"
  else
    command date -d "@$((azure_us / 1000000))" "$@"
  fi
}

sleep() {
  if [[ $# -ne 1 || ! $1 =~ ^[0-9]{1,9}$ ]]; then
    command sleep "$@"
    return
  fi
  local us=$((10#$1 * 1000000000 / GUEST_SPEED_MILLI)) text
  # The host is no faster than it is: waits under 20 ms would only burn its processor.
  ((us >= 20000 || GUEST_SPEED_MILLI <= 1000)) || us=20000
  printf -v text '%d.%06d' "$((us / 1000000))" "$((us % 1000000))"
  command sleep "$text"
}
