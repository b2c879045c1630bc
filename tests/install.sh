# To be read by the scripts beside it: what they lack, they install where there is apt-get.

# A package by its name, or what else to do.
install() {
    local root=()
    if ! command -v apt-get >/dev/null; then
        echo "$2" >&2
        exit 1
    fi
    [ "$(id -u)" = 0 ] || root=(sudo)
    "${root[@]}" apt-get update -qq
    "${root[@]}" apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

# Packages that will be wanted, while something else is done until `wait`. It asks for no password and complains of nothing:
# what is missing afterwards, `install` brings, or says why not.
begin_to_install() {
    local root=()
    [ $# != 0 ] && command -v apt-get >/dev/null || return 0
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    echo "installing in the background: $*"
    {
        "${root[@]}" apt-get update -qq
        "${root[@]}" apt-get install -y -qq --no-install-recommends "$@"
    } </dev/null >/dev/null 2>&1 &
}

find_browser() { command -v chromium || command -v google-chrome || true; }

# The content of packages, in a folder and not installed: they are of use without what they would bring along.
unpack() {
    local folder=$1 packages
    shift
    command -v apt-get >/dev/null || { echo "There is no apt-get to bring $*." >&2; exit 1; }
    mkdir -p "$folder"
    packages=$(mktemp -d)
    (cd "$packages" && apt-get download -qq -o APT::Sandbox::User=root "$@")
    for package in "$packages"/*.deb; do dpkg -x "$package" "$folder"; done
    rm -rf "$packages"
}
