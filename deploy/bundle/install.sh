#!/bin/sh
# Install minzheng from this folder without a network: sh install.sh /opt/minzheng-VERSION
# 离线安装：先核对每个文件，有一个字节不同即停止；已有的目录不覆盖。
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-}
say() { printf '%s\n' "$@" >&2; }

[ -n "$target" ] || { say "minzheng: name the folder to install into, for example sh install.sh /opt/minzheng-0.1.0" \
  "民政:请写明安装目录,例如 sh install.sh /opt/minzheng-0.1.0"; exit 2; }
[ ! -e "$target" ] || { say "minzheng: $target exists already; nothing was changed" "民政:$target 已存在,未作改动"; exit 1; }

# Every file is as it was packed, and none was added.
( cd "$here" && sha256sum --check --strict --quiet SHA256SUMS >/dev/null 2>&1 ) || {
  say "minzheng: the bundle is damaged or was changed; nothing was installed:" "民政:安装包有损坏或被改动,未安装:"
  ( cd "$here" && sha256sum --check --quiet SHA256SUMS 2>/dev/null ) >&2 || true
  exit 1
}
listed=$(wc -l < "$here/SHA256SUMS")
found=$(find "$here" -type f ! -name SHA256SUMS ! -name SHA256SUMS.sig | wc -l)
[ "$listed" -eq "$found" ] || { say "minzheng: the bundle holds files that nobody listed; nothing was installed" \
  "民政:安装包中有未列入清单的文件,未安装"; exit 1; }
# Who packed it, where the keeper has the releaser's public key from elsewhere.
if [ -n "${MINZHENG_RELEASE_KEY:-}" ]; then
  openssl pkeyutl -verify -pubin -inkey "$MINZHENG_RELEASE_KEY" -rawin -in "$here/SHA256SUMS" \
    -sigfile "$here/SHA256SUMS.sig" >/dev/null 2>&1 || {
    say "minzheng: the signature is not that of $MINZHENG_RELEASE_KEY; nothing was installed" \
      "民政:签名与 $MINZHENG_RELEASE_KEY 不符,未安装"; exit 1; }
fi

python=${PYTHON:-python3}
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  say "minzheng: $python must be 3.11 or newer with venv (Debian: apt-get install python3-venv)" \
    "民政:$python 须为 3.11 以上并带 venv(Debian:apt-get install python3-venv)"; exit 1; }
"$python" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \
  --no-deps --require-hashes -r "$here/requirements.txt" || {
  rm -rf "$target"
  say "minzheng: no wheels for $("$python" --version); nothing was installed" "民政:没有适用于 $("$python" --version) 的程序包,未安装"
  exit 1
}
"$target/bin/minzheng" --version
echo "installed 已安装：$target/bin/minzheng"
echo "next 下一步：$target/bin/minzheng init --home /var/lib/minzheng   ($here/CHANGELOG.md: what changed 改动说明)"
