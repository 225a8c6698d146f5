# Muster's probe: runs the checks of one VM inside that VM and prints one line of JSON for each.
# MUSTER_CHECKS, set in the line before this text, is base64 of one line per check:
#   id|kind|host|port|url|status|contains|within    (every byte but [A-Za-z0-9._~-] as %XX; within in seconds)
# Needs bash 4, coreutils and curl. Lines of output are at most 350 bytes: Azure keeps 4096 bytes in all.
# Everything from a server or a plan is data: it is quoted, bounded, and checked to be digits before arithmetic.

[ -n "${BASH_VERSION:-}" ] || { export MUSTER_CHECKS && exec bash "$0"; } # some agents start scripts with sh
set +o posix
set -uf
export LC_ALL=C
# A check asks the network itself. ALL_PROXY stays: it is how a rehearsal models the network (the first line says so).
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY

INTERVAL=5 # seconds between two looks
CONNECT=10 # seconds for a connection
ANSWER=15  # seconds for a whole answer
LINE=349   # bytes of a line, without its end
BODY_LIMIT=1000000

# Standard input as the inside of a JSON string of at most $1 bytes; bytes that are not printable ASCII as \u00XX.
json_text() {
  local hex piece out=
  for hex in $(od -An -v -tx1 -N "$1"); do
    case $hex in
      22) piece='\"' ;;
      5c) piece='\\' ;;
      [2-6]? | 7[0-9a-e]) printf -v piece '%b' "\\x$hex" ;;
      *) piece="\\u00$hex" ;;
    esac
    ((${#out} + ${#piece} <= $1)) || break
    out+=$piece
  done
  printf '%s' "$out"
}

# The line of this check: members $1 (JSON), and if given a last member named $2 with the text of the file $3.
report() {
  local line="{\"id\":\"$id_json\",\"kind\":\"$kind_json\",$1" room
  if [[ $# -eq 3 ]]; then
    line+=",\"$2\":\""
    room=$((LINE - ${#line} - 2))
    ((room <= 200)) || room=200
    line+=$(json_text "$room" <"$3")\"
  fi
  printf '%s}\n' "$line" # one write: lines of checks that run side by side do not mix
}

# What a curl that ended with $1 and said $2 (its own remarks, never a server's bytes) found out.
how_failed() {
  case $1:$2 in
    *"Connection refused"* | *"SOCKS5 connection to "*"(5)"*) printf refused ;;
    *"SOCKS5 connection to "*"("[34]")"* | *"No route to host"* | *"Network is unreachable"*) printf no-route ;;
    6:* | *"SOCKS5 connection to "*"(1)"*) printf unresolved ;;
    28:* | *"timed out"*) printf timeout ;;
    35:* | 51:* | 60:*) printf tls ;;
    127:*) printf no-curl ;;
    *) printf 'curl-%s' "$1" ;;
  esac
}

# Connect to $1 port $2 and print how it went. curl's telnet keeps a connection until its time is up, so it is
# ended as soon as it says that it is connected (through a proxy: that the proxy granted it).
curl_connect() {
  local line pid= said=
  {
    (
      printf 'pid %s\n' "$BASHPID"
      exec curl -q -sS -v --proto =telnet -m "$CONNECT" --url "telnet://$1:$2" </dev/null 2>&1 >/dev/null
    )
    printf 'rc %s\n' "$?"
  } 2>/dev/null | while IFS= read -r line; do
    case ${ALL_PROXY:+proxy}$line in
      "* Connected to "* | "* Established connection to "* | "proxy* SOCKS5 request granted"*)
        kill "$pid" 2>/dev/null
        printf connected
        break
        ;;
      "pid "* | "proxypid "*) pid=${line#pid } ;;
      "rc "* | "proxyrc "*) how_failed "${line#rc }" "$said" ;;
      "* "* | "proxy* "*) said+=$line ;;
    esac
  done
}

# The same where curl lacks telnet (curl-minimal) or is not there at all; it knows no proxy.
bash_connect() {
  local said
  said=$(timeout "$CONNECT" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
  case $?:$said in
    0:*) printf connected ;;
    124:*) printf timeout ;;
    *"Name or service not known"* | *"name resolution"*) printf unresolved ;;
    *) how_failed 7 "$said" ;;
  esac
}

connect() {
  local target=$host
  if [[ ! $host =~ ^[A-Za-z0-9][A-Za-z0-9.:_-]*$ || ! $port =~ ^[0-9]{1,5}$ ]]; then
    how=bad-target
  elif [[ $curl == *" telnet "* ]]; then
    [[ $host != *:* ]] || target="[$host]"
    how=$(curl_connect "$target" "$port")
  elif [[ -z ${ALL_PROXY:-} ]]; then
    how=$(bash_connect "$host" "$port")
  else
    how=no-curl
  fi
  [[ $how == connected ]]
}

