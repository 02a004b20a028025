#!/usr/bin/env bash
# scripts/setup.sh VENV run|dev: install the packages that Lectern or its tests need; system packages with apt if permitted.
set -euo pipefail
venv=$1 kind=$2
python=${PYTHON:-python3.11}
run_packages=(tesseract-ocr poppler-utils fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji curl)
dev_packages=(nginx-light espeak-ng fonts-dejavu-core fonts-liberation chromium-headless-shell)

print_step() { printf '\033[1m==> %s\033[0m\n' "$*"; }

apt_install() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo -n)
    else
      print_step "Installing system packages needs root. Ask an administrator to run: apt install ${missing[*]}"
      return 1
    fi
  fi
  command -v apt-get >/dev/null || { print_step "apt is not available. Install these packages: ${missing[*]}"; return 1; }
  print_step "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || true
  # A machine that has just started often installs its updates: wait for them.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=600 "${missing[@]}" >/dev/null
}

# The program `lectern`, which runs this folder's code in any folder.
write_launcher() {
  printf '#!%s\nimport sys\n\nsys.path.insert(0, "%s")\nfrom lectern import main\n\nmain()\n' \
    "$(cd "$venv/bin" && pwd)/python" "$PWD" >"$venv/bin/lectern"
  chmod +x "$venv/bin/lectern"
}

pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

if [ "$kind" = run ]; then
  "$python" -c 'import sys; assert sys.version_info >= (3, 11), "Lectern needs Python 3.11 or newer"'
  apt_install "${run_packages[@]}" || print_step "Continuing without them. flask doctor shows which features are unavailable."
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    apt_install python3-venv || { print_step "Install python3-venv and run this again."; exit 1; }
  fi
  [ -x "$venv/bin/python" ] || { print_step "Creating $venv"; "$python" -m venv "$venv"; }
  print_step "Installing Python packages"
  pip install -q --require-hashes -r requirements.txt
  pip install -q --require-hashes --no-deps -r requirements-nodeps.txt
  write_launcher
  touch "$venv/.ready"
else
  apt_install "${dev_packages[@]}" || { print_step "The tests need these packages."; exit 1; }
  print_step "Installing the packages of the tests"
  pip install -q --require-hashes -r requirements-dev.txt
  pip install -q --require-hashes --no-deps -r requirements-dev-nodeps.txt
  touch "$venv/.ready-dev"
fi
