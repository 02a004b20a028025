# Sourced by the scripts that make documented curl calls: `call` makes one and checks its response. Works in a temporary folder.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
response=$folder/response
json=(-H "Content-Type: application/json")
passed=0

# evaluate PYTHON-EXPRESSION: print its value for the response's JSON, `a`
evaluate() { python3 -c 'import json, sys; a = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$response" "$1"; }

# is_expected CONDITION: a Python expression on the response's JSON, `a`; `file`: any body that is not empty; "": any response
is_expected() {
  case $1 in
    "") true ;;
    file) [ -s "$response" ] ;;
    *) [ "$(evaluate "$1" 2>&1)" = True ] ;;
  esac
}

# call EXPECTED_STATUS CONDITION NAME curl-arguments...
call() {
  local expected=$1 condition=$2 name=$3 status
  shift 3
  rm -f "$response"
  status=$(curl -sS -o "$response" -w '%{http_code}' "$@") || status=000
  if [ "$status" != "$expected" ] || ! is_expected "$condition"; then
    printf 'FAIL  %-45s %s (expected %s, and %s)\n' "$name" "$status" "$expected" "$condition"
    head -c 600 "$response" 2>/dev/null
    echo
    exit 1
  fi
  printf 'ok    %-45s %s\n' "$name" "$status"
  passed=$((passed + 1))
}