# Fetch $url into $dir/body; sets how and code.
fetch() {
  local rc
  : >"$dir/body"
  code=$(curl -q -sS -v -g --proto =http,https --connect-timeout "$CONNECT" -m "$ANSWER" -o "$dir/body" \
    -w '%{http_code}' --url "$url" 2>"$dir/said" </dev/null)
  rc=$?
  [[ $code =~ ^[1-9][0-9][0-9]$ ]] || code=0
  if [[ $rc -ne 0 ]]; then
    how=$(how_failed "$rc" "$(grep -a '^\* ' "$dir/said")")
    return 1
  fi
  how=answered
  [[ $code == "$status" ]] || { how=status && return 1; }
}

body() { head -c "$BODY_LIMIT" "$dir/body" | tr -d '\0' && printf x; } # x: $() would eat last line ends

look_tcp() { connect; }

look_http() {
  local text
  fetch || return 1
  [[ -n $contains ]] || return 0
  text=$(body)
  [[ ${text%x} == *"$contains"* ]] || { how=text && return 1; }
}

look_data_loss() {
  local text at='"written_at"[[:space:]]*:[[:space:]]*"(([^"\]|\\.)+)"'
  local by='"writer"[[:space:]]*:[[:space:]]*"(([^"\]|\\.)*)"'
  fetch || return 1
  text=$(body)
  text=${text:0:16384} # a marker is short, and a long match costs memory
  [[ $text =~ $at ]] || { how=text && return 1; }
  written_at=${BASH_REMATCH[1]}
  writer=
  [[ ! $text =~ $by ]] || writer=${BASH_REMATCH[1]}
}

# Look ($1) every few seconds until it holds or `within` has passed; the last look begins when it has.
until_holds() {
  local began looked rest
  began=$(date +%s) attempts=0 ok=false
  while :; do
    looked=$(date +%s)
    attempts=$((attempts + 1))
    if "$1"; then
      ok=true
      break
    fi
    ((looked - began < within)) || break
    rest=$((began + within - $(date +%s)))
    ((rest <= INTERVAL)) || rest=$INTERVAL
    ((rest <= 0)) || sleep "$rest"
  done
  seconds=$(($(date +%s) - began))
  common="\"ok\":$ok,\"how\":\"$how\",\"attempts\":$attempts,\"seconds\":$seconds"
}

check_tcp() {
  until_holds look_tcp
  report "$common"
}

check_http() {
  local sum=
  until_holds look_http
  if [[ $code == 0 ]]; then
    report "$common"
  else
    sum=$(sha256sum <"$dir/body")
    report "$common,\"status\":$code,\"sha256\":\"${sum%% *}\"" body "$dir/body"
  fi
}

check_data_loss() {
  local at
  status=200
  until_holds look_data_loss
  if [[ $ok == true ]]; then
    at=$(printf '%s' "${written_at:0:40}" | json_text 40)
    printf '%s' "${writer:0:80}" >"$dir/writer"
    report "$common,\"status\":$code,\"written_at\":\"$at\"" writer "$dir/writer"
  else
    report "$common,\"status\":$code" body "$dir/body"
  fi
}

# Isolated only if nobody answered, three times: a refusal is an answer, and a name that means nothing or a curl
# that is missing shows nothing.
check_unreachable() {
  local began all= ok=true
  began=$(date +%s)
  for attempts in 1 2 3; do
    [[ $attempts == 1 ]] || sleep 2
    connect
    all+=${all:+,}$how
    [[ $how == timeout || $how == no-route ]] || ok=false
    [[ $how != connected ]] || break
  done
  report "\"ok\":$ok,\"how\":\"$all\",\"attempts\":$attempts,\"seconds\":$(($(date +%s) - began))"
}

check() {
  local id_json kind_json how=error code=0 attempts=0 seconds=0 common='' ok=false written_at='' writer=''
  mkdir "$dir"
  id_json=$(printf '%s' "$id" | json_text 80)
  kind_json=$(printf '%s' "$kind" | json_text 12)
  [[ $within =~ ^[0-9]{1,6}$ ]] || within=0
  within=$((10#$within))
  case $kind in
    tcp | http | data_loss | unreachable) "check_$kind" ;;
    *) report '"ok":false,"how":"unknown-kind"' ;;
  esac
}

curl=" $(curl -V 2>/dev/null | tr '\n' ' ') "
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
printf '{"muster_probe":1,"host":"%s","at":"%s","proxy":%s}\n' \
  "$(printf '%s' "${HOSTNAME:-}" | json_text 64)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
  "$([[ -n ${ALL_PROXY:-} ]] && printf true || printf false)"
count=0
while IFS='|' read -r id kind host port url status contains within; do
  [[ -n $id ]] || continue
  count=$((count + 1))
  dir=$work/$count
  for field in id kind host port url status contains within; do
    printf -v "$field" '%b' "${!field//%/\\x}"
  done
  check </dev/null &
done <<<"$(printf '%s' "${MUSTER_CHECKS:-}" | base64 -d)"
wait
printf '{"muster_probe":"end","checks":%d}\n' "$count"
